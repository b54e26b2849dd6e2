/**
 * A ready federation: national authorities, keyrings in a temporary directory, key statements, prekeys and a roster signed
 * by its threshold. Real keys and real judgements throughout; only RSA keys are used again (rsa-keys.ts).
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Verdict } from '../../src/base/verdict.ts';
import type { Prekey, SignedPrekeyBundle } from '../../src/gen/tocsin/exchange/v1/prekey.ts';
import {
  type GovernanceKey,
  type Member,
  MemberRole,
  MemberStatus,
  type RosterHistory,
  type SignedKeyStatement,
  type SignedRoster,
  type SpokenKind,
  type WitnessAssignment,
} from '../../src/gen/tocsin/record/v1/identity.ts';
import { DeskGroup } from '../../src/gen/tocsin/record/v1/marking.ts';
import type { Reason } from '../../src/gen/tocsin/record/v1/reason.ts';
import {
  assembleRoster,
  authorityPublicKey,
  certificatesFromPem,
  createAuthority,
  createPrekeyBundle,
  createStatement,
  judgeFirstRoster,
  judgePrekeyBundle,
  judgeStatement,
  Keyring,
  type NationalAuthority,
  PREKEY_LIFE_MS,
  proposeRoster,
  type RosterContent,
  signRoster,
  type VerifiedPrekeys,
  type VerifiedRoster,
  type VerifiedStatement,
} from '../../src/identity/index.ts';
import { KINDS, reasonName } from '../../src/record/index.ts';
import { generatePrekey } from '../../src/seal/index.ts';
import { testRsaKeys } from './rsa-keys.ts';

/** The tests' instant: 15 January 2026, 12:00 UTC, a whole minute. */
export const TEST_NOW_MS = Date.UTC(2026, 0, 15, 12, 0, 0);
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export interface FederationNode {
  readonly node: string;
  readonly role?: MemberRole;
  readonly name?: string;
  /** ISO 3166-1 alpha-2; by default the node id where that has two letters, else empty. */
  readonly country?: string;
  readonly groups?: readonly string[];
  /** By default every desk group that people sit in. */
  readonly deskGroups?: readonly number[];
  readonly duties?: readonly string[];
  readonly status?: MemberStatus;
  readonly statusFromMs?: number;
  readonly brokerUser?: string;
}

export interface FederationMember {
  readonly node: string;
  /** Keyring's directory. */
  readonly dir: string;
  readonly keyring: Keyring;
  readonly authority: NationalAuthority;
  readonly member: Member;
  readonly statement: VerifiedStatement;
  readonly signedStatement: SignedKeyStatement;
  readonly prekeys: VerifiedPrekeys;
  readonly signedPrekeys: SignedPrekeyBundle;
  /** The prekey valid at the federation's instant; its private half lies in the keyring. */
  readonly prekey: Prekey;
}

export interface Federation extends AsyncDisposable {
  /** Network digest. */
  readonly network: Uint8Array;
  /** Its short form. */
  readonly net: string;
  readonly nowMs: number;
  readonly roster: VerifiedRoster;
  readonly signedRoster: SignedRoster;
  readonly history: RosterHistory;
  readonly members: ReadonlyMap<string, FederationMember>;
  /** The member of this id; throws where there is none. */
  of(node: string): FederationMember;
  /** The content of roster version 1, to change and propose as the next. */
  readonly rosterContent: RosterContent;
}

/** The value of a verdict; throws with its reason where there is none. */
export function expectBelieved<Value>(verdict: Verdict<Value, Reason>): Value {
  if (verdict.ok) return verdict.value;
  throw new Error(`expected belief, got ${reasonName(verdict.reason)}: ${verdict.detail}`);
}

const ALL_DESK_GROUPS = [
  DeskGroup.DESK_GROUP_POLICE,
  DeskGroup.DESK_GROUP_CUSTOMS,
  DeskGroup.DESK_GROUP_LICENSING,
  DeskGroup.DESK_GROUP_MILITARY,
  DeskGroup.DESK_GROUP_BORDER,
  DeskGroup.DESK_GROUP_HOTLINE,
  DeskGroup.DESK_GROUP_HUB,
  DeskGroup.DESK_GROUP_REGISTER,
];

interface Founder {
  readonly dir: string;
  readonly keyring: Keyring;
  readonly authority: NationalAuthority;
  readonly member: Member;
  readonly governanceKey: GovernanceKey;
}

async function found(spec: FederationNode, root: string, index: number, nowMs: number): Promise<Founder> {
  const { node } = spec;
  const dir = join(root, node, 'keys');
  const name = spec.name ?? `State of ${node}`;
  const country = spec.country ?? (node.length === 2 ? node : '');
  const [keyring, authority] = await Promise.all([
    Keyring.create(dir),
    createAuthority({ node, name, country, nowMs: nowMs - DAY_MS, newRsaKey: testRsaKeys(index % 2) }),
  ]);
  const [certificate = new Uint8Array()] = certificatesFromPem(authority.rootCertPem);
  const member: Member = {
    node,
    name,
    country,
    role: spec.role ?? MemberRole.MEMBER_ROLE_NATIONAL,
    status: spec.status ?? MemberStatus.MEMBER_STATUS_ACTIVE,
    statusFrom: BigInt(spec.statusFromMs ?? nowMs - DAY_MS),
    groups: [...(spec.groups ?? ['all'])].sort(),
    authorityCertificate: Buffer.from(certificate),
    authorityKey: Buffer.from(authorityPublicKey(authority)),
    brokerUser: spec.brokerUser ?? '',
    deskGroups: [...(spec.deskGroups ?? ALL_DESK_GROUPS)],
    duties: [...(spec.duties ?? [])],
  };
  return { dir, keyring, authority, member, governanceKey: { member: node, key: keyring.governance } };
}

/** Makes one member's statement and prekeys and judges them as a peer would. */
async function speak(
  founder: Founder,
  roster: VerifiedRoster,
  kinds: readonly SpokenKind[],
  nowMs: number,
): Promise<FederationMember> {
  const { keyring, authority, member } = founder;
  const { network } = roster;
  const { node } = member;
  const signedStatement = await createStatement(
    {
      network,
      node,
      incarnation: 1,
      sequence: 1n,
      notBeforeMs: nowMs - HOUR_MS,
      notAfterMs: nowMs + 300 * DAY_MS,
      keyring,
      kinds: [...kinds],
    },
    authority,
  );
  // Before it is admitted, or after it was put out, a member's statement is judged at the time when it was in.
  const standing = roster.standingOf(node, nowMs);
  const judged = judgeStatement({ network, roster, signed: signedStatement, atMs: nowMs });
  if (!judged.ok && (standing === 'active' || standing === 'suspended')) expectBelieved(judged);
  const statement = judged.ok
    ? judged.value
    : expectBelieved(
        judgeStatement({
          network,
          roster: { ...roster, standingOf: () => 'active' },
          signed: signedStatement,
          atMs: nowMs,
        }),
      );
  const generated = await generatePrekey();
  const validity = { notBeforeMs: nowMs - HOUR_MS, notAfterMs: nowMs - HOUR_MS + PREKEY_LIFE_MS };
  const prekey = await keyring.prekeys.create({ ...generated, ...validity });
  const signedPrekeys = await createPrekeyBundle({
    network,
    node,
    sequence: 1n,
    statementDigest: statement.digest,
    prekeys: [prekey],
    keyring,
  });
  const prekeys = expectBelieved(
    judgePrekeyBundle({ network, statement, signed: signedPrekeys, atMs: nowMs }),
  );
  const current = prekeys.current(nowMs);
  if (current === undefined) throw new Error('expected a prekey that is valid now');
  return { ...founder, node, statement, signedStatement, prekeys, signedPrekeys, prekey: current };
}

const witnessesOf = (nodes: readonly string[]): WitnessAssignment[] =>
  nodes.map((node) => {
    const witnesses = nodes.filter((other) => other !== node).slice(0, 5);
    return { node, witnesses, threshold: Math.min(2, witnesses.length) };
  });

/** Makes a federation. Dispose of it to remove its directories. */
export async function makeFederation(options: {
  readonly nodes: readonly FederationNode[];
  /** Governance signatures needed; by default more than half of the members. */
  readonly threshold?: number;
  readonly nowMs?: number;
  readonly baselinePolicy?: string;
  readonly witnesses?: readonly WitnessAssignment[];
}): Promise<Federation> {
  const { nodes, nowMs = TEST_NOW_MS } = options;
  const threshold = options.threshold ?? Math.floor(nodes.length / 2) + 1;
  const root = await mkdtemp(join(tmpdir(), 'tocsin-federation-'));
  const founders = await Promise.all(nodes.map((spec, index) => found(spec, root, index, nowMs)));
  const rosterContent: RosterContent = {
    networkName: 'Test network',
    issuedMs: nowMs - DAY_MS,
    expiresMs: nowMs + 365 * DAY_MS,
    members: founders.map(({ member }) => member),
    governance: founders.map(({ governanceKey }) => governanceKey),
    threshold,
    witnesses: options.witnesses ?? witnessesOf(nodes.map(({ node }) => node)),
    baselinePolicy: options.baselinePolicy ?? '',
  };
  const proposal = proposeRoster(rosterContent);
  const signatures = await Promise.all(
    founders
      .slice(0, threshold)
      .map(({ member, keyring }) => signRoster({ body: proposal.body, member: member.node, keyring })),
  );
  const signedRoster = assembleRoster(proposal.body, signatures);
  const network = proposal.digest;
  const roster = expectBelieved(judgeFirstRoster({ networkDigest: network, signed: signedRoster }));
  const kinds = [...KINDS.values()].map(({ code, schemaVersion }) => ({ kind: code, schemaVersion }));
  const members = new Map<string, FederationMember>();
  for (const founder of founders)
    members.set(founder.member.node, await speak(founder, roster, kinds, nowMs));
  return {
    network,
    net: roster.net,
    nowMs,
    roster,
    signedRoster,
    history: { rosters: [signedRoster] },
    members,
    rosterContent,
    of: (node) => {
      const member = members.get(node);
      if (member === undefined) throw new Error(`no member ${node} in this federation`);
      return member;
    },
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}
