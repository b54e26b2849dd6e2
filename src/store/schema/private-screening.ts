/** Tables of private screening. */
import type { Whole } from './column.ts';

/** The first key that was seen of a holder for a month: no other is believed. */
export interface PrivateKeyTable {
  /** Node id; this node's own among them. */
  holder: string;
  /** As `2026-11`. */
  month: string;
  public_key: Uint8Array;
  /** As the holder signed it. */
  announcement: Uint8Array;
  seen_at: Whole;
}

/** `holder` = a partner asked here, `asker` = this node asked a partner. */
export type PrivateSide = 'holder' | 'asker';
/** Questions evaluated, buckets handed out, calls that were refused and logged. */
export type PrivateUse = 'question' | 'bucket' | 'refusal';

export interface PrivateUseTable {
  side: PrivateSide;
  partner: string;
  /** UTC, as `2026-11-27`. */
  day: string;
  what: PrivateUse;
  used: Whole;
}
