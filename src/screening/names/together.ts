/** Answers by several readings of one name as one. */
import type { NameAnswer, NameHit } from './party.ts';

/** Parties given where a query does not say how many. */
export const MOST_PARTIES = 10;

/** Each party once, by the reading that agrees best. */
export function together(answers: readonly NameAnswer[], limit = MOST_PARTIES): NameAnswer {
  const best = new Map<string, NameHit>();
  for (const hit of answers.flatMap(({ hits }) => hits)) {
    const known = best.get(hit.id);
    if (!known || known.score < hit.score) best.set(hit.id, hit);
  }
  const hits = [...best.values()].sort((a, b) => b.score - a.score).slice(0, limit);
  const [nearestBelow] = answers
    .flatMap(({ nearestBelow: one }) => (one && !best.has(one.id) ? [one] : []))
    .sort((a, b) => b.score - a.score);
  return { hits, ...(nearestBelow && { nearestBelow }) };
}
