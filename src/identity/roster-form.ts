/** The form of a roster, apart from who signed it: one canonical order, nothing twice, nothing that points nowhere. */

import { hex } from '../base/bytes.ts';
import type { FieldFault } from '../base/error.ts';
import { LIMITS } from '../base/limits.ts';
import {
  type GovernanceKey,
  type Member,
  MemberRole,
  MemberStatus,
  type Roster,
  type WitnessAssignment,
} from '../gen/tocsin/record/v1/identity.ts';
import { isGroupName, isNodeId, LOCAL_GROUP, sha256 } from '../record/index.ts';
import { parseCertificate } from './certificate.ts';
import { DerFault } from './der.ts';
import { hybridFingerprint, isHybridPublic } from './hybrid.ts';
import { DESK_GROUP_TOKENS } from './officer.ts';
import { RAW_KEY_FORMS } from './raw-key.ts';

/** Suites that this program can satisfy. */
export const SUPPORTED_SUITES: readonly number[] = [1];
/** Highest `format` that this program speaks. */
export const SUPPORTED_FORMAT = 1;

/** What a program speaks; a roster that requires more is not for it. */
export interface ProgramSupport {
  readonly suites: readonly number[];
  readonly format: number;
}

/** This program. */
export const PROGRAM: ProgramSupport = { suites: SUPPORTED_SUITES, format: SUPPORTED_FORMAT };

const NAME_LENGTH = 200;
const LIST_LENGTH = 64;
const MAX_WITNESSES = 16;
const DUTY = /^[a-z][a-z0-9-]{0,39}$/;
/** Public key of a NATS user (nkeys): base32 behind the prefix U. */
const BROKER_USER = /^U[A-Z2-7]{55}$/;
const DESK_GROUPS: ReadonlySet<number> = new Set(Object.values(DESK_GROUP_TOKENS));

type Report = (path: string, code: string, message: string) => void;

const isAscending = <Item extends string | number>(items: readonly Item[]): boolean =>
  items.every((item, i) => {
    const before = items[i - 1];
    return before === undefined || before < item;
  });

/**
 * Digests of certificates that were read before: each version of a roster has nearly all of the one before it again. Whether
 * it reads depends on its bytes alone; of those that did not, nothing is remembered.
 */
const readBefore = new Set<string>();
const MOST_REMEMBERED = 4_096;

function isCertificate(der: Uint8Array): boolean {
  try {
    const digest = hex(sha256(der));
    if (readBefore.has(digest)) return true;
    parseCertificate(der);
    if (readBefore.size >= MOST_REMEMBERED) readBefore.clear();
    readBefore.add(digest);
    return true;
  } catch (cause) {
    if (cause instanceof DerFault) return false;
    throw cause;
  }
}

function judgeMember(member: Member, path: string, report: Report): void {
  if (!isNodeId(member.node)) report(`${path}.node`, 'WRONG_FORM', 'expected a node id such as XA');
  if (member.name.trim() === '' || member.name.length > NAME_LENGTH)
    report(`${path}.name`, 'WRONG_FORM', `expected a name of 1 to ${NAME_LENGTH} characters`);
  if (member.country !== '' && !/^[A-Z]{2}$/.test(member.country))
    report(`${path}.country`, 'WRONG_FORM', 'expected ISO 3166-1 alpha-2, or nothing');
  if (member.role === MemberRole.MEMBER_ROLE_UNSPECIFIED)
    report(`${path}.role`, 'MISSING', 'expected a role');
  if (member.status === MemberStatus.MEMBER_STATUS_UNSPECIFIED)
    report(`${path}.status`, 'MISSING', 'expected a status');
  if (member.statusFrom < 0n) report(`${path}.statusFrom`, 'OUT_OF_RANGE', 'expected an instant after 1970');
  if (
    member.groups.length > LIST_LENGTH ||
    !isAscending(member.groups) ||
    !member.groups.every((group) => isGroupName(group) && group !== LOCAL_GROUP)
  )
    report(`${path}.groups`, 'WRONG_FORM', 'expected different lower-case groups in ascending order');
  if (!isAscending(member.deskGroups) || !member.deskGroups.every((group) => DESK_GROUPS.has(group)))
    report(`${path}.deskGroups`, 'WRONG_FORM', 'expected different desk groups in ascending order');
  if (
    member.duties.length > LIST_LENGTH ||
    !isAscending(member.duties) ||
    !member.duties.every((duty) => DUTY.test(duty))
  )
    report(`${path}.duties`, 'WRONG_FORM', 'expected different lower-case duties in ascending order');
  if (!isCertificate(member.authorityCertificate))
    report(`${path}.authorityCertificate`, 'WRONG_FORM', 'expected a certificate of the profile (DER)');
  if (member.authorityKey.length !== RAW_KEY_FORMS['ml-dsa-65'].keyBytes)
    report(`${path}.authorityKey`, 'WRONG_FORM', 'expected an ML-DSA-65 public key of 1952 bytes');
  if (member.brokerUser !== '' && !BROKER_USER.test(member.brokerUser))
    report(`${path}.brokerUser`, 'WRONG_FORM', 'expected a public user nkey, or nothing');
}

/** No two members may share what tells them apart: an authority, a key, a login at the broker. */
function judgeDistinct(members: readonly Member[], report: Report): void {
  const seen = new Set<string>();
  members.forEach((member, i) => {
    const marks: readonly (readonly [string, string])[] = [
      ['authorityCertificate', hex(member.authorityCertificate)],
      ['authorityKey', hex(member.authorityKey)],
      ...(member.brokerUser === '' ? [] : [['brokerUser', member.brokerUser] as const]),
    ];
    for (const [field, value] of marks) {
      if (seen.has(`${field} ${value}`))
        report(`members[${i}].${field}`, 'DUPLICATE', 'expected it to differ between members');
      seen.add(`${field} ${value}`);
    }
  });
}

function judgeGovernance(
  keys: readonly GovernanceKey[],
  threshold: number,
  nodes: ReadonlySet<string>,
  report: Report,
): void {
  const prints = keys.map(({ key }) => (isHybridPublic(key) ? hex(hybridFingerprint(key)) : ''));
  keys.forEach(({ member }, i) => {
    if (!nodes.has(member)) report(`governance[${i}].member`, 'UNKNOWN', 'expected a member');
    if (prints[i] === '') report(`governance[${i}].key`, 'WRONG_FORM', 'expected a hybrid public key');
  });
  if (!isAscending(keys.map(({ member }) => member)))
    report('governance', 'WRONG_ORDER', 'expected one key a member, ordered by node id');
  // A key held twice would be counted for two members.
  if (new Set(prints).size !== prints.length)
    report('governance', 'DUPLICATE', 'expected different keys for different members');
  if (threshold < 1 || threshold > keys.length)
    report('threshold', 'OUT_OF_RANGE', `expected 1 to ${keys.length}, the number of governance keys`);
}

function judgeWitnesses(
  assignments: readonly WitnessAssignment[],
  nodes: ReadonlySet<string>,
  report: Report,
): void {
  if (!isAscending(assignments.map(({ node }) => node)))
    report('witnesses', 'WRONG_ORDER', 'expected one line a log owner, ordered by node id');
  assignments.forEach(({ node, witnesses, threshold }, i) => {
    const path = `witnesses[${i}]`;
    if (!nodes.has(node)) report(`${path}.node`, 'UNKNOWN', 'expected a member');
    if (
      witnesses.length > MAX_WITNESSES ||
      !isAscending(witnesses) ||
      !witnesses.every((witness) => nodes.has(witness) && witness !== node)
    )
      report(`${path}.witnesses`, 'WRONG_FORM', 'expected other members in ascending order');
    if (threshold > witnesses.length || (threshold === 0 && witnesses.length > 0))
      report(`${path}.threshold`, 'OUT_OF_RANGE', `expected 1 to ${witnesses.length}`);
  });
}

/** Every fault in the form of a roster, with its path. */
export function rosterFaults(roster: Roster): readonly FieldFault[] {
  const faults: FieldFault[] = [];
  const report: Report = (path, code, message) => faults.push({ path, code, message });
  if (roster.version < 1n) report('version', 'OUT_OF_RANGE', 'expected a version from 1');
  if (roster.previous.length !== (roster.version === 1n ? 0 : 32))
    report('previous', 'WRONG_FORM', 'expected the digest of the version before, nothing in version 1');
  if (roster.networkName.trim() === '' || roster.networkName.length > NAME_LENGTH)
    report('networkName', 'WRONG_FORM', `expected a name of 1 to ${NAME_LENGTH} characters`);
  if (roster.issued < 0n || roster.issued >= roster.expires)
    report('expires', 'OUT_OF_RANGE', 'expected an instant after `issued`');
  if (roster.members.length === 0 || roster.members.length > LIMITS.rosterMembers)
    report('members', 'OUT_OF_RANGE', `expected 1 to ${LIMITS.rosterMembers} members`);
  if (!isAscending(roster.members.map(({ node }) => node)))
    report('members', 'WRONG_ORDER', 'expected different members ordered by node id');
  roster.members.forEach((member, i) => {
    judgeMember(member, `members[${i}]`, report);
  });
  judgeDistinct(roster.members, report);
  const nodes = new Set(roster.members.map(({ node }) => node));
  judgeGovernance(roster.governance, roster.threshold, nodes, report);
  judgeWitnesses(roster.witnesses, nodes, report);
  if (roster.requiredSuites.length === 0 || !isAscending(roster.requiredSuites))
    report('requiredSuites', 'WRONG_FORM', 'expected at least one suite, ascending');
  if (roster.minimumFormat < 1) report('minimumFormat', 'OUT_OF_RANGE', 'expected a format from 1');
  return faults;
}
