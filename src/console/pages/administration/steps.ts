/** From an empty machine to the first exchanged record: which steps are done, as the node tells it. Pure. */
import type { ResponseOf } from '../../../desk/http/contract.ts';

type Officer = ResponseOf<'OfficerService/ListOfficers'>['officers'][number];

export interface Seen {
  readonly officers: readonly Pick<Officer, 'deskGroup' | 'role' | 'state'>[];
  readonly status: Pick<
    ResponseOf<'NetworkService/GetNodeStatus'>,
    | 'node'
    | 'now'
    | 'rosterVersion'
    | 'rosterExpires'
    | 'brokerConnected'
    | 'policyTemplate'
    | 'hasReleased'
    | 'hasReceipt'
  >;
  readonly members: readonly { readonly node: string; readonly status: string }[];
  readonly links: readonly { readonly state: string }[];
}

export const STEPS = ['officers', 'policy', 'roster', 'broker', 'link', 'release', 'receipt'] as const;
export type StepName = (typeof STEPS)[number];

/** `look` = it works, and somebody should have looked at it. */
export type StepState = 'done' | 'look' | 'open';

const DRAFTERS: readonly string[] = ['officer', 'analyst', 'operator'];
const RELEASERS: readonly string[] = ['releaser', 'controller'];

/** Desk groups in which a record can be drafted by one officer and released by another. */
export function readyDesks(officers: Seen['officers']): readonly string[] {
  const active = officers.filter(({ state }) => state === 'OFFICER_STATE_ACTIVE');
  const groups = [...new Set(active.map(({ deskGroup }) => deskGroup))];
  return groups.filter((group) => {
    const own = active.filter(({ deskGroup }) => deskGroup === group);
    const releasers = own.filter(({ role }) => RELEASERS.includes(role)).length;
    const drafters = own.filter(({ role }) => DRAFTERS.includes(role)).length;
    // A releaser drafts as well, and a second one releases it.
    return releasers > 1 || (releasers === 1 && drafters > 0);
  });
}

export function stepsOf({ officers, status, members, links }: Seen): Readonly<Record<StepName, StepState>> {
  const others = members.filter(
    ({ node, status: standing }) => node !== status.node && standing === 'active',
  );
  const inForce = Number(status.rosterVersion) > 0 && Number(status.rosterExpires) > Number(status.now);
  const done = (is: boolean): StepState => (is ? 'done' : 'open');
  return {
    officers: done(readyDesks(officers).length > 0),
    policy: status.policyTemplate === '' ? 'done' : 'look',
    roster: done(inForce && others.length > 0),
    broker: done(status.brokerConnected),
    link: done(links.some(({ state }) => state === 'LINK_STATE_UP')),
    release: done(status.hasReleased),
    receipt: done(status.hasReceipt),
  };
}

/** The first step to go on with; undefined where all are done. */
export const nextStep = (states: Readonly<Record<StepName, StepState>>): StepName | undefined =>
  STEPS.find((name) => states[name] === 'open');
