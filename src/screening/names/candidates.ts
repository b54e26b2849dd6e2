/**
 * Names of a segment that may have as much of a query as the cut asks for: gathered out of the postings of its cheapest words, then bounded by
 * its other words, until nobody else can be among them.
 */
import type { Expansion } from './expand.ts';
import type { Expanded } from './expanded.ts';
import { doubled } from './growing.ts';
import { compoundKey } from './keys.ts';
import { opening, openings } from './opening.ts';
import { WordFlag } from './particles.ts';
import type { PreparedName } from './query.ts';
import type { QuerySide } from './query-side.ts';
import { JOINED, leftOf } from './score.ts';
import { bucketOf, type Segment } from './segment.ts';
import { SHORTEST_COMPOUND } from './segment-build.ts';
import { MAX_WORDS } from './words.ts';

/** Postings that are read for the cost of looking at one candidate's words, and of one entry of the key table when a word is looked up. */
const POSTINGS_A_LOOK = 40;
const POSTINGS_AN_ENTRY = 8;

/** How a candidate was met: by its words, by one for two of the query, by two for one. */
const BY_WORDS = 0;
const BY_JOINED = 1;
export const BY_COMPOUND = 2;

/** Arrays have a place for each candidate, its slot. */
export class Candidates {
  count = 0;
  names = new Uint32Array(4_096);
  /** What agrees with the query at most, by weight. */
  sums = new Float32Array(4_096);
  /** Sum of `leftOf` over words of the candidate that agree with a word of the query, each as often as it does. */
  explained = new Float32Array(4_096);
  /** How a candidate was met besides by single words; BY_COMPOUND is a bit. */
  met = new Uint8Array(4_096);
  readonly #segment: Segment;
  /** A bit for each name that is a candidate: small enough to stay near, as most names that are read are none. */
  readonly #opened: Uint32Array;
  /** Slot of a candidate. */
  readonly #slotOf: Uint32Array;
  #lastWord = new Int16Array(4_096);
  /** Slots of the candidates that may still come to what is needed. */
  #kept = new Uint32Array(4_096);
  /** Words of these, one after the other. */
  #theirWords = new Uint32Array(16_384);
  #newWords = new Uint32Array(16_384);
  readonly #most = new Float32Array(MAX_WORDS);
  /** Candidates among the postings at hand. */
  #met = new Uint32Array(4_096);
  /** Where the postings of each word that is read begin and end. */
  #starts = new Uint32Array(4_096);
  #ends = new Uint32Array(4_096);
  /** Where what is read ahead goes, so that reading it is not left out. */
  readAhead = 0;

  constructor(segment: Segment) {
    this.#segment = segment;
    this.#opened = new Uint32Array((segment.names >>> 5) + 1);
    this.#slotOf = new Uint32Array(segment.names);
  }

  /** Finds the names that may have so much of a query, with what they have at most. */
  find(name: PreparedName, expanded: Expanded, side: QuerySide, needed: number): void {
    this.#forget();
    const { weights } = side;
    const costs = side.costs();
    const opened = opening(costs, weights, needed);
    const expansions = opened.map((word) => side.lookUp(word));
    const own = opened.map((word) => weights[word] as number);
    const others = side.whole - own.reduce((sum, weight) => sum + weight, 0);
    const read = openings(expansions, own, needed - others);
    for (const [place, word] of opened.entries())
      this.#open(word, expansions[place] as Expansion, read[place] as number, own[place] as number);
    this.#readJoined(name, expanded, weights);
    if (this.count === 0) return;
    this.#complete(side, costs, needed, (word) => {
      const place = opened.indexOf(word);
      return place < 0 ? 0 : (read[place] as number);
    });
  }

  #forget(): void {
    for (let slot = 0; slot < this.count; slot++) this.#opened[(this.names[slot] as number) >>> 5] = 0;
    this.count = 0;
  }

  /**
   * Takes into account what was not read yet, the cheapest first, for as long as that costs less than looking at the words of those candidates
   * that may still come to what a name needs.
   */
  #complete(
    side: QuerySide,
    costs: readonly number[],
    needed: number,
    readOf: (word: number) => number,
  ): void {
    const left = this.#leftToRead(side, costs, readOf);
    let open = left.reduce((sum, { most }) => sum + most, 0);
    for (const { word, postings, most } of left) {
      const kept = this.#keep(needed - open);
      if (kept === 0) {
        this.#forget();
        return;
      }
      if (postings > kept * POSTINGS_A_LOOK) {
        this.#lookAt(side, kept);
        return;
      }
      const expansion = side.lookUp(word);
      this.#add(word, expansion, readOf(word), side.weights[word] as number);
      open -= most;
    }
  }

  /** Words of the query with what reading the rest of each costs, in postings, and the most that it may still add; the cheapest first. */
  #leftToRead(
    side: QuerySide,
    costs: readonly number[],
    readOf: (word: number) => number,
  ): readonly { readonly word: number; readonly postings: number; readonly most: number }[] {
    const left: { word: number; postings: number; most: number }[] = [];
    for (let word = 0; word < side.words; word++) {
      const weight = side.weights[word] as number;
      if (weight === 0) continue;
      if (!side.isLookedUp(word)) {
        left.push({ word, postings: (costs[word] as number) * POSTINGS_AN_ENTRY, most: weight });
        continue;
      }
      const { postings, agreements } = side.lookUp(word);
      const read = readOf(word);
      if (read === agreements.length) continue;
      const before = read === 0 ? 0 : (postings[read - 1] as number);
      left.push({
        word,
        postings: (postings.at(-1) ?? 0) - before,
        most: weight * (agreements[read] as number),
      });
    }
    return left.sort((one, other) => one.postings - other.postings);
  }

  /** Keeps the slots of the candidates that have so much already; how many there are. */
  #keep(least: number): number {
    if (this.#kept.length < this.count) this.#kept = new Uint32Array(this.names.length);
    const kept = this.#kept;
    const sums = this.sums;
    let count = 0;
    for (let slot = 0; slot < this.count; slot++)
      // Two words written as one are read last, and are not among the name's words: anything is possible there.
      if ((sums[slot] as number) >= least || this.met[slot] !== BY_WORDS) kept[count++] = slot;
    return count;
  }

  /** Bounds of the candidates kept by their own words; the others cannot come to what is needed. */
  #lookAt(side: QuerySide, kept: number): void {
    let next = 0;
    for (let slot = 0; slot < this.count; slot++)
      if (next < kept && this.#kept[next] === slot) next += 1;
      else this.sums[slot] = Number.NEGATIVE_INFINITY;
    side.fillTable();
    const words = this.#gather(kept);
    if (!side.isAllLookedUp) this.#compare(side, words);
    this.#boundByWords(side, kept);
  }

  // Each step reads all its places in a loop that depends on nothing it reads, so that the processor waits for many of them at once.

  /** The words of the candidates kept, one after the other; how many there are. */
  #gather(count: number): number {
    const { nameStart, nameWords } = this.#segment.arrays;
    const names = this.names;
    const kept = this.#kept;
    let words = 0;
    for (let place = 0; place < count; place++) {
      const name = names[kept[place] as number] as number;
      words += (nameStart[name + 1] as number) - (nameStart[name] as number);
    }
    while (words > this.#theirWords.length) this.#theirWords = doubled(this.#theirWords);
    const theirs = this.#theirWords;
    let to = 0;
    for (let place = 0; place < count; place++) {
      const name = names[kept[place] as number] as number;
      const end = nameStart[name + 1] as number;
      for (let at = nameStart[name] as number; at < end; at++) theirs[to++] = nameWords[at] as number;
    }
    return words;
  }

  /** Compares the words gathered with those of the query that were not looked up, each once. */
  #compare(side: QuerySide, words: number): void {
    const theirs = this.#theirWords;
    const news = this.#newWords.length < words ? new Uint32Array(theirs.length) : this.#newWords;
    this.#newWords = news;
    let count = 0;
    for (let at = 0; at < words; at++) {
      const word = theirs[at] as number;
      if (side.table.reserve(word)) news[count++] = word;
    }
    side.compare(news, count);
  }

  #boundByWords(side: QuerySide, count: number): void {
    const { nameStart, wordWeight } = this.#segment.arrays;
    const { table, words, weights } = side;
    const theirs = this.#theirWords;
    const most = this.#most;
    let at = 0;
    for (let place = 0; place < count; place++) {
      const slot = this.#kept[place] as number;
      const name = this.names[slot] as number;
      for (let query = 0; query < words; query++) most[query] = 0;
      let explained = 0;
      const end = at + (nameStart[name + 1] as number) - (nameStart[name] as number);
      for (; at < end; at++) {
        const word = theirs[at] as number;
        const row = table.row(word);
        if (row < 0) continue;
        explained += leftOf(wordWeight[word] as number);
        for (let query = 0; query < words; query++) {
          const agreement = table.agreement(row, query);
          if (agreement > (most[query] as number)) most[query] = agreement;
        }
      }
      let sum = 0;
      for (let query = 0; query < words; query++) sum += (most[query] as number) * (weights[query] as number);
      // Two words written as one were read last, and are not among the name's words: anything is possible there.
      this.explained[slot] = explained;
      this.sums[slot] = this.met[slot] === BY_WORDS ? sum : side.whole;
    }
  }

  #readJoined(name: PreparedName, expanded: Expanded, weights: Float32Array): void {
    const words = name.looked.length;
    for (const [first, expansion] of expanded.joined.entries())
      if (expansion) {
        const both = (weights[first] as number) + (weights[first + 1] as number);
        this.#open(words + first, expansion, expansion.words.length, both * JOINED, BY_JOINED);
      }
    const { compoundStart, compoundName } = this.#segment.arrays;
    const shift = this.#segment.compoundShift;
    for (const [index, word] of name.looked.entries()) {
      if (word.to < SHORTEST_COMPOUND || (word.flags & WordFlag.unvowelled) !== 0) continue;
      const bucket = bucketOf(compoundKey(word.bytes, 0, word.to, word.bytes, 0, 0), shift);
      const end = compoundStart[bucket + 1] as number;
      for (let at = compoundStart[bucket] as number; at < end; at++)
        this.#addCompound(compoundName[at] as number, 2 * words + index, (weights[index] as number) * JOINED);
    }
  }

  /** Makes each name with one of these words of the expansion a candidate, and adds the best agreement. */
  #open(
    index: number,
    { words, agreements }: Expansion,
    to: number,
    weight: number,
    met: typeof BY_WORDS | typeof BY_JOINED = BY_WORDS,
  ): void {
    const { postings, wordWeight } = this.#segment.arrays;
    const opened = this.#opened;
    const slotOf = this.#slotOf;
    let count = this.count;
    this.#seek(words, 0, to);
    for (let at = 0; at < to; at++) {
      const gain = weight * (agreements[at] as number);
      const own = leftOf(wordWeight[words[at] as number] as number);
      const start = this.#starts[at] as number;
      const end = this.#ends[at] as number;
      while (count + end - start > this.names.length) this.#grow();
      const names = this.names;
      const sums = this.sums;
      const lastWord = this.#lastWord;
      const mets = this.met;
      const explained = this.explained;
      for (let place = start; place < end; place++) {
        const name = postings[place] as number;
        const bits = opened[name >>> 5] as number;
        const bit = 1 << (name & 31);
        if ((bits & bit) === 0) {
          opened[name >>> 5] = bits | bit;
          slotOf[name] = count;
          names[count] = name;
          sums[count] = gain;
          lastWord[count] = index;
          mets[count] = met;
          explained[count] = own;
          count += 1;
          continue;
        }
        const slot = slotOf[name] as number;
        explained[slot] = (explained[slot] as number) + own;
        if (lastWord[slot] === index) continue;
        sums[slot] = (sums[slot] as number) + gain;
        lastWord[slot] = index;
        mets[slot] = (mets[slot] as number) | met;
      }
    }
    this.count = count;
  }

  /** Adds to each candidate with one of these words of the expansion the best agreement. */
  #add(index: number, { words, agreements }: Expansion, from: number, weight: number): void {
    const { wordWeight } = this.#segment.arrays;
    const { sums, explained } = this;
    const lastWord = this.#lastWord;
    const slotOf = this.#slotOf;
    const to = words.length;
    this.#seek(words, from, to);
    for (let at = from; at < to; at++) {
      const count = this.#openedIn(this.#starts[at] as number, this.#ends[at] as number);
      if (count === 0) continue;
      const gain = weight * (agreements[at] as number);
      const own = leftOf(wordWeight[words[at] as number] as number);
      for (let place = 0; place < count; place++) {
        const slot = slotOf[this.#met[place] as number] as number;
        explained[slot] = (explained[slot] as number) + own;
        if (lastWord[slot] === index) continue;
        sums[slot] = (sums[slot] as number) + gain;
        lastWord[slot] = index;
      }
    }
  }

  /** Gathers the candidates among these postings; how many there are. Most are none: nothing is decided name by name. */
  #openedIn(start: number, end: number): number {
    const { postings } = this.#segment.arrays;
    const opened = this.#opened;
    while (end - start > this.#met.length) this.#met = doubled(this.#met);
    const met = this.#met;
    let count = 0;
    for (let place = start; place < end; place++) {
      const name = postings[place] as number;
      met[count] = name;
      count += ((opened[name >>> 5] as number) >>> (name & 31)) & 1;
    }
    return count;
  }

  /** Finds the postings of words `from` to `to`: each step reads all its places before the next needs them. */
  #seek(words: Uint32Array, from: number, to: number): void {
    const { postingStart, postings } = this.#segment.arrays;
    if (this.#starts.length < to) {
      this.#starts = new Uint32Array(to * 2);
      this.#ends = new Uint32Array(to * 2);
    }
    const starts = this.#starts;
    const ends = this.#ends;
    for (let at = from; at < to; at++) {
      const word = words[at] as number;
      starts[at] = postingStart[word] as number;
      ends[at] = postingStart[word + 1] as number;
    }
    let read = 0;
    for (let at = from; at < to; at++) read ^= postings[starts[at] as number] as number;
    this.readAhead ^= read;
  }

  #addCompound(name: number, index: number, gain: number): void {
    const bit = 1 << (name & 31);
    const bits = this.#opened[name >>> 5] as number;
    if ((bits & bit) !== 0) {
      const slot = this.#slotOf[name] as number;
      this.met[slot] = (this.met[slot] as number) | BY_COMPOUND;
      if (this.#lastWord[slot] === index) return;
      this.sums[slot] = (this.sums[slot] as number) + gain;
      this.#lastWord[slot] = index;
      return;
    }
    if (this.count === this.names.length) this.#grow();
    const slot = this.count++;
    this.#opened[name >>> 5] = bits | bit;
    this.#slotOf[name] = slot;
    this.names[slot] = name;
    this.sums[slot] = gain;
    this.#lastWord[slot] = index;
    this.met[slot] = BY_COMPOUND;
    this.explained[slot] = 0;
  }

  #grow(): void {
    this.names = doubled(this.names);
    this.sums = doubled(this.sums);
    this.#lastWord = doubled(this.#lastWord);
    this.met = doubled(this.met);
    this.explained = doubled(this.explained);
  }
}
