/**
 * The node's own logs, and what it knows of others'. Leaves, tree nodes and the checkpoint over them are written by one
 * call, so that the size of a log is always that of its newest checkpoint. Knows nothing of hashing or signatures.
 */
import { type Kysely, type Selectable, sql } from 'kysely';
import { hex } from '../base/bytes.ts';
import { numberOf, portions } from './row.ts';
import type { CheckpointTable, KnownLogTable } from './schema/ledger.ts';
import type { Schema } from './schema/tables.ts';

/** What made a checkpoint: the schedule, or an urgent record between two ticks. */
export type CheckpointCause = 'tick' | 'urgent';

/** A checkpoint of one of the node's own logs. */
export interface StoredCheckpoint {
  readonly log: string;
  readonly size: bigint;
  readonly root: Uint8Array;
  /** Signed note. */
  readonly note: Uint8Array;
  readonly cause: CheckpointCause;
  readonly at: number;
}

/** A header that waits for its place in the log. */
export interface PendingLeaf {
  readonly id: bigint;
  readonly headerDigest: Uint8Array;
  readonly leafHash: Uint8Array;
  readonly urgent: boolean;
  readonly at: number;
}

export interface StoredLeaf {
  readonly log: string;
  readonly index: bigint;
  readonly hash: Uint8Array;
}

/** A perfect subtree of level 1 or more; level 0 are the leaves. */
export interface StoredNode {
  readonly level: number;
  readonly index: bigint;
  readonly hash: Uint8Array;
}

/** Everything that one checkpoint adds to a log. */
export interface LedgerBatch {
  readonly checkpoint: StoredCheckpoint;
  /** In order of index; without a header digest a dummy. */
  readonly leaves: readonly (StoredNode & { readonly headerDigest?: Uint8Array })[];
  /** Level 1 and above. */
  readonly nodes: readonly StoredNode[];
}

/** A checkpoint of somebody's log that was verified here. */
export interface KnownLog {
  readonly origin: string;
  readonly size: bigint;
  readonly root: Uint8Array;
  /** Signed note. */
  readonly note: Uint8Array;
  /** Owner of the log. */
  readonly node: string;
  /** When it came to be known here. */
  readonly at: number;
  /** Proved here to be a part of the newest tied tree of its log. */
  readonly tied?: boolean;
}

/** One signature line of a witness. */
export interface Cosignature {
  readonly origin: string;
  readonly size: bigint;
  /** Name of the witness. */
  readonly witness: string;
  readonly line: string;
  readonly at: number;
}

/** Which sizes of a log count as witnessed. */
export interface WitnessedQuery {
  readonly origin: string;
  /** Names of witnesses; each counts once. */
  readonly witnesses: readonly string[];
  /** Below 1 nothing is witnessed. */
  readonly threshold: number;
  readonly which: 'newest' | 'smallest';
  /** Least size. */
  readonly from?: bigint;
  /** Only what they cosigned before this instant, by their own word. */
  readonly beforeMs?: number;
}

export interface LedgerReader {
  /** Of one log; the newest of a cause where one is named. */
  newestCheckpoint(log: string, cause?: CheckpointCause): Promise<StoredCheckpoint | undefined>;
  checkpoint(log: string, size: bigint): Promise<StoredCheckpoint | undefined>;
  /** Hashes of perfect subtrees in the order asked; an empty one where none is stored. */
  nodes(log: string, ids: readonly Omit<StoredNode, 'hash'>[]): Promise<readonly Uint8Array[]>;
  leafOf(headerDigest: Uint8Array): Promise<StoredLeaf | undefined>;
  /** By the hexadecimal header digest; those without a leaf are absent. */
  leavesOf(headerDigests: readonly Uint8Array[]): Promise<ReadonlyMap<string, StoredLeaf>>;
  /** Urgent ones first, then in order of their arrival. */
  pending(log: string, limit: number, only?: 'urgent'): Promise<readonly PendingLeaf[]>;
  pendingCount(log: string): Promise<number>;
  knownLog(origin: string, size: bigint): Promise<KnownLog | undefined>;
  newestKnownLog(origin: string): Promise<KnownLog | undefined>;
  /** The newest of every log. */
  newestKnownLogs(): Promise<readonly KnownLog[]>;
  /** The newest checkpoint of a log to which others are tied: this node's view of the log. */
  newestTied(origin: string): Promise<KnownLog | undefined>;
  /** The newest sizes known of one log, newest first. */
  knownSizes(origin: string, limit: number): Promise<readonly bigint[]>;
  /** Logs of which a checkpoint is not tied. */
  untiedLogs(): Promise<readonly string[]>;
  /** Those of a log that are not tied, smallest first. */
  untied(origin: string, limit: number): Promise<readonly KnownLog[]>;
  /** Of those that are not tied the one that is known for the longest time, whatever its size. */
  longestUntied(origin: string): Promise<KnownLog | undefined>;
  /** The first checkpoint of an own log beyond a size that a tick made. */
  firstTickAfter(log: string, size: bigint): Promise<StoredCheckpoint | undefined>;
  /** The newest or the smallest size that so many of some witnesses cosigned. */
  witnessedSize(of: WitnessedQuery): Promise<bigint | undefined>;
  /** The smallest tied checkpoint of at least `from` leaves that was known here before `beforeMs`. */
  tiedBefore(origin: string, from: bigint, beforeMs: number): Promise<KnownLog | undefined>;
  cosignatures(origin: string, size: bigint): Promise<readonly Cosignature[]>;
  newestCosignature(origin: string, witness: string): Promise<Cosignature | undefined>;
}

export interface LedgerWriter extends LedgerReader {
  /** Puts a header in line for its log. The same header twice throws UNIQUE_VIOLATION. */
  enqueue(leaf: Omit<PendingLeaf, 'id'> & { readonly log: string }): Promise<void>;
  /** Writes a batch, gives its records their leaf index, and takes its headers out of the line. */
  append(batch: LedgerBatch): Promise<void>;
  /** Another note, and its time, for a checkpoint that is held: the same size and root, signed by other keys. */
  replaceNote(checkpoint: Pick<StoredCheckpoint, 'log' | 'size' | 'root' | 'note' | 'at'>): Promise<void>;
  /** Keeping the same size of a log again changes nothing. */
  keepKnownLog(known: KnownLog): Promise<void>;
  /** Forgets all but the newest `keep` sizes of a log, save those that were cosigned and the last of every day. */
  pruneKnownLog(origin: string, keep: number): Promise<void>;
  /** Marks a checkpoint that is known as tied. */
  tieKnownLog(origin: string, size: bigint): Promise<void>;
  /**
   * Forgets one witness's cosignatures of a log but those of its newest `keep` sizes, of the last size of every day, and of
   * sizes that other witnesses' cosignatures are held for, if `alone`.
   */
  pruneCosignatures(of: {
    readonly origin: string;
    readonly witness: string;
    readonly keep: number;
    readonly alone: boolean;
  }): Promise<void>;
  /** Replaces the witness's line for the same size. */
  keepCosignature(cosignature: Cosignature): Promise<void>;
}

const checkpointOf = (row: Selectable<CheckpointTable>): StoredCheckpoint => ({ ...row, at: Number(row.at) });

const knownLogOf = (row: Selectable<KnownLogTable>): KnownLog => ({
  ...row,
  at: Number(row.at),
  tied: row.tied === 1n,
});

const DAY_MS = 86_400_000;

export function ledgerReader(db: Kysely<Schema>): LedgerReader {
  const known = db.selectFrom('known_log').selectAll();
  return {
    async newestCheckpoint(log, cause) {
      let query = db.selectFrom('checkpoint').selectAll().where('log', '=', log);
      if (cause) query = query.where('cause', '=', cause);
      const row = await query.orderBy('size', 'desc').limit(1).executeTakeFirst();
      return row && checkpointOf(row);
    },
    async checkpoint(log, size) {
      const row = await db
        .selectFrom('checkpoint')
        .selectAll()
        .where('log', '=', log)
        .where('size', '=', size)
        .executeTakeFirst();
      return row && checkpointOf(row);
    },
    nodes: (log, ids) => readNodes(db, log, ids),
    async leafOf(headerDigest) {
      return (await readLeaves(db, [headerDigest])).get(hex(headerDigest));
    },
    leavesOf: (headerDigests) => readLeaves(db, headerDigests),
    async pending(log, limit, only) {
      let query = db.selectFrom('pending_leaf').selectAll().where('log', '=', log);
      if (only) query = query.where('urgent', '=', 1n);
      const rows = await query.orderBy('urgent', 'desc').orderBy('id').limit(limit).execute();
      return rows.map((row) => ({
        id: row.id,
        headerDigest: row.header_digest,
        leafHash: row.leaf_hash,
        urgent: row.urgent === 1n,
        at: Number(row.at),
      }));
    },
    async pendingCount(log) {
      const row = await db
        .selectFrom('pending_leaf')
        .select((of) => of.fn.countAll<bigint>().as('count'))
        .where('log', '=', log)
        .executeTakeFirstOrThrow();
      return numberOf(row.count);
    },
    async knownLog(origin, size) {
      const row = await known.where('origin', '=', origin).where('size', '=', size).executeTakeFirst();
      return row && knownLogOf(row);
    },
    async newestKnownLog(origin) {
      const row = await known
        .where('origin', '=', origin)
        .orderBy('size', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row && knownLogOf(row);
    },
    async newestKnownLogs() {
      const rows = await db
        .selectFrom('known_log')
        .selectAll('known_log')
        .innerJoin(
          (of) =>
            of
              .selectFrom('known_log')
              .select((from) => ['origin', from.fn.max('size').as('newest')])
              .groupBy('origin')
              .as('top'),
          (join) =>
            join.onRef('top.origin', '=', 'known_log.origin').onRef('top.newest', '=', 'known_log.size'),
        )
        .execute();
      return rows.map(knownLogOf);
    },
    async newestTied(origin) {
      const row = await known
        .where('origin', '=', origin)
        .where('tied', '=', 1n)
        .orderBy('size', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row && knownLogOf(row);
    },
    async knownSizes(origin, limit) {
      const rows = await db
        .selectFrom('known_log')
        .select('size')
        .where('origin', '=', origin)
        .orderBy('size', 'desc')
        .limit(limit)
        .execute();
      return rows.map(({ size }) => size);
    },
    async untiedLogs() {
      const rows = await db
        .selectFrom('known_log')
        .select('origin')
        .distinct()
        .where('tied', '=', 0n)
        .execute();
      return rows.map(({ origin }) => origin);
    },
    async untied(origin, limit) {
      const rows = await known
        .where('origin', '=', origin)
        .where('tied', '=', 0n)
        .orderBy('size')
        .limit(limit)
        .execute();
      return rows.map(knownLogOf);
    },
    async longestUntied(origin) {
      const row = await known
        .where('origin', '=', origin)
        .where('tied', '=', 0n)
        .orderBy('at')
        .orderBy('size')
        .limit(1)
        .executeTakeFirst();
      return row && knownLogOf(row);
    },
    async firstTickAfter(log, size) {
      const row = await db
        .selectFrom('checkpoint')
        .selectAll()
        .where('log', '=', log)
        .where('cause', '=', 'tick')
        .where('size', '>', size)
        .orderBy('size')
        .limit(1)
        .executeTakeFirst();
      return row && checkpointOf(row);
    },
    async witnessedSize({ origin, witnesses, threshold, which, from, beforeMs }) {
      if (threshold < 1 || witnesses.length < threshold) return undefined;
      let query = db
        .selectFrom('cosignature')
        .select('size')
        .where('origin', '=', origin)
        .where('witness', 'in', witnesses)
        .groupBy('size')
        // One row a witness and size: the rows of a size are its distinct witnesses.
        .having((of) => of.fn.countAll(), '>=', threshold)
        .orderBy('size', which === 'newest' ? 'desc' : 'asc')
        .limit(1);
      if (from !== undefined) query = query.where('size', '>=', from);
      if (beforeMs !== undefined) query = query.where('at', '<', BigInt(beforeMs));
      return (await query.executeTakeFirst())?.size;
    },
    async tiedBefore(origin, from, beforeMs) {
      const row = await known
        .where('origin', '=', origin)
        .where('tied', '=', 1n)
        .where('size', '>=', from)
        .where('at', '<', BigInt(beforeMs))
        .orderBy('size')
        .limit(1)
        .executeTakeFirst();
      return row && knownLogOf(row);
    },
    async cosignatures(origin, size) {
      const rows = await db
        .selectFrom('cosignature')
        .selectAll()
        .where('origin', '=', origin)
        .where('size', '=', size)
        .orderBy('witness')
        .execute();
      return rows.map((row) => ({ ...row, at: Number(row.at) }));
    },
    async newestCosignature(origin, witness) {
      const row = await db
        .selectFrom('cosignature')
        .selectAll()
        .where('origin', '=', origin)
        .where('witness', '=', witness)
        .orderBy('size', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row && { ...row, at: Number(row.at) };
    },
  };
}

export function ledgerWriter(db: Kysely<Schema>): LedgerWriter {
  return {
    ...ledgerReader(db),
    async enqueue({ log, headerDigest, leafHash, urgent, at }) {
      await db
        .insertInto('pending_leaf')
        .values({ log, header_digest: headerDigest, leaf_hash: leafHash, urgent: urgent ? 1 : 0, at })
        .execute();
    },
    async append({ checkpoint, leaves, nodes }) {
      const { log } = checkpoint;
      const leafRows = leaves.map(({ index, hash, headerDigest }) => ({
        log,
        index,
        hash,
        header_digest: headerDigest ?? null,
      }));
      for (const rows of portions(leafRows, 4)) await db.insertInto('leaf').values(rows).execute();
      const nodeRows = nodes.map(({ level, index, hash }) => ({ log, level, index, hash }));
      for (const rows of portions(nodeRows, 4)) await db.insertInto('tree_node').values(rows).execute();
      await db.insertInto('checkpoint').values(checkpoint).execute();
      const digests = leaves.flatMap(({ headerDigest }) => headerDigest ?? []);
      for (const portion of portions(digests, 1)) await place(db, log, portion);
    },
    async replaceNote({ log, size, root, note, at }) {
      await db
        .updateTable('checkpoint')
        .set({ note, at })
        .where('log', '=', log)
        .where('size', '=', size)
        .where('root', '=', root)
        .execute();
    },
    async keepKnownLog({ tied, ...row }) {
      await db
        .insertInto('known_log')
        .values({ ...row, tied: tied ? 1 : 0 })
        .onConflict((conflict) => conflict.columns(['origin', 'size']).doNothing())
        .execute();
    },
    async pruneKnownLog(origin, keep) {
      const oldest = await db
        .selectFrom('known_log')
        .select('size')
        .where('origin', '=', origin)
        .orderBy('size', 'desc')
        .offset(keep)
        .limit(1)
        .executeTakeFirst();
      if (!oldest) return;
      await db
        .deleteFrom('known_log')
        .where('origin', '=', origin)
        .where('size', '<=', oldest.size)
        .where('size', 'not in', (of) =>
          of.selectFrom('cosignature').select('size').where('origin', '=', origin),
        )
        .where('size', 'not in', (of) =>
          of
            .selectFrom('known_log as last')
            .select((from) => from.fn.max('last.size').as('size'))
            .where('last.origin', '=', origin)
            .groupBy(sql`last.at / ${sql.lit(DAY_MS)}`),
        )
        .execute();
    },
    async tieKnownLog(origin, size) {
      await db
        .updateTable('known_log')
        .set({ tied: 1 })
        .where('origin', '=', origin)
        .where('size', '=', size)
        .execute();
    },
    async pruneCosignatures({ origin, witness, keep, alone }) {
      const oldest = await db
        .selectFrom('cosignature')
        .select('size')
        .where('origin', '=', origin)
        .where('witness', '=', witness)
        .orderBy('size', 'desc')
        .offset(keep)
        .limit(1)
        .executeTakeFirst();
      if (!oldest) return;
      let query = db
        .deleteFrom('cosignature')
        .where('origin', '=', origin)
        .where('witness', '=', witness)
        .where('size', '<=', oldest.size)
        .where('size', 'not in', (of) =>
          of
            .selectFrom('cosignature as last')
            .select((from) => from.fn.max('last.size').as('size'))
            .where('last.origin', '=', origin)
            .where('last.witness', '=', witness)
            .groupBy(sql`last.at / ${sql.lit(DAY_MS)}`),
        );
      if (alone)
        query = query.where('size', 'not in', (of) =>
          of
            .selectFrom('cosignature as other')
            .select('other.size')
            .where('other.origin', '=', origin)
            .where('other.witness', '!=', witness),
        );
      await query.execute();
    },
    async keepCosignature(row) {
      await db
        .insertInto('cosignature')
        .values(row)
        .onConflict((conflict) =>
          conflict.columns(['origin', 'size', 'witness']).doUpdateSet({ line: row.line, at: row.at }),
        )
        .execute();
    },
  };
}

/** Tells the records of sequenced headers their place, and takes the headers out of the line. */
async function place(db: Kysely<Schema>, log: string, digests: readonly Uint8Array[]): Promise<void> {
  await db
    .updateTable('record')
    .set((of) => ({
      leaf_index: of
        .selectFrom('leaf')
        .select('leaf.index')
        .whereRef('leaf.header_digest', '=', 'record.header_digest')
        .where('leaf.log', '=', log)
        .limit(1),
    }))
    .where('header_digest', 'in', digests)
    .execute();
  await db.deleteFrom('pending_leaf').where('log', '=', log).where('header_digest', 'in', digests).execute();
}

async function readLeaves(
  db: Kysely<Schema>,
  headerDigests: readonly Uint8Array[],
): Promise<ReadonlyMap<string, StoredLeaf>> {
  const found = new Map<string, StoredLeaf>();
  for (const portion of portions(headerDigests, 1)) {
    const rows = await db
      .selectFrom('leaf')
      .select(['log', 'index', 'hash', 'header_digest'])
      .where('header_digest', 'in', portion)
      .where('header_digest', 'is not', null)
      .execute();
    for (const { log, index, hash, header_digest } of rows)
      if (header_digest) found.set(hex(header_digest), { log, index, hash });
  }
  return found;
}

/** Ids asked for in one statement; a proof needs 126 at most. */
const NODES_A_READ = 256;

async function readNodes(
  db: Kysely<Schema>,
  log: string,
  ids: readonly Omit<StoredNode, 'hash'>[],
): Promise<readonly Uint8Array[]> {
  const found = new Map<string, Uint8Array>();
  const leaves = ids.filter(({ level }) => level === 0).map(({ index }) => index);
  if (leaves.length > 0) {
    const rows = await db
      .selectFrom('leaf')
      .select(['index', 'hash'])
      .where('log', '=', log)
      .where('index', 'in', leaves)
      .execute();
    for (const { index, hash } of rows) found.set(`0/${index}`, hash);
  }
  const inner = ids.filter(({ level }) => level > 0);
  for (let at = 0; at < inner.length; at += NODES_A_READ) {
    const some = inner.slice(at, at + NODES_A_READ);
    // The log stands in every alternative: outside of them, SQLite would walk the whole log for one proof.
    const rows = await db
      .selectFrom('tree_node')
      .select(['level', 'index', 'hash'])
      .where((of) => of.or(some.map(({ level, index }) => of.and({ log, level: BigInt(level), index }))))
      .execute();
    for (const { level, index, hash } of rows) found.set(`${level}/${index}`, hash);
  }
  return ids.map(({ level, index }) => found.get(`${level}/${index}`) ?? new Uint8Array(0));
}
