/** What becomes of one judged item among the records held here. Runs inside the transaction that takes its manifest. */
import { equalBytes, hex } from '../base/bytes.ts';
import { Audience, ItemAction, type ManifestItem } from '../gen/tocsin/exchange/v1/parcel.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import type { Accusation } from '../ledger/index.ts';
import { parseLogOrigin, reasonName } from '../record/index.ts';
import { blankItem, type InboxEntry, type NewRecord, type WriteTx } from '../store/index.ts';
import { REMEDY } from './acknowledgement.ts';
import { type Alarm, type AlarmCode, logFork } from './alarms.ts';
import { breachReportIn, isOfOurs } from './breach.ts';
import { CANARY } from './canary.ts';
import { consentIn } from './consents.ts';
import { disclosureIn } from './disclosures.ts';
import { ExchangeError } from './errors.ts';
import type { JudgedFacets, JudgedItem, JudgedRecord, RefusedItem } from './items.ts';
import { manifestOfOurs } from './parcel.ts';
import { noteReadings } from './readings.ts';
import { applyReceipt, type ItemResult, RECEIPT, receiptIn } from './receipts.ts';
import { hashesOf, rowOf } from './stored.ts';
import { takeBreakGlass } from './take-break-glass.ts';
import { applyRecall, RECALL, recalledHere } from './take-recall.ts';
import { checkpointKey, type TakeWork } from './take-work.ts';
import { takenTasking } from './taskings.ts';
import { otherWorldNamed } from './worlds.ts';

const ALARMING: ReadonlyMap<Reason, AlarmCode> = new Map<Reason, AlarmCode>([
  [Reason.REASON_THIRD_PARTY_BREACH, 'THIRD_PARTY_BREACH'],
  [Reason.REASON_NO_CONSENT, 'NO_CONSENT'],
  [Reason.REASON_FORBIDDEN_FACET, 'FORBIDDEN_FACET'],
]);

export async function takeItem(work: TakeWork, item: JudgedItem): Promise<ItemResult> {
  const { line } = item;
  switch (item.kind) {
    case 'withdrawn':
      return takeWithdrawn(line);
    case 'refused':
      return refuseItem(work, item);
    case 'facets':
      return takeFacets(work, item);
    case 'record': {
      const conflict = await conflictOf(work, item);
      return conflict ? refuseItem(work, conflict) : takeRecord(work, item);
    }
  }
}

/** An empty item was announced and not sent; a `withdrawn` line says so once more, signed. */
function takeWithdrawn(line: ManifestItem): ItemResult {
  return line.action === ItemAction.ITEM_ACTION_WITHDRAWN
    ? { line, result: 'accepted' }
    : { line, result: 'refused', reason: Reason.REASON_WITHDRAWN, detail: 'withdrawn by its sender' };
}

async function refuseItem(work: TakeWork, item: RefusedItem): Promise<ItemResult> {
  const { tx, sender, atMs } = work;
  const { line, reason, detail } = item;
  const evidence = item.evidence && (await withoutRecalled(tx, line, item.evidence));
  await tx.inbox.refuse({ at: atMs, sender, reason, detail, digest: line.headerDigest });
  if (!evidence) return { line, result: 'refused', reason, detail };
  await tx.inbox.quarantine({ at: atMs, sender, reason, headerDigest: line.headerDigest, body: evidence });
  const code = ALARMING.get(reason);
  if (code) {
    work.alarms.push({
      code,
      subject: sender,
      detail: `${sender} sent ${hex(line.headerDigest).slice(0, 16)}: ${reasonName(reason)}`,
      evidence: [evidence],
    });
  }
  return { line, result: 'quarantined', reason, detail };
}

/** What is put aside is no way round a recall: whoever recalled it, the evidence needs no content. */
async function withoutRecalled(tx: WriteTx, line: ManifestItem, evidence: Uint8Array): Promise<Uint8Array> {
  const tombstones = await tx.tombstones.of(line.headerDigest);
  if (tombstones.length === 0) return evidence;
  const whole = tombstones.some(({ facets }) => facets.length === 0);
  return blankItem(evidence, whole ? undefined : new Set(tombstones.flatMap(({ facets }) => facets))).bytes;
}

/** Facts held here that stand against a record: a fork, a higher revision, a recall. */
async function conflictOf(work: TakeWork, item: JudgedRecord): Promise<RefusedItem | undefined> {
  const { shelf } = work;
  const { signed, line } = item;
  const { header } = signed;
  const refused = (reason: Reason, detail: string, evidence?: Uint8Array): RefusedItem => ({
    kind: 'refused',
    line,
    reason,
    detail,
    ...(evidence && { evidence }),
  });

  const { origin, size, root, note } = item.checkpoint;
  const known = await shelf.knownLog(origin, size);
  if (known && !equalBytes(known.root, root)) {
    work.alarms.push({
      code: 'LOG_FORK',
      subject: origin,
      detail: `two roots for size ${size}`,
      misconduct: accuse(work, header.originator, logFork(known.note, note)),
    });
    return refused(Reason.REASON_LOG_FORK, 'the log shows another root for this size', note);
  }
  const held = await shelf.find(signed.digest);
  if (held?.state === 'recalled') return refused(Reason.REASON_RECALLED, 'recalled by its originator');
  if (held) return undefined;
  if (header.originator === work.self) {
    // Signed by our log, unknown to our store: it is behind what partners hold. After a declared restart that is known, and
    // what is missing is fetched back from those who were sent it (reclaim.ts).
    if ((parseLogOrigin(header.logOrigin)?.incarnation ?? work.incarnation) >= work.incarnation)
      work.alarms.push({
        code: 'STORE_BEHIND',
        subject: work.sender,
        detail: `${work.sender} holds a record of ours that our store does not know: restored from a backup, or does a second copy of this node run? ${REMEDY}`,
      });
    return refused(Reason.REASON_HEADER_UNKNOWN, 'a record of ours that is not in our store');
  }
  const across = await otherWorldNamed((digest) => shelf.find(digest), signed, item.facets);
  if (across)
    return refused(
      Reason.REASON_EXERCISE_MISMATCH,
      `it speaks about ${hex(across).slice(0, 16)}, which is of the other world: exercise and live never meet (R21)`,
    );
  const others = await shelf.revisions(signed);
  const twin = others.find((other) => other.revision === header.revision);
  const before = others.find((other) => other.revision === header.revision - 1);
  const forked = twin ?? (before && !equalBytes(header.supersedes, before.headerDigest) ? before : undefined);
  if (forked) {
    work.alarms.push({
      code: 'RECORD_FORK',
      subject: hex(header.recordId),
      detail: `${header.originator} signed two histories of one record (revision ${header.revision})`,
      ...recordFork(work, forked, item),
    });
    return refused(Reason.REASON_RECORD_FORK, 'another header is held for this revision', signed.bytes);
  }
  if (others.some((other) => other.revision > header.revision)) {
    return refused(Reason.REASON_SUPERSEDED, 'a higher revision is held');
  }
  return undefined;
}

const accuse = (work: TakeWork, node: string, deed: Accusation['deed']): Accusation => ({
  network: work.network,
  self: work.self,
  nodes: [node],
  deed,
});

/** Both headers, each under its log; a header whose proof is not held is the word of nobody, and is kept as it is. */
function recordFork(
  work: TakeWork,
  held: NewRecord,
  item: JudgedRecord,
): Pick<Alarm, 'misconduct' | 'evidence'> {
  const { signed, leafIndex, proof, checkpoint } = item;
  if (held.leafIndex === undefined || !held.proof || !held.checkpoint)
    return { evidence: [held.header, signed.bytes] };
  const a = {
    header: Buffer.from(held.header),
    inclusion: {
      index: held.leafIndex,
      proof: hashesOf(held.proof),
      checkpoint: Buffer.from(held.checkpoint),
    },
  };
  const b = {
    header: Buffer.from(signed.bytes),
    inclusion: {
      index: leafIndex,
      proof: proof.map((hash) => Buffer.from(hash)),
      checkpoint: Buffer.from(checkpoint.note),
    },
  };
  const inOrder = held.revision <= signed.header.revision ? { a, b } : { a: b, b: a };
  return {
    misconduct: accuse(work, signed.header.originator, { $case: 'recordFork', value: inOrder }),
  };
}

async function takeRecord(work: TakeWork, item: JudgedRecord): Promise<ItemResult> {
  const { shelf, tx, atMs } = work;
  const { line, signed } = item;
  const recalled = shelf.isUnrecalled(signed.digest)
    ? undefined
    : await recalledHere(tx, {
        headerDigest: signed.digest,
        originator: signed.header.originator,
        kind: signed.header.kind,
        status: signed.header.marking?.status ?? 0,
      });
  const facets = recalled?.whole
    ? []
    : item.facets.filter(({ facet }) => recalled?.facets.has(facet) !== true);
  const held = await shelf.find(signed.digest);
  if (held?.state === 'expired') return refuseItem(work, expiredItem(line));
  if (held) {
    const added = await shelf.merge(signed.digest, facets);
    if (added.length > 0) work.inbox.push(inboxItem(work, line, facets));
    return { line, result: added.length > 0 ? 'accepted' : 'duplicate' };
  }
  if (signed.header.kind === RECEIPT) {
    const receipted = await applyReceipt(tx, signed, facets, (m) => manifestOfOurs(m.body).items, {
      incarnation: work.incarnation,
      atMs,
    });
    if (!receipted.ok) return refuseReceipt(work, line, receipted.reason, receipted.detail);
    if (receipted.value) work.receipts.push(receipted.value);
    const receipt = receiptIn(facets);
    if (receipt && !(await noteReadings(tx, work.self, signed, receipt)))
      return refuseReceipt(
        work,
        line,
        Reason.REASON_RECORD_INVALID,
        'a reading of a record that is not ours, or of the other world',
      );
  }
  const report = breachReportIn(signed.header.kind, facets);
  if (report && !(await isOfOurs(tx, report))) {
    const detail = 'a report about a record that is not ours';
    return refuseNotOurs(work, { kind: 'refused', line, reason: Reason.REASON_RECORD_INVALID, detail });
  }
  const disclosure = disclosureIn(signed, facets);
  if (disclosure && (await shelf.find(disclosure.headerDigest))?.originator !== work.self) {
    const detail = 'a disclosure of a record that is not ours';
    return refuseNotOurs(work, { kind: 'refused', line, reason: Reason.REASON_RECORD_INVALID, detail });
  }
  const tasking = await takenTasking(tx, signed, facets);
  if (tasking === 'stranger') {
    const detail = 'a question about a record that is not ours, or an answer to what was not asked';
    return refuseNotOurs(work, { kind: 'refused', line, reason: Reason.REASON_RECORD_INVALID, detail });
  }
  const untold = await takeBreakGlass(work, signed, facets);
  if (untold) return refuseNotOurs(work, { kind: 'refused', line, ...untold });
  const unfollowed = signed.header.kind === RECALL ? await applyRecall(work, item) : undefined;
  if (unfollowed) return refuseItem(work, unfollowed);
  const lower = (await shelf.revisions(signed)).filter((other) => other.revision < signed.header.revision);
  await shelf.supersede(lower);
  const row = rowOf(signed, {
    origin: 'partner',
    state: recalled?.whole ? 'recalled' : 'released',
    facets,
    statementDigest: item.statementDigest,
    committedAt: atMs,
    inclusion: {
      leafIndex: item.leafIndex,
      proof: item.proof,
      note: item.checkpoint.note,
      tied: work.tied.has(checkpointKey(item.checkpoint)),
    },
  });
  shelf.add(row, facets);
  const consent = consentIn(row, facets);
  if (consent) work.consents.push(consent);
  if (tasking) work.taskings.push(tasking);
  if (disclosure) work.disclosures.push(disclosure);
  if (report) work.reports.push({ reporter: signed.header.originator, report });
  // Header and proof are kept as what the tombstone stands on, as they would be had the record come first.
  if (recalled?.whole) return refuseItem(work, recalledItem(line));
  if (signed.header.kind !== RECEIPT && signed.header.kind !== CANARY)
    work.inbox.push(inboxItem(work, line, facets));
  return { line, result: 'accepted' };
}

/** Its review was never made: what was deleted for that does not come back by another way (R13). */
const expiredItem = (line: ManifestItem): RefusedItem => ({
  kind: 'refused',
  line,
  reason: Reason.REASON_EXPIRED,
  detail: 'its time is over here',
});

const recalledItem = (line: ManifestItem): RefusedItem => ({
  kind: 'refused',
  line,
  reason: Reason.REASON_RECALLED,
  detail: 'recalled by its originator',
});

/**
 * While our store is behind, what seems to be about nothing of ours may be about what it lost: receipts of parcels and recalls,
 * disclosures, reports. Its parcel is not taken, and comes again after the restart. Nothing is read at the desk until then, so
 * that no recall behind it comes too late. Throws STORE_BEHIND.
 */
async function refuseNotOurs(work: TakeWork, item: RefusedItem): Promise<ItemResult> {
  if (work.isBehind)
    throw new ExchangeError({
      code: 'STORE_BEHIND',
      message: `a parcel of ${work.sender} waits until our store has its end back: ${item.detail}`,
      retry: 'later',
    });
  return refuseItem(work, item);
}

async function refuseReceipt(
  work: TakeWork,
  line: ManifestItem,
  reason: Reason,
  detail: string,
): Promise<ItemResult> {
  const refused = await refuseNotOurs(work, { kind: 'refused', line, reason, detail });
  work.alarms.push({ code: 'RECEIPT_MISMATCH', subject: work.sender, detail });
  return refused;
}

async function takeFacets(work: TakeWork, item: JudgedFacets): Promise<ItemResult> {
  const { shelf, tx } = work;
  const { line, signed } = item;
  const held = await shelf.find(signed.digest);
  if (!held) {
    // Its record was refused earlier in this very manifest.
    return {
      line,
      result: 'refused',
      reason: Reason.REASON_HEADER_UNKNOWN,
      detail: 'its record is not held',
    };
  }
  if (held.state === 'expired') return refuseItem(work, expiredItem(line));
  const recalled = await recalledHere(tx, held);
  const facets = item.facets.filter(({ facet }) => recalled?.facets.has(facet) !== true);
  if (held.state === 'recalled' || recalled?.whole || (facets.length === 0 && item.facets.length > 0)) {
    return { line, result: 'refused', reason: Reason.REASON_RECALLED, detail: 'recalled by its originator' };
  }
  const added = await shelf.merge(signed.digest, facets);
  if (added.length === 0) return { line, result: 'duplicate' };
  work.inbox.push(inboxItem(work, line, facets));
  return { line, result: 'accepted' };
}

const inboxItem = (
  work: TakeWork,
  line: ManifestItem,
  facets: readonly { readonly facet: string }[],
): InboxEntry => ({
  headerDigest: line.headerDigest,
  sender: work.sender,
  action: line.action,
  facets: facets.map(({ facet }) => facet),
  audience: line.audience ?? Audience.create(),
  facetAudiences: line.facetAudiences,
  basis: line.basis,
  receivedAt: work.atMs,
  ...(line.consent.length > 0 && { consent: line.consent }),
});
