/** Alarms of the exchange, with portable evidence: the parts one after the other, each with its length before it. */
import { concat, lengthPrefixed } from '../base/bytes.ts';
import type { WriteTx } from '../store/index.ts';

export type AlarmCode =
  | 'EQUIVOCATION'
  | 'RECORD_FORK'
  | 'LOG_FORK'
  | 'LOG_INCONSISTENT'
  | 'ROSTER_FORK'
  | 'CHAIN_BROKEN'
  | 'THIRD_PARTY_BREACH'
  | 'NO_CONSENT'
  | 'FORBIDDEN_FACET'
  | 'RECEIPT_MISMATCH'
  | 'ACKNOWLEDGEMENT_MISMATCH'
  | 'STORE_BEHIND'
  | 'MANIFEST_SKIPPED'
  | 'CHECKPOINT_UNLINKED'
  | 'INCARNATION_RAISED'
  | 'REFUSALS_REPEATED'
  | 'CLOCK_SKEW'
  | 'LINK_SILENT';

export interface Alarm {
  readonly code: AlarmCode;
  readonly subject: string;
  readonly detail: string;
  readonly evidence?: readonly Uint8Array[];
}

/** Raises an alarm in a transaction; whether it is new. */
export const raise = (tx: WriteTx, alarm: Alarm, at: number): Promise<boolean> =>
  tx.alarms.raise({
    at,
    code: alarm.code,
    subject: alarm.subject,
    detail: alarm.detail,
    ...(alarm.evidence && { evidence: concat(...alarm.evidence.map(lengthPrefixed)) }),
  });
