/**
 * Drafts on this device: they survive a crash, a lost link and a closed window. Sealed for their officer: whoever signs in after
 * him, or looks into the browser's files, reads nothing of them.
 */
import { within } from '../api/database.ts';
import { sealingNow } from '../api/kept.ts';
import type { Sealed } from '../api/sealing.ts';
import type { Content } from './content.ts';
import { stale } from './draft-age.ts';

export interface LocalDraft {
  readonly id: string;
  readonly content: Content;
  readonly note: string;
  /** Id of the draft at the node, once it was saved there. */
  readonly draftId: string;
  /** The node was asked to make it: it may have, although its answer was lost on the way. */
  readonly asked: boolean;
  /** Milliseconds UTC. */
  readonly changedAt: number;
  /** Is submitted once the node answers again. */
  readonly waits: boolean;
  /** Says what the node was never told; absent in what an earlier build kept, which may. */
  readonly unsaved?: boolean;
}

interface Row extends Sealed {
  readonly id: string;
  readonly changedAt: number;
}

const TABLE = { database: 'tocsin-drafts', version: 2 };
export async function keepDraft(draft: LocalDraft): Promise<void> {
  const sealing = await sealingNow();
  if (sealing === undefined) throw new Error('expected somebody who is signed in');
  const { id, changedAt } = draft;
  const row: Row = { id, changedAt, ...(await sealing.seal(id, draft)) };
  await within(TABLE, 'readwrite', (rows) => rows.put(row));
}

export const forgetDraft = (id: string): Promise<unknown> =>
  within(TABLE, 'readwrite', (rows) => rows.delete(id));

/** Of the officer who is signed in, the last changed first; what others left here does not open. */
export async function localDrafts(): Promise<readonly LocalDraft[]> {
  const all = await within<Row[]>(TABLE, 'readonly', (rows) => rows.getAll());
  for (const id of stale(all, Date.now())) await forgetDraft(id);
  const opened = await Promise.all(all.map(opening));
  return opened.filter((draft) => draft !== undefined).sort((a, b) => b.changedAt - a.changedAt);
}

/** What this device holds of a draft of the node, beyond what the node was told; the last changed first. */
export const unsavedOf = async (draftId: string): Promise<readonly LocalDraft[]> =>
  (await localDrafts()).filter((draft) => draft.draftId === draftId && draft.unsaved !== false);

export async function localDraft(id: string): Promise<LocalDraft | undefined> {
  const row = await within<Row | undefined>(TABLE, 'readonly', (rows) => rows.get(id));
  return row && opening(row);
}

async function opening(row: Row): Promise<LocalDraft | undefined> {
  return (await (await sealingNow())?.open(row.id, row)) as LocalDraft | undefined;
}
