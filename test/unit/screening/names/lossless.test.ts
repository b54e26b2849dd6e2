/** Nothing above the cut is lost: neither by the keys under which words meet, nor by the postings that are not read. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WordAgreement } from '../../../../src/screening/names/agree.ts';
import { addKeys, KeyList } from '../../../../src/screening/names/keys.ts';
import { NameIndex } from '../../../../src/screening/names/name-index.ts';
import { WordFlag } from '../../../../src/screening/names/particles.ts';
import { QueryWord } from '../../../../src/screening/names/query-word.ts';
import { CODED, soundCodeOf, withinOneSound } from '../../../../src/screening/names/sound-code.ts';

const letters = fc.string({
  unit: fc.constantFrom(...'aaeeiioouuwybcdfghjklmmnnpqrrsstvxz'),
  minLength: 1,
  maxLength: 12,
});
/** Two words that are often near: the second is the first with a few letters changed. */
const pair = fc
  .tuple(letters, fc.array(fc.tuple(fc.nat(12), fc.constantFrom(...'aehkmlrstvwyjcf', '')), { maxLength: 3 }))
  .map(([word, edits]) => {
    let other = word;
    for (const [at, letter] of edits)
      other = other.slice(0, at) + letter + other.slice(at + (letter === '' ? 1 : at % 2));
    return [word, other === '' ? 'a' : other.slice(0, 20)] as const;
  });

const keysOf = (word: QueryWord): Set<number> => {
  const keys = new KeyList();
  addKeys(word, keys);
  return new Set(keys.hashes.subarray(0, keys.count));
};

describe('words that agree share a key', () => {
  test.each([
    ['with vowels', 0, 0],
    ['looked up without vowels', WordFlag.unvowelled, 0],
    ['listed without vowels', 0, WordFlag.unvowelled],
    ['both without vowels', WordFlag.unvowelled, WordFlag.unvowelled],
  ])('%s', (_, asked, listed) => {
    fc.assert(
      fc.property(pair, ([one, other]) => {
        const query = new QueryWord(one, asked, 0);
        const entry = new QueryWord(other, listed, 0);
        const agreement = new WordAgreement(query).with(entry);
        if (agreement === 0) return;
        const listedUnder = keysOf(entry);
        // Under the keys of words alike in letters, what has no agreeable sketch is passed over.
        const isSeen = query.agreeable[entry.sketch] === 1;
        const meets = [...query.keys].some(
          (key, at) => listedUnder.has(key) && (isSeen || at >= query.alike),
        );
        expect(meets, `${one} and ${other} agree by ${agreement}`).toBe(true);
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('codes of consonants', () => {
  const sounds = fc.string({ unit: fc.constantFrom(...'tkshfbcjlmnr'), minLength: 2, maxLength: CODED });
  const codeOf = (text: string) => {
    const bytes = new TextEncoder().encode(text);
    return soundCodeOf(bytes, 0, bytes.length);
  };
  /** All that is one consonant away. */
  const near = (text: string) =>
    new Set(
      [...text, ''].flatMap((_, at) => [
        ...(at < text.length ? [text.slice(0, at) + text.slice(at + 1)] : []),
        ...[...'tkshfbcjlmnr'].flatMap((sound) => [
          text.slice(0, at) + sound + text.slice(at),
          text.slice(0, at) + sound + text.slice(at + 1),
        ]),
      ]),
    );

  test('are one consonant apart where the words are', () => {
    fc.assert(
      fc.property(sounds, sounds, (one, other) => {
        const within = withinOneSound(codeOf(one), one.length, codeOf(other), other.length, false);
        if (Math.abs(one.length - other.length) <= 1)
          expect(within).toBe(one === other || near(one).has(other) || near(other).has(one));
      }),
      { numRuns: 2_000 },
    );
    for (const [one, other, alike] of [
      ['smr', 'snr', true],
      ['smr', 'str', false],
      ['smr', 'sr', false],
      ['shr', 'sr', true],
      ['tft', 'tt', true],
    ] as const)
      expect(
        withinOneSound(codeOf(one), one.length, codeOf(other), other.length, true),
        `${one} ${other}`,
      ).toBe(alike);
  });
});

const VOCABULARY =
  'mohamed muhamad ahmed ahmet ali aly hassan hasan khalid halid okafor okafour castellanos kastelanos brandt brand sea star seastar ibrahim ebrahim nur din nurdin abdul rahman 12 14 v'.split(
    ' ',
  );
const name = fc
  .array(fc.constantFrom(...VOCABULARY), { minLength: 1, maxLength: 4 })
  .map((words) => words.join(' '));

describe('a cut loses nothing above it', () => {
  test('whatever is asked for with a higher cut is what a low cut finds, as far as it reaches it', () => {
    fc.assert(
      fc.property(
        fc.array(name, { minLength: 1, maxLength: 60 }),
        name,
        fc.integer({ min: 20, max: 95 }),
        (listed, query, cut) => {
          const index = new NameIndex();
          index.add(
            listed.map((text, at) => ({
              id: `p${at}`,
              subject: 'unknown',
              names: [{ text, kind: 'primary' }],
            })),
          );
          const all = index.search({ name: query, cut: 0.5, limit: 1_000 });
          const above = index.search({ name: query, cut, limit: 1_000 });
          const expected = all.hits.filter(({ score }) => score >= cut + 0.06).map(({ id }) => id);
          expect(above.hits.map(({ id }) => id)).toEqual(expect.arrayContaining(expected));
          expect(above.hits.every(({ score }) => score >= cut - 0.06)).toBe(true);
        },
      ),
      { numRuns: 250 },
    );
  });

  test('the ten best are the best ten of all', () => {
    fc.assert(
      fc.property(fc.array(name, { minLength: 20, maxLength: 80 }), name, (listed, query) => {
        const index = new NameIndex();
        index.add(
          listed.map((text, at) => ({
            id: `p${at}`,
            subject: 'unknown',
            names: [{ text, kind: 'primary' }],
          })),
        );
        const scores = (limit: number) =>
          index.search({ name: query, cut: 20, limit }).hits.map(({ score }) => score);
        expect(scores(10)).toEqual(scores(1_000).slice(0, 10));
      }),
      { numRuns: 250 },
    );
  });

  test('a name is always found by itself', () => {
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 40 }), (listed) => {
        const index = new NameIndex();
        index.add(
          listed.map((text, at) => ({
            id: `p${at}`,
            subject: 'unknown',
            names: [{ text, kind: 'primary' }],
          })),
        );
        for (const [at, text] of listed.entries()) {
          const { hits } = index.search({ name: text, cut: 50, limit: 100 });
          expect(hits.map(({ id }) => id)).toContain(`p${at}`);
        }
      }),
      { numRuns: 100 },
    );
  });
});
