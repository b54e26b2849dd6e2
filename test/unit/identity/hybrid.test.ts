import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { fromHex, utf8 } from '../../../src/base/bytes.ts';
import { Reason } from '../../../src/gen/tocsin/record/v1/reason.ts';
import {
  generateHybrid,
  hybridFingerprint,
  judgeHybrid,
  signHybrid,
  verifyRaw,
} from '../../../src/identity/hybrid.ts';
import { importRawPublicKey, RAW_KEY_FORMS, rawPublicKey } from '../../../src/identity/raw-key.ts';
import { encodeSigned } from '../../../src/record/index.ts';

const network = new Uint8Array(32).fill(7);
const { privateKey, publicKey } = generateHybrid();
const bytes = encodeSigned('manifest', network, utf8('body'));
const signature = await signHybrid('manifest', bytes, privateKey);

const reasonOf = (verdict: { ok: boolean; reason?: Reason }) => verdict.reason;

function altered(source: Uint8Array, at = 0): Buffer {
  const copy = Buffer.from(source);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

describe('a hybrid signature', () => {
  test('verifies under its key, and the same key object serves again', () => {
    expect(judgeHybrid('manifest', bytes, signature, publicKey).ok).toBe(true);
    expect(judgeHybrid('manifest', bytes, signature, publicKey).ok).toBe(true);
  });

  test('has the sizes of the suite', () => {
    expect(publicKey.ed25519).toHaveLength(32);
    expect(publicKey.mlDsa44).toHaveLength(1312);
    expect(signature.ed25519).toHaveLength(64);
    expect(signature.mlDsa44).toHaveLength(2420);
  });

  test.each([
    ['Ed25519', { ...signature, ed25519: Buffer.alloc(0) }],
    ['ML-DSA-44', { ...signature, mlDsa44: Buffer.alloc(0) }],
    ['every', undefined],
  ])('without its %s half is a downgrade', (_, stripped) => {
    expect(reasonOf(judgeHybrid('manifest', bytes, stripped, publicKey))).toBe(Reason.REASON_DOWNGRADE);
  });

  test.each([
    ['Ed25519 half altered', { ...signature, ed25519: altered(signature.ed25519) }],
    ['ML-DSA-44 half altered', { ...signature, mlDsa44: altered(signature.mlDsa44, 100) }],
    ['Ed25519 half cut short', { ...signature, ed25519: signature.ed25519.subarray(1) }],
    ['ML-DSA-44 half too long', { ...signature, mlDsa44: Buffer.concat([signature.mlDsa44, Buffer.of(0)]) }],
  ])('with its %s is invalid', (_, bad) => {
    expect(reasonOf(judgeHybrid('manifest', bytes, bad, publicKey))).toBe(Reason.REASON_SIGNATURE_INVALID);
  });

  test('whose halves are over different bytes is invalid', async () => {
    const other = await signHybrid('manifest', encodeSigned('manifest', network, utf8('other')), privateKey);
    const mixed = { ed25519: signature.ed25519, mlDsa44: other.mlDsa44 };
    expect(reasonOf(judgeHybrid('manifest', bytes, mixed, publicKey))).toBe(Reason.REASON_SIGNATURE_INVALID);
  });

  test('made under the label of another type is invalid, though the bytes are the same', async () => {
    const skip = await signHybrid('skip', bytes, privateKey);
    expect(reasonOf(judgeHybrid('manifest', bytes, skip, publicKey))).toBe(Reason.REASON_SIGNATURE_INVALID);
  });

  test('is invalid under another key, a missing key and a key of a wrong length', () => {
    const other = generateHybrid().publicKey;
    for (const key of [
      other,
      { ...publicKey, mlDsa44: other.mlDsa44 },
      undefined,
      { ...publicKey, ed25519: Buffer.alloc(31) },
    ])
      expect(reasonOf(judgeHybrid('manifest', bytes, signature, key))).toBe(Reason.REASON_SIGNATURE_INVALID);
  });
});

describe('a raw public key', () => {
  test.each(['ed25519', 'ml-dsa-44', 'ml-dsa-65'] as const)(
    'of %s is refused in any other length',
    (type) => {
      const { keyBytes } = RAW_KEY_FORMS[type];
      for (const length of [0, keyBytes - 1, keyBytes + 1])
        expect(importRawPublicKey(type, new Uint8Array(length))).toBeUndefined();
    },
  );

  test('survives the way to a KeyObject and back', () => {
    const key = importRawPublicKey('ml-dsa-44', publicKey.mlDsa44);
    expect(key && Buffer.from(rawPublicKey('ml-dsa-44', key)).equals(publicKey.mlDsa44)).toBe(true);
  });

  test('of the wrong type is not exported', () => {
    expect(() => rawPublicKey('ml-dsa-44', privateKey.ed25519)).toThrow(/expected a key of type ml-dsa-44/);
  });

  test('of small order verifies nothing, although R = A = the neutral element, S = 0 solves its equation', () => {
    const encodings = [
      '00'.repeat(32),
      `01${'00'.repeat(31)}`,
      '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
      'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
      `ec${'ff'.repeat(30)}7f`,
      `ed${'ff'.repeat(30)}7f`,
      `ee${'ff'.repeat(30)}7f`,
    ].map(fromHex);
    for (const key of encodings)
      for (const point of encodings)
        for (let message = 0; message < 4; message++) {
          const forged = Buffer.concat([point, Buffer.alloc(32)]);
          expect(verifyRaw('ed25519', Uint8Array.of(message), forged, key)).toBe(false);
        }
  });
});

test('the fingerprint covers both halves', () => {
  const expected = createHash('sha256').update(publicKey.ed25519).update(publicKey.mlDsa44).digest();
  expect(Buffer.from(hybridFingerprint(publicKey)).equals(expected)).toBe(true);
});
