/** Which roles work at which desks is said in three places: the policy decides, accounts and forms follow it. */
import { expect, it } from 'vitest';
import { fits, GROUPS, ROLES } from '../../../src/console/pages/administration/houses.ts';
import { DESK_GROUP_TOKENS, isDeskGroupToken, OFFICER_ROLES, worksIn } from '../../../src/identity/index.ts';
import { DESK_ACTIONS } from '../../../src/policy/desk.ts';
import { AT, engine } from './fixtures.ts';

const groups = Object.keys(DESK_GROUP_TOKENS).filter(isDeskGroupToken);
const cases = OFFICER_ROLES.flatMap((role) => groups.map((group) => [role, group] as const));
const xa = engine();

it('forms know every role and every desk', () => {
  expect([...ROLES].toSorted()).toEqual([...OFFICER_ROLES].toSorted());
  expect(GROUPS.map((group) => group.toLowerCase()).toSorted()).toEqual(groups.toSorted());
});

it.each(cases)('%s at the desk %s: policy, accounts and forms agree', (role, group) => {
  const officer = { node: 'XA', deskGroup: DESK_GROUP_TOKENS[group], role, exercise: false };
  const may = DESK_ACTIONS.some((action) => xa.judgeDesk({ action, officer, kind: '' }, AT).allowed);
  expect({ accounts: worksIn(role, group), forms: fits(role, group.toUpperCase()) }).toEqual({
    accounts: may,
    forms: may,
  });
});
