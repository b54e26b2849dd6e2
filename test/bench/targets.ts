/**
 * What design §11 asks, in this one place. Whether it is met is computed from results, those of this run or saved ones; no
 * other file says so.
 */
import { type Comparison, type Result, resultKey, type Statistic } from './runner.ts';

type Bound = { readonly least: number } | { readonly most: number };

export type Target = Bound & {
  /** `bench/row`. */
  readonly row: string;
} & (
    | {
        /** The ratio to this baseline is judged. */
        readonly against: string;
        readonly statistic?: Statistic;
      }
    /** The row's own median is judged, in its unit. */
    | { readonly own: true }
    /** A count that the row left behind is judged. */
    | { readonly fact: string }
  );

export const TARGETS: readonly Target[] = [
  { row: 'exchange/two-processes', against: 'batch size 1', least: 15 },
  { row: 'exchange/two-processes', against: 'unsecured, a message a record', least: 0.6 },
  { row: 'urgent/idle', against: 'bare round trip + one durable commit', statistic: 'p99', most: 20 },
  { row: 'fanout/to-200', own: true, most: 1_000 },
  { row: 'wis2/shape', own: true, least: 2_000 },
  { row: 'wis2/shape', fact: 'records a parcel', least: 8 },
  { row: 'wis2/shape', fact: 'deliveries to subscribers a second', least: 10_000 },
  { row: 'wis2/shape', fact: 'records lost', most: 0 },
  { row: 'wis2/shape', fact: 'deliveries to subscribers lost', most: 0 },
  { row: 'policy/cold', fact: 'evaluations per distinct input', most: 1 },
  { row: 'rpc/unary-tls', against: 'grpc-js over TLS, alone', least: 1 },
  { row: 'log/at-10000', against: 'at 1,000 leaves', least: 0.8 },
  { row: 'log/at-100000', against: 'at 1,000 leaves', least: 0.8 },
  { row: 'log/at-1000000', against: 'at 1,000 leaves', least: 0.8 },
  { row: 'stored/at-100000', against: 'at 1,000 stored', least: 0.8 },
  { row: 'stored/at-1000000', against: 'at 1,000 stored', least: 0.8 },
  { row: 'import/entries', against: 'of a list of 1,000', least: 0.8 },
  { row: 'start/ready', own: true, most: 1_000 },
  { row: 'start/resident', own: true, most: 180 },
];

/** A target beside what was measured. */
export interface Judged {
  readonly result: Result;
  readonly beside: string;
  readonly got: number;
  /** Lowest and highest of the single rounds; the value itself for counts. */
  readonly spread: readonly [number, number];
  readonly unit: string;
  readonly bound: Bound;
  readonly met: boolean;
}

const isMet = (got: number, bound: Bound): boolean =>
  'least' in bound ? got >= bound.least : got <= bound.most;

const withUnit = (unit: string): string => (unit === '' || unit === '×' || unit === '/s' ? unit : ` ${unit}`);

/** `≥ 15×`, `≤ 1,000 ms`. */
export const boundText = (bound: Bound, unit: string): string =>
  `${'least' in bound ? '≥' : '≤'} ${('least' in bound ? bound.least : bound.most).toLocaleString('en')}${withUnit(unit)}`;

const sought = (comparison: Comparison, target: Target): boolean =>
  'against' in target &&
  comparison.baseline === target.against &&
  comparison.statistic === (target.statistic ?? 'median');

/** Throws where a target names what its row does not have: a renamed baseline must not lose its target. */
function judge(result: Result, target: Target): Judged {
  const shape = (got: number, spread: readonly [number, number], unit: string, beside: string): Judged => ({
    result,
    beside,
    got,
    spread,
    unit,
    bound: target,
    met: isMet(got, target),
  });
  if ('own' in target) {
    const { median, min, max } = result.ours;
    return shape(median, [min, max], result.unit, '');
  }
  if ('fact' in target) {
    const got = result.facts[target.fact];
    if (got === undefined) throw new Error(`expected a count '${target.fact}' of ${target.row}, found none`);
    return shape(got, [got, got], '', target.fact);
  }
  const comparison = result.comparisons.find((one) => sought(one, target));
  if (!comparison)
    throw new Error(`expected ${target.row} beside '${target.against}', found no such baseline`);
  const { ratio, spread, statistic, baseline } = comparison;
  return shape(ratio, spread, '×', statistic === 'median' ? baseline : `${baseline}, ${statistic}`);
}

/** The targets of these results, in their order. */
export const judgedOf = (
  results: readonly Result[],
  targets: readonly Target[] = TARGETS,
): readonly Judged[] =>
  results.flatMap((result) =>
    targets.filter(({ row }) => row === resultKey(result)).map((target) => judge(result, target)),
  );

/** Of one comparison, where it has a target. */
export function targetOf(result: Result, comparison: Comparison): Judged | undefined {
  const target = TARGETS.find((one) => one.row === resultKey(result) && sought(comparison, one));
  return target && judge(result, target);
}
