import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hex } from '../../../../src/base/bytes.ts';
import { DeskGroup } from '../../../../src/gen/tocsin/record/v1/marking.ts';
import { ReferenceTable, ReferenceTableType } from '../../../../src/gen/tocsin/record/v1/reference_table.ts';
import { contentFromJson } from '../../../../src/record/content-json.ts';
import type { EquivalenceClass } from '../../../../src/screening/names/equivalence.ts';
import { Equivalences } from '../../../../src/screening/names/equivalence.ts';
import { SHIPPED_CLASSES } from '../../../../src/screening/names/equivalence-data.ts';
import { NameIndex } from '../../../../src/screening/names/name-index.ts';
import { equivalencesOf, type PublishedTable } from '../../../../src/screening/names/published.ts';
import { REFERENCE_TABLE, TABLE, tableIn } from '../../../../src/screening/names/table-record.ts';
import { EXAMPLE_NOW_MS, exampleContent } from '../../../support/contents.ts';

const table = (originator: string, digest: number, ...rows: string[]): PublishedTable => ({
  originator,
  headerDigest: new Uint8Array(32).fill(digest),
  rows: rows.map((words) => ({ words: words.split(' '), knownFrom: 'register' })),
});
const shipped: readonly EquivalenceClass[] = [
  { words: ['tarrick', 'terreque'], source: 'tocsin' },
  { words: ['orsolo', 'ursule'], source: 'tocsin' },
];
const reasons = (...tables: PublishedTable[]) =>
  equivalencesOf(shipped, tables).unused.map(({ originator, row, word, reason }) =>
    [originator, row, ...(word === undefined ? [] : [word]), reason].join(' '),
  );
/** Number as a word that no rule of letters changes. */
const word = (at: number) =>
  [...at.toString(16).padStart(6, '0')]
    .map((digit) => `g${'bcdfghjklmnpqrstv'[parseInt(digit, 16)]}`)
    .join('');

describe('published classes', () => {
  it('stand behind the shipped ones, and say who publishes them and where they are known from', () => {
    const { equivalences, unused } = equivalencesOf(shipped, [table('XC', 1, 'Quillon Kealwin')]);
    expect(equivalences.classes).toEqual([
      ...shipped,
      { words: ['Quillon', 'Kealwin'], source: 'XC: register' },
    ]);
    expect(unused).toEqual([]);
    expect(equivalences.classOf('quillon')).toBe(3);
    expect(equivalences.classOf('kealwin')).toBe(3);
  });

  it('add to a class that has one of their words', () => {
    const { equivalences, unused } = equivalencesOf(shipped, [
      table('XC', 1, 'Terreque Tarique'),
      table('XD', 1, 'Tarique Tarikou'),
    ]);
    expect(unused).toEqual([]);
    expect(equivalences.classes).toEqual([
      { words: ['tarrick', 'terreque', 'Tarique', 'Tarikou'], source: 'tocsin; XC: register; XD: register' },
      shipped[1],
    ]);
    expect(equivalences.classOf('tarikou')).toBe(1);
  });

  it('never join two classes of others, shipped or published', () => {
    const joining = table('XC', 1, 'Tarrick Orsolo Quillon', 'Dunmarr Tarrick', 'Dunmarr Ursule');
    expect(reasons(joining)).toEqual(['XC 0 joins-classes', 'XC 2 joins-classes']);
    const { equivalences } = equivalencesOf(shipped, [joining]);
    expect(equivalences.classOf('quillon')).toBe(0);
    expect(equivalences.classOf('tarrick')).not.toBe(equivalences.classOf('orsolo'));
  });

  it('leave out what says nothing, and name the word or row', () => {
    expect(
      reasons(
        table(
          'XC',
          1,
          'Tarrick Terreque',
          'Quillon',
          'Quillon QUILLON',
          'al Quillon Kealwin',
          'Dunmarr sheikh',
        ),
        table('XD', 1, 'ltd Dunmarr', 'x Dunmarr', 'Abdurrahman Dunmarr'),
      ),
    ).toEqual([
      'XC 0 nothing-new',
      'XC 1 too-few-words',
      'XC 2 too-few-words',
      'XC 3 0 no-name-word',
      'XC 4 1 no-name-word',
      'XC 4 too-few-words',
      'XD 0 0 no-name-word',
      'XD 0 too-few-words',
      'XD 1 0 no-name-word',
      'XD 1 too-few-words',
      'XD 2 0 no-name-word',
      'XD 2 too-few-words',
    ]);
  });

  it('are counted by the words that names are compared by', () => {
    const { equivalences, unused } = equivalencesOf(shipped, [
      table('XC', 1, 'Хвалин Kwelin', 'Kéalwin Quillon'),
    ]);
    expect(unused).toEqual([]);
    expect(equivalences.classOf('kealwin')).toBe(equivalences.classOf('quillon'));
    expect(equivalences.classOf('kwelin')).toBeGreaterThan(0);
  });

  it('has 64 words in a class at most', () => {
    const words = (count: number) => Array.from({ length: count }, (_, at) => word(at)).join(' ');
    expect(reasons(table('XC', 1, words(64)))).toEqual([]);
    expect(reasons(table('XC', 1, words(65)))).toEqual(['XC 0 class-full']);
    expect(reasons(table('XC', 1, words(64), `${word(0)} ${word(64)}`))).toEqual(['XC 1 class-full']);
    expect(() => new Equivalences([{ words: words(65).split(' '), source: 'XC' }])).toThrow(
      expect.objectContaining({ code: 'CLASS_INVALID' }),
    );
  });

  it('has 60,000 classes at most, 10,000 of one originator', () => {
    const many = (count: number): PublishedTable => ({
      originator: 'XC',
      headerDigest: new Uint8Array(32),
      rows: Array.from({ length: count }, (_, at) => ({
        words: [word(2 * at), word(2 * at + 1)],
        knownFrom: 'register',
      })),
    });
    expect(reasons(many(10_001))).toEqual(['XC 10000 too-many-classes']);
    const full = Array.from({ length: 59_999 }, () => ({ words: ['oba', 'obo'], source: 'tocsin' }));
    const { equivalences, unused } = equivalencesOf(full, [many(2)]);
    expect(equivalences.classes.length).toBe(60_000);
    expect(unused).toMatchObject([{ row: 1, reason: 'too-many-classes' }]);
    expect(() => new Equivalences([...equivalences.classes, ...shipped])).toThrow(
      expect.objectContaining({ code: 'CLASS_INVALID' }),
    );
  });

  it('are the same whatever the order in which their tables came', () => {
    const names = ['tarrick', 'orsolo', 'quillon', 'kealwin', 'dunmarr', 'al', 'brisko', 'velm'];
    const anyTable = fc.record({
      originator: fc.constantFrom('XC', 'XD', 'XE'),
      headerDigest: fc.uint8Array({ minLength: 32, maxLength: 32 }),
      rows: fc.array(
        fc.record({
          words: fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 4 }),
          knownFrom: fc.constantFrom('register', 'linguist'),
        }),
        { maxLength: 4 },
      ),
    });
    const tables = fc.uniqueArray(anyTable, { selector: (one) => hex(one.headerDigest), maxLength: 6 });
    fc.assert(
      fc.property(
        tables.chain((all) =>
          fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
        ),
        ([one, other]) => {
          const [a, b] = [equivalencesOf(shipped, one), equivalencesOf(shipped, other)];
          expect(b.equivalences.classes).toEqual(a.equivalences.classes);
          expect(b.equivalences.version).toBe(a.equivalences.version);
          expect(b.unused).toEqual(a.unused);
          // What was apart in the shipped list stays apart.
          expect(a.equivalences.classOf('tarrick')).not.toBe(a.equivalences.classOf('orsolo'));
          for (const { words } of a.equivalences.classes)
            expect(new Set(words.map((said) => a.equivalences.classOf(said))).size).toBe(1);
        },
      ),
    );
  });
});

describe('a record', () => {
  const header = { originator: 'XC', headerDigest: new Uint8Array(32) };
  const { content } = contentFromJson(exampleContent(REFERENCE_TABLE), {
    deskGroup: DeskGroup.DESK_GROUP_HUB,
    nowMs: EXAMPLE_NOW_MS,
  });
  const facet = content?.facets[TABLE] ?? new Uint8Array();

  it('of kind reference-table gives the table that its facet says', () => {
    const published = tableIn(header, facet);
    expect(published).toMatchObject(header);
    const { equivalences, unused } = equivalencesOf([], published === undefined ? [] : [published]);
    expect(unused).toEqual([]);
    expect(equivalences.classes.map(({ source }) => source)).toEqual([
      'XC: civil register of XC, 2023',
      'XC: civil register of XC, 2023',
    ]);
    expect(equivalences.classOf('tarrick')).toBe(1);
    expect(equivalences.classOf('ursule')).toBe(2);
  });

  it('gives none where the bytes are no table, are too many, or are a table of something else', () => {
    const other = ReferenceTable.encode({
      ...ReferenceTable.decode(facet),
      type: ReferenceTableType.REFERENCE_TABLE_TYPE_UNSPECIFIED,
    });
    for (const bytes of [facet.subarray(0, -1), new Uint8Array(256 * 1024 + 1), other.finish()])
      expect(tableIn(header, bytes)).toBeUndefined();
  });
});

describe('an index of names', () => {
  const party = {
    id: '1',
    subject: 'person',
    names: [{ text: 'Muhammad Diallo', kind: 'primary' }],
  } as const;
  const found = (equivalences: Equivalences, name: string) => {
    const index = new NameIndex({ equivalences });
    index.add([party]);
    const [hit] = index.search({ name }).hits;
    return hit?.lines.filter(({ agreement }) => agreement === 'equivalent').map(({ query }) => query);
  };

  it('finds Muhammad Diallo by Mamadou Jalloh through published classes alone', () => {
    const published = table('XC', 1, 'Mamadou Muhammad', 'Jalloh Diallo');
    expect(found(equivalencesOf([], []).equivalences, 'Mamadou Jalloh')).toBeUndefined();
    expect(found(equivalencesOf([], [published]).equivalences, 'Mamadou Jalloh')).toEqual([
      'Mamadou',
      'Jalloh',
    ]);
  });

  it('finds by a spelling that a hub adds to a shipped class', () => {
    const published = table('XC', 1, 'Diallo Ghyallowe');
    expect(found(equivalencesOf(SHIPPED_CLASSES, []).equivalences, 'Mamadou Ghyallowe')).not.toEqual([
      'Mamadou',
      'Ghyallowe',
    ]);
    expect(found(equivalencesOf(SHIPPED_CLASSES, [published]).equivalences, 'Mamadou Ghyallowe')).toEqual([
      'Mamadou',
      'Ghyallowe',
    ]);
  });

  it('does not take a snapshot that was made by other tables', () => {
    const before = new NameIndex({ equivalences: equivalencesOf(SHIPPED_CLASSES, []).equivalences });
    before.add([party]);
    const { equivalences } = equivalencesOf(SHIPPED_CLASSES, [table('XC', 1, 'Quillon Kealwin')]);
    expect(() => NameIndex.from(before.serialise(), { equivalences })).toThrow(
      expect.objectContaining({ code: 'SNAPSHOT_VERSION' }),
    );
  });
});
