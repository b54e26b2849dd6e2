/** Attachments under a key of their own: what was changed, cut, extended, moved or opened with another key is not believed. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BLOB_CHUNK_BYTES, blobBytesOf, blobPosition, openBlob, sealBlob } from '../../../src/seal/blob.ts';

const KEY = Buffer.alloc(32, 7);
const SEALED = BLOB_CHUNK_BYTES + 16;

async function* inPieces(bytes: Uint8Array, piece = 10_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece);
}
async function all(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of source) parts.push(Buffer.from(part));
  return Buffer.concat(parts);
}
const seal = (file: Uint8Array, key: Uint8Array = KEY) => all(sealBlob(key, inPieces(file)));
const open = (blob: Uint8Array, key: Uint8Array = KEY, from = 0) => all(openBlob(key, inPieces(blob), from));
const patterned = (bytes: number): Buffer =>
  Buffer.from(Uint8Array.from({ length: bytes }, (_, at) => (at * 31) % 251));

describe('a sealed attachment', () => {
  it.each([
    1,
    100,
    BLOB_CHUNK_BYTES - 1,
    BLOB_CHUNK_BYTES,
    BLOB_CHUNK_BYTES + 1,
    3 * BLOB_CHUNK_BYTES,
    200_001,
  ])('of %i bytes opens again, and has the size that follows from it', async (bytes) => {
    const file = patterned(bytes);
    const blob = await seal(file);
    expect(blob.length).toBe(blobBytesOf(bytes));
    expect(await open(blob)).toEqual(file);
    if (bytes >= 16) expect(blob.includes(file.subarray(0, 16))).toBe(false);
  });

  it('is the same however its bytes come', async () => {
    const file = patterned(150_000);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1_000, max: 200_000 }), async (piece) => {
        expect(await all(sealBlob(KEY, inPieces(file, piece)))).toEqual(await seal(file));
      }),
      { numRuns: 10 },
    );
  });

  it('is not believed where a bit is changed, wherever', async () => {
    const blob = await seal(patterned(140_000));
    await fc.assert(
      fc.asyncProperty(fc.nat(blob.length - 1), fc.nat(7), async (at, bit) => {
        const changed = Buffer.from(blob);
        changed[at] = (changed[at] ?? 0) ^ (1 << bit);
        await expect(open(changed)).rejects.toMatchObject({ code: 'BLOB_INVALID' });
      }),
      { numRuns: 40 },
    );
  });

  it('is not believed where it is cut, at a chunk or inside one, or extended', async () => {
    const blob = await seal(patterned(3 * BLOB_CHUNK_BYTES));
    for (const bytes of [0, 10, 16, SEALED, 2 * SEALED, 2 * SEALED + 5, blob.length - 1])
      await expect(open(blob.subarray(0, bytes))).rejects.toMatchObject({ code: 'BLOB_INVALID' });
    await expect(open(Buffer.concat([blob, blob.subarray(0, SEALED)]))).rejects.toMatchObject({
      code: 'BLOB_INVALID',
    });
    await expect(open(Buffer.concat([blob, Buffer.from([0])]))).rejects.toMatchObject({
      code: 'BLOB_INVALID',
    });
  });

  it('is not believed where chunks change places, or come from another file', async () => {
    const blob = await seal(patterned(3 * BLOB_CHUNK_BYTES));
    const other = await seal(patterned(3 * BLOB_CHUNK_BYTES), Buffer.alloc(32, 8));
    const chunk = (of: Buffer, at: number) => of.subarray(at * SEALED, (at + 1) * SEALED);
    await expect(open(Buffer.concat([chunk(blob, 1), chunk(blob, 0), chunk(blob, 2)]))).rejects.toMatchObject(
      { code: 'BLOB_INVALID' },
    );
    await expect(
      open(Buffer.concat([chunk(blob, 0), chunk(other, 1), chunk(blob, 2)])),
    ).rejects.toMatchObject({ code: 'BLOB_INVALID' });
  });

  it('does not open with another key, nor with one of the wrong length', async () => {
    const blob = await seal(patterned(10));
    await expect(open(blob, Buffer.alloc(32, 9))).rejects.toMatchObject({ code: 'BLOB_INVALID' });
    await expect(open(blob, Buffer.alloc(31, 7))).rejects.toMatchObject({ code: 'BLOB_INVALID' });
  });

  it('can be read from any byte of the file', async () => {
    const file = patterned(2 * BLOB_CHUNK_BYTES + 77);
    const blob = await seal(file);
    for (const from of [0, 1, BLOB_CHUNK_BYTES - 1, BLOB_CHUNK_BYTES, 2 * BLOB_CHUNK_BYTES + 76]) {
      const { chunk, blobOffset, skip } = blobPosition(from);
      const rest = await open(blob.subarray(blobOffset), KEY, chunk);
      expect(rest.subarray(skip)).toEqual(file.subarray(from));
    }
  });

  it('is never made of an empty file', async () => {
    await expect(seal(Buffer.alloc(0))).rejects.toMatchObject({ code: 'BLOB_INVALID' });
  });
});
