/**
 * An entry of the key table in 32 bits: from the low end the word, its sketch, and as many bits of the key as are left. One read tells what
 * stands there and whether it is worth looking at.
 */
import { SKETCH_BITS } from './sketch.ts';

const ENTRY_BITS = 32;
/** Words that a table can name; a bit of the key is left then. */
export const MOST_KEYED_WORDS = 2 ** 23;

export class KeyEntries {
  /** What of an entry is the word. */
  readonly wordMask: number;
  /** Bits below the sketch. */
  readonly sketchShift: number;
  /** Bits below the key's. */
  readonly tagShift: number;
  /** What of a key stands in an entry. */
  readonly tagMask: number;

  /** Entries of a table of so many words, `MOST_KEYED_WORDS` at most. */
  constructor(words: number) {
    this.sketchShift = ENTRY_BITS - Math.clz32(Math.max(1, words - 1));
    this.wordMask = 2 ** this.sketchShift - 1;
    this.tagShift = this.sketchShift + SKETCH_BITS;
    this.tagMask = 2 ** (ENTRY_BITS - this.tagShift) - 1;
  }

  of(word: number, sketch: number, key: number): number {
    return (word | (sketch << this.sketchShift) | ((key & this.tagMask) << this.tagShift)) >>> 0;
  }
}
