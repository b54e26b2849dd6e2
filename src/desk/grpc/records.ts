/** RecordService, the half that reads: lists, one record with its proof, conditions, evidence. */
import { RecordState } from '../../gen/tocsin/desk/v1/desk.ts';
import type { ListRecordsRequest, RecordServiceDefinition } from '../../gen/tocsin/desk/v1/record_service.ts';
import { collectEvidence } from '../../ledger/index.ts';
import type { BreakGlassDesk } from '../../lifecycle/index.ts';
import { kindOf } from '../../record/index.ts';
import {
  auditRecords,
  type ReadTx,
  type RecordQuery,
  type StoredOpening,
  type WriteTx,
} from '../../store/index.ts';
import { notFound } from '../access.ts';
import { DeskError } from '../errors.ts';
import { setMark } from '../marks.ts';
import {
  askedOf,
  filledFacets,
  holdRecord,
  type OpenedRecord,
  openByDigest,
  openHeld,
  shownFacets,
  titleShown,
} from '../open-record.ts';
import type { DeskStore } from '../ports.ts';
import type { OfficerSession } from '../session.ts';
import { hasCondition } from '../visibility.ts';
import type { DeskHandlers } from './handlers.ts';
import { buffer, recordStateOf, recordSummary } from './messages.ts';
import { type RecordViewDeps, showRecord } from './record-view.ts';
import { RequestFields, readField, subjectOf } from './request.ts';

export interface RecordDeps extends RecordViewDeps {
  readonly store: DeskStore;
  readonly breakGlass: Pick<BreakGlassDesk, 'read'>;
}

type Method = 'listRecords' | 'getRecord' | 'acceptConditions' | 'exportEvidence';

interface Found<More> {
  readonly opened: OpenedRecord;
  /** Openings of the officer that count for this call. */
  readonly glass: readonly StoredOpening[];
  readonly more: More;
}
const noGlass = (): Promise<readonly StoredOpening[]> => Promise.resolve([]);

/** Store pages that one list call reads at most: what an officer may not see costs bounded work. */
const SCANNED_PAGES = 20;
const PIECE_BYTES = 256 * 1024;

export function recordHandlers(deps: RecordDeps): Pick<DeskHandlers<RecordServiceDefinition>, Method> {
  const { access, store, node } = deps;

  /** The opened record and what `more` reads of it in the same state; NOT_FOUND, audited where it does exist, otherwise. */
  const requireRecord = async <More>(
    session: OfficerSession,
    find: (tx: ReadTx) => Promise<Uint8Array | undefined>,
    more: (tx: ReadTx, opened: OpenedRecord) => Promise<More>,
    glassOf: (tx: ReadTx, digest: Uint8Array) => Promise<readonly StoredOpening[]> = noGlass,
  ): Promise<Found<More>> => {
    const found = await store.read(async (tx) => {
      const digest = await find(tx);
      if (digest === undefined) return undefined;
      const glass = await glassOf(tx, digest);
      const opened = await openByDigest(tx, deps, digest, session, glass);
      if (opened !== undefined)
        return { kind: 'shown', opened, glass, more: await more(tx, opened) } as const;
      return (await tx.records.byDigest(digest)) === undefined
        ? undefined
        : ({ kind: 'hidden', digest } as const);
    });
    if (found === undefined) throw notFound('record');
    if (found.kind === 'shown') return found;
    await access.audit(session, 'desk.refused', subjectOf(found.digest), { wanted: 'read' });
    throw notFound('record');
  };

  const byDigest = async (session: OfficerSession, headerDigest: Uint8Array): Promise<OpenedRecord> => {
    const found = await requireRecord(
      session,
      () => Promise.resolve(headerDigest),
      () => Promise.resolve(undefined),
    );
    return found.opened;
  };

  return {
    async listRecords(request, { session }) {
      const query = queryOf(request);
      await access.require(session, 'search', 'records');
      const answer = await store.read(async (tx) => {
        const records = [];
        let cursor = query.cursor;
        for (let page = 0; page < SCANNED_PAGES && records.length < query.limit; page += 1) {
          const found = await tx.records.list({
            ...query,
            world: session.world,
            limit: query.limit - records.length,
            ...(cursor === undefined ? {} : { cursor }),
          });
          for (const record of found.items) {
            if (kindOf(record.kind)?.control === true && query.kind !== record.kind) continue;
            const held = await holdRecord(tx, node.network, record);
            const opened = await openHeld(tx, access, held, session);
            if (opened === undefined) continue;
            const shown = titleShown(opened);
            // A search must not tell what a title says that is not shown.
            if (shown || query.text === undefined) records.push(recordSummary(record, shown, opened.late));
          }
          cursor = found.next;
          if (cursor === undefined) break;
        }
        return { records, nextCursor: cursor ?? '' };
      });
      await access.audit(session, query.text === undefined ? 'record.listed' : 'record.searched', 'records', {
        records: auditRecords(answer.records.map(({ headerDigest }) => headerDigest)),
        ...asFacts(query),
      });
      return answer;
    },

    async getRecord(request, { session }) {
      const fields = new RequestFields();
      const byId = request.headerDigest.length === 0;
      if (byId) {
        fields.recordId('record_id', request.recordId);
        if (request.originator !== '') fields.node('originator', request.originator);
      } else fields.digest('header_digest', request.headerDigest);
      fields.done();
      const {
        opened,
        glass,
        more: response,
      } = await requireRecord(
        session,
        async (tx) =>
          byId
            ? (await tx.records.current(request.originator || node.self, request.recordId, session.world))
                ?.headerDigest
            : request.headerDigest,
        (tx, one) => showRecord(tx, deps, session, one),
        (tx, digest) => tx.breakGlass.inForce(node.self, digest, session.fingerprint, access.nowMs()),
      );
      await access.audit(session, 'record.read', subjectOf(opened.record.headerDigest), {
        facets: filledFacets(opened).join(' '),
      });
      const through = opened.verdicts.filter(({ openUntil }) => openUntil !== undefined);
      if (through.length > 0) {
        const facets = through.map(({ facet }) => facet);
        await deps.breakGlass.read({ officer: session, openings: glass, facets });
      } else if (asksForReceipt(opened))
        await store.write((tx) => oweRead(tx, session, opened, node.clock.nowMs()));
      return response;
    },

    async acceptConditions(request, { session }) {
      const headerDigest = readField((fields) => fields.digest('header_digest', request.headerDigest));
      const opened = await byDigest(session, headerDigest);
      const { marking } = opened.signed.header;
      if (opened.items === undefined || !hasCondition(marking))
        throw new DeskError({ code: 'STATE', message: 'the record has no condition to accept' });
      await access.require(
        session,
        'accept-condition',
        subjectOf(headerDigest),
        askedOf(opened, session, opened.items[0]),
      );
      readField((fields) => {
        if (request.condition !== marking?.condition)
          fields.fault(
            'condition',
            'NOT_THE_CONDITION',
            'expected the condition of the record word for word: read it with GetRecord first',
          );
      });
      const mark = await store.write(async (tx) => {
        const marked = { what: 'condition', headerDigest, deskGroup: session.deskGroup } as const;
        const set = await setMark(tx, marked, { by: session.name, at: node.clock.nowMs() });
        if (set.isNew) {
          await tx.audit.append([access.entry(session, 'condition.accepted', subjectOf(headerDigest))]);
          await tx.onward.oweReading(readingOf(session, opened, 'accepted', node.clock.nowMs()));
        }
        return set.mark;
      });
      return { acceptedAt: BigInt(mark.at) };
    },

    async *exportEvidence(request, { session }) {
      const headerDigest = readField((fields) => fields.digest('header_digest', request.headerDigest));
      const opened = await byDigest(session, headerDigest);
      if (opened.conditionPending) throw conditionPending();
      if (opened.record.leafIndex === undefined) throw notProvenYet();
      const facets = shownFacets(opened).map(({ facet }) => facet);
      await access.audit(session, 'record.exported', subjectOf(headerDigest), { facets: facets.join(' ') });
      const { ledger } = deps;
      const { network } = node;
      const files = await store.read((tx) => collectEvidence(tx, { ledger, network, headerDigest, facets }));
      for (const [path, bytes] of files) {
        let at = 0;
        do {
          const data = bytes.subarray(at, at + PIECE_BYTES);
          at += data.length;
          yield { path, data: buffer(data), last: at >= bytes.length };
        } while (at < bytes.length);
      }
    },
  };
}

/** A partner's record whose originator wants to know who reads it. */
export const asksForReceipt = ({ items, signed, conditionPending }: OpenedRecord): boolean =>
  items !== undefined && !conditionPending && signed.header.marking?.readReceipt === true;

const readingOf = (session: OfficerSession, opened: OpenedRecord, what: 'accepted' | 'read', at: number) => ({
  headerDigest: opened.record.headerDigest,
  originator: opened.record.originator,
  what,
  deskGroup: session.deskGroup,
  facets: what === 'read' ? filledFacets(opened) : opened.facets.map(({ facet }) => facet),
  at,
});

/** The first reading by a desk group is told, later ones are not. */
export async function oweRead(
  tx: WriteTx,
  session: OfficerSession,
  opened: OpenedRecord,
  at: number,
): Promise<void> {
  const { headerDigest } = opened.record;
  const marked = { what: 'read', headerDigest, deskGroup: session.deskGroup } as const;
  const { isNew } = await setMark(tx, marked, { by: session.name, at });
  if (isNew) await tx.onward.oweReading(readingOf(session, opened, 'read', at));
}

export const notProvenYet = (): DeskError =>
  new DeskError({
    code: 'NOT_PROVEN_YET',
    message: 'the record waits for the next checkpoint of its log: try again in a minute',
    retry: 'later',
  });

const conditionPending = (): DeskError =>
  new DeskError({
    code: 'CONDITION_PENDING',
    message: 'the originator set a condition: a releaser of the desk group accepts it with AcceptConditions',
  });

type Query = Omit<RecordQuery, 'world'> & { readonly limit: number };

/** What was asked for, so that an auditor can judge whether the purpose called for it. */
const asFacts = ({ text, kind, originator, state }: Query): Readonly<Record<string, string>> => ({
  ...(text === undefined ? {} : { text }),
  ...(kind === undefined ? {} : { kind }),
  ...(originator === undefined ? {} : { originator }),
  ...(state === undefined ? {} : { state }),
});

function queryOf(request: ListRecordsRequest): Query {
  const fields = new RequestFields();
  const limit = fields.pageSize('page_size', request.pageSize);
  const text = fields.search('text', request.text).trim();
  const kind = fields.text('kind', request.kind, 64);
  if (request.originator !== '') fields.node('originator', request.originator);
  fields.done();
  const state = recordStateOf(request.state);
  return {
    limit,
    ...(kind === '' ? {} : { kind }),
    ...(text === '' ? {} : { text }),
    ...(request.originator === '' ? {} : { originator: request.originator }),
    ...(request.state === RecordState.RECORD_STATE_UNSPECIFIED || state === undefined ? {} : { state }),
    ...(request.cursor === '' ? {} : { cursor: request.cursor }),
  };
}
