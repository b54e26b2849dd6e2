import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fieldChanges } from '../../../src/record/index.ts';

describe('differences between two versions', () => {
  it('name the fields that changed, came and went, and no others', () => {
    const before = { make: 'Zastava', model: 'M70', calibre: '7.62', place: { country: 'XA', port: 'P1' } };
    const after = { make: 'Zastava', model: 'M72', serial: 'A1', place: { country: 'XA', port: 'P2' } };
    expect(fieldChanges(before, after)).toEqual([
      { path: 'model', before: 'M70', after: 'M72' },
      { path: 'calibre', before: '7.62' },
      { path: 'place.port', before: 'P1', after: 'P2' },
      { path: 'serial', after: 'A1' },
    ]);
  });

  it('show one entry taken out of a list, or put into it, as one difference', () => {
    const three = { weapons: [{ n: 1 }, { n: 2 }, { n: 3 }] };
    const two = { weapons: [{ n: 1 }, { n: 3 }] };
    expect(fieldChanges(three, two)).toEqual([{ path: 'weapons[1]', before: { n: 2 } }]);
    expect(fieldChanges(two, three)).toEqual([{ path: 'weapons[1]', after: { n: 2 } }]);
    expect(fieldChanges(three, { weapons: [{ n: 1 }, { n: 9 }, { n: 3 }] })).toEqual([
      { path: 'weapons[1].n', before: 2, after: 9 },
    ]);
  });

  it('are none exactly where both are equal, and turn around with their arguments', () => {
    const json = fc.jsonValue({ maxDepth: 4 });
    fc.assert(
      fc.property(json, json, (one, other) => {
        const [a, b] = [JSON.parse(JSON.stringify(one)), JSON.parse(JSON.stringify(other))];
        expect(fieldChanges(a, a)).toEqual([]);
        const there = fieldChanges(a, b);
        expect(there.length === 0).toBe(sorted(a) === sorted(b));
        const back = fieldChanges(b, a).map(({ path, before, after }) => ({
          path,
          ...(after !== undefined && { before: after }),
          ...(before !== undefined && { after: before }),
        }));
        const inOrder = (changes: readonly { readonly path: string }[]) =>
          changes.map((change) => sorted(change)).sort();
        expect(inOrder(back)).toEqual(inOrder(there));
      }),
    );
  });
});

/** JSON text that does not depend on the order of keys. */
const sorted = (value: unknown): string =>
  JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
