import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IdentifierIndex } from '../../../../src/screening/identifiers/identifier-index.ts';
import {
  inventedSerials,
  misread,
  oneUnread,
  oneWrong,
  SERIAL_FORMATS,
  seededNumbers,
} from '../../../support/serials.ts';

const serials = inventedSerials(SERIAL_FORMATS.length * 300, 417);
const index = new IdentifierIndex();
index.add(serials.map((value, at) => ({ entryId: `e${at}`, scheme: 'serial', value })));

type Ask = (serial: string, numbers: () => number) => string;

const found = (value: string, at: number): boolean =>
  index.search({ scheme: 'serial', value, limit: 100 }).hits.some(({ entryId }) => entryId === `e${at}`);

const everyFormat = (ask: Ask) =>
  fc.assert(
    fc.property(fc.nat(serials.length - 1), fc.integer({ min: 1 }), (at, seed) => {
      const value = ask(serials[at] ?? '', seededNumbers(seed));
      expect(found(value, at), `${serials[at]} asked as ${value}`).toBe(true);
    }),
    { numRuns: 700 },
  );

describe('invented serials of seven formats are found', () => {
  for (const count of [0, 1, 2]) {
    it(`with ${count} look-alikes`, () => everyFormat((serial, numbers) => misread(serial, count, numbers)));

    it(`with ${count} look-alikes and one character wrong`, () =>
      everyFormat((serial, numbers) => oneWrong(misread(serial, count, numbers), numbers)));

    it(`with ${count} look-alikes and one character unread`, () =>
      everyFormat((serial, numbers) => oneUnread(misread(serial, count, numbers), numbers)));
  }

  it('with all but any run of four characters unread', () => {
    everyFormat((serial, numbers) => {
      const start = numbers() % (serial.length - 6);
      return `${start === 0 ? '' : '*'}${serial.slice(start, start + 6)}*`;
    });
  });

  it('and with two characters wrong they are not', () => {
    const other = (character = '') => (character === '3' ? '4' : '3');
    const wrong = serials.filter((serial, at) =>
      found(`${serial.slice(0, -2)}${other(serial.at(-2))}${other(serial.at(-1))}`, at),
    );
    expect(wrong).toEqual([]);
  });
});
