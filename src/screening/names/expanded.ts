/** What the words of a query stand for in one segment: each is looked up when it is first asked for, which for most is never. */
import type { Expander, Expansion } from './expand.ts';
import type { PreparedName } from './query.ts';

/** Postings that cost as much as looking at one entry of the key table with the word that stands there. */
const POSTINGS_AN_ENTRY = 8;
/** Postings of a word for each name that has it or what sounds like it: spellings further away are about as many again. */
const POSTINGS_A_NAME = 2;

export class Expanded {
  /** For words i and i + 1 together; undefined where they are not joined. */
  readonly joined: readonly (Expansion | undefined)[];
  readonly #name: PreparedName;
  readonly #expander: Expander;
  readonly #single: (Expansion | undefined)[];

  constructor(name: PreparedName, expander: Expander) {
    this.#name = name;
    this.#expander = expander;
    this.#single = name.looked.map((word) => (expander.has(word) ? expander.of(word) : undefined));
    const joined: (Expansion | undefined)[] = name.looked.map(() => undefined);
    for (const { first, word } of name.joined) joined[first] = expander.of(word);
    this.joined = joined;
  }

  /** Looks the word up where that was not done yet. */
  single(index: number): Expansion {
    const known = this.#single[index];
    if (known) return known;
    const made = this.#expander.of(this.#name.looked[index] as PreparedName['looked'][number]);
    this.#single[index] = made;
    return made;
  }

  /** Undefined where it was not looked up yet. */
  known(index: number): Expansion | undefined {
    return this.#single[index];
  }

  /** About what it costs to look a word up and to read its postings, in entries of the key table. */
  costOf(index: number): number {
    const known = this.#single[index];
    if (known) return (known.postings.at(-1) ?? 0) / POSTINGS_AN_ENTRY;
    const word = this.#name.looked[index] as PreparedName['looked'][number];
    const postings = POSTINGS_A_NAME * this.#expander.frequencyOf(word);
    return this.#expander.entriesOf(word) + postings / POSTINGS_AN_ENTRY;
  }
}
