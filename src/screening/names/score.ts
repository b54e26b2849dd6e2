/**
 * The score of one listed name for one query: words are paired, what agrees counts by its rarity, what is left over on either side
 * counts against. 0 to 100, before birth date and country.
 *
 *     score = 100 · M / (M + QUERY_LEFT · L + LISTED_LEFT · U + BOTH_LEFT · B)
 *
 * M = sum of agreement × weight over pairs, L = weight of the query's words that nothing explains and what pairs lack in agreement, U =
 * weight of the entry's words that nothing explains. A longer form of a name leaves words over on one side; another person's name
 * leaves some on both, B = min(L, U) less what of it is alike. M only grows the score, so Σ best agreement × weight bounds it from above whatever the entry has besides:
 * that is what looking for candidates may rely on.
 */
import { How } from './agree.ts';
import { WordFlag } from './particles.ts';
import type { Segment } from './segment.ts';

/** Costs of what is left over, as shares of its weight. */
export const QUERY_LEFT = 0.55;
export const LISTED_LEFT = 0.22;
export const BOTH_LEFT = 0.9;
/** Agreement of two words with one that is both together. */
export const JOINED = 0.97;
/** Numbers on both sides, none of them the same: another ship, unit or fund. */
const NUMBERS_DIFFER = 0.55;
const ORDER_DIFFERS = 0.75;
/** Agreement of an initial with a word that begins with it. */
export const INITIAL = 0.8;
const NO_INITIAL = WordFlag.particle | WordFlag.legalForm | WordFlag.number;
/** A word said twice is no second word. */
const SAID_TWICE = 0.9;

/** The best score that M out of W can come to, 0 to 100. */
export const boundOf = (matched: number, whole: number): number =>
  matched <= 0 ? 0 : (100 * matched) / (matched + QUERY_LEFT * Math.max(0, whole - matched));

/** The least M out of W that can come to a score: the inverse of `boundOf`. */
export const leastMatched = (score: number, whole: number): number => {
  const share = score / 100;
  return (share * QUERY_LEFT * whole) / (1 - share * (1 - QUERY_LEFT));
};

/** A pair of the alignment. */
export interface Pair {
  /** Word of the query, and one more where two are joined. */
  readonly query: number;
  readonly queryCount: 1 | 2;
  /** Place in the listed name, and one more where two are joined. */
  readonly listed: number;
  readonly listedCount: 1 | 2;
  readonly agreement: number;
  readonly how: How;
  readonly weight: number;
}

/** What a query's words may stand for in one segment. */
export interface QuerySide {
  /** Weight of each word of the query. */
  readonly weights: Float32Array;
  readonly whole: number;
  readonly flags: Uint8Array;
  /** First letter of each word. */
  readonly first: Uint8Array;
  /** Place of the first 'son of', where a word stands on either side of it; -1 = none. */
  readonly sonOf: number;
  /** Words of the family name, where a comma parts it; 0 = not known. */
  readonly family: number;
  /** Agreement of query word i with listed word w, 0 = none; how in `how`. */
  agreement(query: number, word: number): number;
  how(query: number, word: number): How;
  /** Agreement of words i and i + 1 together with listed word w. */
  joined(first: number, word: number): number;
  /** How alike two words are that agree too little to say anything, 0 to 1: a slip of the pen more likely than another name. */
  likeness(query: number, word: number): number;
  /** Word i is these two listed words written as one. */
  isCompound(query: number, one: number, other: number): boolean;
}

interface Candidate {
  query: number;
  queryCount: 1 | 2;
  listed: number;
  listedCount: 1 | 2;
  agreement: number;
  gain: number;
}

export interface Alignment {
  readonly score: number;
  readonly pairs: readonly Pair[];
  readonly numbersDiffer: boolean;
  /** The score before the order of names is looked at. */
  readonly afterNumbers: number;
  readonly orderDiffers: boolean;
  /** Weight left over in the query and in the entry. */
  readonly queryLeft: number;
  readonly listedLeft: number;
  /** Weight that stands against weight of the other side, and is not alike. */
  readonly both: number;
}

/** The score of what agrees and what is left over. */
export const scoreOf = (matched: number, queryLeft: number, listedLeft: number, both: number): number =>
  matched <= 0
    ? 0
    : (100 * matched) / (matched + QUERY_LEFT * queryLeft + LISTED_LEFT * listedLeft + BOTH_LEFT * both);

/** Pairs the words of a listed name with those of the query, the most telling pair first. */
export class Aligner {
  readonly #segment: Segment;
  readonly #side: QuerySide;
  readonly #found: Candidate[] = [];
  readonly #queryTaken = new Uint8Array(40);
  readonly #listedTaken = new Uint8Array(40);

  constructor(segment: Segment, side: QuerySide) {
    this.#segment = segment;
    this.#side = side;
  }

  align(name: number, familyWords: number): Alignment {
    const { nameStart, nameWords, wordWeight } = this.#segment.arrays;
    const from = nameStart[name] as number;
    const count = (nameStart[name + 1] as number) - from;
    const { weights, whole } = this.#side;
    const words = weights.length;
    this.#collect(from, count);
    const found = this.#found;
    found.sort((a, b) => b.gain - a.gain || a.query - b.query || a.listed - b.listed);
    this.#queryTaken.fill(0, 0, words);
    this.#listedTaken.fill(0, 0, count);
    const pairs: Pair[] = [];
    let matched = 0;
    for (const one of found) {
      if (this.#isTaken(one)) continue;
      this.#take(one);
      matched += one.gain;
      const word = nameWords[from + one.listed] as number;
      pairs.push({
        ...one,
        weight: one.gain / one.agreement,
        how: one.queryCount + one.listedCount > 2 ? How.same : this.#side.how(one.query, word) || How.same,
      });
    }
    let listedLeft = 0;
    for (let at = 0; at < count; at++)
      if (this.#listedTaken[at] === 0) listedLeft += wordWeight[nameWords[from + at] as number] as number;
    const queryLeft = Math.max(0, whole - matched - this.#saidTwice(from, count));
    const both = Math.max(0, Math.min(queryLeft, listedLeft) - this.#alike(from, count));
    let score = scoreOf(matched, queryLeft, listedLeft, both);
    const numbersDiffer = this.#numbersDiffer(from, count);
    if (numbersDiffer) score *= NUMBERS_DIFFER;
    const afterNumbers = score;
    const orderDiffers =
      this.#orderDiffers(pairs, familyWords) || this.#fatherAndSonDiffer(pairs, from, count);
    if (orderDiffers) score *= ORDER_DIFFERS;
    return { score, pairs, numbersDiffer, afterNumbers, orderDiffers, queryLeft, listedLeft, both };
  }

  /** Weight of words left over on both sides that are alike. */
  #alike(from: number, count: number): number {
    const { nameWords, wordWeight } = this.#segment.arrays;
    const { weights } = this.#side;
    let weight = 0;
    for (let query = 0; query < weights.length; query++) {
      if (this.#queryTaken[query] === 1) continue;
      let best = 0;
      for (let listed = 0; listed < count; listed++) {
        if (this.#listedTaken[listed] === 1) continue;
        const word = nameWords[from + listed] as number;
        const likeness = this.#side.likeness(query, word);
        best = Math.max(best, likeness * Math.min(weights[query] as number, wordWeight[word] as number));
      }
      weight += best;
    }
    return weight;
  }

  /** Weight of words of the query that only say again what a pair says. */
  #saidTwice(from: number, count: number): number {
    const { nameWords } = this.#segment.arrays;
    const { weights } = this.#side;
    let weight = 0;
    for (let query = 0; query < weights.length; query++) {
      if (this.#queryTaken[query] === 1) continue;
      for (let listed = 0; listed < count; listed++)
        if (
          this.#listedTaken[listed] === 1 &&
          this.#side.agreement(query, nameWords[from + listed] as number) >= SAID_TWICE
        ) {
          weight +=
            this.#side.agreement(query, nameWords[from + listed] as number) * (weights[query] as number);
          break;
        }
    }
    return weight;
  }

  #collect(from: number, count: number): void {
    const { nameWords } = this.#segment.arrays;
    const side = this.#side;
    const { weights } = side;
    const found = this.#found;
    found.length = 0;
    for (let query = 0; query < weights.length; query++) {
      const weight = weights[query] as number;
      for (let listed = 0; listed < count; listed++) {
        const word = nameWords[from + listed] as number;
        const agreement = side.agreement(query, word);
        if (agreement === 0) this.#collectInitial(query, listed, word);
        else
          found.push({ query, queryCount: 1, listed, listedCount: 1, agreement, gain: agreement * weight });
        if (query + 1 < weights.length) {
          const together = side.joined(query, word);
          if (together > 0) {
            const both = weight + (weights[query + 1] as number);
            const gain = together * JOINED * both;
            found.push({ query, queryCount: 2, listed, listedCount: 1, agreement: together * JOINED, gain });
          }
        }
        if (listed + 1 < count && side.isCompound(query, word, nameWords[from + listed + 1] as number))
          found.push({
            query,
            queryCount: 1,
            listed,
            listedCount: 2,
            agreement: JOINED,
            gain: JOINED * weight,
          });
      }
    }
  }

  /**
   * An initial for a word that begins with it. One of the entry explains a word of the query for nothing: it is not looked up, so it must
   * not raise the score above what looking up can see.
   */
  #collectInitial(query: number, listed: number, word: number): void {
    const { wordBytes, wordStart, wordFlags } = this.#segment.arrays;
    const asked = this.#side.flags[query] as number;
    const flags = (wordFlags[word] as number) | asked;
    if ((flags & WordFlag.initial) === 0 || (flags & NO_INITIAL) !== 0) return;
    if (wordBytes[wordStart[word] as number] !== this.#side.first[query]) return;
    const weight = (asked & WordFlag.initial) === 0 ? 0 : (this.#side.weights[query] as number);
    this.#found.push({
      query,
      queryCount: 1,
      listed,
      listedCount: 1,
      agreement: INITIAL,
      gain: INITIAL * weight,
    });
  }

  #isTaken({ query, queryCount, listed, listedCount }: Candidate): boolean {
    if (this.#queryTaken[query] === 1 || this.#listedTaken[listed] === 1) return true;
    if (queryCount === 2 && this.#queryTaken[query + 1] === 1) return true;
    return listedCount === 2 && this.#listedTaken[listed + 1] === 1;
  }

  #take({ query, queryCount, listed, listedCount }: Candidate): void {
    this.#queryTaken.fill(1, query, query + queryCount);
    this.#listedTaken.fill(1, listed, listed + listedCount);
  }

  #numbersDiffer(from: number, count: number): boolean {
    const { nameWords, wordFlags } = this.#segment.arrays;
    let asked = false;
    for (const [index, flags] of this.#side.flags.entries())
      if ((flags & WordFlag.number) !== 0) {
        if (this.#queryTaken[index] === 1) return false;
        asked = true;
      }
    if (!asked) return false;
    for (let at = 0; at < count; at++)
      if (((wordFlags[nameWords[from + at] as number] as number) & WordFlag.number) !== 0) return true;
    return false;
  }

  /** Family name and given name are known on both sides, and stand in each other's place. */
  #orderDiffers(pairs: readonly Pair[], familyWords: number): boolean {
    const { family } = this.#side;
    if (family === 0 || familyWords === 0) return false;
    let crossed = 0;
    let straight = 0;
    for (const { query, listed, weight } of pairs)
      if (query < family === listed < familyWords) straight += weight;
      else crossed += weight;
    return crossed > straight;
  }

  /** 'X son of Y' on both sides, and X and Y in each other's place. */
  #fatherAndSonDiffer(pairs: readonly Pair[], from: number, count: number): boolean {
    const { sonOf } = this.#side;
    if (sonOf < 0) return false;
    const place = sonOfIn(count, (at) => this.#isSonOf(from + at));
    if (place < 0) return false;
    const listedOf = (query: number) => pairs.find((pair) => pair.query === query)?.listed;
    return listedOf(sonOf - 1) === place + 1 && listedOf(sonOf + 1) === place - 1;
  }

  #isSonOf(at: number): boolean {
    const { nameWords, wordStart, wordBytes, wordFlags } = this.#segment.arrays;
    const word = nameWords[at] as number;
    if (((wordFlags[word] as number) & WordFlag.particle) === 0) return false;
    const start = wordStart[word] as number;
    return (
      (wordStart[word + 1] as number) - start === 3 &&
      wordBytes[start] === 98 &&
      wordBytes[start + 1] === 105 &&
      wordBytes[start + 2] === 110
    );
  }
}

/** Place of the first 'son of' with a word on either side; -1 = none. */
export function sonOfIn(count: number, isSonOf: (at: number) => boolean): number {
  for (let at = 1; at + 1 < count; at++) if (isSonOf(at)) return at;
  return -1;
}
