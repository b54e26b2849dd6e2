/** Names that cost a search most, and exact names that it must not miss because of them. */
import type { Corpus } from './corpus.ts';

/** Common words of the corpus, the most common first. */
function commonWords(corpus: Corpus, count: number): readonly string[] {
  const counts = new Map<string, number>();
  for (const party of corpus.parties(100_000))
    for (const { text } of party.names)
      for (const word of text.toLowerCase().match(/[a-z]{3,}/gu) ?? [])
        counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .slice(0, count)
    .map(([word]) => word);
}

export interface HostileName {
  readonly what: string;
  readonly name: string;
}

const LONG_NAME_BYTES = 10_000;

export function hostileNames(corpus: Corpus): readonly HostileName[] {
  const common = commonWords(corpus, 32);
  const letters = 'abcdefghijklmnopqrstuvwxyz';
  const long = (words: readonly string[]): string =>
    `${words.join(' ')} `
      .repeat(Math.ceil(LONG_NAME_BYTES / words.join(' ').length))
      .slice(0, LONG_NAME_BYTES);
  return [
    { what: '16 common words', name: common.slice(0, 16).join(' ') },
    { what: '2 common words', name: common.slice(0, 2).join(' ') },
    { what: '1 common word', name: common[0] ?? '' },
    { what: 'common words joined', name: common.slice(0, 4).join('') },
    { what: 'one-letter words', name: [...letters].join(' ') },
    { what: 'one letter', name: 'a' },
    { what: '10 kB of common words', name: long(common) },
    { what: '10 kB in one word', name: letters.repeat(400).slice(0, LONG_NAME_BYTES) },
    { what: '10 kB of one letter', name: 'a'.repeat(LONG_NAME_BYTES) },
    {
      what: 'common words, each with a slip',
      name: common
        .slice(0, 8)
        .map((word) => `${word.slice(0, -1)}x`)
        .join(' '),
    },
  ];
}

/** Exact names of listed parties, in hash order by their place in the list: each must be among the first ten. */
export function exactNames(
  corpus: Corpus,
  count: number,
): readonly { readonly name: string; readonly id: string }[] {
  const { parties } = corpus.listed;
  const step = Math.max(1, Math.floor(parties.length / count));
  return parties
    .filter((_, at) => at % step === 0)
    .slice(0, count)
    .flatMap(({ id, names: [first] }) => (first ? [{ name: first.text, id }] : []));
}

/** One party's name in so many spellings, none twice. */
export function manyAliases(count: number): readonly string[] {
  const first = ['mohamed', 'muhammad', 'mohammed', 'mahomed', 'mehmet', 'mamadou', 'mohamad', 'muhamad'];
  const second = ['ali', 'aly', 'alie', 'aali', 'alli'];
  const third = ['haidar', 'haydar', 'hayder', 'heidar', 'haider', 'hyder', 'haidara', 'heydar'];
  return first.flatMap((a) => second.flatMap((b) => third.map((c) => `${a} ${b} ${c}`))).slice(0, count);
}
