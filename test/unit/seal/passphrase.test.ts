import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemRandom } from '../../../src/base/clock.ts';
import type { SealError } from '../../../src/seal/errors.ts';
import { openFile, sealFile } from '../../../src/seal/passphrase.ts';

const PASSPHRASE = 'correct horse battery staple';
/** Cheap: what is tested is the form, not the cost. */
const COST = { memoryKib: 64, passes: 1, lanes: 1 };
/** Bytes before the first chunk. */
const HEAD = 22 + 16 + 12 + 32;

async function* inPieces(bytes: Uint8Array, size = 1_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function whole(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
}

const sealed = (bytes: Uint8Array, passphrase = PASSPHRASE) =>
  whole(sealFile(passphrase, inPieces(bytes), systemRandom, COST));

const codeOf = (bytes: Uint8Array, passphrase = PASSPHRASE): Promise<string> =>
  whole(openFile(passphrase, inPieces(bytes))).then(
    () => 'opened',
    (error: SealError) => error.code,
  );

describe('a file sealed to a passphrase', () => {
  it('opens as it was, whatever its size and the pieces that it comes in', async () => {
    for (const size of [1, 65_535, 65_536, 65_537, 200_000]) {
      const bytes = systemRandom.bytes(size);
      const file = await sealed(bytes);
      for (const pieces of [1 + (size > 9 ? 8_191 : 0), 70_000])
        expect((await whole(openFile(PASSPHRASE, inPieces(file, pieces)))).equals(bytes)).toBe(true);
    }
  });

  it('is another file each time, and shows nothing of what it holds', async () => {
    const bytes = Buffer.from('canary '.repeat(5_000));
    const [one, other] = [await sealed(bytes), await sealed(bytes)];
    expect(one.equals(other)).toBe(false);
    expect(one.includes('canary')).toBe(false);
  });

  it('does not open under another passphrase, and says so', async () => {
    const file = await sealed(systemRandom.bytes(1_000));
    expect(await codeOf(file, `${PASSPHRASE}s`)).toBe('PASSPHRASE_WRONG');
  });

  it('takes a passphrase in whichever form the keyboard composed it', async () => {
    const file = await sealed(systemRandom.bytes(10), 'Stra\u00dfe nach Z\u00fcrich, 1921');
    expect(await codeOf(file, 'Stra\u00dfe nach Zu\u0308rich, 1921')).toBe('opened');
  });

  it('takes no short passphrase', async () => {
    await expect(sealed(systemRandom.bytes(10), 'fifteen letters')).rejects.toMatchObject({
      code: 'PASSPHRASE_WEAK',
    });
  });

  it('is damaged by any changed bit', async () => {
    const file = await sealed(systemRandom.bytes(70_000));
    await fc.assert(
      fc.asyncProperty(fc.nat(file.length - 1), fc.nat(7), async (at, bit) => {
        const changed = Buffer.from(file);
        changed[at] = (changed[at] ?? 0) ^ (1 << bit);
        const expected =
          at < 22 ? 'FILE_FOREIGN' : at >= HEAD && at < HEAD + 32 ? 'PASSPHRASE_WRONG' : 'FILE_DAMAGED';
        expect(await codeOf(changed)).toBe(expected);
      }),
      { numRuns: 60 },
    );
  });

  it('is damaged wherever it is cut, and where something is added', async () => {
    const file = await sealed(systemRandom.bytes(140_000));
    for (const length of [1, 22, 40, HEAD, HEAD + 31, HEAD + 32, 65_000, HEAD + 32 + 65_552, file.length - 1])
      expect(await codeOf(file.subarray(0, length)), String(length)).toBe('FILE_DAMAGED');
    expect(await codeOf(Buffer.concat([file, Buffer.from([0])]))).toBe('FILE_DAMAGED');
    expect(await codeOf(new Uint8Array(0))).toBe('FILE_FOREIGN');
  });

  it('cannot ask for more memory than the machine has', async () => {
    const { createHash } = await import('node:crypto');
    const file = await sealed(systemRandom.bytes(10));
    file.writeUInt32BE(0xff_ff_ff_ff, 38);
    createHash('sha256').update(file.subarray(0, 50)).digest().copy(file, 50);
    const started = performance.now();
    expect(await codeOf(file)).toBe('FILE_DAMAGED');
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});
