/**
 * The file of an index: `TOCSINID`, version and length of the table of contents (u32, little-endian both), the table (JSON),
 * the sections at multiples of eight, CRC-32 over all before it. Columns are kept as they lie in memory: a restart copies and
 * builds nothing. It is this node's own file and is never taken from others: the sum finds what a disk spoiled, not a forgery.
 */
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { textOf, utf8 } from '../../base/bytes.ts';
import { refuse } from './errors.ts';

const MAGIC = utf8('TOCSINID');
/** Raised with every change of what a section holds, of the order of schemes, of hashes or of keys. */
const VERSION = 1;
const START = 16;

const Contents = z.array(z.tuple([z.string(), z.int().nonnegative()]));

const aligned = (length: number): number => Math.ceil(length / 8) * 8;

const corrupt = (fault: string) =>
  refuse('SNAPSHOT_CORRUPT', `expected a whole snapshot of identifiers, got ${fault}: build the index anew`);

/** Named byte strings, to be written as one or read from one. */
export class Sections {
  readonly #parts = new Map<string, Uint8Array>();

  put(name: string, bytes: Uint8Array): void {
    this.#parts.set(name, bytes);
  }

  /** Throws SNAPSHOT_CORRUPT where there is none of the name. */
  take(name: string): Uint8Array {
    const part = this.#parts.get(name);
    if (part === undefined) throw corrupt(`none with ${name}`);
    return part;
  }

  encode(): Uint8Array {
    const contents = utf8(JSON.stringify([...this.#parts].map(([name, { length }]) => [name, length])));
    let length = aligned(START + contents.length);
    for (const part of this.#parts.values()) length += aligned(part.length);
    const out = new Uint8Array(length + 4);
    const view = new DataView(out.buffer);
    out.set(MAGIC);
    view.setUint32(8, VERSION, true);
    view.setUint32(12, contents.length, true);
    out.set(contents, START);
    let at = aligned(START + contents.length);
    for (const part of this.#parts.values()) {
      out.set(part, at);
      at += aligned(part.length);
    }
    view.setUint32(length, crc32(out.subarray(0, length)), true);
    return out;
  }

  /** Throws SNAPSHOT_VERSION for one of another version, SNAPSHOT_CORRUPT for anything else that `encode` did not give. */
  static decode(bytes: Uint8Array): Sections {
    if (bytes.length < START + 4 || MAGIC.some((byte, index) => bytes[index] !== byte))
      throw corrupt('other bytes');
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const version = view.getUint32(8, true);
    if (version !== VERSION)
      throw refuse(
        'SNAPSHOT_VERSION',
        `expected a snapshot of identifiers of version ${VERSION}, got ${version}: build the index anew`,
        { version },
      );
    const end = bytes.length - 4;
    if (view.getUint32(end, true) !== crc32(bytes.subarray(0, end))) throw corrupt('one whose sum differs');
    const contentsEnd = START + view.getUint32(12, true);
    if (contentsEnd > end) throw corrupt('a table of contents beyond the end');
    const contents = Contents.safeParse(jsonOf(bytes.subarray(START, contentsEnd)));
    if (!contents.success) throw corrupt('no table of contents');
    const sections = new Sections();
    let at = aligned(contentsEnd);
    for (const [name, length] of contents.data) {
      if (at + length > end) throw corrupt('a section beyond the end');
      sections.put(name, bytes.subarray(at, at + length));
      at += aligned(length);
    }
    return sections;
  }
}

/** Undefined for what is no JSON. */
export function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(textOf(bytes));
  } catch {
    return undefined;
  }
}
