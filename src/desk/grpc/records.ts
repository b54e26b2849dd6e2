/** RecordService, the half that reads: lists, one record with its proof, conditions, evidence. */
import { RecordState } from '../../gen/tocsin/desk/v1/desk.ts';
import {
  type GetRecordResponse,
  type ListRecordsRequest,
  ProofState,
  type RecordServiceDefinition,
  type VerificationReport,
} from '../../gen/tocsin/desk/v1/record_service.ts';
import { Header } from '../../gen/tocsin/record/v1/header.ts';
import { Reason } from '../../gen/tocsin/record/v1/reason.ts';
import { collectEvidence, type Ledger } from '../../ledger/index.ts';
import { facetOf, kindOf, messageToJson } from '../../record/index.ts';
import type { ReadTx, RecordQuery, StoredRecord } from '../../store/index.ts';
import { type Access, notFound } from '../access.ts';
import { DeskError } from '../errors.ts';
import { inclusionOf } from '../inclusion.ts';
import { setMark } from '../marks.ts';
import {
  askedOf,
  holdRecord,
  type OpenedRecord,
  openByDigest,
  openHeld,
  recordedFacets,
  shownFacets,
  titleShown,
} from '../open-record.ts';
import type { DeskNode, DeskStore } from '../ports.ts';
import { type DeskDirectory, type Report, reportLabel, verificationReport } from '../report.ts';
import type { OfficerSession } from '../session.ts';
import { grantedPurposes, hasCondition } from '../visibility.ts';
import type { DeskHandlers } from './handlers.ts';
import { buffer, delivery, recordStateOf, recordSummary } from './messages.ts';
import { RequestFields, readField, subjectOf } from './request.ts';

export interface RecordDeps {
  readonly access: Access;
  readonly store: DeskStore;
  readonly node: DeskNode;
  readonly ledger: Pick<Ledger, 'proofFor'>;
  readonly directory: DeskDirectory;
}

type Method = 'listRecords' | 'getRecord' | 'acceptConditions' | 'exportEvidence';

/** Store pages that one list call reads at most: what an officer may not see costs bounded work. */
const SCANNED_PAGES = 20;
const PIECE_BYTES = 256 * 1024;

const PROOF_STATES = {
  pending: ProofState.PROOF_STATE_PENDING,
  signed: ProofState.PROOF_STATE_SIGNED,
  witnessed: ProofState.PROOF_STATE_WITNESSED,
  failed: ProofState.PROOF_STATE_FAILED,
} as const;

export function recordHandlers(deps: RecordDeps): Pick<DeskHandlers<RecordServiceDefinition>, Method> {
  const { access, store, node } = deps;

  const requireRecord = async (
    tx: ReadTx,
    session: OfficerSession,
    headerDigest: Uint8Array,
  ): Promise<OpenedRecord> => {
    const opened = await openByDigest(tx, deps, headerDigest, session);
    if (opened === undefined) throw notFound('record');
    return opened;
  };

  return {
    async listRecords(request, { session }) {
      const query = queryOf(request);
      await access.require(session, 'search', 'records');
      return store.read(async (tx) => {
        const records = [];
        let cursor = query.cursor;
        for (let page = 0; page < SCANNED_PAGES && records.length < query.limit; page += 1) {
          const found = await tx.records.list({
            ...query,
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
            if (shown || query.text === undefined) records.push(recordSummary(record, shown));
          }
          cursor = found.next;
          if (cursor === undefined) break;
        }
        return { records, nextCursor: cursor ?? '' };
      });
    },

    async getRecord(request, { session }) {
      const fields = new RequestFields();
      const byId = request.headerDigest.length === 0;
      if (byId) {
        fields.recordId('record_id', request.recordId);
        if (request.originator !== '') fields.node('originator', request.originator);
      } else fields.digest('header_digest', request.headerDigest);
      fields.done();
      const { opened, response } = await store.read(async (tx) => {
        const digest = byId
          ? (await tx.records.current(request.originator || node.self, request.recordId))?.headerDigest
          : request.headerDigest;
        if (digest === undefined) throw notFound('record');
        const found = await requireRecord(tx, session, digest);
        return { opened: found, response: await show(tx, deps, session, found) };
      });
      const recorded = recordedFacets(opened);
      if (recorded.length > 0)
        await access.audit(session, 'record.read', subjectOf(opened.record.headerDigest), {
          facets: recorded.join(' '),
        });
      return response;
    },

    async acceptConditions(request, { session }) {
      const headerDigest = readField((fields) => fields.digest('header_digest', request.headerDigest));
      const opened = await store.read((tx) => requireRecord(tx, session, headerDigest));
      const { marking } = opened.signed.header;
      if (opened.items === undefined || !hasCondition(marking))
        throw new DeskError({ code: 'STATE', message: 'the record has no condition to accept' });
      await access.require(
        session,
        'accept-condition',
        subjectOf(headerDigest),
        askedOf(opened, opened.items[0]),
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
        if (set.isNew)
          await tx.audit.append([access.entry(session, 'condition.accepted', subjectOf(headerDigest))]);
        return set.mark;
      });
      return { acceptedAt: BigInt(mark.at) };
    },

    async *exportEvidence(request, { session }) {
      const headerDigest = readField((fields) => fields.digest('header_digest', request.headerDigest));
      const opened = await store.read((tx) => requireRecord(tx, session, headerDigest));
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

type Query = RecordQuery & { readonly limit: number };

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

async function show(
  tx: ReadTx,
  deps: RecordDeps,
  session: OfficerSession,
  opened: OpenedRecord,
): Promise<GetRecordResponse> {
  const { record, signed, items } = opened;
  const report = await verificationReport(
    tx,
    deps.directory,
    opened,
    await inclusionOf(tx, deps.ledger, opened),
  );
  const deliveries = items === undefined ? await tx.outbox.ofRecord(record.headerDigest) : [];
  return {
    record: recordSummary(record, titleShown(opened)),
    header: buffer(signed.bytes),
    headerJson: JSON.stringify(
      messageToJson('tocsin.record.v1.Header', Header.encode(signed.header).finish()),
    ),
    facets: shownFacets(opened).map(({ facet, salt, body }) => {
      const row = facetOf(record.kind, facet);
      return {
        facet,
        facetClass: row?.class ?? '',
        json: row === undefined ? '' : JSON.stringify(messageToJson(row.typeName, body)),
        body,
        salt,
      };
    }),
    withheld: opened.verdicts.flatMap(({ facet, class: facetClass, withheld }) =>
      withheld === undefined ? [] : [{ facet, facetClass, ...withheld }],
    ),
    condition: hasCondition(signed.header.marking) ? (signed.header.marking?.condition ?? '') : '',
    conditionPending: opened.conditionPending,
    verification: verification(report, opened),
    deliveries: deliveries.map(delivery),
    revisions: await revisionsOf(tx, deps, session, record),
    purposes: items === undefined ? [] : [...grantedPurposes(items, session.deskGroup)],
  };
}

async function revisionsOf(tx: ReadTx, deps: RecordDeps, session: OfficerSession, record: StoredRecord) {
  const revisions = [];
  for (const revision of await tx.records.revisions(record.originator, record.recordId)) {
    const held = await holdRecord(tx, deps.node.network, revision);
    const opened = await openHeld(tx, deps.access, held, session);
    if (opened !== undefined) revisions.push(recordSummary(revision, titleShown(opened)));
  }
  return revisions;
}

function verification(report: Report, { record, items }: OpenedRecord): VerificationReport {
  const sender = items?.[0]?.sender ?? '';
  return {
    state: PROOF_STATES[report.state],
    label: reportLabel(report),
    originator: record.originator,
    originatorName: report.originatorName,
    authoritySubject: report.authoritySubject,
    statementDigest: buffer(report.statement?.digest),
    statementSequence: report.statement?.statement.sequence ?? 0n,
    logOrigin: record.logOrigin,
    leafIndex: report.inclusion?.index,
    checkpointSize: report.checkpointSize,
    checkpointAt: BigInt(report.checkpointAt),
    signaturesValid: report.signaturesValid,
    inclusionValid: report.inclusionValid,
    commitments: report.commitments.map((check) => ({ ...check })),
    witnesses: [...report.witnesses],
    witnessThreshold: report.threshold,
    sender,
    committedAt: BigInt(record.committedAt),
    forwarded: sender !== '' && sender !== record.originator,
    problem: report.problem?.reason ?? Reason.REASON_UNSPECIFIED,
    problemDetail: report.problem?.detail ?? '',
  };
}
