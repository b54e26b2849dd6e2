/** A name that is looked for: its words with their keys, made once for all segments. */
import { WordFlag } from './particles.ts';
import type { QueryWord } from './query-word.ts';
import type { QueryWords } from './query-words.ts';
import type { Reading } from './reading.ts';
import { type NameWord, wordsOf } from './words.ts';

const LONGEST_JOINED = 24;

/** Two neighbours looked for as one word. */
export interface JoinedWord {
  /** Index of the first of the two. */
  readonly first: number;
  readonly word: QueryWord;
}

export interface PreparedName {
  readonly words: readonly NameWord[];
  readonly looked: readonly QueryWord[];
  readonly joined: readonly JoinedWord[];
}

const NEVER_JOINED = WordFlag.number | WordFlag.legalForm | WordFlag.unvowelled;

/** Reads a name for looking it up, in one of its readings. */
export function prepareName(name: string, known: QueryWords, reading?: Reading): PreparedName {
  const words = wordsOf(name, reading, known.ofToken);
  const looked = words.map((word) => known.of(word));
  const joined: JoinedWord[] = [];
  for (let first = 0; first + 1 < words.length; first++) {
    const [one, other] = [looked[first] as QueryWord, looked[first + 1] as QueryWord];
    const length = one.to + other.to;
    if (((one.flags | other.flags) & NEVER_JOINED) !== 0 || length < 4 || length > LONGEST_JOINED) continue;
    joined.push({ first, word: known.joined(one.text, other.text) });
  }
  return { words, looked, joined };
}
