/**
 * The months in which one key holds. A month's key is one for all who ask, so that they can compare it; what is public of a call
 * (month, network, who holds, who asks) goes into the function, so that no output of one month, partner or network meets another's.
 */
import { concat, lengthPrefixed, utf8 } from '../../base/bytes.ts';
import { CLOCK_SKEW_MS } from '../../base/limits.ts';
import { PrivateScreeningError } from './errors.ts';

const MONTH = /^\d{4}-(?:0[1-9]|1[0-2])$/;

/** The month of an instant, UTC, as `2026-11`. */
export const monthOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 7);

/** Throws EPOCH_INVALID. */
export function assertMonth(month: string): void {
  if (!MONTH.test(month))
    throw new PrivateScreeningError({
      code: 'EPOCH_INVALID',
      message: 'expected a month as 2026-11, got other text',
    });
}

/** The month now, or a neighbour that the clocks may differ about. Throws EPOCH_INVALID, EPOCH_OVER (attack T40: repeats epochs). */
export function assertCurrent(month: string, atMs: number): void {
  assertMonth(month);
  const current = [monthOf(atMs - CLOCK_SKEW_MS), monthOf(atMs), monthOf(atMs + CLOCK_SKEW_MS)];
  if (!current.includes(month))
    throw new PrivateScreeningError({
      code: 'EPOCH_OVER',
      message: `expected the month ${monthOf(atMs)}, got ${month}: keys of other months are gone; ask for the month's key again`,
      facts: { month },
    });
}

/** Public information of the function (RFC 9497 §3.3.3): both sides build it, neither sends it. */
export function epochInfo(epoch: {
  readonly network: Uint8Array;
  readonly holder: string;
  readonly asker: string;
  readonly month: string;
}): Uint8Array {
  assertMonth(epoch.month);
  const parts = [epoch.network, utf8(epoch.holder), utf8(epoch.asker), utf8(epoch.month)];
  return concat(utf8('tocsin/private-screening/v1\n'), ...parts.map(lengthPrefixed));
}
