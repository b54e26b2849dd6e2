/** Revision: a new draft on top of a released record of our own. Its release supersedes the record. */
import { worldOfRecord } from '../exchange/index.ts';
import { contentToJson, judgeHeader, worldOf } from '../record/index.ts';
import type { ReadTx, StoredDraft, StoredRecord } from '../store/index.ts';
import { auditOf, type LifecycleDeps, readTyped, storedContent, storedFlags } from './context.ts';
import { checkedNote, type DraftResult, draftIdOf } from './draft.ts';
import { refuse } from './errors.ts';
import type { Officer, SelfPort } from './ports.ts';
import { otherWorld } from './worlds.ts';

export interface Revise {
  readonly officer: Officer;
  /** Of the newest revision. */
  readonly headerDigest: Uint8Array;
  /** The whole new content; absent = that of the revision, to be changed afterwards. */
  readonly content?: unknown;
  readonly note?: string;
}

/** The record to build on. Throws NOT_FOUND, NOT_OWN, SUPERSEDED. */
async function revisable(tx: ReadTx, self: SelfPort, headerDigest: Uint8Array): Promise<StoredRecord> {
  const record = await tx.records.byDigest(headerDigest);
  if (!record) throw refuse('NOT_FOUND', 'expected the header digest of a record of this node, got another');
  if (record.origin !== 'own')
    throw refuse('NOT_OWN', `expected a record of ${self.node}; only its originator revises a record`);
  const current = await tx.records.current(self.node, record.recordId, worldOfRecord(record));
  if (record.state !== 'released' || current?.position !== record.position)
    throw refuse(
      'SUPERSEDED',
      `expected the newest revision in force, this one is ${record.state}; revise the newest`,
    );
  return record;
}

/** A record's content as JSON; instants that have passed are left out, so that they take the kind's defaults anew. */
export async function contentOfRecord(
  tx: ReadTx,
  self: SelfPort,
  record: StoredRecord,
  nowMs: number,
): Promise<unknown> {
  const judged = judgeHeader(self.network, record.header);
  if (!judged.ok) throw new Error(`a header of our own does not verify: ${judged.detail}`);
  const { header } = judged.value;
  if (!header.marking) throw new Error('a header of our own has no marking');
  const facets = await tx.records.facets(record.headerDigest);
  const json = contentToJson({
    kind: record.kind,
    deskGroup: header.deskGroup,
    priority: header.priority,
    marking: header.marking,
    expires: record.expires,
    reviewBy: record.reviewBy,
    facets: Object.fromEntries(facets.map(({ facet, body }) => [facet, body])),
  });
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return json;
  const { expires, reviewBy, ...rest } = json;
  return {
    ...rest,
    ...(record.expires > nowMs && expires !== undefined && { expires }),
    ...(record.reviewBy > nowMs && reviewBy !== undefined && { reviewBy }),
  };
}

/**
 * Makes a draft of the next revision. Asked for again with the same content, or with none while the officer's draft is
 * still open, it answers that draft. Throws NOT_FOUND, NOT_OWN, SUPERSEDED, INVALID, REVISION_OPEN.
 */
export async function reviseRecord(
  deps: LifecycleDeps<unknown>,
  { officer, headerDigest, content: json, note = '' }: Revise,
): Promise<DraftResult> {
  const now = deps.clock.nowMs();
  const given = json !== undefined && json !== null;
  const { record, base } = await deps.store.read(async (tx) => {
    const found = await revisable(tx, deps.self, headerDigest);
    return { record: found, base: given ? json : await contentOfRecord(tx, deps.self, found, now) };
  });
  const { content, flags } = readTyped(base, officer, now);
  if (worldOf(content.marking.status) !== worldOfRecord(record))
    throw otherWorld('marking.status', 'a revision is of the world of its record');
  if (content.kind !== record.kind)
    throw refuse('INVALID', `expected content of kind ${record.kind}`, {
      faults: [
        { path: 'kind', code: 'KIND_CHANGED', message: `expected ${record.kind}; draft another kind anew` },
      ],
    });
  const draft: StoredDraft = {
    id: draftIdOf(deps.random, officer),
    kind: content.kind,
    content: storedContent(content),
    state: 'draft',
    revises: record.headerDigest,
    recordId: record.recordId,
    drafter: officer.fingerprint,
    drafterName: officer.name,
    deskGroup: content.deskGroup,
    note: checkedNote(note),
    flags: storedFlags(flags),
    createdAt: now,
    updatedAt: now,
  };
  return deps.store.write(async (tx) => {
    await revisable(tx, deps.self, headerDigest);
    const [open] = await tx.drafts.openRevisionsOf(headerDigest);
    if (open?.drafter === officer.fingerprint && (!given || open.content === draft.content))
      return { draft: open, flags };
    if (open)
      throw refuse('REVISION_OPEN', 'expected no open revision; finish or discard the draft that is open', {
        facts: { draft: open.id },
      });
    await tx.drafts.insert([draft]);
    await tx.audit.append([
      auditOf(officer, now, 'draft.revision', draft.id, { kind: draft.kind, revision: record.revision + 1 }),
    ]);
    return { draft, flags };
  });
}
