/** Distances of many words at once are those of each pair alone. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Agreements, WordAgreement } from '../../../../src/screening/names/agree.ts';
import { costOf } from '../../../../src/screening/names/distance.ts';
import { costsOf, isPlain, MOST_AT_ONCE, UNTOLD } from '../../../../src/screening/names/distances.ts';
import { NameIndex } from '../../../../src/screening/names/name-index.ts';
import { WordFlag } from '../../../../src/screening/names/particles.ts';
import { QueryWord } from '../../../../src/screening/names/query-word.ts';
import { ListedWord, type Segment, WORD } from '../../../../src/screening/names/segment.ts';

const UNBOUNDED = 10_000;

const word = fc.string({
  unit: fc.constantFrom(...'aaeeiouybcckkdfghjlmnnpqrsstvwxz'),
  minLength: 1,
  maxLength: 18,
});
const flags = fc.constantFrom(0, 0, WordFlag.unvowelled);
/** Some are near the first: letters of it turned, left out, put in, or taken for others. */
const words = fc
  .tuple(word, fc.array(fc.tuple(word, fc.nat(18), fc.nat(4)), { minLength: 1, maxLength: 40 }))
  .map(([first, others]) => [
    first,
    ...others.map(([other, at, kind]) => {
      const next = first.charAt(at + 1);
      if (kind === 0 || at >= first.length) return other;
      if (kind === 1) return first.slice(0, at) + first.slice(at + 1) || other;
      if (kind === 2) return first.slice(0, at) + other.charAt(0) + first.slice(at);
      if (kind === 3) return first.slice(0, at) + next + first.charAt(at) + first.slice(at + 2);
      return first.slice(0, at) + other.slice(0, 2) + first.slice(at + 1);
    }),
  ]);

/** Records of a segment with these words, no more of them than is compared. */
function recordsOf(listed: readonly QueryWord[]): Uint32Array {
  const records = new Uint32Array(listed.length * WORD.size);
  const bytes = new Uint8Array(records.buffer);
  for (const [at, { text, to, flags }] of listed.entries()) {
    records[at * WORD.size + WORD.lengths] = (to | (flags << 24)) >>> 0;
    bytes.set(new TextEncoder().encode(text).subarray(0, 16), (at * WORD.size + WORD.letters) * 4);
  }
  return records;
}

const all = (count: number): Uint32Array => Uint32Array.from({ length: count }, (_, at) => at);

function toldOf(asked: QueryWord, listed: readonly QueryWord[]): readonly number[] {
  const { told, slots } = costsOf(asked, recordsOf(listed), all(listed.length), 0, listed.length);
  return listed.map((_, at) => told[slots[at] as number] as number);
}

const plain = (text: string): QueryWord => new QueryWord(text, 0, 0);

describe('distances of many at once', () => {
  test('are those of each pair', () => {
    fc.assert(
      fc.property(words, fc.array(flags, { minLength: 50, maxLength: 50 }), (texts, kinds) => {
        const [asked, ...listed] = texts.map((text, at) => new QueryWord(text, kinds[at] as number, 0)) as [
          QueryWord,
          ...QueryWord[],
        ];
        fc.pre(isPlain(asked));
        const told = toldOf(asked, listed);
        for (const [at, other] of listed.entries()) {
          const cost = costOf(asked, other, UNBOUNDED);
          const isTold = cost < UNTOLD && other.to <= 16;
          expect(told[at], `${asked.text} and ${other.text}`).toBe(isTold ? cost : UNTOLD);
        }
      }),
      { numRuns: 3_000 },
    );
  });

  test.each([
    ['hasan', 'hassan', 6],
    ['karim', 'kerim', 7],
    ['abdi', 'adbi', 15],
    ['tarik', 'tarick', 20],
    ['tarick', 'taric', 6],
    ['omar', 'omar', 0],
    ['a', 'b', 20],
    ['al', 'khalil', 20 + 10 + 20 + 12],
  ])('%s and %s: %i', (one, other, cost) => {
    expect(costOf(plain(one), plain(other), UNBOUNDED)).toBe(cost);
    expect(toldOf(plain(one), [plain(other)])).toEqual([cost]);
  });

  test('are not told of words with digits, or of more than sixteen letters, or far away', () => {
    const long = 'abcdefghabcdefghi';
    expect(isPlain(plain(long))).toBe(false);
    expect(isPlain(plain('k9'))).toBe(false);
    expect(toldOf(plain('kilo'), ['k9lo', long, 'x'.repeat(32), 'kilo'].map(plain))).toEqual([
      UNTOLD,
      UNTOLD,
      UNTOLD,
      0,
    ]);
    expect(toldOf(plain('bcdfghjklmnpqrst'), [plain('a'), plain('zvzvzvzvzvzvzvzv')])).toEqual([
      UNTOLD,
      UNTOLD,
    ]);
  });

  test('are told of as many as one call takes, with vowels and without', () => {
    const listed = Array.from(
      { length: MOST_AT_ONCE },
      (_, at) => new QueryWord(['omar', 'omer', 'mr', 'khalid'][at % 4] as string, Number(at % 3 === 0), 0),
    );
    const asked = plain('omar');
    expect(toldOf(asked, listed)).toEqual(listed.map((other) => costOf(asked, other, UNBOUNDED)));
  });
});

test('a bound leaves no pair out whose distance is within it', () => {
  fc.assert(
    fc.property(words, fc.nat(90), ([one, ...others], most) => {
      const asked = plain(one as string);
      for (const other of others.map(plain)) {
        const cost = costOf(asked, other, UNBOUNDED);
        if (cost <= most) expect(costOf(asked, other, most)).toBe(cost);
        else expect(costOf(asked, other, most)).toBeGreaterThan(most);
      }
    }),
    { numRuns: 3_000 },
  );
});

describe('a word agrees with many', () => {
  const index = new NameIndex();
  const names =
    'Omar Umar Omer Khalid Khaled Chalid Halid خالد عمر Mohamed Muhammad Mamadou محمد Abdi Adbi Akram Arkam Ali A 12 9mm Co Ltd bin Ibn Kowalczykiewiczowska Kowalczykiewiczowski Trading';
  index.add(
    names.split(' ').map((text) => ({ id: text, subject: 'person', names: [{ text, kind: 'primary' }] })),
  );
  const segment = index.segments[0] as Segment;

  test.each([
    'omar',
    'khalid',
    'hld',
    'mohamed',
    'abdi',
    'arkam',
    'a',
    '12',
    'bin',
    'kowalczykiewiczowska',
    '9mm',
  ])('%s, as with each of them alone', (text) => {
    for (const kind of [0, WordFlag.unvowelled, text.length === 1 ? WordFlag.initial : 0])
      for (const sharesKey of [true, false]) {
        const { agreement } = new QueryWord(text, kind, index.equivalences.classOf(text));
        const listed = new ListedWord(segment.arrays);
        const many = new Agreements();
        agreement.withMany(all(segment.words), segment.words, listed, sharesKey, many);
        const alone = Array.from({ length: segment.words }, (_, at) => {
          const value = agreement.with(listed.at(at), sharesKey);
          return [value, value > 0 ? agreement.how : 0];
        });
        const together = alone.map((_, at) => {
          const value = many.values[at] as number;
          return [value, value > 0 ? many.how[at] : 0];
        });
        expect(together).toEqual(alone);
      }
  });

  test('also where they are more than are compared at once', () => {
    const { agreement } = new QueryWord('omar', 0, 0);
    const listed = new ListedWord(segment.arrays);
    const count = 2 * MOST_AT_ONCE + 7;
    const several = Uint32Array.from({ length: count }, (_, at) => at % segment.words);
    const many = new Agreements();
    agreement.withMany(several, count, listed, false, many);
    expect([...many.values.subarray(0, count)]).toEqual(
      [...several].map((at) => new WordAgreement(plain('omar')).with(listed.at(at))),
    );
  });
});
