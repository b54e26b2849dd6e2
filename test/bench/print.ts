/** The table that people read. */
import type { Comparison, Result, Statistic } from './runner.ts';

const digits = (value: number): string =>
  !Number.isFinite(value)
    ? '–'
    : value >= 100
      ? value.toFixed(0)
      : value >= 10
        ? value.toFixed(1)
        : value.toFixed(2);

const COLUMNS = ['row', 'ours', 'compared with', 'its own', 'ratio', 'spread', 'target'] as const;
type Line = readonly string[];

const cellOf = (summary: { median: number; p99: number }, statistic: Statistic, unit: string): string =>
  `${digits(summary[statistic])} ${unit}`;

function lineOf(result: Result, comparison: Comparison, first: boolean): Line {
  const { statistic } = comparison;
  const tail = statistic === 'p99' ? ' p99' : '';
  return [
    first || tail !== '' ? `${result.bench}: ${result.what}${tail}` : '',
    cellOf(result.ours, statistic, result.unit),
    comparison.baseline,
    cellOf(comparison.of, statistic, result.unit),
    `${digits(comparison.ratio)}×`,
    `${digits(comparison.spread[0])}–${digits(comparison.spread[1])}`,
    comparison.target ?? '',
  ];
}

export function linesOf(result: Result): readonly Line[] {
  const lines = result.comparisons.map((comparison, index) => lineOf(result, comparison, index === 0));
  if (lines.length > 0) return lines;
  const { min, max } = result.ours;
  return [
    [
      `${result.bench}: ${result.what}`,
      cellOf(result.ours, 'median', result.unit),
      '',
      '',
      '',
      `${digits(min)}–${digits(max)}`,
      '',
    ],
  ];
}

/** Text of the whole table; ratios are ours divided by the other's. */
export function tableOf(results: readonly Result[]): string {
  const lines: Line[] = [COLUMNS, ...results.flatMap(linesOf)];
  const widths = COLUMNS.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  const text = lines.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const facts = results.flatMap(({ bench, what, facts: counted }) =>
    Object.entries(counted).map(([name, count]) => `${bench}: ${what}: ${name} ${digits(count)}`),
  );
  return [...text, ...(facts.length > 0 ? ['', ...facts] : [])].join('\n');
}
