/** The words of a segment that a query word may stand for. */
import { doubled } from './growing.ts';
import type { PreparedName, QueryWord } from './query.ts';
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

/** Expansions kept, since names repeat. */
const KEPT = 16_384;

export class Expander {
  readonly #segment: Segment;
  readonly #listed: ListedWord;
  /** A bit for each listed word that was met, so that each is compared once: small enough to stay near. */
  readonly #met: Uint32Array;
  #metWords = new Uint32Array(4_096);
  readonly #kept = new Map<string, Expansion>();
  readonly #words = new Uint32Array(MOST_KEPT);
  readonly #agreements = new Float32Array(MOST_KEPT);
  readonly #how = new Uint8Array(MOST_KEPT);
  readonly #order = new Float64Array(MOST_KEPT);

  constructor(segment: Segment) {
    this.#segment = segment;
    this.#listed = new ListedWord(segment.arrays);
    this.#met = new Uint32Array((segment.words >>> 5) + 1);
  }

  /** Forgets what it kept: for measuring. */
  forget(): void {
    this.#kept.clear();
  }

  /** Words that agree by more than `least`. */
  of(word: QueryWord, least = 0): Expansion {
    const key = `${word.text}\u0000${word.flags}\u0000${least}`;
    const kept = this.#kept.get(key);
    if (kept) return kept;
    const made = this.#expand(word, least);
    if (this.#kept.size >= KEPT) this.#kept.clear();
    this.#kept.set(key, made);
    return made;
  }

  #expand(word: QueryWord, least: number): Expansion {
    const { bucketStart, keyWord, keyTag } = this.#segment.arrays;
    const agreeable = word.agreeable;
    const shift = this.#segment.bucketShift;
    const met = this.#met;
    let metWords = this.#metWords;
    let count = 0;
    let found = 0;
    for (let place = 0; place < word.keys.length; place++) {
      const key = word.keys[place] as number;
      const isAlike = place < word.alike;
      const bucket = bucketOf(key, shift);
      const tag = key & 0xff;
      const end = bucketStart[bucket + 1] as number;
      for (let at = bucketStart[bucket] as number; at < end; at++) {
        const beside = keyTag[at] as number;
        if (beside >>> 8 !== tag || (isAlike && agreeable[beside & 0xff] === 0)) continue;
        const listed = keyWord[at] as number;
        const bits = met[listed >>> 5] as number;
        const bit = 1 << (listed & 31);
        if ((bits & bit) !== 0) continue;
        met[listed >>> 5] = bits | bit;
        if (count === metWords.length) {
          metWords = doubled(metWords);
          this.#metWords = metWords;
        }
        metWords[count++] = listed;
        const agreement = word.agreement.with(this.#listed.at(listed), true);
        // The keys come nearest first: what no longer fits is further away than what is kept.
        if (agreement <= least || found === MOST_KEPT) continue;
        this.#words[found] = listed;
        this.#agreements[found] = agreement;
        this.#how[found] = word.agreement.how;
        found += 1;
      }
    }
    for (let at = 0; at < count; at++) met[(metWords[at] as number) >>> 5] = 0;
    return found === 0 ? NONE : this.#sorted(found);
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

/** What a name's words stand for in one segment. */
export interface Expanded {
  readonly single: readonly Expansion[];
  /** For words i and i + 1 together; undefined where they are not joined. */
  readonly joined: readonly (Expansion | undefined)[];
}

/** Two words written as one agree well or not at all. */
const LEAST_JOINED = 0.85;

export function expandName(name: PreparedName, expander: Expander): Expanded {
  const joined: (Expansion | undefined)[] = name.looked.map(() => undefined);
  for (const { first, word } of name.joined) joined[first] = expander.of(word, LEAST_JOINED);
  return { single: name.looked.map((word) => expander.of(word)), joined };
}
