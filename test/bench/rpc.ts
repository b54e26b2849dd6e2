/** Unary calls, 100 in flight: over the broker with link sessions, and with grpc-js over TLS on the loopback. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as grpc from '@grpc/grpc-js';
import { issueNodeCertificate, nodeHost } from '../../src/identity/index.ts';
import {
  type Caller,
  callerOfGrpc,
  clientOf,
  connectBroker,
  createRpcClient,
  createRpcServer,
  grpcService,
  inboxPrefix,
  newBrokerUser,
  serverConfiguration,
} from '../../src/transport/index.ts';
import { type Federation, makeFederation } from '../support/authority.ts';
import { TestService, TestServiceOfClient, testHandlers } from '../support/interop-service.ts';
import { linkSessionsOf } from '../support/link-sessions.ts';
import { startNatsServer } from '../support/nats-server.ts';
import { testRsaKeys } from '../support/rsa-keys.ts';
import { type Bench, perSecond } from './runner.ts';

const NODES = ['XA', 'XB'];
const IN_FLIGHT = 100;
const CALLS = 5_000;
const BYTES = 256;

const certificateOf = (federation: Federation, node: string) =>
  issueNodeCertificate({
    authority: federation.of(node).authority,
    node,
    nowMs: Date.now(),
    newRsaKey: testRsaKeys(0),
  });

const authorities = (federation: Federation): string =>
  NODES.map((node) => federation.of(node).authority.rootCertPem).join('\n');

/** Over nats-server: sealed frames, with TLS below them as nodes have it, or without. */
async function overBroker(
  stack: AsyncDisposableStack,
  federation: Federation,
  withTls: boolean,
): Promise<Caller> {
  const { net } = federation;
  const users = new Map(NODES.map((node) => [node, newBrokerUser()]));
  const ca = authorities(federation);
  const server = stack.use(
    await startNatsServer(async ({ host, port, dir, storeDir, version }) => {
      const { keyPem, chainPem } = await certificateOf(federation, 'XA');
      const tls = { cert: join(dir, 'cert.pem'), key: join(dir, 'key.pem'), ca: join(dir, 'ca.pem') };
      await Promise.all([writeFile(tls.cert, chainPem), writeFile(tls.key, keyPem), writeFile(tls.ca, ca)]);
      return serverConfiguration({
        ...(withTls && { tls }),
        members: [...users].map(([node, { publicKey }]) => ({ node, brokerUser: publicKey })),
        net,
        host,
        port,
        storeDir,
        serverVersion: version,
        adminUser: newBrokerUser().publicKey,
      });
    }),
  );
  const connectAs = async (node: string) => {
    const { keyPem, chainPem } = await certificateOf(federation, node);
    return stack.use(
      await connectBroker({
        ...(withTls && { tls: { ca, cert: chainPem, key: keyPem, serverName: nodeHost('XA') } }),
        firstConnectTimeoutMs: 20_000,
        servers: [server.url],
        inboxPrefix: inboxPrefix(node),
        name: node,
        nkeySeed: users.get(node)?.seed ?? '',
      }),
    );
  };
  const callee = createRpcServer(
    { broker: await connectAs('XB'), guard: linkSessionsOf(federation, 'XB') },
    { net, self: 'XB' },
  );
  stack.use(callee.add(TestService, testHandlers().handlers).start());
  const client = stack.use(
    createRpcClient(
      { broker: await connectAs('XA'), guard: linkSessionsOf(federation, 'XA') },
      { net, self: 'XA' },
    ),
  );
  return client.callerTo('XB');
}

/** grpc-js at both ends, mutual TLS. */
async function overHttp(stack: AsyncDisposableStack, federation: Federation): Promise<grpc.Client> {
  const ca = Buffer.from(authorities(federation));
  const { keyPem, chainPem } = await certificateOf(federation, 'XA');
  const [key, chain] = [Buffer.from(keyPem), Buffer.from(chainPem)];
  const server = new grpc.Server();
  server.addService(PLAIN_SERVICE, {
    unary: (call: grpc.ServerUnaryCall<Buffer, Buffer>, answer: grpc.sendUnaryData<Buffer>) =>
      answer(null, Buffer.alloc(call.request.length)),
  });
  const service = grpcService(TestService, testHandlers().handlers);
  server.addService(service.definition, service.implementation);
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync(
      '127.0.0.1:0',
      grpc.ServerCredentials.createSsl(ca, [{ private_key: key, cert_chain: chain }], true),
      (error, bound) => (error === null ? resolve(bound) : reject(error)),
    ),
  );
  const client = new grpc.Client(`127.0.0.1:${port}`, grpc.credentials.createSsl(ca, key, chain), {
    'grpc.ssl_target_name_override': nodeHost('XA'),
  });
  stack.defer(() => {
    client.close();
    server.forceShutdown();
  });
  return client;
}

const asIs = (bytes: Buffer): Buffer => bytes;
const PLAIN_METHOD = {
  path: '/bench.Plain/Unary',
  requestStream: false,
  responseStream: false,
  requestSerialize: asIs,
  requestDeserialize: asIs,
  responseSerialize: asIs,
  responseDeserialize: asIs,
} as const;
const PLAIN_SERVICE = { unary: PLAIN_METHOD };

async function inFlight(call: () => Promise<unknown>): Promise<void> {
  let begun = 0;
  const worker = async (): Promise<void> => {
    while (begun < CALLS) {
      begun += 1;
      await call();
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
}

const payload = Buffer.alloc(BYTES, 7);
const request = { responseSize: BYTES, payload, echo: undefined };

function callsOver(caller: Caller) {
  const client = clientOf(TestServiceOfClient, caller);
  return perSecond(CALLS, () => inFlight(() => client.unaryCall(request)));
}

export const rpcBench: Bench = {
  name: 'rpc',
  async open(stack) {
    const federation = stack.use(await makeFederation({ nodes: NODES.map((node) => ({ node })) }));
    const http = await overHttp(stack, federation);
    const bare = perSecond(CALLS, () =>
      inFlight(
        () =>
          new Promise((resolve, reject) =>
            http.makeUnaryRequest(PLAIN_METHOD.path, asIs, asIs, payload, (error, answer) =>
              error === null ? resolve(answer) : reject(error),
            ),
          ),
      ),
    );
    const against = [
      { name: 'grpc-js over TLS, alone', measure: bare },
      { name: 'grpc-js over TLS, our handlers', measure: callsOver(callerOfGrpc(http)) },
    ];
    const targets = { 'grpc-js over TLS, alone': '≥ 1×' };
    const what = `unary calls, ${IN_FLIGHT} in flight, sealed`;
    return [
      {
        what: `${what}, broker over TLS`,
        unit: '/s',
        ours: callsOver(await overBroker(stack, federation, true)),
        against,
        targets,
      },
      {
        what: `${what}, broker without TLS`,
        unit: '/s',
        ours: callsOver(await overBroker(stack, federation, false)),
        against,
      },
    ];
  },
};
