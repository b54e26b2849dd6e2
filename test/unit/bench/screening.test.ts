import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  oneDropped,
  oneTypo,
  respelled,
  rotated,
  twoJoined,
  twoTypos,
  wordsOf,
} from '../../bench/screening/alter.ts';
import { readCorpus } from '../../bench/screening/corpus.ts';
import { dataFolder, NO_DATA } from '../../bench/screening/data.ts';
import { bestCut, crossFit, fitAt } from '../../bench/screening/judged.ts';
import { inHashOrder, Seeded } from '../../bench/screening/random.ts';
import { answerAll, intervalOf, recallAt, recallOf } from '../../bench/screening/recall.ts';
import { distance, resemblance, sameWords } from '../../bench/screening/resemblance.ts';
import type { SliceQuery } from '../../bench/screening/slices.ts';

const seeds = fc.string({ minLength: 1 });
const words = fc
  .array(fc.stringMatching(/^[a-z]{4,9}$/), { minLength: 3, maxLength: 5 })
  .map((parts) => parts.join(' '));

describe('names altered', () => {
  it('are the same for one seed', () => {
    fc.assert(
      fc.property(words, seeds, (name, seed) => {
        for (const alter of [oneTypo, twoTypos, rotated, oneDropped, twoJoined, respelled])
          expect(alter(name, new Seeded(seed))).toBe(alter(name, new Seeded(seed)));
      }),
    );
  });

  it('by one slip differ by one letter, or by two that changed places', () => {
    fc.assert(
      fc.property(words, seeds, (name, seed) => {
        const altered = oneTypo(name, new Seeded(seed)) ?? '';
        const apart = distance(name, altered);
        expect(apart).toBeGreaterThan(0);
        expect(apart).toBeLessThanOrEqual(2);
      }),
    );
  });

  it('keep their letters when turned or joined, and lose one word when one is dropped', () => {
    const lettersOf = (name: string): string => [...name.replaceAll(' ', '')].sort().join('');
    fc.assert(
      fc.property(words, seeds, (name, seed) => {
        const turned = rotated(name, new Seeded(seed)) ?? '';
        expect(sameWords(wordsOf(turned), wordsOf(name))).toBe(true);
        const joined = twoJoined(name, new Seeded(seed)) ?? '';
        expect(lettersOf(joined)).toBe(lettersOf(name));
        expect(wordsOf(joined)).toHaveLength(wordsOf(name).length - 1);
        const fewer = wordsOf(oneDropped(name, new Seeded(seed)) ?? '');
        expect(fewer).toHaveLength(wordsOf(name).length - 1);
        expect(fewer.every((word) => wordsOf(name).includes(word))).toBe(true);
      }),
    );
  });

  it('are not altered where there is nothing to alter', () => {
    const random = new Seeded('any');
    expect(oneTypo('al bo', random)).toBeUndefined();
    expect(rotated('single', random)).toBeUndefined();
    expect(oneDropped('two words', random)).toBeUndefined();
    expect(twoJoined('single', random)).toBeUndefined();
    expect(respelled('tra la', random)).toBeUndefined();
  });
});

describe('resemblance', () => {
  it('is the share of letters in words that have one alike', () => {
    expect(resemblance(['yusuf', 'kalil'], ['yousuf', 'ould', 'kalil'])).toBe(1);
    expect(resemblance(['yusuf', 'kalil'], ['kalil', 'berto'])).toBe(0.5);
    expect(resemblance(['yusuf'], ['berto'])).toBe(0);
  });

  it('counts letters put in, left out and replaced', () => {
    expect(distance('', 'abc')).toBe(3);
    expect(distance('kitten', 'sitting')).toBe(3);
  });
});

describe('shares', () => {
  it("have Wilson's interval", () => {
    // Brown, Cai and DasGupta 2001: 0 of 10 gives 0 to 0.278.
    const [low, high] = intervalOf({ found: 0, of: 10 });
    expect(low).toBe(0);
    expect(high).toBeCloseTo(0.2775, 3);
    const [from, to] = intervalOf({ found: 5, of: 10 });
    expect(from).toBeCloseTo(0.2366, 3);
    expect(to).toBeCloseTo(0.7634, 3);
  });

  it('count the place of the first hit in each slice', () => {
    const query = (text: string, slice: SliceQuery['slice']): SliceQuery => ({
      text,
      slice,
      hits: new Set(['right']),
    });
    const engine = {
      name: 'fixed',
      build: () => undefined,
      search: (text: string) =>
        text === 'first' ? ['right'] : text === 'second' ? ['wrong', 'right'] : ['wrong'],
    };
    const answered = answerAll(engine, [
      query('first', 'rotated'),
      query('second', 'rotated'),
      query('never', 'one typo'),
    ]);
    const found = recallOf(answered).filter(({ first }) => first.of > 0);
    expect(found).toEqual([
      { slice: 'one typo', first: { found: 0, of: 1 }, firstTen: { found: 0, of: 1 } },
      { slice: 'rotated', first: { found: 1, of: 2 }, firstTen: { found: 2, of: 2 } },
    ]);
    expect(recallAt(answered, 10)).toEqual({ found: 2, of: 3 });
  });
});

describe('cuts', () => {
  const pair = (candidate: string, isMatch: boolean, score: number) => ({ candidate, isMatch, score });

  it('are judged by precision and recall', () => {
    const pairs = [pair('a', true, 90), pair('b', true, 40), pair('c', false, 60), pair('d', false, 10)];
    expect(fitAt(pairs, 50)).toEqual({ precision: 0.5, recall: 0.5, f1: 0.5 });
    expect(bestCut(pairs)).toBeGreaterThan(10);
    expect(bestCut(pairs)).toBeLessThanOrEqual(40);
  });

  it('of one half judge the other', () => {
    // Every match scores 80, every other 20: any cut of one half is right for the other.
    const pairs = Array.from({ length: 40 }, (_, at) =>
      pair(`candidate ${at}`, at % 2 === 0, at % 2 === 0 ? 80 : 20),
    );
    const { fit, cuts } = crossFit(pairs);
    expect(fit.f1).toBe(1);
    for (const cut of cuts) expect(cut).toBeGreaterThan(20);
  });
});

describe('hash order', () => {
  it('does not depend on the order that rows come in', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string()), (rows) => {
        const sorted = inHashOrder(rows, (row) => row);
        expect(inHashOrder([...rows].reverse(), (row) => row)).toEqual(sorted);
      }),
    );
  });
});

const folder = dataFolder();
if (folder === undefined) process.stdout.write(`${NO_DATA}\n`);
describe.skipIf(folder === undefined)('the corpus', () => {
  const corpus = folder === undefined ? undefined : readCorpus(folder);

  it('has as many entries as asked, each id once, the same in each iteration', () => {
    const ids = [...(corpus?.parties(36_000) ?? [])].map(({ id }) => id);
    expect(ids).toHaveLength(36_000);
    expect(new Set(ids).size).toBe(36_000);
    const again = [...(corpus?.parties(36_000) ?? [])];
    expect(again.at(-1)).toEqual([...(corpus?.parties(36_000) ?? [])].at(-1));
  });

  it('has no name that it asks for among those of its party', () => {
    const parties = new Map(corpus?.listed.parties.map((party) => [party.id, party]));
    const { takenAliases = [], originalScript = [], addedLater = [] } = corpus?.listed ?? {};
    expect(takenAliases.length).toBeGreaterThan(500);
    for (const { id, text } of [...takenAliases, ...originalScript, ...addedLater]) {
      expect(parties.get(id)?.names.length).toBeGreaterThan(0);
      expect(parties.get(id)?.names.map((name) => name.text)).not.toContain(text);
    }
  });

  it('asks manifests for nobody who is in the index', () => {
    const indexed = new Set(
      [...(corpus?.parties(40_000) ?? [])].flatMap(({ names }) => names.map(({ text }) => text)),
    );
    const asked = corpus?.manifest ?? [];
    expect(asked.length).toBeGreaterThan(10_000);
    expect(asked.filter((name) => indexed.has(name)).length / asked.length).toBeLessThan(0.01);
  });
});
