import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { issueNodeCertificate, nodeHost } from '../../src/identity/index.ts';
import type { FrameGuard } from '../../src/transport/index.ts';
import {
  connectBroker,
  createRpcClient,
  createRpcServer,
  inboxPrefix,
  newBrokerUser,
  serverConfiguration,
} from '../../src/transport/index.ts';
import { makeFederation } from '../support/authority.ts';
import { TestService, testHandlers } from '../support/interop-service.ts';
import { linkSessionsOf } from '../support/link-sessions.ts';
import { startNatsServer } from '../support/nats-server.ts';
import { testRsaKeys } from '../support/rsa-keys.ts';
import { rpcContract } from './rpc.contract.ts';

rpcContract('NATS over mTLS, link sessions, members confined by permissions', async () => {
  const stack = new AsyncDisposableStack();
  const federation = stack.use(await makeFederation({ nodes: [{ node: 'XA' }, { node: 'XB' }] }));
  const { net } = federation;
  const users = new Map(['XA', 'XB'].map((node) => [node, newBrokerUser()]));
  const members = [...users].map(([node, { publicKey }]) => ({ node, brokerUser: publicKey }));
  const ca = ['XA', 'XB'].map((node) => federation.of(node).authority.rootCertPem).join('\n');
  const certificateOf = (node: string) =>
    issueNodeCertificate({
      authority: federation.of(node).authority,
      node,
      nowMs: Date.now(),
      newRsaKey: testRsaKeys(0),
    });
  const server = stack.use(
    await startNatsServer(async ({ host, port, dir, storeDir, version }) => {
      const { keyPem, chainPem } = await certificateOf('XA');
      const tls = { cert: join(dir, 'cert.pem'), key: join(dir, 'key.pem'), ca: join(dir, 'ca.pem') };
      await Promise.all([writeFile(tls.cert, chainPem), writeFile(tls.key, keyPem), writeFile(tls.ca, ca)]);
      return serverConfiguration({
        tls,
        members,
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
    const { keyPem, chainPem } = await certificateOf(node);
    return stack.use(
      await connectBroker({
        tls: { ca, cert: chainPem, key: keyPem, serverName: nodeHost('XA') },
        firstConnectTimeoutMs: 20_000,
        servers: [server.url],
        inboxPrefix: inboxPrefix(node),
        name: node,
        nkeySeed: users.get(node)?.seed ?? '',
      }),
    );
  };
  const { handlers, observed } = testHandlers();
  // What seal/ offers has the shape of the port: the compiler says so here.
  const guardOf = (node: string): FrameGuard => linkSessionsOf(federation, node);
  const callee = createRpcServer(
    { broker: await connectAs('XB'), guard: guardOf('XB') },
    { net, self: 'XB' },
  );
  stack.use(callee.add(TestService, handlers).start());
  const client = stack.use(
    createRpcClient({ broker: await connectAs('XA'), guard: guardOf('XA') }, { net, self: 'XA' }),
  );
  return { caller: client.callerTo('XB'), observed, [Symbol.asyncDispose]: () => stack.disposeAsync() };
});
