/** Tables for those who watch: alarms and the chained audit trail. */
import type { Maybe, MaybeWhole, Numbered, Whole } from './column.ts';

export interface AlarmTable {
  id: Numbered;
  at: Whole;
  code: string;
  subject: string;
  detail: string;
  evidence: Maybe<Uint8Array>;
  cleared_at: MaybeWhole;
}

export interface AuditTable {
  seq: Whole;
  at: Whole;
  actor: string;
  action: string;
  subject: string;
  /** JSON text. */
  detail: string;
  previous: Uint8Array;
  hash: Uint8Array;
}
