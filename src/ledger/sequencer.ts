/**
 * Gives headers their place in one log. A batch is read, hashed and signed outside any transaction, then written whole:
 * leaves, nodes, checkpoint and the records' indices in one commit. What is signed but not committed is never shown to
 * anybody, so a crash in between forks nothing: the next batch starts from what the store holds.
 */

import { equalBytes } from '../base/bytes.ts';
import type { Clock, Random } from '../base/clock.ts';
import {
  appendLeaves,
  type Checkpoint,
  type Frontier,
  frontierAt,
  rootOf,
  type TreeNode,
} from '../merkle/index.ts';
import type { CheckpointCause, PendingLeaf, ReadTx, Store, StoredCheckpoint } from '../store/index.ts';
import { DUMMY_SECRET_BYTES, dummyLeaf, shuffle } from './dummy.ts';
import { ledgerError } from './errors.ts';
import type { SignCheckpoint } from './log-signer.ts';
import { encodeSchedule, planTick, readSchedule, type Schedule } from './schedule.ts';

/** Headers in one batch: bounds the time that a batch holds up other writes. */
export const BATCH_HEADERS = 2048;

export interface SequencerDeps {
  readonly store: Pick<Store, 'read' | 'write'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly sign: SignCheckpoint;
  /** Leaves a tick in calm times. */
  readonly quota: number;
  /** A tick of a log that pads when idle adds dummies although nothing waits. */
  readonly padsWhenIdle: boolean;
}

/** A log as the store holds it. */
interface LogState {
  readonly newest: StoredCheckpoint | undefined;
  readonly frontier: Frontier;
  /** Leaves added since the last tick's checkpoint. */
  readonly charged: number;
  readonly pending: readonly PendingLeaf[];
  readonly schedule: Schedule | undefined;
  readonly secret: Uint8Array | undefined;
}

export interface Batch {
  readonly checkpoint: StoredCheckpoint;
  /** Headers that got their place. */
  readonly headers: number;
  /** The bound was reached: more headers may wait. */
  readonly full: boolean;
}

/** Meta keys of one log. */
const scheduleKey = (log: string): string => `ledger/${log}/schedule`;
const secretKey = (log: string): string => `ledger/${log}/dummy-secret`;

/** The dummy that stands at a place of a log of ours; undefined where the log has no secret. */
export async function dummyLeafOf(tx: ReadTx, log: string, index: bigint): Promise<Uint8Array | undefined> {
  const secret = await tx.meta.get(secretKey(log));
  return secret && dummyLeaf(secret, log, index);
}

/**
 * Sequences one batch and resolves after its commit; undefined where there was nothing to do. Never run twice at once for
 * one log. On any failure the headers stay in line, and calling again tries again. LOG_DAMAGED (fatal): the stored tree does not
 * have the root that was signed. LOG_MOVED: another process wrote to the log.
 */
export async function sequenceBatch(
  log: string,
  cause: CheckpointCause,
  deps: SequencerDeps,
  afterCommit: (batch: Batch) => void,
): Promise<Batch | undefined> {
  const nowMs = deps.clock.nowMs();
  const state = await deps.store.read((tx) => loadState(tx, log, cause));
  const { pending } = state;
  if (cause === 'urgent' && pending.length === 0) return undefined;
  if (cause === 'tick' && pending.length === 0 && !deps.padsWhenIdle && state.newest) return undefined;

  const plan =
    cause === 'urgent'
      ? { schedule: undefined, leaves: pending.length }
      : planTick(state.schedule, {
          waiting: pending.length,
          charged: state.charged,
          baseQuota: deps.quota,
          nowMs,
        });
  const secret = state.secret ?? deps.random.bytes(DUMMY_SECRET_BYTES);
  const dummies = new Array<undefined>(plan.leaves - pending.length).fill(undefined);
  const leaves = shuffle<PendingLeaf | undefined>([...pending, ...dummies], deps.random).map(
    (real, offset) => {
      const index = state.frontier.size + BigInt(offset);
      return real
        ? { level: 0, index, hash: real.leafHash, headerDigest: real.headerDigest }
        : { level: 0, index, hash: dummyLeaf(secret, log, index) };
    },
  );
  const appended = appendLeaves(
    state.frontier,
    leaves.map(({ hash }) => hash),
  );

  // Never earlier than the checkpoint before, whatever the clock does (design §8).
  const at = Math.max(nowMs, state.newest?.at ?? 0, 1000);
  const claim: Checkpoint = { origin: log, size: appended.frontier.size, root: appended.root };
  const note = await deps.sign(claim, BigInt(Math.floor(at / 1000)));
  const checkpoint: StoredCheckpoint = { log, size: claim.size, root: claim.root, note, cause, at };
  const batch = { checkpoint, headers: pending.length, full: pending.length === BATCH_HEADERS };
  await deps.store.write(async (tx) => {
    const held = await tx.ledger.newestCheckpoint(log);
    if ((held?.size ?? 0n) !== state.frontier.size)
      throw ledgerError('LOG_MOVED', 'the log grew while a batch was made; run one node per store', {
        retry: 'later',
        facts: { log, expected: `${state.frontier.size}`, got: `${held?.size ?? 0n}` },
      });
    await tx.ledger.append({ checkpoint, leaves, nodes: appended.nodes.filter(isInner) });
    if (plan.schedule) await tx.meta.set(scheduleKey(log), encodeSchedule(plan.schedule));
    if (!state.secret) await tx.meta.set(secretKey(log), secret);
    tx.afterCommit(() => afterCommit(batch));
  });
  return batch;
}

/**
 * Signs the newest checkpoint of a log again where `isSigned` says that its note is not by the keys in use: after a rotation
 * nothing of ours rests on a key that is about to end. Size and root stay, so no partner can see two histories. Undefined
 * where there was nothing to do. Never run beside `sequenceBatch` for one log.
 */
export async function signAgain(
  log: string,
  deps: Pick<SequencerDeps, 'store' | 'clock' | 'sign'>,
  isSigned: (note: Uint8Array) => boolean,
  afterCommit: (checkpoint: StoredCheckpoint) => void,
): Promise<StoredCheckpoint | undefined> {
  const newest = await deps.store.read((tx) => tx.ledger.newestCheckpoint(log));
  if (!newest || isSigned(newest.note)) return undefined;
  const at = Math.max(deps.clock.nowMs(), newest.at, 1000);
  const claim: Checkpoint = { origin: log, size: newest.size, root: newest.root };
  const note = await deps.sign(claim, BigInt(Math.floor(at / 1000)));
  const checkpoint: StoredCheckpoint = { ...newest, note, at };
  await deps.store.write(async (tx) => {
    await tx.ledger.replaceNote(checkpoint);
    tx.afterCommit(() => afterCommit(checkpoint));
  });
  return checkpoint;
}

const isInner = (node: TreeNode): boolean => node.level > 0;

async function loadState(tx: ReadTx, log: string, cause: CheckpointCause): Promise<LogState> {
  const newest = await tx.ledger.newestCheckpoint(log);
  const lastTick = await tx.ledger.newestCheckpoint(log, 'tick');
  const frontier = await frontierAt(newest?.size ?? 0n, (ids) => tx.ledger.nodes(log, ids));
  if (newest && !equalBytes(rootOf(frontier), newest.root))
    throw ledgerError(
      'LOG_DAMAGED',
      'the stored tree has another root than its checkpoint states; restore the store',
      { retry: 'fatal', facts: { log, size: `${newest.size}` } },
    );
  return {
    newest,
    frontier,
    charged: Number((newest?.size ?? 0n) - (lastTick?.size ?? 0n)),
    pending: await tx.ledger.pending(log, BATCH_HEADERS, cause === 'urgent' ? 'urgent' : undefined),
    schedule: readSchedule(await tx.meta.get(scheduleKey(log))),
    secret: await tx.meta.get(secretKey(log)),
  };
}
