/** The next roster version as a list of changes to the one in use; what nobody names stays as it is. */
import type { RosterHistory, WitnessAssignment } from '../gen/tocsin/record/v1/identity.ts';
import {
  type GovernanceKey,
  type Member,
  MemberRole,
  MemberStatus,
} from '../gen/tocsin/record/v1/identity.ts';
import {
  assembleRoster,
  DESK_GROUP_TOKENS,
  type DeskGroupToken,
  type MemberRequest,
  type MemberRoleToken,
  proposeRoster,
  toMember,
  type VerifiedRoster,
} from '../identity/index.ts';
import { NodeError } from './errors.ts';
import { witnessesOf } from './roster-file.ts';

const DAY_MS = 86_400_000;

/** Fields of a member's line that its government may change without new keys. */
export interface LineChange {
  readonly groups?: readonly string[];
  readonly role?: MemberRoleToken;
  readonly duties?: readonly string[];
  readonly deskGroups?: readonly DeskGroupToken[];
}

/** Changes from one version to the next. */
export interface ProposeNext {
  readonly add: readonly MemberRequest[];
  readonly suspend: readonly string[];
  readonly expel: readonly string[];
  readonly reinstate: readonly string[];
  /** From when each of those holds, by node; now where it is not named. May lie in the past: what came since is marked then. */
  readonly from?: ReadonlyMap<string, number>;
  readonly lines?: ReadonlyMap<string, LineChange>;
  /** member.json with the part that is replaced; the node is in it. */
  readonly replaceAuthority?: readonly MemberRequest[];
  /** Also gives a governance key to a member without one, as after a suspension. */
  readonly replaceGovernance?: readonly MemberRequest[];
  readonly replaceBrokerUser?: readonly MemberRequest[];
  readonly dropGovernance?: readonly string[];
  /** Replaces the lines of these log owners; where any is named, no other line changes by itself. */
  readonly witnesses?: readonly WitnessAssignment[];
  readonly requiredSuites?: readonly number[];
  readonly minimumFormat?: number;
  readonly threshold?: number;
  readonly baselinePolicy?: string;
  readonly validDays: number;
  /** Instead of validDays. */
  readonly expiresMs?: number;
  readonly nowMs: number;
}

const ROLES: Readonly<Record<MemberRoleToken, MemberRole>> = {
  national: MemberRole.MEMBER_ROLE_NATIONAL,
  hub: MemberRole.MEMBER_ROLE_HUB,
  hotline: MemberRole.MEMBER_ROLE_HOTLINE,
  observer: MemberRole.MEMBER_ROLE_OBSERVER,
};

const invalid = (message: string): NodeError => new NodeError({ code: 'FILE_INVALID', message });

/** The history with its next version at the end, not yet signed. Throws FILE_INVALID, ROSTER_INVALID. */
export function proposeNext(
  history: RosterHistory,
  current: VerifiedRoster,
  changes: ProposeNext,
): RosterHistory {
  const { roster } = current;
  assertKnown(roster.members, changes);
  const added = changes.add.map((request) => toMember(request, fromOf(changes, request.node)));
  const members = [
    ...roster.members.map((member) => changedMember(member, changes)),
    ...added.map(({ member }) => member),
  ];
  const proposal = proposeRoster(
    {
      networkName: roster.networkName,
      issuedMs: changes.nowMs,
      expiresMs: changes.expiresMs ?? changes.nowMs + changes.validDays * DAY_MS,
      members,
      governance: governanceAfter(
        [...roster.governance, ...added.map(({ governanceKey }) => governanceKey)],
        changes,
      ),
      threshold: changes.threshold ?? roster.threshold,
      witnesses: witnessesAfter(roster.witnesses, members, changes),
      requiredSuites: changes.requiredSuites ?? roster.requiredSuites,
      minimumFormat: changes.minimumFormat ?? roster.minimumFormat,
      baselinePolicy: changes.baselinePolicy ?? roster.baselinePolicy,
    },
    current,
  );
  return { rosters: [...history.rosters, assembleRoster(proposal.body, [])] };
}

const fromOf = ({ from, nowMs }: ProposeNext, node: string): number => from?.get(node) ?? nowMs;

function assertKnown(members: readonly Member[], changes: ProposeNext): void {
  const known = new Set(members.map(({ node }) => node));
  const { suspend, expel, reinstate, lines, witnesses = [], dropGovernance = [] } = changes;
  const requests = [
    ...(changes.replaceAuthority ?? []),
    ...(changes.replaceGovernance ?? []),
    ...(changes.replaceBrokerUser ?? []),
  ].map(({ node }) => node);
  const statuses = [...suspend, ...expel, ...reinstate];
  const after = new Set([...known, ...changes.add.map(({ node }) => node)]);
  for (const node of [...statuses, ...requests, ...dropGovernance, ...(lines?.keys() ?? [])])
    if (!known.has(node)) throw invalid(`expected a member of the roster, got ${node}`);
  for (const { node, witnesses: named } of witnesses)
    for (const one of [node, ...named])
      if (!after.has(one)) throw invalid(`expected members in the witness line of ${node}, got ${one}`);
  for (const { node } of changes.add) if (known.has(node)) throw invalid(`${node} is a member already`);
  if (new Set(statuses).size !== statuses.length)
    throw invalid('expected each member in one of suspend, expel and reinstate only');
}

function changedMember(member: Member, changes: ProposeNext): Member {
  const { node } = member;
  const statusFrom = BigInt(fromOf(changes, node));
  const status = changes.expel.includes(node)
    ? MemberStatus.MEMBER_STATUS_EXPELLED
    : changes.suspend.includes(node)
      ? MemberStatus.MEMBER_STATUS_SUSPENDED
      : changes.reinstate.includes(node)
        ? MemberStatus.MEMBER_STATUS_ACTIVE
        : undefined;
  const line = changes.lines?.get(node);
  const authority = partOf(changes.replaceAuthority, node)?.member;
  const broker = partOf(changes.replaceBrokerUser, node)?.member;
  return {
    ...member,
    ...(status === undefined ? {} : { status, statusFrom }),
    ...(line?.groups === undefined ? {} : { groups: [...new Set(line.groups)] }),
    ...(line?.role === undefined ? {} : { role: ROLES[line.role] }),
    ...(line?.duties === undefined ? {} : { duties: [...new Set(line.duties)] }),
    ...(line?.deskGroups === undefined
      ? {}
      : { deskGroups: [...new Set(line.deskGroups)].map((token) => DESK_GROUP_TOKENS[token]) }),
    ...(authority === undefined
      ? {}
      : {
          authorityCertificate: authority.authorityCertificate,
          authorityKey: authority.authorityKey,
        }),
    ...(broker === undefined ? {} : { brokerUser: broker.brokerUser }),
  };
}

function partOf(requests: readonly MemberRequest[] | undefined, node: string) {
  const request = requests?.find((one) => one.node === node);
  return request && toMember(request, 0);
}

/** A member that is put out no longer governs. */
function governanceAfter(keys: readonly GovernanceKey[], changes: ProposeNext): GovernanceKey[] {
  const out = new Set([...changes.expel, ...changes.suspend, ...(changes.dropGovernance ?? [])]);
  const replaced = (changes.replaceGovernance ?? []).map((request) => toMember(request, 0).governanceKey);
  const renewed = new Set(replaced.map(({ member }) => member));
  return [...keys.filter(({ member }) => !renewed.has(member)), ...replaced].filter(
    ({ member }) => !out.has(member),
  );
}

/** Assigned anew where members come, go or return; else as they were. */
function witnessesAfter(
  before: readonly WitnessAssignment[],
  members: readonly Member[],
  changes: ProposeNext,
): readonly WitnessAssignment[] {
  if (changes.witnesses !== undefined) {
    const named = new Set(changes.witnesses.map(({ node }) => node));
    return [...before.filter(({ node }) => !named.has(node)), ...changes.witnesses];
  }
  const moved =
    changes.add.length + changes.suspend.length + changes.expel.length + changes.reinstate.length > 0 ||
    [...(changes.lines?.values() ?? [])].some(({ role }) => role !== undefined);
  return moved ? witnessesOf(members) : before;
}
