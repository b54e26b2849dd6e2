/** The words of queries, kept, since names repeat: each is read and given its keys once. */
import { QueryWord } from './query-word.ts';
import type { Reading } from './reading.ts';
import { type Token, type Word, wordsOfToken } from './words.ts';

/** Words and tokens kept; all are forgotten where one more comes. */
const MOST_KEPT = 16_384;
/** Longest token kept: longer ones do not come again. */
const LONGEST_KEPT = 64;

export class QueryWords {
  readonly #classOf: (word: string) => number;
  readonly #words = new Map<string, QueryWord>();
  readonly #tokens = new Map<string, readonly Word[]>();

  /** `classOf` gives the equivalence class of a word, 0 = none. */
  constructor(classOf: (word: string) => number) {
    this.#classOf = classOf;
  }

  /** For measuring. */
  forget(): void {
    this.#words.clear();
    this.#tokens.clear();
  }

  of({ text, flags }: Word): QueryWord {
    return this.#kept(`${flags} ${text}`, () => new QueryWord(text, flags, this.#classOf(text)));
  }

  /** Two neighbours written as one. */
  joined(one: string, other: string): QueryWord {
    const text = one + other;
    return this.#kept(text, () => new QueryWord(text, 0, this.#classOf(text), true));
  }

  /** The words of a written one, in a reading. */
  readonly ofToken = ({ word, joinsNext }: Token, reading: Reading): readonly Word[] => {
    if (word.length > LONGEST_KEPT) return wordsOfToken(word, joinsNext, reading);
    const key = `${reading}${joinsNext ? '-' : ' '}${word}`;
    const known = this.#tokens.get(key);
    if (known) return known;
    if (this.#tokens.size >= MOST_KEPT) this.#tokens.clear();
    const words = wordsOfToken(word, joinsNext, reading);
    this.#tokens.set(key, words);
    return words;
  };

  #kept(key: string, make: () => QueryWord): QueryWord {
    const known = this.#words.get(key);
    if (known) return known;
    if (this.#words.size >= MOST_KEPT) this.#words.clear();
    const made = make();
    this.#words.set(key, made);
    return made;
  }
}
