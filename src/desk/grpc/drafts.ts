/** RecordService, the half that writes: drafts, release with four eyes, revisions. */
import { DraftState } from '../../gen/tocsin/desk/v1/desk.ts';
import type { RecordServiceDefinition } from '../../gen/tocsin/desk/v1/record_service.ts';
import type { Lifecycle } from '../../lifecycle/index.ts';
import { flagsOf } from '../../lifecycle/index.ts';
import type { DraftQuery, StoredDraft } from '../../store/index.ts';
import { type Access, notFound } from '../access.ts';
import { DeskError } from '../errors.ts';
import {
  hiddenFacets,
  keepHidden,
  mayRelease,
  maySeeDraft,
  type OpenedDraft,
  openDraft,
  requireDraft,
} from '../open-draft.ts';
import { askedOf, holdRecord, judgeRecord } from '../open-record.ts';
import type { DeskNode, DeskStore } from '../ports.ts';
import { deskGroupFrom, deskGroupName } from '../purpose.ts';
import type { OfficerSession } from '../session.ts';
import { inWorld } from '../world.ts';
import { releaseDrafts } from './bulk-release.ts';
import type { DeskHandlers } from './handlers.ts';
import { draftStateOf, draftSummary, faults, recordSummary } from './messages.ts';
import { RequestFields, readField, subjectOf } from './request.ts';

export interface DraftDeps {
  readonly access: Access;
  readonly store: DeskStore;
  readonly node: DeskNode;
  readonly lifecycle: Pick<
    Lifecycle,
    | 'create'
    | 'update'
    | 'discard'
    | 'submit'
    | 'sendBack'
    | 'release'
    | 'releaseMany'
    | 'revise'
    | 'countersign'
  >;
}

type Method =
  | 'createDraft'
  | 'updateDraft'
  | 'discardDraft'
  | 'submitDraft'
  | 'sendBackDraft'
  | 'releaseDraft'
  | 'releaseDrafts'
  | 'reviseRecord'
  | 'countersignRecord'
  | 'getDraft'
  | 'listDrafts';

export function draftHandlers(deps: DraftDeps): Pick<DeskHandlers<RecordServiceDefinition>, Method> {
  const { access, store, node, lifecycle } = deps;

  const summary = (session: OfficerSession, draft: StoredDraft, title = openDraft(node, draft).title) =>
    draftSummary(draft, title, session.fingerprint);

  const opened = async (session: OfficerSession, id: string): Promise<OpenedDraft> =>
    requireDraft(access, node, session, await store.read((tx) => tx.drafts.byId(id)));

  /** Release and return are for releasers, by the policy on the record that it would become. */
  const requireRelease = async (session: OfficerSession, one: OpenedDraft): Promise<void> => {
    if (one.judged === undefined)
      throw new DeskError({
        code: 'STATE',
        message: 'the draft no longer reads as a record: discard it and draft anew',
      });
    await access.require(session, 'release', one.draft.id, askedOf(one.judged, session, undefined));
  };

  return {
    async createDraft(request, { session }) {
      const fields = new RequestFields();
      const requestId = fields.requestId('request_id', request.requestId);
      const note = fields.note('note', request.note);
      const content = fields.json('content_json', request.contentJson);
      checkDeskGroup(fields, content, session);
      const placed = inWorld(fields, content, session.world);
      fields.done();
      await access.require(session, 'draft', 'new draft', { kind: kindIn(content) });
      const made = await lifecycle.create({
        officer: session,
        content: placed,
        note,
        ...(requestId === '' ? {} : { requestId }),
      });
      return { draft: summary(session, made.draft), flags: faults(made.flags) };
    },

    async updateDraft(request, { session }) {
      const fields = new RequestFields();
      const draftId = fields.id('draft_id', request.draftId);
      const note = fields.note('note', request.note);
      const content = fields.json('content_json', request.contentJson);
      checkDeskGroup(fields, content, session);
      const placed = inWorld(fields, content, session.world);
      fields.done();
      const one = await opened(session, draftId);
      const { draft } = one;
      await access.require(session, 'draft', draftId, { kind: draft.kind });
      const whole = keepHidden(fields, placed, draft, hiddenFacets(access, session, one));
      fields.done();
      const made = await lifecycle.update({ officer: session, draftId, content: whole, note });
      return { draft: summary(session, made.draft), flags: faults(made.flags) };
    },

    async discardDraft(request, { session }) {
      const fields = new RequestFields();
      const draftId = fields.id('draft_id', request.draftId);
      const note = fields.note('note', request.note);
      fields.done();
      const one = await opened(session, draftId);
      const releases = mayRelease(access, session, one)?.allowed === true;
      if (!releases) await access.require(session, 'draft', draftId, { kind: one.draft.kind });
      const draft = await lifecycle.discard({ officer: session, draftId, ...(note === '' ? {} : { note }) });
      return { draft: summary(session, draft, one.title) };
    },

    async submitDraft(request, { session }) {
      const fields = new RequestFields();
      const draftId = fields.id('draft_id', request.draftId);
      const note = fields.note('note', request.note);
      fields.done();
      const one = await opened(session, draftId);
      await access.require(session, 'submit', draftId, { kind: one.draft.kind });
      const draft = await lifecycle.submit({ officer: session, draftId, note });
      return { draft: summary(session, draft, one.title) };
    },

    async sendBackDraft(request, { session }) {
      const fields = new RequestFields();
      const draftId = fields.id('draft_id', request.draftId);
      const note = fields.note('note', request.note);
      fields.done();
      const one = await opened(session, draftId);
      await requireRelease(session, one);
      const draft = await lifecycle.sendBack({ officer: session, draftId, note });
      return { draft: summary(session, draft, one.title) };
    },

    async releaseDraft(request, { session }) {
      const fields = new RequestFields();
      const draftId = fields.id('draft_id', request.draftId);
      const requestId = fields.requestId('request_id', request.requestId);
      fields.done();
      await requireRelease(session, await opened(session, draftId));
      if (requestId !== '') await access.audit(session, 'desk.request', draftId, { request: requestId });
      const released = await lifecycle.release({ officer: session, draftId });
      return {
        record: recordSummary(released.record),
        recipients: [...released.recipients],
        countersignDue: released.countersignDueAt !== undefined,
      };
    },

    releaseDrafts: (request, call) => releaseDrafts(deps, request, call),

    async reviseRecord(request, { session }) {
      const fields = new RequestFields();
      const headerDigest = fields.digest('header_digest', request.headerDigest);
      const note = fields.note('note', request.note);
      const content =
        request.contentJson === '' ? undefined : fields.json('content_json', request.contentJson);
      if (content !== undefined) checkDeskGroup(fields, content, session);
      const placed = content === undefined ? undefined : inWorld(fields, content, session.world);
      fields.done();
      await requireOnRecord(session, 'revise', headerDigest);
      const made = await lifecycle.revise({ officer: session, headerDigest, content: placed, note });
      return { draft: summary(session, made.draft), flags: faults(made.flags) };
    },

    async countersignRecord(request, { session }) {
      const headerDigest = readField((fields) => fields.digest('header_digest', request.headerDigest));
      await requireOnRecord(session, 'release', headerDigest);
      return { record: recordSummary(await lifecycle.countersign({ officer: session, headerDigest })) };
    },

    async getDraft(request, { session }) {
      const draftId = readField((fields) => fields.id('draft_id', request.draftId));
      const one = await opened(session, draftId);
      const hidden = hiddenFacets(access, session, one);
      await access.audit(session, 'draft.read', draftId, {
        facets: Object.keys(one.content?.facets ?? {})
          .filter((facet) => !hidden.includes(facet))
          .join(' '),
      });
      return {
        draft: summary(session, one.draft, one.title),
        contentJson: without(one.draft.content, hidden),
        flags: faults([
          ...flagsOf(one.draft),
          ...hidden.map((facet) => ({
            path: `facets.${facet}`,
            code: 'WITHHELD',
            message: 'is kept from this role; what is shown here is not the whole draft',
          })),
        ]),
      };
    },

    async listDrafts(request, { session }) {
      const fields = new RequestFields();
      const limit = fields.pageSize('page_size', request.pageSize);
      fields.done();
      await access.require(session, 'work', 'drafts');
      const state = draftStateOf(request.state);
      const query: DraftQuery = {
        states:
          request.state === DraftState.DRAFT_STATE_UNSPECIFIED || state === undefined
            ? ['draft', 'submitted']
            : [state],
        limit,
        ...(request.cursor === '' ? {} : { cursor: request.cursor }),
      };
      const page = await store.read((tx) => tx.drafts.list(query));
      const drafts = page.items
        .map((draft) => openDraft(node, draft))
        .filter((one) => maySeeDraft(access, session, one))
        .map(({ draft, title }) => summary(session, draft, title));
      await access.audit(session, 'draft.listed', 'drafts', { drafts: drafts.map(({ id }) => id).join(' ') });
      return { drafts, nextCursor: page.next ?? '' };
    },
  };

  /** An action on a stored record: NOT_FOUND where the officer may not know of it, REFUSED where only the action is. */
  async function requireOnRecord(
    session: OfficerSession,
    action: 'revise' | 'release',
    headerDigest: Uint8Array,
  ): Promise<void> {
    const held = await store.read(async (tx) => {
      const record = await tx.records.byDigest(headerDigest);
      return record === undefined ? undefined : holdRecord(tx, node.network, record);
    });
    if (held === undefined || !judgeRecord(access, session, 'read', held).allowed) throw notFound('record');
    await access.require(session, action, subjectOf(headerDigest), askedOf(held, session, held.items?.[0]));
  }
}

/** Officers speak for their own desk group. */
function checkDeskGroup(fields: RequestFields, content: unknown, session: OfficerSession): void {
  if (typeof content !== 'object' || content === null || !('deskGroup' in content)) return;
  const named = content.deskGroup;
  const group = typeof named === 'string' ? deskGroupFrom(named) : named;
  if (group === undefined || typeof group !== 'number') return;
  if (group !== session.deskGroup)
    fields.fault(
      'deskGroup',
      'DESK_GROUP_FOREIGN',
      `expected ${deskGroupName(session.deskGroup)}, the desk group of the officer; leave it out`,
    );
}

const kindIn = (content: unknown): string =>
  typeof content === 'object' && content !== null && 'kind' in content && typeof content.kind === 'string'
    ? content.kind.slice(0, 64)
    : '';

function without(contentText: string, hidden: readonly string[]): string {
  if (hidden.length === 0) return contentText;
  const content = JSON.parse(contentText) as { facets: Record<string, unknown> };
  const facets = Object.fromEntries(
    Object.entries(content.facets).filter(([name]) => !hidden.includes(name)),
  );
  return JSON.stringify({ ...content, facets });
}
