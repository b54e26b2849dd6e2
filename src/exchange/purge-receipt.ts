/** The holder's signed word that a recall was followed (principle 6): made where the recall is taken, applied at the originator. */
import { hex } from '../base/bytes.ts';
import { disbelieved, type Verdict } from '../base/verdict.ts';
import { ItemAction } from '../gen/tocsin/exchange/v1/parcel.ts';
import { Priority } from '../gen/tocsin/record/v1/marking.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { Receipt, ReceiptKind, ReceiptResult } from '../gen/tocsin/record/v1/receipt.ts';
import { kindOf, type SignedHeader } from '../record/index.ts';
import type { DisclosureEntry, OutboxEntry, Purged, WriteTx } from '../store/index.ts';
import { raise } from './alarms.ts';
import { type ControlKeeper, stateControlRecord } from './control-record.ts';

/** What a recall taken here asks to answer. */
export interface PurgeAnswer {
  readonly recallDigest: Uint8Array;
  readonly originator: string;
  readonly target: Uint8Array;
  readonly purged: Purged;
  readonly exercise: boolean;
}

/** Queues the receipt of a followed recall to the recall's originator alone, whoever brought it. */
export async function answerPurge(
  keeper: ControlKeeper,
  tx: WriteTx,
  { recallDigest, originator, target, purged, exercise }: PurgeAnswer,
  atMs: number,
): Promise<void> {
  const receipt = Receipt.fromPartial({
    kind: ReceiptKind.RECEIPT_KIND_PURGED,
    items: [
      {
        headerDigest: Buffer.from(target),
        result: ReceiptResult.RECEIPT_RESULT_ACCEPTED,
        reason: Reason.REASON_PURGED,
        facets: [...purged.facets],
        copies: purged.copies,
      },
    ],
    at: BigInt(atMs),
    recallDigest: Buffer.from(recallDigest),
  });
  const body = Receipt.encode(receipt).finish();
  const priority = Priority.PRIORITY_IMMEDIATE;
  await stateControlRecord(keeper, tx, { kind: 'receipt', body, to: [originator], priority, exercise }, atMs);
}

/** Code of the alarm that a holder did not answer a recall in time; its subject names both. */
export const RECALL_OVERDUE = 'RECALL_OVERDUE';
export const overdueSubject = (recallDigest: Uint8Array, holder: string): string =>
  `${hex(recallDigest)}/${holder}`;

/**
 * Closes what the holder was asked. RECORD_INVALID where it answers no recall of ours. A node that deleted copies and was never
 * asked got them from a forwarder who did not say so: an alarm, and it counts as a holder from then on.
 */
export async function applyPurgeReceipt(
  tx: WriteTx,
  signed: SignedHeader,
  receipt: Receipt,
  atMs: number,
): Promise<Verdict<true, Reason>> {
  const holder = signed.header.originator;
  const recall = await tx.records.byDigest(receipt.recallDigest);
  if (recall?.origin !== 'own' || recall.kind !== 'recall') {
    return disbelieved(Reason.REASON_RECORD_INVALID, 'a receipt of a purge that answers no recall of ours');
  }
  const [item] = receipt.items;
  const asked = await tx.holders.noticesOf(receipt.recallDigest);
  const [like] = asked;
  if (like && !asked.some((notice) => notice.holder === holder)) {
    await tx.holders.noteRecall([{ ...like, holder, askedAt: atMs }]);
    if ((item?.copies ?? 0) > 0) {
      const alarm = {
        code: 'HOLDER_UNDISCLOSED',
        subject: overdueSubject(receipt.recallDigest, holder),
        detail: `${holder} deleted copies of a recalled record that nobody told us it held`,
      } as const;
      await raise(tx, alarm, atMs);
    }
  }
  const closed = await tx.holders.closeRecall(receipt.recallDigest, holder, {
    receiptDigest: signed.digest,
    purgedFacets: item?.facets ?? [],
    copies: item?.copies ?? 0,
    at: atMs,
  });
  if (closed) await tx.alarms.clear(RECALL_OVERDUE, overdueSubject(receipt.recallDigest, holder), atMs);
  return { ok: true, value: true };
}

/** The message of a recall's row; whoever gets it needs no permit, and no desk of theirs is named. */
export const recallRow = (
  recipient: string,
  recallDigest: Uint8Array,
  facets: readonly string[],
): OutboxEntry => ({
  recipient,
  lane: 0,
  action: ItemAction.ITEM_ACTION_RECORD,
  headerDigest: recallDigest,
  facets,
  audience: { deskGroups: [], purposes: [] },
  facetAudiences: [],
  basis: 'R14',
});

/** A forwarder tells of a holder after the record was recalled: the recall goes to that holder too, directly. */
export async function recallFromLateHolder(
  tx: WriteTx,
  disclosure: DisclosureEntry,
  self: string,
  atMs: number,
): Promise<boolean> {
  let asked = false;
  for (const stone of await tx.tombstones.of(disclosure.headerDigest)) {
    const [like] = await tx.holders.noticesOf(stone.recallDigest);
    const before = await tx.holders.notice(stone.recallDigest, disclosure.recipient);
    if (stone.originator !== self || before) continue;
    const facet = kindOf('recall')?.facets[0];
    if (!facet) throw new TypeError('expected the kind recall with a facet in the table of kinds');
    await tx.holders.noteRecall([
      {
        recallDigest: stone.recallDigest,
        holder: disclosure.recipient,
        target: disclosure.headerDigest,
        facets: stone.facets,
        mustPurge: stone.purge,
        deadline: Math.max(like?.deadline ?? 0, atMs + LATE_HOLDER_MS),
        askedAt: atMs,
      },
    ]);
    await tx.outbox.add([recallRow(disclosure.recipient, stone.recallDigest, [facet.name])], atMs);
    asked = true;
  }
  return asked;
}

/** A holder that became known late gets the time that any holder has at least. */
const LATE_HOLDER_MS = 3_600_000;
