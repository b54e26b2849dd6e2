/**
 * Hashes of keys, 32 bits. A key's hash is the sum of its places' hashes, so that the hash with one place blanked costs one
 * subtraction and one addition instead of a walk over the key.
 */

export const KeyUse = { entry: 1, whole: 2, blanked: 3, core: 4, gram: 5 } as const;
export type KeyUse = (typeof KeyUse)[keyof typeof KeyUse];

/** No UTF-16 code unit of a key. */
const BLANK = 0x10000;

/** Hash of one character at one place. */
function placeHash(code: number, index: number): number {
  let hash = Math.imul(code + 0x51ed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35);
  return hash ^ (hash >>> 13);
}

/** Sum over the places of a key. */
export function keySum(key: string): number {
  let sum = 0;
  for (let index = 0; index < key.length; index++) sum = (sum + placeHash(key.charCodeAt(index), index)) | 0;
  return sum;
}

/** The sum with one place blanked. */
export const blankedSum = (sum: number, key: string, index: number): number =>
  (sum - placeHash(key.charCodeAt(index), index) + placeHash(BLANK, index)) | 0;

/** Hash for a table, unsigned: uses and schemes are told apart, and so are lengths. */
export function finishHash(sum: number, use: KeyUse, scheme: number, length: number): number {
  let hash = sum ^ Math.imul((use << 16) | (scheme << 8) | (length & 0xff), 0x27d4eb2f);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

export const keyHash = (key: string, use: KeyUse, scheme: number): number =>
  finishHash(keySum(key), use, scheme, key.length);

/** Which characters and which neighbours a key has, 16 bits each: what a key lacks, no pattern made of it can ask for. */
export function traitsOf(key: string): number {
  let traits = 0;
  // The ends are neighbours too: an anchored pattern asks for them.
  let before = 1;
  for (let index = 0; index <= key.length; index++) {
    const code = index < key.length ? key.charCodeAt(index) : 2;
    if (!isGap(code)) {
      if (index < key.length) traits |= 1 << (traitHash(code) & 15);
      if (!isGap(before)) traits |= 0x10000 << (traitHash(before * 131 + code) & 15);
    }
    before = code;
  }
  return traits >>> 0;
}

const traitHash = (value: number): number => Math.imul(value, 0x9e3779b1) >>> 26;

const isGap = (code: number): boolean => code === 0x3f || code === 0x2a;
