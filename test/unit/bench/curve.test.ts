import { XMLValidator } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import { curvesOf } from '../../bench/curve.ts';
import type { Result } from '../../bench/runner.ts';
import { alertCurvePlot } from '../../bench/screening/alert-plot.ts';

const result = (facts: Readonly<Record<string, number>>): Result => ({
  bench: 'screening',
  id: 'alerts',
  what: 'alerts',
  unit: 'alerts',
  ours: { median: 4, p99: 4, min: 4, max: 4, samples: 5 },
  comparisons: [],
  facts,
});

const FACTS = {
  'from 60: alerts per 1,000': 40,
  'from 60: real aliases, %': 90,
  'from 60: native script, %': 70,
  'from 80: alerts per 1,000': 2,
  'from 80: real aliases, %': 75,
  'from 80: native script, %': 50,
  'from 99: alerts per 1,000': 0,
  'from 99: real aliases, %': 10,
  'from 99: native script, %': 5,
};

describe('the curve of alerts', () => {
  it('has a point for each cut that alerts, and none for one that never does', () => {
    const plot = alertCurvePlot([result(FACTS)]);
    expect(
      plot?.curves.map(({ name, points }) => [name, points.map(({ cost, found }) => [cost, found])]),
    ).toEqual([
      [
        'real aliases',
        [
          [40, 90],
          [2, 75],
        ],
      ],
      [
        'native script',
        [
          [40, 70],
          [2, 50],
        ],
      ],
    ]);
  });

  it('is absent where the row was not run', () => {
    expect(alertCurvePlot([{ ...result({}), bench: 'log' }])).toBeUndefined();
  });

  it('is a picture in well-formed XML, whose points lie further up the more is found and further right the more it costs', () => {
    const plot = alertCurvePlot([result(FACTS)]);
    if (!plot) throw new Error('expected a plot');
    const svg = curvesOf({ ...plot, title: 'a < b & c' });
    expect(XMLValidator.validate(svg)).toBe(true);
    const points = [...svg.matchAll(/<circle class="plain" cx="([\d.]+)" cy="([\d.]+)"/gu)].map(
      ([, x, y]) => [Number(x), Number(y)],
    );
    const [cheap, dear] = points as [[number, number], [number, number]];
    expect(points).toHaveLength(2);
    expect(dear[0]).toBeGreaterThan(cheap[0]);
    expect(dear[1]).toBeLessThan(cheap[1]);
  });

  it('refuses to draw nothing', () => {
    expect(() =>
      curvesOf({ title: 'none', description: '', axis: '', bound: { cost: 5, text: '' }, curves: [] }),
    ).toThrow(/expected 1 to 3 curves/);
  });
});
