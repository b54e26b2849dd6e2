import { connectBroker, createRpcClient, createRpcServer, inboxPrefix } from '../../src/transport/index.ts';
import { TestService, testHandlers } from '../support/interop-service.ts';
import { startNatsServer } from '../support/nats-server.ts';
import { plainGuard } from '../support/plain-guard.ts';
import { rpcContract } from './rpc.contract.ts';

const net = '0123456789abcdef';

rpcContract('NATS, unsealed', async () => {
  const stack = new AsyncDisposableStack();
  const server = stack.use(await startNatsServer(({ host, port }) => `listen: "${host}:${port}"\n`));
  const connectAs = async (node: string) =>
    stack.use(await connectBroker({ servers: [server.url], inboxPrefix: inboxPrefix(node), name: node }));
  const { handlers, observed } = testHandlers();
  const callee = createRpcServer({ broker: await connectAs('XB'), guard: plainGuard() }, { net, self: 'XB' });
  stack.use(callee.add(TestService, handlers).start());
  const client = stack.use(
    createRpcClient({ broker: await connectAs('XA'), guard: plainGuard() }, { net, self: 'XA' }),
  );
  return { caller: client.callerTo('XB'), observed, [Symbol.asyncDispose]: () => stack.disposeAsync() };
});
