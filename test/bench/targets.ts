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

/** Slices of names written otherwise, and the percentage of each that is among the first ten of a million entries. */
const FOUND = [
  ['real-aliases', 95],
  ['ofac-2025', 97],
  ['un-altered', 99],
  ['native-script', 92],
  ['one-typo', 99.5],
  ['two-typos', 97.5],
  ['rotated', 100],
  ['one-dropped', 99],
  ['two-joined', 97],
  ['respelled', 98],
] as const;

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
  { row: 'screening/manifest', against: 'MiniSearch', least: 150 },
  { row: 'screening/manifest', against: 'FlexSearch', least: 5 },
  { row: 'screening/slices', against: 'MiniSearch', least: 150 },
  { row: 'screening/slices', against: 'FlexSearch', least: 5 },
  { row: 'screening/at-1000000', against: 'at 100,000', least: 1 / 3.5 },
  { row: 'screening/at-1000000', fact: 'bytes an entry', most: 120 },
  { row: 'screening/at-1000000', fact: 'bytes an entry, to that at 100,000', most: 1.15 },
  { row: 'screening/at-5000000', fact: 'bytes an entry, to that at 100,000', most: 1.15 },
  { row: 'screening/at-1000000', fact: 'seconds to restart, a million', most: 5 },
  { row: 'screening/at-5000000', fact: 'seconds to restart, a million', most: 5 },
  { row: 'screening/at-5000000', fact: 'megabytes resident', most: 2_000 },
  { row: 'screening/desk', own: true, most: 1_000 },
  { row: 'screening/build', fact: 'seconds to build a million', most: 3 },
  { row: 'screening/add', fact: 'added and not met by the next search', most: 0 },
  { row: 'screening/add', fact: 'removed and met again', most: 0 },
  ...FOUND.flatMap(([slice, least]): readonly Target[] => [
    { row: `screening/found-${slice}`, own: true, least },
    { row: `screening/found-${slice}`, fact: 'found of these, to what MiniSearch found', least: 1 },
  ]),
  { row: 'screening/found-real-aliases', fact: 'first, %', least: 88 },
  { row: 'screening/found-native-script', fact: 'first, %', least: 75 },
  { row: 'screening/alerts', own: true, most: 5 },
  { row: 'screening/alerts', fact: 'real aliases, %', least: 80 },
  { row: 'screening/alerts', fact: 'native script, %', least: 60 },
  { row: 'screening/judged', fact: 'F1 of all pairs', least: 0.8 },
  { row: 'screening/judged', fact: 'strong cases on the wrong side of the mean of both cuts', most: 0 },
  { row: 'screening/judged', fact: 'steps of evidence with means out of order', most: 0 },
  { row: 'screening/threads', own: true, least: 10_000 },
  { row: 'screening/hostile', fact: 'longest, ms', most: 20 },
  { row: 'screening/hostile', fact: 'exact names missed', most: 0 },
  { row: 'screening/hostile', fact: 'aliases of 300 missed', most: 0 },
  { row: 'board/interaction', fact: 'longest interaction, ms', most: 200 },
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
