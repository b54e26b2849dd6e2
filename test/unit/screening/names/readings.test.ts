/**
 * Names in Han characters, and some in Arabic letters, are met in each of the ways in which they are read. The parties are invented, the
 * names some of them public.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  BANDS,
  type ListedParty,
  type NameHit,
  NameIndex,
  NamePool,
  type NameQuery,
} from '../../../../src/screening/index.ts';
import { readingsOf } from '../../../../src/screening/names/name-readings.ts';
import { hasHan, Reading } from '../../../../src/screening/names/reading.ts';
import { isReadOtherwise } from '../../../../src/screening/names/romanise-arabic.ts';
import { wordsOf } from '../../../../src/screening/names/words.ts';

const party = (id: string, text: string, country?: string): ListedParty => ({
  id,
  subject: 'person',
  names: [{ text, kind: 'primary' }],
  ...(country !== undefined && { countries: [country] }),
});

/** Other names, so that words have a rarity. */
const OTHERS = ['Mohamed', 'Ahmed', 'Ali', 'Hassan', 'Omar', 'Khamis', 'Hans', 'Sea'].flatMap((first, at) =>
  ['Trading', 'Keita', 'Company', 'Okafor', 'Lindqvist', 'Brandt'].map((last, place) =>
    party(`other-${at}-${place}`, `${first} ${last}`),
  ),
);

function hitsOf(listed: ListedParty, query: NameQuery): readonly NameHit[] {
  const index = new NameIndex();
  index.add([...OTHERS, listed]);
  return index.search(query).hits.filter(({ id }) => id === 'x');
}

describe('are found', () => {
  test.each([
    ['金正恩', 'KP', 'Kim Jong Un'],
    ['金正恩', 'KP', 'Kim Jong-un'],
    ['金正恩', 'KP', '김정은'],
    ['金正恩', 'KP', "Jin Zheng'en"],
    ['金 正恩', 'KP', 'Kim Jong Un'],
    ['李明博', 'KR', 'Lee Myung-bak'],
    ['李明博', 'KR', 'Yi Myeong-bak'],
    ['李明博', 'KR', 'Ri Myong Pak'],
    ['李明博', 'KR', '이명박'],
    ['朴槿惠', 'KR', 'Park Geun-hye'],
    ['朴槿惠', 'KR', '박근혜'],
    ['卢武铉', 'KR', 'Roh Moo-hyun'],
    ['崔龍海', 'KP', 'Choe Ryong Hae'],
    ['崔龍海', 'KP', '최용해'],
    ['毛泽东', 'CN', 'Mao Tse-tung'],
    ['毛澤東', undefined, 'Mao Tse-tung'],
    ['蒋介石', undefined, 'Chiang Chieh-shih'],
    ['蔣介石', undefined, 'Chiang Kai-shek'],
    ['陈大文', undefined, 'Chan Tai Man'],
    ['陈 大文', undefined, 'Chan Tai Man'],
    ['陳方安生', undefined, 'Chan Fong On Sang'],
    ['歐陽震華', undefined, 'Au-Yeung Chun-wah'],
    ['王伟', undefined, 'Wong Wai'],
    ['فضل رحيم', undefined, 'Fazal Rahim'],
    ['فضل رحيم', undefined, 'Fadl Rahim'],
    ['احمد ضیا آغا', undefined, 'Ahmad Zia Agha'],
    ['عبد القدوس مظهری', undefined, 'Abdul Quddus Mazhari'],
    ['عبدالمنان محمد اسحاق', undefined, 'Abdul Manan Mohammad Ishaq'],
    ['أحمد سهيلي', undefined, 'Ahmed Suhaili'],
    ['王', undefined, 'Wong'],
  ])('%s (%s) by %s, and the other way round', (han, country, other) => {
    const [hit] = hitsOf(party('x', han, country), { name: other });
    expect(hit?.score).toBeGreaterThanOrEqual(BANDS.probable);
    const [back] = hitsOf(party('x', other, country), { name: han });
    expect(back?.score).toBeGreaterThanOrEqual(BANDS.probable);
  });

  test('the family name alone, where the given name is another', () => {
    const [hit] = hitsOf(party('x', '陳方安生'), { name: 'Chan Tai Man', cut: 1 });
    expect(hit?.lines).toContainEqual(expect.objectContaining({ query: 'Chan', listed: '陳方安生' }));
    expect(hit?.score).toBeLessThan(BANDS.look);
  });

  test('in Korean by who says to be of Korea, whatever is known of the party', () => {
    const listed = party('x', 'Kim Jong Un');
    expect(hitsOf(listed, { name: '金正恩' })).toEqual([]);
    expect(hitsOf(listed, { name: '金正恩', countries: ['CN'] })).toEqual([]);
    expect(hitsOf(listed, { name: '金正恩', countries: ['KP'] })).toHaveLength(1);
  });

  test('in Mandarin alone, where nothing says Korea', () => {
    const listed = party('x', '金正恩');
    for (const name of ['Kim Jong Un', '김정은', 'Kim Jongun']) expect(hitsOf(listed, { name })).toEqual([]);
    expect(hitsOf(listed, { name: "Jin Zheng'en" })).toHaveLength(1);
    expect(hitsOf(party('x', '金正恩', 'CN'), { name: 'Kim Jong Un' })).toEqual([]);
  });

  test('by their own characters as before, and not by those that only another reading likens', () => {
    expect(hitsOf(party('x', '金正恩', 'KP'), { name: '金正恩' })[0]?.score).toBe(100);
    // Read in Cantonese 林 is Lam, which written as a name of its own in Mandarin is 蓝.
    expect(hitsOf(party('x', '蓝大卫'), { name: '林大卫' })).toEqual([]);
  });
});

describe('an answer', () => {
  test.each([
    ['金正恩', 'Kim Jong Un'],
    ['Kim Jong Un', '金正恩'],
    ['金正恩', '김정은'],
    ['李明博', 'Lee Myungbak Okafor'],
    ['毛泽东', 'Mao Tse-tung'],
  ])('for %s by %s shows the name as written, and its lines sum to the score', (listed, name) => {
    const [hit] = hitsOf(
      { ...party('x', listed, 'KP'), born: [{ year: 1979 }] },
      { name, born: { year: 1979 }, cut: 1 },
    );
    const sum = (hit?.lines ?? []).reduce((of, { points }) => of + Math.round(points * 10), 0);
    expect(hit?.name.text).toBe(listed);
    expect(sum).toBe(Math.round((hit?.score ?? -1) * 10));
    const words = [...listed.split(' '), ...name.split(/[ -]/u)];
    for (const { query, listed: entry, agreement } of hit?.lines ?? [])
      if (agreement !== 'born')
        for (const part of [query, entry])
          for (const word of part?.split(' ') ?? []) expect(words).toContain(word);
  });

  test('has each party once, by its best reading, best first and no more than asked for', () => {
    const index = new NameIndex();
    index.add([
      ...OTHERS,
      party('a', '金正恩', 'KP'),
      party('b', 'Kim Jong Un', 'KP'),
      party('c', '김정은', 'KP'),
    ]);
    for (const name of ['金正恩', 'Kim Jong Un']) {
      const ids = index.search({ name, cut: 50 }).hits.map(({ id }) => id);
      expect(ids.toSorted()).toEqual(['a', 'b', 'c']);
    }
    const { hits } = index.search({ name: '金正恩', cut: 50, limit: 2 });
    expect(hits).toHaveLength(2);
    expect(hits[0]?.score).toBeGreaterThanOrEqual(hits[1]?.score ?? 0);
  });

  test('names the nearest below the cut once, and none that is a hit', () => {
    const index = new NameIndex();
    index.add([...OTHERS, party('a', '金正恩', 'KP'), party('b', 'Kim Jongun Okafor Brandt', 'KP')]);
    const { hits, nearestBelow } = index.search({ name: '金正恩', nearest: true, countries: ['KP'] });
    expect(hits.map(({ id }) => id)).toEqual(['a']);
    expect(nearestBelow?.id).toBe('b');
  });
});

describe('an index', () => {
  const HAN = ['金正恩', '李明博', '毛泽东', '蔣介石', '陈大文', '歐陽震華', '王', '朝鮮勞動黨', '林鄭月娥'];
  const LATIN = ['Kim Jong Un', 'Yi Myeong-bak', 'Mao Tse-tung', 'Chan Tai Man', 'Jiang Jieshi'];
  const parties = HAN.map((name, at) => party(`han-${at}`, name, at < 2 ? 'KP' : 'CN'));

  test('forgets every reading of a party that is removed or replaced', () => {
    const index = new NameIndex();
    index.add([...OTHERS, ...parties]);
    for (const { id } of parties) expect(index.remove(id)).toBe(true);
    for (const name of [...HAN, ...LATIN]) expect(index.search({ name }).hits).toEqual([]);
    index.add(parties);
    index.add(parties.map(({ id }) => party(id, 'Zoltan Kovacsevics')));
    for (const name of [...HAN, ...LATIN]) expect(index.search({ name }).hits).toEqual([]);
    expect(index.size).toBe(OTHERS.length + parties.length);
  });

  test('that is built anew, read from a file or searched by threads answers the same', async () => {
    const index = new NameIndex();
    index.add(parties);
    const queries = [...HAN, ...LATIN].map((name) => ({ name }));
    const answers = queries.map((query) => index.search(query));
    const back = NameIndex.from(index.serialise());
    expect(queries.map((query) => back.search(query))).toEqual(answers);
    await using pool = new NamePool(index, 2);
    expect(await pool.search(queries)).toEqual(answers);
    // Parties go from segment to segment as others come: each name once.
    const merged = new NameIndex();
    for (const one of parties) merged.add([one]);
    for (let at = 0; at < 600; at++) merged.add([party(`more-${at}`, `Filler Number${at}`)]);
    const listed = merged.segments.flatMap(({ arrays }) => [...arrays.occurrenceParty]).length;
    const once = index.segments.flatMap(({ arrays }) => [...arrays.occurrenceParty]).length;
    expect(listed).toBe(once + 600);
    for (const [at, name] of HAN.entries())
      expect(merged.search({ name }).hits.map(({ id }) => id)).toEqual(answers[at]?.hits.map(({ id }) => id));
  });

  test('is no larger by other readings, where no name is in Han', () => {
    const sizes = ['KP', 'XA'].map((country) => {
      const index = new NameIndex();
      index.add(['김정은', 'Kim Jong Un', 'يوسف خليل', 'キム'].map((name) => party(name, name, country)));
      return index.segments[0]?.arrays.occurrenceParty.length;
    });
    expect(sizes).toEqual([4, 4]);
  });
});

describe('readings', () => {
  test.each([
    ['فضل رحيم', [Reading.written, Reading.persian]],
    ['محمد اسحاق', [Reading.written, Reading.persian]],
    ['محمد خليل', [Reading.written]],
    ['يوسف', [Reading.written]],
    ['Fazal Rahim', [Reading.written]],
  ] as const)('of %s are as many as Arabs and others say it in', (name, readings) => {
    expect(readingsOf(name, true)).toEqual(readings);
  });

  test('are of names of twelve Han characters at most: longer ones are read in Mandarin alone', () => {
    const name = `陈${'大文'.repeat(5)}大`;
    expect([...name]).toHaveLength(12);
    expect(readingsOf(name, true).length).toBeGreaterThan(1);
    expect(readingsOf(`${name}文`, true)).toEqual([Reading.mandarin]);
  });

  test('are one for most names without Han, and begin with Mandarin for others', () => {
    const letters = fc.string({ unit: 'grapheme', maxLength: 24 });
    fc.assert(
      fc.property(letters, fc.boolean(), (name, korean) => {
        const readings = readingsOf(name, korean);
        if (!hasHan(name) && !isReadOtherwise(name)) expect(readings).toEqual([Reading.written]);
        else if (!hasHan(name)) expect(readings).toEqual([Reading.written, Reading.persian]);
        else expect(readings[0]).toBe(Reading.mandarin);
        expect(new Set(readings).size).toBe(readings.length);
      }),
      {
        examples: [
          ['김정은', true],
          ['キム', true],
          ['Kim', true],
          ['金', true],
          ['فضل', true],
        ],
      },
    );
  });

  test('are Mandarin alone for a foreigner written out by sound, and for a given name that comes first', () => {
    expect(readingsOf('约翰·史密斯', true)).toEqual([Reading.mandarin]);
    expect(readingsOf('静 林', true)).toEqual([Reading.mandarin]);
    expect(readingsOf('中国石油', false)).toEqual([Reading.mandarin]);
  });

  test('are left out only where the others meet their spelling', () => {
    const families = [
      ...'王李张陈刘黄林周吴徐孙胡朱高何郭郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任',
    ];
    const index = new NameIndex();
    const names = families.flatMap((family) => ['文', '志强'].map((given) => family + given));
    index.add([...OTHERS, ...names.map((name) => party(name, name))]);
    let leftOut = 0;
    for (const name of names) {
      const kept = readingsOf(name, false);
      for (const reading of [Reading.wadeGiles, Reading.cantonese]) {
        if (!kept.includes(reading)) leftOut += 1;
        const latin = wordsOf(name, reading)
          .map(({ text }) => text)
          .join(' ');
        const ids = index.search({ name: latin, limit: 100 }).hits.map(({ id }) => id);
        expect(ids, `${name} as ${latin}`).toContain(name);
      }
    }
    expect(leftOut).toBeGreaterThan(10);
  });

  test('are needed: Mandarin alone would not meet them', () => {
    const index = new NameIndex();
    const pairs = [
      ['毛泽东', 'Mao Tse-tung'],
      ['蒋介石', 'Chiang Kai-shek'],
      ['陈大文', 'Chan Tai Man'],
      ['邓小平', 'Teng Hsiao-ping'],
    ] as const;
    // As the pinyin of the same names.
    index.add([
      ...OTHERS,
      ...pairs.map(([han]) =>
        party(
          han,
          wordsOf(han)
            .map(({ text }) => text)
            .join(' '),
        ),
      ),
    ]);
    for (const [, latin] of pairs) expect(index.search({ name: latin }).hits).toEqual([]);
  });
});
