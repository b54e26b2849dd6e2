import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  anyOf,
  type Grant,
  grantedPurposes,
  type JudgeFacet,
  judgeFacetsShown,
} from '../../../src/desk/visibility.ts';
import { DeskGroup, Purpose } from '../../../src/gen/tocsin/record/v1/marking.ts';

const grantOf = (...facets: string[]): Grant => ({
  facets,
  audience: {
    deskGroups: [DeskGroup.DESK_GROUP_POLICE],
    purposes: [Purpose.PURPOSE_INVESTIGATION, Purpose.PURPOSE_TRACE],
  },
  facetAudiences: [],
});
const allow: JudgeFacet = () => ({ allowed: true, rule: 'R4', reason: 'yes' });
const deny: JudgeFacet = () => ({ allowed: false, rule: 'R8', reason: 'no' });
const facets = [
  { name: 'summary', class: 'S' as const },
  { name: 'persons', class: 'P' as const },
  { name: 'source', class: 'X' as const },
];
const shown = (change: Partial<Parameters<typeof judgeFacetsShown>[0]>) =>
  judgeFacetsShown({
    facets,
    held: new Set(['summary', 'persons']),
    grants: [grantOf('summary', 'persons')],
    conditionPending: false,
    judge: allow,
    ...change,
  }).map((verdict) => verdict.withheld?.by);

describe('visibility of a record', () => {
  it('says of each facet who withheld it', () => {
    expect(shown({})).toEqual([undefined, undefined, 'originator']);
    expect(shown({ judge: deny })).toEqual(['desk', 'desk', 'originator']);
    expect(shown({ conditionPending: true })).toEqual(['condition', 'condition', 'originator']);
  });

  it('takes a facet only under an item that brought it', () => {
    expect(shown({ grants: [grantOf('summary')] })).toEqual([undefined, 'desk', 'originator']);
    expect(shown({ grants: [grantOf('summary'), grantOf('persons')] })).toEqual([
      undefined,
      undefined,
      'originator',
    ]);
    expect(shown({ grants: [] })).toEqual(['desk', 'desk', 'originator']);
  });

  it('asks once, without a grant, about records of this node', () => {
    const asked: unknown[] = [];
    shown({
      grants: undefined,
      judge: (facet, facetClass, grant) => {
        asked.push([facet, grant]);
        return allow(facet, facetClass, grant);
      },
    });
    expect(asked).toEqual([
      ['summary', undefined],
      ['persons', undefined],
    ]);
  });

  it('explains a refusal by the first one, and nothing at all by the audience', () => {
    expect(anyOf([1, 2], (n) => ({ allowed: false, rule: `R${n}`, reason: '' })).rule).toBe('R1');
    expect(anyOf([1, 2], (n) => ({ allowed: n === 2, rule: `R${n}`, reason: '' })).rule).toBe('R2');
    expect(anyOf([], () => allow('', '', undefined))).toMatchObject({ allowed: false, rule: 'R4' });
  });

  it('names the purposes that the grants give to a desk group', () => {
    expect(grantedPurposes([grantOf(), grantOf()], DeskGroup.DESK_GROUP_POLICE)).toEqual([4, 6]);
    expect(grantedPurposes([grantOf()], DeskGroup.DESK_GROUP_BORDER)).toEqual([]);
  });

  it('never shows what is not held or not allowed, whatever the grants', () => {
    const names = fc.subarray(['summary', 'persons', 'source']);
    fc.assert(
      fc.property(names, fc.array(names, { maxLength: 3 }), names, (held, grants, allowed) => {
        const verdicts = judgeFacetsShown({
          facets,
          held: new Set(held),
          grants: grants.map((list) => grantOf(...list)),
          conditionPending: false,
          judge: (facet) => ({ allowed: allowed.includes(facet), rule: '', reason: '' }),
        });
        for (const { facet, withheld } of verdicts)
          expect(withheld === undefined).toBe(
            held.includes(facet) && allowed.includes(facet) && grants.some((list) => list.includes(facet)),
          );
      }),
    );
  });
});
