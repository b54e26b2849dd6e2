/** What is looked at before a file travels: never stricter than the node, which decides. */
import { expect, it } from 'vitest';
import { LOOKED_AT_BYTES, mayBeTaken } from '../../../src/console/compose/file-look.ts';
import { cleanFile } from '../../../src/record/index.ts';
import {
  gifWithCanaries,
  jpegWithCanaries,
  pngWithCanaries,
  webpWithCanaries,
} from '../../support/pictures.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');
async function* once(file: Uint8Array): AsyncGenerator<Uint8Array> {
  yield file;
}

it('lets every picture and text pass that the node takes', async () => {
  const texts = ['Forty rifles\n', '<list>', 'أربعون بندقية'].map((text) => Buffer.from(text, 'utf8'));
  for (const file of [
    jpegWithCanaries(),
    pngWithCanaries(),
    webpWithCanaries(),
    gifWithCanaries(),
    ...texts,
  ]) {
    expect(await cleanFile(once(file))).toMatchObject({ type: expect.any(String) });
    expect(mayBeTaken(file.subarray(0, LOOKED_AT_BYTES))).toBe(true);
  }
});

it.each([
  ['a PDF', '%PDF-1.7\n'],
  ['HEIC', '\0\0\0\x18ftypheic\0\0\0\0'],
  ['a film', '\0\0\0\x18ftypisom\0\0\0\0'],
  ['an office document', 'PK\x03\x04\x14\0\x06\0'],
  ['TIFF', 'II*\0\x08\0\0\0'],
  ['a program', '\x7fELF\x02\x01\x01\0'],
])('stops %s, as the node would', async (_name, head) => {
  await expect(cleanFile(once(bytes(head.padEnd(64, ' '))))).rejects.toMatchObject({ code: 'TYPE_REFUSED' });
  expect(mayBeTaken(bytes(head))).toBe(false);
});
