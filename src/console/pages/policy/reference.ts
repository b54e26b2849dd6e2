/** How people name a record: the header digest as the trail and addresses write it, or the record's id. Pure. */
import { base64OfHex } from '../../api/digest.ts';

const HEX = /^(?:[0-9a-f]{32}|[0-9a-f]{64})$/i;
/** 32 bytes. */
const DIGEST = /^[A-Za-z0-9+/_-]{43}=?$/;

/** Fields of a request that name the record; undefined for text that names none. */
export function readReference(
  text: string,
): { readonly headerDigest: string } | { readonly recordId: string } | undefined {
  const name = text.trim();
  if (HEX.test(name)) {
    const bytes = base64OfHex(name);
    return name.length === 64 ? { headerDigest: bytes } : { recordId: bytes };
  }
  if (!DIGEST.test(name)) return undefined;
  return { headerDigest: `${name.slice(0, 43).replaceAll('-', '+').replaceAll('_', '/')}=` };
}
