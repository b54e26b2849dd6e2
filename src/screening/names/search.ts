/**
 * The best names of a segment for a query. Postings of the rarer words are read, until no name that has none of them can reach the cut;
 * candidates are then scored from the highest bound down, until no bound is above the worst that is kept. Nothing above the cut is
 * lost (MaxScore; Turtle and Flood 1995).
 */
import { How, likenessOf } from './agree.ts';
import type { Expander, Expansion } from './expand.ts';
import { compoundKey } from './keys.ts';
import { openings } from './opening.ts';
import { WordFlag } from './particles.ts';
import type { PreparedName, QueryWord } from './query.ts';
import {
  Aligner,
  type Alignment,
  boundOf,
  INITIAL,
  JOINED,
  leastMatched,
  type QuerySide,
  sonOfIn,
} from './score.ts';
import { bucketOf, ListedWord, type Segment } from './segment.ts';
import { SHORTEST_COMPOUND } from './segment-build.ts';

/** A name with its score, before what is known of its bearers. */
export interface ScoredName {
  readonly name: number;
  readonly occurrence: number;
  readonly alignment: Alignment;
  readonly score: number;
}

export interface SearchOptions {
  /** Lowest score that is given. */
  readonly cut: number;
  /** Parties given at most. */
  readonly limit: number;
  /** Points that a bearer may gain beyond its name. */
  readonly bonus: number;
  /** Score of an occurrence out of that of its name; negative = it may not be met. */
  readonly judge: (occurrence: number, alignment: Alignment) => number;
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

/** Agreements of a query's words with words of the segment, kept in place from query to query. */
class AgreementTable {
  /** Row of a word, valid where the row says the same word: never cleared. */
  readonly #rowOf: Uint32Array;
  #words = new Uint32Array(1_024);
  #columns = 0;
  #rows = 0;
  #agreements = new Float32Array(8_192);
  #how = new Uint8Array(8_192);

  constructor(words: number) {
    this.#rowOf = new Uint32Array(words);
  }

  fill(expansions: readonly (Expansion | undefined)[]): void {
    this.#rows = 0;
    this.#columns = expansions.length;
    for (const [column, expansion] of expansions.entries()) {
      if (!expansion) continue;
      const { words, agreements, how } = expansion;
      for (let at = 0; at < words.length; at++) {
        const place = this.#row(words[at] as number) * this.#columns + column;
        this.#agreements[place] = agreements[at] as number;
        this.#how[place] = how[at] as number;
      }
    }
  }

  /** -1 = agrees with no word of the query. */
  row(word: number): number {
    const row = this.#rowOf[word] as number;
    return row < this.#rows && this.#words[row] === word ? row : -1;
  }

  agreement(row: number, column: number): number {
    return this.#agreements[row * this.#columns + column] as number;
  }

  how(row: number, column: number): How {
    return this.#how[row * this.#columns + column] as How;
  }

  #row(word: number): number {
    const known = this.row(word);
    if (known >= 0) return known;
    const row = this.#rows++;
    if (row === this.#words.length) this.#words = doubled(this.#words);
    while ((row + 1) * this.#columns > this.#agreements.length) {
      this.#agreements = doubled(this.#agreements);
      this.#how = doubled(this.#how);
    }
    this.#words[row] = word;
    this.#rowOf[word] = row;
    this.#agreements.fill(0, row * this.#columns, (row + 1) * this.#columns);
    return row;
  }
}

function doubled<A extends Uint8Array | Uint32Array | Float32Array | Int16Array>(array: A): A {
  const larger = new (array.constructor as new (length: number) => A)(array.length * 2);
  larger.set(array);
  return larger;
}

class Side implements QuerySide {
  readonly weights: Float32Array;
  readonly whole: number;
  readonly flags: Uint8Array;
  readonly first: Uint8Array;
  readonly sonOf: number;
  readonly family: number;
  readonly #name: PreparedName;
  readonly #segment: Segment;
  readonly #table: AgreementTable;
  readonly #listed: ListedWord;
  readonly hasJoined: boolean;
  /** Weight that initials on either side may add to what was looked up. */
  readonly initials: number;

  constructor(
    segment: Segment,
    name: PreparedName,
    expanded: Expanded,
    weights: Float32Array,
    table: AgreementTable,
  ) {
    this.#name = name;
    this.#segment = segment;
    this.#table = table;
    this.#listed = new ListedWord(segment.arrays);
    this.weights = weights;
    this.whole = weights.reduce((sum, weight) => sum + weight, 0);
    this.flags = Uint8Array.from(name.looked, ({ flags }) => flags);
    this.initials = name.looked.reduce(
      (sum, { flags }, index) =>
        sum + ((flags & WordFlag.initial) === 0 ? 0 : INITIAL * (weights[index] as number)),
      0,
    );
    this.first = Uint8Array.from(name.looked, ({ bytes }) => bytes[0] as number);
    this.sonOf = sonOfIn(name.looked.length, (at) => {
      const word = name.looked[at];
      return word?.text === 'bin' && (word.flags & WordFlag.particle) !== 0;
    });
    this.family = name.words.filter(({ token }) => token.beforeComma).length;
    this.hasJoined = expanded.joined.some((expansion) => expansion && expansion.words.length > 0);
    table.fill(this.hasJoined ? [...expanded.single, ...expanded.joined] : expanded.single);
  }

  agreement(query: number, word: number): number {
    const row = this.#table.row(word);
    return row < 0 ? 0 : this.#table.agreement(row, query);
  }

  how(query: number, word: number): How {
    const row = this.#table.row(word);
    return row < 0 ? How.none : this.#table.how(row, query);
  }

  joined(first: number, word: number): number {
    if (!this.hasJoined) return 0;
    const row = this.#table.row(word);
    return row < 0 ? 0 : this.#table.agreement(row, this.weights.length + first);
  }

  likeness(query: number, word: number): number {
    return likenessOf(this.#name.looked[query] as QueryWord, this.#listed.at(word));
  }

  isCompound(query: number, one: number, other: number): boolean {
    const word = this.#name.looked[query];
    if (!word || word.to < SHORTEST_COMPOUND) return false;
    const { wordStart, wordBytes } = this.#segment.arrays;
    const [from, to] = [wordStart[one] as number, wordStart[one + 1] as number];
    const [start, end] = [wordStart[other] as number, wordStart[other + 1] as number];
    if (to - from + end - start !== word.to) return false;
    for (let at = from; at < to; at++) if (wordBytes[at] !== word.bytes[at - from]) return false;
    for (let at = start; at < end; at++)
      if (wordBytes[at] !== word.bytes[to - from + at - start]) return false;
    return true;
  }
}

/** Postings that are read for the cost of looking at one candidate's words. */
const POSTINGS_PER_LOOK = 24;

/** Levels into which candidates are sorted by their bound. */
const LEVELS = 256;

export class SegmentSearch {
  readonly #segment: Segment;
  /** A bit for each name that is a candidate: small enough to stay near, as most names that are read are none. */
  readonly #opened: Uint32Array;
  /** Slot of a candidate. */
  readonly #slotOf: Uint32Array;
  #names = new Uint32Array(4_096);
  #sums = new Float32Array(4_096);
  #lastWord = new Int16Array(4_096);
  readonly #table: AgreementTable;
  #count = 0;

  constructor(segment: Segment) {
    this.#segment = segment;
    this.#opened = new Uint32Array((segment.names >>> 5) + 1);
    this.#slotOf = new Uint32Array(segment.names);
    this.#table = new AgreementTable(segment.words);
  }

  search(
    name: PreparedName,
    expanded: Expanded,
    weights: Float32Array,
    options: SearchOptions,
  ): ScoredName[] {
    const side = new Side(this.#segment, name, expanded, weights, this.#table);
    if (side.whole === 0) return [];
    const floor = Math.max(1, options.cut - options.bonus);
    // Initials are not looked up: each may be explained by whatever begins with it.
    const needed = (leastMatched(floor, side.whole) - side.initials) * (1 - 1e-6);
    this.#candidates(name, expanded, side, needed);
    return this.#best(side, needed, options);
  }

  #candidates(name: PreparedName, expanded: Expanded, side: Side, needed: number): void {
    for (let slot = 0; slot < this.#count; slot++) this.#opened[(this.#names[slot] as number) >>> 5] = 0;
    this.#count = 0;
    const { weights } = side;
    const { single } = expanded;
    const read = openings(single, weights, needed);
    for (const [index, expansion] of single.entries())
      this.#read(index, expansion, 0, read[index] as number, weights[index] as number, true);
    this.#readJoined(name, expanded, weights);
    if (this.#count === 0) return;
    let rest = 0;
    for (const [index, { postings }] of single.entries())
      rest +=
        (postings.at(-1) ?? 0) -
        ((read[index] as number) === 0 ? 0 : (postings[(read[index] as number) - 1] as number));
    // Looking at the words of each candidate costs about as much as reading so many postings.
    if (rest > this.#count * POSTINGS_PER_LOOK) this.#lookAtCandidates(side);
    else
      for (const [index, expansion] of single.entries()) {
        const from = read[index] as number;
        this.#read(index, expansion, from, expansion.words.length, weights[index] as number, false);
      }
  }

  /** Bounds of the candidates by their own words, where the lists that were not read are longer than that is costly. */
  #lookAtCandidates(side: Side): void {
    const { nameStart, nameWords } = this.#segment.arrays;
    const table = this.#table;
    const words = side.weights.length;
    const most = new Float32Array(words);
    for (let slot = 0; slot < this.#count; slot++) {
      const name = this.#names[slot] as number;
      most.fill(0);
      const end = nameStart[name + 1] as number;
      for (let at = nameStart[name] as number; at < end; at++) {
        const row = table.row(nameWords[at] as number);
        if (row < 0) continue;
        for (let query = 0; query < words; query++) {
          const agreement = table.agreement(row, query);
          if (agreement > (most[query] as number)) most[query] = agreement;
        }
      }
      let sum = 0;
      for (let query = 0; query < words; query++)
        sum += (most[query] as number) * (side.weights[query] as number);
      // Two words written as one were read last, and are not among the name's words: anything is possible there.
      this.#sums[slot] = (this.#lastWord[slot] as number) >= words ? side.whole : sum;
    }
  }

  #readJoined(name: PreparedName, expanded: Expanded, weights: Float32Array): void {
    const words = name.looked.length;
    for (const [first, expansion] of expanded.joined.entries())
      if (expansion) {
        const both = (weights[first] as number) + (weights[first + 1] as number);
        this.#read(words + first, expansion, 0, expansion.words.length, both * JOINED, true);
      }
    const { compoundStart, compoundName } = this.#segment.arrays;
    const shift = this.#segment.compoundShift;
    for (const [index, word] of name.looked.entries()) {
      if (word.to < SHORTEST_COMPOUND || (word.flags & WordFlag.unvowelled) !== 0) continue;
      const bucket = bucketOf(compoundKey(word.bytes, 0, word.to, word.bytes, 0, 0), shift);
      const end = compoundStart[bucket + 1] as number;
      for (let at = compoundStart[bucket] as number; at < end; at++)
        this.#add(compoundName[at] as number, 2 * words + index, (weights[index] as number) * JOINED);
    }
  }

  /** Adds to each name with one of these words of the expansion the best agreement; names not met before only where `opens`. */
  #read(
    index: number,
    { words, agreements }: Expansion,
    from: number,
    to: number,
    weight: number,
    opens: boolean,
  ): void {
    const { postingStart, postings } = this.#segment.arrays;
    const opened = this.#opened;
    const slotOf = this.#slotOf;
    let count = this.#count;
    for (let at = from; at < to; at++) {
      const word = words[at] as number;
      const gain = weight * (agreements[at] as number);
      const start = postingStart[word] as number;
      const end = postingStart[word + 1] as number;
      while (opens && count + end - start > this.#names.length) this.#grow();
      const names = this.#names;
      const sums = this.#sums;
      const lastWord = this.#lastWord;
      for (let place = start; place < end; place++) {
        const name = postings[place] as number;
        const bits = opened[name >>> 5] as number;
        const bit = 1 << (name & 31);
        if ((bits & bit) !== 0) {
          const slot = slotOf[name] as number;
          if (lastWord[slot] !== index) {
            sums[slot] = (sums[slot] as number) + gain;
            lastWord[slot] = index;
          }
        } else if (opens) {
          opened[name >>> 5] = bits | bit;
          slotOf[name] = count;
          names[count] = name;
          sums[count] = gain;
          lastWord[count] = index;
          count += 1;
        }
      }
    }
    this.#count = count;
  }

  #add(name: number, index: number, gain: number): void {
    const bit = 1 << (name & 31);
    const bits = this.#opened[name >>> 5] as number;
    if ((bits & bit) !== 0) {
      const slot = this.#slotOf[name] as number;
      if (this.#lastWord[slot] === index) return;
      this.#sums[slot] = (this.#sums[slot] as number) + gain;
      this.#lastWord[slot] = index;
      return;
    }
    if (this.#count === this.#names.length) this.#grow();
    const slot = this.#count++;
    this.#opened[name >>> 5] = bits | bit;
    this.#slotOf[name] = slot;
    this.#names[slot] = name;
    this.#sums[slot] = gain;
    this.#lastWord[slot] = index;
  }

  #grow(): void {
    this.#names = doubled(this.#names);
    this.#sums = doubled(this.#sums);
    this.#lastWord = doubled(this.#lastWord);
  }

  /** Candidates from the highest bound down. */
  #byBound(needed: number, whole: number): { slots: Uint32Array; start: Uint32Array } {
    const start = new Uint32Array(LEVELS + 1);
    const level = (sum: number) =>
      LEVELS - 1 - Math.min(LEVELS - 1, Math.floor((LEVELS - 1) * Math.min(1, sum / whole)));
    for (let slot = 0; slot < this.#count; slot++) {
      const sum = this.#sums[slot] as number;
      if (sum < needed) continue;
      const at = level(sum) + 1;
      start[at] = (start[at] as number) + 1;
    }
    for (let at = 0; at < LEVELS; at++) start[at + 1] = (start[at + 1] as number) + (start[at] as number);
    const next = start.slice(0, LEVELS);
    const slots = new Uint32Array(start[LEVELS] as number);
    for (let slot = 0; slot < this.#count; slot++) {
      const sum = this.#sums[slot] as number;
      if (sum < needed) continue;
      const at = level(sum);
      const place = next[at] as number;
      next[at] = place + 1;
      slots[place] = slot;
    }
    return { slots, start };
  }

  #best(side: Side, needed: number, options: SearchOptions): ScoredName[] {
    const { bearerStart, bearers, occurrenceParty, familyWords } = this.#segment.arrays;
    const { slots } = this.#byBound(needed, side.whole);
    const aligner = new Aligner(this.#segment, side);
    const best = new Best(options.limit);
    for (const slot of slots) {
      // One level holds bounds that differ a little, so that the next may be above by a level's width.
      const bound =
        boundOf((this.#sums[slot] as number) + side.initials + side.whole / (LEVELS - 1), side.whole) +
        options.bonus;
      if (best.isFull && bound < best.worst) break;
      const name = this.#names[slot] as number;
      let family = -1;
      let alignment: Alignment | undefined;
      const end = bearerStart[name + 1] as number;
      for (let at = bearerStart[name] as number; at < end; at++) {
        const occurrence = bearers[at] as number;
        const words = familyWords[occurrence] as number;
        if (alignment === undefined || words !== family) {
          alignment = aligner.align(name, words);
          family = words;
        }
        const most = alignment.score + options.bonus;
        if (most < options.cut || (best.isFull && most <= best.worst)) {
          // A million bearers of one name need not all be judged: where the order is no matter, none scores higher.
          if (!alignment.orderDiffers) break;
          continue;
        }
        const score = options.judge(occurrence, alignment);
        if (score >= options.cut)
          best.offer(occurrenceParty[occurrence] as number, { name, occurrence, alignment, score });
      }
    }
    return best.sorted();
  }
}

/** The best parties so far, each with its best name. */
class Best {
  readonly #limit: number;
  readonly #byParty = new Map<number, ScoredName>();
  #worst = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get isFull(): boolean {
    return this.#byParty.size >= this.#limit;
  }

  get worst(): number {
    return this.#worst;
  }

  offer(party: number, scored: ScoredName): void {
    const known = this.#byParty.get(party);
    if (known ? known.score >= scored.score : this.isFull && scored.score <= this.#worst) return;
    this.#byParty.set(party, scored);
    if (this.#byParty.size > this.#limit) {
      const last = [...this.#byParty].reduce((low, one) => (one[1].score < low[1].score ? one : low));
      this.#byParty.delete(last[0]);
    }
    if (this.isFull) this.#worst = Math.min(...[...this.#byParty.values()].map(({ score }) => score));
  }

  sorted(): ScoredName[] {
    return [...this.#byParty.values()].sort((a, b) => b.score - a.score || a.occurrence - b.occurrence);
  }
}
