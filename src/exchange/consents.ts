/**
 * Consents of originators as they are held here: records like any other, believed by their originator's signature, and of
 * use only for the record that they name (design §6, R3).
 */
import { equalBytes, hex } from '../base/bytes.ts';
import { ConsentUse, OnwardConsent } from '../gen/tocsin/record/v1/onward_consent.ts';
import { CONSENT, kindOf, type SignedHeader } from '../record/index.ts';
import type { NewRecord, ReadTx, StoredFacet } from '../store/index.ts';
import type { ConsentView } from './ports.ts';

/** What a consent says, with what it takes to rely on it. */
export interface HeldConsent extends ConsentView {
  readonly headerDigest: Uint8Array;
  /** Who signed it. */
  readonly originator: string;
  /** Header digest of the record that it is about. */
  readonly target: Uint8Array;
  readonly conditions: readonly string[];
  /** It permits use as evidence, not passing on. */
  readonly evidence: boolean;
  /** Taken back by its originator. */
  readonly withdrawn: boolean;
}

/** The consent in the facets of a record of that kind; undefined for other kinds, or where the facet is not held. */
export function consentIn(
  record: Pick<NewRecord, 'headerDigest' | 'originator' | 'kind' | 'state'>,
  facets: readonly Pick<StoredFacet, 'facet' | 'body'>[],
): HeldConsent | undefined {
  if (record.kind !== CONSENT) return undefined;
  const name = kindOf(CONSENT)?.facets[0]?.name;
  const facet = facets.find((one) => one.facet === name && one.body.length > 0);
  if (!facet) return undefined;
  const consent = OnwardConsent.decode(facet.body);
  return {
    headerDigest: record.headerDigest,
    originator: record.originator,
    target: consent.record,
    facets: consent.facets,
    to: consent.to,
    expiresMs: Number(consent.expires),
    conditions: consent.conditions,
    evidence: consent.use === ConsentUse.CONSENT_USE_EVIDENCE,
    withdrawn: record.state !== 'released',
  };
}

/** Whether a consent speaks of passing this very record on: signed by its originator, naming its digest (R2, R3). */
export const isAbout = (consent: HeldConsent, signed: SignedHeader): boolean =>
  !consent.evidence &&
  consent.originator === signed.header.originator &&
  equalBytes(consent.target, signed.digest);

/** Consents among these header digests, by hexadecimal digest. */
export async function consentsByDigest(
  tx: Pick<ReadTx, 'records'>,
  digests: readonly Uint8Array[],
): Promise<Map<string, HeldConsent>> {
  const found = new Map<string, HeldConsent>();
  const wanted = [...new Map(digests.map((digest) => [hex(digest), digest])).values()];
  if (wanted.length === 0) return found;
  const facets = await tx.records.facetsOf(wanted);
  for (const record of await tx.records.byDigests(wanted)) {
    const key = hex(record.headerDigest);
    const consent = consentIn(record, facets.get(key) ?? []);
    if (consent) found.set(key, consent);
  }
  return found;
}

/** Every consent held about a record, whatever became of it, the one that lasts longest first. */
export async function consentsAbout(
  tx: Pick<ReadTx, 'records' | 'onward'>,
  target: { readonly headerDigest: Uint8Array; readonly originator: string },
): Promise<readonly HeldConsent[]> {
  const consents = await consentsByDigest(tx, await tx.onward.consentsOn(target.headerDigest));
  return [...consents.values()]
    .filter((consent) => consent.originator === target.originator)
    .sort((a, b) => b.expiresMs - a.expiresMs);
}
