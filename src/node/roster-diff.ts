/** What changes from one roster to the next, in sentences for those who vote on it. */
import { hex } from '../base/bytes.ts';
import {
  type Member,
  MemberRole,
  MemberStatus,
  type Roster,
  type WitnessAssignment,
} from '../gen/tocsin/record/v1/identity.ts';
import { DESK_GROUP_TOKENS, hybridFingerprint } from '../identity/index.ts';
import { sha256 } from '../record/index.ts';

const nameIn = (values: Readonly<Record<string, number>>, prefix: string, value: number): string =>
  Object.entries(values)
    .find(([, one]) => one === value)?.[0]
    .replace(prefix, '')
    .toLowerCase() ?? String(value);

const instant = (ms: bigint): string => new Date(Number(ms)).toISOString();
const print = (bytes: Uint8Array): string => hex(sha256(bytes)).slice(0, 16);
const words = (list: readonly string[]): string => (list.length === 0 ? '–' : list.join(' '));
const roleOf = (member: Member): string => nameIn(MemberRole, 'MEMBER_ROLE_', member.role);
const statusOf = (member: Member): string => nameIn(MemberStatus, 'MEMBER_STATUS_', member.status);
const desksOf = (member: Member): string =>
  words(
    member.deskGroups.map(
      (group) => Object.entries(DESK_GROUP_TOKENS).find(([, one]) => one === group)?.[0] ?? String(group),
    ),
  );

/** One sentence a change, members first; empty where nothing but version and dates would change. */
export function rosterDiff(before: Roster, after: Roster): readonly string[] {
  const lines: string[] = [];
  const old = new Map(before.members.map((member) => [member.node, member]));
  const now = new Set(after.members.map(({ node }) => node));
  for (const member of after.members) {
    const was = old.get(member.node);
    if (was === undefined) lines.push(addition(member));
    else lines.push(...memberChanges(was, member));
  }
  for (const { node } of before.members)
    if (!now.has(node))
      lines.push(`${node}: no longer listed at all (expelling keeps the line, and says since when)`);
  lines.push(...governanceChanges(before, after));
  lines.push(...witnessChanges(before.witnesses, after.witnesses));
  const say = (what: string, from: string, to: string) => {
    if (from !== to) lines.push(`${what}: ${from} → ${to}`);
  };
  say('required suites', before.requiredSuites.join(' '), after.requiredSuites.join(' '));
  say('minimum format', String(before.minimumFormat), String(after.minimumFormat));
  say('network name', before.networkName, after.networkName);
  lines.push(...policyChanges(before.baselinePolicy, after.baselinePolicy));
  say('valid until', instant(before.expires), instant(after.expires));
  return lines;
}

const addition = (member: Member): string =>
  `${member.node}: new member ${JSON.stringify(member.name)}, ${roleOf(member)}, country ${member.country || '–'}, groups ${words(member.groups)}, desks ${desksOf(member)}, ${statusOf(member)} from ${instant(member.statusFrom)}, authority ${print(member.authorityCertificate)}`;

function memberChanges(was: Member, member: Member): string[] {
  const lines: string[] = [];
  const say = (what: string, from: string, to: string) => {
    if (from !== to) lines.push(`${member.node}: ${what}: ${from} → ${to}`);
  };
  if (was.status !== member.status || was.statusFrom !== member.statusFrom)
    lines.push(
      `${member.node}: ${statusOf(was)} → ${statusOf(member)} from ${instant(member.statusFrom)}${CONSEQUENCE.get(member.status) ?? ''}`,
    );
  say('name', was.name, member.name);
  say('country', was.country || '–', member.country || '–');
  say('role', roleOf(was), roleOf(member));
  say('groups', words(was.groups), words(member.groups));
  say('desks', desksOf(was), desksOf(member));
  say('duties', words(was.duties), words(member.duties));
  say('authority certificate', print(was.authorityCertificate), print(member.authorityCertificate));
  say('authority key', print(was.authorityKey), print(member.authorityKey));
  say('broker user', was.brokerUser || '–', member.brokerUser || '–');
  return lines;
}

const CONSEQUENCE: ReadonlyMap<number, string> = new Map([
  [MemberStatus.MEMBER_STATUS_SUSPENDED, ': gets recalls only, and only its recalls are taken'],
  [MemberStatus.MEMBER_STATUS_EXPELLED, ': no service'],
]);

function governanceChanges(before: Roster, after: Roster): string[] {
  const keyOf = ({ key }: Roster['governance'][number]) =>
    key === undefined ? '' : hex(hybridFingerprint(key)).slice(0, 16);
  const old = new Map(before.governance.map((one) => [one.member, keyOf(one)]));
  const now = new Map(after.governance.map((one) => [one.member, keyOf(one)]));
  const lines: string[] = [];
  for (const [member, key] of now) {
    const was = old.get(member);
    if (was === undefined) lines.push(`governance: ${member} votes, key ${key}`);
    else if (was !== key) lines.push(`governance: key of ${member}: ${was} → ${key}`);
  }
  for (const member of old.keys()) if (!now.has(member)) lines.push(`governance: ${member} votes no longer`);
  const [from, to] = [before, after].map(
    ({ threshold, governance }) => `${threshold} of ${governance.length}`,
  );
  if (from !== to) lines.push(`governance: threshold ${from} → ${to}`);
  return lines;
}

function witnessChanges(before: readonly WitnessAssignment[], after: readonly WitnessAssignment[]): string[] {
  const text = (one: WitnessAssignment | undefined) =>
    one === undefined ? 'none' : `${one.threshold} of ${words(one.witnesses)}`;
  const nodes = new Set([...before, ...after].map(({ node }) => node));
  return [...nodes].sort().flatMap((node) => {
    const [from, to] = [before, after].map((list) => text(list.find((one) => one.node === node)));
    return from === to ? [] : [`witnesses of ${node}: ${from} → ${to}`];
  });
}

/** Lines that only one of the two has: enough to see what a vote is about; `policy diff` shows what it opens. */
function policyChanges(before: string, after: string): string[] {
  if (before === after) return [];
  const [old, now] = [before, after].map((text) => new Set(text.split('\n').map((line) => line.trim())));
  const only = (
    these: ReadonlySet<string> | undefined,
    those: ReadonlySet<string> | undefined,
    sign: string,
  ) =>
    [...(these ?? [])].filter((line) => line !== '' && !those?.has(line)).map((line) => `  ${sign} ${line}`);
  return ['baseline policy:', ...only(old, now, '-'), ...only(now, old, '+')];
}
