/** Rules of `audit-anchor`: the head of the node's audit trail, kept in its own log. */
import { AuditAnchor } from '../../gen/tocsin/record/v1/audit_anchor.ts';
import type { ContentView, FacetReader } from '../kind-row.ts';
import { checkDigest, checkInstant, expectFacet } from './basics.ts';

export function auditAnchorRules(view: ContentView): void {
  const anchor = view.facet('audit-anchor', AuditAnchor);
  expectFacet(view, 'audit-anchor', anchor !== undefined);
  if (anchor === undefined) return;
  const path = 'facets.audit-anchor';
  checkDigest(view, `${path}.hash`, anchor.hash);
  checkInstant(view, `${path}.at`, anchor.at, { required: true, past: true });
  if (anchor.seq === 0n) view.fault(`${path}.seq`, 'REQUIRED', 'expected the number of a row, from 1');
}

export function auditAnchorTitle(facet: FacetReader): string | undefined {
  const anchor = facet('audit-anchor', AuditAnchor);
  return anchor === undefined ? undefined : `Audit trail up to row ${anchor.seq}`;
}
