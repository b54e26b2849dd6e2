/** Numbers that are the same in every run: a hash that orders rows, and a seeded generator. Not for secrets. */

/** 32 bits of a text; order by it is the same on every machine. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  return (hash ^ (hash >>> 15)) >>> 0;
}

/** Rows in the order of their hashes: any beginning of it is a fair sample. */
export function inHashOrder<T>(rows: readonly T[], keyOf: (row: T) => string): readonly T[] {
  return rows
    .map((row) => ({ row, key: keyOf(row) }))
    .map((one) => ({ ...one, hash: hashOf(one.key) }))
    .sort((a, b) => a.hash - b.hash || (a.key < b.key ? -1 : 1))
    .map(({ row }) => row);
}

/** A seeded generator (mulberry32). */
export class Seeded {
  #state: number;

  constructor(seed: string) {
    this.#state = hashOf(seed);
  }

  /** 0 ≤ number < 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number below `bound`. */
  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  /** Throws for an empty array. */
  pick<T>(values: readonly T[]): T {
    const at = this.below(values.length);
    if (at >= values.length) throw new Error('expected something to pick from, got an empty array');
    return values[at] as T;
  }
}
