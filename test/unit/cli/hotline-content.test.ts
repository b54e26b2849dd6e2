/** What the hotline's verbs propose, and what of a report they keep out of a warning. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  newReportNumber,
  proposedSummary,
  repeatedWords,
  textsIn,
  wholeHour,
  withFields,
} from '../../../src/cli/hotline-content.ts';

const NOW = Date.parse('2031-03-02T01:47:12Z');

describe('a number for a caller', () => {
  it('has eight signs that are not mistaken for each other, drawn one by one', () => {
    const limits: number[] = [];
    const number = newReportNumber((limit) => {
      limits.push(limit);
      return limits.length - 1;
    });
    expect(number).toBe('2345-6789');
    expect(limits).toEqual(Array.from({ length: 8 }, () => 30));
    fc.assert(
      fc.property(fc.array(fc.nat(29), { minLength: 8, maxLength: 8 }), (draws) => {
        const left = [...draws];
        expect(newReportNumber(() => left.pop() ?? 0)).toMatch(/^[^01IOLU]{4}-[^01IOLU]{4}$/);
      }),
    );
  });
});

describe('a warning of a report', () => {
  it('takes over its matter, pressure and region, and the hour, not the minute', () => {
    const report = {
      reportNumber: '2345-6789',
      category: 'HOTLINE_CATEGORY_STOCK_THEFT',
      imminence: 'IMMINENCE_NOW',
      country: 'XA',
      subdivision: 'XA-N',
    };
    const summary = proposedSummary(report, NOW, 12);
    expect(summary).toMatchObject({
      event: 'depot-loss',
      urgency: 'immediate',
      areas: [{ subdivisions: ['XA-N'] }],
      effective: '2031-03-02T01:00:00.000Z',
      expires: '2031-03-02T13:47:12.000Z',
    });
    expect(textsIn(summary)).not.toContain('2345');
    expect(wholeHour(NOW)).toBe(summary.effective);
    // Of no report, matter and place are for its author to say.
    expect(Object.keys(proposedSummary(undefined, NOW, 1))).not.toContain('event');
  });

  it('has no five words in a row of the report, however they are written', () => {
    const told = 'Three lorries without lights passed the old bridge';
    expect(repeatedWords('THREE lorries, without lights: passed by', told)).toBe(
      'three lorries without lights passed',
    );
    expect(repeatedWords('three lorries without lights', told)).toBeUndefined();
    const word = fc.stringMatching(/^[a-z]{1,6}$/);
    fc.assert(
      fc.property(fc.array(word, { minLength: 5, maxLength: 30 }), fc.nat(25), (words, at) => {
        const from = Math.min(at, words.length - 5);
        const run = words.slice(from, from + 5);
        expect(repeatedWords(`said: ${run.join(', ')}!`, words.join(' '))).toBe(run.join(' '));
        expect(repeatedWords(run.slice(0, 4).join(' '), words.join(' '))).toBeUndefined();
      }),
    );
  });

  it('is changed field by field, the rest stays', () => {
    const content = { kind: 'warning', facets: { summary: { event: 'x', severity: 'y' }, items: { a: 1 } } };
    expect(withFields(content, 'summary', { severity: 'z' })).toEqual({
      kind: 'warning',
      facets: { summary: { event: 'x', severity: 'z' }, items: { a: 1 } },
    });
    expect(withFields(content, 'basis', { comment: 'c' }).facets.basis).toEqual({ comment: 'c' });
  });
});
