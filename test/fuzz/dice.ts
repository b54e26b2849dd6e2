/** Chance that can be repeated: every choice of a run follows from one seed. */

/** One text to one 32-bit number (FNV-1a), so that a target's name and an input's number give a seed of their own. */
export function seedOf(...parts: readonly (string | number)[]): number {
  let hash = 0x811c9dc5;
  for (const character of parts.join('\u0000')) {
    hash ^= character.codePointAt(0) ?? 0;
    hash = Math.imul(hash, 0x01000193);
  }
  return hash >>> 0;
}

/** Numbers out of a seed (splitmix32). */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** An unsigned number of 32 bits. */
  word(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  }

  /** From 0 up to, not including, `limit`; 0 where there is no room. */
  below(limit: number): number {
    return limit < 1 ? 0 : this.word() % limit;
  }

  /** Whether one of `of` falls. */
  once(of: number): boolean {
    return this.below(of) === 0;
  }

  /** One of several; throws where there is none. */
  pick<Item>(items: readonly Item[]): Item {
    const item = items[this.below(items.length)];
    if (items.length === 0) throw new RangeError('expected something to pick from');
    return item as Item;
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.word() & 0xff);
  }

  /** Small most of the time, seldom as large as `most`. */
  length(most: number): number {
    return this.below(Math.min(most, this.pick([4, 4, 16, 64, 1024, most])) + 1);
  }
}
