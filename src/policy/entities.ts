/**
 * Members and officers as Cedar sees them, and the slice of a question that its policies can tell apart: what no policy
 * reads is not passed, and a name that nobody mentions is like any other. So 200 partners with six kinds of membership
 * are six inputs, and the memo needs no notion of 'class of partners' of its own.
 */

import { type Member, MemberRole } from '../gen/tocsin/record/v1/identity.ts';
import { DeskGroup } from '../gen/tocsin/record/v1/marking.ts';
import { type MemberStanding, type Standings, standingAt, standingIn } from '../identity/index.ts';
import type { Attribute, Attributes, PolicySet } from './engine.ts';
import * as word from './vocabulary.ts';

/** The membership in force, as a verified roster has it. */
export interface PolicyRoster {
  readonly digest: Uint8Array;
  readonly roster: { readonly members: readonly Member[] };
  member(node: string): Member | undefined;
  /** How members stood before the newest change too; without them a member's own line has to do. */
  readonly standings?: Standings;
}

/** The member's standing at an instant (identity), and until when it holds. */
export function memberStateAt(
  member: Member,
  atMs: number,
  standings?: Standings,
): { readonly state: MemberStanding; readonly untilMs: number } {
  const spans = standings?.get(member.node);
  if (spans !== undefined) {
    const next = spans.find(({ fromMs }) => fromMs > atMs);
    return { state: standingIn(spans, atMs), untilMs: next?.fromMs ?? Number.POSITIVE_INFINITY };
  }
  const from = Number(member.statusFrom);
  return { state: standingAt(member, atMs), untilMs: atMs < from ? from : Number.POSITIVE_INFINITY };
}

/** Desk groups of people at a member. Bodies without desks of several kinds have the one that their role implies. */
export function desksOf(member: Pick<Member, 'deskGroups' | 'role'>): readonly DeskGroup[] {
  const known = member.deskGroups.filter(
    (group): group is DeskGroup =>
      word.deskGroupWord(group) !== undefined && group !== DeskGroup.DESK_GROUP_NODE,
  );
  if (known.length > 0) return [...new Set(known)];
  const implied = DESK_OF_ROLE.get(member.role);
  return implied === undefined ? [] : [implied];
}

const DESK_OF_ROLE: ReadonlyMap<MemberRole, DeskGroup> = new Map([
  [MemberRole.MEMBER_ROLE_HUB, DeskGroup.DESK_GROUP_HUB],
  [MemberRole.MEMBER_ROLE_HOTLINE, DeskGroup.DESK_GROUP_HOTLINE],
  [MemberRole.MEMBER_ROLE_OBSERVER, DeskGroup.DESK_GROUP_REGISTER],
]);

/** Attributes of one desk of a member; undefined where its role has no word here. */
export function deskEntity(member: Member, state: MemberStanding, deskGroup: string): Attributes | undefined {
  const role = word.memberRoleWord(member.role);
  if (role === undefined) return undefined;
  return {
    node: member.node,
    country: member.country,
    groups: member.groups,
    role,
    status: state,
    deskGroup,
  };
}

/** A question's attributes before or after narrowing. */
export interface Slice {
  readonly principal: Attributes;
  readonly resource: Attributes;
  readonly context: Attributes;
}

/** Attributes whose values are names out of an open set, and the stand-in for one that nobody mentions. */
const STAND_INS: Readonly<Record<string, string>> = {
  node: '(another node)',
  country: '(another country)',
  groups: '(another group)',
  deskGroup: '(another desk group)',
  purpose: '(another purpose)',
  name: '(another facet)',
};

/**
 * What the policies of the set can tell apart of a slice. Sound because Cedar compares strings for equality only, and a
 * set that compares by pattern, or the asker's attributes with one another, has no `literals` and is passed everything.
 */
export function narrow(set: PolicySet, slice: Slice): Slice {
  const resource = pick(slice.resource, set.reads);
  const principal = pick(slice.principal, set.reads);
  const context = pick(slice.context, set.reads);
  if (set.literals === undefined) return { principal, resource, context };
  const mentioned = new Set(set.literals);
  for (const value of Object.values(resource)) mention(value, mentioned);
  return { principal: blur(principal, mentioned), resource, context: blur(context, mentioned) };
}

function pick(attributes: Attributes, wanted: ReadonlySet<string>): Attributes {
  const picked: Record<string, Attribute> = {};
  for (const [name, value] of Object.entries(attributes))
    if (wanted.has(name)) picked[name] = isNested(value) ? pick(value, wanted) : value;
  return picked;
}

function mention(value: Attribute, mentioned: Set<string>): void {
  if (typeof value === 'string') mentioned.add(value);
  else if (isList(value)) for (const entry of value) mentioned.add(entry);
}

function blur(attributes: Attributes, mentioned: ReadonlySet<string>): Attributes {
  const blurred: Record<string, Attribute> = {};
  for (const [name, value] of Object.entries(attributes)) {
    const standIn = STAND_INS[name];
    const plain = (text: string) => (standIn === undefined || mentioned.has(text) ? text : standIn);
    if (typeof value === 'string') blurred[name] = plain(value);
    else if (isList(value)) blurred[name] = [...new Set(value.map(plain))].sort();
    else blurred[name] = isNested(value) ? blur(value, mentioned) : value;
  }
  return blurred;
}

const isList = (value: Attribute): value is readonly string[] => Array.isArray(value);
const isNested = (value: Attribute): value is Attributes => typeof value === 'object' && !isList(value);
