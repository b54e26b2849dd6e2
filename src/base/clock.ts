/** Time and randomness as ports, so that tests own both. */
import { randomBytes } from 'node:crypto';

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

export const systemRandom: Random = { bytes: (size) => new Uint8Array(randomBytes(size)) };
