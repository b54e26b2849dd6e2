/** Tables of who holds what of our records, of what was recalled, and of what recalls left behind. */
import type { Maybe, MaybeWhole, Numbered, Whole } from './column.ts';

/** What forwarders told us of records of ours: one row a disclosure record. */
export interface DisclosureTable {
  id: Numbered;
  header_digest: Uint8Array;
  recipient: string;
  forwarder: string;
  /** JSON list of facet names. */
  facets: string;
  basis: string;
  consent: Maybe<Uint8Array>;
  /** Header digest of the record of kind `disclosure`. */
  disclosure_digest: Uint8Array;
  at: Whole;
}

/** A recall of ours, as one holder was asked to follow it. */
export interface RecallNoticeTable {
  recall_digest: Uint8Array;
  holder: string;
  /** Header digest of the record recalled. */
  target: Uint8Array;
  /** JSON list of facet names; empty = the whole record. */
  facets: string;
  must_purge: Whole;
  deadline: Whole;
  asked_at: Whole;
  receipt_digest: Maybe<Uint8Array>;
  /** JSON list of facet names, as the receipt says. */
  purged_facets: Maybe<string>;
  copies: MaybeWhole;
  closed_at: MaybeWhole;
}

/** What a recall forbids to hold here for good, whether the record came before it, after it, or never. */
export interface TombstoneTable {
  header_digest: Uint8Array;
  /** Who recalled: only the originator of a record is believed about it. */
  originator: string;
  recall_digest: Uint8Array;
  /** JSON list of facet names; empty = the whole record. */
  facets: string;
  purge: Whole;
  at: Whole;
  /** 1 = the recall is one of an exercise. */
  exercise: Whole;
}
