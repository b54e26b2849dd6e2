/**
 * Attachments as they are kept and carried: encrypted in chunks, so that any size is read and written in flat memory and no
 * chunk is believed before its tag. The construction is STREAM (Hoang, Reyhanitabar, Rogaway, Vizár, 2015): the nonce counts
 * the chunks and marks the last, so a blob cannot be cut, extended, reordered or spliced. One random key a file.
 *
 *   key   = HKDF-SHA256(file key, salt = none, info = "tocsin/attachment/v1\n", 32 bytes)
 *   chunk = AES-256-GCM(key, nonce = counter, 11 bytes big-endian ‖ 1 for the last chunk, else 0, 64 KiB of the file) ‖ tag
 */
import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import { utf8 } from '../base/bytes.ts';
import { SealError } from './errors.ts';

export const FILE_KEY_BYTES = 32;
/** Bytes of the file in every chunk but the last, which has 1 to that many. */
export const BLOB_CHUNK_BYTES = 64 * 1024;
const TAG_BYTES = 16;
const SEALED_CHUNK_BYTES = BLOB_CHUNK_BYTES + TAG_BYTES;
const INFO = utf8('tocsin/attachment/v1\n');
const CIPHER = 'aes-256-gcm';

/** Size of the blob of a file of so many bytes: it follows from the size alone. */
export const blobBytesOf = (fileBytes: number): number =>
  fileBytes + TAG_BYTES * Math.ceil(fileBytes / BLOB_CHUNK_BYTES);

function keyOf(fileKey: Uint8Array): Buffer {
  if (fileKey.length !== FILE_KEY_BYTES)
    throw new SealError({
      code: 'BLOB_INVALID',
      message: `expected a file key of ${FILE_KEY_BYTES} bytes, got ${fileKey.length}`,
    });
  return Buffer.from(hkdfSync('sha256', fileKey, new Uint8Array(0), INFO, 32));
}

function nonceOf(counter: number, last: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  // 2^48 chunks are 16 EiB: the counter never wraps.
  nonce.writeUIntBE(counter, 5, 6);
  nonce[11] = last ? 1 : 0;
  return nonce;
}

/** The source in pieces of exactly `bytes`, the last may be shorter; `last` is true for the last, and only for it. */
async function* pieces(
  source: AsyncIterable<Uint8Array>,
  bytes: number,
): AsyncGenerator<{ readonly piece: Buffer; readonly last: boolean }> {
  let held = Buffer.alloc(bytes);
  let filled = 0;
  for await (const part of source) {
    for (let at = 0; at < part.length; ) {
      if (filled === bytes) {
        yield { piece: held, last: false };
        held = Buffer.alloc(bytes);
        filled = 0;
      }
      const some = part.subarray(at, at + bytes - filled);
      held.set(some, filled);
      filled += some.length;
      at += some.length;
    }
  }
  yield { piece: held.subarray(0, filled), last: true };
}

/** Encrypts a file of at least one byte as it streams by. A key MUST be used for one file only. */
export async function* sealBlob(
  fileKey: Uint8Array,
  file: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const key = keyOf(fileKey);
  let counter = 0;
  for await (const { piece, last } of pieces(file, BLOB_CHUNK_BYTES)) {
    if (piece.length === 0)
      throw new SealError({ code: 'BLOB_INVALID', message: 'expected a file of at least one byte' });
    const cipher = createCipheriv(CIPHER, key, nonceOf(counter, last));
    counter += 1;
    yield Buffer.concat([cipher.update(piece), cipher.final(), cipher.getAuthTag()]);
  }
}

/**
 * Decrypts a blob as it streams by. Throws BLOB_INVALID at the first chunk that is not exactly as it was sealed, and at the
 * end where chunks are missing; what was yielded before is authentic, but a part only. `from` names the chunk that the stream
 * begins with.
 */
export async function* openBlob(
  fileKey: Uint8Array,
  blob: AsyncIterable<Uint8Array>,
  from = 0,
): AsyncGenerator<Uint8Array> {
  const key = keyOf(fileKey);
  let counter = from;
  for await (const { piece, last } of pieces(blob, SEALED_CHUNK_BYTES)) {
    if (piece.length <= TAG_BYTES) throw damaged(counter);
    const decipher = createDecipheriv(CIPHER, key, nonceOf(counter, last), { authTagLength: TAG_BYTES });
    decipher.setAuthTag(piece.subarray(piece.length - TAG_BYTES));
    const plain = decipher.update(piece.subarray(0, piece.length - TAG_BYTES));
    try {
      decipher.final();
    } catch {
      throw damaged(counter);
    }
    counter += 1;
    yield plain;
  }
}

/** Where in the blob to begin so that the file can be read from `fileOffset` on, and what of the first chunk to leave out. */
export function blobPosition(fileOffset: number): { chunk: number; blobOffset: number; skip: number } {
  const chunk = Math.floor(fileOffset / BLOB_CHUNK_BYTES);
  return { chunk, blobOffset: chunk * SEALED_CHUNK_BYTES, skip: fileOffset - chunk * BLOB_CHUNK_BYTES };
}

const damaged = (chunk: number): SealError =>
  new SealError({
    code: 'BLOB_INVALID',
    message: `expected an attachment as it was sealed, chunk ${chunk} is not: the key is another's, or bytes were changed, cut or moved`,
  });
