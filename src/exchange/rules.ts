/**
 * The rules of a kind on what a partner disclosed. Rules compare facets with each other, so they can speak only where
 * nothing but what never leaves is withheld; flags never refuse (a partner's typing error is theirs to correct).
 */
import { disbelieved, type Verdict } from '../base/verdict.ts';
import type { DisclosedFacet } from '../gen/tocsin/record/v1/header.ts';
import { Marking } from '../gen/tocsin/record/v1/marking.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { isForbiddenFacet, kindOf, type SignedHeader, validateContent } from '../record/index.ts';

/** RECORD_INVALID where a disclosed facet breaks the rules of its kind. */
export function judgeRules(
  signed: SignedHeader,
  facets: readonly DisclosedFacet[],
  atMs: number,
): Verdict<true, Reason> {
  const { header } = signed;
  const row = kindOf(header.kind);
  const shown = new Set(facets.map((facet) => facet.facet));
  const complete = row?.facets.every(({ name }) => shown.has(name) || isForbiddenFacet(header.kind, name));
  // A newer schema has rules that are not known here.
  if (!row || !complete || row.schemaVersion !== header.schemaVersion) return { ok: true, value: true };
  const { faults } = validateContent(
    {
      kind: header.kind,
      deskGroup: header.deskGroup,
      priority: header.priority,
      marking: header.marking ?? Marking.create(),
      expires: Number(header.expires),
      reviewBy: Number(header.reviewBy),
      facets: Object.fromEntries(facets.map((facet) => [facet.facet, facet.body])),
    },
    { mode: 'imported', nowMs: Math.min(Number(header.released), atMs) },
  );
  const fault = faults.find((one) => one.path.startsWith('facets.'));
  return fault
    ? disbelieved(Reason.REASON_RECORD_INVALID, `${fault.path}: ${fault.code}`, { field: fault.path })
    : { ok: true, value: true };
}
