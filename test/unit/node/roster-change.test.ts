import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hex } from '../../../src/base/bytes.ts';
import { MemberStatus, type RosterHistory } from '../../../src/gen/tocsin/record/v1/identity.ts';
import { Reason } from '../../../src/gen/tocsin/record/v1/reason.ts';
import {
  encodeMemberRequest,
  generateHybrid,
  judgeNextRoster,
  type MemberRequest,
  parseMemberRequest,
  renewedRequest,
  stagedGovernance,
  stageGovernanceKey,
} from '../../../src/identity/index.ts';
import { pathsOf } from '../../../src/node/config.ts';
import { adoptIntoFolder } from '../../../src/node/roster-adopt.ts';
import { type ProposeNext, proposeNext } from '../../../src/node/roster-change.ts';
import { rosterDiff } from '../../../src/node/roster-diff.ts';
import {
  believedRoster,
  encodeRosterFile,
  mergeSignatures,
  readRosterFile,
  signNewest,
  sketchRoster,
} from '../../../src/node/roster-file.ts';
import { newBrokerUser } from '../../../src/transport/index.ts';
import { expectBelieved, type Federation, makeFederation } from '../../support/authority.ts';

const DAY = 86_400_000;
let federation: Federation;
let other: Federation;
const dir = mkdtempSync(join(tmpdir(), 'tocsin-roster-'));

beforeAll(async () => {
  const nodes = ['XA', 'XB', 'XC', 'XD'].map((node) => ({ node, brokerUser: newBrokerUser().publicKey }));
  federation = await makeFederation({ nodes, threshold: 3 });
  other = await makeFederation({ nodes: [{ node: 'XF', brokerUser: newBrokerUser().publicKey }] });
});
afterAll(async () => {
  await federation[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true, force: true });
});

const NOTHING = { add: [], suspend: [], expel: [], reinstate: [], validDays: 365 };
const propose = (
  changes: Partial<ProposeNext>,
  history: RosterHistory = federation.history,
  current = federation.roster,
) => proposeNext(history, current, { ...NOTHING, nowMs: federation.nowMs, ...changes });
const proposed = (changes: Partial<ProposeNext>) => sketchRoster(propose(changes)).roster;
const says = (changes: Partial<ProposeNext>) => rosterDiff(federation.roster.roster, proposed(changes));

function requestOf(from: Federation, node: string): MemberRequest {
  const { member, authority, keyring } = from.of(node);
  return parseMemberRequest(
    encodeMemberRequest({
      node,
      name: member.name,
      country: member.country,
      role: 'national',
      groups: [...member.groups],
      deskGroups: ['police'],
      duties: [],
      brokerUser: member.brokerUser,
      authorityCertificate: authority.rootCertPem,
      authorityKey: member.authorityKey,
      governanceKey: keyring.governance,
    }),
  );
}

async function signedBy(history: RosterHistory, ...nodes: readonly string[]): Promise<RosterHistory> {
  let signed = history;
  for (const node of nodes) signed = await signNewest(signed, node, federation.of(node).keyring);
  return signed;
}

describe('a proposal', () => {
  it('leaves everything as it was but what is named, and says it in sentences', () => {
    expect(says({ expiresMs: Number(federation.roster.roster.expires) })).toEqual([]);
    const from = new Map([['XD', federation.nowMs + 3 * DAY]]);
    const suspended = proposed({ suspend: ['XD'], from });
    expect(suspended.members.find(({ node }) => node === 'XD')).toMatchObject({
      status: MemberStatus.MEMBER_STATUS_SUSPENDED,
      statusFrom: BigInt(federation.nowMs + 3 * DAY),
    });
    expect(suspended.governance.map(({ member }) => member)).toEqual(['XA', 'XB', 'XC']);
    expect(says({ suspend: ['XD'], from })).toEqual(
      expect.arrayContaining([
        'XD: active → suspended from 2026-01-18T12:00:00.000Z: gets recalls only, and only its recalls are taken',
        'governance: XD votes no longer',
        'governance: threshold 3 of 4 → 3 of 3',
      ]),
    );
  });

  it('adds a member, with its authority, key and witnesses', () => {
    const roster = proposed({ add: [requestOf(other, 'XF')] });
    expect(roster.members.map(({ node }) => node)).toEqual(['XA', 'XB', 'XC', 'XD', 'XF']);
    expect(roster.governance.map(({ member }) => member)).toContain('XF');
    expect(roster.witnesses.find(({ node }) => node === 'XF')?.witnesses.length).toBeGreaterThan(2);
    expect(says({ add: [requestOf(other, 'XF')] }).join('\n')).toMatch(
      /XF: new member "State of XF", national/,
    );
  });

  it('changes groups, role, duties, desk groups, keys, witnesses, suites, policy and validity', () => {
    const renewed = parseMemberRequest(
      renewedRequest(requestOf(federation, 'XB'), generateHybrid().publicKey),
    );
    const authority = { ...requestOf(other, 'XF'), node: 'XC' };
    const broker = { ...requestOf(federation, 'XA'), brokerUser: newBrokerUser().publicKey };
    const changes: Partial<ProposeNext> = {
      lines: new Map([
        ['XA', { groups: ['sac', 'eac'], duties: ['euc-verifier'], deskGroups: ['police'] }],
        ['XD', { role: 'hub' }],
      ]),
      replaceAuthority: [authority],
      replaceGovernance: [renewed],
      replaceBrokerUser: [broker],
      witnesses: [{ node: 'XA', witnesses: ['XD', 'XB'], threshold: 1 }],
      threshold: 2,
      baselinePolicy: 'permit(principal, action, resource);',
      expiresMs: federation.nowMs + DAY,
    };
    const roster = proposed(changes);
    const of = (node: string) => roster.members.find((member) => member.node === node);
    expect(of('XA')).toMatchObject({ groups: ['eac', 'sac'], duties: ['euc-verifier'], deskGroups: [1] });
    expect(of('XA')?.brokerUser).toBe(broker.brokerUser);
    expect(hex(of('XC')?.authorityKey ?? new Uint8Array())).toBe(hex(other.of('XF').member.authorityKey));
    // What is named is replaced, everything else of the line stays.
    expect(of('XC')?.name).toBe('State of XC');
    expect(roster.witnesses.find(({ node }) => node === 'XA')).toEqual({
      node: 'XA',
      witnesses: ['XB', 'XD'],
      threshold: 1,
    });
    expect(roster.witnesses.find(({ node }) => node === 'XB')).toEqual(
      federation.roster.roster.witnesses.find(({ node }) => node === 'XB'),
    );
    const said = says(changes).join('\n');
    for (const what of [
      'XA: groups: all → eac sac',
      'XA: duties: – → euc-verifier',
      'XA: broker user',
      'XC: authority certificate',
      'XC: authority key',
      'XD: role: national → hub',
      'governance: key of XB',
      'threshold 3 of 4 → 2 of 4',
      'witnesses of XA: 2 of XB XC XD → 1 of XB XD',
      '+ permit(principal, action, resource);',
      'valid until',
    ])
      expect(said).toContain(what);
  });

  it.each<[string, Partial<ProposeNext>]>([
    ['an unknown member', { suspend: ['XX'] }],
    ['a member twice over', { suspend: ['XA'], expel: ['XA'] }],
    ['a witness that is no member', { witnesses: [{ node: 'XA', witnesses: ['XX'], threshold: 1 }] }],
    ['a threshold that nobody can reach', { threshold: 9 }],
  ])('is refused with %s', (_, changes) => {
    expect(() => propose(changes)).toThrow(/expected/);
  });
});

describe('signing', () => {
  it('counts by both governments: a member that changes its key signs with both', async () => {
    const keys = federation.of('XA').dir;
    const renewed = parseMemberRequest(
      renewedRequest(requestOf(federation, 'XA'), await stageGovernanceKey(keys)),
    );
    const staged = await stagedGovernance(keys);
    if (!staged) throw new Error('expected the next key');
    const unsigned = propose({ replaceGovernance: [renewed] });
    const oldOnly = await signNewest(unsigned, 'XA', federation.of('XA').keyring);
    const { signedBy: own, signedByPrevious } = sketchRoster(oldOnly);
    expect([own, signedByPrevious]).toEqual([[], ['XA']]);
    const both = await signNewest(oldOnly, 'XA', federation.of('XA').keyring, staged);
    const complete = await signedBy(both, 'XB', 'XC');
    expect(sketchRoster(complete)).toMatchObject({
      signedBy: ['XA', 'XB', 'XC'],
      signedByPrevious: ['XA', 'XB', 'XC'],
    });
    const judge = (history: RosterHistory) => {
      const signed = history.rosters.at(-1);
      if (!signed) throw new Error('expected a version');
      const verdict = judgeNextRoster({ current: federation.roster, signed, atMs: federation.nowMs });
      return verdict.ok ? 'believed' : verdict.reason;
    };
    expect(judge(complete)).toBe('believed');
    // Without the signature by the new key the new governments are one short.
    expect(judge(await signedBy(oldOnly, 'XB', 'XC'))).toBe(Reason.REASON_ROSTER_THRESHOLD);
  });

  it('by a member that no version lists is refused; copies are put together', async () => {
    const unsigned = propose({});
    await expect(signNewest(unsigned, 'XA', other.of('XF').keyring)).rejects.toThrow(
      /no governance key of XA/,
    );
    const merged = mergeSignatures(await signedBy(unsigned, 'XA'), await signedBy(unsigned, 'XB'));
    expect(sketchRoster(merged).signedBy).toEqual(['XA', 'XB']);
    await expect(async () => mergeSignatures(merged, propose({ threshold: 2 }))).rejects.toThrow(
      /another roster/,
    );
  });
});

describe('adopting into a folder', () => {
  const folder = (name: string) => {
    const paths = pathsOf(mkdtempSync(join(dir, name)));
    writeFileSync(
      paths.config,
      `node: XA\nnetworkDigest: '${hex(federation.network)}'\nbroker: { servers: ['tls://127.0.0.1:4222'], ca: ca.pem, serverName: b }\ndesk: {}\n`,
    );
    writeFileSync(paths.rosterHistory, encodeRosterFile(federation.history));
    return paths;
  };
  const inFolder = (paths: { rosterHistory: string }) =>
    believedRoster(readRosterFile(new Uint8Array(readFileSync(paths.rosterHistory))), federation.network);

  it('takes a version with both thresholds, also as a file of that version alone', async () => {
    const paths = folder('a');
    const signed = await signedBy(propose({}), 'XA', 'XB', 'XC');
    const adopted = await adoptIntoFolder({
      paths,
      signed: { rosters: signed.rosters.slice(1) },
      nowMs: federation.nowMs,
    });
    expect([adopted.before.version, adopted.roster.version]).toEqual([1n, 2n]);
    expect(inFolder(paths).version).toBe(2n);
  });

  it.each<[string, (history: RosterHistory) => Promise<RosterHistory>, number, RegExp]>([
    ['one signature below the threshold', (one) => signedBy(one, 'XA', 'XB'), 0, /ROSTER_THRESHOLD/],
    ['one key signing again', (one) => signedBy(one, 'XA', 'XB', 'XB'), 0, /ROSTER_THRESHOLD/],
    ['an expired version', (one) => signedBy(one, 'XA', 'XB', 'XC'), 400 * DAY, /EXPIRED/],
    ['nothing newer', async () => federation.history, 0, /no version above 1/],
  ])('refuses %s and leaves the folder as it was', async (_, make, laterMs, message) => {
    const paths = folder('b');
    const signed = await make(propose({}));
    await expect(adoptIntoFolder({ paths, signed, nowMs: federation.nowMs + laterMs })).rejects.toThrow(
      message,
    );
    expect(inFolder(paths).version).toBe(1n);
  });

  it('refuses a second roster of one version until the operator names the one agreed on', async () => {
    const paths = folder('c');
    const one = await signedBy(propose({}), 'XA', 'XB', 'XC');
    const two = await signedBy(propose({ threshold: 2 }), 'XB', 'XC', 'XD');
    await adoptIntoFolder({ paths, signed: one, nowMs: federation.nowMs });
    await expect(adoptIntoFolder({ paths, signed: two, nowMs: federation.nowMs })).rejects.toThrow(
      /two rosters of version 2 .* --resolve/,
    );
    expect(inFolder(paths).roster.threshold).toBe(3);
    const resolve = sketchRoster(two).digest;
    await expect(adoptIntoFolder({ paths, signed: one, resolve, nowMs: federation.nowMs })).rejects.toThrow(
      /no version with the digest/,
    );
    await adoptIntoFolder({ paths, signed: two, resolve, nowMs: federation.nowMs });
    expect(inFolder(paths).roster.threshold).toBe(2);
  });

  it('puts the next governance key in use once the roster lists it', async () => {
    const paths = folder('d');
    const { keyring } = federation.of('XA');
    mkdirSync(paths.keys);
    const renewed = await stageGovernanceKey(paths.keys);
    const request = parseMemberRequest(renewedRequest(requestOf(federation, 'XA'), renewed));
    const staged = await stagedGovernance(paths.keys);
    if (!staged) throw new Error('expected the next key');
    const started = await signNewest(propose({ replaceGovernance: [request] }), 'XA', keyring, staged);
    const signed = await signedBy(started, 'XB', 'XC');
    const adopted = await adoptIntoFolder({ paths, signed, nowMs: federation.nowMs });
    expect(adopted.promotedKey).toBe(true);
    expect(await stagedGovernance(paths.keys)).toBeUndefined();
    expectBelieved(
      judgeNextRoster({
        current: federation.roster,
        signed: signed.rosters.at(-1) ?? federation.signedRoster,
        atMs: federation.nowMs,
      }),
    );
  });
});
