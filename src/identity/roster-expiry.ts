/**
 * What an ageing roster still carries (design §5): it is in use for as long as no newer one is signed, but not with full
 * service for ever. A network whose governments no longer sign must notice, and must not lose its urgent lane over it.
 */
import type { Roster } from '../gen/tocsin/record/v1/identity.ts';

const DAY_MS = 86_400_000;
/** People are told so long before a roster expires. */
export const ROSTER_WARNING_MS: number = 30 * DAY_MS;
/** Full service goes on so long after it; then only the urgent lane flows. */
export const ROSTER_GRACE_MS: number = 30 * DAY_MS;

/**
 * `valid` · `expiring`: a warning · `expired`: alarm, no new members, full service · `lapsed`: only the urgent lane flows.
 */
export type RosterPhase = 'valid' | 'expiring' | 'expired' | 'lapsed';

export function rosterPhase({ expires }: Pick<Roster, 'expires'>, atMs: number): RosterPhase {
  const sinceMs = atMs - Number(expires);
  if (sinceMs >= ROSTER_GRACE_MS) return 'lapsed';
  if (sinceMs >= 0) return 'expired';
  return sinceMs >= -ROSTER_WARNING_MS ? 'expiring' : 'valid';
}

/** When the phase changes next; infinite where it does not. */
export function nextRosterPhase({ expires }: Pick<Roster, 'expires'>, atMs: number): number {
  const at = Number(expires);
  return (
    [at - ROSTER_WARNING_MS, at, at + ROSTER_GRACE_MS].find((boundary) => boundary > atMs) ??
    Number.POSITIVE_INFINITY
  );
}
