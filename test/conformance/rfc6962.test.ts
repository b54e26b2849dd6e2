/** The proof vectors of transparency-dev/merkle, against our judges. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { judgeConsistency, judgeInclusion } from '../../src/merkle/index.ts';

const directory = resolve(process.env.TOCSIN_SHARED ?? '../shared', 'vectors/merkle-rfc6962');
// Of merkle-rfc6962, subtreeinclusion and subtreeconsistency have no judge here: checkpoints cover whole trees only.
const present = existsSync(directory);
if (!present) console.warn(`skipped: no vectors at ${directory}; set TOCSIN_SHARED`);

interface InclusionVector {
  readonly leafIdx: number;
  readonly treeSize: number;
  readonly root: string;
  readonly leafHash: string;
  readonly proof: readonly string[] | null;
  readonly desc: string;
  readonly wantErr: boolean;
}

interface ConsistencyVector {
  readonly size1: number;
  readonly size2: number;
  readonly root1: string;
  readonly root2: string;
  readonly proof: readonly string[] | null;
  readonly desc: string;
  readonly wantErr: boolean;
}

/** Sizes go up to 2^63 and beyond what a JSON number holds, so they are read as text. */
function vectorsIn<Vector>(folder: string): readonly { readonly file: string; readonly vector: Vector }[] {
  if (!present) return [];
  return readdirSync(join(directory, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.json'))
    .map((file) => ({ file, vector: JSON.parse(readFileSync(join(directory, folder, file), 'utf8')) }));
}

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));
const proofOf = (vector: { readonly proof: readonly string[] | null }) => (vector.proof ?? []).map(bytes);

describe.skipIf(!present)('inclusion proofs of merkle-rfc6962', () => {
  const vectors = vectorsIn<InclusionVector>('inclusion');
  it('are all there', () => expect(vectors.length).toBe(98));
  it.each(vectors)('$file', ({ vector }) => {
    const verdict = judgeInclusion({
      leafHash: bytes(vector.leafHash),
      index: BigInt(vector.leafIdx),
      size: BigInt(vector.treeSize),
      proof: proofOf(vector),
      root: bytes(vector.root),
    });
    expect(verdict.ok, vector.desc).toBe(!vector.wantErr);
  });
});

describe.skipIf(!present)('consistency proofs of merkle-rfc6962', () => {
  const vectors = vectorsIn<ConsistencyVector>('consistency');
  it('are all there', () => expect(vectors.length).toBe(98));
  it.each(vectors)('$file', ({ vector }) => {
    const verdict = judgeConsistency({
      oldSize: BigInt(vector.size1),
      newSize: BigInt(vector.size2),
      oldRoot: bytes(vector.root1),
      newRoot: bytes(vector.root2),
      proof: proofOf(vector),
    });
    expect(verdict.ok, vector.desc).toBe(!vector.wantErr);
  });
});
