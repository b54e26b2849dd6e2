/** Tables of facets opened in an emergency (R17): here, and at partners that told us. */
import type { Maybe, MaybeWhole, Numbered, Whole } from './column.ts';

/** One opening. */
export interface BreakGlassTable {
  id: Numbered;
  /** Header digest of the record that tells of it. */
  opening: Uint8Array;
  /** Of the record opened. */
  header_digest: Uint8Array;
  originator: string;
  /** Node at which it was opened. */
  node: string;
  /** 1 = in an exercise. */
  exercise: Whole;
  /** Desk group that speaks in the record opened. */
  record_desk_group: Whole;
  /** Name of the officer who opened. */
  officer: string;
  /** SHA-256 of his certificate, hexadecimal. */
  certificate: string;
  desk_group: Whole;
  /** JSON list of facet names. */
  facets: string;
  /** JSON list of facet names that the node does not hold. */
  asked: string;
  reason: string;
  opened_at: Whole;
  until_at: Whole;
  /** How often facets were read under it. */
  readings: Whole;
  last_read_at: MaybeWhole;
  /** Number of tocsin.record.v1.BreakGlassVerdict. */
  verdict: MaybeWhole;
  reviewer: Maybe<string>;
  review_note: Maybe<string>;
  reviewed_at: MaybeWhole;
  /** Header digest of the record that tells of the review. */
  review: Maybe<Uint8Array>;
}
