/**
 * What a partner's checkpoint is worth: signed by both keys of its statement, and no contradiction to any checkpoint of
 * that log seen before. What passes is kept, so that a later fork has its counterpart here (design §4).
 */

import { equalBytes } from '../base/bytes.ts';
import { CLOCK_SKEW_MS } from '../base/limits.ts';
import { believed, disbelieved, type Verdict } from '../base/verdict.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import {
  type Checkpoint,
  emptyRoot,
  judgeConsistency,
  judgeSignedCheckpoint,
  type LogKeys,
  type SignedCheckpoint,
} from '../merkle/index.ts';
import type { ReadTx, WriteTx } from '../store/index.ts';

/** Sizes kept of one partner's log: enough to meet a fork in any two manifests under way at once. */
const KEPT_SIZES = 256;

export interface PartnerCheckpointClaim {
  /** Signed note, as it came. */
  readonly note: Uint8Array;
  /** Of the statement that speaks for the log. */
  readonly keys: LogKeys;
  /**
   * Checkpoint that the proof starts from: believed before, in the same lane. Without it the proof starts from the newest one
   * known of that log.
   */
  readonly from?: Pick<Checkpoint, 'size' | 'root'>;
  /** Consistency proof to this checkpoint. */
  readonly proof: readonly Uint8Array[];
  /** Milliseconds. */
  readonly nowMs: number;
}

/**
 * Judges a partner's checkpoint: what judgeSignedCheckpoint says, CLOCK_SKEW for a time too far ahead, LOG_FORK for
 * another root at a size known here, LOG_INCONSISTENT for a larger tree that the proof does not link. A smaller size than
 * known is no fault: mail comes late. The first checkpoint of a log needs no proof. Writes nothing.
 */
export async function judgePartnerCheckpoint(
  tx: ReadTx,
  claim: PartnerCheckpointClaim,
): Promise<Verdict<SignedCheckpoint, Reason>> {
  const signed = judgeSignedCheckpoint({ ...claim.keys, note: claim.note });
  if (!signed.ok) return signed;
  const { checkpoint, timestamp } = signed.value;
  const { origin, size, root } = checkpoint;
  if (Number(timestamp) * 1000 > claim.nowMs + CLOCK_SKEW_MS)
    return disbelieved(Reason.REASON_CLOCK_SKEW, "the checkpoint's time lies ahead of this node's clock");
  if (size === 0n && !equalBytes(root, emptyRoot()))
    return disbelieved(Reason.REASON_CHECKPOINT_INVALID, 'expected the empty root for the size 0');

  const known = await tx.ledger.knownLog(origin, size);
  if (known && !equalBytes(known.root, root))
    return disbelieved(Reason.REASON_LOG_FORK, `two roots for the size ${size} of ${origin}`, {
      size: `${size}`,
      node: known.node,
    });
  const from = claim.from ?? (await tx.ledger.newestKnownLog(origin));
  if (!from || from.size === 0n || size < from.size) return signed;
  const linked = judgeConsistency({
    oldSize: from.size,
    newSize: size,
    oldRoot: from.root,
    newRoot: root,
    // Between equal sizes there is nothing to prove, whatever came along.
    proof: size === from.size ? [] : claim.proof,
  });
  return linked.ok ? believed(signed.value) : linked;
}

/**
 * Keeps a judged checkpoint in the transaction that takes what it proves; whether it is tied: a part of the one tree that this
 * node knows of the log. It is where it is linked to the newest tied one, and where it is the first of its log. Idempotent.
 */
export async function keepPartnerCheckpoint(
  tx: WriteTx,
  node: string,
  judged: {
    readonly checkpoint: Checkpoint;
    readonly note: Uint8Array;
    /** Size of the checkpoint that it was proved to continue, or that continues it; 0 or absent for none. */
    readonly continues?: bigint;
    /** Shown by somebody else than the owner of the log: never the first of it. */
    readonly hearsay?: boolean;
  },
  nowMs: number,
): Promise<boolean> {
  const { checkpoint, note, continues = 0n } = judged;
  const { origin, size, root } = checkpoint;
  const known = await tx.ledger.knownLog(origin, size);
  if (known && !equalBytes(known.root, root)) return false;
  const view = await tx.ledger.newestTied(origin);
  const isFirst = view === undefined && !judged.hearsay;
  // A link to an older checkpoint would not exclude another branch beside the newest.
  const tied = known?.tied === true || isFirst || (view !== undefined && continues === view.size);
  if (!known) await tx.ledger.keepKnownLog({ origin, size, root, note, node, at: nowMs, tied });
  else if (tied && !known.tied) await tx.ledger.tieKnownLog(origin, size);
  if (!known) await tx.ledger.pruneKnownLog(origin, KEPT_SIZES);
  return tied;
}
