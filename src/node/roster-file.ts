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
  type GovernanceSigner,
  type HybridPublic,
  hybridFingerprint,
  judgeRosterHistory,
  type MemberRequest,
  proposeRoster,
  rosterSigners,
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
  const limit = LIMITS.rosterHistoryBytes;
  const history = judgeMessage(RosterHistory, 'tocsin.record.v1.RosterHistory', bytes, limit);
  // A SignedRoster alone also reads as a history of one faulty entry: what tells them apart is whether entries have a body.
  if (
    history.ok &&
    history.value.rosters.length > 0 &&
    history.value.rosters.every((one) => startsAsRoster(one.body))
  )
    return history.value;
  const single = judgeMessage(SignedRoster, 'tocsin.record.v1.SignedRoster', bytes, LIMITS.messageBytes);
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
  /** The version before, where the file holds it. */
  readonly before: Roster | undefined;
  /** Members whose signature by a governance key of this version verifies. */
  readonly signedBy: readonly string[];
  /** Members whose signature counts by the governance keys of the version before. */
  readonly signedByPrevious: readonly string[];
}

export function newest(history: RosterHistory): SignedRoster {
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
  const previous = history.rosters.at(-2);
  const before =
    previous &&
    rosterOf(previous, history.rosters.length === 2 ? UNNAMED_NETWORK : (networkDigest ?? UNNAMED_NETWORK));
  const { own, previous: byPrevious } = rosterSigners(last, roster, before);
  return {
    roster,
    digest: sha256(last.body),
    networkDigest,
    before,
    signedBy: [...own].sort(),
    signedByPrevious: [...byPrevious].sort(),
  };
}

/**
 * The newest version of a file beside the roster in use, and whose signatures of it verify; nothing of it is believed yet. Throws
 * FILE_INVALID.
 */
export function sketchProposal(file: Uint8Array, current: VerifiedRoster) {
  const signed = newest(readRosterFile(file));
  const roster = rosterOf(signed, current.network);
  const { own, previous } = rosterSigners(signed, roster, current.roster);
  return {
    roster,
    digest: sha256(signed.body),
    follows: roster.version === current.version + 1n && equalBytes(roster.previous, current.digest),
    signedBy: own,
    signedByPrevious: previous,
  };
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

export const witnessesOf = (
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

/**
 * The file with the signatures of a member under its newest version: by each of its keys that this version or the one before
 * lists, so that a member that changes its key signs with both. A second signature by one key replaces the first.
 */
export async function signNewest(
  history: RosterHistory,
  node: string,
  ...signers: readonly GovernanceSigner[]
): Promise<RosterHistory> {
  const last = newest(history);
  const { roster, before } = sketchRoster(history);
  const signatures: RosterSignature[] = [];
  for (const keyring of signers) {
    const own = listsKey(roster, node, keyring.governance);
    if (!own && !(before && listsKey(before, node, keyring.governance))) continue;
    signatures.push(await signRoster({ body: last.body, member: node, keyring, byPrevious: !own }));
  }
  if (signatures.length === 0)
    throw invalid(
      `no governance key of ${node} that lies here is listed in this roster${before ? ' or the one before' : ''}: it cannot sign it`,
    );
  return withSignatures(history, signatures);
}

const listsKey = (roster: Roster, node: string, key: HybridPublic): boolean =>
  roster.governance.some(
    (one) =>
      one.member === node &&
      one.key !== undefined &&
      equalBytes(hybridFingerprint(one.key), hybridFingerprint(key)),
  );

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
