/** Facets taken out of bytes that are kept as evidence: their place stays, salt and content become zeros. Pure. */
import { LIMITS } from '../base/limits.ts';
import { ParcelItem } from '../gen/tocsin/exchange/v1/parcel.ts';
import type { DisclosedFacet } from '../gen/tocsin/record/v1/header.ts';
import { judgeMessage } from '../record/index.ts';

export interface Blanked {
  readonly bytes: Uint8Array;
  /** What was taken out. */
  readonly facets: readonly DisclosedFacet[];
}

const isBlank = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);

/**
 * A parcel's item without the named facets (undefined = all): who sent what about which record stays provable, what it said
 * is gone. Bytes that are no parcel item hold no facets and come back as they are.
 */
export function blankItem(bytes: Uint8Array, names?: ReadonlySet<string>): Blanked {
  const judged = judgeMessage(ParcelItem, 'tocsin.exchange.v1.ParcelItem', bytes, LIMITS.messageBytes);
  if (!judged.ok) return { bytes, facets: [] };
  const item = judged.value;
  const taken = item.facets.filter(({ facet, salt }) => (names?.has(facet) ?? true) && !isBlank(salt));
  if (taken.length === 0) return { bytes, facets: [] };
  const facets = item.facets.map((facet) =>
    taken.includes(facet)
      ? { ...facet, salt: Buffer.alloc(facet.salt.length), body: Buffer.alloc(facet.body.length) }
      : facet,
  );
  return { bytes: ParcelItem.encode({ ...item, facets }).finish(), facets: taken };
}

/** Every occurrence of the needles replaced by zeros of the same length, so that what encloses them still reads. */
export function blankBytes(bytes: Uint8Array, needles: readonly Uint8Array[]): Uint8Array {
  const out = Buffer.from(bytes);
  for (const needle of needles) {
    if (needle.length === 0) continue;
    for (let at = out.indexOf(needle); at >= 0; at = out.indexOf(needle, at + needle.length))
      out.fill(0, at, at + needle.length);
  }
  return out;
}
