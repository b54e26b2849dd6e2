/** Ends of calls between two members: over nats-server with link sessions, and grpc-js over mutual TLS on the loopback. */
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as grpc from '@grpc/grpc-js';
import { issueNodeCertificate, nodeHost } from '../../src/identity/index.ts';
import {
  type Caller,
  connectBroker,
  createRpcClient,
  createRpcServer,
  grpcService,
  inboxPrefix,
  newBrokerUser,
  serverConfiguration,
} from '../../src/transport/index.ts';
import type { Federation } from '../support/authority.ts';
import { TestService, testHandlers } from '../support/interop-service.ts';
import { linkSessionsOf } from '../support/link-sessions.ts';
import { startNatsServer } from '../support/nats-server.ts';
import { testRsaKeys } from '../support/rsa-keys.ts';

export const NODES = ['XA', 'XB'];
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
export async function overBroker(
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
export async function overHttp(stack: AsyncDisposableStack, federation: Federation): Promise<grpc.Client> {
  const ca = Buffer.from(authorities(federation));
  const { keyPem, chainPem } = await certificateOf(federation, 'XA');
  const [key, chain] = [Buffer.from(keyPem), Buffer.from(chainPem)];
  const server = new grpc.Server();
  server.addService(PLAIN_SERVICE, {
    unary: (call: grpc.ServerUnaryCall<Buffer, Buffer>, answer: grpc.sendUnaryData<Buffer>) =>
      answer(null, Buffer.alloc(call.request.length)),
    stream: (call: grpc.ServerWritableStream<Buffer, Buffer>) =>
      void pour(call, call.request.readUInt32BE(0)),
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
const PLAIN_STREAM = { ...PLAIN_METHOD, path: '/bench.Plain/Stream', responseStream: true } as const;
const PLAIN_SERVICE = { unary: PLAIN_METHOD, stream: PLAIN_STREAM };

/** Bytes of each message of a stream. */
export const STREAM_BYTES = 1_024;

/** Writes `count` messages, waiting whenever the call says that it has enough. */
async function pour(call: grpc.ServerWritableStream<Buffer, Buffer>, count: number): Promise<void> {
  for (let each = 0; each < count; each += 1)
    if (!call.write(Buffer.alloc(STREAM_BYTES))) await once(call, 'drain');
  call.end();
}

/** One call of grpc-js without codecs. */
export const plainUnary = (client: grpc.Client, payload: Buffer): Promise<unknown> =>
  new Promise((resolve, reject) =>
    client.makeUnaryRequest(PLAIN_METHOD.path, asIs, asIs, payload, (error, answer) =>
      error === null ? resolve(answer) : reject(error),
    ),
  );

/** So many messages of a server of grpc-js without codecs. */
export function plainStream(client: grpc.Client, count: number): AsyncIterable<Buffer> {
  const request = Buffer.alloc(4);
  request.writeUInt32BE(count);
  return client.makeServerStreamRequest(PLAIN_STREAM.path, asIs, asIs, request);
}
