/** A real nats-server with mailboxes for the members, and connections to it. */
import {
  ADMINISTRATOR_INBOX,
  connectBroker,
  inboxPrefix,
  type NatsBroker,
  newBrokerUser,
  serverConfiguration,
  setUpMailboxes,
} from '../../src/transport/index.ts';
import { startNatsServer } from '../support/nats-server.ts';

/** What another process needs to connect. */
export interface BrokerCredentials {
  readonly url: string;
  readonly nkeySeed: string;
  readonly inboxPrefix: string;
}

export const connectWith = ({ url, ...rest }: BrokerCredentials, name: string): Promise<NatsBroker> =>
  connectBroker({ ...rest, servers: [url], name, firstConnectTimeoutMs: 20_000 });

export interface BenchBroker {
  /** For a member, or for an operator who may do everything. */
  credentialsOf(node: string): BrokerCredentials;
  /** A member's connection, confined as in production. */
  connectAs(node: string): Promise<NatsBroker>;
  /** A connection that may do everything, for pipelines that know no members. */
  connectOperator(): Promise<NatsBroker>;
}

export async function openBroker(
  stack: AsyncDisposableStack,
  net: string,
  nodes: readonly string[],
): Promise<BenchBroker> {
  const users = new Map([...nodes, 'administrator', 'operator'].map((name) => [name, newBrokerUser()]));
  const publicKey = (name: string): string => users.get(name)?.publicKey ?? '';
  const server = stack.use(
    await startNatsServer(({ host, port, storeDir, version }) =>
      serverConfiguration({
        members: nodes.map((node) => ({ node, brokerUser: publicKey(node) })),
        net,
        host,
        port,
        storeDir,
        serverVersion: version,
        adminUser: publicKey('administrator'),
        operatorUser: publicKey('operator'),
      }),
    ),
  );
  const credentials = (name: string, prefix: string): BrokerCredentials => ({
    url: server.url,
    nkeySeed: users.get(name)?.seed ?? '',
    inboxPrefix: prefix,
  });
  const connect = async (name: string, prefix: string): Promise<NatsBroker> =>
    stack.use(await connectWith(credentials(name, prefix), name));
  await setUpMailboxes(await connect('administrator', ADMINISTRATOR_INBOX), net, nodes);
  let operators = 0;
  const operatorInbox = (): string => `_INBOX_operator${operators++}`;
  return {
    credentialsOf: (node) => credentials(node, node === 'operator' ? operatorInbox() : inboxPrefix(node)),
    connectAs: (node) => connect(node, inboxPrefix(node)),
    connectOperator: () => connect('operator', operatorInbox()),
  };
}
