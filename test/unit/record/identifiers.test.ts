import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { IdentifierCheck } from '../../../src/record/identifiers/check.ts';
import { isUserAssigned, judgeCountry, judgeSubdivision } from '../../../src/record/identifiers/country.ts';
import {
  formatPartialDate,
  isCalendarDate,
  parsePartialDate,
  rangeOfDate,
} from '../../../src/record/identifiers/date.ts';
import { judgeImoCompany, judgeImoShip } from '../../../src/record/identifiers/imo.ts';
import { iso6346CheckDigit, judgeIso6346 } from '../../../src/record/identifiers/iso6346.ts';
import { judgeBic, judgeLei } from '../../../src/record/identifiers/lei.ts';
import {
  judgeAircraftMark,
  judgeAirWaybill,
  judgeCallSign,
  judgeIcao24,
} from '../../../src/record/identifiers/marks.ts';
import { judgeMmsi } from '../../../src/record/identifiers/mmsi.ts';
import { judgeUnlocode, parseLocodeCoordinates } from '../../../src/record/identifiers/unlocode.ts';

type Judge = (text: string) => IdentifierCheck;

const good: readonly [string, Judge, readonly string[]][] = [
  [
    'container numbers',
    judgeIso6346,
    [
      'CSQU3054383',
      'TCNU7200794',
      'TOLU4734787',
      'GYOU4047990',
      'TASU1170000',
      'QTSU2044172',
      'qtsu 204417-2',
    ],
  ],
  ['container numbers with remainder 10', judgeIso6346, ['QTSU1000020', 'QTSU1000014']],
  ['ship numbers', judgeImoShip, ['9319466', '8814275', 'IMO 8814275', '0001016', '0002022']],
  ['company numbers', judgeImoCompany, ['5342883', '5848165', '0001012', '0002024']],
  [
    'station identities',
    judgeMmsi,
    ['299000101', '002990001', '029900001', '111299001', '992990001', '982990001'],
  ],
  ['entity identifiers', judgeLei, ['QQQQ00TOCSINDEMO0184', 'qqqq 00TOCSINDEMO 0184']],
  ['business identifiers', judgeBic, ['QQQQXAAA', 'QQQQXAAA001']],
  ['aircraft marks', judgeAircraftMark, ['Q-AVN', '2-WGLP', 'N123AB', 'EP-ABC', 'YI-AAA']],
  ['aircraft addresses', judgeIcao24, ['4CA123', '4ca123']],
  ['call signs', judgeCallSign, ['Q2AB', 'QQ4471']],
  ['air waybills', judgeAirWaybill, ['99912345675', '999-1234567 5']],
  ['countries', judgeCountry, ['NA', 'XA', 'AA', 'QM', 'QZ', 'XZ', 'ZZ', 'FR']],
  ['subdivisions', judgeSubdivision, ['XA-N', 'FR-75', 'XL-ABC']],
  ['places of trade', judgeUnlocode, ['XABRV', 'XA BRV', ' XABRV  ', 'XAB22']],
];

const bad: readonly [string, Judge, readonly (readonly [string, string])[]][] = [
  [
    'container numbers',
    judgeIso6346,
    [
      ['CSQU3054384', 'checksum'],
      ['CSQU305438', 'length'],
      ['CSQX3054383', 'format'],
      ['', 'length'],
    ],
  ],
  [
    'ship numbers',
    judgeImoShip,
    [
      ['8814274', 'checksum'],
      ['5342883', 'checksum'],
      ['5848165', 'checksum'],
      ['931946', 'length'],
      ['93194A6', 'format'],
    ],
  ],
  ['company numbers', judgeImoCompany, [['5342884', 'checksum']]],
  [
    'station identities',
    judgeMmsi,
    [
      ['12345678', 'length'],
      ['123456789', 'format'],
      ['29900010A', 'format'],
    ],
  ],
  [
    'entity identifiers',
    judgeLei,
    [
      ['QQQQ00TOCSINDEMO0185', 'checksum'],
      ['QQQQ00TOCSINDEMO01', 'length'],
      ['QQQQ00TOCSINDEMO01A4', 'format'],
    ],
  ],
  [
    'aircraft marks',
    judgeAircraftMark,
    [
      ['Q', 'length'],
      ['Q--AVN', 'format'],
    ],
  ],
  [
    'aircraft addresses',
    judgeIcao24,
    [
      ['000000', 'component'],
      ['FFFFFF', 'component'],
      ['4CA12', 'length'],
      ['4CA12G', 'format'],
    ],
  ],
  ['air waybills', judgeAirWaybill, [['99912345676', 'checksum']]],
  [
    'countries',
    judgeCountry,
    [
      ['xa', 'format'],
      ['', 'format'],
      ['XAA', 'format'],
      ['AB', 'component'],
      ['UK', 'component'],
    ],
  ],
  [
    'subdivisions',
    judgeSubdivision,
    [
      ['XA', 'format'],
      ['XA-ABCD', 'format'],
      ['AB-N', 'component'],
    ],
  ],
  [
    'places of trade',
    judgeUnlocode,
    [
      ['XABR1', 'format'],
      ['XABR', 'length'],
      ['ABBRV', 'component'],
    ],
  ],
];

describe('identifiers', () => {
  it.each(good)('%s that are right pass', (_, judge, values) => {
    for (const value of values) expect(judge(value), value).toMatchObject({ ok: true, detail: '' });
  });

  it.each(bad)('%s that are wrong say how', (_, judge, values) => {
    for (const [value, fault] of values) {
      const check = judge(value);
      expect(check, value).toMatchObject({ ok: false, fault });
      expect(check.detail).toMatch(/^expected /);
    }
  });

  it('a container’s remainder of 10 is written 0', () => {
    expect(iso6346CheckDigit('QTSU100002')).toBe(0);
  });

  it('any single changed digit of a ship number is seen', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 999_999 }),
        fc.nat(5),
        fc.integer({ min: 1, max: 9 }),
        (n, at, by) => {
          const six = String(n).padStart(6, '0');
          const check = [...six].reduce((sum, digit, index) => sum + Number(digit) * (7 - index), 0) % 10;
          expect(judgeImoShip(`${six}${check}`).ok).toBe(true);
          const weight = 7 - at;
          const changed = six.slice(0, at) + ((Number(six[at]) + by) % 10) + six.slice(at + 1);
          const seen = ((((Number(six[at]) + by) % 10) - Number(six[at])) * weight) % 10 !== 0;
          expect(judgeImoShip(`${changed}${check}`).ok).toBe(!seen);
        },
      ),
    );
  });

  it('a number of the other kind says so', () => {
    expect(judgeImoShip('5342883').detail).toMatch(/valid company number/);
    expect(judgeImoCompany('9319466').detail).toMatch(/valid ship number/);
  });

  it('a station identity tells its use and, with a table, whether its country digits are assigned', () => {
    expect(judgeMmsi('002990001')).toMatchObject({ ok: true, use: 'coast', mid: '299' });
    expect(judgeMmsi('299000101', new Set(['201']))).toMatchObject({
      ok: false,
      fault: 'component',
      use: 'ship',
    });
  });

  it('user-assigned country codes are told from official ones', () => {
    expect(isUserAssigned('XA')).toBe(true);
    expect(isUserAssigned('NA')).toBe(false);
  });

  it('coordinates of places of trade are read in minutes, and impossible ones not at all', () => {
    expect(parseLocodeCoordinates('1215N 04130W')).toEqual({ latitude: 12.25, longitude: -41.5 });
    for (const wrong of ['3412N 06883E', '4162N 01943E', '3645N 25931E', '3645 00305', ''])
      expect(parseLocodeCoordinates(wrong), wrong).toBeUndefined();
  });
});

describe('dates', () => {
  it('keep the precision they come with', () => {
    expect(parsePartialDate('1971')).toEqual({ year: 1971, month: 0, day: 0, approximate: false });
    expect(parsePartialDate('1971-03')).toEqual({ year: 1971, month: 3, day: 0, approximate: false });
    expect(parsePartialDate('circa 1970')).toEqual({ year: 1970, month: 0, day: 0, approximate: true });
    expect(formatPartialDate({ year: 1971, month: 3, day: 2, approximate: true })).toBe('circa 1971-03-02');
  });

  it('are refused where the calendar has no such day', () => {
    for (const text of ['1971-13', '1971-00', '1971-02-30', '1900-02-29', '71', '1971-3-2', 'March 1971', ''])
      expect(parsePartialDate(text), text).toBeUndefined();
    expect(parsePartialDate('2000-02-29')).toBeDefined();
    expect(isCalendarDate({ year: 2000, month: 0, day: 4, approximate: false })).toBe(false);
  });

  it('span from their first to their last instant', () => {
    const range = rangeOfDate({ year: 2024, month: 2, day: 0, approximate: false });
    expect(new Date(range.fromMs).toISOString()).toBe('2024-02-01T00:00:00.000Z');
    expect(new Date(range.toMs).toISOString()).toBe('2024-02-29T23:59:59.999Z');
  });

  it('survive being written and read', () => {
    fc.assert(
      fc.property(
        fc.record({
          year: fc.integer({ min: 1000, max: 9999 }),
          month: fc.nat(12),
          day: fc.nat(31),
          approximate: fc.boolean(),
        }),
        (date) => {
          fc.pre(isCalendarDate(date));
          expect(parsePartialDate(formatPartialDate(date))).toEqual(date);
        },
      ),
    );
  });
});
