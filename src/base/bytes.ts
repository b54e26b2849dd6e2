/**
 * Byte strings: concatenation, length prefixes, comparison, text encodings. Knows no format of ours.
 */
import { timingSafeEqual } from 'node:crypto';

const encoder = new TextEncoder();
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** UTF-8 bytes of a string. */
export const utf8 = (text: string): Uint8Array => encoder.encode(text);

/** Text of UTF-8 bytes; throws TypeError for invalid UTF-8 (never substitutes U+FFFD). */
export const textOf = (bytes: Uint8Array): string => strictDecoder.decode(bytes);

/** One byte string out of many. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const out = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Big-endian unsigned 32 bits. */
export function u32be(value: number): Uint8Array {
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff)
    throw new RangeError(`expected an unsigned 32-bit number, got ${value}`);
  const out = new Uint8Array(4);
  new DataView(out.buffer).setUint32(0, value);
  return out;
}

/** Big-endian unsigned 64 bits. */
export function u64be(value: bigint): Uint8Array {
  if (value < 0n || value > 0xffffffffffffffffn)
    throw new RangeError(`expected an unsigned 64-bit number, got ${value}`);
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigUint64(0, value);
  return out;
}

/** The bytes, preceded by their length as four bytes, so that no two lists of parts concatenate alike. */
export const lengthPrefixed = (bytes: Uint8Array): Uint8Array => concat(u32be(bytes.length), bytes);

/** Equality in time that depends on the lengths only. */
export const equalBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && timingSafeEqual(a, b);

/** Order of byte strings as unsigned numbers, first byte first; for sorting public values, not for secrets. */
export const compareBytes = (a: Uint8Array, b: Uint8Array): number => Buffer.compare(a, b);

const view = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Lower-case hexadecimal. */
export const hex = (bytes: Uint8Array): string => view(bytes).toString('hex');

/** Bytes of hexadecimal text; throws RangeError for anything else. */
export function fromHex(text: string): Uint8Array {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text))
    throw new RangeError('expected an even number of hexadecimal digits');
  return new Uint8Array(Buffer.from(text, 'hex'));
}

/** Standard base64 with padding (RFC 4648 §4). */
export const base64 = (bytes: Uint8Array): string => view(bytes).toString('base64');

/** Bytes of standard base64; throws RangeError unless the text is the one canonical encoding of them. */
export function fromBase64(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) throw new RangeError('expected canonical base64 (RFC 4648 §4)');
  return new Uint8Array(bytes);
}

/** URL-safe base64 without padding (RFC 4648 §5). */
export const base64url = (bytes: Uint8Array): string => view(bytes).toString('base64url');

/** Bytes of URL-safe base64; throws RangeError unless the text is the one canonical encoding of them. */
export function fromBase64url(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.toString('base64url') !== text)
    throw new RangeError('expected canonical base64url (RFC 4648 §5)');
  return new Uint8Array(bytes);
}
