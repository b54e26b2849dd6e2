import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DeskGroup } from '../../../src/gen/tocsin/record/v1/marking.ts';
import { audienceOf, type Cell, cellsOf, includesCell } from '../../../src/policy/audience.ts';
import { baselinePolicy } from '../../../src/policy/baseline.cedar.ts';
import type { PolicyEngine } from '../../../src/policy/create.ts';
import type { PolicyRoster } from '../../../src/policy/entities.ts';
import { AT, DAY_MS, engine, ROSTER, recordNamed, seen, withMarking } from './fixtures.ts';

/** One partner of each kind of membership keeps the number of distinct inputs, and so the time, low. */
const PARTNERS = ['XB', 'XC', 'XD', 'XF', 'HR'];
const SMALL: PolicyRoster = {
  ...ROSTER,
  roster: { members: ROSTER.roster.members.filter(({ node }) => node === 'XA' || PARTNERS.includes(node)) },
};
const TLP = ['CLEAR', 'GREEN', 'AMBER', 'AMBER_STRICT', 'RED'] as const;
const PURPOSES = [
  'LICENSING',
  'BORDER',
  'INVESTIGATION',
  'TRACE',
  'WARNING',
  'THREAT_ANALYSIS',
  'STATISTICS',
];

const markings = fc.record({
  tlp: fc.constantFrom(...TLP),
  releasableTo: fc.uniqueArray(fc.constantFrom('sac', 'suppliers', 'adequate', 'XC', 'XF', 'HR'), {
    minLength: 1,
  }),
  purposes: fc.uniqueArray(fc.constantFrom(...PURPOSES), { minLength: 1 }),
  alsoFacets: fc.uniqueArray(fc.constantFrom('persons', 'legal', 'finance', 'attachments')),
  onward: fc.constantFrom('NONE', 'CONSENT'),
  status: fc.constantFrom('actual', 'exercise'),
});

/** Everything that anybody sees: `XC police INVESTIGATION persons`, as the receiving nodes will enforce it. */
function cellsSeen(decider: PolicyEngine, record: ReturnType<typeof recordNamed>, atMs = AT): Set<string> {
  const all = new Set<string>();
  for (const view of decider.preview(record, atMs)) {
    const facets = seen(view);
    for (const cell of cellsOf(view.audience.deskGroups.filter((desk): desk is DeskGroup => desk > 0))) {
      if (!includesCell(view.audience, cell)) continue;
      all.add(`${view.partner} ${cell.deskGroup} ${cell.purpose}`);
      for (const facet of facets) {
        const narrower = view.facetAudiences.find((entry) => entry.facet === facet)?.audience;
        if (narrower === undefined || includesCell(narrower, cell))
          all.add(`${view.partner} ${cell.deskGroup} ${cell.purpose} ${facet}`);
      }
    }
  }
  return all;
}

const within = (some: ReadonlySet<string>, all: ReadonlySet<string>) =>
  [...some].every((cell) => all.has(cell));

const FORBIDS = [
  'principal.node == "XC"',
  'principal.groups.contains("suppliers")',
  'principal.deskGroup == "police"',
  'resource.tlp != "GREEN"',
  'resource.purposes.contains("LICENSING")',
];
const FACET_FORBIDS = [
  'context.facet.class == "M"',
  'context.facet.name == "legal"',
  'context.purpose == "BORDER"',
];

describe('policy as a whole', () => {
  const plain = engine({ roster: SMALL });

  it('adding a forbid never shows anybody more, and a national permit nothing at all', () => {
    const forbid = (id: string, action: string, condition: string) =>
      `@id("${id}") @reason("no") forbid (principal, action == Action::"${action}", resource) when { ${condition} };`;
    const texts = [
      ...FORBIDS.map((condition, index) => forbid(`N${index}`, 'receive', condition)),
      ...FACET_FORBIDS.map((condition, index) => forbid(`F${index}`, 'disclose', condition)),
      '@id("P") @reason("yes") permit (principal, action in [Action::"receive", Action::"disclose"], resource) when { resource.kind != "" };',
    ];
    const deciders = texts.map((national) => engine({ national, roster: SMALL }));
    fc.assert(
      fc.property(markings, fc.nat(texts.length - 1), (marking, index) => {
        const record = recordNamed('broker', { marking });
        const decider = deciders[index] ?? plain;
        expect(within(cellsSeen(decider, record), cellsSeen(plain, record))).toBe(true);
      }),
      { numRuns: 10, seed: 7 },
    );
  });

  it('a stricter TLP never shows anybody more', () => {
    fc.assert(
      fc.property(markings, (marking) => {
        const sets = TLP.map((tlp) =>
          cellsSeen(plain, recordNamed('broker', { marking: { ...marking, tlp } })),
        );
        for (const [index, stricter] of sets.slice(1).entries())
          expect(within(stricter, sets[index] ?? new Set())).toBe(true);
      }),
      { numRuns: 5, seed: 11 },
    );
  });

  it('what the audience stands for was decided cell by cell', () => {
    fc.assert(
      fc.property(markings, fc.constantFrom(...PARTNERS), (marking, partner) => {
        const record = recordNamed('broker', { marking });
        const view = plain.viewFor(record, partner, AT);
        for (const cell of cellsOf(view.audience.deskGroups as DeskGroup[])) {
          if (!includesCell(view.audience, cell)) continue;
          const decided = plain.explain(record, partner, cell, AT);
          expect(decided.receive.allowed).toBe(true);
          for (const facet of seen(view)) {
            const narrower = view.facetAudiences.find((entry) => entry.facet === facet)?.audience;
            if (narrower === undefined || includesCell(narrower, cell))
              expect(decided.facets.get(facet)?.allowed).toBe(true);
          }
        }
      }),
      { numRuns: 25, seed: 3 },
    );
  });

  it('passing only what policies read changes no decision', () => {
    // A comparison by pattern makes every string matter, so that nothing is blurred.
    const opaque =
      '@id("N") @reason("no") forbid (principal, action in [Action::"receive", Action::"disclose"], resource) when { principal.node like "no such node*" };';
    const whole = engine({ national: opaque, roster: SMALL });
    fc.assert(
      fc.property(markings, (marking) => {
        const record = recordNamed('broker', { marking });
        expect(whole.preview(record, AT)).toEqual(plain.preview(record, AT));
      }),
      { numRuns: 3, seed: 5 },
    );
  });

  it('an audience never stands for a cell that was not permitted', () => {
    const desks = [1, 2, 3, 4, 5] as DeskGroup[];
    const all = cellsOf(desks);
    fc.assert(
      fc.property(fc.subarray([...all]), (permitted: Cell[]) => {
        const audience = audienceOf(desks, permitted);
        for (const cell of all) if (includesCell(audience, cell)) expect(permitted).toContainEqual(cell);
        expect(audience.deskGroups.length > 0).toBe(audience.purposes.length > 0);
        if (permitted.length > 0) expect(audience.deskGroups.length).toBeGreaterThan(0);
      }),
      { numRuns: 200 },
    );
  });
});

describe('what policy cannot read is denied', () => {
  it('an enum value that this version does not know', () => {
    const record = recordNamed('broker');
    for (const changes of [
      { tlp: 6 },
      { tlp: 0 },
      { handling: [99] },
      { purposes: [1, 77] },
      { onward: 9 },
      { evidence: 9 },
      { status: 9 },
    ]) {
      const view = engine().viewFor(withMarking(record, changes), 'XC', AT);
      expect(view.receive).toMatchObject({ allowed: false, rule: 'R1' });
      expect(seen(view)).toEqual([]);
    }
  });

  it('an unknown kind, a header without marking, a summary that does not decode', () => {
    const record = recordNamed('broker');
    const { header } = record.signed;
    const { marking: _, ...bare } = header;
    const broken = record.facets.map((facet) =>
      facet.facet === 'summary' ? { ...facet, body: Buffer.from([0x08]) } : facet,
    );
    for (const strange of [
      { ...record, signed: { ...record.signed, header: { ...header, kind: 'no-such-kind' } } },
      { ...record, signed: { ...record.signed, header: { ...bare, marking: undefined } } },
      { ...record, facets: broken },
    ])
      expect(engine().viewFor(strange, 'XC', AT).receive.allowed).toBe(false);
  });

  it('a policy that fails at evaluation counts as a refusal and says so', () => {
    const overflow = (action: string) =>
      `@id("N1") @reason("broken") forbid (principal, action == Action::"${action}", resource) when { 9223372036854775807 + (if resource.tlp == "AMBER" then 1 else 0) == 0 };`;
    const record = recordNamed('broker');
    const whole = engine({ national: overflow('receive') }).viewFor(record, 'XC', AT);
    expect(whole.receive).toMatchObject({ allowed: false, rule: 'POLICY_ERROR', layer: 'national' });
    const facets = engine({ national: overflow('disclose') }).viewFor(record, 'XC', AT);
    expect(facets.receive.allowed).toBe(true);
    expect(seen(facets)).toEqual([]);
    expect(facets.facets.get('summary')?.rule).toBe('POLICY_ERROR');
    const green = recordNamed('broker', { marking: { tlp: 'GREEN' } });
    expect(seen(engine({ national: overflow('receive') }).viewFor(green, 'XC', AT))).toContain('summary');
  });
});

describe('remembered answers', () => {
  const record = recordNamed('broker', { marking: { purposes: ['LICENSING', 'BORDER', 'INVESTIGATION'] } });

  it('a fan-out to 200 partners with six kinds of membership computes six views', () => {
    const models = ['XB', 'XC', 'XD', 'XE', 'XF', 'HR'];
    const members = Array.from({ length: 200 }, (_, index) => {
      const model = ROSTER.member(models[index % models.length] ?? '');
      if (model === undefined) throw new Error('no model');
      return { ...model, node: `N${index}`, country: `${index}` };
    });
    const own = ROSTER.member('XA');
    const all = new Map(
      [...(own === undefined ? [] : [own]), ...members].map((member) => [member.node, member]),
    );
    const roster = {
      digest: new Uint8Array(),
      roster: { members: [...all.values()] },
      member: (node: string) => all.get(node),
    };
    const decider = engine({ roster });
    const views = decider.preview(record, AT);
    expect(views).toHaveLength(200);
    expect(decider.counts.views).toBe(6);
    const { evaluations } = decider.counts;
    expect(evaluations).toBeLessThan(120);
    expect(views.filter((view) => view.receive.allowed)).toHaveLength(34 + 33);
    expect(views[4]?.receive.reason).toBe('not releasable to N4');
    decider.preview(
      recordNamed('broker', {
        marking: { purposes: ['LICENSING', 'BORDER', 'INVESTIGATION'] },
        reviewBy: 20,
      }),
      AT,
    );
    expect(decider.counts).toEqual({ views: 6, evaluations });
  });

  it('a partner that the marking names is told apart from the others', () => {
    const decider = engine();
    const named = recordNamed('broker', { marking: { releasableTo: ['XE'] } });
    expect(decider.viewFor(named, 'XE', AT).receive.allowed).toBe(true);
    expect(decider.viewFor(named, 'XB', AT).receive.allowed).toBe(false);
    const excluded = recordNamed('broker', { facets: { distribution: { exclusions: ['XG'] } } });
    expect(decider.viewFor(excluded, 'XC', AT).receive.allowed).toBe(true);
    expect(decider.viewFor(excluded, 'XG', AT).receive.allowed).toBe(false);
  });

  it('hold until the next time boundary, and not beyond', () => {
    const decider = engine();
    const timed = recordNamed('broker', { marking: { notBefore: 2 }, reviewBy: 10, expires: 60 });
    const steps: [number, number, boolean, string[]][] = [];
    let atMs = AT;
    while (steps.length < 10) {
      const view = decider.viewFor(timed, 'XD', atMs);
      steps.push([(atMs - AT) / DAY_MS, (view.validUntilMs - AT) / DAY_MS, view.receive.allowed, seen(view)]);
      if (!Number.isFinite(view.validUntilMs)) break;
      const last = decider.viewFor(timed, 'XD', view.validUntilMs - 1);
      expect(last).toEqual(view);
      atMs = view.validUntilMs;
    }
    expect(steps.map(([from, until, allowed, facets]) => [from, until, allowed, facets.length])).toEqual([
      [0, 2, false, 0],
      [2, 10, true, 8],
      [10, 40, true, 1],
      [40, 60, false, 0],
      [60, Number.POSITIVE_INFINITY, false, 0],
    ]);
  });

  it('engines with different policies in one process do not mix', () => {
    const deciders = Array.from({ length: 14 }, (_, index) =>
      engine({
        national: `@id("N${index}") @reason("no") forbid (principal, action == Action::"disclose", resource) when { context.facet.name == "${index % 2 === 0 ? 'legal' : 'entities'}" };`,
      }),
    );
    for (const round of [1, 2])
      for (const [index, decider] of deciders.entries()) {
        const fresh = recordNamed('broker', {
          marking: { purposes: round === 1 ? ['LICENSING'] : ['INVESTIGATION'] },
        });
        const facets = decider.viewFor(fresh, 'XC', AT).facets;
        expect(facets.get('legal')?.allowed).toBe(index % 2 !== 0);
        expect(facets.get(index % 2 === 0 ? 'legal' : 'entities')?.rule).toBe(`N${index}`);
      }
  });

  it('the digest names the policies and the roster', () => {
    expect(engine().digest).toBe(engine().digest);
    expect(engine().digest).not.toBe(engine({ baseline: `${baselinePolicy()}\n// more` }).digest);
    expect(engine().digest).not.toBe(engine({ roster: { ...ROSTER, digest: new Uint8Array([1]) } }).digest);
  });
});
