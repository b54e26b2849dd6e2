/** A record and a facet as domain values, and as rows. */
import type { Selectable } from 'kysely';
import { numberOf, optional, same } from './row.ts';
import type { RecordOrigin, RecordState, RecordTable } from './schema/record.ts';

/** A disclosed facet as it is kept; the shape of tocsin.record.v1.DisclosedFacet. */
export interface StoredFacet {
  readonly facet: string;
  readonly salt: Uint8Array;
  readonly body: Uint8Array;
}

/** A record to keep. Instants in milliseconds; enum fields as their protobuf numbers. */
export interface NewRecord {
  readonly headerDigest: Uint8Array;
  readonly recordId: Uint8Array;
  readonly revision: number;
  readonly originator: string;
  readonly kind: string;
  readonly schemaVersion: number;
  readonly deskGroup: number;
  readonly priority: number;
  readonly tlp: number;
  readonly status: number;
  readonly released: number;
  readonly expires: number;
  readonly reviewBy: number;
  /** Signed bytes (header.bin). */
  readonly header: Uint8Array;
  readonly supersedes?: Uint8Array;
  readonly origin: RecordOrigin;
  readonly state: RecordState;
  readonly logOrigin: string;
  readonly leafIndex?: bigint;
  /** A partner's record: hashes of the inclusion proof, one after the other, and the note, as received. */
  readonly proof?: Uint8Array;
  readonly checkpoint?: Uint8Array;
  /** A partner's record: its checkpoint is a part of the tree that this node knows of the log. */
  readonly tied?: boolean;
  readonly statementDigest?: Uint8Array;
  /** Line for lists, made from class S facets only. */
  readonly title: string;
  readonly committedAt: number;
}

export interface StoredRecord extends NewRecord {
  /** Order in which this node committed it. */
  readonly position: bigint;
}

type Row = Selectable<RecordTable> & { readonly checkpoint: Uint8Array | null };

export const titleKey = (title: string): string => title.normalize('NFKC').toLowerCase();

export function recordOf(row: Row): StoredRecord {
  return {
    position: row.position,
    tied: row.tied === 1n,
    headerDigest: row.header_digest,
    recordId: row.record_id,
    revision: numberOf(row.revision),
    originator: row.originator,
    kind: row.kind,
    schemaVersion: numberOf(row.schema_version),
    deskGroup: numberOf(row.desk_group),
    priority: numberOf(row.priority),
    tlp: numberOf(row.tlp),
    status: numberOf(row.status),
    released: numberOf(row.released),
    expires: numberOf(row.expires),
    reviewBy: numberOf(row.review_by),
    header: row.header,
    origin: row.origin,
    state: row.state,
    logOrigin: row.log_origin,
    title: row.title,
    committedAt: numberOf(row.committed_at),
    ...optional('supersedes', row.supersedes, same),
    ...optional('leafIndex', row.leaf_index, same),
    ...optional('proof', row.proof, same),
    ...optional('checkpoint', row.checkpoint, same),
    ...optional('statementDigest', row.statement_digest, same),
  };
}

/** `note` = digest of its checkpoint, where it has one. */
export const rowOf = (record: NewRecord, note: Uint8Array | undefined) => ({
  header_digest: record.headerDigest,
  record_id: record.recordId,
  revision: record.revision,
  originator: record.originator,
  kind: record.kind,
  schema_version: record.schemaVersion,
  desk_group: record.deskGroup,
  priority: record.priority,
  tlp: record.tlp,
  status: record.status,
  released: record.released,
  expires: record.expires,
  review_by: record.reviewBy,
  header: record.header,
  supersedes: record.supersedes ?? null,
  origin: record.origin,
  state: record.state,
  log_origin: record.logOrigin,
  leaf_index: record.leafIndex ?? null,
  proof: record.proof ?? null,
  note_digest: note ?? null,
  tied: record.tied ? 1 : 0,
  statement_digest: record.statementDigest ?? null,
  title: record.title,
  title_key: titleKey(record.title),
  committed_at: record.committedAt,
});

export const facetRow = (headerDigest: Uint8Array, { facet, salt, body }: StoredFacet) => ({
  header_digest: headerDigest,
  name: facet,
  salt,
  body,
});
