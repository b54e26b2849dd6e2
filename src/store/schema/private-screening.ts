/** Tables of private screening. */
import type { Maybe, MaybeWhole, Numbered, Whole } from './column.ts';

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

/** `asking` between the second officer's word and the partners' answers; `interrupted` where the node stopped in between. */
export type PrivateInquiryState = 'open' | 'asking' | 'answered' | 'declined' | 'interrupted';

export interface PrivateInquiryTable {
  number: Numbered;
  /** Random, 32 hexadecimal digits. */
  id: string;
  state: PrivateInquiryState;
  desk_group: Whole;
  purpose: Whole;
  /** Encoded PrivateScreenRequest, as asked. */
  question: Uint8Array;
  /** Identity of the officer, as in drafts. */
  asker: string;
  asker_name: string;
  asked_at: Whole;
  decider: Maybe<string>;
  decider_name: Maybe<string>;
  decided_at: MaybeWhole;
  note: Maybe<string>;
  /** Encoded PrivateScreening of which only the answers count. */
  answers: Maybe<Uint8Array>;
  /** When the row is deleted. */
  kept_until: Whole;
}
