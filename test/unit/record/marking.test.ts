import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  Evidence,
  Handling,
  type Marking,
  Onward,
  Pap,
  Purpose,
  Status,
  Tlp,
} from '../../../src/gen/tocsin/record/v1/marking.ts';
import { joinMarkings, judgeMarking, worldOf } from '../../../src/record/marking.ts';

const real = <Value extends number>(values: Readonly<Record<string, Value>>): Value[] =>
  Object.values(values).filter((value) => value > 0);

const sorted = <Value extends string | number>(values: readonly Value[]) =>
  fc.subarray([...values]).map((list) => list.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)));

const markings: fc.Arbitrary<Marking> = fc.record({
  tlp: fc.constantFrom(...real<Tlp>(Tlp)),
  handling: sorted(real<Handling>(Handling)),
  pap: fc.constantFrom<Pap>(0, ...real<Pap>(Pap)),
  releasableTo: sorted(['XA', 'XB', 'XC', 'sac', 'suppliers']),
  purposes: sorted(real<Purpose>(Purpose)),
  onward: fc.constantFrom(...real<Onward>(Onward)),
  evidence: fc.constantFrom(...real<Evidence>(Evidence)),
  notBefore: fc.bigInt({ min: 0n, max: 1n << 40n }),
  status: fc.constantFrom(...real<Status>(Status)),
  alsoFacets: sorted(['items', 'persons', 'route']),
  condition: fc.constantFrom('', 'ask first', 'ask first\ncall before boarding'),
  readReceipt: fc.boolean(),
});

const valid: Marking = {
  tlp: Tlp.TLP_AMBER,
  handling: [Handling.HANDLING_H0],
  pap: Pap.PAP_UNSPECIFIED,
  releasableTo: ['sac', 'XB'],
  purposes: [Purpose.PURPOSE_LICENSING],
  onward: Onward.ONWARD_NONE,
  evidence: Evidence.EVIDENCE_CONSENT,
  notBefore: 0n,
  status: Status.STATUS_ACTUAL,
  alsoFacets: [],
  condition: '',
  readReceipt: false,
};

describe('joinMarkings', () => {
  it('is a semilattice: order and repetition do not matter', () => {
    fc.assert(
      fc.property(markings, markings, markings, (a, b, c) => {
        expect(joinMarkings(a, b)).toEqual(joinMarkings(b, a));
        expect(joinMarkings(joinMarkings(a, b), c)).toEqual(joinMarkings(a, joinMarkings(b, c)));
        expect(joinMarkings(a, a)).toEqual(a);
        expect(joinMarkings(joinMarkings(a, b), b)).toEqual(joinMarkings(a, b));
      }),
      { numRuns: 100 },
    );
  });

  it('is never laxer than either input', () => {
    fc.assert(
      fc.property(markings, markings, (a, b) => {
        const both = joinMarkings(a, b);
        for (const one of [a, b]) {
          expect(both.tlp).toBeGreaterThanOrEqual(one.tlp);
          expect(both.onward).toBeLessThanOrEqual(one.onward);
          expect(both.evidence).toBeLessThanOrEqual(one.evidence);
          expect(both.notBefore).toBeGreaterThanOrEqual(one.notBefore);
          expect(one.releasableTo).toEqual(expect.arrayContaining(both.releasableTo));
          expect(one.purposes).toEqual(expect.arrayContaining(both.purposes));
          expect(both.handling).toEqual(expect.arrayContaining(one.handling));
        }
      }),
      { numRuns: 100 },
    );
  });

  it('releases to nobody where the inputs have no name in common', () => {
    expect(joinMarkings(valid, { ...valid, releasableTo: ['suppliers'] }).releasableTo).toEqual([]);
  });
});

describe('judgeMarking', () => {
  it('finds nothing in a well-formed marking', () => {
    expect(judgeMarking(valid)).toEqual([]);
    expect(
      judgeMarking({ ...valid, handling: [Handling.HANDLING_H3], condition: 'call before boarding' }),
    ).toEqual([]);
    expect(
      judgeMarking({ ...valid, handling: [Handling.HANDLING_H2], onward: Onward.ONWARD_CONSENT }),
    ).toEqual([]);
  });

  const cases: readonly [string, Partial<Marking>, string][] = [
    ['no TLP', { tlp: 0 }, 'marking.tlp'],
    ['no onward rule', { onward: 0 }, 'marking.onward'],
    ['no evidence rule', { evidence: 0 }, 'marking.evidence'],
    ['no status', { status: 0 }, 'marking.status'],
    ['no purpose', { purposes: [] }, 'marking.purposes'],
    ['a purpose twice', { purposes: [1, 1] }, 'marking.purposes'],
    ['nobody to release to', { releasableTo: [] }, 'marking.releasableTo'],
    ['a mixed-case name', { releasableTo: ['Xa'] }, 'marking.releasableTo[0]'],
    ['an exclusion', { releasableTo: ['!XB'] }, 'marking.releasableTo[0]'],
    [
      '65 recipients',
      { releasableTo: Array.from({ length: 65 }, (_, i) => `N${i}X`) },
      'marking.releasableTo',
    ],
    [
      'H2 with onward group',
      { handling: [Handling.HANDLING_H2], onward: Onward.ONWARD_GROUP },
      'marking.onward',
    ],
    ['H3 without condition', { handling: [Handling.HANDLING_H3] }, 'marking.condition'],
    ['a condition without H3', { condition: 'call first' }, 'marking.condition'],
    [
      'a long condition',
      { handling: [Handling.HANDLING_H3], condition: 'x'.repeat(501) },
      'marking.condition',
    ],
    ['a facet name that is none', { alsoFacets: ['Persons'] }, 'marking.alsoFacets[0]'],
    ['a start before 1970', { notBefore: -1n }, 'marking.notBefore'],
  ];
  it.each(cases)('finds %s', (_, change, path) => {
    expect(judgeMarking({ ...valid, ...change }).map((fault) => fault.path)).toContain(path);
  });

  it('finds all faults at once', () => {
    expect(judgeMarking({ ...valid, tlp: 0, purposes: [], releasableTo: [] })).toHaveLength(3);
  });
});

describe('worldOf', () => {
  it('sends everything but actual records to the exercise log', () => {
    expect(worldOf(Status.STATUS_ACTUAL)).toBe('live');
    expect(worldOf(Status.STATUS_EXERCISE)).toBe('exercise');
    expect(worldOf(Status.STATUS_TEST)).toBe('exercise');
  });
});
