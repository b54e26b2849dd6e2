/**
 * Receipts: the recipient's signed word on one manifest, itself a record in its log (design §4). Made in the transaction
 * that takes the manifest; applied by the sender in the transaction that takes the receipt, so that 'delivered' is durable
 * at both ends (principle 3, K7 and K9).
 */
import { equalBytes, hex } from '../base/bytes.ts';
import type { Random } from '../base/clock.ts';
import { disbelieved, type Verdict } from '../base/verdict.ts';
import type { ManifestItem } from '../gen/tocsin/exchange/v1/parcel.ts';
import type { DisclosedFacet } from '../gen/tocsin/record/v1/header.ts';
import { DeskGroup, Priority } from '../gen/tocsin/record/v1/marking.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { Receipt, type ReceiptItem, ReceiptKind, ReceiptResult } from '../gen/tocsin/record/v1/receipt.ts';
import { type AssembledRecord, kindOf, type SignedHeader } from '../record/index.ts';
import type { ManifestOut, OutboxRow, RowClosing, WriteTx } from '../store/index.ts';
import { makeControlRecord } from './control-record.ts';
import type { Lane } from './link.ts';
import type { SignedManifest } from './parcel.ts';
import { applyPurgeReceipt } from './purge-receipt.ts';

export const RECEIPT = 'receipt';

export interface ItemResult {
  readonly line: ManifestItem;
  readonly result: 'accepted' | 'duplicate' | 'refused' | 'quarantined' | 'pending';
  readonly reason?: Reason;
  readonly detail?: string;
}

const RESULTS = {
  accepted: ReceiptResult.RECEIPT_RESULT_ACCEPTED,
  duplicate: ReceiptResult.RECEIPT_RESULT_DUPLICATE,
  refused: ReceiptResult.RECEIPT_RESULT_REFUSED,
  quarantined: ReceiptResult.RECEIPT_RESULT_QUARANTINED,
  pending: ReceiptResult.RECEIPT_RESULT_PENDING,
} as const;

/** The result that an item of a receipt of ours states. */
export function resultOf(item: ReceiptItem | undefined): Pick<ItemResult, 'result' | 'reason'> {
  for (const result of Object.keys(RESULTS) as (keyof typeof RESULTS)[])
    if (item && RESULTS[result] === item.result)
      return { result, ...(item.reason !== Reason.REASON_UNSPECIFIED && { reason: item.reason }) };
  throw new TypeError('expected a receipt of ours with a result for every item');
}

export interface ReceiptInput {
  readonly network: Uint8Array;
  readonly self: string;
  readonly logOrigin: string;
  readonly sender: string;
  readonly manifest: SignedManifest;
  /** `delivered` = taken, with a result for every item; `refused` = the parcel as a whole was not taken. */
  readonly kind: 'delivered' | 'refused';
  readonly results: readonly ItemResult[];
  readonly urgent: boolean;
  readonly exercise: boolean;
  readonly atMs: number;
  readonly random: Random;
}

/** The receipt of a manifest, addressed to its sender alone. */
export function makeReceipt(input: ReceiptInput): AssembledRecord {
  const { manifest, digest } = input.manifest;
  const body = Receipt.encode({
    manifestDigest: Buffer.from(digest),
    lane: manifest.lane,
    incarnation: manifest.incarnation,
    seq: manifest.seq,
    kind: input.kind === 'delivered' ? ReceiptKind.RECEIPT_KIND_DELIVERED : ReceiptKind.RECEIPT_KIND_REFUSED,
    items: input.results.map(({ line, result, reason }) => ({
      headerDigest: line.headerDigest,
      result: RESULTS[result],
      reason: reason ?? Reason.REASON_UNSPECIFIED,
      facets: [],
      copies: 0,
      deskGroup: DeskGroup.DESK_GROUP_UNSPECIFIED,
      at: 0n,
    })),
    at: BigInt(input.atMs),
    recallDigest: Buffer.alloc(0),
  }).finish();
  return makeControlRecord(input, {
    kind: RECEIPT,
    body,
    to: [input.sender],
    priority: input.urgent ? Priority.PRIORITY_IMMEDIATE : Priority.PRIORITY_ROUTINE,
    exercise: input.exercise,
  });
}

/** What a receipt did to the manifest that it is about. */
export interface Receipted {
  readonly manifest: ManifestOut;
  readonly kind: 'delivered' | 'refused';
  readonly items: number;
  readonly refused: number;
  /** Of a refused parcel. */
  readonly reason: Reason;
}

/** The receipt in the disclosed facets of a record of that kind; undefined where it is withheld. */
export function receiptIn(facets: readonly DisclosedFacet[]): Receipt | undefined {
  const name = kindOf(RECEIPT)?.facets[0]?.name;
  const facet = facets.find((one) => one.facet === name);
  return facet && facet.body.length > 0 ? Receipt.decode(facet.body) : undefined;
}

/**
 * Applies a receipt whose facets were judged. RECORD_INVALID where it is not about a manifest of ours to its originator,
 * or does not answer exactly its items (P5). One of a purge closes what its originator was asked by a recall; one of a reading
 * closes nothing.
 */
export async function applyReceipt(
  tx: WriteTx,
  signed: SignedHeader,
  facets: readonly DisclosedFacet[],
  lines: (manifest: ManifestOut) => readonly ManifestItem[],
  { incarnation, atMs }: { readonly incarnation: number; readonly atMs: number },
): Promise<Verdict<Receipted | undefined, Reason>> {
  const invalid = (detail: string) => disbelieved(Reason.REASON_RECORD_INVALID, detail);
  const receipt = receiptIn(facets);
  if (!receipt) return invalid('a receipt that does not show what it is about');
  const { kind } = receipt;
  if (kind === ReceiptKind.RECEIPT_KIND_PURGED) {
    const applied = await applyPurgeReceipt(tx, signed, receipt, atMs);
    return applied.ok ? { ok: true, value: undefined } : applied;
  }
  if (kind !== ReceiptKind.RECEIPT_KIND_DELIVERED && kind !== ReceiptKind.RECEIPT_KIND_REFUSED) {
    return { ok: true, value: undefined };
  }
  const manifest = await tx.links.manifestByDigest(receipt.manifestDigest);
  // Of a manifest that an earlier incarnation sent and this store never knew, nor got back: there is nothing to close.
  if (!manifest && receipt.incarnation < incarnation) return { ok: true, value: undefined };
  if (
    !manifest ||
    manifest.recipient !== signed.header.originator ||
    manifest.lane !== receipt.lane ||
    manifest.seq !== receipt.seq ||
    manifest.incarnation !== receipt.incarnation
  ) {
    return invalid('a receipt of a manifest that was not sent to its originator');
  }
  if (kind === ReceiptKind.RECEIPT_KIND_REFUSED) {
    const reason = receipt.items[0]?.reason ?? Reason.REASON_UNSPECIFIED;
    return {
      ok: true,
      value: { manifest, kind: 'refused', items: 0, refused: receipt.items.length, reason },
    };
  }
  const listed = lines(manifest);
  const answers =
    listed.length === receipt.items.length &&
    listed.every((line, at) =>
      equalBytes(line.headerDigest, receipt.items[at]?.headerDigest ?? Buffer.alloc(0)),
    );
  if (!answers) return invalid('a receipt that does not answer the items of its manifest');

  const lane: { recipient: string; lane: Lane } = manifest;
  const rows = await tx.outbox.ofManifest(lane, manifest.incarnation, manifest.seq);
  const closings = closingsOf(listed, receipt, rows, signed.digest);
  const pending = receipt.items.filter(
    ({ result }) => result === ReceiptResult.RECEIPT_RESULT_PENDING,
  ).length;
  await tx.outbox.close(closings, atMs);
  await tx.links.closeManifest(manifest, atMs);
  await tx.links.acknowledge(lane, manifest.incarnation, manifest.seq, atMs);
  return {
    ok: true,
    value: {
      manifest,
      kind: 'delivered',
      items: listed.length - pending - rows.filter(isFinal).length,
      refused: closings.filter((one) => one.state !== 'receipted').length,
      reason: Reason.REASON_UNSPECIFIED,
    },
  };
}

/** What an earlier receipt, or a skip, closed for good. */
const isFinal = ({ state }: OutboxRow): boolean =>
  state === 'receipted' || state === 'refused' || state === 'skipped';

/** Lines and rows meet by digest and action: rows of a record that was queued twice answer in their order. */
function closingsOf(
  lines: readonly ManifestItem[],
  receipt: Receipt,
  rows: readonly OutboxRow[],
  receiptDigest: Uint8Array,
): RowClosing[] {
  const open = Map.groupBy(rows, (row) => `${row.action} ${hex(row.headerDigest)}`);
  return lines.flatMap((line, at) => {
    const row = open.get(`${line.action} ${hex(line.headerDigest)}`)?.shift();
    const item = receipt.items[at];
    if (!row || !item || isFinal(row)) return [];
    const { result, reason } = item;
    // Its blobs are still to come: the row stays open until a further receipt.
    if (result === ReceiptResult.RECEIPT_RESULT_PENDING) return [];
    const taken =
      result === ReceiptResult.RECEIPT_RESULT_ACCEPTED || result === ReceiptResult.RECEIPT_RESULT_DUPLICATE;
    return [
      {
        id: row.id,
        state: taken ? 'receipted' : reason === Reason.REASON_WITHDRAWN ? 'withdrawn' : 'refused',
        receiptDigest,
        ...(reason !== Reason.REASON_UNSPECIFIED && { resultReason: reason }),
      } satisfies RowClosing,
    ];
  });
}
