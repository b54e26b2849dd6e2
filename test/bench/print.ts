/** The table that people read. */
import type { Comparison, Result, Statistic } from './runner.ts';
import { boundText, judgedOf, targetOf } from './targets.ts';

/** Three digits, more only where the number has them: `0.31`, `4.20`, `97`, `16,400`. */
export const digits = (value: number): string =>
  !Number.isFinite(value)
    ? '–'
    : value >= 1_000
      ? Math.round(value).toLocaleString('en')
      : Number.isInteger(value) || value >= 100
        ? value.toFixed(0)
        : value.toFixed(value >= 10 ? 1 : 2);

export const rangeText = ([low, high]: readonly [number, number]): string => `${digits(low)}–${digits(high)}`;

/** `met`, `missed`. */
export const verdictText = ({ met }: { readonly met: boolean }): string => (met ? 'met' : 'missed');

const COLUMNS = ['row', 'ours', 'compared with', 'its own', 'ratio', 'spread', 'target', ''] as const;
type Line = readonly string[];

export const amount = (
  summary: { readonly median: number; readonly p99: number },
  statistic: Statistic,
  unit: string,
): string => `${digits(summary[statistic])} ${unit}`;

function lineOf(result: Result, comparison: Comparison, first: boolean): Line {
  const { statistic } = comparison;
  const tail = statistic === 'p99' ? ' p99' : '';
  const judged = targetOf(result, comparison);
  return [
    first || tail !== '' ? `${result.bench}: ${result.what}${tail}` : '',
    amount(result.ours, statistic, result.unit),
    comparison.baseline,
    amount(comparison.of, statistic, result.unit),
    `${digits(comparison.ratio)}×`,
    rangeText(comparison.spread),
    judged ? boundText(judged.bound, judged.unit) : '',
    judged ? verdictText(judged) : '',
  ];
}

function linesOf(result: Result): readonly Line[] {
  const { min, max } = result.ours;
  const alone: Line = [
    `${result.bench}: ${result.what}`,
    amount(result.ours, 'median', result.unit),
    '',
    '',
    '',
    rangeText([min, max]),
    '',
    '',
  ];
  const compared = result.comparisons.map((comparison, index) => lineOf(result, comparison, index === 0));
  // Targets that are no ratio.
  const judged = judgedOf([result])
    .filter(({ unit }) => unit !== '×')
    .map((one): Line => {
      const beside = one.beside === '' ? 'by itself' : one.beside;
      const got = `${digits(one.got)} ${one.unit}`.trim();
      return [
        '',
        got,
        beside,
        '',
        '',
        rangeText(one.spread),
        boundText(one.bound, one.unit),
        verdictText(one),
      ];
    });
  return [...(compared.length > 0 ? compared : [alone]), ...judged];
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
