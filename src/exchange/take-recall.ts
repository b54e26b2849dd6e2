/**
 * A recall where it arrives (design §3, R14; T18). In the transaction that takes it: a tombstone is set, the bytes and salts of
 * what is recalled are deleted with everything derived from them, whoever got it from here is told, and a signed receipt goes
 * to the originator. The tombstone wins over every arrival, whichever of the two came first.
 */
import { hex } from '../base/bytes.ts';
import { ItemAction } from '../gen/tocsin/exchange/v1/parcel.ts';
import type { DisclosedFacet } from '../gen/tocsin/record/v1/header.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { Recall, RecallReason, RecallScope } from '../gen/tocsin/record/v1/recall.ts';
import { kindOf, statedWorld, type World } from '../record/index.ts';
import type { Recalled, StoredDraft, WriteTx } from '../store/index.ts';
import type { JudgedRecord, RefusedItem } from './items.ts';
import { recallRow } from './purge-receipt.ts';
import type { TakeWork } from './take-work.ts';
import { worldOfHeader } from './worlds.ts';

export const RECALL = 'recall';

/** About the exchange itself: what was receipted, disclosed or recalled stays so. */
const NEVER_RECALLED: ReadonlySet<string> = new Set(['receipt', 'disclosure', RECALL]);

/**
 * Reasons for which the originator itself may not keep the content. For the others its own copy is what a correction is made
 * of, and stays until its retention ends.
 */
const OWN_COPY_TOO: ReadonlySet<RecallReason> = new Set([
  RecallReason.RECALL_REASON_COURT_ORDER,
  RecallReason.RECALL_REASON_DELISTED,
  RecallReason.RECALL_REASON_UNLAWFUL,
]);

/** The recall in the disclosed facets of a record of that kind; undefined where it is withheld. */
export function recallIn(facets: readonly DisclosedFacet[]): Recall | undefined {
  const name = kindOf(RECALL)?.facets[0]?.name;
  const facet = facets.find((one) => one.facet === name);
  return facet && facet.body.length > 0 ? Recall.decode(facet.body) : undefined;
}

/** Why a recall is not followed; undefined where it was. */
export async function applyRecall(work: TakeWork, item: JudgedRecord): Promise<RefusedItem | undefined> {
  const { shelf, self } = work;
  const { signed } = item;
  const { originator } = signed.header;
  const recall = recallIn(item.facets);
  const refused = (reason: Reason, detail: string): RefusedItem => ({
    kind: 'refused',
    line: item.line,
    reason,
    detail,
  });
  if (recall?.target.length !== 32) {
    return refused(Reason.REASON_RECORD_INVALID, 'a recall that does not show what it recalls');
  }
  const target = await shelf.find(recall.target);
  if (target && target.originator !== originator) {
    return refused(Reason.REASON_POLICY_DENIED, 'only the originator of a record may recall it');
  }
  if (target && NEVER_RECALLED.has(target.kind)) {
    return refused(Reason.REASON_POLICY_DENIED, `records of kind ${target.kind} are not recalled`);
  }
  const names = recall.scope === RecallScope.RECALL_SCOPE_WHOLE ? undefined : recall.facets;
  // A forwarder that is not addressed passes it on, and keeps what it holds.
  if (recall.recipients.length === 0 || recall.recipients.includes(self)) {
    await follow(work, item, recall, names);
  }
  await passOn(work, item, recall, names);
  return undefined;
}

async function follow(
  { tx, shelf, sender, atMs, purges, inbox }: TakeWork,
  { signed }: JudgedRecord,
  recall: Recall,
  names: readonly string[] | undefined,
): Promise<void> {
  const { originator } = signed.header;
  await shelf.recall({
    headerDigest: recall.target,
    originator,
    recallDigest: signed.digest,
    facets: names ?? [],
    purge: recall.mustPurge,
    world: worldOfHeader(signed.header),
    at: atMs,
  });
  const target = await shelf.find(recall.target);
  if (target && names === undefined) await shelf.setState(recall.target, 'recalled');
  if (recall.mustPurge) {
    const purged = await shelf.purge(recall.target, names);
    const exercise = worldOfHeader(signed.header) === 'exercise';
    purges.push({ recallDigest: signed.digest, originator, target: recall.target, purged, exercise });
  }
  if (target) {
    // Whoever reads the inbox learns that what they saw, or acted on, was taken back (R15). It opens nothing to anybody.
    inbox.push({
      headerDigest: recall.target,
      sender,
      action: ItemAction.ITEM_ACTION_WITHDRAWN,
      facets: names ?? [],
      audience: { deskGroups: [], purposes: [] },
      facetAudiences: [],
      basis: '',
      receivedAt: atMs,
    });
  }
  await flagDrafts(tx, recall, names, worldOfHeader(signed.header), atMs);
}

/** What a recall to all holders means at its originator: a tombstone, and its own copy out of use, or deleted. */
export async function followOwnRecall(
  tx: WriteTx,
  self: string,
  recallDigest: Uint8Array,
  recall: Pick<Recall, 'target' | 'facets' | 'mustPurge' | 'reason' | 'scope' | 'recipients'>,
  world: World,
  atMs: number,
): Promise<void> {
  if (recall.recipients.length > 0) return;
  const names = recall.scope === RecallScope.RECALL_SCOPE_WHOLE ? undefined : recall.facets;
  await tx.tombstones.set({
    headerDigest: recall.target,
    originator: self,
    recallDigest,
    facets: names ?? [],
    purge: recall.mustPurge,
    world,
    at: atMs,
  });
  if (names === undefined && (await tx.records.byDigest(recall.target)))
    await tx.records.setState(recall.target, 'recalled');
  if (recall.mustPurge && OWN_COPY_TOO.has(recall.reason))
    await tx.purges.purgeFacets(recall.target, names, { openDrafts: true });
}

/** Whoever got the record from here is told; rows that still wait lose what is recalled. */
async function passOn(
  { tx, self, sender, atMs, passedOn }: TakeWork,
  { signed, facets }: JudgedRecord,
  recall: Recall,
  names: readonly string[] | undefined,
): Promise<void> {
  const { originator } = signed.header;
  if (originator === self) return;
  const addressed = (node: string) => recall.recipients.length === 0 || recall.recipients.includes(node);
  const told = await withdrawWaiting(tx, recall.target, names, addressed, atMs);
  for (const recipient of told) {
    if (recipient === originator || recipient === sender) continue;
    passedOn.push(
      recallRow(
        recipient,
        signed.digest,
        facets.map(({ facet }) => facet),
      ),
    );
  }
}

/**
 * Takes what is recalled out of the rows that still wait, for those whom it concerns. Returns who was ever sent anything of
 * the record: a row that only waited told its recipient nothing, and need not be answered for.
 */
export async function withdrawWaiting(
  tx: WriteTx,
  target: Uint8Array,
  names: readonly string[] | undefined,
  concerns: (recipient: string) => boolean,
  atMs: number,
): Promise<readonly string[]> {
  const rows = (await tx.outbox.ofRecord(target)).filter((row) => concerns(row.recipient));
  const waiting = rows.filter((row) => row.state === 'waiting');
  const hit = waiting.filter(
    (row) => names === undefined || row.facets.some((facet) => names.includes(facet)),
  );
  await tx.outbox.close(
    hit.map((row) => ({ id: row.id, state: 'withdrawn', resultReason: Reason.REASON_RECALLED })),
    atMs,
  );
  if (names !== undefined) {
    // A row of nothing but recalled facets has nothing left to say.
    const rest = hit.flatMap(({ id: _, state: __, createdAt: ___, ...row }) => {
      const facets = row.facets.filter((facet) => !names.includes(facet));
      if (facets.length === 0 && row.action === ItemAction.ITEM_ACTION_FACETS) return [];
      const facetAudiences = row.facetAudiences.filter(({ facet }) => facets.includes(facet));
      return [{ ...row, facets, facetAudiences }];
    });
    await tx.outbox.add(rest, atMs);
  }
  return [
    ...new Set(
      rows
        .filter((row) => row.incarnation !== undefined || row.receiptDigest !== undefined)
        .map((row) => row.recipient),
    ),
  ];
}

/** Flag of a draft that builds on what was recalled. */
const RECALLED_FLAG = 'BUILDS_ON_RECALLED';

/** Open drafts that quote or revise what was recalled are flagged: their author decides what follows from it. */
export async function flagDrafts(
  tx: WriteTx,
  recall: Pick<Recall, 'target' | 'recordId'>,
  names: readonly string[] | undefined,
  world: World,
  atMs: number,
): Promise<readonly StoredDraft[]> {
  const quoting = await tx.drafts.openQuoting(recall.target, recall.recordId);
  const drafts = quoting.filter(({ content }) => (statedWorld(JSON.parse(content)) ?? 'live') === world);
  const what = names === undefined ? 'a record' : `the facets ${names.join(', ')} of a record`;
  for (const draft of drafts) {
    const flags: unknown = JSON.parse(draft.flags);
    const flag = {
      path: 'facets',
      code: RECALLED_FLAG,
      message: `it builds on ${what} that its originator recalled (${hex(recall.target).slice(0, 16)}): check it before it is released`,
    };
    const known = Array.isArray(flags) ? flags : [];
    if (known.some((one) => one?.message === flag.message)) continue;
    await tx.drafts.change(draft.id, draft.state, { flags: JSON.stringify([...known, flag]) }, atMs);
  }
  return drafts;
}

/** What of an arrival a tombstone lets in: undefined = all of it. */
export async function recalledHere(
  tx: WriteTx,
  record: {
    readonly headerDigest: Uint8Array;
    readonly originator: string;
    readonly kind: string;
    readonly status: number;
  },
): Promise<Recalled | undefined> {
  if (NEVER_RECALLED.has(record.kind)) return undefined;
  return (await tx.tombstones.recalledOf([record])).get(hex(record.headerDigest));
}
