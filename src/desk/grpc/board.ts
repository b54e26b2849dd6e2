/** BoardService: what a desk has before it, what waits for an officer, and by when. */
import { equalBytes } from '../../base/bytes.ts';
import {
  BoardAttention,
  type BoardRow,
  type BoardServiceDefinition,
  type Duty,
  DutyKind,
  type ListBoardRequest,
} from '../../gen/tocsin/desk/v1/board_service.ts';
import { RecordState } from '../../gen/tocsin/desk/v1/desk.ts';
import { DeskGroup, Tlp } from '../../gen/tocsin/record/v1/marking.ts';
import { readQuestion, scrubOf } from '../../lifecycle/index.ts';
import { kindOf, type NamedPoint, placesIn } from '../../record/index.ts';
import {
  auditRecords,
  type PlacedAnswer,
  type ReadTx,
  type RecordQuery,
  type StoredDraft,
  type StoredRecord,
} from '../../store/index.ts';
import type { Access } from '../access.ts';
import { arrivalOf, attentionTo } from '../attention.ts';
import { markOf } from '../marks.ts';
import { mayRelease, maySeeDraft, openDraft } from '../open-draft.ts';
import {
  askedOf,
  holdRecord,
  judgeRecord,
  type OpenedRecord,
  openByDigest,
  openHeld,
  shownFacets,
  titleShown,
} from '../open-record.ts';
import type { DeskNode, DeskStore } from '../ports.ts';
import type { PrivateScreeningPort } from '../private-screening-port.ts';
import { acknowledgeMs } from '../progress.ts';
import type { OfficerSession } from '../session.ts';
import type { DeskHandlers } from './handlers.ts';
import { latePartners } from './late-partners.ts';
import { buffer, recordStateOf, recordSummary } from './messages.ts';
import { privateDuties } from './private-duties.ts';
import { RequestFields } from './request.ts';

export interface BoardDeps {
  readonly access: Access;
  readonly store: DeskStore;
  readonly node: DeskNode;
  /** Undefined where this node does not take part. */
  readonly privateScreening: PrivateScreeningPort | undefined;
}

/** Store pages that one call reads at most: what an officer may not see, or filtered out, costs bounded work. */
const SCANNED_PAGES = 20;
const MAX_PLACES = 20;
const MAX_DUTIES = 500;
/** A page of the answers that are looked at for whether somebody read them. */
const ANSWERS_AT_ONCE = 100;

export function boardHandlers(deps: BoardDeps): DeskHandlers<BoardServiceDefinition> {
  const { access, store, node } = deps;
  return {
    async listBoard(request, { session }) {
      const asked = askedFor(request);
      await access.require(session, 'search', 'board');
      const answer = await store.read(async (tx) => {
        const rows: BoardRow[] = [];
        let { cursor } = asked;
        for (let page = 0; page < SCANNED_PAGES && rows.length < asked.limit; page += 1) {
          const found = await tx.records.list({
            ...asked.query,
            world: session.world,
            limit: asked.limit - rows.length,
            ...(cursor === undefined ? {} : { cursor }),
          });
          for (const record of found.items) {
            const row = await rowOf(tx, deps, session, record, asked);
            if (row !== undefined) rows.push(row);
          }
          cursor = found.next;
          if (cursor === undefined) break;
        }
        return { rows, nextCursor: cursor ?? '' };
      });
      const { text, kind, originator } = asked.query;
      await access.audit(session, text === undefined ? 'record.listed' : 'record.searched', 'board', {
        records: auditRecords(answer.rows.map(({ record }) => record?.headerDigest ?? new Uint8Array())),
        ...(text === undefined ? {} : { text }),
        ...(kind === undefined ? {} : { kind }),
        ...(originator === undefined ? {} : { originator }),
      });
      return answer;
    },

    async listDuties(_request, { session }) {
      await access.require(session, 'work', 'duties');
      const duties = await store.read(async (tx) => [
        ...(await countersigns(tx, deps, session)),
        ...(await openings(tx, deps, session)),
        ...(await drafts(tx, deps, session)),
        ...(await questions(tx, deps, session)),
        ...(await unreadAnswers(tx, deps, session)),
        ...(deps.privateScreening === undefined ? [] : await privately(tx, session)),
        ...(await latePartners(tx, deps, session)),
      ]);
      await access.audit(session, 'duty.listed', 'duties', { duties: duties.length });
      return { duties: duties.sort(byDue).slice(0, MAX_DUTIES) };

      function byDue(a: Duty, b: Duty): number {
        const [dueA, dueB] = [a.dueAt === 0n ? a.since : a.dueAt, b.dueAt === 0n ? b.since : b.dueAt];
        return Number(dueA - dueB);
      }
    },
  };

  function privately(tx: ReadTx, session: OfficerSession): Promise<Duty[]> {
    return privateDuties(tx, {
      access,
      session,
      isShown: async (headerDigest) => (await openByDigest(tx, deps, headerDigest, session)) !== undefined,
      none: NO_DUTY,
    });
  }

  async function drafts(tx: ReadTx, { access }: BoardDeps, session: OfficerSession): Promise<Duty[]> {
    const page = await tx.drafts.list({ states: ['draft', 'submitted'], limit: MAX_DUTIES });
    // A report that nobody scrubbed cannot be released yet (R9): it waits on the hotline's own page.
    const ready: StoredDraft[] = [];
    for (const draft of page.items)
      if (draft.kind !== 'hotline-report' || draft.revises || (await scrubOf(tx, draft))) ready.push(draft);
    return ready
      .map((draft) => openDraft(node, draft))
      .filter((one) => maySeeDraft(access, session, one))
      .flatMap((one): Duty[] => {
        const { draft, title } = one;
        const own = draft.drafter === session.fingerprint;
        const about = {
          ...NO_DUTY,
          draftId: draft.id,
          recordKind: draft.kind,
          title,
          from: draft.drafterName,
          since: BigInt(draft.updatedAt),
          note: draft.note,
        };
        if (draft.state === 'submitted' && !own && mayRelease(access, session, one)?.allowed === true)
          return [{ ...about, kind: DutyKind.DUTY_KIND_RELEASE }];
        if (draft.state === 'draft' && own && draft.releaser !== undefined)
          return [{ ...about, kind: DutyKind.DUTY_KIND_REWORK }];
        return [];
      });
  }

  async function countersigns(tx: ReadTx, { access }: BoardDeps, session: OfficerSession): Promise<Duty[]> {
    const duties: Duty[] = [];
    for (const { headerDigest, releaser, releasedAt, dueAt } of await tx.duties.openCountersigns()) {
      if (releaser === session.fingerprint) continue;
      const opened = await openByDigest(tx, deps, headerDigest, session);
      if (opened === undefined) continue;
      if (!access.judge(session, 'release', askedOf(opened, session, undefined)).allowed) continue;
      duties.push({
        ...NO_DUTY,
        kind: DutyKind.DUTY_KIND_COUNTERSIGN,
        headerDigest: buffer(headerDigest),
        recordKind: opened.record.kind,
        title: titleShown(opened) ? opened.record.title : '',
        since: BigInt(releasedAt),
        dueAt: BigInt(dueAt),
      });
    }
    return duties;
  }

  /** What partners ask about records of this desk group, and answers to what it asked. */
  async function questions(tx: ReadTx, { access }: BoardDeps, session: OfficerSession): Promise<Duty[]> {
    const duties: Duty[] = [];
    for (const { headerDigest } of await tx.taskings.open(MAX_DUTIES)) {
      const asked = await readQuestion(tx, headerDigest);
      if (asked === undefined || asked.closed || asked.record.origin === 'own') continue;
      const about = await openByDigest(tx, deps, asked.tasking.record, session);
      if (about === undefined || about.items !== undefined) continue;
      if (!access.judge(session, 'answer', askedOf(about, session, undefined)).allowed) continue;
      duties.push({
        ...NO_DUTY,
        kind: DutyKind.DUTY_KIND_ANSWER,
        headerDigest: buffer(asked.tasking.record),
        recordKind: about.record.kind,
        title: titleShown(about) ? about.record.title : '',
        from: asked.record.originator,
        since: BigInt(asked.record.committedAt),
        dueAt: asked.tasking.due,
        note: asked.tasking.question,
      });
    }
    return duties;
  }

  /** However many were read since: one that nobody read is a duty. */
  async function* answersOf(tx: ReadTx): AsyncGenerator<PlacedAnswer> {
    let page = await tx.taskings.answered(ANSWERS_AT_ONCE);
    while (page.length > 0) {
      yield* page;
      page = await tx.taskings.answered(ANSWERS_AT_ONCE, page.at(-1)?.position);
    }
  }

  /** Answers to what this desk group asked, until one of it read them. */
  async function unreadAnswers(tx: ReadTx, _deps: BoardDeps, session: OfficerSession): Promise<Duty[]> {
    const duties: Duty[] = [];
    for await (const { headerDigest, tasking } of answersOf(tx)) {
      if (duties.length === MAX_DUTIES) break;
      const marked = { what: 'read', headerDigest, deskGroup: session.deskGroup } as const;
      if ((await markOf(tx, marked)) !== undefined) continue;
      const asked = await readQuestion(tx, tasking);
      if (asked === undefined || asked.record.deskGroup !== session.deskGroup) continue;
      const about = await openByDigest(tx, deps, asked.tasking.record, session);
      if (about === undefined) continue;
      const said = asked.answers.find(({ record }) => equalBytes(record.headerDigest, headerDigest));
      duties.push({
        ...NO_DUTY,
        kind: DutyKind.DUTY_KIND_READ_ANSWER,
        headerDigest: buffer(asked.tasking.record),
        recordKind: about.record.kind,
        title: titleShown(about) ? about.record.title : '',
        from: asked.to,
        since: BigInt(said?.record.committedAt ?? 0),
      });
    }
    return duties;
  }

  async function openings(tx: ReadTx, { access }: BoardDeps, session: OfficerSession): Promise<Duty[]> {
    const page = await tx.breakGlass.list({
      exercise: session.world === 'exercise',
      notReviewed: true,
      limit: MAX_DUTIES,
    });
    const duties: Duty[] = [];
    for (const one of page.items) {
      if (one.originator !== node.self || one.recordDeskGroup !== session.deskGroup) continue;
      const opened = await openByDigest(tx, deps, one.headerDigest, session);
      if (opened === undefined || !judgeRecord(access, session, 'review-break-glass', opened).allowed)
        continue;
      duties.push({
        ...NO_DUTY,
        kind: DutyKind.DUTY_KIND_REVIEW_OPENING,
        headerDigest: buffer(one.opening),
        recordKind: opened.record.kind,
        title: titleShown(opened) ? opened.record.title : '',
        from: `${one.officer}, ${one.node}`,
        since: BigInt(one.openedAt),
        note: one.reason,
      });
    }
    return duties;
  }
}

const NO_DUTY: Duty = {
  kind: DutyKind.DUTY_KIND_UNSPECIFIED,
  draftId: '',
  headerDigest: Buffer.alloc(0),
  recordKind: '',
  title: '',
  from: '',
  since: 0n,
  dueAt: 0n,
  note: '',
};

interface AskedFor {
  readonly query: Omit<RecordQuery, 'world' | 'limit' | 'cursor'>;
  readonly limit: number;
  readonly cursor: string | undefined;
  readonly attention: BoardAttention;
}

function askedFor(request: ListBoardRequest): AskedFor {
  const fields = new RequestFields();
  const limit = fields.pageSize('page_size', request.pageSize);
  const text = fields.search('text', request.text).trim();
  const kind = fields.text('kind', request.kind, 64);
  if (request.originator !== '') fields.node('originator', request.originator);
  fields.done();
  const state = recordStateOf(request.state);
  return {
    limit,
    cursor: request.cursor === '' ? undefined : request.cursor,
    attention: request.attention,
    query: {
      ...(kind === '' ? {} : { kind }),
      ...(text === '' ? {} : { text }),
      ...(request.originator === '' ? {} : { originator: request.originator }),
      ...(request.state === RecordState.RECORD_STATE_UNSPECIFIED || state === undefined ? {} : { state }),
      ...(request.tlp === Tlp.TLP_UNSPECIFIED ? {} : { tlp: request.tlp }),
      ...(request.deskGroup === DeskGroup.DESK_GROUP_UNSPECIFIED ? {} : { deskGroup: request.deskGroup }),
      ...(request.arrivedOnly ? { origin: 'partner' as const } : {}),
    },
  };
}

async function rowOf(
  tx: ReadTx,
  { access, node }: BoardDeps,
  session: OfficerSession,
  record: StoredRecord,
  { query, attention }: AskedFor,
): Promise<BoardRow | undefined> {
  if (kindOf(record.kind)?.control === true && query.kind !== record.kind) return undefined;
  const held = await holdRecord(tx, node.network, record);
  const arrived = arrivalOf(held.items);
  const seen = arrived && (await attentionTo(tx, session, record, arrived.position));
  if (attention !== BoardAttention.BOARD_ATTENTION_UNSPECIFIED && seen?.attention !== attention)
    return undefined;
  const opened = await openHeld(tx, access, held, session);
  if (opened === undefined) return undefined;
  const shown = titleShown(opened);
  // A search must not tell what a title says that is not shown.
  if (!shown && query.text !== undefined) return undefined;
  return {
    record: recordSummary(record, shown, opened.late),
    position: BigInt(arrived?.position ?? 0),
    sender: arrived?.sender ?? '',
    receivedAt: BigInt(arrived?.receivedAt ?? record.committedAt),
    attention: seen?.attention ?? BoardAttention.BOARD_ATTENTION_UNSPECIFIED,
    acknowledgedBy: seen?.by ?? '',
    acknowledgedAt: BigInt(seen?.at ?? 0),
    acknowledgeBy: BigInt(arrived === undefined ? 0 : arrived.receivedAt + acknowledgeMs(record.priority)),
    conditionPending: opened.conditionPending,
    places: placesOf(opened),
  };
}

function placesOf(opened: OpenedRecord): NamedPoint[] {
  const places: NamedPoint[] = [];
  for (const { facet, body } of shownFacets(opened)) {
    if (places.length >= MAX_PLACES) break;
    places.push(...placesIn(opened.record.kind, facet, body, MAX_PLACES - places.length));
  }
  return places;
}
