/** The words of a segment that a query word may stand for. */
import { Agreements } from './agree.ts';
import { doubled } from './growing.ts';
import type { QueryWord } from './query-word.ts';
import { bucketOf, ListedWord, type Segment } from './segment.ts';

/** Words that agree, best first; arrays of one length. */
export interface Expansion {
  readonly words: Uint32Array;
  readonly agreements: Float32Array;
  /** Of `How`. */
  readonly how: Uint8Array;
  /** Postings of the first 1, 2, … words together. */
  readonly postings: Uint32Array;
  /** Names that have the word in a spelling close enough to count as the same. */
  readonly frequency: number;
  /** The best agreement; 0 = no word agrees. */
  readonly best: number;
}

const NONE: Expansion = {
  words: new Uint32Array(0),
  agreements: new Float32Array(0),
  how: new Uint8Array(0),
  postings: new Uint32Array(0),
  frequency: 0,
  best: 0,
};

/** From here on two spellings are counted as one word, when it is asked how rare a word is. */
const SAME_WORD = 0.88;

/** Words kept for one query word, the best ones. */
const MOST_KEPT = 4_096;

/** Finer than the bits of an agreement. */
const STEPS_OF_AGREEMENT = 2 ** 26;

/** Words of which something is kept, since names repeat (`query-words.ts`). */
const KEPT = 16_384;

/** What is known of a word that was looked up. */
interface Known {
  /** Of `frequencyOf`; -1 = not asked yet. */
  near: number;
  expansion: Expansion | undefined;
}

export class Expander {
  readonly #segment: Segment;
  readonly #listed: ListedWord;
  /** A bit for each listed word that was met, so that each is compared once: small enough to stay near. */
  readonly #met: Uint32Array;
  /** Words that stand under the keys looked up. */
  #found = new Uint32Array(4_096);
  #starts = new Uint32Array(512);
  #ends = new Uint32Array(512);
  readonly #kept = new Map<QueryWord, Known>();
  readonly #words = new Uint32Array(MOST_KEPT);
  readonly #agreements = new Float32Array(MOST_KEPT);
  readonly #how = new Uint8Array(MOST_KEPT);
  readonly #order = new Float64Array(MOST_KEPT);
  readonly #agree = new Agreements();
  /** Where what is read ahead goes, so that reading it is not left out. */
  readAhead = 0;

  constructor(segment: Segment) {
    this.#segment = segment;
    this.#listed = new ListedWord(segment.arrays);
    this.#met = new Uint32Array((segment.words >>> 5) + 1);
  }

  /** Forgets what it kept: for measuring. */
  forget(): void {
    this.#kept.clear();
  }

  /** Words that agree. */
  of(word: QueryWord): Expansion {
    const known = this.#knownOf(word);
    known.expansion ??= this.#expand(word);
    return known.expansion;
  }

  /** Whether `of` would answer at once. */
  has(word: QueryWord): boolean {
    return this.#knownOf(word).expansion !== undefined;
  }

  /** Names that have the word, one of its class, or one that sounds as it does and is close enough to count as the same. */
  frequencyOf(word: QueryWord): number {
    const known = this.#knownOf(word);
    if (known.near >= 0) return known.near;
    this.#seek(word, 0, 1);
    const first = this.#entries(word, 0, 1, 0);
    this.#seek(word, word.alike, word.near);
    const count = this.#once(this.#entries(word, word.alike, word.near, first));
    word.agreement.withMany(this.#found, count, this.#listed, true, this.#agree);
    const { values } = this.#agree;
    let frequency = 0;
    for (let at = 0; at < count; at++)
      if ((values[at] as number) >= SAME_WORD)
        frequency += this.#segment.frequency(this.#found[at] as number);
    known.near = frequency;
    return frequency;
  }

  /** Entries of the key table that expanding a word reads. */
  entriesOf(word: QueryWord): number {
    const { bucketStart } = this.#segment.arrays;
    const shift = this.#segment.bucketShift;
    let entries = 0;
    for (const key of word.keys) {
      const bucket = bucketOf(key, shift);
      entries += (bucketStart[bucket + 1] as number) - (bucketStart[bucket] as number);
    }
    return entries;
  }

  #knownOf(word: QueryWord): Known {
    const kept = this.#kept.get(word);
    if (kept) return kept;
    if (this.#kept.size >= KEPT) this.#kept.clear();
    const known: Known = { near: -1, expansion: undefined };
    this.#kept.set(word, known);
    return known;
  }

  #expand(word: QueryWord): Expansion {
    this.#seek(word, 0, word.keys.length);
    const count = this.#once(this.#entries(word, 0, word.keys.length, 0));
    const found = this.#found;
    word.agreement.withMany(found, count, this.#listed, true, this.#agree);
    const { values, how } = this.#agree;
    let kept = 0;
    for (let at = 0; at < count; at++) {
      const agrees = values[at] as number;
      if (agrees <= word.least) continue;
      // The keys come nearest first: what no longer fits is further away than what is kept.
      if (kept === MOST_KEPT) break;
      this.#words[kept] = found[at] as number;
      this.#agreements[kept] = agrees;
      this.#how[kept] = how[at] as number;
      kept += 1;
    }
    return kept === 0 ? NONE : this.#sorted(kept);
  }

  // Looking a word up is waiting for memory, some hundred places in megabytes of keys and words. Each step reads all its places in a loop that
  // depends on nothing it reads, so that the processor waits for many of them at once.

  /** Finds the buckets of keys `from` to `to`. */
  #seek({ keys }: QueryWord, from: number, to: number): void {
    const { bucketStart, keyEntries } = this.#segment.arrays;
    const shift = this.#segment.bucketShift;
    if (this.#starts.length < keys.length) {
      this.#starts = new Uint32Array(keys.length * 2);
      this.#ends = new Uint32Array(keys.length * 2);
    }
    const starts = this.#starts;
    const ends = this.#ends;
    for (let place = from; place < to; place++) {
      const bucket = bucketOf(keys[place] as number, shift);
      starts[place] = bucketStart[bucket] as number;
      ends[place] = bucketStart[bucket + 1] as number;
    }
    let read = 0;
    for (let place = from; place < to; place++) read ^= keyEntries[starts[place] as number] as number;
    this.readAhead ^= read;
  }

  /** Writes the words under these keys behind the first `count` ones, one for each key; how many there are then. */
  #entries({ keys, alike, agreeable }: QueryWord, from: number, to: number, count: number): number {
    const { keyEntries } = this.#segment.arrays;
    const { wordMask, sketchShift, tagShift, tagMask } = this.#segment.keyEntries;
    const starts = this.#starts;
    const ends = this.#ends;
    let found = this.#found;
    for (let place = from; place < to; place++) {
      const tag = (keys[place] as number) & tagMask;
      const end = ends[place] as number;
      const start = starts[place] as number;
      while (count + end - start > found.length) found = doubled(found);
      const isAlike = place < alike;
      for (let at = start; at < end; at++) {
        const entry = keyEntries[at] as number;
        if (entry >>> tagShift !== tag || (isAlike && agreeable[(entry >>> sketchShift) & 0xff] === 0))
          continue;
        found[count++] = entry & wordMask;
      }
    }
    this.#found = found;
    return count;
  }

  /** Leaves each of the words found once, in the same order; how many there are. */
  #once(entries: number): number {
    const found = this.#found;
    const met = this.#met;
    let count = 0;
    for (let at = 0; at < entries; at++) {
      const listed = found[at] as number;
      const bits = met[listed >>> 5] as number;
      const bit = 1 << (listed & 31);
      if ((bits & bit) !== 0) continue;
      met[listed >>> 5] = bits | bit;
      found[count++] = listed;
    }
    for (let at = 0; at < count; at++) met[(found[at] as number) >>> 5] = 0;
    return count;
  }

  #sorted(found: number): Expansion {
    // One number for both, so that no comparison has to be called: 1 less the agreement, then the place.
    const order = this.#order.subarray(0, found);
    for (let at = 0; at < found; at++)
      order[at] = Math.round((1 - (this.#agreements[at] as number)) * STEPS_OF_AGREEMENT) * MOST_KEPT + at;
    order.sort();
    // One piece of memory for the four: there are many, most of them short.
    const buffer = new ArrayBuffer(found * 13);
    const words = new Uint32Array(buffer, 0, found);
    const agreements = new Float32Array(buffer, found * 4, found);
    const postings = new Uint32Array(buffer, found * 8, found);
    const how = new Uint8Array(buffer, found * 12, found);
    let names = 0;
    let frequency = 0;
    for (let at = 0; at < found; at++) {
      const from = (order[at] as number) % MOST_KEPT;
      const word = this.#words[from] as number;
      const count = this.#segment.frequency(word);
      names += count;
      words[at] = word;
      agreements[at] = this.#agreements[from] as number;
      how[at] = this.#how[from] as number;
      postings[at] = names;
      if ((agreements[at] as number) >= SAME_WORD) frequency += count;
    }
    return {
      words,
      agreements,
      how,
      postings,
      frequency,
      best: agreements[0] as number,
    };
  }
}
