/** How long a draft stays on a device. Pure. */

interface Touched {
  readonly id: string;
  /** Milliseconds UTC. */
  readonly changedAt: number;
}

/** A draft that nobody touched for so long goes: what it says is old, and the device may be another officer's by now. */
const LASTS_MS = 30 * 24 * 3_600_000;

/** Of the rows, which are too old. */
export const stale = (rows: readonly Touched[], nowMs: number): readonly string[] =>
  rows.flatMap(({ id, changedAt }) => (nowMs - changedAt > LASTS_MS ? [id] : []));
