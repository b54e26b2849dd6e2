/** Rules of the kind by which a recipient tells the originator that a forwarder broke a promise. */
import { BreachReport } from '../../gen/tocsin/record/v1/breach_report.ts';
import { Reason } from '../../gen/tocsin/record/v1/reason.ts';
import type { ContentView, FacetReader } from '../kind-row.ts';
import { checkDigest, checkInstant, checkNodeId, expectFacet, expectSome } from './basics.ts';

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
