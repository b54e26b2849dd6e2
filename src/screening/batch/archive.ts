/**
 * Parts of a ZIP archive (PKWARE APPNOTE 6.3.10), as far as workbooks need it. Only parts that are asked for are unpacked, a few
 * KiB of input at a time, and no further than the archive's own statement and the bound of all allow: a bomb costs nothing.
 */
import { Inflate } from 'fflate';
import { refuse } from './errors.ts';
import { BATCH_LIMITS } from './table.ts';

const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const END_BYTES = 22;
const CENTRAL_BYTES = 46;
const LOCAL_BYTES = 30;
/** Deflate makes at most 1,032 bytes of one, so a step makes 4 MiB at most. */
const STEP_BYTES = 4_096;

interface Entry {
  readonly method: number;
  readonly packed: number;
  readonly unpacked: number;
  readonly offset: number;
}

const corrupt = (what: string): Error =>
  refuse('WORKBOOK_CORRUPT', `expected an .xlsx workbook, got an archive ${what}; open it and save it again`);

function endOf(view: DataView): number {
  const from = view.byteLength - END_BYTES;
  // A comment of up to 65,535 bytes may follow.
  for (let at = from; at >= 0 && at >= from - 0xffff; at -= 1)
    if (view.getUint32(at, true) === END) return at;
  throw corrupt('without its directory');
}

function entriesOf(bytes: Uint8Array): ReadonlyMap<string, Entry> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < END_BYTES) throw corrupt('that is cut off');
  const end = endOf(view);
  const count = view.getUint16(end + 10, true);
  if (count > BATCH_LIMITS.parts)
    throw corrupt(`of ${count} parts where at most ${BATCH_LIMITS.parts} are read`);
  const entries = new Map<string, Entry>();
  let at = view.getUint32(end + 16, true);
  for (let index = 0; index < count; index += 1) {
    if (at + CENTRAL_BYTES > end || view.getUint32(at, true) !== CENTRAL)
      throw corrupt('with a broken directory');
    if ((view.getUint16(at + 8, true) & 1) !== 0) throw corrupt('that is encrypted');
    const nameBytes = view.getUint16(at + 28, true);
    const next =
      at + CENTRAL_BYTES + nameBytes + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    if (next > end) throw corrupt('with a broken directory');
    const name = new TextDecoder().decode(bytes.subarray(at + CENTRAL_BYTES, at + CENTRAL_BYTES + nameBytes));
    // Readers disagree on which of two counts, so that what one checks another shows.
    if (entries.has(name)) throw corrupt('with a part twice');
    entries.set(name, {
      method: view.getUint16(at + 10, true),
      packed: view.getUint32(at + 20, true),
      unpacked: view.getUint32(at + 24, true),
      offset: view.getUint32(at + 42, true),
    });
    at = next;
  }
  return entries;
}

function inflate(packed: Uint8Array, unpacked: number): Uint8Array {
  const out = new Uint8Array(unpacked);
  let filled = 0;
  let ended = false;
  const stream = new Inflate((chunk, final) => {
    if (filled + chunk.length > unpacked) throw corrupt('with a part larger than it says');
    out.set(chunk, filled);
    filled += chunk.length;
    ended = final;
  });
  for (let at = 0; at < packed.length; at += STEP_BYTES) {
    const last = at + STEP_BYTES >= packed.length;
    stream.push(packed.subarray(at, at + STEP_BYTES), last);
  }
  if (!ended || filled !== unpacked) throw corrupt('with a part smaller than it says');
  return out;
}

/** The parts of an archive that is held in memory. */
export class Archive {
  readonly #bytes: Uint8Array;
  readonly #entries: ReadonlyMap<string, Entry>;
  #left: number = BATCH_LIMITS.unpackedBytes;

  /** Throws WORKBOOK_CORRUPT. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#entries = entriesOf(bytes);
  }

  /** UTF-8 text of a part; undefined where there is none. Throws UNPACKS_TOO_LARGE, WORKBOOK_CORRUPT. */
  text(name: string): string | undefined {
    const entry = this.#entries.get(name);
    if (entry === undefined) return undefined;
    if (entry.unpacked > this.#left)
      throw refuse(
        'UNPACKS_TOO_LARGE',
        `expected a workbook of at most ${BATCH_LIMITS.unpackedBytes} bytes unpacked, got more; leave out sheets and columns that are not screened`,
        { facts: { bytes: entry.unpacked } },
      );
    this.#left -= entry.unpacked;
    const bytes = this.#unpack(entry);
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch (cause) {
      throw refuse('WORKBOOK_CORRUPT', 'expected parts of a workbook in UTF-8', { cause });
    }
  }

  #unpack({ method, packed, unpacked, offset }: Entry): Uint8Array {
    const bytes = this.#bytes;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (offset + LOCAL_BYTES > bytes.length || view.getUint32(offset, true) !== LOCAL)
      throw corrupt('whose directory points nowhere');
    const from = offset + LOCAL_BYTES + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true);
    if (from + packed > bytes.length) throw corrupt('that is cut off');
    const content = bytes.subarray(from, from + packed);
    if (method === 0) {
      if (packed !== unpacked) throw corrupt('with a part of another size than it says');
      return content;
    }
    if (method !== 8) throw corrupt('packed in a way that workbooks are not');
    try {
      return inflate(content, unpacked);
    } catch (cause) {
      if (cause instanceof Error && cause.name === 'BatchFileError') throw cause;
      throw refuse('WORKBOOK_CORRUPT', 'expected an .xlsx workbook, got a part that does not unpack', {
        cause,
      });
    }
  }
}
