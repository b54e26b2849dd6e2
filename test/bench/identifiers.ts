/** Rows of serial numbers misread in the ways that people misread them, among 10^5 and 10^6 invented ones. */
import type { Bench, Row } from './runner.ts';
import { type IdentifierFigures, measureIdentifiers } from './screening-identifiers.ts';

const SIZES = [100_000, 1_000_000] as const;

export const identifierBench: Bench = {
  name: 'identifiers',
  async open(): Promise<readonly Row[]> {
    const all = await measureIdentifiers(SIZES);
    return all.map((figures) => rowOf(figures));
  },
};

function rowOf({ serials, buildSeconds, bytesEach, shares, runMs, loadSeconds }: IdentifierFigures): Row {
  const rates = Object.values(shares).map(({ lookUpsPerSecond }) => lookUpsPerSecond);
  return {
    id: `at-${serials}`,
    what: `serial numbers looked up among ${serials}, the slowest way of misreading them, measured once`,
    unit: '/s',
    ours: () => Promise.resolve([Math.min(...rates)]),
    against: [],
    facts: () => ({
      'bytes an entry': bytesEach,
      'seconds to build': buildSeconds,
      'seconds to load': loadSeconds,
      'ms for a run unread': runMs,
      ...Object.fromEntries(
        Object.entries(shares).map(([how, { found }]) => [`found of ${how}, %`, 100 * found]),
      ),
    }),
  };
}
