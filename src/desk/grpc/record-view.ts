/** One record as GetRecord answers it: facets, what is withheld, the verification report, deliveries, revisions. */
import {
  type GetRecordResponse,
  type PartnerProgress,
  ProgressState,
  ProofState,
  type VerificationReport,
} from '../../gen/tocsin/desk/v1/record_service.ts';
import { Header } from '../../gen/tocsin/record/v1/header.ts';
import type { DeskGroup } from '../../gen/tocsin/record/v1/marking.ts';
import { Reason } from '../../gen/tocsin/record/v1/reason.ts';
import type { Ledger } from '../../ledger/index.ts';
import { facetOf, kindOf, messageToJson } from '../../record/index.ts';
import type { ReadTx, StoredRecord } from '../../store/index.ts';
import type { Access } from '../access.ts';
import { arrivalOf, attentionTo } from '../attention.ts';
import { inclusionOf } from '../inclusion.ts';
import { holdRecord, type OpenedRecord, openHeld, shownFacets, titleShown } from '../open-record.ts';
import type { DeskNode } from '../ports.ts';
import { type Progress, progressOf } from '../progress.ts';
import { type DeskDirectory, type Report, reportLabel, verificationReport } from '../report.ts';
import type { OfficerSession } from '../session.ts';
import { grantedPurposes, hasCondition } from '../visibility.ts';
import { buffer, delivery, recordSummary } from './messages.ts';

export interface RecordViewDeps {
  readonly access: Access;
  readonly node: DeskNode;
  readonly ledger: Pick<Ledger, 'proofFor'>;
  readonly directory: DeskDirectory;
}

const PROOF_STATES = {
  pending: ProofState.PROOF_STATE_PENDING,
  signed: ProofState.PROOF_STATE_SIGNED,
  witnessed: ProofState.PROOF_STATE_WITNESSED,
  failed: ProofState.PROOF_STATE_FAILED,
} as const;

/** The answer about an opened record, out of one state of the store. */
export async function showRecord(
  tx: ReadTx,
  deps: RecordViewDeps,
  session: OfficerSession,
  opened: OpenedRecord,
): Promise<GetRecordResponse> {
  const { record, signed, items } = opened;
  const report = await verificationReport(
    tx,
    deps.directory,
    opened,
    await inclusionOf(tx, { ledger: deps.ledger, witnesses: deps.directory.roster.roster.witnesses }, opened),
  );
  const arrival = arrivalOf(items);
  const seen = arrival && (await attentionTo(tx, session, record, arrival.position));
  const deliveries = items === undefined ? await tx.outbox.ofRecord(record.headerDigest) : [];
  const told =
    items === undefined && kindOf(record.kind)?.acknowledged === true
      ? await tx.onward.readingsOf(record.headerDigest)
      : undefined;
  return {
    record: recordSummary(record, titleShown(opened), opened.late),
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
        openUntil: BigInt(opened.verdicts.find((one) => one.facet === facet)?.openUntil ?? 0),
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
    late: opened.late.map(({ member, standing, since, rosterVersion, at }) => ({
      member,
      standing,
      since: BigInt(since),
      rosterVersion,
      at: BigInt(at),
    })),
    position: BigInt(arrival?.position ?? 0),
    acknowledgedBy: seen?.by ?? '',
    acknowledgedAt: BigInt(seen?.at ?? 0),
    progress:
      told === undefined
        ? []
        : progressOf(record, deliveries, told, deps.access.nowMs()).map((one) => progressMessage(one)),
  };
}

const PROGRESS_STATES = {
  sent: ProgressState.PROGRESS_STATE_SENT,
  received: ProgressState.PROGRESS_STATE_RECEIVED,
  acknowledged: ProgressState.PROGRESS_STATE_ACKNOWLEDGED,
  refused: ProgressState.PROGRESS_STATE_REFUSED,
  withdrawn: ProgressState.PROGRESS_STATE_WITHDRAWN,
} as const;

const progressMessage = (one: Progress): PartnerProgress => ({
  node: one.node,
  state: PROGRESS_STATES[one.state],
  sentAt: BigInt(one.sentAt ?? 0),
  receivedAt: BigInt(one.receivedAt ?? 0),
  acknowledgements: one.acknowledgements.map(({ deskGroup, at, receiptDigest }) => ({
    deskGroup: deskGroup as DeskGroup,
    at: BigInt(at),
    receiptDigest: buffer(receiptDigest),
  })),
  acknowledgeBy: BigInt(one.acknowledgeBy ?? 0),
  overdue: one.overdue,
  reason: (one.reason ?? Reason.REASON_UNSPECIFIED) as Reason,
});

async function revisionsOf(tx: ReadTx, deps: RecordViewDeps, session: OfficerSession, record: StoredRecord) {
  const revisions = [];
  for (const revision of await tx.records.revisions(record.originator, record.recordId, session.world)) {
    const held = await holdRecord(tx, deps.node.network, revision);
    const opened = await openHeld(tx, deps.access, held, session);
    if (opened !== undefined) revisions.push(recordSummary(revision, titleShown(opened), opened.late));
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
    tied: record.origin === 'own' || record.tied === true,
    problemDetail: report.problem?.detail ?? '',
  };
}
