/** Whether a partner's recalls are all here: what it says it sent on lane 0, where recalls travel, against what was taken. */
import type { LanePosition } from '../gen/tocsin/exchange/v1/exchange_service.ts';
import type { Store } from '../store/index.ts';

/**
 * Whether everything that a partner says it had sent on lane 0 is taken here, and it owes no recall that has no number yet: one
 * that was queued while neither end heard the other is in no `seq`.
 */
export async function isCaughtUp(
  store: Pick<Store, 'read'>,
  partner: string,
  sent: readonly LanePosition[],
): Promise<boolean> {
  const claim = sent.find((position) => position.lane === 0);
  if (claim?.more === true) return false;
  if (!claim || claim.seq === 0n) return true;
  const link = await store.read((tx) => tx.links.in(partner, 0));
  return link?.incarnation === claim.incarnation && link.seq >= claim.seq;
}
