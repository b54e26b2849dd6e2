import { describe, expect, it } from 'vitest';
import { MemberRole, MemberStatus } from '../../../src/gen/tocsin/record/v1/identity.ts';
import { baselinePolicy } from '../../../src/policy/baseline.cedar.ts';
import type { PolicyEngine } from '../../../src/policy/create.ts';
import type { SharedRecord } from '../../../src/policy/facts.ts';
import { Layers } from '../../../src/policy/layers.ts';
import { AT, cell, DAY_MS, engine, recordNamed, rosterWith, seen } from './fixtures.ts';

const xa = engine();
const xb = engine({ self: 'XB' });
const xl = engine({ self: 'XL' });
const hs = engine({ self: 'HS' });

const outcome = (
  decider: PolicyEngine,
  record: SharedRecord,
  partner: string,
  desk: string,
  purpose: string,
) => {
  const { receive } = decider.explain(record, partner, cell(desk, purpose), AT);
  return receive.allowed ? 'receives' : receive.rule;
};

describe('R1: default deny', () => {
  it('says nothing to who is no member, and to itself', () => {
    const record = recordNamed('broker');
    for (const partner of ['ZZ', 'XA']) {
      const view = xa.viewFor(record, partner, AT);
      expect(view.receive).toMatchObject({ allowed: false, rule: 'R1' });
      expect(view.audience).toEqual({ deskGroups: [], purposes: [] });
    }
  });

  it('says nothing to an expelled member, and to one that is not yet admitted', () => {
    const expelled = rosterWith({ node: 'XC', status: MemberStatus.MEMBER_STATUS_EXPELLED });
    const pending = rosterWith({ node: 'XC', statusFrom: BigInt(AT + DAY_MS) });
    const record = recordNamed('broker');
    expect(engine({ roster: expelled }).viewFor(record, 'XC', AT).receive).toMatchObject({
      rule: 'R1',
      reason: 'XC is no active member (expelled)',
    });
    const later = engine({ roster: pending });
    const before = later.viewFor(record, 'XC', AT);
    expect(before.receive.allowed).toBe(false);
    expect(before.validUntilMs).toBe(AT + DAY_MS);
    expect(later.viewFor(record, 'XC', AT + DAY_MS).receive.allowed).toBe(true);
  });

  it('names the nearest reason for people', () => {
    expect(xa.viewFor(recordNamed('broker'), 'XF', AT).receive.reason).toBe('not releasable to XF');
  });

  it('denies a national member that has no desk', () => {
    const roster = rosterWith({ node: 'XC', deskGroups: [] });
    expect(engine({ roster }).viewFor(recordNamed('broker'), 'XC', AT).receive.reason).toBe(
      'XC has no desk that could receive it',
    );
  });
});

describe('R2: a link goes only to who may know both ends', () => {
  const link = recordNamed('broker', { kind: 'link' });

  it('is withheld while an end is not disclosed', () => {
    expect(xa.viewFor(link, 'XC', AT).receive.rule).toBe('R2');
    expect(
      xa.viewFor({ ...link, endsDisclosedTo: (partner) => partner === 'XG' }, 'XC', AT).receive.rule,
    ).toBe('R2');
  });

  it('goes where both are', () => {
    expect(seen(xa.viewFor({ ...link, endsDisclosedTo: (partner) => partner === 'XC' }, 'XC', AT))).toEqual([
      'link',
    ]);
  });
});

describe('R5: TLP between states', () => {
  const named = { tlp: 'RED', releasableTo: ['XC'] };

  it('RED goes to a node that is named, not to a group', () => {
    expect(outcome(xa, recordNamed('broker', { marking: named }), 'XC', 'licensing', 'LICENSING')).toBe(
      'receives',
    );
    const byGroup = recordNamed('broker', { marking: { tlp: 'RED' } });
    expect(outcome(xa, byGroup, 'XC', 'licensing', 'LICENSING')).toBe('R5');
  });

  it('RED and AMBER+STRICT go to the counterpart of the agency that speaks', () => {
    for (const tlp of ['RED', 'AMBER_STRICT']) {
      const record = recordNamed('broker', { marking: { ...named, tlp } });
      expect(outcome(xa, record, 'XC', 'licensing', 'LICENSING')).toBe('receives');
      expect(outcome(xa, record, 'XC', 'police', 'INVESTIGATION')).toBe('R5');
    }
  });

  it('observers see CLEAR and GREEN, class S', () => {
    const marking = { releasableTo: ['XF'] };
    for (const [tlp, expected] of [
      ['CLEAR', ['summary', 'redress']],
      ['GREEN', ['summary', 'redress']],
      ['AMBER', []],
    ] as const)
      expect(seen(xa.viewFor(recordNamed('broker', { marking: { ...marking, tlp } }), 'XF', AT))).toEqual(
        expected,
      );
    expect(outcome(xa, recordNamed('broker', { marking }), 'XF', 'licensing', 'LICENSING')).toBe('R5');
  });

  it('CLEAR is public in class S; the rest is for the purposes named', () => {
    const record = recordNamed('broker', { marking: { tlp: 'CLEAR' } });
    expect(seen(xa.explain(record, 'XB', cell('licensing', 'LICENSING'), AT))).toContain('entities');
    expect(seen(xa.explain(record, 'XB', cell('customs', 'BORDER'), AT))).toEqual(['summary', 'redress']);
  });
});

describe('R7 and R8: purposes and persons', () => {
  it('refuses a purpose that the marking does not name', () => {
    expect(outcome(xa, recordNamed('broker'), 'XC', 'customs', 'BORDER')).toBe('R7');
  });

  it('refuses a purpose that the desk group does not have, and a desk that the member does not have', () => {
    expect(outcome(xa, recordNamed('broker'), 'XC', 'customs', 'INVESTIGATION')).toBe('R7');
    expect(outcome(xa, recordNamed('broker'), 'XC', 'hub', 'THREAT_ANALYSIS')).toBe('R1');
  });

  it('opens a cell of the table that asks for it only where the marking names the facet', () => {
    const purposes = ['LICENSING', 'BORDER'];
    const closed = xa.explain(
      recordNamed('broker', { marking: { purposes } }),
      'XC',
      cell('border', 'BORDER'),
      AT,
    );
    expect(closed.facets.get('legal')).toMatchObject({ allowed: false, rule: 'R7' });
    const marking = { purposes, alsoFacets: ['legal', 'persons'] };
    const open = xa.explain(recordNamed('broker', { marking }), 'XC', cell('border', 'BORDER'), AT);
    expect(open.facets.get('legal')).toMatchObject({ allowed: true, rule: 'R7' });
    expect(open.facets.get('persons')).toMatchObject({ allowed: true, rule: 'R8' });
  });

  it('gives persons to no hub, whatever the marking names', () => {
    const marking = { purposes: ['THREAT_ANALYSIS'], alsoFacets: ['persons'] };
    const view = xa.explain(recordNamed('broker', { marking }), 'HR', cell('hub', 'THREAT_ANALYSIS'), AT);
    expect(view.facets.get('persons')).toMatchObject({ allowed: false, rule: 'R8' });
  });
});

describe('R9 and R10: what never leaves', () => {
  it('a local kind never leaves, whoever is named', () => {
    const call = recordNamed('call', { marking: { releasableTo: ['XA'], tlp: 'GREEN' } });
    expect(hs.viewFor(call, 'XA', AT).receive).toMatchObject({
      rule: 'R9',
      reason: 'a hotline-report never leaves its node; warnings and taskings are made from it',
    });
  });

  it('source and internal never leave, even where the marking names them', () => {
    const marking = { alsoFacets: ['source', 'internal'] };
    const view = xa.viewFor(recordNamed('broker', { marking }), 'XC', AT);
    for (const name of ['source', 'internal'])
      expect(view.facets.get(name)).toMatchObject({ allowed: false, rule: 'R9' });
  });

  it('a facet of lawful owners is refused, should a kind ever have one', () => {
    const layers = new Layers({ baseline: baselinePolicy(), national: '' });
    const slice = (name: string) => ({
      principal: { role: 'national', groups: ['adequate'], status: 'active' },
      resource: {
        tlp: 'GREEN',
        amnesty: false,
        phase: 'current',
        onward: 'NONE',
        forwarded: false,
        consented: false,
      },
      context: {
        purpose: 'INVESTIGATION',
        purposeNamed: true,
        facet: { name, class: 'O', table: 'yes', named: false, consented: false },
      },
    });
    expect(layers.judgeSharing('disclose', slice('owners'))).toMatchObject({ allowed: false, rule: 'R10' });
    expect(layers.judgeSharing('disclose', slice('items'))).toMatchObject({ allowed: true });
  });

  it('attachments that show persons are persons', () => {
    const marking = { purposes: ['INVESTIGATION'], alsoFacets: ['attachments'] };
    const files = (sensitivity: string) => ({
      attachments: { files: [{ mime: 'image/png', size: 10, class: sensitivity, metadataStripped: true }] },
    });
    const at = (partner: string, sensitivity: string) =>
      xa
        .explain(
          recordNamed('broker', { marking, facets: files(sensitivity) }),
          partner,
          cell('police', 'INVESTIGATION'),
          AT,
        )
        .facets.get('attachments');
    expect(at('XD', 'SENSITIVITY_CLASS_OPERATIONAL')).toMatchObject({ allowed: true });
    expect(at('XC', 'SENSITIVITY_CLASS_PERSONAL')).toMatchObject({ allowed: true, rule: 'R8' });
    expect(at('XD', 'SENSITIVITY_CLASS_PERSONAL')).toMatchObject({ allowed: false, rule: 'R8' });
    expect(at('XC', 'SENSITIVITY_CLASS_UNSPECIFIED')).toMatchObject({ allowed: false, rule: 'R9' });
  });
});

describe('R12: conflict of interest', () => {
  it('tells the impersonated issuer, whatever the TLP and whoever is named', () => {
    for (const tlp of ['AMBER', 'AMBER_STRICT', 'RED']) {
      const record = recordNamed('forged-certificate', { marking: { tlp, releasableTo: ['XH'] } });
      expect(outcome(xb, record, 'XD', 'licensing', 'LICENSING')).toBe('receives');
      expect(xb.viewFor(record, 'XC', AT).receive.allowed).toBe(false);
    }
  });

  it('tells an issuer that is an observer, in class S', () => {
    const roster = rosterWith({ node: 'XD', role: MemberRole.MEMBER_ROLE_OBSERVER });
    const view = engine({ self: 'XB', roster }).viewFor(recordNamed('forged-certificate'), 'XD', AT);
    expect(seen(view)).toEqual(['summary']);
  });

  it('an exclusion beats it', () => {
    const record = recordNamed('forged-certificate', { facets: { distribution: { exclusions: ['XD'] } } });
    expect(outcome(xb, record, 'XD', 'licensing', 'LICENSING')).toBe('R11');
  });
});

describe('R20 and R21', () => {
  const suspended = rosterWith({ node: 'XC', status: MemberStatus.MEMBER_STATUS_SUSPENDED });

  it('a suspended member gets recalls, no receipts and nothing else', () => {
    const decider = engine({ roster: suspended });
    expect(decider.viewFor(recordNamed('recall'), 'XC', AT).receive).toMatchObject({
      allowed: true,
      rule: 'R20',
    });
    expect(decider.viewFor(recordNamed('broker'), 'XC', AT).receive.rule).toBe('R20');
    const receipt = recordNamed('recall', { kind: 'receipt' });
    expect(decider.viewFor(receipt, 'XC', AT).receive.rule).toBe('R20');
    expect(xa.viewFor(receipt, 'XC', AT).receive).toMatchObject({ allowed: true, rule: 'R1' });
  });

  it('control records go to the nodes that they name, for the node itself', () => {
    const view = xa.viewFor(recordNamed('recall'), 'XC', AT);
    expect(view.audience.deskGroups).toEqual([9]);
    expect(xa.viewFor(recordNamed('recall'), 'XG', AT).receive.reason).toBe('is addressed to others than XG');
  });

  it('exercises do not count and are not for observers', () => {
    const exercise = recordNamed('seizure', { marking: { status: 'exercise', releasableTo: ['sac', 'XF'] } });
    const roster = rosterWith({ node: 'XC', deskGroups: [8] });
    const counting = engine({ self: 'XL', roster });
    expect(outcome(counting, exercise, 'XC', 'register', 'STATISTICS')).toBe('R21');
    expect(outcome(counting, recordNamed('seizure'), 'XC', 'register', 'STATISTICS')).toBe('receives');
    expect(
      outcome(
        xl,
        recordNamed('seizure', { marking: { status: 'test', tlp: 'CLEAR' } }),
        'NG',
        'register',
        'STATISTICS',
      ),
    ).toBe('R21');
  });
});
