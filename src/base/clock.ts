/** Time and randomness as ports, so that tests own both. */
import { randomFillSync } from 'node:crypto';

/** Wall-clock time. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  nowMs(): number;
}

/** Cryptographic randomness. */
export interface Random {
  /** `size` unpredictable bytes. */
  bytes(size: number): Uint8Array;
}

export const systemClock: Clock = { nowMs: () => Date.now() };

/**
 * One call into the generator costs more than the bytes of a salt, and a record has a salt a facet: so small requests share a
 * stock. What was handed out is wiped from it.
 */
const STOCK_BYTES = 4096;
const stock = new Uint8Array(STOCK_BYTES);
let used = STOCK_BYTES;

export const systemRandom: Random = {
  bytes: (size) => {
    if (size > STOCK_BYTES / 8) return randomFillSync(new Uint8Array(size));
    if (used + size > STOCK_BYTES) {
      randomFillSync(stock);
      used = 0;
    }
    const bytes = stock.slice(used, used + size);
    stock.fill(0, used, used + size);
    used += size;
    return bytes;
  },
};
