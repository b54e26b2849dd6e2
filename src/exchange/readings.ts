/**
 * Which desks accepted a condition (H3), read a record where its marking asks for the word, or have a warning in hand: owed by
 * the desk in its own transaction, told to the originator once a tick, all of one kind and world in one receipt (design §4), by
 * desk group and time. The originator keeps what it is told beside its record.
 */
import { hex } from '../base/bytes.ts';
import type { DeskGroup } from '../gen/tocsin/record/v1/marking.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { Receipt, ReceiptKind, ReceiptResult } from '../gen/tocsin/record/v1/receipt.ts';
import type { SignedHeader } from '../record/index.ts';
import type { ReadingDue, StoredRecord, WriteTx } from '../store/index.ts';
import { type ControlKeeper, stateControlRecord } from './control-record.ts';
import { RECEIPT } from './receipts.ts';
import { worldOfHeader, worldOfRecord } from './worlds.ts';

/** Readings told in one round: a receipt with all of them is far below the bound on a facet. */
const BATCH = 1_000;

const KINDS = {
  accepted: ReceiptKind.RECEIPT_KIND_CONDITIONS_ACCEPTED,
  read: ReceiptKind.RECEIPT_KIND_READ_BY_DESK,
  acknowledged: ReceiptKind.RECEIPT_KIND_ACKNOWLEDGED,
} as const satisfies Record<ReadingDue['what'], ReceiptKind>;
const WHAT: ReadonlyMap<ReceiptKind, ReadingDue['what']> = new Map(
  Object.entries(KINDS).map(([what, kind]) => [kind, what as ReadingDue['what']]),
);

const NOTHING = Buffer.alloc(0);

/** Makes the receipts of all that is owed, one an originator, kind and world. Returns how many. */
export async function tellReadings(keeper: ControlKeeper, tx: WriteTx, atMs: number): Promise<number> {
  const due = await tx.onward.readingsDue(BATCH);
  const records = await tx.records.byDigests(due.map(({ headerDigest }) => headerDigest));
  const drills = new Set(
    records.flatMap((one) => (worldOfRecord(one) === 'exercise' ? [hex(one.headerDigest)] : [])),
  );
  const isDrill = ({ headerDigest }: ReadingDue): boolean => drills.has(hex(headerDigest));
  const receipts = Map.groupBy(due, (one) => `${one.originator} ${one.what} ${isDrill(one)}`);
  for (const alike of receipts.values()) {
    const [first] = alike;
    if (!first) continue;
    const body = receiptOf(first.what, alike, atMs);
    const exercise = isDrill(first);
    await stateControlRecord(keeper, tx, { kind: RECEIPT, body, to: [first.originator], exercise }, atMs);
  }
  await tx.onward.closeReadings(due.map(({ id }) => id));
  return receipts.size;
}

const receiptOf = (what: ReadingDue['what'], readings: readonly ReadingDue[], atMs: number): Uint8Array =>
  Receipt.encode({
    manifestDigest: NOTHING,
    lane: 0,
    incarnation: 0,
    seq: 0n,
    kind: KINDS[what],
    items: readings.map(({ headerDigest, facets, deskGroup, at }) => ({
      headerDigest: Buffer.from(headerDigest),
      result: ReceiptResult.RECEIPT_RESULT_ACCEPTED,
      reason: Reason.REASON_UNSPECIFIED,
      facets: [...facets],
      copies: 0,
      deskGroup: deskGroup as DeskGroup,
      at: BigInt(at),
    })),
    at: BigInt(atMs),
    recallDigest: NOTHING,
  }).finish();

/**
 * Keeps what a receipt tells of desks; harmless for other receipts. False where it speaks of a record that is not ours, or of the
 * other world (R21).
 */
export async function noteReadings(
  tx: WriteTx,
  self: string,
  { digest, header }: SignedHeader,
  receipt: Receipt,
): Promise<boolean> {
  const what = WHAT.get(receipt.kind);
  if (what === undefined) return true;
  const records = await tx.records.byDigests(receipt.items.map(({ headerDigest }) => headerDigest));
  const world = worldOfHeader(header);
  const isOwn = (one: StoredRecord): boolean => one.originator === self && worldOfRecord(one) === world;
  const own = new Set(records.filter(isOwn).map(({ headerDigest }) => hex(headerDigest)));
  if (receipt.items.some(({ headerDigest }) => !own.has(hex(headerDigest)))) return false;
  for (const { headerDigest, facets, deskGroup, at } of receipt.items) {
    await tx.onward.noteReading({
      headerDigest,
      node: header.originator,
      what,
      deskGroup,
      facets,
      at: Number(at),
      receiptDigest: digest,
    });
  }
  return true;
}
