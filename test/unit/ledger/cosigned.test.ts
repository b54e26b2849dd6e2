/** What cosignatures of one checkpoint count for (T29). */
import { describe, expect, it } from 'vitest';
import { believedCosignatures } from '../../../src/ledger/index.ts';
import {
  type Checkpoint,
  cosignatureMessage,
  encodeTimestamped,
  KEY_TYPE,
  keyId,
  type NoteSignature,
} from '../../../src/merkle/index.ts';
import { keyPair, ORIGINS, signWith } from './fixture.ts';

const NOW_MS = 1_790_000_000_000;
const SKEW_MS = 300_000;
const checkpoint: Checkpoint = { origin: ORIGINS.live, size: 9n, root: new Uint8Array(32).fill(4) };
const XB = 'tocsin/0011223344556677/XB/witness';
const XC = 'tocsin/0011223344556677/XC/witness';

function line(name: string, keys: ReturnType<typeof keyPair>, atMs: number): NoteSignature {
  const timestamp = BigInt(Math.floor(atMs / 1_000));
  const signature = signWith(keys.mlDsa44, cosignatureMessage({ cosigner: name, timestamp, checkpoint }));
  return {
    name,
    keyId: keyId(name, KEY_TYPE.mlDsa44, keys.publicKey.mlDsa44),
    signature: encodeTimestamped(timestamp, signature),
  };
}

const [first, second, other] = [keyPair(), keyPair(), keyPair()];
const publicOf = (...keys: readonly ReturnType<typeof keyPair>[]) =>
  keys.map(({ publicKey }) => publicKey.mlDsa44);

const believedOf = (lines: readonly NoteSignature[]) =>
  believedCosignatures({
    lines,
    checkpoint,
    witnesses: [
      { name: XB, keys: publicOf(first, second) },
      { name: XC, keys: publicOf(other) },
    ],
    nowMs: NOW_MS,
  }).map(({ witness }) => witness);

describe('cosignatures of one checkpoint', () => {
  it('of one operator with several keys, or at several times, count once', () => {
    const lines = [line(XB, first, NOW_MS), line(XB, second, NOW_MS), line(XB, first, NOW_MS - 60_000)];
    expect(believedOf(lines)).toEqual([XB]);
    expect(believedOf([...lines, line(XC, other, NOW_MS)])).toEqual([XB, XC]);
  });

  it('by a key of one operator under the name of another count nothing', () => {
    expect(believedOf([line(XC, first, NOW_MS), line(XC, second, NOW_MS)])).toEqual([]);
  });

  it('from the future count nothing; within the skew of clocks they do', () => {
    expect(believedOf([line(XB, first, NOW_MS + SKEW_MS + 1_000)])).toEqual([]);
    expect(believedOf([line(XB, first, NOW_MS + SKEW_MS)])).toEqual([XB]);
    // One from the future does not hide the good one.
    expect(believedOf([line(XB, first, NOW_MS + 2 * SKEW_MS), line(XB, first, NOW_MS)])).toEqual([XB]);
  });

  it('without a time, or over another tree, count nothing', () => {
    expect(believedOf([line(XB, first, 0)])).toEqual([]);
    const { signature } = line(XB, first, NOW_MS);
    const moved = new Uint8Array(signature);
    moved[7] = (moved[7] ?? 0) ^ 1;
    expect(believedOf([{ ...line(XB, first, NOW_MS), signature: moved }])).toEqual([]);
  });
});
