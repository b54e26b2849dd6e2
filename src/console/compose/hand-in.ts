/** Local drafts on their way to the node: saved, submitted, and those that waited for the link. */
import type { RequestOf } from '../../desk/http/contract.ts';
import { call, Refusal, standingNow } from '../api/client.ts';
import { contentJson } from './content.ts';
import { forgetDraft, keepDraft, type LocalDraft, localDraft, localDrafts } from './local-drafts.ts';
import { isOfWorld } from './world.ts';

/** Statuses of an answer that will be the same next time: bad request, forbidden, not found, conflict (RFC 9110 §15.5). */
const ANSWERED: readonly number[] = [400, 403, 404, 409];

const SUBMITTED: readonly string[] = ['DRAFT_STATE_SUBMITTED', 'DRAFT_STATE_RELEASED'];

/** Saves it at the node, as often as one likes. Throws `Refusal`. */
export async function saveAtNode(draft: LocalDraft): Promise<LocalDraft> {
  const request = { contentJson: contentJson(draft.content), note: draft.note };
  let { draftId } = draft;
  if (draftId === '') {
    // Written down before it is asked: where the answer is lost, what the node has may be older than what is here.
    await keepDraft({ ...draft, asked: true });
    const made = await call('RecordService/CreateDraft', { ...request, requestId: draft.id });
    draftId = made.draft?.id ?? '';
    const next = { ...draft, asked: true, draftId, unsaved: draft.asked };
    await keepDraft(next);
    // The same id again answers the same draft, with what it said when it was made.
    if (!draft.asked) return next;
  }
  await call('RecordService/UpdateDraft', { ...request, draftId });
  const next = { ...draft, asked: true, draftId, unsaved: false };
  await keepDraft(next);
  return next;
}

/** Saves and submits it; it is the node's from then on. Throws `Refusal`. */
export async function submitAtNode(draft: LocalDraft): Promise<void> {
  const { draftId } = await saveAtNode(draft);
  await call('RecordService/SubmitDraft', {
    draftId,
    note: draft.note,
  } satisfies RequestOf<'RecordService/SubmitDraft'>);
  await forgetDraft(draft.id);
}

/** What became of the drafts that waited. */
export interface HandedIn {
  readonly submitted: number;
  /** The node finds faults in them: they are drafts again. */
  readonly returned: number;
}

/** Whether an earlier attempt went through, and only its answer was lost. */
async function wasSubmitted({ id }: LocalDraft): Promise<boolean> {
  const draftId = (await localDraft(id))?.draftId ?? '';
  const { draft } = await call('RecordService/GetDraft', { draftId });
  if (draft === undefined || !SUBMITTED.includes(draft.state)) return false;
  await forgetDraft(id);
  return true;
}

/** Whether the node took it. What it finds fault with, or refuses for good, is its drafter's again; a lost link is thrown. */
async function handIn(draft: LocalDraft): Promise<boolean> {
  try {
    const { faults } = await call('PolicyService/CheckContent', { contentJson: contentJson(draft.content) });
    if (faults.length > 0) return false;
    await submitAtNode(draft);
    return true;
  } catch (error) {
    if (error instanceof Refusal && error.code === 'NOT_EDITABLE' && (await wasSubmitted(draft))) return true;
    if (error instanceof Refusal && ANSWERED.includes(error.status)) return false;
    throw error;
  }
}

/** Submits what waits for the link; of several windows one does it. Throws `Refusal` where the link is lost again. */
export async function handInWaiting(): Promise<HandedIn> {
  return navigator.locks.request('tocsin-hand-in', async () => {
    let submitted = 0;
    let returned = 0;
    const { mode } = standingNow();
    // What speaks in the other world waits for a window that works in it.
    for (const draft of (await localDrafts()).filter(
      ({ waits, content }) => waits && isOfWorld(content, mode),
    ))
      if (await handIn(draft)) submitted += 1;
      else {
        await keepDraft({ ...((await localDraft(draft.id)) ?? draft), waits: false });
        returned += 1;
      }
    return { submitted, returned };
  });
}
