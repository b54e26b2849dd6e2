/**
 * One node with everything real but its desk: a store on disk, keys, policy, log, mailbox and sealed calls over nats-server.
 * Checkpoints are asked for after each batch, so that nothing waits for a tick.
 */
import { type Clock, systemRandom } from '../../src/base/clock.ts';
import { createExchange, Directory, type Exchange, type PartialOptions } from '../../src/exchange/index.ts';
import { rowOf } from '../../src/exchange/stored.ts';
import { ExchangeServiceDefinition } from '../../src/gen/tocsin/exchange/v1/exchange_service.ts';
import { WitnessServiceDefinition } from '../../src/gen/tocsin/exchange/v1/witness_service.ts';
import type { SignedKeyStatement } from '../../src/gen/tocsin/record/v1/identity.ts';
import type { Keyring, VerifiedRoster } from '../../src/identity/index.ts';
import { createLedger, type Ledger } from '../../src/ledger/index.ts';
import { baselinePolicy, createPolicyEngine, type PolicyEngine } from '../../src/policy/index.ts';
import { reasonName } from '../../src/record/index.ts';
import { LinkSessions } from '../../src/seal/index.ts';
import { openStore, type Store } from '../../src/store/index.ts';
import { createRpcClient, createRpcServer, type NatsBroker, openMailbox } from '../../src/transport/index.ts';
import { temporaryStore } from '../support/temporary-store.ts';
import { fourFacets, type Releasing } from './contents.ts';

/** What a node is and knows before it runs. */
export interface NodePlace {
  readonly self: string;
  readonly roster: VerifiedRoster;
  readonly keyring: Keyring;
  readonly signedStatement: SignedKeyStatement;
  readonly connection: NatsBroker;
  /** The same for all nodes of a network. */
  readonly clock: Clock;
  /** A store on PostgreSQL, empty; otherwise a file of its own. */
  readonly storeUrl?: string;
}

export interface NodeOptions {
  readonly exchange?: PartialOptions;
  /** A checkpoint of the recipient for each parcel that it takes; otherwise for those that came meanwhile together. */
  readonly checkpointEach?: boolean;
  /** The recipient's receipts wait for nobody: urgent ones get their checkpoint by themselves. */
  readonly urgentOnly?: boolean;
}

export interface BenchNode {
  readonly self: string;
  readonly store: Store;
  readonly ledger: Ledger;
  readonly exchange: Exchange;
  readonly policy: PolicyEngine;
  readonly directory: Directory;
  /** Records that the recipient's signed receipt says it has. */
  delivered: number;
  /** Of them, those of the urgent lane. */
  deliveredUrgent: number;
  readonly listeners: Set<() => void>;
  /** From JSON to a commit with outbox rows, as one group; returns how many bytes the last record has. */
  release(count: number, of?: Pick<Releasing, 'edit'>): Promise<number>;
  /** Resolves when so many records were delivered in all. */
  whenDelivered(count: number): Promise<void>;
  /** Resolves when it holds; asked at each delivery. */
  when(holds: () => boolean): Promise<void>;
}

/** Runs until the stack ends it. */
export async function openNode(
  stack: AsyncDisposableStack,
  place: NodePlace,
  options: NodeOptions = {},
): Promise<BenchNode> {
  const { self, roster, keyring, signedStatement, connection, clock } = place;
  const { network, net } = roster;
  // Blobs lie beside the file in either case; the records of a bench have none.
  const { store: file, blobs } = stack.use(await temporaryStore());
  const store = place.storeUrl === undefined ? file : stack.use(await openStore({ url: place.storeUrl }));
  await store.write((tx) =>
    tx.directory.keepRoster({ version: roster.version, digest: roster.digest, body: roster.bytes }),
  );
  const directory = await Directory.open({ store, clock, network, self });
  await directory.judgeAndKeep(self, signedStatement);
  const guard = new LinkSessions({
    network,
    self,
    ownStatement: () => directory.own(),
    sign: (type, bytes) => keyring.sign('link', type, bytes),
    peers: {
      statementOf: (peer) => directory.statementOf(peer),
      judgeAndKeep: (peer, signed) => directory.judgeAndKeep(peer, signed),
      roster: () => directory.roster(),
    },
    clock,
    random: systemRandom,
  });
  const client = stack.use(createRpcClient({ broker: connection, guard }, { net, self }));
  const { logOrigin: live, exerciseLogOrigin: exercise } = directory.own().statement;
  const ledger = createLedger({
    store,
    keyring,
    origins: { live, exercise },
    clock,
    random: systemRandom,
    tickMs: 60_000,
    quota: 1,
  });
  const policy = createPolicyEngine({ baseline: baselinePolicy(), national: '', self, roster });
  let asked = 0;
  let sequencing: Promise<unknown> = Promise.resolve();
  const checkpoint = () => {
    if (options.urgentOnly === true) return;
    if (options.checkpointEach !== true && asked > 0) return;
    asked += 1;
    sequencing = sequencing.then(() => {
      asked -= 1;
      return ledger.sequence('live');
    });
  };
  const node: BenchNode = {
    self,
    store,
    ledger,
    policy,
    directory,
    delivered: 0,
    deliveredUrgent: 0,
    listeners: new Set(),
    release: (count, of) => release(node, network, clock.nowMs(), count, of),
    whenDelivered: (count) => node.when(() => node.delivered >= count),
    when: (holds) =>
      new Promise((resolve) => {
        const look = () => {
          if (!holds()) return;
          node.listeners.delete(look);
          resolve();
        };
        node.listeners.add(look);
        look();
      }),
    exchange: createExchange(
      {
        store,
        clock,
        ledger,
        keyring,
        random: systemRandom,
        directory,
        policy,
        mailbox: openMailbox({ broker: connection, net, self }),
        callerFor: (peer) => client.callerTo(peer),
        blobs,
        events: {
          delivered: ({ lane, items }) => {
            node.delivered += items;
            if (lane === 0) node.deliveredUrgent += items;
            for (const listener of node.listeners) listener();
          },
          received: ({ lane }) => {
            if (lane === 1) checkpoint();
          },
          refused: ({ reason, detail }) => {
            process.stderr.write(`${self} refused: ${reasonName(reason)}: ${detail}\n`);
          },
          failed: ({ what, error }) => {
            process.stderr.write(
              `${self} failed: ${what}: ${error instanceof Error ? error.message : error}\n`,
            );
          },
        },
      },
      options.exchange,
    ),
  };
  const server = createRpcServer({ broker: connection, guard }, { net, self });
  stack.use(
    server
      .add(ExchangeServiceDefinition, node.exchange.handlers)
      .add(WitnessServiceDefinition, node.exchange.witnessHandlers)
      .start(),
  );
  const stop = new AbortController();
  const running = [ledger.run(stop.signal), node.exchange.run(stop.signal)];
  stack.defer(async () => {
    stop.abort();
    await Promise.all([...running, sequencing]);
  });
  return node;
}

async function release(
  node: BenchNode,
  network: Uint8Array,
  atMs: number,
  count: number,
  of: Pick<Releasing, 'edit'> = {},
): Promise<number> {
  const { self, ledger, store } = node;
  const made = fourFacets(count, atMs, { ...of, originator: self, network, logOrigin: ledger.origins.live });
  await store.write(async (tx) => {
    await tx.records.insert(
      made.map(({ signed, facets }) => ({
        facets,
        record: rowOf(signed, {
          origin: 'own',
          state: 'released',
          facets,
          statementDigest: node.directory.own().digest,
          committedAt: atMs,
        }),
      })),
    );
    for (const record of made) {
      await ledger.enqueue(tx, record.signed);
      await node.exchange.fanout(tx, record, node.policy.preview(record, atMs));
    }
  });
  const [one] = made;
  return (
    (one?.signed.bytes.length ?? 0) + (one?.facets ?? []).reduce((sum, { body }) => sum + body.length, 0)
  );
}
