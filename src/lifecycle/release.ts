/**
 * Release: a submitted draft becomes a signed record, in one transaction with its leaf, its outbox rows and its audit row.
 * Everything slow (assembling, policy) happens before; what may have changed meanwhile is looked at again inside.
 */
import type { FieldFault } from '../base/error.ts';
import { consentIn, worldOfRecord } from '../exchange/index.ts';
import { DeskGroup, Priority } from '../gen/tocsin/record/v1/marking.ts';
import {
  assembleRecord,
  kindOf,
  RECORD_ID_BYTES,
  type RecordContent,
  SALT_BYTES,
  titleOf,
  worldOf,
} from '../record/index.ts';
import type { NewRecord, ReadTx, StoredDraft, StoredRecord, WriteTx } from '../store/index.ts';
import { checkConsent } from './consent.ts';
import { auditOf, type LifecycleDeps, readStored, unknownDraft, wholeMinute } from './context.ts';
import { oweCountersign } from './countersign.ts';
import { notSubmitted, type OnDraft } from './draft.ts';
import { LifecycleError, refuse } from './errors.ts';
import { endsDisclosed } from './link-ends.ts';
import { requireBlobs } from './named-files.ts';
import type { Officer, OwnRecord } from './ports.ts';
import { assertScrubbed, type Scrub, scrubOf } from './scrub.ts';
import { checkWorlds } from './worlds.ts';

export interface ReleaseResult {
  readonly draft: StoredDraft;
  readonly record: StoredRecord;
  /** Node ids of the partners that it is queued for. */
  readonly recipients: readonly string[];
  /** When the second signature is due, in milliseconds; absent where two officers stood behind the release. */
  readonly countersignDueAt?: number;
}

/** A draft made ready, before its transaction. */
export interface Prepared<View> {
  readonly draft: StoredDraft;
  readonly record: NewRecord;
  readonly own: OwnRecord;
  readonly views: readonly View[];
  readonly policyDigest: string;
  readonly oneSignature: boolean;
}

/** Whether the record may leave the node at all. */
const isLocal = (kind: string): boolean => kindOf(kind)?.local ?? true;

/**
 * A hotline's flash of class S alone may go out on one signature (domain: life cycle): minutes count, and nothing in it
 * identifies anybody.
 */
function mayGoOnOneSignature(content: RecordContent, officer: Officer): boolean {
  if (content.priority !== Priority.PRIORITY_FLASH) return false;
  if (officer.deskGroup !== DeskGroup.DESK_GROUP_HOTLINE) return false;
  if (content.deskGroup !== DeskGroup.DESK_GROUP_HOTLINE) return false;
  const classes = new Map(kindOf(content.kind)?.facets.map((facet) => [facet.name, facet.class]));
  return Object.entries(content.facets).every(
    ([name, body]) => body.length === 0 || classes.get(name) === 'S',
  );
}

/** The revision before, still current; undefined for a first revision. Throws SUPERSEDED. */
async function predecessor(tx: ReadTx, self: string, draft: StoredDraft): Promise<StoredRecord | undefined> {
  if (!draft.revises) return undefined;
  const before = await tx.records.byDigest(draft.revises);
  const current = before && (await tx.records.current(self, before.recordId, worldOfRecord(before)));
  if (!before || current?.position !== before.position || before.state !== 'released')
    throw refuse('SUPERSEDED', 'expected the newest revision to build on; a newer one exists, revise that', {
      facts: { draft: draft.id },
    });
  return before;
}

/** A submitted draft with what its release depends on, read in one committed state. */
export interface Loaded {
  readonly draft: StoredDraft;
  /** Absent unless the draft is submitted, and for the first revision. */
  readonly before?: StoredRecord;
  readonly content?: RecordContent;
  readonly endsDisclosedTo?: (partner: string) => boolean;
  /** Of a hotline report: by whom, where its content is what he left. */
  readonly scrub?: Scrub;
}

/** Judges the draft anew and makes header, facets and views of it. Throws NOT_SUBMITTED, FOUR_EYES, NOT_SCRUBBED. */
export function prepare<View>(
  deps: LifecycleDeps<View>,
  { draft, before, content, endsDisclosedTo, scrub }: Loaded,
  officer: Officer,
): Prepared<View> {
  const now = deps.clock.nowMs();
  if (draft.state !== 'submitted' || !content) throw notSubmitted(draft);
  const oneSignature = officer.fingerprint === draft.drafter;
  if (oneSignature && !mayGoOnOneSignature(content, officer))
    throw refuse('FOUR_EYES', 'expected a releaser other than the drafter; ask a second officer', {
      facts: { draft: draft.id },
    });
  assertScrubbed(draft, scrub, officer);
  const released = wholeMinute(now);
  const { signed, facets } = assembleRecord({
    network: deps.self.network,
    logOrigin: deps.self.logOrigin(worldOf(content.marking.status)),
    originator: deps.self.node,
    recordId: before?.recordId ?? deps.random.bytes(RECORD_ID_BYTES),
    revision: (before?.revision ?? 0) + 1,
    supersedes: before?.headerDigest,
    content,
    released,
    salt: () => deps.random.bytes(SALT_BYTES),
  });
  const { header } = signed;
  const record: NewRecord = {
    headerDigest: signed.digest,
    recordId: header.recordId,
    revision: header.revision,
    originator: header.originator,
    kind: header.kind,
    schemaVersion: header.schemaVersion,
    deskGroup: header.deskGroup,
    priority: header.priority,
    tlp: content.marking.tlp,
    status: content.marking.status,
    released,
    expires: content.expires,
    reviewBy: content.reviewBy,
    header: signed.bytes,
    ...(before && { supersedes: before.headerDigest }),
    origin: 'own',
    state: 'released',
    logOrigin: header.logOrigin,
    title: titleOf(header.kind, facets),
    committedAt: now,
  };
  const policy = deps.policy();
  const own = { signed, facets, ...(endsDisclosedTo && { endsDisclosedTo }) };
  return {
    draft,
    record,
    own,
    views: isLocal(content.kind) ? [] : policy.preview(own, shownFrom(own, now)),
    policyDigest: policy.digest,
    oneSignature,
  };
}

/** Views as the policies in force say now: they, or the roster, may have changed since the draft was prepared. */
function viewsNow<View>(deps: LifecycleDeps<View>, prepared: Prepared<View>): readonly View[] {
  const policy = deps.policy();
  if (policy.digest === prepared.policyDigest || isLocal(prepared.record.kind)) return prepared.views;
  return policy.preview(prepared.own, shownFrom(prepared.own, deps.clock.nowMs()));
}

/** R19: what is not shown before an instant is decided upon as of then; the exchange holds the rows back, and asks again. */
const shownFrom = ({ signed }: OwnRecord, nowMs: number): number =>
  Math.max(nowMs, Number(signed.header.marking?.notBefore ?? 0n));

/**
 * Claims the draft for this release inside the transaction; false where somebody else changed it meanwhile. Nothing else
 * was written before it, so that a lost claim in a batch leaves no trace.
 */
export async function claim<View>(
  deps: LifecycleDeps<View>,
  tx: WriteTx,
  { draft, record }: Prepared<View>,
  officer: Officer,
): Promise<boolean> {
  const unchanged = await tx.drafts.byId(draft.id);
  if (unchanged?.content !== draft.content || unchanged.drafter !== draft.drafter) return false;
  await predecessor(tx, deps.self.node, draft);
  return tx.drafts.change(
    draft.id,
    'submitted',
    {
      state: 'released',
      releaser: officer.fingerprint,
      releasedDigest: record.headerDigest,
      recordId: record.recordId,
    },
    deps.clock.nowMs(),
  );
}

const recordOf = ({ signed }: OwnRecord) => ({
  headerDigest: signed.digest,
  originator: signed.header.originator,
  kind: signed.header.kind,
});

/** Writes what a claimed release consists of; the audit rows are the caller's. */
export async function commit<View>(
  deps: LifecycleDeps<View>,
  tx: WriteTx,
  all: readonly Prepared<View>[],
  officer: Officer,
): Promise<void> {
  await tx.records.insert(all.map(({ record, own }) => ({ record, facets: own.facets })));
  for (const { own } of all) {
    const consent = consentIn({ ...recordOf(own), state: 'released' }, own.facets);
    if (consent) await tx.onward.noteConsent(consent.headerDigest, consent.target);
  }
  await tx.records.supersede(all.flatMap(({ record }) => (record.supersedes ? [record.supersedes] : [])));
  for (const prepared of all) {
    await deps.ledger.enqueue(tx, prepared.own.signed);
    if (!isLocal(prepared.record.kind))
      await deps.exchange.fanout(tx, prepared.own, viewsNow(deps, prepared));
    if (prepared.oneSignature) await oweCountersign(tx, prepared.record, officer);
  }
  await tx.audit.append(
    all.map(({ draft, record, oneSignature, policyDigest }) =>
      auditOf(officer, record.committedAt, 'record.released', record.headerDigest, {
        draft: draft.id,
        kind: record.kind,
        revision: record.revision,
        oneSignature,
        policy: policyDigest,
      }),
    ),
  );
}

/** What a release led to, also when it is asked for again. */
async function resultOf(tx: ReadTx, draft: StoredDraft): Promise<ReleaseResult> {
  const record = draft.releasedDigest && (await tx.records.byDigest(draft.releasedDigest));
  if (!record) throw unknownDraft(draft.id);
  const rows = await tx.outbox.ofRecord(record.headerDigest);
  const duty = await tx.duties.countersignOf(record.headerDigest);
  return {
    draft,
    record,
    recipients: [...new Set(rows.map(({ recipient }) => recipient))],
    ...(duty && duty.countersignedAt === undefined && { countersignDueAt: duty.dueAt }),
  };
}

/** Throws NOT_FOUND, SUPERSEDED, INVALID: time may have overtaken the content. */
export async function loadForRelease<View>(
  deps: LifecycleDeps<View>,
  tx: ReadTx,
  draftId: string,
): Promise<Loaded> {
  const draft = await tx.drafts.byId(draftId);
  if (!draft) throw unknownDraft(draftId);
  if (draft.state !== 'submitted') return { draft };
  const before = await predecessor(tx, deps.self.node, draft);
  const content = readStored(draft, deps.clock.nowMs());
  await checkWorlds(tx, content, before);
  await requireBlobs(tx, content);
  await checkConsent(tx, deps.self, content);
  const endsDisclosedTo = await endsDisclosed(tx, content);
  const scrub = await scrubOf(tx, draft);
  return {
    draft,
    content,
    ...(before && { before }),
    ...(endsDisclosedTo && { endsDisclosedTo }),
    ...(scrub && { scrub }),
  };
}

/**
 * Releases a submitted draft. Durable when it resolves: the record, its place in the queue of leaves, its outbox rows and
 * its audit row are one commit. Releasing what is released answers the same record again. Throws NOT_FOUND, NOT_SUBMITTED,
 * FOUR_EYES, NOT_SCRUBBED, INVALID (time may have overtaken the content), SUPERSEDED.
 */
export async function releaseDraft<View>(
  deps: LifecycleDeps<View>,
  { officer, draftId }: OnDraft,
): Promise<ReleaseResult> {
  const loaded = await deps.store.read((tx) => loadForRelease(deps, tx, draftId));
  const { draft } = loaded;
  if (draft.state === 'released') return deps.store.read((tx) => resultOf(tx, draft));
  const prepared = prepare(deps, loaded, officer);
  return deps.store.write(async (tx) => {
    if (!(await claim(deps, tx, prepared, officer))) {
      const now = await tx.drafts.byId(draftId);
      if (now?.state === 'released') return resultOf(tx, now);
      throw notSubmitted(now ?? draft);
    }
    await commit(deps, tx, [prepared], officer);
    const after = await tx.drafts.byId(draftId);
    return resultOf(tx, after ?? draft);
  });
}

/** Why one of many was refused. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly faults: readonly FieldFault[];
}

/** The refusal that an error stands for; undefined for what is not the draft's fault. */
export const refusalOf = (error: unknown): Refusal | undefined =>
  error instanceof LifecycleError
    ? { code: error.code, message: error.message, faults: error.faults }
    : undefined;
