/** Leaves that stand for nothing, and the order of a batch: what keeps the real leaves of a log from being counted. */
import { createHmac } from 'node:crypto';
import { lengthPrefixed, u64be, utf8 } from '../base/bytes.ts';
import type { Random } from '../base/clock.ts';

export const DUMMY_SECRET_BYTES = 32;

/**
 * Leaf hash of a dummy: HMAC-SHA256 over log and index, so that to anybody without the secret it is 32 bytes as random as
 * any SHA-256 of a header, and the owner can still tell which leaves are dummies.
 */
export const dummyLeaf = (secret: Uint8Array, log: string, index: bigint): Uint8Array =>
  new Uint8Array(
    createHmac('sha256', secret)
      .update(lengthPrefixed(utf8(log)))
      .update(u64be(index))
      .digest(),
  );

/** The items in an order that nobody can foresee (Fisher–Yates with unbiased draws). */
export function shuffle<Item>(items: readonly Item[], random: Random): Item[] {
  const out = [...items];
  for (let last = out.length - 1; last > 0; last--) {
    const other = uniformBelow(last + 1, random);
    const swapped = out[last] as Item;
    out[last] = out[other] as Item;
    out[other] = swapped;
  }
  return out;
}

/** Uniform over 0 to `bound` - 1: draws beyond the last whole multiple of the bound are thrown away. */
function uniformBelow(bound: number, random: Random): number {
  const limit = Math.floor(2 ** 32 / bound) * bound;
  for (;;) {
    const bytes = random.bytes(4);
    const drawn = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0);
    if (drawn < limit) return drawn % bound;
  }
}
