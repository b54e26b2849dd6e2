/** Tables of what goes out, what came in, and how far each link is. */
import type { Maybe, MaybeWhole, Numbered, Whole } from './column.ts';

export type OutboxState = 'waiting' | 'sent' | 'receipted' | 'refused' | 'withdrawn' | 'skipped';

export interface OutboxTable {
  id: Numbered;
  recipient: string;
  lane: Whole;
  /** Number of tocsin.exchange.v1.ItemAction. */
  action: Whole;
  header_digest: Uint8Array;
  /** JSON list of facet names, in the order of the kind's table. */
  facets: string;
  /** JSON of tocsin.exchange.v1.Audience, and of a list of FacetAudience. */
  audience: string;
  facet_audiences: string;
  basis: string;
  consent: Maybe<Uint8Array>;
  state: OutboxState;
  incarnation: MaybeWhole;
  seq: MaybeWhole;
  result_reason: MaybeWhole;
  receipt_digest: Maybe<Uint8Array>;
  created_at: Whole;
  closed_at: MaybeWhole;
  /** Not to be sent before; null = at once. */
  not_before: MaybeWhole;
}

export interface ManifestOutTable {
  recipient: string;
  incarnation: Whole;
  lane: Whole;
  seq: Whole;
  digest: Uint8Array;
  body: Uint8Array;
  signature: Uint8Array;
  content_kind: 'content' | 'receipts';
  state: 'open' | 'closed' | 'skipped';
  /** Encoded SignedSkip, where the number was given up. */
  skip: Maybe<Uint8Array>;
  attempts: Whole;
  next_attempt_at: Whole;
  published_at: MaybeWhole;
  closed_at: MaybeWhole;
}

export interface LinkOutTable {
  recipient: string;
  lane: Whole;
  incarnation: Whole;
  seq: Whole;
  digest: Uint8Array;
  checkpoint_size: Whole;
  ack_seq: Whole;
}

export interface LinkInTable {
  sender: string;
  lane: Whole;
  incarnation: Whole;
  seq: Whole;
  digest: Uint8Array;
  checkpoint_size: Whole;
  checkpoint_root: Uint8Array;
  heard_at: Whole;
}

export interface ManifestInTable {
  sender: string;
  incarnation: Whole;
  lane: Whole;
  seq: Whole;
  digest: Uint8Array;
  body: Uint8Array;
  signature: Uint8Array;
  receipt_digest: Maybe<Uint8Array>;
  taken_at: Whole;
}

export interface InboxItemTable {
  /** Order of arrival; the desk's inbox stream resumes at it. */
  position: Numbered;
  header_digest: Uint8Array;
  sender: string;
  action: Whole;
  /** JSON, as in the outbox. */
  facets: string;
  audience: string;
  facet_audiences: string;
  basis: string;
  consent: Maybe<Uint8Array>;
  received_at: Whole;
}

export interface RefusalTable {
  id: Numbered;
  at: Whole;
  sender: string;
  /** Number of tocsin.record.v1.Reason. */
  reason: Whole;
  detail: string;
  digest: Maybe<Uint8Array>;
}

export interface QuarantineTable {
  id: Numbered;
  at: Whole;
  sender: string;
  header_digest: Maybe<Uint8Array>;
  reason: Whole;
  body: Uint8Array;
}
