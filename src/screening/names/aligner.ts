/**
 * Pairs the words of a listed name with those of the query, the most telling pair first. Names that stay below what is asked are left as
 * early as that is certain: most candidates share one common word and nothing else.
 */
import { How } from './agree.ts';
import { WordFlag } from './particles.ts';
import { type QuerySide, sonOfIn } from './query-side.ts';
import {
  type Alignment,
  INITIAL,
  JOINED,
  leftOf,
  NUMBERS_DIFFER,
  ORDER_DIFFERS,
  type Pair,
  scoreOf,
} from './score.ts';
import type { Segment } from './segment.ts';
import { INITIAL_WEIGHT } from './weight.ts';
import { MAX_WORDS } from './words.ts';

const NO_INITIAL = WordFlag.particle | WordFlag.legalForm | WordFlag.number;
/** A word said twice is no second word. */
const SAID_TWICE = 0.9;
/** Single, of two joined words of the query, and of two of the entry, for each pair of words. */
const MOST_FOUND = 3 * MAX_WORDS * MAX_WORDS;

const SINGLE = 0;
const QUERY_JOINED = 1;
const LISTED_JOINED = 2;

export class Aligner {
  readonly #segment: Segment;
  #side: QuerySide | undefined;
  #from = 0;
  #count = 0;
  /** What could be paired. */
  #found = 0;
  readonly #query = new Uint8Array(MOST_FOUND);
  readonly #listed = new Uint8Array(MOST_FOUND);
  readonly #form = new Uint8Array(MOST_FOUND);
  readonly #agreement = new Float64Array(MOST_FOUND);
  readonly #gain = new Float64Array(MOST_FOUND);
  /** The most that each word of the query gains by itself. */
  readonly #single = new Float64Array(MAX_WORDS + 1);
  /** Places of the pairs among what was found. */
  readonly #chosen = new Uint16Array(MAX_WORDS);
  #pairs = 0;
  readonly #queryTaken = new Uint8Array(MAX_WORDS + 1);
  readonly #listedTaken = new Uint8Array(MAX_WORDS + 1);
  #matched = 0;
  #queryLeft = 0;
  #listedLeft = 0;
  #both = 0;
  #numbersDiffer = false;
  #afterNumbers = 0;

  constructor(segment: Segment) {
    this.#segment = segment;
  }

  ask(side: QuerySide): void {
    this.#side = side;
  }

  /** Sum of agreement × weight over the pairs of the name that was read last. */
  get matched(): number {
    return this.#matched;
  }

  /** Its score before the order of names is looked at. */
  get afterNumbers(): number {
    return this.#afterNumbers;
  }

  /**
   * Reads a name; false where its score is certainly below `least`. `mayBeCompound` where two of its words may be one of the
   * query's.
   */
  read(name: number, mayBeCompound: boolean, least: number): boolean {
    const side = this.#side as QuerySide;
    const { nameStart } = this.#segment.arrays;
    this.#from = nameStart[name] as number;
    this.#count = (nameStart[name + 1] as number) - this.#from;
    this.#collect(side, mayBeCompound);
    this.#choose(side);
    return this.#judge(side, least);
  }

  /** Whether family and given names, or father and son, stand in each other's place. */
  orderDiffers(familyWords: number): boolean {
    const side = this.#side as QuerySide;
    return this.#familyDiffers(side.family, familyWords) || this.#fatherAndSonDiffer(side.sonOf);
  }

  /** The name that was read last. */
  alignment(orderDiffers: boolean): Alignment {
    return {
      score: orderDiffers ? this.#afterNumbers * ORDER_DIFFERS : this.#afterNumbers,
      pairs: Array.from({ length: this.#pairs }, (_, at) => this.#pair(this.#chosen[at] as number)),
      matched: this.#matched,
      numbersDiffer: this.#numbersDiffer,
      afterNumbers: this.#afterNumbers,
      orderDiffers,
      queryLeft: this.#queryLeft,
      listedLeft: this.#listedLeft,
      both: this.#both,
    };
  }

  #pair(found: number): Pair {
    const { table } = this.#side as QuerySide;
    const form = this.#form[found] as number;
    const query = this.#query[found] as number;
    const listed = this.#listed[found] as number;
    const agreement = this.#agreement[found] as number;
    const row = table.row(this.#word(listed));
    const how = form !== SINGLE || row < 0 ? How.same : table.how(row, query) || How.same;
    return {
      query,
      queryCount: form === QUERY_JOINED ? 2 : 1,
      listed,
      listedCount: form === LISTED_JOINED ? 2 : 1,
      agreement,
      how,
      weight: (this.#gain[found] as number) / agreement,
    };
  }

  #word(listed: number): number {
    return this.#segment.arrays.nameWords[this.#from + listed] as number;
  }

  #collect(side: QuerySide, mayBeCompound: boolean): void {
    const { table, weights, words } = side;
    const { wordWeight } = this.#segment.arrays;
    this.#found = 0;
    this.#single.fill(0, 0, words + 1);
    for (let listed = 0; listed < this.#count; listed++) {
      const word = this.#word(listed);
      const row = table.row(word);
      // What weighs more is no initial.
      const isLight = side.hasInitials || (wordWeight[word] as number) <= INITIAL_WEIGHT;
      if (row < 0 && !isLight && !mayBeCompound) continue;
      for (let query = 0; query < words; query++) {
        // An initial too many.
        if (weights[query] === 0) continue;
        const agreement = row < 0 ? 0 : table.agreement(row, query);
        if (agreement > 0)
          this.#add(query, listed, SINGLE, agreement, agreement * (weights[query] as number));
        else if (isLight) this.#collectInitial(side, query, listed, word);
        if (side.hasJoined && row >= 0 && query + 1 < words) {
          const together = JOINED * table.agreement(row, words + query);
          const both = (weights[query] as number) + (weights[query + 1] as number);
          if (together > 0) this.#add(query, listed, QUERY_JOINED, together, together * both);
        }
        if (mayBeCompound && listed + 1 < this.#count && side.isCompound(query, word, this.#word(listed + 1)))
          this.#add(query, listed, LISTED_JOINED, JOINED, JOINED * (weights[query] as number));
      }
    }
    if (side.hasJoined) this.#dropJoined();
  }

  /** Two words for one only where they gain more than each by itself: `AO Akron` sounds as `Akron` does, and is `AO Akron`. */
  #dropJoined(): void {
    let kept = 0;
    for (let at = 0; at < this.#found; at++) {
      const query = this.#query[at] as number;
      const apart = (this.#single[query] as number) + (this.#single[query + 1] as number);
      if (this.#form[at] === QUERY_JOINED && (this.#gain[at] as number) <= apart) continue;
      this.#query[kept] = query;
      this.#listed[kept] = this.#listed[at] as number;
      this.#form[kept] = this.#form[at] as number;
      this.#agreement[kept] = this.#agreement[at] as number;
      this.#gain[kept] = this.#gain[at] as number;
      kept += 1;
    }
    this.#found = kept;
  }

  #add(query: number, listed: number, form: number, agreement: number, gain: number): void {
    const at = this.#found++;
    this.#query[at] = query;
    this.#listed[at] = listed;
    this.#form[at] = form;
    this.#agreement[at] = agreement;
    this.#gain[at] = gain;
    if (form === SINGLE && gain > (this.#single[query] as number)) this.#single[query] = gain;
  }

  /**
   * An initial for a word that begins with it. One of the entry explains a word of the query for nothing: it is not looked up, so it must
   * not raise the score above what looking up can see.
   */
  #collectInitial(side: QuerySide, query: number, listed: number, word: number): void {
    const segment = this.#segment;
    const asked = side.flags[query] as number;
    if ((asked & WordFlag.initial) !== 0 && !side.hasInitials) return;
    const flags = segment.flags(word) | asked;
    if ((flags & WordFlag.initial) === 0 || (flags & NO_INITIAL) !== 0) return;
    if (segment.lettersIn(word)[segment.lettersFrom(word)] !== side.first[query]) return;
    const weight = (asked & WordFlag.initial) === 0 ? 0 : (side.weights[query] as number);
    this.#add(query, listed, SINGLE, INITIAL, INITIAL * weight);
  }

  /** The most telling pair first, then of what is left. */
  #choose({ words }: QuerySide): void {
    this.#queryTaken.fill(0, 0, words + 1);
    this.#listedTaken.fill(0, 0, this.#count + 1);
    this.#pairs = 0;
    this.#matched = 0;
    for (;;) {
      let best = -1;
      for (let at = 0; at < this.#found; at++)
        if (!this.#isTaken(at) && (best < 0 || this.#isBefore(at, best))) best = at;
      if (best < 0) return;
      const query = this.#query[best] as number;
      const listed = this.#listed[best] as number;
      this.#queryTaken[query] = 1;
      this.#listedTaken[listed] = 1;
      if (this.#form[best] === QUERY_JOINED) this.#queryTaken[query + 1] = 1;
      if (this.#form[best] === LISTED_JOINED) this.#listedTaken[listed + 1] = 1;
      this.#matched += this.#gain[best] as number;
      this.#chosen[this.#pairs++] = best;
    }
  }

  #isTaken(at: number): boolean {
    const query = this.#query[at] as number;
    const listed = this.#listed[at] as number;
    if (this.#queryTaken[query] === 1 || this.#listedTaken[listed] === 1) return true;
    const form = this.#form[at];
    if (form === QUERY_JOINED) return this.#queryTaken[query + 1] === 1;
    return form === LISTED_JOINED && this.#listedTaken[listed + 1] === 1;
  }

  #isBefore(one: number, other: number): boolean {
    const more = (this.#gain[one] as number) - (this.#gain[other] as number);
    if (more !== 0) return more > 0;
    const queries = (this.#query[one] as number) - (this.#query[other] as number);
    if (queries !== 0) return queries < 0;
    return (this.#listed[one] as number) < (this.#listed[other] as number);
  }

  #judge(side: QuerySide, least: number): boolean {
    const { wordWeight } = this.#segment.arrays;
    let listedLeft = 0;
    let listedWeight = 0;
    for (let at = 0; at < this.#count; at++) {
      if (this.#listedTaken[at] === 1) continue;
      const weight = wordWeight[this.#word(at)] as number;
      listedLeft += leftOf(weight);
      listedWeight += weight;
    }
    const queryLeft = Math.max(0, side.whole - this.#matched - this.#saidTwice(side));
    this.#listedLeft = listedLeft;
    this.#queryLeft = queryLeft;
    this.#numbersDiffer = side.hasNumbers && this.#numbersAgainst(side);
    const factor = this.#numbersDiffer ? NUMBERS_DIFFER : 1;
    const most = Math.min(queryLeft, listedWeight);
    const scoreWith = (alike: number) =>
      factor * scoreOf(this.#matched, queryLeft, listedLeft, Math.max(0, most - alike));
    const alike = most > 0 ? this.#alike(side, (weight) => scoreWith(weight) >= least) : 0;
    if (alike < 0) return false;
    this.#both = Math.max(0, most - alike);
    this.#afterNumbers = scoreWith(alike);
    return this.#afterNumbers >= least;
  }

  /** Weight of words left over on both sides that are alike; -1 as soon as it is certain that it does not suffice. */
  #alike(side: QuerySide, suffices: (weight: number) => boolean): number {
    const { wordWeight } = this.#segment.arrays;
    const { weights, words } = side;
    // All that is left of the query may be alike until it is compared.
    let weight = 0;
    for (let query = 0; query < words; query++)
      if (this.#queryTaken[query] === 0) weight += weights[query] as number;
    if (!suffices(weight)) return -1;
    for (let query = 0; query < words; query++) {
      if (this.#queryTaken[query] === 1) continue;
      const own = weights[query] as number;
      let best = 0;
      for (let listed = 0; listed < this.#count; listed++) {
        if (this.#listedTaken[listed] === 1) continue;
        const word = this.#word(listed);
        const most = Math.min(own, wordWeight[word] as number);
        if (most > best) best = Math.max(best, most * side.likeness(query, word));
      }
      weight += best - own;
      if (!suffices(weight)) return -1;
    }
    return weight;
  }

  /** Weight of words of the query that only say again what a pair says. */
  #saidTwice({ table, weights, words }: QuerySide): number {
    let weight = 0;
    for (let query = 0; query < words; query++) {
      if (this.#queryTaken[query] === 1) continue;
      for (let listed = 0; listed < this.#count; listed++) {
        if (this.#listedTaken[listed] === 0) continue;
        const row = table.row(this.#word(listed));
        const agreement = row < 0 ? 0 : table.agreement(row, query);
        if (agreement < SAID_TWICE) continue;
        weight += agreement * (weights[query] as number);
        break;
      }
    }
    return weight;
  }

  /** Both have numbers, and none of the query's is met. */
  #numbersAgainst({ flags, words }: QuerySide): boolean {
    for (let query = 0; query < words; query++)
      if (((flags[query] as number) & WordFlag.number) !== 0 && this.#queryTaken[query] === 1) return false;
    for (let at = 0; at < this.#count; at++)
      if ((this.#segment.flags(this.#word(at)) & WordFlag.number) !== 0) return true;
    return false;
  }

  /** Family name and given name are known on both sides, and stand in each other's place. */
  #familyDiffers(family: number, familyWords: number): boolean {
    if (family === 0 || familyWords === 0) return false;
    let crossed = 0;
    let straight = 0;
    for (let at = 0; at < this.#pairs; at++) {
      const found = this.#chosen[at] as number;
      const weight = (this.#gain[found] as number) / (this.#agreement[found] as number);
      if ((this.#query[found] as number) < family === (this.#listed[found] as number) < familyWords)
        straight += weight;
      else crossed += weight;
    }
    return crossed > straight;
  }

  /** 'X son of Y' on both sides, and X and Y in each other's place. */
  #fatherAndSonDiffer(sonOf: number): boolean {
    if (sonOf < 0) return false;
    const place = sonOfIn(this.#count, (at) => this.#isSonOf(at));
    return place >= 0 && this.#listedOf(sonOf - 1) === place + 1 && this.#listedOf(sonOf + 1) === place - 1;
  }

  #listedOf(query: number): number | undefined {
    for (let at = 0; at < this.#pairs; at++) {
      const found = this.#chosen[at] as number;
      if (this.#query[found] === query) return this.#listed[found];
    }
    return undefined;
  }

  #isSonOf(at: number): boolean {
    const segment = this.#segment;
    const word = this.#word(at);
    if ((segment.flags(word) & WordFlag.particle) === 0 || segment.letters(word) !== 3) return false;
    const letters = segment.lettersIn(word);
    const start = segment.lettersFrom(word);
    return letters[start] === 98 && letters[start + 1] === 105 && letters[start + 2] === 110;
  }
}
