/**
 * Items whose blobs are still to come. The manifest is receipted at once, so that its lane goes on, but such an item is
 * `pending`: at its sender the row stays open. When the last blob of the item is durable here, or given up, a further receipt of the
 * same manifest says so, and only an `accepted` there makes it delivered (principle 3; design §3 "Attachments").
 */
import { hex } from '../base/bytes.ts';
import { Priority } from '../gen/tocsin/record/v1/marking.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { type ReceiptItem, ReceiptResult } from '../gen/tocsin/record/v1/receipt.ts';
import type { AttachmentWait, WaitKey, WriteTx } from '../store/index.ts';
import { type AnswerDeps, answer } from './answer.ts';
import type { Arrival } from './arrival.ts';
import type { JudgedItem } from './items.ts';
import { manifestOfOurs } from './parcel.ts';
import { type ItemResult, receiptIn, resultOf } from './receipts.ts';

/** The results of a manifest's items, those `pending` whose blobs are not all here. Runs after the facets are written. */
export async function awaitBlobs(
  tx: WriteTx,
  { sender, lane, parcel }: Arrival,
  items: readonly JudgedItem[],
  results: readonly ItemResult[],
  atMs: number,
): Promise<readonly ItemResult[]> {
  const { incarnation, seq } = parcel.manifest.manifest;
  const waits: WaitKey[] = [];
  const judged: ItemResult[] = [];
  for (const [at, result] of results.entries()) {
    const named = isTaken(result) ? await blobsOf(tx, items[at]) : [];
    judged.push(
      named.length === 0
        ? result
        : {
            line: result.line,
            result: 'pending',
            reason: Reason.REASON_ATTACHMENT_MISSING,
            detail: 'an attachment is still to come',
          },
    );
    const { headerDigest } = result.line;
    waits.push(...named.map((blobDigest) => ({ headerDigest, blobDigest, sender, lane, incarnation, seq })));
  }
  await tx.attachments.wait(waits, atMs);
  return judged;
}

const isTaken = ({ result }: ItemResult): boolean => result === 'accepted' || result === 'duplicate';

/**
 * What the facets of one item name, as far as they are kept. A blob that is here already is waited for as well: whether it
 * opens with the key that this facet states is not known yet, and reading it is not for a transaction.
 */
async function blobsOf(tx: WriteTx, item: JudgedItem | undefined): Promise<readonly Uint8Array[]> {
  if (item?.kind !== 'record' && item?.kind !== 'facets') return [];
  const shown = new Set(item.facets.filter(({ body }) => body.length > 0).map(({ facet }) => facet));
  // Only kinds of facets that may name blobs cost a query.
  if (!shown.has('attachments')) return [];
  const named = await tx.attachments.namedBy(item.line.headerDigest);
  return named.filter(({ facet }) => shown.has(facet)).map(({ blobDigest }) => blobDigest);
}

/** How waits for one blob end: it is here, or the item is refused for a reason. */
export type WaitEnd = 'here' | Reason;

/**
 * Ends waits, and answers every manifest whose items are settled by it with a further receipt. Whether a receipt of ours
 * waits for its leaf.
 */
export async function settleWaits(
  deps: AnswerDeps,
  tx: WriteTx,
  waits: readonly AttachmentWait[],
  end: (wait: AttachmentWait) => WaitEnd,
): Promise<boolean> {
  let answered = false;
  for (const of of Map.groupBy(waits, manifestKey).values()) {
    const [first] = of;
    if (first === undefined) continue;
    const refused = new Map<string, Reason>();
    for (const wait of of) {
      const how = end(wait);
      if (how !== 'here') refused.set(hex(wait.headerDigest), how);
    }
    await tx.attachments.settle(of);
    const left = await tx.attachments.waitsOfManifest(first);
    // One blob given up settles its item: the others need not come for it.
    await tx.attachments.settle(left.filter((wait) => refused.has(hex(wait.headerDigest))));
    const waiting = new Set(left.map((wait) => hex(wait.headerDigest)));
    const again = (item: ReceiptItem): Pick<ItemResult, 'result' | 'reason'> => {
      const key = hex(item.headerDigest);
      const reason = refused.get(key);
      if (item.result !== ReceiptResult.RECEIPT_RESULT_PENDING) return resultOf(item);
      if (reason !== undefined) return { result: 'refused', reason };
      return waiting.has(key) ? resultOf(item) : { result: 'accepted' };
    };
    answered = (await answerAgain(deps, tx, first, again)) || answered;
  }
  return answered;
}

const manifestKey = ({ sender, lane, incarnation, seq }: AttachmentWait): string =>
  `${sender} ${lane} ${incarnation} ${seq}`;

/** A receipt like the one before, with the results of now; none where nothing changed. */
async function answerAgain(
  deps: AnswerDeps,
  tx: WriteTx,
  wait: AttachmentWait,
  again: (item: ReceiptItem) => Pick<ItemResult, 'result' | 'reason'>,
): Promise<boolean> {
  const taken = await tx.links.manifestIn(wait);
  const before = taken?.receiptDigest && (await tx.records.byDigest(taken.receiptDigest));
  if (!taken || !before) return false;
  const facets = await tx.records.facets(before.headerDigest);
  const receipt = receiptIn(
    facets.map(({ facet, salt, body }) => ({ facet, salt: Buffer.from(salt), body: Buffer.from(body) })),
  );
  if (!receipt) return false;
  const manifest = manifestOfOurs(taken.body);
  const results = manifest.items.map((line, at): ItemResult => {
    const item = receipt.items[at];
    if (item === undefined) throw new TypeError('expected a receipt of ours that answers every item');
    return { line, ...again(item) };
  });
  const unchanged = results.every(({ result }, at) => result === resultOf(receipt.items[at]).result);
  if (unchanged) return false;
  const receiptDigest = await answer(deps, tx, {
    sender: wait.sender,
    manifest: { manifest, bytes: taken.body, digest: taken.digest },
    kind: 'delivered',
    results,
    urgent: before.priority === Priority.PRIORITY_IMMEDIATE,
    exercise: before.logOrigin === deps.ledger.origins.exercise,
  });
  await tx.links.setReceipt(taken, receiptDigest);
  return true;
}
