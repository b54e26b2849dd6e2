/** Why a question was not asked is said in the language of the page, whatever the fault. */
import { describe, expect, it } from 'vitest';
import { screen } from '../../../src/console/text/screen/en.ts';
import { ScreeningQuery } from '../../../src/gen/tocsin/desk/v1/screening_service.ts';
import { IdentifierError } from '../../../src/screening/identifiers/errors.ts';
import { IdentifierIndex } from '../../../src/screening/identifiers/identifier-index.ts';
import { isFault, readQuery } from '../../../src/screening/service/query.ts';

const codeOf = (query: ScreeningQuery | undefined): string => {
  const read = readQuery(query);
  if (!isFault(read)) throw new Error('expected a fault');
  return read.code;
};

const asked = (query: Partial<ScreeningQuery>): string =>
  codeOf({ ...ScreeningQuery.fromPartial({}), ...query });

function numberAsked(value: string): string {
  try {
    new IdentifierIndex().search({ value, scheme: 'serial' });
  } catch (error) {
    if (error instanceof IdentifierError) return error.code;
    throw error;
  }
  throw new Error('expected a fault');
}

describe('a fault of a question', () => {
  const codes = [
    ['none', 'REQUIRED', codeOf(undefined)],
    ['two at once', 'ONE_OF', asked({ name: 'Omar', text: 'Omar' })],
    ['a long name', 'TOO_LONG', asked({ name: 'a'.repeat(5_000) })],
    ['another scheme', 'NOT_KNOWN', asked({ identifier: { scheme: 'none', value: '1234' } })],
    ['a country in words', 'FORM', asked({ name: 'Omar', countries: ['Xanadu'] })],
    ['a cut', 'OUT_OF_RANGE', asked({ name: 'Omar', cut: 101 })],
    [
      'many countries',
      'TOO_MANY',
      asked({ name: 'Omar', countries: Array.from({ length: 500 }, () => 'XA') }),
    ],
    ['an empty number', 'EMPTY_NUMBER', numberAsked(' ')],
    ['a long number', 'NUMBER_TOO_LONG', numberAsked('1'.repeat(5_000))],
    ['a number of gaps', 'TOO_FEW_KNOWN', numberAsked('A??1')],
  ] as const;

  it.each(codes)('%s is %s and has a text', (_, expected, code) => {
    expect(code).toBe(expected);
    expect(Object.keys(screen)).toContain(`screen.fault.${code}`);
  });
});
