/**
 * Strict DER (X.690): definite minimal lengths, one-byte tags, minimal integers and identifiers, nothing left over. Reads
 * certificates, writes the few values that node-forge cannot. Knows no certificate.
 */
import { concat } from '../base/bytes.ts';

/** Bytes that are not DER of the expected form; caught where a certificate is judged. */
export class DerFault extends Error {
  override readonly name: string = 'DerFault';
}

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8String: 0x0c,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

export interface DerValue {
  readonly tag: number;
  /** Content octets. */
  readonly content: Uint8Array;
  /** Tag, length and content, as they stand. */
  readonly whole: Uint8Array;
}

/** Reads consecutive values; a caller takes what it expects and then calls `end`. */
export class DerReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  peek(): number | undefined {
    return this.#bytes[this.#at];
  }

  #byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new DerFault('ends in the middle of a value');
    this.#at += 1;
    return byte;
  }

  #length(): number {
    const first = this.#byte();
    if (first < 0x80) return first;
    const count = first & 0x7f;
    // 0 is the indefinite form; four bytes would be more than any input here may have.
    if (count === 0 || count > 3) throw new DerFault('length is indefinite or too long');
    let length = 0;
    for (let i = 0; i < count; i++) length = length * 256 + this.#byte();
    if (length < 0x80 || length < 2 ** (8 * (count - 1))) throw new DerFault('length is not minimal');
    return length;
  }

  /** The next value, whatever it is. */
  any(): DerValue {
    const start = this.#at;
    const tag = this.#byte();
    if ((tag & 0x1f) === 0x1f) throw new DerFault('tag number above 30');
    const length = this.#length();
    const from = this.#at;
    if (from + length > this.#bytes.length) throw new DerFault('value is longer than its container');
    this.#at = from + length;
    return {
      tag,
      content: this.#bytes.subarray(from, this.#at),
      whole: this.#bytes.subarray(start, this.#at),
    };
  }

  /** The next value, of this tag. */
  take(tag: number): DerValue {
    const value = this.any();
    if (value.tag !== tag) throw new DerFault(`expected tag ${tag}, got ${value.tag}`);
    return value;
  }

  /** The next value where it has this tag; undefined, and nothing taken, where it has another. */
  optional(tag: number): DerValue | undefined {
    return this.peek() === tag ? this.any() : undefined;
  }

  /** A reader over the content of the next value. */
  inside(tag: number): DerReader {
    return new DerReader(this.take(tag).content);
  }

  end(): void {
    if (!this.done) throw new DerFault('bytes after the last value');
  }
}

/** Reads one value that fills the bytes. */
export function onlyValue(bytes: Uint8Array, tag: number): DerValue {
  const reader = new DerReader(bytes);
  const value = reader.take(tag);
  reader.end();
  return value;
}

export function readBoolean(value: DerValue): boolean {
  const [byte] = value.content;
  if (value.content.length !== 1 || (byte !== 0 && byte !== 0xff)) throw new DerFault('malformed boolean');
  return byte === 0xff;
}

/** Content of an integer after the check that it is minimal; two's complement. */
export function readInteger(value: DerValue): Uint8Array {
  const [first, second] = value.content;
  if (first === undefined) throw new DerFault('empty integer');
  if (second !== undefined && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80)))
    throw new DerFault('integer is not minimal');
  return value.content;
}

/** A small number that is not negative. */
export function readSmallInteger(value: DerValue): number {
  const content = readInteger(value);
  if ((content[0] ?? 0) >= 0x80 || content.length > 4) throw new DerFault('integer out of range');
  return content.reduce((sum, byte) => sum * 256 + byte, 0);
}

/** More than any in use; without a bound an arc of thousands of bytes is a number that takes long to write out. */
const OID_BYTES = 255;

/** Dotted form; arcs of 128 bits (2.25 carries such) and more. */
export function readOid(value: DerValue): string {
  if (value.content.length > OID_BYTES) throw new DerFault('object identifier is too long');
  const arcs: bigint[] = [];
  let arc = 0n;
  let fresh = true;
  for (const byte of value.content) {
    if (fresh && byte === 0x80) throw new DerFault('object identifier is not minimal');
    arc = (arc << 7n) | BigInt(byte & 0x7f);
    fresh = byte < 0x80;
    if (fresh) {
      arcs.push(arc);
      arc = 0n;
    }
  }
  const [joined, ...rest] = arcs;
  if (!fresh || joined === undefined) throw new DerFault('object identifier is cut off');
  const first = joined < 40n ? 0n : joined < 80n ? 1n : 2n;
  return [first, joined - 40n * first, ...rest].join('.');
}

/** Octets of a bit string without unused bits, as keys and signatures are. */
export function readOctetBits(value: DerValue): Uint8Array {
  if (value.content[0] !== 0) throw new DerFault('bit string with unused bits');
  return value.content.subarray(1);
}

/** Numbers of the bits set in a named bit list; DER leaves out trailing zero bits (X.690 §11.2.2). */
export function readNamedBits(value: DerValue): ReadonlySet<number> {
  const [unused, ...octets] = value.content;
  const last = octets.at(-1);
  if (unused === undefined || unused > 7 || (last === undefined && unused !== 0))
    throw new DerFault('malformed bit string');
  if (last !== undefined && (last & ((1 << (unused + 1)) - 1)) !== 1 << unused)
    throw new DerFault('named bit list with trailing zero bits');
  const bits = new Set<number>();
  octets.forEach((octet, index) => {
    for (let bit = 0; bit < 8; bit++) if ((octet & (0x80 >> bit)) !== 0) bits.add(8 * index + bit);
  });
  return bits;
}

/** One encoded value. */
export function encodeDer(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const content = concat(...contents);
  const { length } = content;
  if (length < 0x80) return concat(new Uint8Array([tag, length]), content);
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return concat(new Uint8Array([tag, 0x80 | octets.length, ...octets]), content);
}

/** An encoded object identifier; arcs of any size. */
export function encodeOid(dotted: string): Uint8Array {
  const [first, second, ...rest] = dotted.split('.').map(BigInt);
  if (first === undefined || second === undefined)
    throw new DerFault('object identifier needs at least two arcs');
  const octets = [40n * first + second, ...rest].flatMap((arc) => {
    const groups = [Number(arc & 0x7fn)];
    for (let left = arc >> 7n; left > 0n; left >>= 7n) groups.unshift(Number(left & 0x7fn) | 0x80);
    return groups;
  });
  return encodeDer(TAG.oid, new Uint8Array(octets));
}
