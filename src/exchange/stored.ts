/** Between a record as it travels and the row that keeps it. */
import { concat } from '../base/bytes.ts';
import type { DisclosedFacet } from '../gen/tocsin/record/v1/header.ts';
import { type SignedHeader, titleOf } from '../record/index.ts';
import type { NewRecord, RecordState } from '../store/index.ts';

const HASH_BYTES = 32;

export interface RowFacts {
  readonly origin: 'own' | 'partner';
  readonly state: RecordState;
  readonly facets: readonly DisclosedFacet[];
  readonly statementDigest: Uint8Array;
  readonly committedAt: number;
  /** A partner's proof, as received; our own follows from our log. */
  readonly inclusion?: {
    readonly leafIndex: bigint;
    readonly proof: readonly Uint8Array[];
    readonly note: Uint8Array;
    /** The checkpoint is tied to what is known here of the log. */
    readonly tied?: boolean;
  };
}

export function rowOf({ bytes, digest, header }: SignedHeader, facts: RowFacts): NewRecord {
  return {
    headerDigest: digest,
    recordId: header.recordId,
    revision: header.revision,
    originator: header.originator,
    kind: header.kind,
    schemaVersion: header.schemaVersion,
    deskGroup: header.deskGroup,
    priority: header.priority,
    tlp: header.marking?.tlp ?? 0,
    status: header.marking?.status ?? 0,
    released: Number(header.released),
    expires: Number(header.expires),
    reviewBy: Number(header.reviewBy),
    header: bytes,
    origin: facts.origin,
    state: facts.state,
    logOrigin: header.logOrigin,
    statementDigest: facts.statementDigest,
    title: titleOf(header.kind, facts.facets),
    committedAt: facts.committedAt,
    ...(header.supersedes.length > 0 && { supersedes: header.supersedes }),
    ...(facts.inclusion && {
      leafIndex: facts.inclusion.leafIndex,
      proof: concat(...facts.inclusion.proof),
      checkpoint: facts.inclusion.note,
      tied: facts.inclusion.tied === true,
    }),
  };
}

/** The hashes of a kept proof, one after the other. */
export function hashesOf(proof: Uint8Array): Buffer[] {
  const hashes: Buffer[] = [];
  for (let at = 0; at < proof.length; at += HASH_BYTES) {
    hashes.push(Buffer.from(proof.subarray(at, at + HASH_BYTES)));
  }
  return hashes;
}
