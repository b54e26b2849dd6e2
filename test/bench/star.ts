/**
 * Many nodes in this process around one: each with its own store on disk, keys, log, policy and connection to a real
 * nats-server, whose mailboxes carry all parcels. Calls (keys, heartbeats) run the real codecs and handlers within the
 * process, without sessions, and only between the centre and the others: 200 nodes that all talk to each other on two cores
 * would measure nothing but heartbeats.
 */
import type { MailboxPort, PartialOptions } from '../../src/exchange/index.ts';
import { baselinePolicy } from '../../src/policy/index.ts';
import { openMailbox } from '../../src/transport/index.ts';
import { type FederationNode, makeFederation } from '../support/authority.ts';
import { TestNetwork, type TestNode } from '../support/exchange-network.ts';
import { type BenchBroker, openBroker } from './broker.ts';

export const CENTRE = 'XA';

export interface Star {
  readonly network: TestNetwork;
  readonly broker: BenchBroker;
  readonly centre: TestNode;
  readonly others: readonly TestNode[];
  /** What lay in the mailboxes so far. */
  readonly posted: { parcels: number; bytes: number };
  /** Resolves when the centre has put so many parcels in all. */
  whenPosted(parcels: number): Promise<void>;
}

export interface StarOptions {
  readonly centre: Omit<FederationNode, 'node'>;
  readonly others: readonly FederationNode[];
  readonly exchange: PartialOptions;
  readonly tickMs: number;
}

/** Nothing runs yet; who is in the roster knows the centre's keys, and the centre theirs. */
export async function openStar(stack: AsyncDisposableStack, options: StarOptions): Promise<Star> {
  const nodes = [{ ...options.centre, node: CENTRE }, ...options.others];
  const federation = await makeFederation({
    nodes,
    baselinePolicy: baselinePolicy(),
    threshold: 1,
    witnesses: [],
  });
  stack.use(federation);
  const names = nodes.map(({ node }) => node);
  const broker = await openBroker(stack, federation.net, names);
  const posted = { parcels: 0, bytes: 0 };
  const waiting = new Set<() => void>();
  const mailboxes = new Map<string, MailboxPort>();
  for (const self of names) {
    const mailbox = openMailbox({ broker: await broker.connectAs(self), net: federation.net, self });
    const counted: MailboxPort = {
      consume: mailbox.consume,
      put: async (mail) => {
        const outcome = await mailbox.put(mail);
        if (outcome !== 'stored') return outcome;
        posted.parcels += 1;
        posted.bytes += mail.bytes.length;
        for (const look of waiting) look();
        return outcome;
      },
    };
    mailboxes.set(self, self === CENTRE ? counted : mailbox);
  }
  const mailboxOf = (self: string): MailboxPort => {
    const mailbox = mailboxes.get(self);
    if (!mailbox) throw new Error(`no mailbox of ${self}`);
    return mailbox;
  };
  const { exchange, tickMs } = options;
  const network = await TestNetwork.create(
    { nodes, options: exchange, tickMs, portsOf: (self, ports) => ({ ...ports, mailbox: mailboxOf(self) }) },
    federation,
  );
  stack.defer(() => network.close());
  network.refuses = ({ self, peer }) => self !== CENTRE && peer !== CENTRE;
  const centre = network.of(CENTRE);
  const others = options.others.map(({ node }) => network.of(node));
  const introduce = async (one: TestNode, other: TestNode): Promise<void> => {
    const { signedStatement, signedPrekeys } = federation.of(other.self);
    await one.directory.judgeAndKeep(other.self, signedStatement);
    await one.directory.judgeAndKeepPrekeys(other.self, signedPrekeys);
  };
  for (const other of others) {
    await introduce(centre, other);
    await introduce(other, centre);
  }
  return {
    network,
    broker,
    centre,
    others,
    posted,
    whenPosted: (parcels) =>
      new Promise((resolve) => {
        const look = () => {
          if (posted.parcels < parcels) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
  };
}
