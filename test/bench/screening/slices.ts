/** What is looked for: names by the way in which they differ from what the index has. */
import type { ListedParty } from '../../../src/screening/names/party.ts';
import { type Alteration, oneDropped, oneTypo, respelled, rotated, twoJoined, twoTypos } from './alter.ts';
import { cellOf, readTable } from './data.ts';
import type { HeldOut, ListedParties } from './parties.ts';
import { inHashOrder, Seeded } from './random.ts';
import { plainWords } from './resemblance.ts';

export const SLICES = [
  'real aliases',
  'OFAC 2025',
  'UN altered',
  'native script',
  'one typo',
  'two typos',
  'rotated',
  'one dropped',
  'two joined',
  'respelled',
] as const;
export type Slice = (typeof SLICES)[number];

export interface SliceQuery {
  readonly slice: Slice;
  readonly text: string;
  /** Any of these is a hit. */
  readonly hits: ReadonlySet<string>;
}

/** Queries of each kind that are made, not found. */
const MADE = 300;
/** Letters that a name has at least before it is altered: of shorter ones little is left. */
const FEWEST_LETTERS = 8;

const ALTERED: readonly (readonly [Slice, Alteration])[] = [
  ['one typo', oneTypo],
  ['two typos', twoTypos],
  ['rotated', rotated],
  ['one dropped', oneDropped],
  ['two joined', twoJoined],
  ['respelled', respelled],
];

interface Base {
  readonly text: string;
  readonly id: string;
}

/** Indexed names of two words and more in Latin letters. */
const basesOf = (parties: readonly ListedParty[]): readonly Base[] =>
  parties.flatMap(({ id, names }) =>
    names
      .filter(({ text, kind }) => {
        const words = plainWords(text);
        return (
          kind !== 'weak' &&
          /^[\p{Script=Latin}\p{Script=Common}\p{M}]+$/u.test(text) &&
          words.length >= 2 &&
          words.join('').length >= FEWEST_LETTERS
        );
      })
      .map(({ text }) => ({ text, id })),
  );

export function sliceQueries(folder: string, listed: ListedParties): readonly SliceQuery[] {
  const { parties, hitsOf } = listed;
  const indexed = new Set(parties.map(({ id }) => id));
  const found = (slice: Slice, names: readonly HeldOut[]): readonly SliceQuery[] =>
    names.map(({ text, id }) => ({ slice, text, hits: hitsOf(id) }));
  const altered = readTable(folder, 'un-treated')
    .filter((row) => indexed.has(cellOf(row, 'id')) && row.query !== row.target)
    .map((row) => ({ text: cellOf(row, 'query'), id: cellOf(row, 'id') }));
  const bases = basesOf(parties);
  const made = ALTERED.flatMap(([slice, alter]) => {
    const random = new Seeded(slice);
    return inHashOrder(bases, ({ text, id }) => `${slice}|${id}|${text}`)
      .values()
      .flatMap(({ text, id }): readonly SliceQuery[] => {
        const query = alter(text, random);
        return query === undefined ? [] : [{ slice, text: query, hits: hitsOf(id) }];
      })
      .take(MADE)
      .toArray();
  });
  const all = [
    ...found('real aliases', listed.takenAliases),
    ...found('OFAC 2025', listed.addedLater),
    ...found('UN altered', altered),
    ...found('native script', listed.originalScript),
    ...made,
  ];
  return inHashOrder(all, ({ slice, text }) => `query|${slice}|${text}`);
}
