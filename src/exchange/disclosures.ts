/** What forwarders tell us of our own records: kept in the transaction that takes it, so that the list of holders is true. */
import { Disclosure } from '../gen/tocsin/record/v1/disclosure.ts';
import type { DisclosedFacet } from '../gen/tocsin/record/v1/header.ts';
import { kindOf, type SignedHeader } from '../record/index.ts';
import type { DisclosureEntry } from '../store/index.ts';

const DISCLOSURE = 'disclosure';

/** The disclosure in a record of that kind; undefined for other kinds, or where the facet is withheld. */
export function disclosureIn(
  { digest, header }: SignedHeader,
  facets: readonly DisclosedFacet[],
): DisclosureEntry | undefined {
  if (header.kind !== DISCLOSURE) return undefined;
  const name = kindOf(DISCLOSURE)?.facets[0]?.name;
  const facet = facets.find((one) => one.facet === name && one.body.length > 0);
  if (!facet) return undefined;
  const { record, recipient, facets: names, basis, consent, at } = Disclosure.decode(facet.body);
  return {
    headerDigest: record,
    recipient,
    forwarder: header.originator,
    facets: names,
    basis,
    disclosureDigest: digest,
    at: Number(at),
    ...(consent.length > 0 && { consent }),
  };
}
