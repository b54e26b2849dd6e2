/** HotlineService: reports that a hotline has before it, and the second operator's step. */
import { hex } from '../../base/bytes.ts';
import {
  type HotlineServiceDefinition,
  type Report,
  ReportState,
} from '../../gen/tocsin/desk/v1/hotline_service.ts';
import {
  HotlineContent,
  HotlineStatus,
  HotlineSummary,
  HotlineTriage,
  Imminence,
  TriageDecision,
} from '../../gen/tocsin/record/v1/hotline_report.ts';
import { type Lifecycle, scrubOf } from '../../lifecycle/index.ts';
import { auditRecords, type ReadTx } from '../../store/index.ts';
import type { Access } from '../access.ts';
import { hiddenFacets, keepHidden, maySeeDraft, openDraft, requireDraft } from '../open-draft.ts';
import { holdRecord, openHeld, shownFacets } from '../open-record.ts';
import type { DeskNode, DeskStore } from '../ports.ts';
import type { OfficerSession } from '../session.ts';
import { similarReports } from '../similar-reports.ts';
import { inWorld } from '../world.ts';
import type { DeskHandlers } from './handlers.ts';
import { buffer, draftSummary, faults } from './messages.ts';
import { RequestFields } from './request.ts';

export interface HotlineDeps {
  readonly access: Access;
  readonly store: DeskStore;
  readonly node: DeskNode;
  readonly lifecycle: Pick<Lifecycle, 'scrub'>;
}

const KIND = 'hotline-report';
const MOST_RECORDS = 250;
const MOST_DRAFTS = 250;
const MINUTE_MS = 60_000;
/** A report is acted on or dropped within this (domain §2.4). */
const ACT_MS = 30 * 24 * 60 * MINUTE_MS;
/** From the triage of what is imminent to its warning (domain §4.2). */
const WARN_MS = 10 * MINUTE_MS;

/** A report with what it is compared by. */
interface Found {
  readonly report: Report;
  readonly id: string;
  readonly content: HotlineContent | undefined;
}

type Method = 'listReports' | 'scrubReport';

export function hotlineHandlers(deps: HotlineDeps): Pick<DeskHandlers<HotlineServiceDefinition>, Method> {
  const { access, store, node, lifecycle } = deps;
  return {
    async listReports(_request, { session }) {
      await access.require(session, 'work', 'reports');
      const { found, more } = await store.read(async (tx) => {
        const drafts = await draftsOf(tx, deps, session);
        const records = await recordsOf(tx, deps, session);
        return { found: [...drafts.found, ...records.found], more: drafts.more || records.more };
      });
      const alike = similarReports(
        found.flatMap(({ id, report: { summary }, content }) =>
          summary === undefined ? [] : [{ id, summary, content }],
        ),
      );
      const reports = found.map(({ id, report }) => ({ ...report, similar: [...(alike.get(id) ?? [])] }));
      await access.audit(session, 'hotline.listed', 'reports', {
        records: auditRecords(
          reports.map(({ headerDigest }) => headerDigest).filter(({ length }) => length > 0),
        ),
        drafts: reports.flatMap(({ draftId }) => (draftId === '' ? [] : [draftId])).join(' '),
      });
      return { reports: reports.sort(byDue), more };
    },

    async scrubReport(request, { session }) {
      const fields = new RequestFields();
      const draftId = fields.id('draft_id', request.draftId);
      const content = inWorld(fields, fields.json('content_json', request.contentJson), session.world);
      fields.done();
      const before = await store.read((tx) => tx.drafts.byId(draftId));
      const one = requireDraft(access, node, session, before);
      await access.require(session, 'submit', draftId, { kind: one.draft.kind });
      const hidden = hiddenFacets(access, session, one);
      const scrubbed = keepHidden(fields, content, one.draft, hidden);
      fields.done();
      const made = await lifecycle.scrub({ officer: session, draftId, content: scrubbed });
      const { title } = openDraft(node, made.draft);
      return { draft: draftSummary(made.draft, title, session.fingerprint), flags: faults(made.flags) };
    },
  };
}

async function draftsOf(tx: ReadTx, { access, node }: HotlineDeps, session: OfficerSession) {
  const found: Found[] = [];
  let more = false;
  // Dropped ones are looked at last: what waits is never pushed out by what is over.
  for (const states of [['submitted', 'draft'], ['discarded']] as const) {
    const page = await tx.drafts.list({ kind: KIND, states, order: 'newest', limit: MOST_DRAFTS });
    more ||= page.next !== undefined;
    for (const draft of page.items) {
      if (found.length >= MOST_DRAFTS) {
        more = true;
        break;
      }
      const one = openDraft(node, draft);
      if (draft.revises !== undefined || !maySeeDraft(access, session, one) || one.content === undefined)
        continue;
      const hidden = hiddenFacets(access, session, one);
      const body = (facet: string) => (hidden.includes(facet) ? undefined : one.content?.facets[facet]);
      const [summary, content, triage] = ['summary', 'content', 'triage'].map(body);
      if (summary === undefined) continue;
      const scrub = await scrubOf(tx, draft);
      const told = HotlineSummary.decode(summary);
      const state =
        draft.state === 'discarded'
          ? ReportState.REPORT_STATE_DROPPED
          : draft.state === 'draft'
            ? ReportState.REPORT_STATE_DRAFT
            : scrub === undefined
              ? ReportState.REPORT_STATE_RECEIVED
              : ReportState.REPORT_STATE_SCRUBBED;
      found.push({
        id: draft.id,
        content: content && HotlineContent.decode(content),
        report: {
          state,
          draftId: draft.id,
          headerDigest: Buffer.alloc(0),
          summary: told,
          decision: triage === undefined ? 0 : HotlineTriage.decode(triage).decision,
          own: draft.drafter === session.fingerprint,
          scrubbedByCaller: scrub?.by === session.fingerprint,
          changedAt: BigInt(draft.updatedAt),
          dueAt: state === ReportState.REPORT_STATE_DROPPED ? 0n : told.receivedAt + BigInt(ACT_MS),
          note: draft.note,
          similar: [],
        },
      });
    }
  }
  return { found, more };
}

const STATE_OF_STATUS: Readonly<Partial<Record<HotlineStatus, ReportState>>> = {
  [HotlineStatus.HOTLINE_STATUS_ACTIONED]: ReportState.REPORT_STATE_ACTIONED,
  [HotlineStatus.HOTLINE_STATUS_DROPPED]: ReportState.REPORT_STATE_DROPPED,
};

async function recordsOf(tx: ReadTx, { access, node }: HotlineDeps, session: OfficerSession) {
  const query = { kind: KIND, state: 'released', world: session.world, limit: MOST_RECORDS } as const;
  const page = await tx.records.list(query);
  const found: Found[] = [];
  for (const record of page.items) {
    const opened = await openHeld(tx, access, await holdRecord(tx, node.network, record), session);
    if (opened === undefined) continue;
    const shown = new Map(shownFacets(opened).map(({ facet, body }) => [facet, body]));
    const [summary, content, triage] = ['summary', 'content', 'triage'].map((facet) => shown.get(facet));
    if (summary === undefined) continue;
    const told = HotlineSummary.decode(summary);
    const state = STATE_OF_STATUS[told.status] ?? ReportState.REPORT_STATE_TRIAGED;
    const decision = triage === undefined ? 0 : HotlineTriage.decode(triage).decision;
    found.push({
      id: hex(record.headerDigest),
      content: content && HotlineContent.decode(content),
      report: {
        state,
        draftId: '',
        headerDigest: buffer(record.headerDigest),
        summary: told,
        decision,
        own: false,
        scrubbedByCaller: false,
        changedAt: BigInt(record.committedAt),
        dueAt: state === ReportState.REPORT_STATE_TRIAGED ? dueOf(told, decision, record.committedAt) : 0n,
        note: '',
        similar: [],
      },
    });
  }
  return { found, more: page.next !== undefined };
}

const isImminent = ({ summary }: Pick<Report, 'summary'>): boolean =>
  summary?.imminence === Imminence.IMMINENCE_NOW || summary?.imminence === Imminence.IMMINENCE_HOURS;

const dueOf = (summary: HotlineSummary, decision: TriageDecision, at: number): bigint =>
  isImminent({ summary }) && decision === TriageDecision.TRIAGE_DECISION_WARNING
    ? BigInt(at + WARN_MS)
    : summary.receivedAt + BigInt(ACT_MS);

/** What is imminent in front, then what is due first; what is over behind, the last changed first. */
function byDue(a: Report, b: Report): number {
  if (a.dueAt === 0n && b.dueAt === 0n) return Number(b.changedAt - a.changedAt);
  if (a.dueAt === 0n || b.dueAt === 0n) return a.dueAt === 0n ? 1 : -1;
  const apart = Number(isImminent(b)) - Number(isImminent(a));
  return apart === 0 ? Number(a.dueAt - b.dueAt) : apart;
}
