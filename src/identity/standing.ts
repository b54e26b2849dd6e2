/**
 * How a member stands at any instant, past ones included: one line of a roster tells only the newest change, so every version
 * adds its line to what the versions before it said. A version may date a change back; what it says holds from then on.
 */
import { type Member, MemberStatus } from '../gen/tocsin/record/v1/identity.ts';

/** How a member stands at one instant; `pending` = admitted from a later instant on. */
export type MemberStanding = 'active' | 'suspended' | 'expelled' | 'pending';

/** What one line says by itself: a status holds from its instant on; before it a member that is put out was still in. */
export function standingAt(member: Member, atMs: number): MemberStanding {
  const reached = BigInt(Math.floor(atMs)) >= member.statusFrom;
  switch (member.status) {
    case MemberStatus.MEMBER_STATUS_ACTIVE:
      return reached ? 'active' : 'pending';
    case MemberStatus.MEMBER_STATUS_SUSPENDED:
      return reached ? 'suspended' : 'active';
    default:
      return reached ? 'expelled' : 'active';
  }
}

/** From `fromMs` until the next span. */
export interface StandingSpan {
  readonly fromMs: number;
  readonly standing: Exclude<MemberStanding, 'pending'>;
}

/** Spans of every member listed, oldest first. */
export type Standings = ReadonlyMap<string, readonly StandingSpan[]>;

const standingOfStatus = (status: number): StandingSpan['standing'] => {
  switch (status) {
    case MemberStatus.MEMBER_STATUS_ACTIVE:
      return 'active';
    case MemberStatus.MEMBER_STATUS_SUSPENDED:
      return 'suspended';
    default:
      return 'expelled';
  }
};

/** What the members' lines of a version add to the standings of the version before; of version 1, to nothing. */
export function standingsAfter(before: Standings | undefined, members: readonly Member[]): Standings {
  return new Map(
    members.map(({ node, status, statusFrom }) => {
      const standing = standingOfStatus(status);
      const fromMs = Number(statusFrom);
      // A member that is first listed as put out was in before.
      const first: StandingSpan[] =
        standing === 'active' ? [] : [{ fromMs: Number.NEGATIVE_INFINITY, standing: 'active' }];
      const earlier = (before?.get(node) ?? first).filter((span) => span.fromMs < fromMs);
      const changes = earlier.at(-1)?.standing !== standing;
      return [node, changes ? [...earlier, { fromMs, standing }] : earlier] as const;
    }),
  );
}

export const standingIn = (spans: readonly StandingSpan[], atMs: number): MemberStanding =>
  spans.findLast(({ fromMs }) => fromMs <= atMs)?.standing ?? 'pending';

/** The next instant after `atMs` at which any member's standing changes; infinite where none does. */
export function nextStandingChange(standings: Standings, atMs: number): number {
  let next = Number.POSITIVE_INFINITY;
  for (const spans of standings.values())
    for (const { fromMs } of spans) if (fromMs > atMs) next = Math.min(next, fromMs);
  return next;
}
