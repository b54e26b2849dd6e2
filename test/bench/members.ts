/** Six kinds of members, whose views of a record differ. */
import { type Member, MemberRole } from '../../src/gen/tocsin/record/v1/identity.ts';
import { DeskGroup } from '../../src/gen/tocsin/record/v1/marking.ts';
import type { FederationNode } from '../support/authority.ts';

const { DESK_GROUP_POLICE, DESK_GROUP_CUSTOMS, DESK_GROUP_LICENSING, DESK_GROUP_HUB } = DeskGroup;
const { MEMBER_ROLE_NATIONAL, MEMBER_ROLE_HUB } = MemberRole;

export const KINDS_OF_MEMBER: readonly Pick<Member, 'role' | 'groups' | 'deskGroups'>[] = [
  {
    role: MEMBER_ROLE_NATIONAL,
    groups: ['adequate', 'sac'],
    deskGroups: [DESK_GROUP_POLICE, DESK_GROUP_CUSTOMS],
  },
  { role: MEMBER_ROLE_NATIONAL, groups: ['adequate', 'sac'], deskGroups: [DESK_GROUP_LICENSING] },
  { role: MEMBER_ROLE_NATIONAL, groups: ['sac'], deskGroups: [DESK_GROUP_POLICE, DESK_GROUP_CUSTOMS] },
  { role: MEMBER_ROLE_NATIONAL, groups: ['adequate'], deskGroups: [DESK_GROUP_POLICE] },
  { role: MEMBER_ROLE_NATIONAL, groups: [], deskGroups: [DESK_GROUP_POLICE, DESK_GROUP_LICENSING] },
  { role: MEMBER_ROLE_HUB, groups: ['sac'], deskGroups: [DESK_GROUP_HUB] },
];

/** Members of all kinds in turn, `P000` and on; `groupsOf` adds groups to a place's. */
export const members = (
  count: number,
  groupsOf: (place: number) => readonly string[] = () => [],
): readonly FederationNode[] =>
  Array.from({ length: count }, (_, place) => {
    const { role, groups = [], deskGroups = [] } = KINDS_OF_MEMBER[place % KINDS_OF_MEMBER.length] ?? {};
    return {
      node: `P${String(place).padStart(3, '0')}`,
      country: 'XB',
      ...(role !== undefined && { role }),
      groups: [...groups, ...groupsOf(place)],
      deskGroups,
    };
  });
