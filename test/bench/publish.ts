/** `--publish`: table, JSON and pictures under results/, and the marked block of the project's README. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { curvesOf } from './curve.ts';
import { type Plot, type PlotLine, svgOf } from './plot.ts';
import { digits, rangeText, tableOf, verdictText } from './print.ts';
import type { RunDocument, RunPart } from './run-document.ts';
import type { Result } from './runner.ts';
import { alertCurvePlot } from './screening/alert-plot.ts';
import { boundText, type Judged, judgedOf, targetOf } from './targets.ts';

const FOLDER = join(import.meta.dirname, 'results');
const README = join(import.meta.dirname, '..', '..', 'README.md');
const [BEGIN, END] = ['<!-- bench -->', '<!-- /bench -->'];

/** The text with another content between its two marks. Throws unless each mark is there once, in order. */
export function withBlock(text: string, content: string): string {
  const parts = text.split(BEGIN);
  const [before = '', rest = ''] = parts;
  const tail = rest.split(END);
  if (parts.length !== 2 || tail.length !== 2 || before.includes(END))
    throw new Error(`expected ${BEGIN} and then ${END}, once each; put both where the results belong`);
  return `${before}${BEGIN}\n${content.trim()}\n${END}${tail[1]}`;
}

const cell = (text: string): string => text.replaceAll('|', '\\|');
const rowText = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;

const span = (values: readonly (number | string)[]): string => {
  const sorted = [...new Set(values)].sort((a, b) => (a < b ? -1 : 1));
  return sorted.length === 1 ? `${sorted[0]}` : `${sorted[0]} to ${sorted.at(-1)}`;
};

const dayOf = ({ at }: RunPart): string => at.slice(0, 10);

/** Where and when it was measured, and what else the machine did. */
export function machineLine({ machine, parts }: RunDocument): string {
  const { node, platform, arch, cores } = machine;
  const before = span(parts.map(({ load }) => load.before));
  const after = span(parts.map(({ load }) => load.after));
  return `Node ${node.replace(/^v/, '')}, ${platform} ${arch}, ${cores} cores; ${span(parts.map(dayOf))}; load average ${before} before (one minute), ${after} after (fifteen minutes)`;
}

const judgedCells = (one: Judged): readonly string[] => [
  `${one.result.bench}: ${one.result.what}`,
  one.beside === '' ? 'by itself' : one.beside,
  `${digits(one.got)}${one.unit === '×' ? '×' : ` ${one.unit}`.trimEnd()}`,
  rangeText(one.spread),
  boundText(one.bound, one.unit),
  one.met ? 'met' : '**missed**',
];

/** The compact table: every target, then the first comparison of each row that has none. */
export function readmeBlock(document: RunDocument): string {
  const judged = judgedOf(document.results);
  const met = judged.filter((one) => one.met).length;
  const others = document.results.flatMap((result) => {
    const [first] = result.comparisons;
    if (!first || judged.some((one) => one.result === result)) return [];
    return [
      [
        `${result.bench}: ${result.what}`,
        first.baseline,
        `${digits(first.ratio)}×`,
        rangeText(first.spread),
        '',
        '',
      ],
    ];
  });
  return `
${met} of ${judged.length} targets met. ${machineLine(document)}.

![How far each measurement is from its target](test/bench/results/targets.svg)

${rowText(['row', 'beside', 'ratio or value', 'spread', 'target', ''])}
| --- | --- | --- | --- | --- | --- |
${[...judged.map(judgedCells), ...others].map(rowText).join('\n')}

Ratio = ours divided by the other's in the same run, median of at least five rounds; spread = lowest and highest round. [All comparisons](test/bench/results/table.txt),
[as a picture](test/bench/results/ratios.svg), [how they are taken and what they mean](test/bench/README.md).
`.trim();
}

/** Every ratio, grouped by bench. */
export function ratiosPlot(document: RunDocument): Plot {
  const benches = [...new Set(document.results.map(({ bench }) => bench))];
  const lineOf = (result: Result) =>
    result.comparisons.map((comparison): PlotLine => {
      const judged = targetOf(result, comparison);
      const tail = comparison.statistic === 'p99' ? ', p99' : '';
      return {
        label: `${result.id}${tail} : ${comparison.baseline}`,
        value: comparison.ratio,
        low: comparison.spread[0],
        high: comparison.spread[1],
        text: `${digits(comparison.ratio)}×${result.unit === '/s' ? '' : ' (less is better)'}`,
        ...(judged && {
          target: 'least' in judged.bound ? judged.bound.least : judged.bound.most,
          met: judged.met,
        }),
      };
    });
  const groups = benches.map((name) => ({
    name,
    lines: document.results.filter(({ bench }) => bench === name).flatMap(lineOf),
  }));
  return {
    title: 'Tocsin beside its baselines',
    description: `Ratios of ${benches.join(', ')} to their baselines; the table beside this picture has the same numbers. ${machineLine(document)}`,
    axis: 'ours : baseline (bar = spread of rounds, upright stroke = target, ◇ = missed)',
    reference: 1,
    groups: groups.filter(({ lines }) => lines.length > 0),
  };
}

/** How often over each target is reached: 1 is just met, whichever side the bound is on. */
export function targetsPlot(document: RunDocument): Plot {
  const judged = judgedOf(document.results);
  const lines = judged.map((one): PlotLine => {
    const { bound } = one;
    // Nothing of what there must be nothing of is just met, not 0 / 0.
    const share = (value: number) =>
      'least' in bound ? value / bound.least : value === bound.most ? 1 : bound.most / value;
    const [a, b] = one.spread.map(share) as [number, number];
    const beside = one.beside === '' ? '' : ` : ${one.beside}`;
    return {
      label: `${one.result.bench} ${one.result.id}${beside}`,
      value: share(one.got),
      low: Math.min(a, b),
      high: Math.max(a, b),
      text: `${digits(one.got)}${one.unit === '×' ? '×' : ` ${one.unit}`.trimEnd()} (${boundText(bound, one.unit)})`,
      met: one.met,
    };
  });
  return {
    title: 'Targets, and what was measured',
    description: judged
      .map(
        (one) =>
          `${one.result.bench}: ${one.result.what}: ${boundText(one.bound, one.unit)}, ${verdictText(one)}`,
      )
      .join('; '),
    axis: 'times the target (1 = just met; bar = spread of rounds, ◇ = missed)',
    reference: 1,
    groups: [{ name: '', lines }],
  };
}

/** Text of results/table.txt, and of the terminal. */
export const textOf = (document: RunDocument): string =>
  `${tableOf(document.results)}\n\n${machineLine(document)}\nratio = ours : other, over all rounds; spread = the same in single rounds\n`;

/** Writes all of it and says where. */
export function publish(document: RunDocument): readonly string[] {
  // Everything is made before anything is written: a fault leaves the old results whole.
  const readme = withBlock(readFileSync(README, 'utf8'), readmeBlock(document));
  const alerts = alertCurvePlot(document.results);
  const files: readonly (readonly [string, string])[] = [
    [join(FOLDER, 'results.json'), `${JSON.stringify(document, undefined, 2)}\n`],
    [join(FOLDER, 'table.txt'), textOf(document)],
    [join(FOLDER, 'ratios.svg'), svgOf(ratiosPlot(document))],
    [join(FOLDER, 'targets.svg'), svgOf(targetsPlot(document))],
    ...(alerts ? [[join(FOLDER, 'alerts.svg'), curvesOf(alerts)] as const] : []),
    [README, readme],
  ];
  mkdirSync(FOLDER, { recursive: true });
  for (const [file, text] of files) writeFileSync(file, text);
  return files.map(([file]) => file);
}
