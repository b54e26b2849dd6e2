/** The curve of alerts over cuts, drawn out of what the row of alerts left behind, so that saved runs can be drawn too. */
import type { CurvePlot } from '../curve.ts';
import { type Result, resultKey } from '../runner.ts';

const CUT = /^from (\d+): alerts per 1,000$/u;
const BEARABLE = 5;
const FOUND = ['real aliases', 'native script'] as const;
/** Cuts that are written beside their points. */
const WRITTEN: ReadonlySet<number> = new Set([50, 60, 72, 80, 90]);

/** Undefined where the row was not run. */
export function alertCurvePlot(results: readonly Result[]): CurvePlot | undefined {
  const facts = results.find((result) => resultKey(result) === 'screening/alerts')?.facts;
  if (!facts) return undefined;
  const cuts = Object.keys(facts).flatMap((name) => {
    const cut = CUT.exec(name)?.[1];
    return cut === undefined ? [] : [Number(cut)];
  });
  const curves = FOUND.map((name, index) => ({
    name,
    points: cuts.flatMap((cut) => {
      const cost = facts[`from ${cut}: alerts per 1,000`] ?? 0;
      const found = facts[`from ${cut}: ${name}, %`] ?? Number.NaN;
      // A logarithmic axis has no place for a cut without alerts.
      if (!(cost > 0)) return [];
      return [{ cost, found, ...(index === 0 && WRITTEN.has(cut) && { text: `from ${cut}` }) }];
    }),
  }));
  return {
    title: 'What a cut finds, and the alerts it costs',
    description: curves
      .map(
        ({ name, points }) =>
          `${name}: ${points.map(({ cost, found }) => `${found.toFixed(0)} % at ${cost.toFixed(1)} alerts`).join(', ')}`,
      )
      .join('; '),
    axis: 'alerts per 1,000 names of nobody listed; upward: per cent found of listed names written otherwise',
    bound: { cost: BEARABLE, text: `at most ${BEARABLE}` },
    curves,
  };
}
