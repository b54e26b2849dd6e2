import { describe, expect, it } from 'vitest';
import { guessSchemes, readingsOf } from '../../../../src/screening/identifiers/readings.ts';

const first = (text: string) => guessSchemes(text)[0];

describe('guessSchemes', () => {
  it.each([
    ['IMO 9319466', 'imo-ship'],
    ['9319466', 'imo-ship'],
    ['imo no. 5342883', 'imo-company'],
    ['5342883', 'imo-company'],
    ['299000101', 'mmsi'],
    ['MMSI: 299000101', 'mmsi'],
    ['QTSU2044172', 'container'],
    ['qtsu 204417-2', 'container'],
    ['QTSU2044182', 'container'],
    ['Q-AVN', 'aircraft-mark'],
    ['EP-ABC', 'aircraft-mark'],
    ['tail N123AB', 'aircraft-mark'],
    ['QQQQ00TOCSINDEMO0184', 'lei'],
    ['999-1234567 5', 'air-waybill'],
    ['B/L QLM 448120', 'bill-of-lading'],
    ['EUC/12/2026', 'serial'],
    ['EUC no. 12/2026', 'certificate'],
    ['KB-004471', 'serial'],
    ['KB-0044??', 'serial'],
    ['call sign Q2AB', 'call-sign'],
    ['ICAO24 4CA123', 'icao24'],
    ['passport XB0004711', 'passport'],
    ['КВ-٠٠٤٤٧١', 'serial'],
  ])('%s is first of all %s', (text, scheme) => {
    expect(first(text)).toBe(scheme);
  });

  it.each([
    'Orsolo Venn Tarrick',
    'Орсоло Веннтаррик',
    'Al-Amin',
    'AL-AMI',
    'Quellmar Trading House',
    'Sable Heron',
    'SEA STAR 12',
    'Seal Bay Shipping',
    'Brigade of 1985',
    'Lot Tarrick',
    'اورسولو',
    '',
    '12',
    '?',
  ])('%s is no number', (text) => {
    expect(guessSchemes(text)).toEqual([]);
  });

  it('names what else a number can be, once each', () => {
    const schemes = guessSchemes('9319466');
    expect(schemes).toEqual([...new Set(schemes)]);
    for (const scheme of ['serial', 'certificate', 'passport', 'bill-of-lading'] as const)
      expect(schemes).toContain(scheme);
    expect(guessSchemes('9319467')).toContain('imo-ship');
    expect(guessSchemes('4CA123')).toEqual(expect.arrayContaining(['icao24', 'call-sign', 'serial']));
  });
});

describe('readingsOf', () => {
  it('takes a serial number, its maker and its calibre out of a line', () => {
    expect(readingsOf('Quellmar Arms KB-004471, 7,62 x 39 mm')[0]).toEqual({
      scheme: 'serial',
      value: 'KB-004471',
      takenOut: true,
      about: { maker: 'Quellmar Arms', calibre: '7,62 x 39 mm' },
    });
  });

  it('takes the number out from behind its label', () => {
    expect(readingsOf('s/n: KB-004471')[0]).toEqual({ scheme: 'serial', value: 'KB-004471' });
    expect(readingsOf('Serial No 004471', 'serial')).toEqual([{ scheme: 'serial', value: '004471' }]);
    expect(readingsOf('LOT 12-88', 'serial')).toEqual([{ scheme: 'serial', value: 'LOT 12-88' }]);
  });

  it('takes the ship number that passes out of several', () => {
    expect(readingsOf('9319467 / 8814275', 'imo-ship')[0]).toMatchObject({
      value: '8814275',
      takenOut: true,
    });
    expect(readingsOf('Berth 12, IMO 9319466')[0]).toMatchObject({ scheme: 'imo-ship', value: '9319466' });
  });
});
