/** Wycheproof's Ed25519 and ML-DSA-44 verification vectors, against node:crypto as the notes use it. */
import { verify } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fromHex } from '../../src/base/bytes.ts';
import { KEY_TYPE, type KeyType, verifySignature } from '../../src/merkle/index.ts';
import { publicKeyOf } from '../../src/merkle/key.ts';

const directory = resolve(process.env.TOCSIN_SHARED ?? '../shared', 'vectors/wycheproof');
const present = existsSync(directory);
if (!present) console.warn(`skipped: no vectors at ${directory}; set TOCSIN_SHARED`);

interface Vector {
  readonly tcId: number;
  readonly comment: string;
  readonly msg: string;
  readonly sig: string;
  readonly ctx?: string;
  readonly result: 'valid' | 'invalid';
}

interface Vectors {
  readonly numberOfTests: number;
  readonly testGroups: readonly {
    readonly publicKey: string | { readonly pk: string };
    readonly tests: readonly Vector[];
  }[];
}

/** The cases whose context is not ours go the way of hybrid signatures: the context given to node:crypto. */
function verdictOf(type: KeyType, raw: Uint8Array, vector: Vector): boolean {
  const message = fromHex(vector.msg);
  const signature = fromHex(vector.sig);
  if (vector.ctx === undefined || vector.ctx === '') return verifySignature(type, raw, message, signature);
  const context = fromHex(vector.ctx);
  const key = publicKeyOf(type, raw);
  if (key === undefined || context.length > 255) return false;
  return verify(null, message, { key, context }, signature);
}

describe.skipIf(!present).each([
  { file: 'ed25519_test.json', type: KEY_TYPE.ed25519 },
  { file: 'mldsa_44_verify_test.json', type: KEY_TYPE.mlDsa44 },
])('wycheproof $file', ({ file, type }) => {
  it('accepts what is valid and nothing else', () => {
    const vectors: Vectors = JSON.parse(readFileSync(resolve(directory, file), 'utf8'));
    let judged = 0;
    const wrong: string[] = [];
    for (const { publicKey, tests } of vectors.testGroups) {
      const raw = fromHex(typeof publicKey === 'string' ? publicKey : publicKey.pk);
      for (const vector of tests) {
        judged += 1;
        const accepted = verdictOf(type, raw, vector);
        if (accepted !== (vector.result === 'valid')) wrong.push(`${vector.tcId} ${vector.comment}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(judged).toBe(vectors.numberOfTests);
  });
});
