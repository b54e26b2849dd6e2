import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, hex } from '../../../src/base/bytes.ts';
import { parseCertificate } from '../../../src/identity/certificate.ts';
import {
  DerFault,
  DerReader,
  encodeDer,
  encodeOid,
  onlyValue,
  readBoolean,
  readInteger,
  readNamedBits,
  readOctetBits,
  readOid,
  readSmallInteger,
  TAG,
} from '../../../src/identity/der.ts';

const value = (text: string) => {
  const reader = new DerReader(fromHex(text));
  const read = reader.any();
  reader.end();
  return read;
};

describe('strict DER', () => {
  test.each([
    ['indefinite length', '3080 0000'],
    ['length of two bytes for less than 128', '048105 0102030405'],
    ['length with a leading zero', '04820080'.concat('00'.repeat(128))],
    ['length of four bytes', '048400000001 00'],
    ['tag number above 30', '1f2001 00'],
    ['value longer than its container', '0405 01'],
    ['no length', '04'],
    ['bytes after the value', '0401 0000'],
    ['nothing', ''],
  ])('refuses %s', (_, text) => {
    expect(() => value(text.replace(/ /g, ''))).toThrow(DerFault);
  });

  test.each([
    ['boolean 1', () => readBoolean(value('010101'))],
    ['boolean of two bytes', () => readBoolean(value('01020000'))],
    ['empty integer', () => readInteger(value('0200'))],
    ['integer with a needless zero', () => readInteger(value('02020001'))],
    ['integer with needless ones', () => readInteger(value('0202ff80'))],
    ['negative small integer', () => readSmallInteger(value('0201ff'))],
    ['small integer of five bytes', () => readSmallInteger(value('02050100000000'))],
    ['identifier with a padded arc', () => readOid(value('06028001'))],
    ['identifier cut off', () => readOid(value('060181'))],
    ['empty identifier', () => readOid(value('0600'))],
    ['unused bits in octets', () => readOctetBits(value('03020780'))],
    ['named bits with trailing zeros', () => readNamedBits(value('03020680'))],
    ['named bits with more than seven unused', () => readNamedBits(value('03020880'))],
    ['unexpected tag', () => onlyValue(fromHex('0201 05'.replace(' ', '')), TAG.sequence)],
  ])('refuses %s', (_, read) => {
    expect(read).toThrow(DerFault);
  });

  test('reads named bits', () => {
    expect([...readNamedBits(value('03020106'))]).toEqual([5, 6]);
    expect([...readNamedBits(value('0303078080'))]).toEqual([0, 8]);
    expect([...readNamedBits(value('030100'))]).toEqual([]);
  });

  test('reads back every value that it writes', () => {
    fc.assert(
      fc.property(
        fc.nat(70_000).map((length) => new Uint8Array(length).fill(length)),
        (content) => {
          const read = onlyValue(encodeDer(TAG.octetString, content), TAG.octetString);
          expect(Buffer.from(read.content).equals(content)).toBe(true);
        },
      ),
      { numRuns: 40 },
    );
  });

  test('reads back every identifier that it writes, with arcs of 128 bits', () => {
    const arc = fc.bigInt({ min: 0n, max: (1n << 128n) - 1n });
    fc.assert(
      fc.property(
        fc.constantFrom('0.39', '1.3', '2.5', '2.25'),
        fc.array(arc, { maxLength: 4 }),
        (root, arcs) => {
          const dotted = [root, ...arcs].join('.');
          expect(readOid(onlyValue(encodeOid(dotted), TAG.oid))).toBe(dotted);
        },
      ),
    );
    expect(hex(encodeOid('1.2.840.113549.1.1.11'))).toBe('06092a864886f70d01010b');
  });

  test('an arbitrary input is read or refused as a certificate, never anything else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        for (const input of [bytes, encodeDer(TAG.sequence, encodeDer(TAG.sequence, bytes))])
          expect(() => parseCertificate(input)).toThrow(DerFault);
      }),
    );
  });
});
