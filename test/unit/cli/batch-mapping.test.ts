import { describe, expect, it } from 'vitest';
import { statedMapping } from '../../../src/cli/batch-mapping.ts';
import { queryOf } from '../../../src/cli/commands/screen.ts';
import { findingOf } from '../../../src/cli/commands/screen-batch.ts';
import {
  ScreeningBand,
  ScreeningOutcome,
  ScreeningResult,
  ScreeningSubject,
} from '../../../src/gen/tocsin/desk/v1/screening_service.ts';
import { readTable } from '../../../src/screening/batch/index.ts';

const table = readTable(new TextEncoder().encode('Shipper,IMO,Note\nAda Testowa,9319466,x\n'));
const usage = expect.objectContaining({ code: 'USAGE' });

describe('columns named on the command line', () => {
  it('are found by header or letter; the others are not used', () => {
    expect(statedMapping(table, ['name=Shipper', 'imo=b'])).toEqual(['name', 'imo', undefined]);
  });

  it.each(['name', 'colour=Shipper', 'name=Consignee', 'name=Z'])('are refused as %s', (stated) => {
    expect(() => statedMapping(table, [stated])).toThrow(usage);
  });
});

describe('a question of the command line', () => {
  const officer = 'o';
  it('is a text where only words are given, a name or number where an option says so', () => {
    expect(queryOf(['Ada', 'Testowa'], { officer })).toMatchObject({ text: 'Ada Testowa', countries: [] });
    expect(
      queryOf([], { officer, name: 'List', subject: 'vessel', born: '1979-05', country: ['sn'] }),
    ).toMatchObject({
      name: 'List',
      subject: ScreeningSubject.SCREENING_SUBJECT_VESSEL,
      born: { year: 1979, month: 5, day: 0 },
      countries: ['SN'],
    });
    expect(queryOf([], { officer, serial: 'A?12*', maker: 'Zastava', country: ['RS'] })).toMatchObject({
      identifier: { scheme: 'serial', value: 'A?12*' },
      about: { maker: 'Zastava', country: 'RS' },
    });
  });

  it.each([
    ['nothing', [], {}],
    ['two', ['Ada'], { imo: '9319466' }],
    ['a date that is none', ['Ada'], { born: 'spring' }],
    ['a country that is none', ['Ada'], { country: ['Atlantis'] }],
  ])('is refused where it is %s', (_what, words, more) => {
    expect(() => queryOf(words, { officer, ...more })).toThrow(usage);
  });
});

describe('what came of a line of a batch', () => {
  const question = { row: 2, column: 0, countries: [], about: {}, reference: '', name: 'Ada' };
  const result = (outcome: ScreeningOutcome, hits: object[] = []) =>
    ScreeningResult.fromPartial({ screeningId: 's', outcome, hits });
  const hit = { band: ScreeningBand.SCREENING_BAND_PROBABLE, score: 81.26, listed: 'Ada', originator: 'XB' };

  it.each([
    ['hit', 4, result(ScreeningOutcome.SCREENING_OUTCOME_HIT, [hit])],
    ['no hit', 1, result(ScreeningOutcome.SCREENING_OUTCOME_NO_HIT)],
    [
      'known to be another',
      2,
      result(ScreeningOutcome.SCREENING_OUTCOME_NO_HIT, [{ ...hit, knownFalsePositive: true }]),
    ],
    [
      'not asked: too long',
      0,
      ScreeningResult.fromPartial({ fault: { code: 'TOO_LONG', field: 'name', message: 'too long' } }),
    ],
  ])('is %s', (outcome, rank, answer) => {
    expect(findingOf(question, answer)).toMatchObject({ row: 2, column: 0, outcome, rank });
  });

  it('has the score as it is printed', () => {
    expect(findingOf(question, result(ScreeningOutcome.SCREENING_OUTCOME_HIT, [hit]))).toMatchObject({
      score: 81.3,
      band: 'probable',
      originator: 'XB',
      screening: 's',
    });
  });
});
