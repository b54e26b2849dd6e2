/**
 * Hash table from 32-bit hashes to numbers below 2^24, several to a hash: four bytes a slot, eight of their bits a tag of the
 * hash. It may give numbers that do not belong: whoever asks compares. Nothing is ever taken out; the owner builds anew.
 */
import { refuse } from './errors.ts';
import type { Sections } from './sections.ts';

/** Numbers that a slot can hold; 0 is an empty slot. */
export const MAX_NUMBER = 0xfffffe;

const MAX_LOAD = 0.8;
/** Load after a growth: memory between growths against how often the owner has to build anew. */
const FRESH_LOAD = 0.68;
const MIN_SLOTS = 1024;

export class KeyTable {
  #slots = new Uint32Array(MIN_SLOTS);
  #used = 0;

  /** Whether `more` keys fit; where not, the owner calls `reset` with all there are to be and puts every key again. */
  hasRoom(more: number): boolean {
    return this.#used + more <= this.#slots.length * MAX_LOAD;
  }

  /** Empties the table and makes room for `keys`. */
  reset(keys: number): void {
    this.#slots = new Uint32Array(Math.max(MIN_SLOTS, Math.ceil(keys / FRESH_LOAD)));
    this.#used = 0;
  }

  put(hash: number, number: number): void {
    if (number > MAX_NUMBER)
      throw refuse('INDEX_FULL', `expected at most ${MAX_NUMBER} numbers in one index: divide the list`);
    const slots = this.#slots;
    let at = Math.floor(hash * slots.length * 2 ** -32);
    while (slots[at] !== 0) if (++at === slots.length) at = 0;
    slots[at] = ((hash & 0xff) << 24) | (number + 1);
    this.#used++;
  }

  /** Appends to `found` the numbers that may have the hash, at most until it holds `most`. */
  find(hash: number, found: number[], most: number): void {
    const slots = this.#slots;
    const tag = hash & 0xff;
    let at = Math.floor(hash * slots.length * 2 ** -32);
    for (let slot = slots[at] ?? 0; slot !== 0; slot = slots[at] ?? 0) {
      if (slot >>> 24 === tag) {
        if (found.length >= most) return;
        found.push((slot & 0xffffff) - 1);
      }
      if (++at === slots.length) at = 0;
    }
  }

  save(name: string, sections: Sections): void {
    const { buffer, byteOffset, byteLength } = this.#slots;
    sections.put(name, new Uint8Array(buffer, byteOffset, byteLength));
  }

  load(name: string, sections: Sections): void {
    const bytes = sections.take(name).slice();
    this.#slots = new Uint32Array(bytes.buffer);
    this.#used = this.#slots.reduce((used, slot) => (slot === 0 ? used : used + 1), 0);
  }
}
