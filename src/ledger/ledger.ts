/** The node's own logs, live and exercise: headers go in line, checkpoints come out, proofs for everything in between. */
import { backoffMs, SerialRunner, Wake } from '../base/async.ts';
import { hex } from '../base/bytes.ts';
import type { Clock, Random } from '../base/clock.ts';
import { TocsinError } from '../base/error.ts';
import { consistencyProof, inclusionProof, leafHash, type ReadNodes } from '../merkle/index.ts';
import { isUrgent, type SignedHeader, type World } from '../record/index.ts';
import type { CheckpointCause, ReadTx, Store, StoredCheckpoint, WriteTx } from '../store/index.ts';
import { ledgerError } from './errors.ts';
import { isNoteOf, type LogKeyring, logSigner, ownLogKeys } from './log-signer.ts';
import { type Batch, type SequencerDeps, sequenceBatch, signAgain } from './sequencer.ts';
import { sharedReads } from './shared-reads.ts';

const WORLDS = ['live', 'exercise'] as const satisfies readonly World[];
const RETRY = { baseMs: 100, maxMs: 30_000 };

export interface LedgerOptions {
  readonly store: Pick<Store, 'read' | 'write'>;
  readonly keyring: LogKeyring;
  /** Names of the logs, of the node's present incarnation. */
  readonly origins: Readonly<Record<World, string>>;
  readonly clock: Clock;
  readonly random: Random;
  /** Time between two scheduled checkpoints, milliseconds. */
  readonly tickMs: number;
  /** Leaves a tick in calm times, default 8. */
  readonly quota?: number;
  /** Told of every failure of `run` that is tried again. */
  readonly onFailure?: (failure: { readonly log: string; readonly error: unknown }) => void;
}

/** A leaf's place and the hashes from its sibling upward. */
export interface LeafProof {
  readonly origin: string;
  readonly index: bigint;
  readonly proof: readonly Uint8Array[];
}

/** Which log: `live` or `exercise` of the present incarnation, or any origin that this node's store holds. */
export type LogName = string;

export interface Ledger {
  readonly origins: Readonly<Record<World, string>>;
  /**
   * Puts a released header in line, durable with its transaction. Its leaf index follows with a later checkpoint: the next
   * tick, or at once for an urgent one while `run` is under way. LOG_UNKNOWN where its origin is none of ours.
   */
  enqueue(tx: WriteTx, signed: SignedHeader): Promise<void>;
  /**
   * Sequences what is in line now, as a tick would, and resolves with the new checkpoints after their commit; those of both
   * logs where none is named.
   */
  sequence(log?: LogName): Promise<readonly StoredCheckpoint[]>;
  /** Signs the newest checkpoint of each log by the keys in use, where other keys did. To be called when those change. */
  signAgain(): Promise<void>;
  /**
   * Ticks until the signal aborts, then resolves. Failures are tried again with growing pauses; a fatal one (the state of
   * the store is unknown or damaged) rejects.
   */
  run(signal: AbortSignal): Promise<void>;
  /** Proof of a header's leaf in the tree of `atSize` leaves. NOT_IN_LOG where it has no leaf below that size. */
  proofFor(tx: ReadTx, headerDigest: Uint8Array, atSize: bigint): Promise<LeafProof>;
  /** Proofs of many headers of one log at one size, in the order asked, for the price of few reads. NOT_IN_LOG for any. */
  proofsFor(tx: ReadTx, headerDigests: readonly Uint8Array[], atSize: bigint): Promise<readonly LeafProof[]>;
  /** Proof that the tree of `to` leaves continues that of `from`. SIZE_UNKNOWN beyond the newest checkpoint. */
  consistency(tx: ReadTx, log: LogName, from: bigint, to: bigint): Promise<readonly Uint8Array[]>;
  newestCheckpoint(tx: ReadTx, log: LogName): Promise<StoredCheckpoint | undefined>;
  /** The signed note of one past size, where a checkpoint was made at it. */
  checkpointNote(tx: ReadTx, log: LogName, size: bigint): Promise<Uint8Array | undefined>;
  /** Called after every commit of a checkpoint; must not throw. Returns how to stop. */
  onCheckpoint(listener: (checkpoint: StoredCheckpoint) => void): () => void;
}

/** The ledger over a store. Makes no log and no key by itself: origins and keys are the node's identity. */
export function createLedger(options: LedgerOptions): Ledger {
  const { store, clock, origins } = options;
  const serial = new SerialRunner<string>();
  const listeners = new Set<(checkpoint: StoredCheckpoint) => void>();
  const wakes = new Map(WORLDS.map((world) => [origins[world], new Wake()]));
  const sequencers = new Map<string, SequencerDeps>(
    WORLDS.map((world) => [
      origins[world],
      {
        store,
        clock,
        random: options.random,
        sign: logSigner(options.keyring, world, origins[world]),
        quota: options.quota ?? 8,
        // That an exercise goes on is no secret; padding it around the clock would double what a log costs.
        padsWhenIdle: world === 'live',
      },
    ]),
  );

  const originOf = (log: LogName): string => (log === 'live' || log === 'exercise' ? origins[log] : log);

  const own = (log: LogName): SequencerDeps => {
    const deps = sequencers.get(originOf(log));
    if (!deps) throw ledgerError('LOG_UNKNOWN', `expected a log of this node, got ${log.slice(0, 80)}`);
    return deps;
  };

  const notify = ({ checkpoint }: Batch): void => {
    for (const listener of listeners) listener(checkpoint);
  };

  /** One batch after the other until nothing of what waited is left. */
  const sequenceLog = (origin: string, cause: CheckpointCause): Promise<readonly StoredCheckpoint[]> =>
    serial.run(origin, async () => {
      const deps = own(origin);
      const made: StoredCheckpoint[] = [];
      for (;;) {
        const batch = await sequenceBatch(origin, cause, deps, notify);
        if (batch) made.push(batch.checkpoint);
        if (!batch?.full) return made;
      }
    });

  /** When the next tick is due; a node that was down does not make up for ticks that it missed. */
  const firstTickAt = async (origin: string): Promise<number> => {
    const last = await store.read((tx) => tx.ledger.newestCheckpoint(origin, 'tick'));
    return last ? last.at + options.tickMs : clock.nowMs();
  };

  const runLog = async (origin: string, wake: Wake, signal: AbortSignal): Promise<void> => {
    let failures = 0;
    let nextTickAt: number | undefined;
    while (!signal.aborted) {
      try {
        const now = clock.nowMs();
        // A clock that was set back must not silence the log for longer than a tick.
        nextTickAt = Math.min(nextTickAt ?? (await firstTickAt(origin)), now + options.tickMs);
        const due = now >= nextTickAt;
        await sequenceLog(origin, due ? 'tick' : 'urgent');
        if (due) nextTickAt = nextAfter(nextTickAt, clock.nowMs(), options.tickMs);
        failures = 0;
        await pause(wake, nextTickAt - clock.nowMs(), signal);
      } catch (error) {
        if (error instanceof TocsinError && error.retry === 'fatal') throw error;
        options.onFailure?.({ log: origin, error });
        await pause(wake, backoffMs(failures++, RETRY), signal);
      }
    }
  };

  return {
    origins,
    async enqueue(tx, signed) {
      const log = signed.header.logOrigin;
      own(log);
      const urgent = isUrgent(signed.header);
      await tx.ledger.enqueue({
        log,
        headerDigest: signed.digest,
        leafHash: leafHash(signed.bytes),
        urgent,
        at: clock.nowMs(),
      });
      if (urgent) tx.afterCommit(() => wakes.get(log)?.wake());
    },
    async sequence(log) {
      const logs = log === undefined ? WORLDS.map((world) => origins[world]) : [originOf(log)];
      for (const each of logs) own(each);
      return (await Promise.all(logs.map((origin) => sequenceLog(origin, 'tick')))).flat();
    },
    async signAgain() {
      const again = WORLDS.map((world) => {
        const origin = origins[world];
        const isSigned = (note: Uint8Array) => isNoteOf(note, ownLogKeys(options.keyring, world, origin));
        return serial.run(origin, () =>
          signAgain(origin, own(origin), isSigned, (checkpoint) => {
            for (const listener of listeners) listener(checkpoint);
          }),
        );
      });
      await Promise.all(again);
    },
    async run(signal) {
      // One log that cannot go on stops the other as well: half a ledger would look like a whole one.
      const stop = new AbortController();
      const either = AbortSignal.any([signal, stop.signal]);
      await Promise.all(
        [...wakes].map(([origin, wake]) =>
          runLog(origin, wake, either).catch((error: unknown) => {
            stop.abort();
            throw error;
          }),
        ),
      );
    },
    async proofFor(tx, headerDigest, atSize) {
      const [proof] = await proofsFor(tx, [headerDigest], atSize);
      if (!proof) throw notInLog(atSize);
      return proof;
    },
    proofsFor,
    async consistency(tx, log, from, to) {
      const origin = originOf(log);
      const newest = await tx.ledger.newestCheckpoint(origin);
      if (from < 0n || from > to || to > (newest?.size ?? 0n))
        throw ledgerError(
          'SIZE_UNKNOWN',
          `expected sizes up to ${newest?.size ?? 0n}, got ${from} and ${to}`,
        );
      return consistencyProof(from, to, (ids) => tx.ledger.nodes(origin, ids));
    },
    newestCheckpoint: async (tx, log) => tx.ledger.newestCheckpoint(originOf(log)),
    checkpointNote: async (tx, log, size) => (await tx.ledger.checkpoint(originOf(log), size))?.note,
    onCheckpoint(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** The tick after the one at `at`, in step with it unless that moment has passed already. */
const nextAfter = (at: number, nowMs: number, tickMs: number): number =>
  at + tickMs > nowMs ? at + tickMs : nowMs + tickMs;

async function proofsFor(
  tx: ReadTx,
  headerDigests: readonly Uint8Array[],
  atSize: bigint,
): Promise<readonly LeafProof[]> {
  const leaves = await tx.ledger.leavesOf(headerDigests);
  const readers = new Map<string, ReadNodes>();
  for (const { log } of leaves.values())
    if (!readers.has(log))
      readers.set(
        log,
        sharedReads((ids) => tx.ledger.nodes(log, ids)),
      );
  return Promise.all(
    headerDigests.map(async (digest) => {
      const leaf = leaves.get(hex(digest));
      const read = leaf && readers.get(leaf.log);
      if (!leaf || !read || leaf.index >= atSize) throw notInLog(atSize);
      return { origin: leaf.log, index: leaf.index, proof: await inclusionProof(leaf.index, atSize, read) };
    }),
  );
}

const notInLog = (atSize: bigint) =>
  ledgerError('NOT_IN_LOG', 'the record has no leaf below the size asked about; wait for a checkpoint', {
    retry: 'later',
    facts: { size: `${atSize}` },
  });

/** Waits for a wake or the time; the end of the signal is the end of the wait, not a failure. */
async function pause(wake: Wake, ms: number, signal: AbortSignal): Promise<void> {
  try {
    await wake.wait(Math.max(0, ms), signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
