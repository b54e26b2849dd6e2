import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Member, MemberRole, MemberStatus } from '../../../src/gen/tocsin/record/v1/identity.ts';
import {
  nextRosterPhase,
  ROSTER_GRACE_MS,
  ROSTER_WARNING_MS,
  rosterPhase,
} from '../../../src/identity/roster-expiry.ts';
import {
  nextStandingChange,
  type Standings,
  standingIn,
  standingsAfter,
} from '../../../src/identity/standing.ts';

const line = (status: MemberStatus, statusFrom: number, node = 'XJ'): Member => ({
  node,
  name: node,
  country: node,
  role: MemberRole.MEMBER_ROLE_NATIONAL,
  status,
  statusFrom: BigInt(statusFrom),
  groups: [],
  authorityCertificate: Buffer.alloc(0),
  authorityKey: Buffer.alloc(0),
  brokerUser: '',
  deskGroups: [],
  duties: [],
});
const { MEMBER_STATUS_ACTIVE: IN, MEMBER_STATUS_SUSPENDED: HELD, MEMBER_STATUS_EXPELLED: OUT } = MemberStatus;

const folded = (...lines: readonly Member[]): Standings =>
  lines.reduce<Standings | undefined>((before, one) => standingsAfter(before, [one]), undefined) ?? new Map();
const at = (standings: Standings, ms: number) => standingIn(standings.get('XJ') ?? [], ms);

describe('the standing of a member over several roster versions', () => {
  it('holds from its instant on and not before, also where that lies ahead', () => {
    const standings = folded(line(IN, 100), line(HELD, 500), line(IN, 900), line(OUT, 1_500));
    expect([99, 100, 499, 500, 899, 900, 1_499, 1_500].map((ms) => at(standings, ms))).toEqual([
      'pending',
      'active',
      'active',
      'suspended',
      'suspended',
      'active',
      'active',
      'expelled',
    ]);
  });

  it('of a reinstated member keeps what it did before the suspension, and during it', () => {
    const standings = folded(line(IN, 100), line(HELD, 500), line(IN, 900));
    // The newest line alone would say that it was never in before 900.
    expect([at(standings, 200), at(standings, 600), at(standings, 1_000)]).toEqual([
      'active',
      'suspended',
      'active',
    ]);
  });

  it('is dated back by a later version, which takes the place of what lay after that instant', () => {
    const standings = folded(line(IN, 100), line(HELD, 500), line(HELD, 300));
    expect([at(standings, 299), at(standings, 300), at(standings, 600)]).toEqual([
      'active',
      'suspended',
      'suspended',
    ]);
  });

  it('of a member first listed as put out was in before', () => {
    expect(at(folded(line(HELD, 500)), 499)).toBe('active');
  });

  it('does not change with versions that repeat the line', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(IN, HELD, OUT), fc.integer({ min: 0, max: 50 })), {
          minLength: 1,
          maxLength: 6,
        }),
        fc.integer({ min: 0, max: 60 }),
        (lines, ms) => {
          const members = lines.map(([status, from]) => line(status, from));
          const twice = members.flatMap((one) => [one, one]);
          expect(at(folded(...twice), ms)).toBe(at(folded(...members), ms));
        },
      ),
    );
  });

  it('says when it changes next', () => {
    const standings = folded(line(IN, 100), line(HELD, 500));
    expect([50, 100, 499, 500].map((ms) => nextStandingChange(standings, ms))).toEqual([
      100,
      500,
      500,
      Number.POSITIVE_INFINITY,
    ]);
  });
});

describe('an ageing roster', () => {
  const expires = 1_000_000_000_000;
  const phase = (ms: number) => rosterPhase({ expires: BigInt(expires) }, ms);

  it('warns ahead, serves in full for thirty days more, then only the urgent lane', () => {
    const day = 86_400_000;
    expect(
      [
        expires - 31 * day,
        expires - 30 * day,
        expires - 1,
        expires,
        expires + 30 * day - 1,
        expires + 30 * day,
      ].map(phase),
    ).toEqual(['valid', 'expiring', 'expiring', 'expired', 'expired', 'lapsed']);
  });

  it('changes its phase exactly where it says that it will', () => {
    let now = 0;
    const seen: string[] = [phase(now)];
    for (;;) {
      const next = nextRosterPhase({ expires: BigInt(expires) }, now);
      if (next === Number.POSITIVE_INFINITY) break;
      expect(phase(next - 1)).toBe(phase(now));
      seen.push(phase(next));
      now = next;
    }
    expect(seen).toEqual(['valid', 'expiring', 'expired', 'lapsed']);
    expect(now - expires).toBe(ROSTER_GRACE_MS);
    expect(ROSTER_WARNING_MS).toBe(ROSTER_GRACE_MS);
  });
});
