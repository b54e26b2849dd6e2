/** A record's JSON form while it is written. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contentJson, differences, getAt, putBack, setAt } from '../../../src/console/compose/content.ts';
import type { Json } from '../../../src/console/compose/forms.ts';

const CONTENT = { kind: 'seizure-notice', marking: { releasableTo: [] }, facets: {} } as const;

describe('content that is written', () => {
  it('makes what is not there yet on the way, and takes entries of lists away', () => {
    const made = setAt(CONTENT as Json, ['facets', 'items', 'weapons', 0, 'make'], 'Korvath');
    expect(made).toEqual({ ...CONTENT, facets: { items: { weapons: [{ make: 'Korvath' }] } } });
    expect(setAt(made, ['facets', 'items', 'weapons', 0], undefined)).toEqual({
      ...CONTENT,
      facets: { items: { weapons: [] } },
    });
  });

  it('has put back what was taken away, beside what was written since', () => {
    const before = { list: ['a', 'b', 'c'], one: { text: 'x' } };
    const taken = setAt(before, ['list', 1], undefined);
    const since = setAt(taken, ['list', 1], 'changed');
    expect(putBack(since, ['list', 1], 'b')).toEqual({ ...before, list: ['a', 'b', 'changed'] });
    expect(putBack(setAt(before, ['list'], undefined), ['list', 1], 'b')).toEqual({ ...before, list: ['b'] });
    expect(putBack(setAt(before, ['one'], undefined), ['one'], { text: 'x' })).toEqual(before);
    expect(putBack(setAt(before, ['one'], { text: 'y' }), ['one'], { text: 'x' })).toEqual({
      ...before,
      one: { text: 'y' },
    });
  });

  it('leaves out what is empty when it is sent, and keeps the empty lists of the marking, which are choices', () => {
    const content = {
      ...CONTENT,
      facets: { items: { weapons: [{ make: '', quantity: 0 }, {}] }, route: { place: {} } },
    };
    expect(JSON.parse(contentJson(content))).toEqual({
      kind: 'seizure-notice',
      marking: { releasableTo: [] },
      facets: { items: { weapons: [{ quantity: 0 }] } },
    });
  });

  it('reads back what was set, wherever it was, and changes nothing else', () => {
    const path = fc.array(fc.oneof(fc.constantFrom('a', 'b'), fc.integer({ min: 0, max: 3 })), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(path, fc.string({ minLength: 1 }), (at, text) => {
        const before = Object.freeze({ other: Object.freeze({ kept: 1 }) });
        const after = setAt(before, ['made', ...at], text);
        expect(getAt(after, ['made', ...at])).toBe(text);
        expect(getAt(after, ['other'])).toBe(before.other);
      }),
    );
  });

  it('differs from another in the parts that say something else, whatever their order and what is empty in them', () => {
    const one = {
      ...CONTENT,
      priority: 'PRIORITY_FLASH',
      facets: { summary: { a: 1, b: [{ c: 'x', d: 'y' }] }, route: { legs: [] } },
    };
    const same = { ...one, facets: { summary: { b: [{ d: 'y', c: 'x' }], a: 1, note: '' } } };
    expect(differences(one, same)).toEqual([]);
    expect(differences(one, { ...same, expires: '1' })).toEqual([]);
    expect(
      differences(
        { ...one, facets: { ...one.facets, legal: { basis: 'x' } } },
        { ...same, priority: 'PRIORITY_ROUTINE', facets: { summary: { a: 2 } } },
      ),
    ).toEqual(['priority', 'summary', 'legal']);
    expect(differences(one, { ...one, marking: { releasableTo: ['XB'] } })).toEqual(['marking']);
  });
});
