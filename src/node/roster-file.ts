/** Roster files: a SignedRoster alone, or a RosterHistory; how one is made, signed by each member, and put together. */
import { equalBytes, hex } from '../base/bytes.ts';
import { LIMITS } from '../base/limits.ts';
import {
  MemberRole,
  MemberStatus,
  Roster,
  RosterHistory,
  type RosterSignature,
  SignedRoster,
  type WitnessAssignment,
} from '../gen/tocsin/record/v1/identity.ts';
import {
  assembleRoster,
  judgeHybrid,
  judgeRosterHistory,
  type Keyring,
  type MemberRequest,
  proposeRoster,
  signRoster,
  toMember,
  UNNAMED_NETWORK,
  type VerifiedRoster,
} from '../identity/index.ts';

import { judgeMessage, judgeSigned, reasonName, sha256 } from '../record/index.ts';
import { NodeError } from './errors.ts';

const DAY_MS = 86_400_000;
const MAX_WITNESSES = 4;

const invalid = (message: string, cause?: unknown): NodeError =>
  new NodeError({ code: 'FILE_INVALID', message, cause });

/** What a file of rosters holds: the versions in it, not yet judged. */
export function readRosterFile(bytes: Uint8Array): RosterHistory {
  const limit = LIMITS.rosterBytes * 64;
  const history = judgeMessage(RosterHistory, 'tocsin.record.v1.RosterHistory', bytes, limit);
  // A SignedRoster alone also reads as a history of one faulty entry: what tells them apart is whether entries have a body.
  if (
    history.ok &&
    history.value.rosters.length > 0 &&
    history.value.rosters.every((one) => startsAsRoster(one.body))
  )
    return history.value;
  const single = judgeMessage(SignedRoster, 'tocsin.record.v1.SignedRoster', bytes, LIMITS.rosterBytes);
  if (single.ok && startsAsRoster(single.value.body)) return { rosters: [single.value] };
  throw invalid('expected a roster or roster history as `tocsin network create` or `propose` writes it');
}

const LABEL = new TextEncoder().encode('tocsin/roster/v1\n');
const startsAsRoster = (body: Uint8Array): boolean =>
  body.length > LABEL.length && equalBytes(body.subarray(0, LABEL.length), LABEL);

/** The versions of a history as the store keeps them. */
export const storedRosters = (history: RosterHistory) =>
  history.rosters.map((signed, index) => ({
    version: BigInt(index + 1),
    digest: sha256(signed.body),
    body: SignedRoster.encode(signed).finish(),
  }));

export const encodeRosterFile = (history: RosterHistory): Uint8Array =>
  RosterHistory.encode(history).finish();

/** What the newest roster of a file says, and how far it is signed; nothing of it is believed yet. */
export interface RosterSketch {
  readonly roster: Roster;
  readonly digest: Uint8Array;
  /** SHA-256 of the first version of the file, where that is version 1. */
  readonly networkDigest: Uint8Array | undefined;
  /** Members whose signature by a governance key of this version verifies. */
  readonly signedBy: readonly string[];
}

function newest(history: RosterHistory): SignedRoster {
  const last = history.rosters.at(-1);
  if (last === undefined) throw invalid('expected a roster, the file holds none');
  return last;
}

function rosterOf(signed: SignedRoster, network: Uint8Array): Roster {
  const body = judgeSigned('roster', network, signed.body);
  if (!body.ok) throw invalid(`the roster cannot be read: ${body.detail}`);
  const roster = judgeMessage(Roster, 'tocsin.record.v1.Roster', body.value, LIMITS.rosterBytes);
  if (!roster.ok) throw invalid(`the roster cannot be read: ${roster.detail}`);
  return roster.value;
}

export function sketchRoster(history: RosterHistory): RosterSketch {
  const [first] = history.rosters;
  const last = newest(history);
  const networkDigest = first === undefined ? undefined : sha256(first.body);
  const roster = rosterOf(
    last,
    history.rosters.length === 1 ? UNNAMED_NETWORK : (networkDigest ?? UNNAMED_NETWORK),
  );
  const signedBy = last.signatures
    .filter(({ member, signature }) => {
      const key = roster.governance.find((one) => one.member === member)?.key;
      return (
        key !== undefined && signature !== undefined && judgeHybrid('roster', last.body, signature, key).ok
      );
    })
    .map(({ member }) => member);
  return { roster, digest: sha256(last.body), networkDigest, signedBy: [...new Set(signedBy)].sort() };
}

/** Up to four witnesses a log, the members next in the alphabet, and a majority of them as threshold. */
export function assignWitnesses(nodes: readonly string[]): WitnessAssignment[] {
  const sorted = [...nodes].sort();
  if (sorted.length < 2) return [];
  return sorted.map((node, index) => {
    const count = Math.min(MAX_WITNESSES, sorted.length - 1);
    const witnesses = Array.from(
      { length: count },
      (_unused, step) => sorted[(index + step + 1) % sorted.length] ?? '',
    );
    return { node, witnesses, threshold: Math.floor(count / 2) + 1 };
  });
}

export interface CreateNetwork {
  readonly name: string;
  readonly members: readonly MemberRequest[];
  readonly threshold: number;
  readonly baselinePolicy: string;
  readonly validDays: number;
  readonly nowMs: number;
}

/** Roster version 1, not yet signed. */
export function createNetwork(options: CreateNetwork): {
  readonly history: RosterHistory;
  readonly digest: Uint8Array;
} {
  const lines = options.members.map((request) => toMember(request, options.nowMs));
  const proposal = proposeRoster({
    networkName: options.name,
    issuedMs: options.nowMs,
    expiresMs: options.nowMs + options.validDays * DAY_MS,
    members: lines.map(({ member }) => member),
    governance: lines.map(({ governanceKey }) => governanceKey),
    threshold: options.threshold,
    witnesses: witnessesOf(lines.map(({ member }) => member)),
    baselinePolicy: options.baselinePolicy,
  });
  return { history: { rosters: [assembleRoster(proposal.body, [])] }, digest: proposal.digest };
}

const witnessesOf = (
  members: readonly { node: string; role: number; status: number }[],
): WitnessAssignment[] =>
  assignWitnesses(
    members
      .filter(
        ({ role, status }) =>
          role !== MemberRole.MEMBER_ROLE_OBSERVER && status === MemberStatus.MEMBER_STATUS_ACTIVE,
      )
      .map(({ node }) => node),
  );

/** Changes from one version to the next. */
export interface ProposeNext {
  readonly add: readonly MemberRequest[];
  readonly suspend: readonly string[];
  readonly expel: readonly string[];
  readonly reinstate: readonly string[];
  readonly threshold?: number;
  readonly baselinePolicy?: string;
  readonly validDays: number;
  readonly nowMs: number;
}

/** Judges a history from the network digest on. Throws NETWORK_MISMATCH with the reason. */
export function believedRoster(history: RosterHistory, networkDigest: Uint8Array): VerifiedRoster {
  const verdict = judgeRosterHistory({ networkDigest, history });
  if (!verdict.ok)
    throw new NodeError({
      code: 'NETWORK_MISMATCH',
      message: `the roster is not believed (${reasonName(verdict.reason)}): ${verdict.detail}`,
    });
  return verdict.value;
}

/** The history with its next version at the end, not yet signed. */
export function proposeNext(
  history: RosterHistory,
  current: VerifiedRoster,
  changes: ProposeNext,
): RosterHistory {
  const { roster } = current;
  const added = changes.add.map((request) => toMember(request, changes.nowMs));
  const known = new Set(roster.members.map(({ node }) => node));
  for (const node of [...changes.suspend, ...changes.expel, ...changes.reinstate])
    if (!known.has(node)) throw invalid(`expected a member of the roster, got ${node}`);
  for (const { member } of added)
    if (known.has(member.node)) throw invalid(`${member.node} is a member already`);
  const statusFrom = BigInt(changes.nowMs);
  const members = roster.members.map((member) => {
    if (changes.expel.includes(member.node))
      return { ...member, status: MemberStatus.MEMBER_STATUS_EXPELLED, statusFrom };
    if (changes.suspend.includes(member.node))
      return { ...member, status: MemberStatus.MEMBER_STATUS_SUSPENDED, statusFrom };
    if (changes.reinstate.includes(member.node))
      return { ...member, status: MemberStatus.MEMBER_STATUS_ACTIVE, statusFrom };
    return member;
  });
  const all = [...members, ...added.map(({ member }) => member)];
  const proposal = proposeRoster(
    {
      networkName: roster.networkName,
      issuedMs: changes.nowMs,
      expiresMs: changes.nowMs + changes.validDays * DAY_MS,
      members: all,
      // A member that is put out no longer governs.
      governance: [...roster.governance, ...added.map(({ governanceKey }) => governanceKey)].filter(
        ({ member }) => !changes.expel.includes(member) && !changes.suspend.includes(member),
      ),
      threshold: changes.threshold ?? roster.threshold,
      witnesses: witnessesOf(all),
      requiredSuites: roster.requiredSuites,
      minimumFormat: roster.minimumFormat,
      baselinePolicy: changes.baselinePolicy ?? roster.baselinePolicy,
    },
    current,
  );
  return { rosters: [...history.rosters, assembleRoster(proposal.body, [])] };
}

/** The file with `node`'s signature under its newest version; a second signature of one member replaces the first. */
export async function signNewest(
  history: RosterHistory,
  node: string,
  keyring: Keyring,
): Promise<RosterHistory> {
  const last = newest(history);
  const { roster } = sketchRoster(history);
  const listed = roster.governance.some(({ member }) => member === node);
  const before = history.rosters.length > 1 && !listed;
  if (!listed && !before) throw invalid(`${node} has no governance key in this roster: it cannot sign it`);
  const signature = await signRoster({ body: last.body, member: node, keyring, byPrevious: before });
  return withSignatures(history, [signature]);
}

/** The file with the signatures of another copy of it added. Throws FILE_INVALID when the copies are not of one roster. */
export function mergeSignatures(history: RosterHistory, copy: RosterHistory): RosterHistory {
  const [mine, theirs] = [newest(history), newest(copy)];
  if (!equalBytes(mine.body, theirs.body))
    throw invalid(
      `the copy is of another roster (${hex(sha256(theirs.body)).slice(0, 16)}… instead of ${hex(sha256(mine.body)).slice(0, 16)}…)`,
    );
  return withSignatures(history, theirs.signatures);
}

function withSignatures(history: RosterHistory, more: readonly RosterSignature[]): RosterHistory {
  const last = newest(history);
  const key = (one: RosterSignature) => `${one.member} ${one.byPrevious}`;
  const signatures = new Map([...last.signatures, ...more].map((one) => [key(one), one]));
  return { rosters: [...history.rosters.slice(0, -1), assembleRoster(last.body, [...signatures.values()])] };
}
