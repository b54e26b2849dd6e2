/** What a new policy would change: which cells of the matrix records × partners × facets become visible or hidden. */
import type { PolicyEngine } from './create.ts';
import type { Decision } from './decision.ts';
import type { SharedRecord } from './facts.ts';

/** One cell that changes. */
export interface PolicyChange<Shared extends SharedRecord = SharedRecord> {
  readonly record: Shared;
  readonly partner: string;
  /** Empty = the record's existence. */
  readonly facet: string;
  readonly change: 'newly-visible' | 'newly-hidden';
  readonly before: Decision;
  readonly after: Decision;
}

/**
 * Compares two engines of one node over a corpus, record by record, so that a corpus need not fit in memory. A cell is
 * visible where the facet is disclosed to the partner's node for any purpose.
 */
export function* diffPolicies<Shared extends SharedRecord>(
  before: PolicyEngine,
  after: PolicyEngine,
  corpus: Iterable<Shared>,
  atMs: number,
): Generator<PolicyChange<Shared>> {
  for (const record of corpus) {
    const later = new Map(after.preview(record, atMs).map((view) => [view.partner, view]));
    for (const old of before.preview(record, atMs)) {
      const { partner } = old;
      const view = later.get(partner);
      if (view === undefined) continue;
      const existence = changed(old.receive, view.receive);
      if (existence !== undefined)
        yield { record, partner, facet: '', change: existence, before: old.receive, after: view.receive };
      for (const [facet, decision] of old.facets) {
        const next = view.facets.get(facet) ?? view.receive;
        const change = changed(decision, next);
        if (change !== undefined) yield { record, partner, facet, change, before: decision, after: next };
      }
    }
  }
}

const changed = (before: Decision, after: Decision): PolicyChange['change'] | undefined => {
  if (before.allowed === after.allowed) return undefined;
  return after.allowed ? 'newly-visible' : 'newly-hidden';
};
