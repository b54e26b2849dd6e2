/** The steps from an empty machine to the first exchanged record. */
import { describe, expect, it } from 'vitest';
import {
  nextStep,
  readyDesks,
  type Seen,
  STEPS,
  stepsOf,
} from '../../../src/console/pages/administration/steps.ts';

const officer = (
  deskGroup: string,
  role: string,
  state: Seen['officers'][number]['state'] = 'OFFICER_STATE_ACTIVE',
) => ({
  deskGroup: deskGroup as Seen['officers'][number]['deskGroup'],
  role,
  state,
});

const EMPTY: Seen = {
  officers: [],
  status: {
    node: 'XA',
    now: '1000',
    rosterVersion: '1',
    rosterExpires: '2000',
    brokerConnected: false,
    policyTemplate: 'strict',
    hasReleased: false,
    hasReceipt: false,
  },
  members: [{ node: 'XA', status: 'active' }],
  links: [],
};
const WHOLE: Seen = {
  officers: [officer('DESK_GROUP_CUSTOMS', 'officer'), officer('DESK_GROUP_CUSTOMS', 'releaser')],
  status: {
    ...EMPTY.status,
    brokerConnected: true,
    policyTemplate: '',
    hasReleased: true,
    hasReceipt: true,
  },
  members: [...EMPTY.members, { node: 'XB', status: 'active' }],
  links: [{ state: 'LINK_STATE_UP' }],
};

describe('a desk', () => {
  it.each([
    ['an officer and a releaser', [officer('A', 'officer'), officer('A', 'releaser')], ['A']],
    ['two releasers', [officer('A', 'releaser'), officer('A', 'releaser')], ['A']],
    ['an operator and a controller', [officer('A', 'operator'), officer('A', 'controller')], ['A']],
    ['a releaser alone', [officer('A', 'releaser')], []],
    ['officers alone', [officer('A', 'officer'), officer('A', 'officer')], []],
    ['an officer, and a releaser of another desk', [officer('A', 'officer'), officer('B', 'releaser')], []],
    [
      'a releaser who was only invited',
      [officer('A', 'officer'), officer('A', 'releaser', 'OFFICER_STATE_INVITED')],
      [],
    ],
    ['an administrator and a releaser', [officer('A', 'administrator'), officer('A', 'releaser')], []],
  ])('with %s', (_who, officers, ready) => {
    expect(readyDesks(officers)).toEqual(ready);
  });
});

describe('the first steps', () => {
  it('are open on an empty machine, where a policy is in force that somebody should read', () => {
    const states = stepsOf(EMPTY);
    expect(STEPS.map((name) => states[name])).toEqual([
      'open',
      'look',
      'open',
      'open',
      'open',
      'open',
      'open',
    ]);
    expect(nextStep(states)).toBe('officers');
  });

  it('are done once a partner signed for a record', () => {
    const states = stepsOf(WHOLE);
    expect(new Set(Object.values(states))).toEqual(new Set(['done']));
    expect(nextStep(states)).toBeUndefined();
  });

  it.each([
    ['roster', { status: { ...WHOLE.status, rosterExpires: '1000' } }],
    ['roster', { members: [...EMPTY.members, { node: 'XB', status: 'suspended' }] }],
    ['broker', { status: { ...WHOLE.status, brokerConnected: false } }],
    ['link', { links: [{ state: 'LINK_STATE_SILENT' }] }],
    ['release', { status: { ...WHOLE.status, hasReleased: false } }],
    ['receipt', { status: { ...WHOLE.status, hasReceipt: false } }],
  ] as const)('go on with %s where it is missing', (name, change) => {
    expect(nextStep(stepsOf({ ...WHOLE, ...change }))).toBe(name);
  });
});
