/**
 * A manifest that was taken before came again (T01, T02): its sender lacks the receipt, or somebody replays it. The answer
 * is the same receipt, not a new one, and not more often than once a minute, so that a replay costs little.
 */
import type { Clock } from '../base/clock.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import type { ManifestIn, Store } from '../store/index.ts';
import { queueReceipt } from './answer.ts';

export const REPEAT_MS = 60_000;

export async function repeatReceipt(
  deps: { readonly store: Store; readonly clock: Clock },
  sender: string,
  taken: ManifestIn,
): Promise<void> {
  await deps.store.write(async (tx) => {
    const atMs = deps.clock.nowMs();
    const { digest, receiptDigest } = taken;
    await tx.inbox.refuse({ at: atMs, sender, reason: Reason.REASON_REPLAY, detail: 'taken before', digest });
    if (!receiptDigest) return;
    const rows = await tx.outbox.ofRecord(receiptDigest);
    // A row that is not closed goes out, or is sent again, by itself.
    const newest = rows.at(-1);
    if (!newest || newest.closedAt === undefined || newest.closedAt + REPEAT_MS > atMs) return;
    await queueReceipt(tx, sender, receiptDigest, atMs, newest.facets);
  });
}
