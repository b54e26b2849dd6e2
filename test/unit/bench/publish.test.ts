import { describe, expect, it } from 'vitest';
import { svgOf, xml } from '../../bench/plot.ts';
import { readmeBlock, targetsPlot, withBlock } from '../../bench/publish.ts';
import { mergeDocuments, parseDocument, type RunDocument } from '../../bench/run-document.ts';
import type { Result } from '../../bench/runner.ts';
import { boundText, judgedOf, TARGETS, type Target } from '../../bench/targets.ts';

const summary = (median: number) => ({
  median,
  p99: median * 2,
  min: median / 2,
  max: median * 3,
  samples: 5,
});

const result = (over: Partial<Result> = {}): Result => ({
  bench: 'exchange',
  id: 'row',
  what: 'a <row> & more',
  unit: 'ms',
  ours: summary(50),
  comparisons: [
    { baseline: 'other', statistic: 'median', of: summary(100), ratio: 0.5, spread: [0.4, 0.7] },
    { baseline: 'other', statistic: 'p99', of: summary(100), ratio: 21, spread: [11, 31] },
  ],
  facts: { count: 3 },
  ...over,
});

const row = 'exchange/row';
const verdict = (target: Target) => judgedOf([result()], [target]).map(({ got, met }) => [got, met]);

const documentAt = (at: string, results: readonly Result[], cores = 2): RunDocument => ({
  machine: { node: 'v24.0.0', platform: 'linux', arch: 'x64', cores },
  parts: [{ at, load: { before: 1, after: 2 }, benches: ['exchange'] }],
  results,
});

describe('targets', () => {
  it('are met by what reaches the bound, on either side of it', () => {
    expect(verdict({ row, against: 'other', least: 0.5 })).toEqual([[0.5, true]]);
    expect(verdict({ row, against: 'other', least: 0.51 })).toEqual([[0.5, false]]);
    expect(verdict({ row, against: 'other', statistic: 'p99', most: 20 })).toEqual([[21, false]]);
    expect(verdict({ row, own: true, most: 50 })).toEqual([[50, true]]);
    expect(verdict({ row, own: true, most: 49 })).toEqual([[50, false]]);
    expect(verdict({ row, fact: 'count', most: 3 })).toEqual([[3, true]]);
  });

  it('refuse to be judged by a row that no longer has what they name', () => {
    expect(() => verdict({ row, against: 'renamed', least: 1 })).toThrow(/no such baseline/);
    expect(() => verdict({ row, fact: 'renamed', least: 1 })).toThrow(/found none/);
  });

  it('are not met by a value that is no number', () => {
    const broken = result({ ours: summary(Number.NaN) });
    expect(judgedOf([broken], [{ row, own: true, most: 1 }])[0]?.met).toBe(false);
  });

  it('are written with their unit', () => {
    expect(boundText({ least: 15 }, '×')).toBe('≥ 15×');
    expect(boundText({ most: 1_000 }, 'ms')).toBe('≤ 1,000 ms');
  });

  it('name each thing once', () => {
    const names = TARGETS.map((one) => JSON.stringify({ ...one, least: 0, most: 0 }));
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('the marked block', () => {
  const text = 'before\n<!-- bench -->\nold\n<!-- /bench -->\nafter\n';

  it('is replaced, and nothing else', () => {
    expect(withBlock(text, 'new')).toBe('before\n<!-- bench -->\nnew\n<!-- /bench -->\nafter\n');
    expect(withBlock(withBlock(text, 'x'), 'new')).toBe(withBlock(text, 'new'));
  });

  it('must be there once, its beginning first', () => {
    for (const wrong of ['', text + text, '<!-- /bench --><!-- bench -->', 'a <!-- bench --> b'])
      expect(() => withBlock(wrong, 'new')).toThrow(/once each/);
  });

  it('says how many targets were met, and escapes what would end a cell', () => {
    const document = documentAt('2026-01-01T00:00:00Z', [result({ what: 'a | b' })]);
    expect(readmeBlock(document)).toContain(
      '0 of 0 targets met. Node 24.0.0, linux x64, 2 cores; 2026-01-01',
    );
    expect(readmeBlock(document)).toContain('| exchange: a \\| b | other | 0.50× | 0.40–0.70 |  |  |');
  });
});

describe('saved runs', () => {
  it('make one document, in which the later of two measurements counts', () => {
    const older = documentAt('2026-01-01T00:00:00Z', [result({ unit: 'old' }), result({ id: 'b' })]);
    const newer = documentAt('2026-01-02T00:00:00Z', [result({ unit: 'new' }), result({ bench: 'first' })]);
    const merged = mergeDocuments([newer, older], ['first', 'exchange']);
    expect(merged.results.map(({ bench, id, unit }) => `${bench} ${id} ${unit}`)).toEqual([
      'first row ms',
      'exchange row new',
      'exchange b ms',
    ]);
    expect(merged.parts.map(({ at }) => at.slice(0, 10))).toEqual(['2026-01-01', '2026-01-02']);
  });

  it('of different machines are refused, as is what is no run', () => {
    const here = documentAt('2026-01-01T00:00:00Z', []);
    expect(() => mergeDocuments([here, documentAt('2026-01-01T00:00:00Z', [], 8)], [])).toThrow(
      /one machine/,
    );
    expect(() => parseDocument('{"results":[]}', 'a.json')).toThrow(/a\.json/);
    expect(parseDocument(JSON.stringify(here), 'a.json')).toEqual(here);
  });
});

describe('a plot', () => {
  const line = { label: '<a> & "b"', value: 2, low: 1, high: 4, text: '2×' };
  const plot = { title: 'A & B', description: 'd', axis: 'x', reference: 1 };

  it('writes texts as XML has them', () => {
    expect(xml('<&>"\u0000\ud800')).toBe('&lt;&amp;&gt;&quot;\ufffd\ufffd');
    const svg = svgOf({ ...plot, groups: [{ name: 'g', lines: [line] }] });
    expect(svg).toContain('<title id="title">A &amp; B</title>');
    expect(svg).toContain('&lt;a&gt; &amp; &quot;b&quot;');
    expect(svg).toContain('prefers-color-scheme: dark');
    expect(svg).not.toContain('NaN');
  });

  it('keeps every coordinate inside the picture, however far apart the values are', () => {
    const lines = [1e-9, 0.3, 1, 7, 1e9].map((value) => ({
      ...line,
      value,
      low: value / 10,
      high: value * 10,
      met: value > 1,
    }));
    const svg = svgOf({ ...plot, groups: [{ name: '', lines }] });
    const at = [...svg.matchAll(/ (?:cx|x)="(-?[\d.]+)"/g)].map(([, x]) => Number(x));
    expect(at.length).toBeGreaterThan(10);
    expect(at.every((x) => x >= 0 && x <= 880)).toBe(true);
    expect(svg).not.toContain('NaN');
  });

  it('of nothing is refused', () => {
    expect(() => svgOf({ ...plot, groups: [] })).toThrow(/got none/);
  });

  it('of targets shows what is missed as a hollow diamond', () => {
    const judged = documentAt('2026-01-01T00:00:00Z', [
      result({ bench: 'fanout', id: 'to-200', ours: summary(2_000) }),
      result({ bench: 'policy', id: 'cold', facts: { 'evaluations per distinct input': 1 } }),
    ]);
    const svg = svgOf(targetsPlot(judged));
    expect(svg.match(/class="missed"/g)).toHaveLength(1);
    expect(svg.match(/class="met"/g)).toHaveLength(1);
  });

  it('has a place for nothing of what there must be nothing of', () => {
    const lossless = TARGETS.filter((target) => 'most' in target && target.most === 0 && 'fact' in target);
    const [target] = lossless;
    if (!target || !('fact' in target)) throw new Error('expected a target of nothing');
    const [bench = '', id = ''] = target.row.split('/');
    const names = TARGETS.flatMap((one) => ('fact' in one && one.row === target.row ? [one.fact] : []));
    const none = result({
      bench,
      id,
      comparisons: [],
      facts: Object.fromEntries(names.map((name) => [name, 0])),
    });
    const { groups } = targetsPlot(documentAt('2026-11-01T00:00:00Z', [none]));
    const line = groups[0]?.lines.find(({ label }) => label.endsWith(target.fact));
    expect([line?.value, line?.met]).toEqual([1, true]);
  });
});
