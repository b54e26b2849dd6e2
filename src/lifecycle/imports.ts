/**
 * Drafts out of a list by others. The whole list is one transaction: all of its changes or none. An entry is known by its
 * key, and unchanged while its digest is. What the list no longer has is reported, and drafted as delisted where asked.
 */
import { setImmediate } from 'node:timers/promises';
import { equalBytes } from '../base/bytes.ts';
import type { FieldFault } from '../base/error.ts';
import { type RecordContent, type World, worldOf } from '../record/index.ts';
import type { StoredDraft, WriteTx } from '../store/index.ts';
import { auditOf, type LifecycleDeps, storedContent, storedFlags } from './context.ts';
import { draftDelisting, refuseLargeDelisting, standingBehind, unsettled } from './delisting.ts';
import { checkedNote, draftIdOf } from './draft.ts';
import type { Officer } from './ports.ts';

/** One entry of a list, already read and judged in mode `imported`. */
export interface ImportEntry {
  /** Stable over editions of the list; begins with the import's prefix. */
  readonly key: string;
  /** SHA-256 over what the list says: changes when, and only when, the entry does. */
  readonly digest: Uint8Array;
  readonly content: RecordContent;
  readonly flags: readonly FieldFault[];
}

export interface ImportRequest {
  readonly officer: Officer;
  /** Of all keys of this list, as `un:`; ASCII. */
  readonly prefix: string;
  readonly entries: readonly ImportEntry[];
  /** Edition of the list, for the releaser. */
  readonly note: string;
  /** Hands the drafts to the releasers at once. */
  readonly submit?: boolean;
  /** Only counts. */
  readonly dryRun?: boolean;
  /** Drafts a revision with status `delisted` of each released entry that the list no longer has. */
  readonly delist?: boolean;
  /** Lets more than a fifth of the released entries be delisted at once. */
  readonly allowLargeDelisting?: boolean;
}

/** An entry of an earlier edition that the list no longer has. */
export interface VanishedEntry {
  readonly key: string;
  /** Of the record that stands released; absent where the entry was never released, or was recalled. */
  readonly recordId?: Uint8Array;
}

export interface ImportResult {
  readonly created: number;
  /** Drafted as a revision of what was released before, or rewritten where still a draft. */
  readonly changed: number;
  readonly unchanged: number;
  /** What the list no longer has, and is not yet drafted or released as delisted. */
  readonly vanished: readonly VanishedEntry[];
  /** Drafts of delistings among `draftIds`; in a dry run those that would be made. */
  readonly delisted: number;
  readonly draftIds: readonly string[];
}

type Step =
  | { readonly kind: 'unchanged' }
  | {
      readonly kind: 'create';
      readonly revises?: { readonly digest: Uint8Array; readonly recordId: Uint8Array };
    }
  | { readonly kind: 'rewrite'; readonly draft: StoredDraft };

/** Before the keys of an exercise: its import knows nothing of the live one, and changes nothing of it (R21). */
const MARKS: Readonly<Record<World, string>> = { live: '', exercise: 'exercise/' };

/** Contents turned into text between two looks at what else there is to do: some tens of milliseconds. */
const TEXTS_AT_ONCE = 200;

/** What one entry needs, given the newest draft that it ever had. */
async function stepFor(
  tx: WriteTx,
  self: string,
  entry: ImportEntry,
  newest: StoredDraft | undefined,
  world: World,
): Promise<Step> {
  if (!newest) return { kind: 'create' };
  if (newest.importDigest && equalBytes(newest.importDigest, entry.digest)) return { kind: 'unchanged' };
  if (newest.state === 'draft' || newest.state === 'submitted') return { kind: 'rewrite', draft: newest };
  // Discarded before anything was released of it, or recalled since: the changed entry starts afresh.
  const current = newest.recordId && (await tx.records.current(self, newest.recordId, world));
  if (current?.state !== 'released') return { kind: 'create' };
  return { kind: 'create', revises: { digest: current.headerDigest, recordId: current.recordId } };
}

/** The slow part, done before the transaction, and in turns: a node has others to answer meanwhile. */
async function textsOf(
  entries: readonly ImportEntry[],
): Promise<readonly Pick<StoredDraft, 'content' | 'flags'>[]> {
  const texts: Pick<StoredDraft, 'content' | 'flags'>[] = [];
  for (const [at, { content, flags }] of entries.entries()) {
    texts.push({ content: storedContent(content), flags: storedFlags(flags) });
    if (at % TEXTS_AT_ONCE === TEXTS_AT_ONCE - 1) await setImmediate();
  }
  return texts;
}

/**
 * Writes a whole list as drafts. What is the same as before is left alone; importing again changes nothing. Throws
 * DELISTING_TOO_LARGE, INVALID where a delisting of what stands cannot be drafted.
 */
export async function importList(
  deps: LifecycleDeps<unknown>,
  request: ImportRequest,
): Promise<ImportResult> {
  const { officer, prefix, entries, note, submit = false, dryRun = false } = request;
  const now = deps.clock.nowMs();
  const state = submit ? 'submitted' : 'draft';
  // Also of a draft that is rewritten: who supplied what it says now must not be the one who releases it.
  const [first] = entries;
  const world = first === undefined ? 'live' : worldOf(first.content.marking.status);
  const mark = MARKS[world];
  const author = { drafter: officer.fingerprint, drafterName: officer.name };
  const texts = await textsOf(entries);
  return deps.store.write(async (tx) => {
    const known = new Map<string, StoredDraft>();
    for (const draft of await tx.drafts.imported(mark + prefix))
      if (draft.importKey) known.set(draft.importKey, draft);
    const result = { created: 0, changed: 0, unchanged: 0 };
    const fresh: StoredDraft[] = [];
    const draftIds: string[] = [];
    for (const [index, entry] of entries.entries()) {
      const step = await stepFor(tx, deps.self.node, entry, known.get(mark + entry.key), world);
      const text = texts[index];
      if (step.kind === 'unchanged' || !text) {
        result.unchanged += 1;
        continue;
      }
      if (step.kind === 'rewrite') {
        result.changed += 1;
        draftIds.push(step.draft.id);
        const change = {
          ...text,
          state,
          importDigest: entry.digest,
          note: checkedNote(note),
          ...author,
        } as const;
        if (!dryRun) await tx.drafts.change(step.draft.id, step.draft.state, change, now);
        continue;
      }
      if (step.revises) result.changed += 1;
      else result.created += 1;
      const draft: StoredDraft = {
        ...text,
        id: draftIdOf(deps.random, officer),
        kind: entry.content.kind,
        state,
        ...(step.revises && { revises: step.revises.digest, recordId: step.revises.recordId }),
        ...author,
        deskGroup: entry.content.deskGroup,
        note: checkedNote(note),
        importKey: mark + entry.key,
        importDigest: entry.digest,
        createdAt: now,
        updatedAt: now,
      };
      fresh.push(draft);
      draftIds.push(draft.id);
    }
    const listed = new Set(entries.map(({ key }) => mark + key));
    const gone = unsettled(known).filter(({ importKey = '' }) => !listed.has(importKey));
    const delist = request.delist === true;
    const standing = await standingBehind(tx, deps.self.node, delist ? unsettled(known) : gone, world);
    const vanished = gone.map(({ importKey = '' }): VanishedEntry => {
      const record = standing.get(importKey);
      return { key: importKey.slice(mark.length), ...(record && { recordId: record.recordId }) };
    });
    const due = delist ? gone.filter(({ importKey = '' }) => standing.has(importKey)) : [];
    if (request.allowLargeDelisting !== true) refuseLargeDelisting(due.length, standing.size);
    if (dryRun) return { ...result, vanished, delisted: due.length, draftIds: [] };
    await tx.drafts.insert(fresh);
    for (const newest of due) {
      const record = standing.get(newest.importKey ?? '');
      const gist = `${note}: no longer listed`;
      if (record)
        draftIds.push(await draftDelisting(deps, tx, { officer, newest, record, state, note: gist, now }));
    }
    const counts = { ...result, vanished: vanished.length, delisted: due.length, submitted: submit };
    await tx.audit.append([auditOf(officer, now, 'list.imported', prefix, counts)]);
    return { ...result, vanished, delisted: due.length, draftIds };
  });
}
