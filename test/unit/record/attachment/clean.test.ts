/** Pictures lose everything but the picture; what cannot be cleaned safely, or is broken, is refused with words that help. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanFile } from '../../../../src/record/attachment/clean.ts';
import { displayName } from '../../../../src/record/attachment/display-name.ts';
import { AttachmentError } from '../../../../src/record/attachment/errors.ts';
import { orientationOf } from '../../../../src/record/attachment/exif.ts';
import {
  CANARIES,
  exifBlock,
  gifWithCanaries,
  jpegParts,
  jpegSegment,
  jpegWithCanaries,
  PNG_DATA,
  PNG_END,
  PNG_HEAD,
  PNG_SIGNATURE,
  pngChunk,
  pngClean,
  pngWithCanaries,
  webpWithCanaries,
} from '../../../support/pictures.ts';

async function* inPieces(bytes: Uint8Array, piece: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece);
}

async function clean(bytes: Uint8Array, piece = 7): Promise<{ type: string; bytes: Buffer }> {
  const file = await cleanFile(inPieces(bytes, piece));
  const parts: Buffer[] = [];
  for await (const part of file.bytes) parts.push(Buffer.from(part));
  return { type: file.type, bytes: Buffer.concat(parts) };
}

const codeOf = (bytes: Uint8Array): Promise<string> =>
  clean(bytes).then(
    () => 'taken',
    (error: unknown) => {
      if (!(error instanceof AttachmentError)) throw error;
      return error.code;
    },
  );

const PICTURES = [
  ['image/jpeg', jpegWithCanaries()],
  ['image/jpeg', jpegWithCanaries({ orientation: 1, little: true })],
  ['image/png', pngWithCanaries()],
  ['image/webp', webpWithCanaries()],
  ['image/gif', gifWithCanaries()],
] as const;

describe('cleaning of pictures', () => {
  it.each(PICTURES)('leaves no canary in %s, at any size of pieces', async (type, picture) => {
    expect(CANARIES.filter((canary) => picture.includes(canary)).length).toBeGreaterThanOrEqual(4);
    for (const piece of [1, 3, 1_000, 1_000_000]) {
      const cleaned = await clean(picture, piece);
      expect(cleaned.type).toBe(type);
      for (const canary of CANARIES)
        expect(cleaned.bytes.toString('latin1')).not.toContain(canary.slice(0, 8));
    }
  });

  it('keeps the coded picture of a JPEG bit by bit', async () => {
    const { tables, scan } = jpegParts();
    const { bytes } = await clean(jpegWithCanaries());
    expect(bytes.includes(tables)).toBe(true);
    expect(bytes.includes(scan)).toBe(true);
    expect(bytes.subarray(-2)).toEqual(Buffer.from([0xff, 0xd9]));
  });

  it('keeps the orientation of a JPEG in an EXIF block that says nothing else', async () => {
    for (const little of [false, true])
      for (let orientation = 2; orientation <= 8; orientation++) {
        const { bytes } = await clean(jpegWithCanaries({ orientation, little }));
        const at = bytes.indexOf('Exif\0\0');
        expect(bytes.indexOf('Exif', at + 1)).toBe(-1);
        const body = bytes.subarray(at, at - 2 + bytes.readUInt16BE(at - 2));
        expect(body.length).toBe(32);
        expect(orientationOf(body)).toBe(orientation);
      }
    const { bytes } = await clean(jpegWithCanaries({ orientation: 1 }));
    expect(bytes.includes('Exif')).toBe(false);
  });

  it('keeps a PNG without metadata byte for byte, and makes the other one like it', async () => {
    expect((await clean(pngClean())).bytes).toEqual(pngClean());
    expect((await clean(pngWithCanaries())).bytes).toEqual(pngClean());
  });

  it('keeps the length that a WebP states in front, and takes back the flags of what went', async () => {
    const { bytes } = await clean(webpWithCanaries());
    expect(bytes.readUInt32LE(4)).toBe(bytes.length - 8);
    expect((bytes[20] ?? 0xff) & 0x2c).toBe(0);
    expect(bytes.includes('picture')).toBe(true);
    expect(bytes.includes('frame')).toBe(true);
  });

  it('keeps how often a GIF repeats', async () => {
    const { bytes } = await clean(gifWithCanaries());
    expect(bytes.includes('NETSCAPE2.0')).toBe(true);
    expect(bytes.at(-1)).toBe(0x3b);
  });

  it('changes nothing when it cleans what is clean', async () => {
    for (const [, picture] of PICTURES) {
      const once = (await clean(picture)).bytes;
      expect((await clean(once)).bytes).toEqual(once);
    }
  });

  it('keeps any coded data whatever its bytes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 300 }),
        fc.integer({ min: 1, max: 50 }),
        async (scan, piece) => {
          const { bytes } = await clean(jpegWithCanaries({ scan }), piece);
          expect(bytes.includes(jpegParts({ scan }).scan)).toBe(true);
        },
      ),
    );
  });

  it('never fails but with an error of its own, whatever is broken', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...PICTURES.map(([, picture]) => picture)),
        fc.nat(),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }),
        async (picture, cut, changes) => {
          const broken = Buffer.from(picture.subarray(0, picture.length - (cut % picture.length)));
          for (const [at, value] of changes) broken[at % broken.length] = value;
          expect(['taken', 'TYPE_REFUSED', 'MALFORMED', 'NOT_WHOLE']).toContain(await codeOf(broken));
        },
      ),
      { numRuns: 400 },
    );
  });

  it('refuses a picture that ends too early', async () => {
    const jpeg = jpegWithCanaries();
    expect(await codeOf(jpeg.subarray(0, 60))).toBe('NOT_WHOLE');
    expect(await codeOf(Buffer.concat([PNG_SIGNATURE, PNG_HEAD, PNG_DATA]))).toBe('NOT_WHOLE');
    expect(await codeOf(webpWithCanaries().subarray(0, 70))).toBe('NOT_WHOLE');
    expect(await codeOf(gifWithCanaries().subarray(0, 70))).toBe('NOT_WHOLE');
  });

  it('refuses what breaks its format', async () => {
    expect(await codeOf(Buffer.concat([Buffer.from([0xff, 0xd8]), jpegSegment(0x01, Buffer.alloc(4))]))).toBe(
      'MALFORMED',
    );
    expect(await codeOf(Buffer.concat([PNG_SIGNATURE, PNG_HEAD, PNG_END]))).toBe('MALFORMED');
    expect(await codeOf(Buffer.concat([PNG_SIGNATURE, PNG_DATA]))).toBe('MALFORMED');
    const wrongSum = Buffer.from(pngClean());
    wrongSum[PNG_SIGNATURE.length + PNG_HEAD.length + 9] = 0x55;
    expect(await codeOf(wrongSum)).toBe('MALFORMED');
    expect(
      await codeOf(Buffer.concat([PNG_SIGNATURE, PNG_HEAD, pngChunk('EVIL', Buffer.alloc(1)), PNG_END])),
    ).toBe('MALFORMED');
  });

  it('reads no orientation out of a block that points outside itself', () => {
    for (let cut = 0; cut < 60; cut++) {
      const whole = Buffer.concat([Buffer.from('Exif\0\0'), exifBlock(6)]);
      expect([6, undefined]).toContain(orientationOf(whole.subarray(0, cut)));
    }
  });
});

describe('the closed list of types', () => {
  it.each([
    ['a PDF', '%PDF-1.7\n'],
    ['a TIFF', 'II*\0aaaa'],
    ['HEIC', '\0\0\0\x20ftypheic'],
    ['a film', '\0\0\0\x20ftypisom'],
    ['an archive', 'PK\x03\x04aaaa'],
    ['a gzip bomb', '\x1f\x8b\x08\0'],
    ['an office document', '\xd0\xcf\x11\xe0aa'],
    ['a program', 'MZ\x90\0'],
    ['another program', '\x7fELF\x02'],
    ['a script', '#!/bin/sh\n'],
    ['a page', '<!DOCTYPE html>'],
    ['a drawing that runs', '<svg onload="x()">'],
    ['bytes of no type', '\x01\x02\x03\x04'],
    ['text that is not UTF-8', 'caf\xe9 au lait'],
  ])('refuses %s', async (_what, text) => {
    expect(await codeOf(Buffer.from(text, 'latin1'))).toBe('TYPE_REFUSED');
  });

  it('takes UTF-8 text as it is, however it is cut, and refuses control characters deep inside', async () => {
    const text = Buffer.from('vu à Чёрный порт, 木箱\n'.repeat(50));
    expect(await clean(text, 1)).toEqual({ type: 'text/plain', bytes: text });
    expect(await codeOf(Buffer.concat([text, Buffer.from([0])]))).toBe('TYPE_REFUSED');
    expect(await codeOf(text.subarray(0, -2))).toBe('TYPE_REFUSED');
  });

  it('refuses an empty file', async () => {
    expect(await codeOf(Buffer.alloc(0))).toBe('NOT_WHOLE');
  });
});

describe('names of files', () => {
  it.each([
    ['../../etc/passwd', 'passwd'],
    ['C:\\temp\\crate.jpg', 'crate.jpg'],
    ['/absolute.png', 'absolute.png'],
    ['a\0b.png', 'ab.png'],
    ['..', 'file'],
    ['', 'file'],
    ['NUL', '_NUL'],
    ['con.txt', '_con.txt'],
    ['gpj.\u202eexe', 'gpj.exe'],
    ['e\u0301.png', '\u00e9.png'],
    ['x'.repeat(5_000), 'x'.repeat(120)],
  ])('%j is shown as %j', (given, shown) => {
    expect(displayName(given)).toBe(shown);
  });

  it('are never a path, whatever is given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (given) => {
        const shown = displayName(given);
        expect(shown).not.toMatch(/[/\\\0]/);
        expect(['', '.', '..']).not.toContain(shown);
        expect([...shown].length).toBeLessThanOrEqual(121);
      }),
    );
  });
});
