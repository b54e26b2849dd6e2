/**
 * Recall by the originator (design §3, R14, R20): a signed record to every node that holds the target, by whatever way it came
 * to hold it, answered by a purge receipt each. One transaction: recall, tombstone, what still waits withdrawn, whom it asks.
 */
import { hex } from '../base/bytes.ts';
import {
  flagDrafts,
  followOwnRecall,
  overdueSubject,
  RECALL,
  RECALL_OVERDUE,
  recallRow,
  withdrawWaiting,
  worldOfRecord,
} from '../exchange/index.ts';
import { OnwardConsent } from '../gen/tocsin/record/v1/onward_consent.ts';
import { Recall, RecallReason, RecallScope } from '../gen/tocsin/record/v1/recall.ts';
import { CONSENT, judgeHeader, kindOf } from '../record/index.ts';
import type { Holder, ReadTx, StoredRecord, WriteTx } from '../store/index.ts';
import { auditOf, type LifecycleDeps } from './context.ts';
import { refuse } from './errors.ts';
import { stateByNode } from './node-record.ts';
import type { Officer } from './ports.ts';

/** All holders answer within this (domain §4.2). */
export const RECALL_WITHIN_MS = 72 * 3_600_000;
const LONGEST_DEADLINE_MS = 366 * 86_400_000;

/** Kinds where the one who drafted an entry does not take it back alone (domain §2.4: watchlist officer and releaser). */
const TWO_OFFICERS: ReadonlySet<string> = new Set(['watchlist-entry']);
/** A source in danger cannot wait for a second officer. */
const ONE_IS_ENOUGH: ReadonlySet<RecallReason> = new Set([RecallReason.RECALL_REASON_SOURCE_RISK]);
export interface RecallRequest {
  readonly officer: Officer;
  /** Of any revision of an own record. */
  readonly headerDigest: Uint8Array;
  readonly reason: RecallReason;
  /** Facets to recall; absent or empty = the whole record. */
  readonly facets?: readonly string[];
  /** False = taken out of use, not deleted. */
  readonly mustPurge: boolean;
  /** Milliseconds UTC; absent = in 72 hours. */
  readonly deadlineMs?: number;
  /** Node ids it is for; absent or empty = every holder. */
  readonly recipients?: readonly string[];
  /** True = this revision alone; otherwise every revision that anybody may hold. */
  readonly onlyThisRevision?: boolean;
}

/** One recall as it was stated. */
export interface StatedRecall {
  readonly recallDigest: Uint8Array;
  /** Header digest of the revision recalled. */
  readonly target: Uint8Array;
  readonly revision: number;
  readonly deadlineMs: number;
  /** Node ids that are asked to follow it. */
  readonly asked: readonly string[];
}

/** Recalls an own record. Recalling what is recalled answers the same recalls. Throws NOT_FOUND, NOT_OWN, INVALID, FOUR_EYES. */
export function recallRecord(
  deps: LifecycleDeps<unknown>,
  request: RecallRequest,
): Promise<readonly StatedRecall[]> {
  return deps.store.write(async (tx) => {
    const target = await recallable(tx, deps.self.node, request.headerDigest);
    const terms = termsOf(deps, request, target);
    await assertSecondOfficer(tx, target, request);
    const revisions = request.onlyThisRevision
      ? [target]
      : (await tx.records.revisions(deps.self.node, target.recordId, worldOfRecord(target))).filter(
          ({ origin }) => origin === 'own',
        );
    const stated: StatedRecall[] = [];
    for (const revision of revisions)
      stated.push(await stateRecall(deps, tx, request.officer, revision, terms));
    return stated;
  });
}

/**
 * Takes a consent back (R3): nobody relies on it any more, and whoever got facets under it, and not from us directly, deletes
 * them. Two recalls a recipient group: of the consent, for all who hold it; of the facets, addressed to its recipients. Throws as
 * `recallRecord`.
 */
export function withdrawConsent(
  deps: LifecycleDeps<unknown>,
  request: Pick<RecallRequest, 'officer' | 'headerDigest' | 'reason' | 'deadlineMs'>,
): Promise<readonly StatedRecall[]> {
  return deps.store.write(async (tx) => {
    const consent = await recallable(tx, deps.self.node, request.headerDigest);
    const [facet] = consent.kind === CONSENT ? await tx.records.facets(consent.headerDigest, [CONSENT]) : [];
    if (facet === undefined)
      throw refuse('NOT_FOUND', `expected a consent of this node, got a ${consent.kind}`);
    const said = OnwardConsent.decode(facet.body);
    const terms = termsOf(deps, { ...request, mustPurge: true }, consent);
    const stated = [await stateRecall(deps, tx, request.officer, consent, { ...terms, mustPurge: false })];
    const target = await tx.records.byDigest(said.record);
    if (target?.origin !== 'own') return stated;
    const holders = await tx.holders.holdersOf(target.headerDigest, deps.clock.nowMs());
    // What a node got from us directly it holds by its own right: only the rest goes.
    const groups = Map.groupBy(said.to, (node) => {
      const direct = new Set(
        holders.filter((one) => one.node === node && one.via === undefined).flatMap((one) => one.facets),
      );
      return said.facets.filter((name) => !direct.has(name)).join(' ');
    });
    for (const [names, recipients] of groups) {
      if (names === '') continue;
      stated.push(
        await stateRecall(deps, tx, request.officer, target, {
          ...terms,
          facets: names.split(' '),
          recipients,
        }),
      );
    }
    return stated;
  });
}

interface RecallTerms {
  readonly reason: RecallReason;
  readonly facets: readonly string[];
  readonly mustPurge: boolean;
  readonly deadlineMs: number;
  readonly recipients: readonly string[];
}

async function recallable(tx: ReadTx, self: string, headerDigest: Uint8Array): Promise<StoredRecord> {
  const record = await tx.records.byDigest(headerDigest);
  if (!record) throw refuse('NOT_FOUND', 'expected the header digest of a record of this node, got another');
  if (record.origin !== 'own')
    throw refuse('NOT_OWN', `expected a record of ${self}; only its originator recalls a record (R2)`);
  if (kindOf(record.kind)?.control === true && record.kind !== CONSENT)
    throw refuse(
      'NOT_OWN',
      `expected a record of an officer, got a ${record.kind}: what the node stated of the exchange stays`,
    );
  return record;
}

function termsOf(
  deps: LifecycleDeps<unknown>,
  request: Omit<RecallRequest, 'officer' | 'headerDigest'>,
  target: StoredRecord,
): RecallTerms {
  const now = deps.clock.nowMs();
  const deadlineMs = request.deadlineMs ?? now + RECALL_WITHIN_MS;
  const facets = [...new Set(request.facets ?? [])];
  const recipients = [...new Set(request.recipients ?? [])];
  const known = new Set(kindOf(target.kind)?.facets.map(({ name }) => name));
  const faults = [
    ...facets
      .filter((name) => !known.has(name))
      .map((name) => ({
        path: 'facets',
        code: 'UNKNOWN_FACET',
        message: `expected facets of ${target.kind}, got ${name}`,
      })),
    ...(deadlineMs <= now || deadlineMs > now + LONGEST_DEADLINE_MS
      ? [
          {
            path: 'deadline',
            code: 'OUT_OF_RANGE',
            message: 'expected a deadline in the future, within a year',
          },
        ]
      : []),
    ...(request.reason === RecallReason.RECALL_REASON_UNSPECIFIED
      ? [{ path: 'reason', code: 'REQUIRED', message: 'expected why it is recalled' }]
      : []),
    ...(recipients.includes(deps.self.node)
      ? [{ path: 'recipients', code: 'SELF', message: 'expected other nodes than the originator' }]
      : []),
  ];
  if (faults.length > 0)
    throw refuse(
      'INVALID',
      `expected a recall that can be followed: ${faults.map((fault) => fault.message).join('; ')}`,
      { faults },
    );
  return { reason: request.reason, facets, mustPurge: request.mustPurge, deadlineMs, recipients };
}

async function assertSecondOfficer(tx: ReadTx, target: StoredRecord, request: RecallRequest): Promise<void> {
  if (!TWO_OFFICERS.has(target.kind) || ONE_IS_ENOUGH.has(request.reason)) return;
  const draft = await tx.drafts.byReleasedDigest(target.headerDigest);
  if (draft?.drafter === request.officer.fingerprint)
    throw refuse(
      'FOUR_EYES',
      `expected a releaser other than the drafter to recall a ${target.kind}; ask a second officer`,
    );
}

async function stateRecall(
  deps: LifecycleDeps<unknown>,
  tx: WriteTx,
  officer: Officer,
  target: StoredRecord,
  terms: RecallTerms,
): Promise<StatedRecall> {
  const now = deps.clock.nowMs();
  const before = await sameRecall(tx, deps.self.node, target, terms);
  if (before) return before;
  const { facets, recipients, mustPurge, deadlineMs, reason } = terms;
  const judged = judgeHeader(deps.self.network, target.header);
  if (!judged.ok) throw new Error(`a header of our own does not verify: ${judged.detail}`);
  const { header } = judged.value;
  const recall = Recall.fromPartial({
    target: Buffer.from(target.headerDigest),
    recordId: header.recordId,
    scope: facets.length === 0 ? RecallScope.RECALL_SCOPE_WHOLE : RecallScope.RECALL_SCOPE_FACETS,
    facets: [...facets],
    reason,
    mustPurge,
    deadline: BigInt(deadlineMs),
    recipients: [...recipients],
  });
  const facet = kindOf(RECALL)?.facets[0];
  if (!facet) throw new TypeError('expected the kind recall with a facet in the table of kinds');
  const holders = await tx.holders.holdersOf(target.headerDigest, now);
  const names = facets.length === 0 ? undefined : facets;
  const addressed = (node: string) => recipients.length === 0 || recipients.includes(node);
  await withdrawWaiting(tx, target.headerDigest, names, addressed, now);
  const asked = recipients.length > 0 ? recipients : [...new Set(holders.map(({ node }) => node))];
  const record = await stateByNode(deps, tx, {
    kind: RECALL,
    facets: { [facet.name]: Recall.encode(recall).finish() },
    to: [],
    // Whom the target's own header names: a list of holders would tell each of them who the others are.
    releasableTo: header.marking?.releasableTo ?? [],
    world: worldOfRecord(target),
    deskGroup: officer.deskGroup,
  });
  const recallDigest = record.headerDigest;
  await tx.holders.noteRecall(
    asked.map((holder) => ({
      recallDigest,
      holder,
      target: target.headerDigest,
      facets,
      mustPurge,
      deadline: deadlineMs,
      askedAt: now,
    })),
  );
  await tx.outbox.add(
    recipientsOf(holders, asked, addressed).map((node) => recallRow(node, recallDigest, [facet.name])),
    now,
  );
  const world = worldOfRecord(target);
  await followOwnRecall(tx, deps.self.node, recallDigest, recall, world, now);
  await flagDrafts(tx, { target: recall.target, recordId: recall.recordId }, names, world, now);
  await tx.audit.append([
    auditOf(officer, now, 'record.recalled', target.headerDigest, {
      recall: hex(recallDigest),
      reason,
      facets: facets.join(' '),
      recipients: recipients.join(' '),
      asked: asked.length,
      purge: mustPurge,
    }),
  ]);
  return { recallDigest, target: target.headerDigest, revision: target.revision, deadlineMs, asked };
}

/** Who is asked, and through whom an addressed one got it: a forwarder passes it on where we cannot reach. */
const recipientsOf = (
  holders: readonly Holder[],
  asked: readonly string[],
  addressed: (node: string) => boolean,
): readonly string[] => [
  ...new Set([
    ...asked,
    ...holders.flatMap(({ node, via }) => (via !== undefined && addressed(node) ? [via] : [])),
  ]),
];

/** The recall that said the same before. */
async function sameRecall(
  tx: ReadTx,
  self: string,
  target: StoredRecord,
  terms: RecallTerms,
): Promise<StatedRecall | undefined> {
  if (terms.recipients.length > 0) return undefined;
  for (const stone of await tx.tombstones.of(target.headerDigest)) {
    const covers =
      stone.facets.length === 0 ||
      (terms.facets.length > 0 && terms.facets.every((name) => stone.facets.includes(name)));
    if (
      stone.originator !== self ||
      stone.world !== worldOfRecord(target) ||
      !covers ||
      (terms.mustPurge && !stone.purge)
    )
      continue;
    const notices = await tx.holders.noticesOf(stone.recallDigest);
    return {
      recallDigest: stone.recallDigest,
      target: target.headerDigest,
      revision: target.revision,
      deadlineMs: notices[0]?.deadline ?? stone.at,
      asked: notices.map(({ holder }) => holder),
    };
  }
  return undefined;
}

/** Notices looked at in one go. */
const BATCH = 200;

/** Raises an alarm for every holder who did not answer a recall in time; how many are new. */
export async function checkRecalls(deps: Pick<LifecycleDeps<unknown>, 'store' | 'clock'>): Promise<number> {
  const now = deps.clock.nowMs();
  const overdue = await deps.store.read((tx) => tx.holders.overdue(now, BATCH));
  if (overdue.length === 0) return 0;
  return deps.store.write(async (tx) => {
    let raised = 0;
    for (const { recallDigest, holder, target, mustPurge, deadline } of overdue) {
      const notice = await tx.holders.notice(recallDigest, holder);
      if (notice === undefined || notice.closedAt !== undefined) continue;
      if (!mustPurge) {
        // Nothing to delete: the receipt of its delivery is the answer.
        const rows = await tx.outbox.ofRecord(recallDigest);
        const told = rows.find((row) => row.recipient === holder && row.state === 'receipted');
        if (told) {
          const receiptDigest = told.receiptDigest ?? new Uint8Array(0);
          const at = told.closedAt ?? now;
          await tx.holders.closeRecall(recallDigest, holder, {
            receiptDigest,
            purgedFacets: [],
            copies: 0,
            at,
          });
          await tx.alarms.clear(RECALL_OVERDUE, overdueSubject(recallDigest, holder), now);
          continue;
        }
      }
      const recall = await tx.records.byDigest(recallDigest);
      // An exercise raises no alarms: who is late stands on its own list of holders (R21).
      if (recall && worldOfRecord(recall) === 'exercise') continue;
      const isNew = await tx.alarms.raise({
        at: now,
        code: RECALL_OVERDUE,
        subject: overdueSubject(recallDigest, holder),
        detail: `${holder} did not answer the recall of ${hex(target).slice(0, 16)} by ${new Date(deadline).toISOString()}; ask its desk`,
      });
      if (isNew) raised += 1;
    }
    return raised;
  });
}
