/**
 * Delisting by difference: what an earlier edition of a list had and the newest has not. A delisting is a revision like any
 * other, drafted here and released by a second officer; a list that lost too much at once is taken for a broken one.
 */
import { equalBytes, utf8 } from '../base/bytes.ts';
import { WatchlistStatus, WatchlistSummary } from '../gen/tocsin/record/v1/watchlist_entry.ts';
import { contentFromJson, sha256, validateContent, type World } from '../record/index.ts';
import type { DraftState, StoredDraft, StoredRecord, WriteTx } from '../store/index.ts';
import { invalid, type LifecycleDeps, storedContent, storedFlags } from './context.ts';
import { checkedNote, draftIdOf } from './draft.ts';
import { refuse } from './errors.ts';
import type { Officer } from './ports.ts';
import { contentOfRecord } from './revise.ts';

/** Share of the released entries of a list that may be delisted at once without being asked for twice. */
const MAX_DELISTED_SHARE = 0.2;

/** Import digest of a delisting: no entry has it, so one that comes back is a change. */
const DELISTED = sha256(utf8('tocsin: no longer on the list'));

/** A delisting open or released needs no other; an entry given up before it was ever released has nothing to delist. */
function isSettled(draft: StoredDraft): boolean {
  if (draft.state === 'discarded') return draft.recordId === undefined;
  return draft.importDigest !== undefined && equalBytes(draft.importDigest, DELISTED);
}

/** Of the newest drafts by key, those whose entries are not delisted yet. */
export const unsettled = (known: ReadonlyMap<string, StoredDraft>): readonly StoredDraft[] =>
  [...known.values()].filter((draft) => !isSettled(draft));

/** The records that stand released behind drafts, by import key. */
export async function standingBehind(
  tx: WriteTx,
  self: string,
  drafts: Iterable<StoredDraft>,
  world: World,
): Promise<ReadonlyMap<string, StoredRecord>> {
  const standing = new Map<string, StoredRecord>();
  for (const { importKey, recordId } of drafts) {
    if (importKey === undefined || recordId === undefined) continue;
    const record = await tx.records.current(self, recordId, world);
    if (record?.state === 'released') standing.set(importKey, record);
  }
  return standing;
}

/** Throws DELISTING_TOO_LARGE: a list cut short, or another list, looks like one whose entries were struck off. */
export function refuseLargeDelisting(due: number, standing: number): void {
  if (due <= standing * MAX_DELISTED_SHARE) return;
  throw refuse(
    'DELISTING_TOO_LARGE',
    `expected at most ${MAX_DELISTED_SHARE * 100} % of the released entries to be gone from the list, ` +
      `${due} of ${standing} are; make sure that it is the whole list, then allow a large delisting`,
    { facts: { gone: due, released: standing } },
  );
}

export interface Delisting {
  readonly officer: Officer;
  /** The newest draft of the entry. */
  readonly newest: StoredDraft;
  /** Its record as it stands released. */
  readonly record: StoredRecord;
  readonly state: DraftState;
  readonly note: string;
  readonly now: number;
}

/** Writes one delisting: over the open draft of the entry, or as a new draft. Answers its id. Throws INVALID. */
export async function draftDelisting(
  deps: LifecycleDeps<unknown>,
  tx: WriteTx,
  { officer, newest, record, state, note, now }: Delisting,
): Promise<string> {
  const change = {
    ...(await delistedContent(deps, tx, { officer, record, now })),
    state,
    note: checkedNote(note),
    drafter: officer.fingerprint,
    drafterName: officer.name,
    revises: record.headerDigest,
    recordId: record.recordId,
    importDigest: DELISTED,
  };
  if (newest.state === 'draft' || newest.state === 'submitted') {
    await tx.drafts.change(newest.id, newest.state, change, now);
    return newest.id;
  }
  const id = draftIdOf(deps.random, officer);
  const draft: StoredDraft = {
    ...change,
    id,
    kind: record.kind,
    deskGroup: newest.deskGroup,
    ...(newest.importKey !== undefined && { importKey: newest.importKey }),
    createdAt: now,
    updatedAt: now,
  };
  await tx.drafts.insert([draft]);
  return id;
}

/** The record as it stands, with nothing changed but its status. */
async function delistedContent(
  deps: LifecycleDeps<unknown>,
  tx: WriteTx,
  { officer, record, now }: Pick<Delisting, 'officer' | 'record' | 'now'>,
): Promise<Pick<StoredDraft, 'content' | 'flags'>> {
  const json = await contentOfRecord(tx, deps.self, record, now);
  const { content, faults } = contentFromJson(json, { deskGroup: officer.deskGroup, nowMs: now });
  if (!content) throw invalid(faults);
  const summary = WatchlistSummary.decode(content.facets.summary ?? new Uint8Array());
  const delisted = {
    ...content,
    facets: {
      ...content.facets,
      summary: WatchlistSummary.encode({
        ...summary,
        status: WatchlistStatus.WATCHLIST_STATUS_DELISTED,
      }).finish(),
    },
  };
  const judged = validateContent(delisted, { mode: 'imported', nowMs: now });
  if (judged.faults.length > 0) throw invalid(judged.faults);
  return { content: storedContent(delisted), flags: storedFlags(judged.flags) };
}
