/** What time does to a record (R13): the phase that policies see, and when it ends. */
import type { RecordFacts } from './facts.ts';

export type Phase = 'not-yet' | 'current' | 'review-overdue' | 'lapsed' | 'expired';

/** An overdue review lets the summary live on for this long. */
const GRACE_MS = 30 * 86_400_000;

/** The phase at an instant, and the first instant at which it no longer holds. */
export function phaseAt(
  facts: Pick<RecordFacts, 'header' | 'marking'>,
  atMs: number,
): { readonly phase: Phase; readonly untilMs: number } {
  const notBefore = Number(facts.marking.notBefore);
  const expires = Number(facts.header.expires);
  const reviewBy = Number(facts.header.reviewBy);
  if (!(atMs < expires)) return { phase: 'expired', untilMs: Number.POSITIVE_INFINITY };
  if (atMs < notBefore) return { phase: 'not-yet', untilMs: Math.min(notBefore, expires) };
  if (atMs < reviewBy) return { phase: 'current', untilMs: Math.min(reviewBy, expires) };
  if (atMs < reviewBy + GRACE_MS)
    return { phase: 'review-overdue', untilMs: Math.min(reviewBy + GRACE_MS, expires) };
  return { phase: 'lapsed', untilMs: expires };
}
