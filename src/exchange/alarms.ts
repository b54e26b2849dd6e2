/**
 * Alarms of the exchange. What convicts somebody carries a misconduct file, which any third party judges offline; other
 * evidence is kept as its parts one after the other, each with its length before it, for people to look at.
 */
import { concat, lengthPrefixed } from '../base/bytes.ts';
import { type Accusation, encodeMisconduct, logForkOf } from '../ledger/index.ts';
import type { WriteTx } from '../store/index.ts';

export type AlarmCode =
  | 'EQUIVOCATION'
  | 'RECORD_FORK'
  | 'LOG_FORK'
  | 'LOG_INCONSISTENT'
  | 'LOG_UNTIED'
  | 'LOG_TAIL_LOST'
  | 'STALE_LOG'
  | 'UNWITNESSED'
  | 'WITNESS_REFUSES'
  | 'ROSTER_FORK'
  | 'ROSTER_BEHIND'
  | 'ROSTER_CLAIM'
  | 'ROSTER_UNSUPPORTED'
  | 'ROSTER_EXPIRING'
  | 'ROSTER_EXPIRED'
  | 'ROSTER_LAPSED'
  | 'RECORDS_LATE'
  | 'OWN_STANDING'
  | 'STATEMENT_FORK'
  | 'CHAIN_BROKEN'
  | 'THIRD_PARTY_BREACH'
  | 'BREACH_UNPROVEN'
  | 'NO_CONSENT'
  | 'FORBIDDEN_FACET'
  | 'RECEIPT_MISMATCH'
  | 'ACKNOWLEDGEMENT_MISMATCH'
  | 'STORE_BEHIND'
  | 'MANIFEST_SKIPPED'
  | 'CHECKPOINT_UNLINKED'
  | 'INCARNATION_RAISED'
  | 'CATCHING_UP'
  | 'CUT_OFF'
  | 'STATEMENT_BEHIND'
  | 'REVOCATIONS_LOST'
  | 'REFUSALS_REPEATED'
  | 'CLOCK_SKEW'
  | 'LINK_SILENT'
  | 'BREAK_GLASS'
  | 'CANARY_LATE'
  | 'HOLDER_UNDISCLOSED'
  | 'ATTACHMENT_LATE'
  | 'ATTACHMENT_MISMATCH'
  | 'ATTACHMENT_INVALID'
  | 'ATTACHMENT_GIVEN_UP';

export interface Alarm {
  readonly code: AlarmCode;
  readonly subject: string;
  readonly detail: string;
  readonly evidence?: readonly Uint8Array[];
  /** What the alarm proves; in the place of `evidence`. */
  readonly misconduct?: Accusation;
}

/** Raises an alarm in a transaction; whether it is new. */
export async function raise(tx: WriteTx, alarm: Alarm, at: number): Promise<boolean> {
  const { code, subject, detail } = alarm;
  const evidence = alarm.misconduct
    ? await encodeMisconduct(tx, alarm.misconduct, at)
    : alarm.evidence && concat(...alarm.evidence.map(lengthPrefixed));
  return tx.alarms.raise({ at, code, subject, detail, ...(evidence && { evidence }) });
}

/** The deed of two checkpoints of one size. */
export const logFork = (noteA: Uint8Array, noteB: Uint8Array): Accusation['deed'] =>
  logForkOf({ noteA, noteB });
