/** Hashing of RFC 6962 §2.1 with SHA-256: leaves and inner nodes are hashed apart, so neither can pass for the other. */
import { createHash, hash } from 'node:crypto';

/** Bytes of every hash in a tree. */
export const HASH_BYTES = 32;

const LEAF_PREFIX = Uint8Array.of(0);
const NODE_PREFIX = Uint8Array.of(1);

/** SHA-256(0x00 ‖ data). */
export const leafHash = (data: Uint8Array): Uint8Array =>
  new Uint8Array(createHash('sha256').update(LEAF_PREFIX).update(data).digest());

/** SHA-256(0x01 ‖ left ‖ right). */
export const nodeHash = (left: Uint8Array, right: Uint8Array): Uint8Array =>
  new Uint8Array(createHash('sha256').update(NODE_PREFIX).update(left).update(right).digest());

/** Root of the tree without leaves: SHA-256 of nothing. */
export const emptyRoot = (): Uint8Array => new Uint8Array(hash('sha256', new Uint8Array(0), 'buffer'));
