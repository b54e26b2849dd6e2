import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Marking, Tlp } from '../../../src/gen/tocsin/record/v1/marking.ts';
import { SeizureSummary } from '../../../src/gen/tocsin/record/v1/seizure_notice.ts';
import { messageDescriptor } from '../../../src/record/descriptor.ts';
import { RecordError } from '../../../src/record/errors.ts';
import { instantMs, messageFromJson, messageToJson } from '../../../src/record/json.ts';
import { KINDS } from '../../../src/record/kinds.ts';
import { arbitraryMessage } from '../../support/arbitrary-message.ts';

const SUMMARY = 'tocsin.record.v1.SeizureSummary';
const MARKING = 'tocsin.record.v1.Marking';

function faultsOf(typeName: string, json: unknown): string[] {
  try {
    messageFromJson(typeName, json);
    return [];
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    return error.faults.map((fault) => `${fault.path}: ${fault.code}`);
  }
}

describe('messageFromJson', () => {
  it('carries every message of every facet there and back, and agrees with the generated codec', () => {
    const facets = [...KINDS.values()].flatMap((row) => row.facets);
    fc.assert(
      fc.property(
        fc
          .constantFrom(...facets)
          .chain((facet) =>
            arbitraryMessage(messageDescriptor(facet.typeName)).map((json) => ({ facet, json })),
          ),
        ({ facet, json }) => {
          const bytes = messageFromJson(facet.typeName, json);
          expect(messageToJson(facet.typeName, bytes)).toEqual(json);
          const again = facet.codec.encode(facet.codec.decode(bytes)).finish();
          expect(messageToJson(facet.typeName, again)).toEqual(json);
        },
      ),
      { numRuns: 120 },
    );
  });

  it('takes what people write: short names, dates as text, instants with a zone', () => {
    const bytes = messageFromJson(SUMMARY, {
      context: 'seized',
      date: 'circa 1971-03',
      country: 'NA',
      agencyType: 'AGENCY_TYPE_CUSTOMS',
      totals: [{ category: 'Assault Rifle', quantity: 3 }],
    });
    expect(SeizureSummary.decode(bytes)).toMatchObject({
      context: 1,
      date: { year: 1971, month: 3, day: 0, approximate: true },
      country: 'NA',
      agencyType: 1,
      totals: [{ category: 4, quantity: 3 }],
    });
    const marking = Marking.decode(
      messageFromJson(MARKING, { tlp: 'AMBER+STRICT', not_before: '2031-05-01T10:00:00+02:00', onward: 2 }),
    );
    expect(marking).toMatchObject({ tlp: Tlp.TLP_AMBER_STRICT, notBefore: 1_935_388_800_000n, onward: 2 });
  });

  it('reports all faults with their paths', () => {
    const faults = faultsOf(SUMMARY, {
      context: 'stolen',
      date: '1971-13',
      country: 7,
      ownerName: 'someone',
      totals: [{ category: 'rifle-or-carbine', quantity: -1 }, 'many', { quantity: 1.5, __proto__x: 1 }],
      significant: 'yes',
    });
    expect(faults.sort()).toEqual([
      'context: UNKNOWN_VALUE',
      'country: WRONG_TYPE',
      'date: WRONG_FORM',
      'ownerName: UNKNOWN_FIELD',
      'significant: WRONG_TYPE',
      'totals[0].quantity: OUT_OF_RANGE',
      'totals[1]: WRONG_TYPE',
      'totals[2].__proto__x: UNKNOWN_FIELD',
      'totals[2].quantity: WRONG_TYPE',
    ]);
  });

  const refused: readonly [string, string, unknown][] = [
    ['a list for a message', SUMMARY, []],
    ['null for a message', SUMMARY, null],
    ['a field twice by both of its names', MARKING, { releasableTo: ['XA'], releasable_to: ['XB'] }],
    ['an unknown enum number', MARKING, { tlp: 77 }],
    ['a number that is not finite', 'tocsin.record.v1.Point', { latitude: 'NaN' }],
    ['base64 that is not canonical', 'tocsin.record.v1.RecordRef', { recordId: 'AB' }],
    ['a lone surrogate', SUMMARY, { country: '\ud800' }],
    ['an instant without a zone', MARKING, { notBefore: '2031-05-01T10:00:00' }],
    ['an instant on a day that no calendar has', MARKING, { notBefore: '2031-02-30T10:00:00Z' }],
    ['a number beyond 64 bits', MARKING, { notBefore: '9223372036854775808' }],
    ['null in a list', MARKING, { releasableTo: [null] }],
    ['an own property __proto__', SUMMARY, JSON.parse('{"__proto__": {"country": "XA"}}')],
  ];
  it.each(refused)('refuses %s', (_, typeName, json) => {
    expect(faultsOf(typeName, json)).not.toEqual([]);
  });

  it('names no content in its message', () => {
    expect(() => messageFromJson(SUMMARY, { country: { secret: 'Tarrick' } })).toThrow(
      /^expected tocsin\.record\.v1\.SeizureSummary, got faults in country$/,
    );
  });

  it('refuses a type that does not exist, and bytes that are no message', () => {
    expect(() => messageFromJson('tocsin.record.v1.Owner', {})).toThrow(/full name/);
    expect(() => messageToJson(SUMMARY, Uint8Array.from([0xff]))).toThrow(/SeizureSummary/);
  });
});

describe('instantMs', () => {
  it('reads instants with a zone only', () => {
    expect(instantMs('2031-05-01T10:00:00Z')).toBe(1_935_396_000_000n);
    expect(instantMs('2031-05-01T10:00Z')).toBe(1_935_396_000_000n);
    expect(instantMs('2031-05-01')).toBeUndefined();
  });
});
