/** Tables of screening: what was asked, what it told, what was decided; and the order in which records changed. */
import type { Maybe, MaybeWhole, Numbered, Whole } from './column.ts';

/** One row each time that a record, its facets, its state or who may see it changed. Those that all have read are deleted. */
export interface RecordChangeTable {
  number: Numbered;
  header_digest: Uint8Array;
}

/** What was screened against, as an encoded ScreenedAgainst without its instant: many screenings share one. */
export interface ScreeningListsTable {
  /** SHA-256 of the body. */
  digest: Uint8Array;
  body: Uint8Array;
}

export interface ScreeningTable {
  number: Numbered;
  /** Random, 32 hexadecimal digits. */
  id: string;
  at: Whole;
  /** Identity of the officer, as in drafts. */
  officer: string;
  desk_group: Whole;
  /** 0 = any of the desk group's. */
  purpose: Whole;
  /** 0 or 1. */
  exercise: Whole;
  /** Encoded ScreeningQuery, as asked. */
  query: Uint8Array;
  /** The same for questions that ask the same. */
  query_key: Uint8Array;
  reference: string;
  /** Digest of what was screened against. */
  lists: Uint8Array;
  /** Number of ScreeningOutcome. */
  outcome: Whole;
  hits: Whole;
  batch: Maybe<string>;
  /** Until when it is screened again; absent = it is not. */
  kept_until: MaybeWhole;
}

export interface ScreeningHitTable {
  /** Number of the screening. */
  screening: Whole;
  /** From 1. */
  number: Whole;
  header_digest: Uint8Array;
  originator: string;
  record_id: Uint8Array;
  facet: string;
  /** SHA-256 of the facet's bytes: a decision holds as long as they are the same. */
  facet_digest: Uint8Array;
  /** Encoded ScreeningHit as told; empty once the facet is purged or the hit withdrawn. */
  told: Uint8Array;
  /** 0 or 1: it was told as a hit, and not as a known false positive or below the floor. */
  alerts: Whole;
  /** Number of ScreeningVerdict. */
  verdict: Whole;
  reason: Maybe<string>;
  decided_by: Maybe<string>;
  decided_at: MaybeWhole;
  withdrawn_at: MaybeWhole;
}

export interface FalsePositiveTable {
  desk_group: Whole;
  exercise: Whole;
  query_key: Uint8Array;
  record_id: Uint8Array;
  facet: string;
  facet_digest: Uint8Array;
  at: Whole;
  officer: string;
}

export interface ScreeningAlertTable {
  number: Numbered;
  /** Random, 32 hexadecimal digits. */
  id: string;
  at: Whole;
  /** Number of ScreeningAlertType. */
  type: Whole;
  desk_group: Whole;
  exercise: Whole;
  screening: Whole;
  hit: Whole;
  acknowledged_by: Maybe<string>;
  acknowledged_at: MaybeWhole;
}
