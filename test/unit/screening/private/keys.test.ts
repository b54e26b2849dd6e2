/** Keys of names and the rule of two: what spellings share, what common names do not tell. All names are made up. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hex, textOf } from '../../../../src/base/bytes.ts';
import { hitsAmong } from '../../../../src/screening/private/hits.ts';
import {
  identifierKey,
  KEYS_PER_CALL,
  type PrivateKey,
  privateKeys,
} from '../../../../src/screening/private/keys.ts';

const digest = new Uint8Array(32).fill(7);
const recordId = new Uint8Array(16).fill(8);

/** Whether a listed name is a hit for an asked one, by their keys alone. */
function hits(asked: readonly PrivateKey[], listed: readonly PrivateKey[]): boolean {
  const byBytes = new Map(listed.map((key) => [hex(key.bytes), key]));
  const found = asked.map((key) => {
    const same = byBytes.get(hex(key.bytes));
    return {
      key,
      listed: same ? [{ headerDigest: digest, recordId, kind: same.kind, common: same.common }] : [],
    };
  });
  return hitsAmong(found).length > 0;
}

const namesHit = (asked: string, listed: string) => hits(privateKeys(asked), privateKeys(listed));

describe('the keys of a name', () => {
  it.each([
    ['Borgatil Venskadze', 'Borgatil Venskadze'],
    ['VENSKADZE, Borgatil', 'Borgatil Venskadze'],
    ['Youssouf Tarbouchi', 'Yusuf Tarbuchi'],
    ['Borgatil Ostrog Venskadze', 'Borgatil Venskadze'],
    ['Dr. Borgatil al-Venskadze', 'Borgatil Venskadze'],
    ['Боргатил Венскадзе', 'Borgatil Venskadze'],
    ['Lomvarsk Shipping Trading Ltd', 'Lomvarsk Shipping Trading LLC'],
  ])('%s meets %s', (asked, listed) => {
    expect(namesHit(asked, listed)).toBe(true);
  });

  it.each([
    ['a name of common words', 'Mohamed Ali', 'Mohamed Ali'],
    ['a common name in another spelling', 'Muhammad Hassan', 'Mohamed Hasan'],
    ['one word of two', 'Borgatil Venskadze', 'Borgatil Trumsovic'],
    ['a single word', 'Venskadze', 'Venskadze'],
    ['a part and an article', 'Venskadze Al', 'Venskadze Al'],
    ['a common first name and another family name', 'Ivan Venskadze', 'Ivan Trumsovic'],
  ])('does not answer for %s', (_, asked, listed) => {
    expect(namesHit(asked, listed)).toBe(false);
  });

  it('are at most as many as travel in one call, each once, whatever the name', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(..."aeoulbdkmrst ,.-'0éшбيمحد\u200f\ud800"), maxLength: 200 }),
        (name) => {
          const keys = privateKeys(name).map(({ bytes }) => textOf(bytes));
          expect(keys.length).toBeLessThanOrEqual(KEYS_PER_CALL);
          expect(new Set(keys).size).toBe(keys.length);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('do not depend on the order of the words', () => {
    const word = fc.constantFrom(
      'borgatil',
      'venskadze',
      'trumsovic',
      'lomvarsk',
      'mohamed',
      'ostrog',
      'ivan',
    );
    fc.assert(
      fc.property(
        fc.uniqueArray(word, { minLength: 1, maxLength: 6 }),
        fc.infiniteStream(fc.nat()),
        (words, random) => {
          const turned = words
            .map((one) => ({ one, at: random.next().value as number }))
            .sort((a, b) => a.at - b.at)
            .map(({ one }) => one);
          const keysOf = (name: string) =>
            privateKeys(name)
              .map(({ bytes }) => textOf(bytes))
              .sort();
          expect(keysOf(turned.join(' '))).toEqual(keysOf(words.join(' ')));
        },
      ),
    );
  });

  it('have no key for what is no name', () => {
    expect(privateKeys('')).toEqual([]);
    expect(privateKeys('... --- ,,')).toEqual([]);
  });
});

describe('an identifier', () => {
  it('is a hit by itself, however it is written', () => {
    const asked = identifierKey({ scheme: 'document', country: 'xa', value: 'ab 123-456' });
    const listed = identifierKey({ scheme: 'document', country: 'XA', value: 'AB123456' });
    expect(asked && listed && hits([asked], [listed])).toBe(true);
  });

  it('of another scheme or country is another', () => {
    const passport = { scheme: 'document', country: 'XA', value: 'AB123456' } as const;
    const keys = [passport, { ...passport, scheme: 'entity' } as const, { ...passport, country: 'XB' }].map(
      identifierKey,
    );
    expect(new Set(keys.map((key) => key && hex(key.bytes))).size).toBe(3);
  });

  it('is compared up to 64 characters', () => {
    const bytes = (length: number) => identifierKey({ scheme: 'entity', value: 'A'.repeat(length) })?.bytes;
    expect(bytes(64)).toEqual(bytes(65));
    expect(bytes(63)).not.toEqual(bytes(64));
  });

  it('is none with fewer than four characters', () => {
    expect(identifierKey({ scheme: 'document', value: '1-2-3' })).toBeUndefined();
    expect(identifierKey({ scheme: 'document', value: '1-2-3-4' })).toBeDefined();
  });
});
