/** Content into a record: header with all commitments, and every facet with its salt. Pure: time and randomness come in. */
import { DisclosedFacet, type Header } from '../gen/tocsin/record/v1/header.ts';
import type { RecordContent } from './content.ts';
import { RecordError } from './errors.ts';
import { commitFacet, SALT_BYTES } from './facet.ts';
import { encodeHeader, type SignedHeader } from './header.ts';
import { kindOf } from './kinds.ts';

export interface AssembleInput {
  readonly network: Uint8Array;
  /** Of the live log for status actual, of the exercise log otherwise. */
  readonly logOrigin: string;
  readonly originator: string;
  /** 16 random bytes; the same in every revision. */
  readonly recordId: Uint8Array;
  /** From 1. */
  readonly revision: number;
  /** Header digest of the revision before; empty or absent for revision 1. */
  readonly supersedes?: Uint8Array | undefined;
  readonly content: RecordContent;
  /** Milliseconds UTC, whole minutes. */
  readonly released: number;
  /** 32 fresh random bytes at every call. */
  readonly salt: () => Uint8Array;
}

export interface AssembledRecord {
  readonly signed: SignedHeader;
  /** Every facet of the kind in table order, empty ones too. */
  readonly facets: DisclosedFacet[];
}

/** Throws RecordError: `CONTENT_INVALID` (kind or facet not in the table), `HEADER_INVALID` (form; see faults). */
export function assembleRecord(input: AssembleInput): AssembledRecord {
  const { content, recordId, revision } = input;
  const row = kindOf(content.kind);
  if (row === undefined)
    throw new RecordError('CONTENT_INVALID', `expected a kind of the table, got ${content.kind}`);
  const stray = Object.keys(content.facets).find((name) => !row.facets.some((facet) => facet.name === name));
  if (stray !== undefined)
    throw new RecordError('CONTENT_INVALID', `expected facets of ${row.code}, got ${stray}`);
  const facets = row.facets.map(({ name }) => {
    const salt = input.salt();
    if (salt.length !== SALT_BYTES)
      throw new RecordError('CONTENT_INVALID', `expected a salt of ${SALT_BYTES} bytes, got ${salt.length}`);
    const body = content.facets[name] ?? new Uint8Array();
    return DisclosedFacet.fromPartial({ facet: name, salt: Buffer.from(salt), body: Buffer.from(body) });
  });
  const header: Header = {
    logOrigin: input.logOrigin,
    recordId: Buffer.from(recordId),
    kind: row.code,
    schemaVersion: row.schemaVersion,
    facetTableVersion: row.facetTableVersion,
    originator: input.originator,
    deskGroup: content.deskGroup,
    revision,
    supersedes: Buffer.from(input.supersedes ?? new Uint8Array()),
    released: BigInt(input.released),
    expires: BigInt(content.expires),
    reviewBy: BigInt(content.reviewBy),
    priority: content.priority,
    marking: content.marking,
    commitments: facets.map(({ facet, salt, body }) => ({
      facet,
      digest: Buffer.from(commitFacet({ recordId, revision, facet, salt, body })),
    })),
  };
  return { signed: encodeHeader(input.network, header), facets };
}
