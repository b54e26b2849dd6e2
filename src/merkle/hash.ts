/** Hashing of RFC 6962 §2.1 with SHA-256: leaves and inner nodes are hashed apart, so neither can pass for the other. */
import { hash } from 'node:crypto';

/** Bytes of every hash in a tree. */
export const HASH_BYTES = 32;

const LEAF_PREFIX = 0;
const NODE_PREFIX = 1;

/** One call over bytes laid side by side costs half of one that takes them in turn. */
const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(hash('sha256', bytes, 'buffer'));

const prefixed = (prefix: number, ...parts: readonly Uint8Array[]): Uint8Array =>
  sha256(Buffer.concat([Uint8Array.of(prefix), ...parts]));

/** SHA-256(0x00 ‖ data). */
export const leafHash = (data: Uint8Array): Uint8Array => prefixed(LEAF_PREFIX, data);

const pair = Uint8Array.of(NODE_PREFIX, ...new Uint8Array(2 * HASH_BYTES));

/** SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  // What a stranger shows as a hash may be of any length; it hashes to something that equals nothing.
  if (left.length !== HASH_BYTES || right.length !== HASH_BYTES) return prefixed(NODE_PREFIX, left, right);
  pair.set(left, 1);
  pair.set(right, 1 + HASH_BYTES);
  return sha256(pair);
}

/** Root of the tree without leaves: SHA-256 of nothing. */
export const emptyRoot = (): Uint8Array => sha256(new Uint8Array(0));
