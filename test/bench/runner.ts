/**
 * Runs rows: what is measured and what it is compared with take turns in one run on one machine, so that whatever else the
 * machine does meanwhile falls on both. Says ratios, never pass or fail.
 */

/** One round; the samples that it took, in the row's unit. */
export type Measure = () => Promise<readonly number[]>;

export interface Baseline {
  readonly name: string;
  readonly measure: Measure;
}

export type Statistic = 'median' | 'p99';

export interface Row {
  /** Short and stable, unique in its bench: targets and saved results know a row by it. */
  readonly id: string;
  readonly what: string;
  /** `/s`, `ms`, `µs` … */
  readonly unit: string;
  readonly ours: Measure;
  readonly against: readonly Baseline[];
  /** Default: the median alone. */
  readonly show?: readonly Statistic[];
  /** Rounds that count, at least 5; one before them warms up. */
  readonly rounds?: number;
  /** Counts that the last round left behind. */
  readonly facts?: () => Readonly<Record<string, number>>;
}

export interface BenchOptions {
  /** Adds what takes minutes to prepare. */
  readonly large: boolean;
}

export interface Bench {
  readonly name: string;
  /** Prepares everything that is not measured; the stack ends it. */
  open(stack: AsyncDisposableStack, options: BenchOptions): Promise<readonly Row[]>;
}

export interface Summary {
  readonly median: number;
  readonly p99: number;
  readonly min: number;
  readonly max: number;
  readonly samples: number;
}

export interface Comparison {
  readonly baseline: string;
  readonly statistic: Statistic;
  readonly of: Summary;
  /** Ours divided by the baseline's, both over all rounds. */
  readonly ratio: number;
  /** The same, round by round: lowest and highest. */
  readonly spread: readonly [number, number];
}

export interface Result {
  readonly bench: string;
  readonly id: string;
  readonly what: string;
  readonly unit: string;
  readonly ours: Summary;
  readonly comparisons: readonly Comparison[];
  readonly facts: Readonly<Record<string, number>>;
}

/** `bench/row`. */
export const resultKey = ({ bench, id }: Pick<Result, 'bench' | 'id'>): string => `${bench}/${id}`;

const LEAST_ROUNDS = 5;

const at = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? Number.NaN;

export function summaryOf(samples: readonly number[]): Summary {
  const sorted = [...samples].sort((a, b) => a - b);
  const middle =
    sorted.length % 2 === 0 ? [sorted.length / 2 - 1, sorted.length / 2] : [(sorted.length - 1) / 2];
  const median = middle.reduce((sum, index) => sum + (sorted[index] ?? Number.NaN), 0) / middle.length;
  return {
    median,
    p99: at(sorted, 0.99),
    min: at(sorted, 0),
    max: at(sorted, 1),
    samples: sorted.length,
  };
}

async function runRow(bench: string, row: Row): Promise<Result> {
  const sides = [row.ours, ...row.against.map(({ measure }) => measure)];
  const taken: number[][][] = sides.map(() => []);
  const rounds = Math.max(LEAST_ROUNDS, row.rounds ?? LEAST_ROUNDS);
  for (let round = -1; round < rounds; round += 1) {
    const turns = [...sides.entries()];
    // Every other round backwards: whoever goes first has the cooler machine.
    for (const [side, measure] of round % 2 === 0 ? turns : turns.reverse()) {
      globalThis.gc?.();
      const samples = await measure();
      if (round >= 0) taken[side]?.push([...samples]);
    }
  }
  const [ours = [], ...others] = taken;
  const summary = summaryOf(ours.flat());
  const comparisons = row.against.flatMap(({ name }, index) => {
    const theirs = others[index] ?? [];
    const of = summaryOf(theirs.flat());
    const perRound = ours.map(
      (samples, round) => summaryOf(samples).median / summaryOf(theirs[round] ?? []).median,
    );
    return (row.show ?? ['median']).map((statistic): Comparison => {
      const tail = statistic === 'p99';
      return {
        baseline: name,
        statistic,
        of,
        ratio: summary[statistic] / of[statistic],
        spread: tail
          ? [summary.p99 / of.max, summary.max / of.p99]
          : [Math.min(...perRound), Math.max(...perRound)],
      };
    });
  });
  const { id, what, unit } = row;
  return { bench, id, what, unit, ours: summary, comparisons, facts: row.facts?.() ?? {} };
}

/** Runs benches one after the other; `told` hears of each row as it ends. */
export async function runBenches(
  benches: readonly Bench[],
  options: BenchOptions,
  told: (result: Result) => void,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const bench of benches) {
    await using stack = new AsyncDisposableStack();
    for (const row of await bench.open(stack, options)) {
      const result = await runRow(bench.name, row);
      results.push(result);
      told(result);
    }
  }
  return results;
}

/** Seconds that `work` takes. */
export async function seconds(work: () => Promise<unknown> | unknown): Promise<number> {
  const from = performance.now();
  await work();
  return (performance.now() - from) / 1000;
}

/** A measure of work on `count` things: things per second. */
export const perSecond =
  (count: number, work: () => Promise<unknown> | unknown): Measure =>
  async () => [count / (await seconds(work))];
