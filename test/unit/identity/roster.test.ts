import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LIMITS } from '../../../src/base/limits.ts';
import {
  MemberStatus,
  Roster,
  type RosterSignature,
  type SignedRoster,
} from '../../../src/gen/tocsin/record/v1/identity.ts';
import { Reason } from '../../../src/gen/tocsin/record/v1/reason.ts';
import {
  judgeFirstRoster,
  judgeNextRoster,
  judgeNextRosters,
  judgeRosterHistory,
  judgeRosterVersions,
  UNNAMED_NETWORK,
  type VerifiedRoster,
} from '../../../src/identity/roster.ts';
import {
  assembleRoster,
  proposeRoster,
  type RosterContent,
  signRoster,
} from '../../../src/identity/roster-proposal.ts';
import { standingAt } from '../../../src/identity/standing.ts';
import { encodeSigned, sha256 } from '../../../src/record/index.ts';
import { expectBelieved, type Federation, makeFederation } from '../../support/authority.ts';

let federation: Federation;
let next: RosterContent;
const atMs = () => federation.nowMs;

beforeAll(async () => {
  federation = await makeFederation({
    nodes: [{ node: 'XC', groups: ['sac', 'eac'] }, { node: 'XA' }, { node: 'XB' }, { node: 'XD' }],
    threshold: 3,
  });
  next = { ...federation.rosterContent, issuedMs: federation.nowMs, networkName: 'Renamed' };
});

afterAll(() => federation[Symbol.asyncDispose]());

type Signer = string | { readonly member: string; readonly as?: string; readonly byPrevious?: boolean };

/** Signs by the governance keys of the members named. */
function sign(body: Uint8Array, signers: readonly Signer[]): Promise<RosterSignature[]> {
  return Promise.all(
    signers.map((signer) => {
      const {
        member,
        as = member,
        byPrevious = false,
      } = typeof signer === 'string' ? { member: signer } : signer;
      return signRoster({ body, member: as, keyring: federation.of(member).keyring, byPrevious });
    }),
  );
}

async function successor(
  signers: readonly Signer[],
  content: Partial<RosterContent> = {},
  current: VerifiedRoster = federation.roster,
): Promise<SignedRoster> {
  const { body } = proposeRoster({ ...next, ...content }, current);
  return assembleRoster(body, await sign(body, signers));
}

/** A version with its message changed after the proposal, so that its form may be wrong; properly signed. */
async function misshapen(change: (roster: Roster) => Roster): Promise<SignedRoster> {
  const { roster } = proposeRoster(next, federation.roster);
  const body = encodeSigned('roster', federation.network, Roster.encode(change(roster)).finish());
  return assembleRoster(body, await sign(body, ['XA', 'XB', 'XC']));
}

const judge = (signed: SignedRoster, current = federation.roster, at = atMs()) => {
  const verdict = judgeNextRoster({ current, signed, atMs: at });
  return verdict.ok ? 'believed' : verdict.reason;
};

describe('the first roster', () => {
  const first = (signed: SignedRoster, networkDigest = sha256(signed.body)) => {
    const verdict = judgeFirstRoster({ networkDigest, signed });
    return verdict.ok ? 'believed' : verdict.reason;
  };

  test('names the network by its digest, in canonical order', () => {
    const { roster, network, net } = federation;
    expect(Buffer.from(roster.digest).equals(network)).toBe(true);
    expect(net).toMatch(/^[0-9a-f]{16}$/);
    expect(roster.roster.members.map(({ node }) => node)).toEqual(['XA', 'XB', 'XC', 'XD']);
    expect(roster.member('XC')?.groups).toEqual(['eac', 'sac']);
    expect(roster.member('XX')).toBeUndefined();
  });

  test('of another network is refused before anything of it is read', () => {
    expect(first(federation.signedRoster, new Uint8Array(32))).toBe(Reason.REASON_WRONG_NETWORK);
  });

  test('below its own threshold is refused', async () => {
    const { body } = federation.signedRoster;
    expect(first(assembleRoster(body, await sign(body, ['XA', 'XB'])))).toBe(Reason.REASON_ROSTER_THRESHOLD);
    expect(first(assembleRoster(body, await sign(body, ['XA', 'XB', 'XD'])))).toBe('believed');
  });

  test('is version 1, signed for no network', async () => {
    const { body } = await successor(['XA', 'XB', 'XC']);
    expect(first({ body, signatures: [] })).toBe(Reason.REASON_WRONG_NETWORK);
    const renumbered = Roster.encode({ ...federation.roster.roster, version: 2n }).finish();
    const signed = encodeSigned('roster', UNNAMED_NETWORK, renumbered);
    expect(first({ body: Buffer.from(signed), signatures: [] })).toBe(Reason.REASON_ROSTER_UNCHAINED);
  });
});

describe('the next roster', () => {
  test('with the threshold of both versions is believed; the one in use stays so', async () => {
    const signed = await successor(['XA', 'XB', 'XD']);
    expect(judge(signed)).toBe('believed');
    expect(judge(federation.signedRoster)).toBe('believed');
  });

  test.each<[string, Signer[]]>([
    ['one signature too few', ['XA', 'XB']],
    ['one key signing three times', ['XA', 'XA', 'XA']],
    ['one key signing under other names', ['XA', { member: 'XA', as: 'XB' }, { member: 'XA', as: 'XC' }]],
    ['no signatures', []],
    ['the same keys said to be of both versions', ['XA', { member: 'XA', byPrevious: true }, 'XB']],
  ])('with %s is refused', async (_, signers) => {
    expect(judge(await successor(signers))).toBe(Reason.REASON_ROSTER_THRESHOLD);
  });

  test('is not spoilt by a signature that does not verify', async () => {
    const signed = await successor(['XA', 'XB', 'XC', { member: 'XA', as: 'XD' }]);
    expect(judge(signed)).toBe('believed');
    const nobody = await successor(['XA', 'XB', 'XC', { member: 'XA', as: 'ZZ' }]);
    expect(judge(nobody)).toBe('believed');
  });

  test('needs the old governments too, and the new ones', async () => {
    // XD alone governs from now on, under a key that it holds anew.
    const key = federation.of('XD').keyring.link;
    const content = { governance: [{ member: 'XD', key }], threshold: 1 };
    const { body } = proposeRoster({ ...next, ...content }, federation.roster);
    const old = await sign(
      body,
      ['XA', 'XB', 'XC'].map((member) => ({ member, byPrevious: true })),
    );
    const fresh: RosterSignature = {
      member: 'XD',
      signature: await federation.of('XD').keyring.sign('link', 'roster', body),
      byPrevious: false,
    };
    expect(judge(assembleRoster(body, [fresh]))).toBe(Reason.REASON_ROSTER_THRESHOLD);
    expect(judge(assembleRoster(body, old))).toBe(Reason.REASON_ROSTER_THRESHOLD);
    expect(judge(assembleRoster(body, [...old, fresh]))).toBe('believed');
    const relabelled = old.map((signature) => ({ ...signature, byPrevious: false }));
    expect(judge(assembleRoster(body, [...relabelled, fresh]))).toBe(Reason.REASON_ROSTER_THRESHOLD);
  });

  test('is never adopted once expired, nor when issued in the future', async () => {
    const signed = await successor(['XA', 'XB', 'XC'], { expiresMs: atMs() + 1000 });
    expect(judge(signed, federation.roster, atMs() + 999)).toBe('believed');
    expect(judge(signed, federation.roster, atMs() + 1000)).toBe(Reason.REASON_EXPIRED);
    expect(judge(signed, federation.roster, atMs() - 6 * 60_000)).toBe(Reason.REASON_CLOCK_SKEW);
  });

  test('is refused as a rollback, a fork, or where it does not follow', async () => {
    const second = await successor(['XA', 'XB', 'XC']);
    const current = expectBelieved(
      judgeNextRoster({ current: federation.roster, signed: second, atMs: atMs() }),
    );
    expect(judge(federation.signedRoster, current)).toBe(Reason.REASON_ROSTER_ROLLBACK);
    expect(judge(await successor(['XA', 'XB', 'XC'], { networkName: 'Other' }), current)).toBe(
      Reason.REASON_ROSTER_FORK,
    );
    expect(judge(await successor(['XA'], { networkName: 'Forged' }), current)).toBe(
      Reason.REASON_ROSTER_THRESHOLD,
    );
    const third = await successor(['XA', 'XB', 'XC'], {}, current);
    expect(judge(third, current)).toBe('believed');
    expect(judge(third)).toBe(Reason.REASON_ROSTER_UNCHAINED);
    expect(judge(await misshapen((roster) => ({ ...roster, previous: Buffer.alloc(32) })))).toBe(
      Reason.REASON_ROSTER_UNCHAINED,
    );
    const older = await successor(['XA', 'XB', 'XC'], { issuedMs: federation.rosterContent.issuedMs - 1 });
    expect(judge(older)).toBe(Reason.REASON_ROSTER_UNCHAINED);
  });

  test('of another network or type is refused', async () => {
    const { roster } = proposeRoster(next, federation.roster);
    const bytes = Roster.encode(roster).finish();
    const elsewhere = encodeSigned('roster', new Uint8Array(32).fill(1), bytes);
    expect(judge({ body: Buffer.from(elsewhere), signatures: [] })).toBe(Reason.REASON_WRONG_NETWORK);
    const statement = encodeSigned('statement', federation.network, bytes);
    expect(judge({ body: Buffer.from(statement), signatures: [] })).toBe(Reason.REASON_LABEL_MISMATCH);
  });

  test('that requires what is not spoken here is refused as such', async () => {
    for (const change of [{ requiredSuites: [1, 2] }, { minimumFormat: 2 }])
      expect(judge(await misshapen((roster) => ({ ...roster, ...change })))).toBe(
        Reason.REASON_FORMAT_UNSUPPORTED,
      );
  });

  test.each<[string, (roster: Roster) => Roster]>([
    ['members out of order', (r) => ({ ...r, members: [...r.members].reverse() })],
    ['a member twice', (r) => ({ ...r, members: r.members.flatMap((member) => [member, member]) })],
    [
      'two members with one authority key',
      (r) => withMember(r, { authorityKey: r.members[1]?.authorityKey ?? Buffer.of() }),
    ],
    [
      'two members with one root',
      (r) => withMember(r, { authorityCertificate: r.members[1]?.authorityCertificate ?? Buffer.of() }),
    ],
    ['a member without a role', (r) => withMember(r, { role: 0 })],
    ['a member without a status', (r) => withMember(r, { status: 0 })],
    ['the group local', (r) => withMember(r, { groups: ['local'] })],
    ['a group in upper case', (r) => withMember(r, { groups: ['SAC'] })],
    ['the desk group of the node itself', (r) => withMember(r, { deskGroups: [9] })],
    ['a bad country', (r) => withMember(r, { country: 'xa' })],
    ['a root that is no certificate', (r) => withMember(r, { authorityCertificate: Buffer.of(1) })],
    ['a broker user that is a seed', (r) => withMember(r, { brokerUser: `S${'A'.repeat(57)}` })],
    [
      'a witness of its own log',
      (r) => ({ ...r, witnesses: [{ node: 'XA', witnesses: ['XA'], threshold: 1 }] }),
    ],
    [
      'a witness twice',
      (r) => ({ ...r, witnesses: [{ node: 'XA', witnesses: ['XB', 'XB'], threshold: 2 }] }),
    ],
    ['an expiry before its issue', (r) => ({ ...r, expires: r.issued })],
    ['no required suite', (r) => ({ ...r, requiredSuites: [] })],
  ])('with %s is refused', async (_, change) => {
    expect(judge(await misshapen(change))).toBe(Reason.REASON_MALFORMED);
  });

  test('whose governance could never be met is refused', async () => {
    const shared = (r: Roster) => r.governance.map((one) => ({ ...one, key: r.governance[0]?.key }));
    for (const change of [(r: Roster) => ({ governance: shared(r) }), () => ({ threshold: 5 })])
      expect(judge(await misshapen((roster) => ({ ...roster, ...change(roster) })))).toBe(
        Reason.REASON_ROSTER_THRESHOLD,
      );
    const governance = federation.rosterContent.governance.map((one) => ({
      ...one,
      key: federation.of('XA').keyring.governance,
    }));
    expect(() => proposeRoster({ ...next, governance })).toThrow(/different keys for different members/);
  });

  test('beyond its size is refused unread', () => {
    const body = Buffer.alloc(LIMITS.rosterBytes + 1);
    expect(judge({ body, signatures: [] })).toBe(Reason.REASON_TOO_LARGE);
  });
});

function withMember(roster: Roster, change: Partial<Roster['members'][number]>): Roster {
  const [first, ...rest] = roster.members;
  return first === undefined ? roster : { ...roster, members: [{ ...first, ...change }, ...rest] };
}

describe('a proposal', () => {
  test('that is not well formed throws with every fault', () => {
    expect(() => proposeRoster({ ...next, threshold: 9, networkName: '' })).toThrow(
      expect.objectContaining({ code: 'ROSTER_INVALID', facts: { faults: 2 } }),
    );
  });
});

describe('a history', () => {
  const judgeHistory = (rosters: SignedRoster[]) => {
    const verdict = judgeRosterHistory({ networkDigest: federation.network, history: { rosters } });
    return verdict.ok ? verdict.value.version : verdict.reason;
  };

  test('is dense from version 1 and gives the newest, expired or not', async () => {
    const first = federation.signedRoster;
    const second = await successor(['XA', 'XB', 'XC'], { expiresMs: atMs() + 1 });
    const history = { rosters: [first, second] };
    const versions = judgeRosterVersions({ networkDigest: federation.network, history });
    expect(versions.ok && versions.value.map(({ version }) => version)).toEqual([1n, 2n]);
    expect(versions.ok && versions.value[1]?.isExpired(atMs() + 1)).toBe(true);
    expect(judgeHistory([first, second])).toBe(2n);
    expect(judgeHistory([first])).toBe(1n);
    expect(judgeHistory([])).toBe(Reason.REASON_MALFORMED);
    expect(judgeHistory([second])).toBe(Reason.REASON_WRONG_NETWORK);
    expect(judgeHistory([first, first])).toBe(Reason.REASON_ROSTER_UNCHAINED);
    expect(judgeHistory([first, second, first])).toBe(Reason.REASON_ROSTER_ROLLBACK);
  });
});

describe('the standing of a member', () => {
  const at = (status: MemberStatus, statusFrom: bigint) => {
    const member = { ...federation.of('XA').member, status, statusFrom };
    return [standingAt(member, 99), standingAt(member, 100)];
  };

  test('changes at the instant that the roster states', () => {
    expect(at(MemberStatus.MEMBER_STATUS_ACTIVE, 100n)).toEqual(['pending', 'active']);
    expect(at(MemberStatus.MEMBER_STATUS_SUSPENDED, 100n)).toEqual(['active', 'suspended']);
    expect(at(MemberStatus.MEMBER_STATUS_EXPELLED, 100n)).toEqual(['active', 'expelled']);
  });

  test('is asked of the roster', () => {
    expect(federation.roster.standingOf('XA', atMs())).toBe('active');
    expect(federation.roster.standingOf('ZZ', atMs())).toBeUndefined();
    expect(federation.roster.activeMembers(atMs())).toHaveLength(4);
  });

  test('was issued before now, whatever a clock says that is behind', async () => {
    const { roster } = federation;
    const before = Number(roster.roster.issued) - 86_400_000;
    expect(roster.standingOf('XA', before)).toBe('active');
    expect(roster.activeMembers(before)).toEqual(roster.roster.members);
  });
});

describe('a run of successors', () => {
  const DAY = 86_400_000;
  const all = ['XA', 'XB', 'XC'];
  const believed = (signed: SignedRoster, current: VerifiedRoster) =>
    expectBelieved(judgeNextRoster({ current, signed, atMs: atMs() }));

  test('passes through versions that have expired meanwhile, to one that holds', async () => {
    const second = await successor(all, { expiresMs: atMs() + 2 * DAY });
    const two = believed(second, federation.roster);
    const third = await successor(all, { issuedMs: atMs() + DAY }, two);
    const later = atMs() + 10 * DAY;
    // By itself the expired one is never adopted (freeze); on the way to a valid one it is only a step.
    expect(judge(second, federation.roster, later)).toBe(Reason.REASON_EXPIRED);
    const run = judgeNextRosters({ current: federation.roster, signed: [second, third], atMs: later });
    expect(run.fault).toBeUndefined();
    expect(run.versions.map(({ version }) => version)).toEqual([2n, 3n]);
  });

  test('stops before the first that is not believed, and keeps what came before it', async () => {
    const second = await successor(all);
    const two = believed(second, federation.roster);
    const third = await successor(['XA', 'XB'], {}, two);
    const fourth = await successor(all, { networkName: 'Beyond' }, two);
    const run = judgeNextRosters({
      current: federation.roster,
      signed: [second, third, fourth],
      atMs: atMs(),
    });
    expect(run.versions.map(({ version }) => version)).toEqual([2n]);
    expect(run.fault?.reason).toBe(Reason.REASON_ROSTER_THRESHOLD);
  });

  test('mixed from two lines of versions is refused', async () => {
    const two = believed(await successor(all), federation.roster);
    const rival = believed(await successor(all, { networkName: 'Rival' }), federation.roster);
    const third = await successor(all, {}, rival);
    expect(judge(third, two)).toBe(Reason.REASON_ROSTER_UNCHAINED);
    // A leap ahead, however well signed.
    const far = await successor(all, {}, { ...two, version: 1_000_000n });
    expect(judge(far, two)).toBe(Reason.REASON_ROSTER_UNCHAINED);
  });

  test('is judged by what the program speaks: a suite that it lacks is named', async () => {
    const signed = await successor(all, { requiredSuites: [1, 2] });
    const verdict = judgeNextRoster({ current: federation.roster, signed, atMs: atMs() });
    expect(verdict.ok ? '' : verdict.detail).toMatch(/suites 1, 2 .* update the program/);
    expect(verdict.ok ? 0 : verdict.reason).toBe(Reason.REASON_FORMAT_UNSUPPORTED);
    const program = { suites: [1, 2], format: 1 };
    expect(judgeNextRoster({ current: federation.roster, signed, atMs: atMs(), program }).ok).toBe(true);
  });
});
