/**
 * The membership document and how one version follows from another: TUF's rule for roots (TUF §5.3), counted per member.
 * A roster is only ever replaced by its direct successor, so nobody can skip a version, go back, or fork.
 */
import { equalBytes, hex } from '../base/bytes.ts';
import { CLOCK_SKEW_MS, LIMITS } from '../base/limits.ts';
import { believed, type Disbelieved, disbelieved, type Verdict } from '../base/verdict.ts';
import {
  type GovernanceKey,
  type Member,
  Roster,
  type RosterHistory,
  SignedRoster,
} from '../gen/tocsin/record/v1/identity.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { judgeMessage, judgeSigned, netToken, sha256 } from '../record/index.ts';
import { hybridFingerprint, judgeHybrid } from './hybrid.ts';
import { PROGRAM, type ProgramSupport, rosterFaults } from './roster-form.ts';
import { type MemberStanding, type Standings, standingIn, standingsAfter } from './standing.ts';

/** Version 1 is signed for no network yet: its own digest becomes the network digest. */
export const UNNAMED_NETWORK: Uint8Array = new Uint8Array(32);

interface Governance {
  readonly keys: readonly GovernanceKey[];
  readonly threshold: number;
}

/** A roster that was believed. */
export interface VerifiedRoster {
  readonly roster: Roster;
  readonly version: bigint;
  /** SHA-256 of the signed bytes. */
  readonly digest: Uint8Array;
  /** Encoded SignedRoster, for store and peers. */
  readonly bytes: Uint8Array;
  /** Network digest, 32 bytes. */
  readonly network: Uint8Array;
  /** Its short form for names and subjects. */
  readonly net: string;
  member(node: string): Member | undefined;
  /** Undefined for a node that the roster does not list. */
  /** Of now: an instant before the roster's issue counts as the issue. */
  standingOf(node: string, atMs: number): MemberStanding | undefined;
  activeMembers(atMs: number): readonly Member[];
  /** How every member stood since it was first listed. */
  readonly standings: Standings;
  /** Past its expiry a roster stays in use, with an alarm, but is never adopted. */
  isExpired(atMs: number): boolean;
  /** Who signed this version besides its own governance; none for version 1. Tells a fork from a forgery. */
  readonly governanceBefore: Governance | undefined;
}

const unsigned = (detail: string): Disbelieved<Reason> => disbelieved(Reason.REASON_ROSTER_THRESHOLD, detail);

function verified(
  signed: SignedRoster,
  roster: Roster,
  network: Uint8Array,
  previous: VerifiedRoster | undefined,
): VerifiedRoster {
  const members = new Map(roster.members.map((member) => [member.node, member]));
  const standings = standingsAfter(previous?.standings, roster.members);
  const issuedMs = Number(roster.issued);
  const standingOf = (node: string, atMs: number): MemberStanding | undefined => {
    const spans = standings.get(node);
    // Whoever has the roster lives after its issue, whatever the clock says: one that is behind would have no partners, and
    // keep one that was put out.
    return spans && standingIn(spans, Math.max(atMs, issuedMs));
  };
  return {
    roster,
    version: roster.version,
    digest: sha256(signed.body),
    bytes: SignedRoster.encode(signed).finish(),
    network,
    net: netToken(network),
    member: (node) => members.get(node),
    standings,
    standingOf,
    activeMembers: (atMs) => roster.members.filter(({ node }) => standingOf(node, atMs) === 'active'),
    isExpired: (atMs) => BigInt(Math.floor(atMs)) >= roster.expires,
    governanceBefore: previous && governanceOf(previous.roster),
  };
}

/** Label, network and strict form of the message; the roster's own rules come after its signatures. */
function readRoster(network: Uint8Array, signed: SignedRoster): Verdict<Roster, Reason> {
  const body = judgeSigned('roster', network, signed.body);
  if (!body.ok) return body;
  return judgeMessage(Roster, 'tocsin.record.v1.Roster', body.value, LIMITS.rosterBytes);
}

/** Name of a member together with one key, for counting. */
const holder = ({ member, key }: GovernanceKey): string =>
  key === undefined ? '' : `${member} ${hex(hybridFingerprint(key))}`;

/** Members whose listed key signed these bytes, each once per key: sigstore-go CVE-2026-49834 counted entries. */
function signersOf(
  signed: SignedRoster,
  own: Governance,
  before: Governance | undefined,
): ReadonlySet<string> {
  const signers = new Set<string>();
  for (const { member, signature, byPrevious } of signed.signatures.slice(0, 2 * LIMITS.rosterMembers)) {
    const listed = (byPrevious ? before : own)?.keys.find((key) => key.member === member);
    // A signature that does not verify counts for nothing; it must not spoil the others.
    if (listed === undefined || signers.has(holder(listed))) continue;
    if (judgeHybrid('roster', signed.body, signature, listed.key).ok) signers.add(holder(listed));
  }
  return signers;
}

function thresholdFault(
  signed: SignedRoster,
  own: Governance,
  before: Governance | undefined,
): Disbelieved<Reason> | undefined {
  const signers = signersOf(signed, own, before);
  for (const [whose, governance] of [
    ['own', own],
    ['previous', before],
  ] as const) {
    if (governance === undefined) continue;
    const members = new Set(
      governance.keys.filter((key) => signers.has(holder(key))).map((key) => key.member),
    );
    if (members.size < Math.max(1, governance.threshold))
      return unsigned(
        `expected signatures of ${governance.threshold} distinct members by ${whose} governance keys, got ${members.size}`,
      );
  }
  return undefined;
}

/**
 * Members whose listed key signed a version: by the governance keys of its own, and by those of the version before. For
 * people who collect signatures; judged versions were counted by the same rule.
 */
export function rosterSigners(
  signed: SignedRoster,
  roster: Roster,
  before: Roster | undefined,
): { readonly own: readonly string[]; readonly previous: readonly string[] } {
  const signers = signersOf(signed, governanceOf(roster), before && governanceOf(before));
  const of = (listed: readonly GovernanceKey[]) =>
    listed.filter((key) => signers.has(holder(key))).map(({ member }) => member);
  return { own: of(roster.governance), previous: of(before?.governance ?? []) };
}

const governanceOf = (roster: Roster): Governance => ({
  keys: roster.governance,
  threshold: roster.threshold,
});

function formFault(roster: Roster, program: ProgramSupport): Disbelieved<Reason> | undefined {
  const [fault] = rosterFaults(roster);
  if (fault !== undefined)
    return disbelieved(Reason.REASON_MALFORMED, `roster ${fault.path}: ${fault.message}`);
  if (
    roster.minimumFormat > program.format ||
    !roster.requiredSuites.every((suite) => program.suites.includes(suite))
  )
    return disbelieved(
      Reason.REASON_FORMAT_UNSUPPORTED,
      `the roster requires suites ${roster.requiredSuites.join(', ')} and format ${roster.minimumFormat}, this program has suites ${program.suites.join(', ')} and format ${program.format}: update the program`,
    );
  return undefined;
}

function sizeFault(signed: SignedRoster): Disbelieved<Reason> | undefined {
  return signed.body.length > LIMITS.rosterBytes || signed.signatures.length > 2 * LIMITS.rosterMembers
    ? disbelieved(
        Reason.REASON_TOO_LARGE,
        `expected a roster of at most ${LIMITS.rosterBytes} bytes with two signatures a member`,
      )
    : undefined;
}

/**
 * Judges version 1 against the network digest got out of band. WRONG_NETWORK: another digest; ROSTER_THRESHOLD: too few
 * of its own governance keys signed.
 */
export function judgeFirstRoster(options: {
  readonly networkDigest: Uint8Array;
  readonly signed: SignedRoster;
  readonly program?: ProgramSupport;
}): Verdict<VerifiedRoster, Reason> {
  const { networkDigest, signed, program = PROGRAM } = options;
  const size = sizeFault(signed);
  if (size !== undefined) return size;
  // The pinned digest covers every byte below, so this comes first.
  if (!equalBytes(sha256(signed.body), networkDigest))
    return disbelieved(Reason.REASON_WRONG_NETWORK, 'the first roster does not have the network digest');
  const roster = readRoster(UNNAMED_NETWORK, signed);
  if (!roster.ok) return roster;
  if (roster.value.version !== 1n)
    return disbelieved(Reason.REASON_ROSTER_UNCHAINED, 'expected version 1 first');
  const fault =
    formFault(roster.value, program) ?? thresholdFault(signed, governanceOf(roster.value), undefined);
  return fault ?? believed(verified(signed, roster.value, networkDigest, undefined));
}

/** The steps of a succession that hold whatever the hour. */
export function judgeSuccessor(
  current: VerifiedRoster,
  signed: SignedRoster,
  program: ProgramSupport,
): Verdict<VerifiedRoster, Reason> {
  const size = sizeFault(signed);
  if (size !== undefined) return size;
  const digest = sha256(signed.body);
  if (equalBytes(digest, current.digest)) return believed(current);
  // Version 1 is signed for no network yet and would not be readable below.
  if (equalBytes(digest, current.network))
    return disbelieved(Reason.REASON_ROSTER_ROLLBACK, 'the first roster is older than the one in use');
  const read = readRoster(current.network, signed);
  if (!read.ok) return read;
  const roster = read.value;
  const facts = { held: String(current.version), got: String(roster.version) };
  if (roster.version < current.version)
    return disbelieved(Reason.REASON_ROSTER_ROLLBACK, 'the roster is older than the one in use', facts);
  if (roster.version === current.version) {
    // Only a rival that the same governments signed is a fork; anything else is a forgery and no alarm.
    const fault = thresholdFault(signed, governanceOf(roster), current.governanceBefore);
    return (
      fault ?? disbelieved(Reason.REASON_ROSTER_FORK, 'another roster of the version in use is signed', facts)
    );
  }
  if (roster.version > current.version + 1n || !equalBytes(roster.previous, current.digest))
    return disbelieved(
      Reason.REASON_ROSTER_UNCHAINED,
      'the roster does not follow directly from the one in use: fetch those between',
      facts,
    );
  const before = governanceOf(current.roster);
  const fault = thresholdFault(signed, governanceOf(roster), before) ?? formFault(roster, program);
  if (fault !== undefined) return fault;
  if (roster.issued < current.roster.issued)
    return disbelieved(Reason.REASON_ROSTER_UNCHAINED, 'the roster was issued before the one in use', facts);
  return believed(verified(signed, roster, current.network, current));
}

/**
 * Judges the successor of the roster in use; the roster in use itself is believed again. ROSTER_ROLLBACK, ROSTER_FORK,
 * ROSTER_UNCHAINED, ROSTER_THRESHOLD; EXPIRED: never adopted; CLOCK_SKEW: issued in the future.
 */
export function judgeNextRoster(options: {
  readonly current: VerifiedRoster;
  readonly signed: SignedRoster;
  readonly atMs: number;
  readonly program?: ProgramSupport;
}): Verdict<VerifiedRoster, Reason> {
  const { signed, ...rest } = options;
  const { versions, fault } = judgeNextRosters({ ...rest, signed: [signed] });
  return fault ?? believed(versions.at(-1) ?? options.current);
}

/** Versions that may be adopted, in their order, and why none of those after them may. */
export interface NextRosters {
  readonly versions: readonly VerifiedRoster[];
  readonly fault: Disbelieved<Reason> | undefined;
}

/**
 * Judges a run of successors. What is adopted last must hold now; those that lead to it may have expired meanwhile, or a node
 * that was away for longer than a version lives could never come back (TUF §5.3.10 judges the final root's expiry only).
 */
export function judgeNextRosters(options: {
  readonly current: VerifiedRoster;
  readonly signed: readonly SignedRoster[];
  readonly atMs: number;
  readonly program?: ProgramSupport;
}): NextRosters {
  const { current, signed, atMs, program = PROGRAM } = options;
  const run: VerifiedRoster[] = [];
  let adopted = 0;
  let fault: Disbelieved<Reason> | undefined;
  for (const one of signed.slice(0, LIMITS.rosterHistory)) {
    const last = run.at(-1) ?? current;
    const next = judgeSuccessor(last, one, program);
    if (!next.ok) return { versions: run.slice(0, adopted), fault: next };
    if (next.value === last) continue;
    run.push(next.value);
    fault = timeFault(next.value, atMs);
    if (fault === undefined) adopted = run.length;
  }
  return { versions: run.slice(0, adopted), fault };
}

function timeFault(next: VerifiedRoster, atMs: number): Disbelieved<Reason> | undefined {
  if (next.isExpired(atMs)) return disbelieved(Reason.REASON_EXPIRED, 'an expired roster is never adopted');
  if (Number(next.roster.issued) > atMs + CLOCK_SKEW_MS)
    return disbelieved(Reason.REASON_CLOCK_SKEW, 'the roster was issued in the future');
  return undefined;
}

/** As judgeRosterHistory, with every version, oldest first. */
export function judgeRosterVersions(options: {
  readonly networkDigest: Uint8Array;
  readonly history: RosterHistory;
  readonly program?: ProgramSupport;
}): Verdict<readonly VerifiedRoster[], Reason> {
  const { networkDigest, history, program = PROGRAM } = options;
  const [first, ...rest] = history.rosters;
  if (first === undefined) return disbelieved(Reason.REASON_MALFORMED, 'expected a roster history, got none');
  if (history.rosters.length > LIMITS.rosterHistory)
    return disbelieved(Reason.REASON_TOO_LARGE, `expected at most ${LIMITS.rosterHistory} rosters`);
  const judged = judgeFirstRoster({ networkDigest, signed: first, program });
  if (!judged.ok) return judged;
  let current = judged.value;
  const versions = [current];
  for (const signed of rest) {
    const next = judgeSuccessor(current, signed, program);
    if (!next.ok) return next;
    if (next.value === current)
      return disbelieved(Reason.REASON_ROSTER_UNCHAINED, 'the roster history holds one version twice');
    current = next.value;
    versions.push(current);
  }
  return believed(versions);
}

/**
 * Judges every roster from version 1, dense, and gives the newest. Expiry is not judged: a history is what was in use,
 * and a node starts with the roster that it had (ask `isExpired`).
 */
export function judgeRosterHistory(options: {
  readonly networkDigest: Uint8Array;
  readonly history: RosterHistory;
  readonly program?: ProgramSupport;
}): Verdict<VerifiedRoster, Reason> {
  const versions = judgeRosterVersions(options);
  if (!versions.ok) return versions;
  const newest = versions.value.at(-1);
  return newest === undefined
    ? disbelieved(Reason.REASON_MALFORMED, 'expected a roster history, got none')
    : believed(newest);
}
