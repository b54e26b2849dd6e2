/** A record as one holder sees it: what is disclosed, and the names of what is withheld. */
import type { DisclosedFacet } from '../gen/tocsin/record/v1/header.ts';
import type { SignedHeader } from './header.ts';

export interface RecordView {
  readonly signed: SignedHeader;
  readonly disclosed: ReadonlyMap<string, DisclosedFacet>;
  /** In the order of the commitments. A withheld facet may be empty: nobody can tell. */
  readonly withheld: readonly string[];
}

/** The view of facets that were judged before. */
export function viewOf(signed: SignedHeader, facets: readonly DisclosedFacet[]): RecordView {
  const disclosed = new Map(facets.map((facet) => [facet.facet, facet]));
  const withheld = signed.header.commitments
    .map((commitment) => commitment.facet)
    .filter((name) => !disclosed.has(name));
  return { signed, disclosed, withheld };
}
