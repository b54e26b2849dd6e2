/**
 * Takes a judged parcel in one transaction: records, facets, inbox items, the link's new position, the manifest itself and
 * the receipt that answers it. Before its COMMIT nothing of the parcel is here (K5, K6: the mail comes again); after it
 * everything is, the receipt included (K7: the receipt goes out from the outbox; K8: the mail comes again, is found taken,
 * and gets the same receipt). The mailbox is told last of all.
 */

import { equalBytes } from '../base/bytes.ts';
import { HybridSignature } from '../gen/tocsin/record/v1/identity.ts';
import { Status } from '../gen/tocsin/record/v1/marking.ts';
import { keepPartnerCheckpoint } from '../ledger/index.ts';
import { isUrgent } from '../record/index.ts';
import type { Store, WriteTx } from '../store/index.ts';
import { applyAcknowledgements } from './acknowledgement.ts';
import { type Alarm, raise } from './alarms.ts';
import { type AnswerDeps, answer } from './answer.ts';
import type { Arrival, JudgedCheckpoint } from './arrival.ts';
import { awaitBlobs } from './attachment-wait.ts';
import { alarmOfReport, BREACH_REPORT, owedReports } from './breach.ts';
import { stateControlRecord } from './control-record.ts';
import { ExchangeError } from './errors.ts';
import type { JudgedItem } from './items.ts';
import { answerPurge, recallFromLateHolder } from './purge-receipt.ts';
import { type ItemResult, RECEIPT, type Receipted } from './receipts.ts';
import { Shelf } from './shelf.ts';
import { takeItem } from './take-item.ts';
import { checkpointKey, type TakeWork } from './take-work.ts';
import { noteTaken } from './taskings.ts';

export interface TakeDeps extends AnswerDeps {
  readonly store: Store;
  /** Our store is known to be behind what partners hold of ours, or has not everything back yet. */
  readonly isBehind: () => boolean;
}

/** What a taken parcel set in motion, told after COMMIT. */
export interface Taken {
  readonly results: readonly ItemResult[];
  readonly receipts: readonly Receipted[];
  readonly alarms: readonly Alarm[];
  /** A receipt of ours waits for its leaf. */
  readonly answered: boolean;
  /** A recall goes on to those who got its target from here; it has its proof already. */
  readonly passedOn: boolean;
  /** The sender acknowledged more than before. */
  readonly acknowledged: boolean;
}

export type TakeOutcome =
  | { readonly kind: 'taken'; readonly taken: Taken }
  /** The sender holds more of ours than our store knows, which was not known before: nothing of the parcel is taken yet. */
  | { readonly kind: 'behind'; readonly alarms: readonly Alarm[] };

/** Breach reports of one manifest that are judged. */
const REPORTS_JUDGED = 4;

/** Throws STORE_BEHIND and STATE_UNKNOWN: the parcel has to come again. */
export async function take(
  deps: TakeDeps,
  arrival: Arrival,
  items: readonly JudgedItem[],
): Promise<TakeOutcome> {
  const { sender, lane, parcel } = arrival;
  const { manifest, digest, bytes } = parcel.manifest;
  return deps.store.write(async (tx) => {
    const atMs = deps.clock.nowMs();
    await assertNext(tx, arrival, deps.directory.statementOf(sender)?.statement.incarnation ?? 0);
    const shelf = await Shelf.open(
      tx,
      items.map((item) => item.line.headerDigest),
      items.flatMap((item) => (item.kind === 'record' ? [item.signed] : [])),
    );
    const { incarnation } = deps.directory.own().statement;
    const told = await applyAcknowledgements(tx, sender, manifest.acknowledgements, { incarnation, atMs });
    const isBehind = deps.isBehind();
    if (!isBehind && told.alarms.some(({ code }) => code === 'STORE_BEHIND'))
      return { kind: 'behind', alarms: await raiseAll(tx, told.alarms, atMs) };
    const work: TakeWork = {
      tx,
      incarnation,
      isBehind,
      shelf,
      sender,
      atMs,
      self: deps.directory.self,
      network: deps.directory.network,
      alarms: [],
      receipts: [],
      inbox: [],
      consents: [],
      taskings: [],
      disclosures: [],
      reports: [],
      purges: [],
      passedOn: [],
      tied: new Set(),
    };
    for (const checkpoint of await keepCheckpoints(tx, arrival, items, work)) work.tied.add(checkpoint);
    const taken: ItemResult[] = [];
    let recalledLate = false;
    for (const item of items) taken.push(await takeItem(work, item));
    await shelf.flush();
    const results = await awaitBlobs(tx, arrival, items, taken, atMs);
    for (const { headerDigest, target } of work.consents) await tx.onward.noteConsent(headerDigest, target);
    for (const taken of work.taskings) await noteTaken(tx, taken);
    for (const disclosure of work.disclosures) {
      await tx.holders.noteDisclosure(disclosure);
      if (await recallFromLateHolder(tx, disclosure, work.self, atMs)) recalledLate = true;
    }
    await tx.inbox.add(work.inbox);
    const { network, self } = work;
    // Each costs a judgement of a roster history: what came beyond these is kept as a record alone.
    for (const report of work.reports.slice(0, REPORTS_JUDGED))
      work.alarms.push(await alarmOfReport({ network, self, ledger: deps.ledger }, tx, report, atMs));
    const isMember = (node: string) => deps.directory.roster().member(node) !== undefined;
    const owed = await owedReports(tx, { network, self, sender, parcel, isMember }, items, atMs);
    for (const { originator, body, exercise } of owed)
      await stateControlRecord(deps, tx, { kind: BREACH_REPORT, body, to: [originator], exercise }, atMs);
    await tx.outbox.add(work.passedOn, atMs);
    for (const purge of work.purges) await answerPurge(deps, tx, purge, atMs);
    const alarms: Alarm[] = [...told.alarms, ...work.alarms];
    if (arrival.position === 'restart') {
      alarms.push({
        code: 'INCARNATION_RAISED',
        subject: sender,
        detail: `the node declares incarnation ${manifest.incarnation}: restored from a backup, or moved; ${await lossOf(tx, arrival)}`,
      });
    }
    const receiptDigest = isReceiptsOnly(items)
      ? undefined
      : await answer(deps, tx, {
          sender,
          manifest: parcel.manifest,
          kind: 'delivered',
          results,
          ...natureOf(items),
        });
    await tx.links.takeManifest({
      sender,
      lane,
      incarnation: manifest.incarnation,
      seq: manifest.seq,
      digest,
      body: bytes,
      signature: HybridSignature.encode(parcel.signature).finish(),
      takenAt: atMs,
      ...(receiptDigest && { receiptDigest }),
    });
    await tx.links.setIn({
      sender,
      lane,
      incarnation: manifest.incarnation,
      seq: manifest.seq,
      digest,
      checkpointSize: arrival.live.size,
      checkpointRoot: arrival.live.root,
      heardAt: atMs,
    });
    return {
      kind: 'taken',
      taken: {
        results,
        receipts: work.receipts,
        alarms: await raiseAll(tx, alarms, atMs),
        answered: receiptDigest !== undefined,
        passedOn: work.passedOn.length > 0 || recalledLate,
        acknowledged: told.raised,
      },
    };
  });
}

/** Those that are news. */
async function raiseAll(tx: WriteTx, alarms: readonly Alarm[], atMs: number): Promise<readonly Alarm[]> {
  const raised: Alarm[] = [];
  for (const alarm of alarms) if (await raise(tx, alarm, atMs)) raised.push(alarm);
  return raised;
}

/**
 * Keeps every checkpoint that the parcel shows; keys of those that are tied to what is known of their log. Those of forwarded
 * records are hearsay until the owner of their log proves them.
 */
async function keepCheckpoints(
  tx: WriteTx,
  { sender, lane, live, exercise, position }: Arrival,
  items: readonly JudgedItem[],
  { self, atMs }: Pick<TakeWork, 'self' | 'atMs'>,
): Promise<readonly string[]> {
  const tied: string[] = [];
  const seen = new Set<string>();
  const keep = async (checkpoint: JudgedCheckpoint, node: string, continues: bigint) => {
    const key = checkpointKey(checkpoint);
    if (seen.has(key)) return;
    seen.add(key);
    const judged = { checkpoint, note: checkpoint.note, continues, hearsay: node !== sender };
    if (await keepPartnerCheckpoint(tx, node, judged, atMs)) tied.push(key);
  };
  const before = position === 'restart' ? undefined : await tx.links.in(sender, lane);
  await keep(live, sender, before?.checkpointSize ?? 0n);
  if (exercise) await keep(exercise, sender, 0n);
  for (const item of items)
    if (item.kind === 'record' && item.signed.header.originator !== self)
      await keep(item.checkpoint, item.signed.header.originator, 0n);
  return tied;
}

/** How much of what was taken here the sender of a restarted lane still knew. */
async function lossOf(tx: WriteTx, { sender, lane, parcel }: Arrival): Promise<string> {
  const { previous } = parcel.manifest.manifest;
  const known = await tx.links.in(sender, lane);
  if (!known) return 'nothing was taken from it before';
  if (previous.length === 0) return `of lane ${lane} it knows nothing, ${known.seq} are held here`;
  if (equalBytes(previous, known.digest)) return `lane ${lane} goes on after number ${known.seq}`;
  const named = await tx.links.manifestInByDigest(previous);
  return named?.sender === sender
    ? `lane ${lane} goes back to number ${named.seq}, ${known.seq} are held here`
    : `lane ${lane} names a manifest that never came`;
}

/** Another path (a backfill beside the mailbox) may have moved the link since it was judged. */
async function assertNext(tx: WriteTx, arrival: Arrival, incarnation: number): Promise<void> {
  const { manifest } = arrival.parcel.manifest;
  const known = await tx.links.in(arrival.sender, arrival.lane);
  if (manifest.incarnation < incarnation) {
    throw new ExchangeError({
      code: 'STATE_UNKNOWN',
      message: `${arrival.sender} closed incarnation ${manifest.incarnation} meanwhile; judge it again`,
      retry: 'later',
    });
  }
  const last = known && known.incarnation === manifest.incarnation ? known.seq : 0n;
  if (last + 1n !== manifest.seq) {
    throw new ExchangeError({
      code: 'STATE_UNKNOWN',
      message: `expected manifest ${last + 1n} to be next, got ${manifest.seq}; judge it again`,
      retry: 'later',
    });
  }
}

/** A manifest of nothing but receipts gets none itself: it is closed by acknowledgement. */
export const isReceiptsOnly = (items: readonly JudgedItem[]): boolean =>
  items.every((item) => item.kind === 'record' && item.signed.header.kind === RECEIPT);

function natureOf(items: readonly JudgedItem[]): { urgent: boolean; exercise: boolean } {
  const headers = items.flatMap((item) => (item.kind === 'record' ? [item.signed.header] : []));
  return {
    urgent: headers.some(isUrgent),
    exercise:
      headers.length > 0 && headers.every((header) => header.marking?.status !== Status.STATUS_ACTUAL),
  };
}
