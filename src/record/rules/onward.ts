/** Rules of the kinds by which a holder speaks with the originator about passing on: tasking, breach report. */
import { BreachReport } from '../../gen/tocsin/record/v1/breach_report.ts';
import { Reason } from '../../gen/tocsin/record/v1/reason.ts';
import { Tasking, TaskingType } from '../../gen/tocsin/record/v1/tasking.ts';
import type { ContentView, FacetReader } from '../kind-row.ts';
import { isForbiddenName } from '../never.ts';
import {
  checkDigest,
  checkFacetNames,
  checkInstant,
  checkNodeId,
  checkRecordId,
  expectChoice,
  expectFacet,
  expectSome,
} from './basics.ts';

const QUESTION_LENGTH = 2_000;

export function taskingRules(view: ContentView): void {
  const tasking = view.facet('tasking', Tasking);
  expectFacet(view, 'tasking', tasking !== undefined);
  if (tasking === undefined) return;
  const path = 'facets.tasking';
  expectChoice(view, `${path}.type`, tasking.type);
  checkDigest(view, `${path}.record`, tasking.record);
  checkRecordId(view, `${path}.recordId`, tasking.recordId);
  expectSome(view, `${path}.facets`, tasking.facets);
  checkFacetNames(view, `${path}.facets`, tasking.facets);
  tasking.facets.forEach((name, index) => {
    if (isForbiddenName(name))
      view.fault(`${path}.facets[${index}]`, 'R9', 'expected no facet that never leaves its node (R9)');
  });
  expectSome(view, `${path}.to`, tasking.to);
  tasking.to.forEach((node, index) => {
    checkNodeId(view, `${path}.to[${index}]`, node);
  });
  if (tasking.question.length > QUESTION_LENGTH)
    view.fault(`${path}.question`, 'TOO_LONG', `expected at most ${QUESTION_LENGTH} characters`);
  checkInstant(view, `${path}.due`, tasking.due, { required: true, future: true });
}

export function taskingTitle(facet: FacetReader): string | undefined {
  const tasking = facet('tasking', Tasking);
  if (tasking === undefined) return undefined;
  return tasking.type === TaskingType.TASKING_TYPE_CONSENT_EVIDENCE
    ? `Asks for consent to use ${tasking.facets.join(', ')} as evidence`
    : `Asks for consent to pass on ${tasking.facets.join(', ')} to ${tasking.to.join(', ')}`;
}

/** What a report may be about: promises that a forwarder breaks towards the originator. */
const REPORTED: ReadonlySet<Reason> = new Set([
  Reason.REASON_THIRD_PARTY_BREACH,
  Reason.REASON_NO_CONSENT,
  Reason.REASON_FORBIDDEN_FACET,
]);

export function breachReportRules(view: ContentView): void {
  const report = view.facet('report', BreachReport);
  expectFacet(view, 'report', report !== undefined);
  if (report === undefined) return;
  const path = 'facets.report';
  checkDigest(view, `${path}.record`, report.record);
  expectSome(view, `${path}.header`, report.header);
  checkNodeId(view, `${path}.forwarder`, report.forwarder);
  if (!REPORTED.has(report.reason))
    view.fault(`${path}.reason`, 'OUT_OF_RANGE', 'expected a breach of what the originator permits');
  checkDigest(view, `${path}.manifestDigest`, report.manifestDigest);
  if (report.signature === undefined)
    view.fault(`${path}.signature`, 'REQUIRED', "expected the forwarder's signature over its manifest");
  checkInstant(view, `${path}.at`, report.at, { required: true, past: true });
}

export function breachReportTitle(facet: FacetReader): string | undefined {
  const report = facet('report', BreachReport);
  return report === undefined ? undefined : `Breach report: ${report.forwarder} passed on without a right to`;
}
