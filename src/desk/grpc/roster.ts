/** The roster as desks are told of it: the version in use, those before it, and how far a proposed one is signed. No content. */
import { equalBytes } from '../../base/bytes.ts';
import { TocsinError } from '../../base/error.ts';
import { LIMITS } from '../../base/limits.ts';
import type {
  RosterMember,
  RosterProposal,
  RosterSignatures,
  RosterVersion,
} from '../../gen/tocsin/desk/v1/network_service.ts';
import {
  Member,
  MemberRole,
  MemberStatus,
  Roster,
  SignedRoster,
} from '../../gen/tocsin/record/v1/identity.ts';
import { rosterSigners, UNNAMED_NETWORK } from '../../identity/index.ts';
import { judgeMessage, judgeSigned } from '../../record/index.ts';
import type { StoredRoster } from '../../store/index.ts';
import { DeskError } from '../errors.ts';
import { buffer } from './messages.ts';

/** The newest version of a file, and whose signatures of it verify; nothing of it is believed yet. */
export interface ProposedRoster {
  readonly roster: Roster;
  readonly digest: Uint8Array;
  /** Whether it follows directly from the version in use. */
  readonly follows: boolean;
  /** By its own governance keys. */
  readonly signedBy: readonly string[];
  /** By those of the version in use. */
  readonly signedByPrevious: readonly string[];
}

/** Versions told of in one answer. */
export const MOST_VERSIONS = 20;

const ROLES: ReadonlyMap<MemberRole, string> = new Map([
  [MemberRole.MEMBER_ROLE_NATIONAL, 'national'],
  [MemberRole.MEMBER_ROLE_HUB, 'hub'],
  [MemberRole.MEMBER_ROLE_HOTLINE, 'hotline'],
  [MemberRole.MEMBER_ROLE_OBSERVER, 'observer'],
]);
const STATUSES: ReadonlyMap<MemberStatus, string> = new Map([
  [MemberStatus.MEMBER_STATUS_ACTIVE, 'active'],
  [MemberStatus.MEMBER_STATUS_SUSPENDED, 'suspended'],
  [MemberStatus.MEMBER_STATUS_EXPELLED, 'expelled'],
]);

export const rosterMember = (member: Member): RosterMember => ({
  node: member.node,
  name: member.name,
  country: member.country,
  role: ROLES.get(member.role) ?? '',
  status: STATUSES.get(member.status) ?? '',
  groups: [...member.groups],
});

/** Stored rosters were judged when they came; version 1 names no network yet. */
function rosterIn(signed: SignedRoster, network: Uint8Array, version: bigint): Roster {
  const body = judgeSigned('roster', version === 1n ? UNNAMED_NETWORK : network, signed.body);
  const roster = body.ok
    ? judgeMessage(Roster, 'tocsin.record.v1.Roster', body.value, LIMITS.rosterBytes)
    : body;
  if (!roster.ok) throw new Error(`a stored roster does not read as one: ${roster.detail}`);
  return roster.value;
}

/** @param stored newest last, dense; the first only says who signed the second, unless it is version 1 */
export function rosterVersions(
  stored: readonly StoredRoster[],
  network: Uint8Array,
  most: number,
): readonly RosterVersion[] {
  const read = stored.map(({ version, digest, body }) => {
    const signed = SignedRoster.decode(body);
    return { version, digest, signed, roster: rosterIn(signed, network, version) };
  });
  return read
    .map(({ version, digest, signed, roster }, index) => ({
      version,
      digest: buffer(digest),
      issued: roster.issued,
      expires: roster.expires,
      signedBy: signersIn(signed, roster, read[index - 1]?.roster),
    }))
    .toReversed()
    .slice(0, most);
}

const signersIn = (signed: SignedRoster, roster: Roster, before: Roster | undefined): string[] => {
  const { own, previous } = rosterSigners(signed, roster, before);
  return [...new Set([...own, ...previous])].sort();
};

const signaturesOf = (listed: Roster, signedBy: readonly string[]): RosterSignatures => {
  const members = [...new Set(listed.governance.map(({ member }) => member))].sort();
  return {
    signedBy: members.filter((member) => signedBy.includes(member)),
    missing: members.filter((member) => !signedBy.includes(member)),
    threshold: listed.threshold,
  };
};

export function rosterProposal(proposed: ProposedRoster, inUse: Roster): RosterProposal {
  const { roster } = proposed;
  const known = new Map(inUse.members.map((member) => [member.node, Member.encode(member).finish()]));
  return {
    version: roster.version,
    digest: buffer(proposed.digest),
    issued: roster.issued,
    expires: roster.expires,
    follows: proposed.follows,
    before: signaturesOf(inUse, proposed.signedByPrevious),
    own: signaturesOf(roster, proposed.signedBy),
    changed: roster.members
      .filter((member) => {
        const line = known.get(member.node);
        return line === undefined || !equalBytes(line, Member.encode(member).finish());
      })
      .map(rosterMember),
    policyChanged: roster.baselinePolicy !== inUse.baselinePolicy,
  };
}

/** What a file that is no roster is answered. */
export function noProposal(error: unknown): Error {
  if (!(error instanceof TocsinError) || error.code !== 'FILE_INVALID') throw error;
  return new DeskError({
    code: 'INVALID_REQUEST',
    message: error.message,
    faults: [{ path: 'proposal', code: 'WRONG_FORM', message: error.message }],
    cause: error,
  });
}
