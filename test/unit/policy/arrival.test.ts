import { describe, expect, it } from 'vitest';
import { MemberStatus } from '../../../src/gen/tocsin/record/v1/identity.ts';
import { Handling } from '../../../src/gen/tocsin/record/v1/marking.ts';
import type { ArrivedItem } from '../../../src/policy/arrival.ts';
import type { Consent } from '../../../src/policy/facts.ts';
import { reasonName } from '../../../src/record/index.ts';
import { AT, DAY_MS, type EngineChanges, engine, recordNamed, rosterWith, withMarking } from './fixtures.ts';

type Arrival = Partial<ArrivedItem> & { readonly at?: string; readonly atMs?: number } & EngineChanges;

/** One engine per node: what is judged is the item, not the engine's start. */
const engines = new Map(['XB', 'XC', 'XD', 'XH'].map((self) => [self, engine({ self })]));

function arrive(record: ReturnType<typeof recordNamed>, changes: Arrival = {}): string {
  const { at = 'XC', atMs = AT, roster, national, ...item } = changes;
  const changed = roster !== undefined || national !== undefined;
  const decider =
    (changed ? undefined : engines.get(at)) ??
    engine({ self: at, ...(roster && { roster }), ...(national && { national }) });
  const verdict = decider.judgeArrival(
    {
      signed: record.signed,
      sender: record.signed.header.originator,
      disclosed: ['summary'],
      audience: { deskGroups: [3], purposes: [1] },
      ...item,
    },
    atMs,
  );
  return verdict.ok ? 'accepted' : reasonName(verdict.reason);
}

const group = { onward: 'GROUP', purposes: ['LICENSING', 'THREAT_ANALYSIS'] };
const consent: Consent = { facets: ['summary', 'entities'], to: ['XB'], expiresMs: AT + 30 * DAY_MS };

describe('R3: the third-party rule', () => {
  it('lets members of the releasable groups have it from others where the marking says group', () => {
    expect(arrive(recordNamed('broker', { marking: group }), { sender: 'HR' })).toBe('accepted');
    expect(arrive(recordNamed('broker', { marking: group }), { sender: 'HR', at: 'XB' })).toBe(
      'THIRD_PARTY_BREACH',
    );
    expect(arrive(recordNamed('broker'), { sender: 'HR' })).toBe('THIRD_PARTY_BREACH');
  });

  it('H2 asks for consent, whatever the onward rule says', () => {
    const record = withMarking(recordNamed('broker', { marking: group }), {
      handling: [Handling.HANDLING_H2],
    });
    expect(arrive(record, { sender: 'HR' })).toBe('THIRD_PARTY_BREACH');
  });

  it('takes the originator’s consent for whom, what and how long it says', () => {
    const record = recordNamed('broker');
    const forwarded = { at: 'XB', sender: 'HR', consent };
    expect(arrive(record, forwarded)).toBe('accepted');
    expect(arrive(record, { ...forwarded, disclosed: ['summary', 'legal'] })).toBe('THIRD_PARTY_BREACH');
    expect(arrive(record, { ...forwarded, at: 'XH' })).toBe('THIRD_PARTY_BREACH');
    expect(arrive(record, { ...forwarded, atMs: AT + 31 * DAY_MS })).toBe('NO_CONSENT');
  });

  it('recalls and consents are taken from anybody, other control records from their originator', () => {
    const recall = recordNamed('recall');
    expect(arrive(recall, { sender: 'HR', disclosed: ['recall'] })).toBe('accepted');
    const receipt = recordNamed('recall', { kind: 'receipt' });
    expect(arrive(receipt, { disclosed: ['receipt'] })).toBe('accepted');
    expect(arrive(receipt, { sender: 'HR', disclosed: ['receipt'] })).toBe('THIRD_PARTY_BREACH');
  });
});

describe('R20: who sends', () => {
  const roster = rosterWith({ node: 'XA', status: MemberStatus.MEMBER_STATUS_SUSPENDED });

  it('refuses a suspended sender, but for recalls', () => {
    expect(arrive(recordNamed('broker'), { roster })).toBe('SUSPENDED');
    expect(arrive(recordNamed('recall'), { roster, disclosed: ['recall'] })).toBe('accepted');
  });

  it('refuses who is no member, sender or originator', () => {
    expect(arrive(recordNamed('broker'), { sender: 'ZZ' })).toBe('NOT_A_MEMBER');
    expect(arrive(recordNamed('broker', { originator: 'ZZ', marking: group }), { sender: 'HR' })).toBe(
      'NOT_A_MEMBER',
    );
    const gone = rosterWith({ node: 'XA', status: MemberStatus.MEMBER_STATUS_EXPELLED });
    expect(arrive(recordNamed('recall'), { roster: gone, disclosed: ['recall'] })).toBe('NOT_A_MEMBER');
  });
});

describe('R20: who released', () => {
  it('refuses from others what a member released while it was out, but for recalls; what it released before stays good', () => {
    const roster = (status: MemberStatus, fromMs: number) =>
      rosterWith({ node: 'XA', status, statusFrom: BigInt(fromMs) });
    const record = recordNamed('broker', { marking: group });
    const released = Number(record.signed.header.released);
    const of = (status: MemberStatus, fromMs: number) =>
      arrive(record, { sender: 'HR', roster: roster(status, fromMs) });
    expect(of(MemberStatus.MEMBER_STATUS_SUSPENDED, released)).toBe('SUSPENDED');
    expect(of(MemberStatus.MEMBER_STATUS_EXPELLED, released)).toBe('NOT_A_MEMBER');
    expect(of(MemberStatus.MEMBER_STATUS_SUSPENDED, released + 1)).toBe('accepted');
    expect(of(MemberStatus.MEMBER_STATUS_EXPELLED, released + 1)).toBe('accepted');
    const recall = recordNamed('recall');
    expect(
      arrive(recall, {
        sender: 'HR',
        disclosed: ['recall'],
        roster: roster(MemberStatus.MEMBER_STATUS_EXPELLED, 0),
      }),
    ).toBe('accepted');
  });
});

describe('what arrives', () => {
  it('no facet that never leaves, and none that the kind does not have', () => {
    for (const name of ['source', 'internal', 'no-such-facet'])
      expect(arrive(recordNamed('broker'), { disclosed: ['summary', name] })).toBe('FORBIDDEN_FACET');
    expect(arrive(recordNamed('call'))).toBe('POLICY_DENIED');
  });

  it('R21: marking and log are of one world', () => {
    const exercise = recordNamed('broker', { marking: { status: 'exercise' } });
    expect(arrive(exercise)).toBe('accepted');
    expect(arrive(withMarking(exercise, { status: 1 }))).toBe('EXERCISE_MISMATCH');
    expect(arrive(withMarking(recordNamed('broker'), { status: 2 }))).toBe('EXERCISE_MISMATCH');
  });

  it('R8: persons are refused where they may not be', () => {
    const disclosed = ['summary', 'persons'];
    expect(arrive(recordNamed('broker'), { disclosed })).toBe('accepted');
    expect(arrive(recordNamed('broker'), { disclosed, at: 'XD' })).toBe('POLICY_DENIED');
  });

  it('R7: a sender cannot open purposes that the marking does not name', () => {
    const audience = { deskGroups: [2], purposes: [3] };
    expect(arrive(recordNamed('broker'), { audience })).toBe('POLICY_DENIED');
    expect(arrive(recordNamed('broker', { marking: { tlp: 'CLEAR' } }), { audience })).toBe('accepted');
  });

  it('R11, R12: whom the originator itself sends it to is its own affair', () => {
    expect(arrive(recordNamed('broker'), { at: 'XB' })).toBe('accepted');
  });

  it('R13: not before its time, not after it; an overdue review is no fault of the sender', () => {
    const record = recordNamed('broker', { marking: { notBefore: 2 }, reviewBy: 10, expires: 60 });
    expect(arrive(record)).toBe('POLICY_DENIED');
    expect(arrive(record, { atMs: AT + 2 * DAY_MS - 60_000 })).toBe('accepted');
    expect(arrive(record, { atMs: AT + 20 * DAY_MS })).toBe('accepted');
    expect(arrive(record, { atMs: AT + 61 * DAY_MS })).toBe('EXPIRED');
  });

  it('unknown kinds and values', () => {
    const record = recordNamed('broker');
    const header = { ...record.signed.header, kind: 'no-such-kind' };
    expect(arrive({ ...record, signed: { ...record.signed, header } })).toBe('UNKNOWN_KIND');
    expect(arrive(withMarking(record, { tlp: 17 }))).toBe('RECORD_INVALID');
  });

  it('what this state keeps from others says nothing about what it takes', () => {
    const national =
      '@id("N1") @reason("no") forbid (principal, action == Action::"receive", resource) when { principal.node != "" };';
    expect(arrive(recordNamed('broker'), { national })).toBe('accepted');
  });
});
