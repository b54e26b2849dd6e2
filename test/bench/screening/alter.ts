/** Names altered as people alter them: slips of the hand, words turned, dropped or joined, other habits of spelling. */
import type { Seeded } from './random.ts';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const SHORTEST_WITH_TYPO = 4;

export const wordsOf = (name: string): readonly string[] =>
  name.split(/[\s,;()"]+/u).filter((word) => word !== '');

/** One letter replaced, put in, left out, or changed with its neighbour; never the same word again. */
export function typoIn(word: string, random: Seeded, letters: ArrayLike<string> = LETTERS): string {
  for (;;) {
    const units = [...word];
    const at = random.below(units.length);
    const letter = letters[random.below(letters.length)] as string;
    const kind = random.below(4);
    if (kind === 0) units[at] = letter;
    else if (kind === 1) units.splice(at, 0, letter);
    else if (kind === 2) units.splice(at, 1);
    else units.splice(at, 2, ...units.slice(at, at + 2).reverse());
    const altered = units.join('');
    if (altered.toLowerCase() !== word.toLowerCase() && altered !== '') return altered;
  }
}

/** Undefined where an alteration does not apply. */
export type Alteration = (name: string, random: Seeded) => string | undefined;

function withTypo(words: readonly string[], random: Seeded): readonly string[] | undefined {
  const long = [...words.keys()].filter((at) => (words[at] as string).length >= SHORTEST_WITH_TYPO);
  if (long.length === 0) return undefined;
  const chosen = random.pick(long);
  return words.map((word, at) => (at === chosen ? typoIn(word, random) : word));
}

export const oneTypo: Alteration = (name, random) => withTypo(wordsOf(name), random)?.join(' ');

export const twoTypos: Alteration = (name, random) => {
  const once = withTypo(wordsOf(name), random);
  const twice = once && withTypo(once, random)?.join(' ');
  return twice?.toLowerCase() === wordsOf(name).join(' ').toLowerCase() ? undefined : twice;
};

export const rotated: Alteration = (name, random) => {
  const words = wordsOf(name);
  if (words.length < 2) return undefined;
  const by = 1 + random.below(words.length - 1);
  return [...words.slice(by), ...words.slice(0, by)].join(' ');
};

export const oneDropped: Alteration = (name, random) => {
  const words = wordsOf(name);
  if (words.length < 3) return undefined;
  return words.toSpliced(random.below(words.length), 1).join(' ');
};

export const twoJoined: Alteration = (name, random) => {
  const words = wordsOf(name);
  if (words.length < 2) return undefined;
  const at = random.below(words.length - 1);
  return words.toSpliced(at, 2, `${words[at]}${words[at + 1]}`).join(' ');
};

/** Spellings that one sound has in French, English, Spanish and the ways of writing Arabic and Slavic names. */
const HABITS: readonly (readonly [RegExp, string])[] = [
  [/ou/gu, 'u'],
  [/oo/gu, 'u'],
  [/u(?=[^aeiou]|$)/gu, 'ou'],
  [/dj/gu, 'j'],
  [/j/gu, 'dj'],
  [/kh/gu, 'h'],
  [/ph/gu, 'f'],
  [/f/gu, 'ph'],
  [/ck/gu, 'k'],
  [/c(?=[aou])/gu, 'k'],
  [/k/gu, 'q'],
  [/q/gu, 'k'],
  [/w/gu, 'ou'],
  [/v/gu, 'w'],
  [/y/gu, 'i'],
  [/ie/gu, 'y'],
  [/ee/gu, 'i'],
  [/sh/gu, 'ch'],
  [/([bdfglmnprstz])\1/gu, '$1'],
  [/(?<=[aeiou])([lmnst])(?=[aeiou])/gu, '$1$1'],
  [/gh/gu, 'g'],
  [/z/gu, 's'],
  [/ai/gu, 'ay'],
];

/** One place changed by one habit. */
function respelledOnce(text: string, random: Seeded): string | undefined {
  const chances = HABITS.flatMap(([pattern, by]) =>
    [...text.matchAll(pattern)].map((found) => ({ at: found.index, found: found[0], pattern, by })),
  );
  if (chances.length === 0) return undefined;
  const { at, found, by } = random.pick(chances);
  const written = by === '$1' ? found.slice(0, 1) : by === '$1$1' ? found.repeat(2) : by;
  return `${text.slice(0, at)}${written}${text.slice(at + found.length)}`;
}

export const respelled: Alteration = (name, random) => {
  const plain = wordsOf(name).join(' ').toLowerCase();
  const once = respelledOnce(plain, random);
  const twice = once && respelledOnce(once, random);
  return twice === plain || twice === once ? undefined : twice;
};
