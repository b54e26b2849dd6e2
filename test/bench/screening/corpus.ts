/**
 * The corpus: listed parties, half of the people who are on no list, and names recombined from parts of both until there are as
 * many entries as asked. An entry is a party of a list with all its names, or one other name. The same in every run.
 */
import type { ListedParty } from '../../../src/screening/names/party.ts';
import { typoIn, wordsOf } from './alter.ts';
import { cellOf, readTable } from './data.ts';
import { type ListedParties, listedParties } from './parties.ts';
import { hashOf, inHashOrder, Seeded } from './random.ts';
import { type SliceQuery, sliceQueries } from './slices.ts';

export interface Corpus {
  readonly listed: ListedParties;
  readonly queries: readonly SliceQuery[];
  /** The people on no list who are in no index, in hash order: what a manifest brings. */
  readonly manifest: readonly string[];
  /** All people on no list, in hash order. */
  readonly unlisted: readonly string[];
  readonly congress: readonly string[];
  /** So many entries; listed parties come first. Each iteration makes the same anew, so that nothing of it stays in memory. */
  parties(entries: number): Iterable<ListedParty>;
}

/** Share of recombined names with a slip of the hand. */
const WITH_TYPO = 0.5;

const scriptOf = (name: string): string =>
  /\p{Script=Latin}/u.test(name)
    ? 'Latin'
    : (/\p{L}/u.exec(name)?.[0] ?? '').replace(/./su, (letter) => String((letter.codePointAt(0) ?? 0) >> 8));

const listedAs = (id: string, text: string): ListedParty => ({
  id,
  subject: 'person',
  names: [{ text, kind: 'primary' }],
});

/** Words of one name in the places of another's; names of one word take half of each. */
function recombined(base: readonly string[], other: readonly string[], random: Seeded): string[] {
  if (base.length === 1) {
    const [a, b] = [[...(base[0] as string)], [...(random.pick(other) as string)]];
    return a.length > 4 ? [base[0] as string, b.join('')] : [[...a.slice(0, 1), ...b.slice(1)].join('')];
  }
  const taken = random.below(base.length);
  return base.map((word, at) =>
    at === taken || random.next() < 0.3 ? (other[Math.min(at, other.length - 1)] as string) : word,
  );
}

function* recombinations(names: readonly string[], count: number): Generator<ListedParty> {
  const random = new Seeded('recombined');
  const cut = names.map(wordsOf).filter((words) => words.length > 0);
  const byScript = Map.groupBy(cut, (words) => scriptOf(words.join(' ')));
  for (let made = 0; made < count; made++) {
    const base = random.pick(cut);
    const alike = byScript.get(scriptOf(base.join(' '))) ?? cut;
    const words = recombined(base, random.pick(alike), random);
    if (random.next() < WITH_TYPO) {
      const at = random.below(words.length);
      const letters = [...random.pick(random.pick(alike))].map((letter) => letter.toLowerCase());
      words[at] = typoIn(words[at] as string, random, letters.length > 1 ? letters : undefined);
    }
    yield listedAs(`made:${made}`, words.join(' '));
  }
}

/** Reads everything; a few seconds. */
export function readCorpus(folder: string): Corpus {
  const listed = listedParties(folder);
  const unlisted = inHashOrder(
    [...new Set(readTable(folder, 'negatives').map((row) => cellOf(row, 'name')))],
    (name) => `unlisted|${name}`,
  );
  const isIndexed = (name: string): boolean => hashOf(`side|${name}`) % 2 === 0;
  const indexed = unlisted.filter(isIndexed);
  const names = [...listed.parties.flatMap((party) => party.names.map(({ text }) => text)), ...indexed];
  return {
    listed,
    queries: sliceQueries(folder, listed),
    manifest: unlisted.filter((name) => !isIndexed(name)),
    unlisted,
    congress: readTable(folder, 'positives-us-congress').map((row) => cellOf(row, 'name')),
    *parties(entries) {
      yield* listed.parties.slice(0, entries);
      let left = entries - listed.parties.length;
      for (const [at, name] of indexed.slice(0, Math.max(0, left)).entries()) {
        yield listedAs(`unlisted:${at}`, name);
        left -= 1;
      }
      if (left > 0) yield* recombinations(names, left);
    },
  };
}
