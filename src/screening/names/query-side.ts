/** What a query's words weigh and stand for in one segment: what aligning it with names reads again and again. */
import { Agreements, type How, likenessOf } from './agree.ts';
import type { AgreementTable } from './agreement-table.ts';
import type { Expansion } from './expand.ts';
import type { Expanded } from './expanded.ts';
import { WordFlag } from './particles.ts';
import type { PreparedName } from './query.ts';
import type { QueryWord } from './query-word.ts';
import { INITIAL } from './score.ts';
import { ListedWord, type Segment } from './segment.ts';
import { SHORTEST_COMPOUND } from './segment-build.ts';

/** What stands for no name. */
const NO_NAME = WordFlag.initial | WordFlag.particle | WordFlag.legalForm;

const agreements = new Agreements();

export class QuerySide {
  /** Weight of each word of the query. */
  readonly weights: Float32Array;
  readonly words: number;
  readonly whole: number;
  readonly flags: Uint8Array;
  /** First letter of each word. */
  readonly first: Uint8Array;
  /** Initials of the query stand for words that begin with them; where they are all of the name, each stands for itself. */
  readonly hasInitials: boolean;
  readonly hasNumbers: boolean;
  /** Place of the first 'son of', where a word stands on either side of it; -1 = none. */
  readonly sonOf: number;
  /** Words of the family name, where a comma parts it; 0 = not known. */
  readonly family: number;
  /** Some two words of it are listed as one: the agreement of words i and i + 1 stands in column `words` + i. */
  readonly hasJoined: boolean;
  /** Weight that initials of the query may add to what was looked up. */
  readonly initials: number;
  readonly table: AgreementTable;
  readonly #name: PreparedName;
  readonly #segment: Segment;
  readonly #listed: ListedWord;
  readonly #expanded: Expanded;
  readonly #isLookedUp: Uint8Array;
  readonly #isInTable: Uint8Array;

  constructor(
    segment: Segment,
    name: PreparedName,
    expanded: Expanded,
    weights: Float32Array,
    table: AgreementTable,
  ) {
    this.#name = name;
    this.#segment = segment;
    this.#listed = new ListedWord(segment.arrays);
    this.table = table;
    this.weights = weights;
    this.words = weights.length;
    this.whole = weights.reduce((sum, weight) => sum + weight, 0);
    this.flags = Uint8Array.from(name.looked, ({ flags }) => flags);
    const isInitial = (flags: number): boolean => (flags & WordFlag.initial) !== 0;
    this.hasInitials = this.flags.some(isInitial) && this.flags.some((flags) => (flags & NO_NAME) === 0);
    this.hasNumbers = this.flags.some((flags) => (flags & WordFlag.number) !== 0);
    this.initials = this.hasInitials
      ? weights.reduce(
          (sum, weight, index) => sum + (isInitial(this.flags[index] as number) ? INITIAL * weight : 0),
          0,
        )
      : 0;
    this.first = Uint8Array.from(name.looked, ({ bytes }) => bytes[0] as number);
    this.sonOf = sonOfIn(name.looked.length, (at) => {
      const word = name.looked[at];
      return word?.text === 'bin' && (word.flags & WordFlag.particle) !== 0;
    });
    this.family = name.words.filter(({ token }) => token.beforeComma).length;
    this.hasJoined = expanded.joined.some((expansion) => expansion && expansion.words.length > 0);
    this.#expanded = expanded;
    table.begin(this.hasJoined ? 2 * this.words : this.words);
    for (const [first, expansion] of expanded.joined.entries())
      if (this.hasJoined && expansion) table.fill(this.words + first, expansion);
    this.#isLookedUp = Uint8Array.from(weights, (_, word) => Number(expanded.known(word) !== undefined));
    this.#isInTable = new Uint8Array(this.words);
  }

  /** What a word of the query stands for. */
  lookUp(word: number): Expansion {
    this.#isLookedUp[word] = 1;
    return this.#expanded.single(word);
  }

  /** Writes what was looked up into the table: for most queries there is nobody to align. */
  fillTable(): void {
    for (let word = 0; word < this.words; word++) {
      if (this.#isLookedUp[word] === 0 || this.#isInTable[word] === 1) continue;
      this.table.fill(word, this.#expanded.single(word));
      this.#isInTable[word] = 1;
    }
  }

  /** About what it costs to look up each word and to read its postings. */
  costs(): readonly number[] {
    return Array.from(this.weights, (_, word) => this.#expanded.costOf(word));
  }

  get isAllLookedUp(): boolean {
    return this.#isLookedUp.every((filled, word) => filled === 1 || this.weights[word] === 0);
  }

  isLookedUp(word: number): boolean {
    return this.#isLookedUp[word] === 1;
  }

  /** Compares listed words, whose rows are reserved, with those of the query that were not looked up. */
  compare(listed: Uint32Array, count: number): void {
    const { looked } = this.#name;
    for (let word = 0; word < this.words; word++) {
      if (this.#isLookedUp[word] === 1 || this.weights[word] === 0) continue;
      (looked[word] as QueryWord).agreement.withMany(listed, count, this.#listed, false, agreements);
      const { values, how } = agreements;
      for (let at = 0; at < count; at++)
        if ((values[at] as number) > 0) {
          const row = this.table.reserved(listed[at] as number);
          this.table.set(row, word, values[at] as number, how[at] as How);
        }
    }
    for (let at = 0; at < count; at++) this.table.close(this.table.reserved(listed[at] as number));
  }

  /** How alike two words are that agree too little to say anything, 0 to 1: a slip of the pen more likely than another name. */
  likeness(query: number, word: number): number {
    return likenessOf(this.#name.looked[query] as QueryWord, this.#listed.at(word));
  }

  /** Word `query` is these two listed words written as one. */
  isCompound(query: number, one: number, other: number): boolean {
    const word = this.#name.looked[query];
    if (!word || word.to < SHORTEST_COMPOUND || (word.flags & WordFlag.unvowelled) !== 0) return false;
    const segment = this.#segment;
    const length = segment.letters(one);
    if (length + segment.letters(other) !== word.to) return false;
    const first = segment.lettersIn(one);
    const from = segment.lettersFrom(one);
    for (let at = 0; at < length; at++) if (first[from + at] !== word.bytes[at]) return false;
    const second = segment.lettersIn(other);
    const start = segment.lettersFrom(other) - length;
    for (let at = length; at < word.to; at++) if (second[start + at] !== word.bytes[at]) return false;
    return true;
  }
}

/** Place of the first 'son of' with a word on either side; -1 = none. */
export function sonOfIn(count: number, isSonOf: (at: number) => boolean): number {
  for (let at = 1; at + 1 < count; at++) if (isSonOf(at)) return at;
  return -1;
}
