/** What is checked before and after the maths of RFC 9497; its vectors are in test/conformance. */
import { ristretto255 } from '@noble/curves/ed25519.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hex, utf8 } from '../../../../src/base/bytes.ts';
import {
  ELEMENT_BYTES,
  MOST_ELEMENTS,
  MOST_INPUT_BYTES,
  newOprfKeyPair,
  oprfPublicKey,
  poprf,
} from '../../../../src/screening/private/oprf.ts';

const info = utf8('a month');
const suite = poprf(info);
const keys = newOprfKeyPair();
const fails = (code: string) => expect.objectContaining({ name: 'PrivateScreeningError', code });

const order = 2n ** 252n + 27742317777372353535851937790883648493n;
const littleEndian = (number: bigint): Uint8Array =>
  Uint8Array.from({ length: 32 }, (_, at) => Number((number >> BigInt(8 * at)) & 0xffn));

/** Encodings that a decoder has to refuse (RFC 9496 §4.3.1). */
const INVALID_ELEMENTS: readonly (readonly [string, Uint8Array])[] = [
  ['the identity', new Uint8Array(ELEMENT_BYTES)],
  ['a negative field element', littleEndian(1n)],
  ['a field element that is not reduced', littleEndian(2n ** 255n - 19n + 2n)],
  ['no square', littleEndian(8n)],
  ['ones', new Uint8Array(ELEMENT_BYTES).fill(0xff)],
  ['31 bytes', ristretto255.Point.BASE.toBytes().subarray(1)],
  ['33 bytes', new Uint8Array(33)],
  ['nothing', new Uint8Array()],
];

describe('the function', () => {
  it('gives who asks what the holder computes, whatever the inputs', () => {
    const input = fc.uint8Array({ maxLength: 200 });
    fc.assert(
      fc.property(
        fc.array(input, { minLength: 1, maxLength: 3 }),
        fc.uint8Array({ maxLength: 40 }),
        (inputs, about) => {
          const under = poprf(about);
          const batch = under.blind(inputs, keys.publicKey);
          const outputs = under.finalize(batch, under.evaluate(keys.secretKey, batch.elements));
          expect(outputs.map(hex)).toEqual(inputs.map((one) => hex(under.direct(keys.secretKey, one))));
        },
      ),
      { numRuns: 8 },
    );
  });

  it('never shows one input twice alike', () => {
    const batch = suite.blind([utf8('one'), utf8('one'), utf8('one')], keys.publicKey);
    expect(new Set(batch.elements.map(hex)).size).toBe(3);
  });

  it('gives other outputs under another information and another key', () => {
    const other = newOprfKeyPair();
    const outputs = [
      suite.direct(keys.secretKey, utf8('one')),
      poprf(utf8('another month')).direct(keys.secretKey, utf8('one')),
      suite.direct(other.secretKey, utf8('one')),
    ];
    expect(new Set(outputs.map(hex)).size).toBe(3);
  });

  it('has the public key that its secret one gives', () => {
    expect(hex(oprfPublicKey(keys.secretKey))).toBe(hex(keys.publicKey));
  });
});

describe('an invalid element', () => {
  it.each(INVALID_ELEMENTS)('is refused wherever it comes from: %s', (_, element) => {
    const batch = suite.blind([utf8('one')], keys.publicKey);
    const { proof } = suite.evaluate(keys.secretKey, batch.elements);
    expect(() => suite.evaluate(keys.secretKey, [element])).toThrow(fails('ELEMENT_INVALID'));
    expect(() => suite.blind([utf8('one')], element)).toThrow(fails('ELEMENT_INVALID'));
    expect(() => suite.finalize(batch, { evaluated: [element], proof })).toThrow(fails('ELEMENT_INVALID'));
  });
});

describe('an answer', () => {
  it('of another key than the published one is refused', () => {
    const batch = suite.blind([utf8('one')], keys.publicKey);
    const answer = suite.evaluate(newOprfKeyPair().secretKey, batch.elements);
    expect(() => suite.finalize(batch, answer)).toThrow(fails('PROOF_INVALID'));
  });

  it('with elements in another order, or with an altered proof, is refused', () => {
    const batch = suite.blind([utf8('one'), utf8('two')], keys.publicKey);
    const { evaluated, proof } = suite.evaluate(keys.secretKey, batch.elements);
    expect(() => suite.finalize(batch, { evaluated: evaluated.toReversed(), proof })).toThrow(
      fails('PROOF_INVALID'),
    );
    for (const at of [0, 31, 32, 63]) {
      const altered = proof.map((byte, index) => (index === at ? byte ^ 1 : byte));
      expect(() => suite.finalize(batch, { evaluated, proof: altered })).toThrow(fails('PROOF_INVALID'));
    }
    expect(() => suite.finalize(batch, { evaluated, proof: proof.subarray(1) })).toThrow(
      fails('PROOF_INVALID'),
    );
    expect(() => suite.finalize(batch, { evaluated: evaluated.slice(1), proof })).toThrow(
      fails('BATCH_SIZE'),
    );
  });
});

describe('bounds', () => {
  it(`take ${MOST_ELEMENTS} elements under one proof, and none more`, () => {
    const many = Array.from({ length: MOST_ELEMENTS + 1 }, () => utf8('one'));
    const batch = suite.blind(many.slice(1), keys.publicKey);
    expect(suite.evaluate(keys.secretKey, batch.elements).evaluated.length).toBe(MOST_ELEMENTS);
    expect(() => suite.blind(many, keys.publicKey)).toThrow(fails('BATCH_SIZE'));
    const [element = new Uint8Array()] = batch.elements;
    expect(() => suite.evaluate(keys.secretKey, [...batch.elements, element])).toThrow(fails('BATCH_SIZE'));
    expect(() => suite.evaluate(keys.secretKey, [])).toThrow(fails('BATCH_SIZE'));
  });

  it(`take an input of ${MOST_INPUT_BYTES} bytes, and none longer`, () => {
    const longest = new Uint8Array(MOST_INPUT_BYTES);
    expect(suite.direct(keys.secretKey, longest).length).toBe(64);
    const longer = new Uint8Array(MOST_INPUT_BYTES + 1);
    expect(() => suite.direct(keys.secretKey, longer)).toThrow(fails('INPUT_TOO_LARGE'));
    expect(() => suite.blind([longer], keys.publicKey)).toThrow(fails('INPUT_TOO_LARGE'));
    expect(() => poprf(longer)).toThrow(fails('INPUT_TOO_LARGE'));
  });

  it.each([
    ['0', new Uint8Array(32)],
    ['the order of the group', littleEndian(order)],
    ['ones', new Uint8Array(32).fill(0xff)],
    ['31 bytes', new Uint8Array(31).fill(1)],
  ])('refuse %s for a secret key', (_, secret) => {
    const batch = suite.blind([utf8('one')], keys.publicKey);
    expect(() => suite.evaluate(secret, batch.elements)).toThrow(fails('SCALAR_INVALID'));
    expect(() => suite.direct(secret, utf8('one'))).toThrow(fails('SCALAR_INVALID'));
    expect(() => oprfPublicKey(secret)).toThrow(fails('SCALAR_INVALID'));
  });
});
