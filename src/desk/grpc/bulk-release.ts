/** Release of many drafts: each judged by itself, refusals beside successes, progress after each. */
import { LIMITS } from '../../base/limits.ts';
import type { ReleaseDraftsRequest, ReleaseDraftsResponse } from '../../gen/tocsin/desk/v1/record_service.ts';
import type { Lifecycle } from '../../lifecycle/index.ts';
import type { World } from '../../record/index.ts';
import type { DraftQuery } from '../../store/index.ts';
import { type Access, notFound } from '../access.ts';
import { refuseFaults } from '../errors.ts';
import { mayRelease, maySeeDraft, openDraft } from '../open-draft.ts';
import type { DeskNode, DeskStore } from '../ports.ts';
import type { DeskCall } from './handlers.ts';
import { buffer } from './messages.ts';
import { RequestFields } from './request.ts';

interface BulkDeps {
  readonly access: Access;
  readonly store: DeskStore;
  readonly node: DeskNode;
  readonly lifecycle: Pick<Lifecycle, 'releaseMany'>;
}

export async function* releaseDrafts(
  deps: BulkDeps,
  request: ReleaseDraftsRequest,
  { session, signal, assertStillValid }: DeskCall,
): AsyncGenerator<ReleaseDraftsResponse> {
  const { access, store, node, lifecycle } = deps;
  const ids = await idsOf(store, node, request, session.world);
  if (request.requestId !== '')
    await access.audit(session, 'desk.request', 'many drafts', { request: request.requestId });
  // Each draft is judged by itself; what this officer may not release never reaches the life cycle.
  const refusals: ReleaseDraftsResponse[] = [];
  const permitted: string[] = [];
  const total = ids.length;
  const refuse = (draftId: string, refusalCode: string, refusalDetail: string) => {
    const refused = refusals.length + 1;
    refusals.push({
      done: refused,
      total,
      refused,
      draftId,
      headerDigest: buffer(undefined),
      refusalCode,
      refusalDetail,
    });
  };
  for (const id of ids) {
    const draft = await store.read((tx) => tx.drafts.byId(id));
    const one = draft === undefined ? undefined : openDraft(node, draft);
    if (one === undefined || !maySeeDraft(access, session, one)) {
      refuse(id, 'NOT_FOUND', notFound('draft').message);
      continue;
    }
    const decision = mayRelease(access, session, one);
    if (decision?.allowed === true) permitted.push(id);
    else refuse(id, 'REFUSED', decision?.reason ?? 'the draft no longer reads as a record');
  }
  if (refusals.length > 0)
    await access.audit(session, 'desk.refused', 'many drafts', {
      wanted: 'release',
      drafts: refusals.length,
    });
  yield* refusals;
  const before = refusals.length;
  for await (const step of lifecycle.releaseMany({ officer: session, draftIds: permitted, signal })) {
    assertStillValid();
    yield {
      done: before + step.done,
      total,
      refused: before + step.refused,
      draftId: step.draftId ?? '',
      headerDigest: buffer(step.headerDigest),
      refusalCode: step.refusal?.code ?? '',
      refusalDetail: step.refusal?.message ?? '',
    };
  }
}

/** The drafts that a bulk release names, or those submitted that its filter takes. */
async function idsOf(
  store: DeskStore,
  node: DeskNode,
  request: ReleaseDraftsRequest,
  world: World,
): Promise<readonly string[]> {
  const fields = new RequestFields();
  fields.requestId('request_id', request.requestId);
  if (request.draftIds.length > LIMITS.deskBulk)
    fields.fault('draft_ids', 'TOO_MANY', `expected at most ${LIMITS.deskBulk}`);
  request.draftIds.forEach((id, index) => {
    fields.id(`draft_ids[${index}]`, id);
  });
  fields.done();
  if (request.draftIds.length > 0) return [...new Set(request.draftIds)];
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const query: DraftQuery = {
      states: ['submitted'],
      limit: LIMITS.deskPage,
      ...(request.kind === '' ? {} : { kind: request.kind }),
      ...(cursor === undefined ? {} : { cursor }),
    };
    const page = await store.read((tx) => tx.drafts.list(query));
    for (const draft of page.items)
      if ((!request.importedOnly || draft.importKey !== undefined) && openDraft(node, draft).world === world)
        ids.push(draft.id);
    cursor = page.next;
  } while (cursor !== undefined && ids.length <= LIMITS.deskBulk);
  if (ids.length > LIMITS.deskBulk)
    refuseFaults([
      {
        path: 'draft_ids',
        code: 'TOO_MANY',
        message: `expected at most ${LIMITS.deskBulk} drafts at once: name them, or a kind`,
      },
    ]);
  return ids;
}
