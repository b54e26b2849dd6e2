/** Exercise and live never meet where records arrive (R21): what speaks about a record of the other world is refused. */
import type { DisclosedFacet, Header } from '../gen/tocsin/record/v1/header.ts';
import { Status } from '../gen/tocsin/record/v1/marking.ts';
import { type SignedHeader, subjectsOf, type World, worldOf } from '../record/index.ts';
import type { NewRecord } from '../store/index.ts';

/** Which world a header speaks in; the log that signs it says the same, or the header would not be believed. */
export const worldOfHeader = (header: Pick<Header, 'marking'>): World =>
  worldOf(header.marking?.status ?? Status.STATUS_ACTUAL);

export const worldOfRecord = ({ status }: Pick<NewRecord, 'status'>): World => worldOf(status as Status);

/**
 * What a record supersedes, recalls, links or tells of, where that is held here and is of the other world; undefined otherwise. An id
 * alone names no world: it is looked for in the record's own.
 */
export async function otherWorldNamed(
  find: (digest: Uint8Array) => Promise<Pick<NewRecord, 'status'> | undefined>,
  { header }: SignedHeader,
  facets: readonly Pick<DisclosedFacet, 'facet' | 'body'>[],
): Promise<Uint8Array | undefined> {
  const world = worldOfHeader(header);
  const named = subjectsOf(header.kind, facets);
  for (const digest of header.supersedes.length > 0 ? [header.supersedes, ...named] : named) {
    const record = await find(digest);
    if (record && worldOfRecord(record) !== world) return digest;
  }
  return undefined;
}
