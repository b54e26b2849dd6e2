import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  explanation,
  hitLines,
  notComparedWords,
  readingWords,
  roundedPoints,
} from '../../../src/cli/screening-words.ts';
import {
  ScreeningAgreement,
  ScreeningBand,
  ScreeningFinding,
  ScreeningHit,
  ScreeningLine,
  ScreeningSide,
} from '../../../src/gen/tocsin/desk/v1/screening_service.ts';

const line = (more: Partial<ScreeningLine>) => ScreeningLine.fromPartial(more);

describe('an explanation in English', () => {
  it('has points that sum to the score as it is printed', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -60, max: 60, noNaN: true }), { maxLength: 12 }), (points) => {
        const score = points.reduce((sum, one) => sum + one, 0);
        const told = roundedPoints(points.map((one) => ({ points: one })));
        expect(told.reduce((sum, one) => sum + Math.round(one * 10), 0)).toBe(Math.round(score * 10) + 0);
        for (const [at, one] of told.entries()) expect(Math.abs(one - (points[at] ?? 0))).toBeLessThan(0.11);
      }),
    );
  });

  it('names both sides, how they agree and how rare the word is; what speaks against has a minus', () => {
    expect(
      explanation([
        line({
          points: 32.25,
          agreement: ScreeningAgreement.SCREENING_AGREEMENT_SOUND,
          query: 'Testouf',
          listed: 'تستوف',
          oneIn: 899.6,
        }),
        line({
          points: -4,
          agreement: ScreeningAgreement.SCREENING_AGREEMENT_NOT_IN_ENTRY,
          query: 'Ould',
        }),
      ]),
    ).toEqual([
      ' +32.3  Testouf · تستوف – the same consonants or sound (1 in 900 listed names)',
      '  −4.0  Ould – not in the entry',
    ]);
  });

  it('of a number says what became of each field', () => {
    expect(
      explanation([
        line({
          field: 'calibre',
          finding: ScreeningFinding.SCREENING_FINDING_DIFFERS,
          query: '7.62x39',
          listed: '9 mm',
        }),
        line({ field: 'number-asked', finding: ScreeningFinding.SCREENING_FINDING_CHECK_DIGIT_FAILS }),
      ]).map((text) => text.trim()),
    ).toEqual(['calibre differs: 7.62x39 · 9 mm', 'number asked check digit fails']);
  });

  it('shows a number below the one listed, and where they differ', () => {
    const lines = hitLines(
      ScreeningHit.fromPartial({
        listed: 'AB-1Z34',
        scheme: 'serial',
        originator: 'XB',
        kind: 'stolen-arms',
        recordId: Buffer.alloc(16, 0xab),
        band: ScreeningBand.SCREENING_BAND_PROBABLE,
        agreement: ScreeningAgreement.SCREENING_AGREEMENT_FOLDED,
        alignment: { query: 'AB1234', listed: 'AB1Z34', differs: [3] },
      }),
    );
    expect(lines).toEqual([
      'probable, the same number but for look-alike characters  AB-1Z34',
      `XB stolen-arms, record ${'ab'.repeat(16)}`,
      'asked  AB1234',
      'listed AB1Z34',
      '          ^  ',
    ]);
  });

  it('says what was not compared, on which side it is missing, and what a text was taken for', () => {
    expect(
      notComparedWords([
        { what: 'born', missingIn: ScreeningSide.SCREENING_SIDE_QUERY },
        { what: 'country', missingIn: ScreeningSide.SCREENING_SIDE_BOTH },
      ]),
    ).toBe('born (not in the question), country (in neither)');
    expect(readingWords({ scheme: 'imo-ship', value: '9319460', notes: ['check-digit-fails'] })).toBe(
      'imo-ship 9319460 (check digit fails)',
    );
  });

  it('shows no character of an entry that could move the cursor', () => {
    const text = hitLines(ScreeningHit.fromPartial({ listed: 'A\u001b[2J', title: '\u202eB' })).join('\n');
    expect(text).not.toMatch(/[\u001b\u202e]/);
    expect(text).toContain('\\u001b');
  });
});
