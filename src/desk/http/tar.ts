/** Files as one: POSIX ustar (IEEE Std 1003.1), which every system unpacks. Pure. */
import { concat, utf8 } from '../../base/bytes.ts';

const BLOCK = 512;

const field = (text: string, length: number): Uint8Array => {
  const bytes = new Uint8Array(length);
  bytes.set(utf8(text).subarray(0, length));
  return bytes;
};
const octal = (value: number, length: number): Uint8Array =>
  field(`${value.toString(8).padStart(length - 1, '0')}\0`, length);

function headerOf(path: string, size: number, atMs: number): Uint8Array {
  const parts = (sum: Uint8Array) => [
    field(path, 100),
    octal(0o644, 8),
    octal(0, 8),
    octal(0, 8),
    octal(size, 12),
    octal(Math.floor(atMs / 1000), 12),
    sum,
    field('0', 1),
    field('', 100),
    field('ustar\0' + '00', 8),
    field('', 32 + 32),
    octal(0, 8),
    octal(0, 8),
    field('', 155 + 12),
  ];
  const unsummed = concat(...parts(field(' '.repeat(8), 8)));
  const sum = unsummed.reduce((total, byte) => total + byte, 0);
  return concat(...parts(field(`${sum.toString(8).padStart(6, '0')}\0 `, 8)));
}

/** One file of the archive. Throws RangeError for a path that this form has no room for. */
export function tarEntry(path: string, data: Uint8Array, atMs: number): Uint8Array {
  if (utf8(path).length > 100)
    throw new RangeError(`expected a path of at most 100 bytes, got ${path.length}`);
  const padding = (BLOCK - (data.length % BLOCK)) % BLOCK;
  return concat(headerOf(path, data.length, atMs), data, new Uint8Array(padding));
}

/** What stands at the end of an archive. */
export const TAR_END: Uint8Array = new Uint8Array(2 * BLOCK);
