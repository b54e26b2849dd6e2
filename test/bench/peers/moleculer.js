// Moleculer over NATS: caller and callee are two brokers, as ours are two members.
import { ServiceBroker } from 'moleculer';
import { serve } from './serve.js';

const [, , url] = process.argv;
const open = (nodeID) => new ServiceBroker({ nodeID, transporter: url, logger: false });

const callee = open('callee');
callee.createService({ name: 'bench', actions: { echo: (context) => context.params.payload } });
const caller = open('caller');
await Promise.all([callee.start(), caller.start()]);
await caller.waitForServices('bench');
await serve((payload) => caller.call('bench.echo', { payload }));
await Promise.all([caller.stop(), callee.stop()]);
