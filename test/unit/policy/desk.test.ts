import { describe, expect, it } from 'vitest';
import { DeskGroup, Purpose, Tlp } from '../../../src/gen/tocsin/record/v1/marking.ts';
import {
  DESK_ACTIONS,
  type DeskAction,
  type DeskOfficer,
  type DeskRecord,
} from '../../../src/policy/desk.ts';
import { purposesOf } from '../../../src/policy/desk-purposes.ts';
import { kindOf } from '../../../src/record/index.ts';
import { AT, DAY_MS, engine, recordNamed } from './fixtures.ts';

const xa = engine();
const xc = engine({ self: 'XC' });

const officer = (changes: Partial<DeskOfficer> = {}): DeskOfficer => ({
  node: 'XA',
  deskGroup: DeskGroup.DESK_GROUP_LICENSING,
  role: 'officer',
  purpose: Purpose.PURPOSE_LICENSING,
  ...changes,
});

const asked = (record: ReturnType<typeof recordNamed>, changes: Partial<DeskRecord> = {}): DeskRecord => ({
  ...record,
  own: true,
  meant: true,
  conditionAccepted: true,
  facetClass: '',
  ...changes,
});

const permitted = (role: string, deskGroup: DeskGroup, kind = 'seizure-notice'): DeskAction[] => {
  const record = asked(recordNamed('broker', { desk: 'police' }));
  return DESK_ACTIONS.filter(
    (action) => xa.judgeDesk({ action, kind, officer: officer({ role, deskGroup }), record }, AT).allowed,
  );
};

describe('roles', () => {
  const police = DeskGroup.DESK_GROUP_POLICE;

  it.each([
    [
      'officer',
      [
        'read',
        'screen',
        'count',
        'use-as-evidence',
        'revise',
        'answer',
        'preview',
        'break-glass',
        'draft',
        'submit',
        'search',
        'work',
        'link-status',
        'log-status',
        'screen-private',
      ],
    ],
    [
      'releaser',
      [
        'read',
        'screen',
        'count',
        'use-as-evidence',
        'release',
        'recall',
        'revise',
        'consent-onward',
        'accept-condition',
        'answer',
        'preview',
        'read-source',
        'break-glass',
        'review-break-glass',
        'draft',
        'submit',
        'search',
        'work',
        'link-status',
        'log-status',
        'screen-private',
        'approve-private',
      ],
    ],
    ['administrator', ['explain', 'link-status', 'log-status', 'read-policy', 'administer']],
    ['auditor', ['explain', 'link-status', 'log-status', 'read-audit', 'read-policy']],
    ['observer', ['count', 'search']],
    ['somebody-else', ['link-status', 'log-status']],
  ])('%s may %j and nothing else', (role, actions) => {
    expect(permitted(role, police)).toEqual(actions);
  });

  it('raw reports are drafted at the hotline, and only reports, warnings and links', () => {
    const hotline = DeskGroup.DESK_GROUP_HOTLINE;
    expect(permitted('operator', hotline, 'hotline-report')).toContain('draft');
    expect(permitted('operator', hotline, 'watchlist-entry')).not.toContain('draft');
    expect(permitted('officer', police, 'hotline-report')).not.toContain('draft');
    expect(permitted('analyst', DeskGroup.DESK_GROUP_HUB, 'warning')).toContain('draft');
    expect(permitted('analyst', DeskGroup.DESK_GROUP_HUB, 'recall')).not.toContain('draft');
  });

  it('reference tables are drafted at a hub, a licensing desk and the police', () => {
    const drafts = Object.entries(DeskGroup).filter(
      ([, group]) =>
        typeof group === 'number' &&
        ['officer', 'releaser', 'analyst', 'operator', 'controller'].some((role) =>
          permitted(role, group, 'reference-table').includes('draft'),
        ),
    );
    expect(drafts.map(([name]) => name).toSorted()).toEqual([
      'DESK_GROUP_HUB',
      'DESK_GROUP_LICENSING',
      'DESK_GROUP_POLICE',
    ]);
    expect(permitted('analyst', DeskGroup.DESK_GROUP_HUB, 'reference-table')).toContain('submit');
    expect(permitted('officer', DeskGroup.DESK_GROUP_CUSTOMS, 'reference-table')).not.toContain('submit');
  });

  it('a reference table is meant for every desk group, unless its marking says otherwise', () => {
    const marking = kindOf('reference-table')?.defaultMarking();
    expect(marking?.tlp).toBe(Tlp.TLP_CLEAR);
    for (const group of Object.values(DeskGroup).filter((one) => purposesOf(one).length > 0))
      expect(purposesOf(group).filter((purpose) => marking?.purposes.includes(purpose))).not.toEqual([]);
  });

  it('an officer of another node, or of an unknown desk group, may nothing', () => {
    for (const changes of [{ node: 'XC' }, { deskGroup: 77 as DeskGroup }])
      for (const action of DESK_ACTIONS)
        expect(
          xa.judgeDesk({ action, officer: officer(changes), record: asked(recordNamed('broker')) }, AT)
            .allowed,
        ).toBe(false);
  });

  it('an action on a record needs the record', () => {
    expect(xa.judgeDesk({ action: 'read', officer: officer() }, AT)).toMatchObject({
      allowed: false,
      rule: 'R4',
    });
  });
});

describe('reading a partner’s record', () => {
  const reader = officer({ node: 'XC' });
  const theirs = (changes: Partial<DeskRecord> = {}, record = recordNamed('broker')) =>
    xc.judgeDesk({ action: 'read', officer: reader, record: asked(record, { own: false, ...changes }) }, AT);

  it('follows what the sender meant, and the purposes of the desk group', () => {
    expect(theirs().allowed).toBe(true);
    expect(theirs({ meant: false })).toMatchObject({ allowed: false, rule: 'R4' });
    const stranger = { ...reader, purpose: Purpose.PURPOSE_INVESTIGATION };
    const record = asked(recordNamed('broker'), { own: false });
    expect(xc.judgeDesk({ action: 'read', officer: stranger, record }, AT)).toMatchObject({ rule: 'R4' });
  });

  it('is not own because the caller says so', () => {
    expect(theirs({ own: true, meant: false })).toMatchObject({ allowed: false, rule: 'R4' });
  });

  it('through a glass that was broken shows what R4 and R5 keep, and is stopped by every other rule', () => {
    const strict = recordNamed('broker', { marking: { tlp: 'AMBER_STRICT' } });
    const opened = { opened: true, meant: false };
    const other = { ...reader, deskGroup: DeskGroup.DESK_GROUP_BORDER, purpose: Purpose.PURPOSE_BORDER };
    const through = (changes: Partial<DeskRecord>, record = strict, atMs = AT, by: DeskOfficer = other) =>
      xc.judgeDesk(
        { action: 'read', officer: by, record: asked(record, { own: false, ...opened, ...changes }) },
        atMs,
      );
    for (const facetClass of ['S', 'M', 'O'] as const) expect(through({ facetClass }).allowed).toBe(true);
    for (const facetClass of ['P', 'A', 'N', 'X'] as const)
      expect(through({ facetClass }).allowed).toBe(false);
    const red = recordNamed('broker', { marking: { tlp: 'RED' } });
    expect(through({ facetClass: 'O' }, red).allowed).toBe(true);
    const conditional = recordNamed('broker', { marking: { handling: ['H3'], condition: 'ask first' } });
    expect(through({ facetClass: 'O', conditionAccepted: false }, conditional)).toMatchObject({ rule: 'R6' });
    expect(through({ facetClass: 'O' }, strict, AT + 4000 * DAY_MS)).toMatchObject({ rule: 'R13' });
    expect(through({ facetClass: 'O' }, strict, AT, { ...other, exercise: true })).toMatchObject({
      rule: 'R21',
    });
    expect(through({ facetClass: 'O' }, strict, AT, { ...other, role: 'auditor' }).allowed).toBe(false);
  });

  it('never shows source or internal notes, should they ever arrive', () => {
    for (const facetClass of ['X', 'N'] as const)
      expect(theirs({ facetClass })).toMatchObject({ allowed: false, rule: 'R9' });
  });

  it('TLP RED is for the releaser until officers are named', () => {
    const record = recordNamed('broker', { marking: { tlp: 'RED' } });
    expect(theirs({}, record)).toMatchObject({ allowed: false, rule: 'R5' });
    const chief = xc.judgeDesk(
      { action: 'read', officer: { ...reader, role: 'releaser' }, record: asked(record, { own: false }) },
      AT,
    );
    expect(chief.allowed).toBe(true);
  });

  it('a condition holds facets back, not the header', () => {
    const record = recordNamed('broker', { marking: { handling: ['H3'], condition: 'ask first' } });
    expect(theirs({ conditionAccepted: false }, record).allowed).toBe(true);
    expect(theirs({ conditionAccepted: false, facetClass: 'M' }, record)).toMatchObject({ rule: 'R6' });
    expect(theirs({ facetClass: 'M' }, record).allowed).toBe(true);
  });

  it('time closes it: class S when the review is overdue, nothing after expiry', () => {
    const record = recordNamed('broker', { reviewBy: 10, expires: 60 });
    const at = (days: number, facetClass: DeskRecord['facetClass']) =>
      xc.judgeDesk(
        { action: 'read', officer: reader, record: asked(record, { own: false, facetClass }) },
        AT + days * DAY_MS,
      );
    expect(at(5, 'M').allowed).toBe(true);
    expect(at(11, 'S').allowed).toBe(true);
    expect(at(11, 'M')).toMatchObject({ allowed: false, rule: 'R13' });
    expect(at(41, 'S')).toMatchObject({ allowed: false, rule: 'R13' });
    expect(at(61, '')).toMatchObject({ allowed: false, rule: 'R13' });
  });

  it('observers read class S of CLEAR and GREEN', () => {
    const watcher = { ...reader, role: 'observer' };
    const read = (tlp: string, facetClass: DeskRecord['facetClass']) =>
      xc.judgeDesk(
        {
          action: 'read',
          officer: watcher,
          record: asked(recordNamed('broker', { marking: { tlp } }), { own: false, facetClass }),
        },
        AT,
      ).allowed;
    expect([read('GREEN', 'S'), read('GREEN', 'M'), read('AMBER', 'S')]).toEqual([true, false, false]);
  });
});

describe('use as evidence', () => {
  const use = (evidence: string, handling: string[], evidenceConsent: boolean) =>
    xc.judgeDesk(
      {
        action: 'use-as-evidence',
        officer: officer({ node: 'XC' }),
        record: asked(recordNamed('broker', { marking: { evidence, handling } }), {
          own: false,
          evidenceConsent,
        }),
      },
      AT,
    ).allowed;

  it('asks the marking, H1 and the originator’s consent', () => {
    expect(use('YES', ['H0'], false)).toBe(true);
    expect(use('YES', ['H1'], false)).toBe(false);
    expect(use('YES', ['H1'], true)).toBe(true);
    expect(use('CONSENT', ['H0'], false)).toBe(false);
    expect(use('CONSENT', ['H0'], true)).toBe(true);
    expect(use('NO', ['H0'], true)).toBe(false);
  });
});
