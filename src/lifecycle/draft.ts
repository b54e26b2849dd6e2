/** Drafts by officers: make, change, hand in, send back, give up. Each is durable when its promise resolves. */
import { hex, lengthPrefixed, utf8 } from '../base/bytes.ts';
import type { FieldFault } from '../base/error.ts';
import { LIMITS } from '../base/limits.ts';
import { sha256, type World, worldOf } from '../record/index.ts';
import type { DraftChange, StoredDraft, WriteTx } from '../store/index.ts';
import { contentOfDropped } from './caller-words.ts';
import {
  auditOf,
  type LifecycleDeps,
  readStored,
  readTyped,
  storedContent,
  storedFlags,
  unknownDraft,
} from './context.ts';
import { refuse } from './errors.ts';
import { requireBlobs } from './named-files.ts';
import type { Officer } from './ports.ts';

export interface DraftResult {
  readonly draft: StoredDraft;
  /** What is suspicious but permitted. */
  readonly flags: readonly FieldFault[];
}

export interface CreateDraft {
  readonly officer: Officer;
  /** The record's JSON form; see contentFromJson. */
  readonly content: unknown;
  readonly note?: string;
  /** The same id by the same officer answers the same draft again. */
  readonly requestId?: string;
}

export interface OnDraft {
  readonly officer: Officer;
  readonly draftId: string;
}

const DRAFT_ID_BYTES = 16;

export function draftIdOf(
  random: LifecycleDeps<unknown>['random'],
  officer: Officer,
  requestId = '',
  world: World = 'live',
): string {
  if (requestId === '') return hex(random.bytes(DRAFT_ID_BYTES));
  // A request of an exercise never answers a live one (R21).
  const parts = [officer.fingerprint, requestId, ...(world === 'exercise' ? [world] : [])];
  const digest = sha256(...parts.map((part) => lengthPrefixed(utf8(part))));
  return hex(digest.subarray(0, DRAFT_ID_BYTES));
}

export function checkedNote(note: string): string {
  if (note.length <= LIMITS.textLength && !note.includes('\0')) return note;
  const fault = {
    path: 'note',
    code: 'TOO_LONG',
    message: `expected at most ${LIMITS.textLength} characters`,
  };
  throw refuse('INVALID', 'expected a shorter note without NUL characters', { faults: [fault] });
}

/** Makes a draft. Throws INVALID with every fault, NOT_DRAFTABLE, REQUEST_REUSED. */
export async function createDraft(
  deps: LifecycleDeps<unknown>,
  { officer, content: json, note = '', requestId }: CreateDraft,
): Promise<DraftResult> {
  const now = deps.clock.nowMs();
  const { content, flags } = readTyped(json, officer, now);
  const draft: StoredDraft = {
    id: draftIdOf(deps.random, officer, requestId, worldOf(content.marking.status)),
    kind: content.kind,
    content: storedContent(content),
    state: 'draft',
    drafter: officer.fingerprint,
    drafterName: officer.name,
    deskGroup: content.deskGroup,
    note: checkedNote(note),
    flags: storedFlags(flags),
    createdAt: now,
    updatedAt: now,
  };
  return deps.store.write(async (tx) => {
    const before = requestId ? await tx.drafts.byId(draft.id) : undefined;
    if (before) {
      if (before.drafter !== officer.fingerprint || before.kind !== draft.kind)
        throw refuse('REQUEST_REUSED', 'expected a new request id: this one made another draft');
      return { draft: before, flags };
    }
    await tx.drafts.insert([draft]);
    await tx.audit.append([auditOf(officer, now, 'draft.created', draft.id, { kind: draft.kind })]);
    return { draft, flags };
  });
}

/**
 * Replaces the content of a draft not yet submitted. Only its drafter may: else a second author could release what he
 * wrote himself. Throws INVALID, NOT_FOUND, NOT_DRAFTER, NOT_EDITABLE.
 */
export async function updateDraft(
  deps: LifecycleDeps<unknown>,
  { officer, draftId, content: json, note }: OnDraft & { readonly content: unknown; readonly note?: string },
): Promise<DraftResult> {
  const now = deps.clock.nowMs();
  const { content, flags } = readTyped(json, officer, now);
  const draft = await step(deps, { officer, draftId }, 'draft.updated', now, (before) => {
    if (before.drafter !== officer.fingerprint)
      throw refuse('NOT_DRAFTER', 'expected the drafter; send it back with a note, or draft anew');
    if (before.kind !== content.kind)
      throw refuse('INVALID', `expected content of kind ${before.kind}`, {
        faults: [
          { path: 'kind', code: 'KIND_CHANGED', message: `expected ${before.kind}; draft another kind anew` },
        ],
      });
    return {
      content: storedContent(content),
      flags: storedFlags(flags),
      ...(note !== undefined && { note: checkedNote(note) }),
    };
  });
  return { draft, flags };
}

/** Hands a draft to the releasers. Submitting twice does no harm. Throws NOT_FOUND, NOT_EDITABLE, INVALID. */
export async function submitDraft(
  deps: LifecycleDeps<unknown>,
  { officer, draftId, note }: OnDraft & { readonly note?: string },
): Promise<StoredDraft> {
  const now = deps.clock.nowMs();
  const before = await deps.store.read((tx) => tx.drafts.byId(draftId));
  if (!before) throw unknownDraft(draftId);
  if (before.state === 'submitted') return before;
  const content = readStored(before, now);
  await deps.store.read((tx) => requireBlobs(tx, content));
  return step(deps, { officer, draftId }, 'draft.submitted', now, () => ({
    state: 'submitted',
    ...(note !== undefined && note !== '' && { note: checkedNote(note) }),
  }));
}

/** Returns a submitted draft to its drafter. Throws NOTE_REQUIRED, NOT_FOUND, NOT_SUBMITTED. */
export async function sendBackDraft(
  deps: LifecycleDeps<unknown>,
  { officer, draftId, note }: OnDraft & { readonly note: string },
): Promise<StoredDraft> {
  if (note.trim() === '') throw refuse('NOTE_REQUIRED', 'expected a note that says what has to change');
  const change: DraftChange = { state: 'draft', note: checkedNote(note), releaser: officer.fingerprint };
  return deps.store.write(async (tx) => {
    const now = deps.clock.nowMs();
    const before = await tx.drafts.byId(draftId);
    if (!before) throw unknownDraft(draftId);
    if (!(await tx.drafts.change(draftId, 'submitted', change, now))) throw notSubmitted(before);
    await tx.audit.append([auditOf(officer, now, 'draft.sent-back', draftId)]);
    return { ...before, ...change, updatedAt: now };
  });
}

/** Gives up a draft, submitted or not. Discarding twice does no harm. Throws NOT_FOUND, NOT_EDITABLE. */
export async function discardDraft(
  deps: LifecycleDeps<unknown>,
  { officer, draftId, note }: OnDraft & { readonly note?: string },
): Promise<StoredDraft> {
  return deps.store.write(async (tx) => {
    const now = deps.clock.nowMs();
    const before = await tx.drafts.byId(draftId);
    if (!before) throw unknownDraft(draftId);
    if (before.state === 'discarded') return before;
    const change: DraftChange = {
      state: 'discarded',
      content: contentOfDropped(before),
      ...(note !== undefined && { note: checkedNote(note) }),
    };
    if (before.state === 'released' || !(await tx.drafts.change(draftId, before.state, change, now)))
      throw notEditable(before);
    await tx.audit.append([auditOf(officer, now, 'draft.discarded', draftId)]);
    return { ...before, ...change, updatedAt: now };
  });
}

export const notSubmitted = (draft: StoredDraft) =>
  refuse(
    'NOT_SUBMITTED',
    draft.state === 'submitted'
      ? 'expected the draft as it was read, it was changed meanwhile; look at it again'
      : `expected a submitted draft, this one is ${draft.state}; submit it first`,
    { facts: { draft: draft.id, state: draft.state } },
  );

export const notEditable = (draft: StoredDraft) =>
  refuse(
    'NOT_EDITABLE',
    `expected an open draft, this one is ${draft.state}; revise the record, or draft anew`,
    {
      facts: { draft: draft.id, state: draft.state },
    },
  );

/** One change of a draft in state `draft`, with its audit row. */
function step(
  deps: LifecycleDeps<unknown>,
  { officer, draftId }: OnDraft,
  action: string,
  now: number,
  change: (before: StoredDraft) => DraftChange,
): Promise<StoredDraft> {
  return deps.store.write(async (tx: WriteTx) => {
    const before = await tx.drafts.byId(draftId);
    if (!before) throw unknownDraft(draftId);
    const changes = change(before);
    if (!(await tx.drafts.change(draftId, 'draft', changes, now))) throw notEditable(before);
    await tx.audit.append([auditOf(officer, now, action, draftId)]);
    return { ...before, ...changes, updatedAt: now };
  });
}
