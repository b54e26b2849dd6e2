/**
 * Facets and their salted commitments: what is left out of a record stays provable, what is shown cannot differ from what
 * was signed (the idea of RFC 9901 and of ISO/IEC 18013-5, over bytes instead of claims).
 */
import { equalBytes } from '../base/bytes.ts';
import { LIMITS } from '../base/limits.ts';
import { believed, disbelieved, type Verdict } from '../base/verdict.ts';
import type { DisclosedFacet } from '../gen/tocsin/record/v1/header.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { DIGEST_BYTES, type SignedHeader } from './header.ts';
import type { FacetClass } from './kind-row.ts';
import { kindOf } from './kinds.ts';
import { isForbiddenName } from './never.ts';
import { sha256 } from './signed.ts';
import { wireFault } from './wire.ts';

export const SALT_BYTES = 32;

/** What a commitment is made of. */
export interface FacetPreimage {
  readonly recordId: Uint8Array;
  readonly revision: number;
  readonly facet: string;
  /** 32 random bytes, fresh for every facet and revision: equal digests would say that nothing changed. */
  readonly salt: Uint8Array;
  readonly body: Uint8Array;
}

const LABEL = 'tocsin/facet/v1\n';

/** SHA-256 over label ‖ lp(record id) ‖ u32be(revision) ‖ lp(facet name) ‖ salt ‖ lp(body), lp(x) = u32be(length) ‖ x. */
export function commitFacet(of: FacetPreimage): Uint8Array {
  const { recordId, revision, facet, salt, body } = of;
  const nameLength = Buffer.byteLength(facet);
  // One buffer instead of a concatenation of parts: this runs for every facet of every record that passes.
  const preimage = Buffer.allocUnsafe(
    LABEL.length + 4 + recordId.length + 4 + 4 + nameLength + salt.length + 4 + body.length,
  );
  let at = preimage.write(LABEL, 'latin1');
  at = preimage.writeUInt32BE(recordId.length, at);
  preimage.set(recordId, at);
  at = preimage.writeUInt32BE(revision, at + recordId.length);
  at = preimage.writeUInt32BE(nameLength, at);
  at += preimage.write(facet, at, 'utf8');
  preimage.set(salt, at);
  at = preimage.writeUInt32BE(body.length, at + salt.length);
  preimage.set(body, at);
  return sha256(preimage);
}

/** Whether facets of this class never leave their node (R9). */
export const isNeverDisclosed = (facetClass: FacetClass): boolean => facetClass === 'X' || facetClass === 'N';

/** Whether a facet never leaves its node; an unknown kind is judged by the facet's name. */
export function isForbiddenFacet(kind: string, facet: string): boolean {
  const facetClass = kindOf(kind)?.facets.find((row) => row.name === facet)?.class;
  return facetClass === undefined ? isForbiddenName(facet) : isNeverDisclosed(facetClass);
}

/**
 * Whether disclosed facets are the ones that the header commits to: MALFORMED (twice the same, salt length), TOO_LARGE,
 * FORBIDDEN_FACET, COMMITMENT_MISMATCH, and RECORD_INVALID where the originator committed to bytes that are no message of
 * the facet's type. `own` permits the facets that never leave, for the originator reading its own store.
 */
export function judgeFacets(
  signed: SignedHeader,
  facets: readonly DisclosedFacet[],
  options: { readonly own?: boolean } = {},
): Verdict<true, Reason> {
  const { header } = signed;
  const commitments = new Map(header.commitments.map(({ facet, digest }) => [facet, digest]));
  const row = kindOf(header.kind);
  const readable = row !== undefined && row.schemaVersion === header.schemaVersion;
  const seen = new Set<string>();
  for (const { facet, salt, body } of facets) {
    const facts = { facet: facet.slice(0, 32) };
    if (seen.has(facet)) return disbelieved(Reason.REASON_MALFORMED, 'expected each facet once', facts);
    seen.add(facet);
    if (options.own !== true && isForbiddenFacet(header.kind, facet))
      return disbelieved(
        Reason.REASON_FORBIDDEN_FACET,
        'expected no facet that must stay with its originator',
        facts,
      );
    const committed = commitments.get(facet);
    if (committed === undefined)
      return disbelieved(
        Reason.REASON_COMMITMENT_MISMATCH,
        'expected a facet that the header commits to',
        facts,
      );
    if (body.length > LIMITS.facetBytes)
      return disbelieved(
        Reason.REASON_TOO_LARGE,
        `expected a facet of at most ${LIMITS.facetBytes} bytes, got ${body.length}`,
        facts,
      );
    if (salt.length !== SALT_BYTES || committed.length !== DIGEST_BYTES)
      return disbelieved(Reason.REASON_MALFORMED, 'expected a salt of 32 bytes', facts);
    const digest = commitFacet({ recordId: header.recordId, revision: header.revision, facet, salt, body });
    if (!equalBytes(digest, committed))
      return disbelieved(
        Reason.REASON_COMMITMENT_MISMATCH,
        'expected the bytes and salt that were signed',
        facts,
      );
    const typeName = readable ? row.facets.find((known) => known.name === facet)?.typeName : undefined;
    const fault = typeName === undefined ? undefined : wireFault(typeName, body);
    if (fault !== undefined)
      return disbelieved(Reason.REASON_RECORD_INVALID, `expected a message, got ${fault}`, facts);
  }
  return believed(true);
}
