/** Tables of records, their facets, drafts and duties that a release leaves behind. */
import type { ColumnType } from 'kysely';
import type { Maybe, MaybeWhole, Numbered, Whole } from './column.ts';

export type RecordOrigin = 'own' | 'partner';
export type RecordState = 'released' | 'superseded' | 'recalled' | 'expired' | 'parked';
export type DraftState = 'draft' | 'submitted' | 'released' | 'discarded';

export interface RecordTable {
  /** Order in which this node committed the records; cursors page on it. */
  position: Numbered;
  header_digest: Uint8Array;
  record_id: Uint8Array;
  revision: Whole;
  originator: string;
  kind: string;
  schema_version: Whole;
  desk_group: Whole;
  priority: Whole;
  tlp: Whole;
  /** Number of tocsin.record.v1.Status. */
  status: Whole;
  released: Whole;
  expires: Whole;
  review_by: Whole;
  /** Signed bytes of the header. */
  header: Uint8Array;
  supersedes: Maybe<Uint8Array>;
  origin: RecordOrigin;
  state: RecordState;
  log_origin: string;
  leaf_index: MaybeWhole;
  /** A partner's record: the hashes of its inclusion proof one after the other, and which note they lead to. */
  proof: Maybe<Uint8Array>;
  note_digest: Maybe<Uint8Array>;
  /** A partner's record, 0 or 1: its checkpoint is a part of the tree that this node knows of the log. */
  tied: ColumnType<bigint, bigint | number | undefined, bigint | number>;
  /** A partner's record, 0 or 1: enough witnesses cosigned its checkpoint; their lines are in `cosignature`. */
  witnessed: ColumnType<bigint, bigint | number | undefined, bigint | number>;
  /** Key statement of the originator under which the checkpoint was judged. */
  statement_digest: Maybe<Uint8Array>;
  title: string;
  /** The title as it is searched: NFKC, lower case. */
  title_key: string;
  committed_at: Whole;
}

/** Signed checkpoints as received, under which records are proved. */
export interface NoteTable {
  /** SHA-256 of the body. */
  digest: Uint8Array;
  body: Uint8Array;
}

export interface FacetTable {
  header_digest: Uint8Array;
  name: string;
  salt: Uint8Array;
  body: Uint8Array;
}

export interface DraftTable {
  id: string;
  kind: string;
  /** JSON text of the record's content. */
  content: string;
  state: DraftState;
  /** Header digest of the released revision that this draft would supersede. */
  revises: Maybe<Uint8Array>;
  record_id: Maybe<Uint8Array>;
  /** Fingerprint of the drafter's certificate. */
  drafter: string;
  drafter_name: string;
  desk_group: Whole;
  /** Why it was sent back or discarded, or what the drafter adds for the releaser. */
  note: string;
  /** JSON text: faults of imported content that were kept. */
  flags: string;
  releaser: Maybe<string>;
  released_digest: Maybe<Uint8Array>;
  import_key: Maybe<string>;
  /** SHA-256 of the imported entry, so that an unchanged one is recognised. */
  import_digest: Maybe<Uint8Array>;
  created_at: Whole;
  updated_at: Whole;
}

/** A flash that went out on one signature and awaits its second. */
export interface CountersignTable {
  header_digest: Uint8Array;
  releaser: string;
  released_at: Whole;
  due_at: Whole;
  countersigner: Maybe<string>;
  countersigned_at: MaybeWhole;
}
