/**
 * Files one after the other, as a backup carries them inside its seal: names, sizes and bytes, nothing of owners, times or
 * links. Reading trusts no name and no size, though only who knows the passphrase can have written them.
 *
 *   archive = "tocsin/backup/v1\n" ‖ entry* ‖ 0        entry = 1 ‖ name length (4) ‖ name ‖ size (8) ‖ bytes
 */
import { concat, equalBytes, textOf, u32be, u64be, utf8 } from '../base/bytes.ts';
import { NodeError } from './errors.ts';

const MAGIC = utf8('tocsin/backup/v1\n');
const NAME_BYTES = 255;
const ENTRIES = 1_000_000;
/** Lower-case folders, then a file: no absolute path, no `..`, no name of the system's own. */
const NAME = /^(?:[a-z][a-z0-9-]{0,63}\/){0,4}[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

export interface ArchiveEntry {
  /** With `/` between folders, relative to the node's folder. */
  readonly name: string;
  readonly size: number;
  readonly bytes: AsyncIterable<Uint8Array>;
}

export const isEntryName = (name: string): boolean => NAME.test(name) && name.length <= NAME_BYTES;

/** Throws FILE_INVALID where a file has another size than was said: it changed while it was read. */
export async function* packEntries(entries: AsyncIterable<ArchiveEntry>): AsyncGenerator<Uint8Array> {
  yield MAGIC;
  for await (const { name, size, bytes } of entries) {
    if (!isEntryName(name)) throw new TypeError(`a backup has no place for ${name}`);
    yield concat(Uint8Array.of(1), u32be(name.length), utf8(name), u64be(BigInt(size)));
    let written = 0;
    for await (const piece of bytes) {
      written += piece.length;
      yield piece;
    }
    if (written !== size)
      throw new NodeError({
        code: 'FILE_INVALID',
        message: `${name} changed while it was copied: run the command again`,
        retry: 'later',
      });
  }
  yield Uint8Array.of(0);
}

/** The entries in their order; each has to be read to its end before the next. Throws BACKUP_INVALID. */
export async function* unpackEntries(archive: AsyncIterable<Uint8Array>): AsyncGenerator<ArchiveEntry> {
  const source = new Pieces(archive);
  try {
    if (!equalBytes(await source.take(MAGIC.length), MAGIC)) throw invalid('it holds something else');
    const seen = new Set<string>();
    for (;;) {
      const [mark] = await source.take(1);
      if (mark === 0) break;
      if (mark !== 1 || seen.size >= ENTRIES) throw invalid('its list of files is not one');
      const length = viewOf(await source.take(4)).getUint32(0);
      if (length > NAME_BYTES) throw invalid('a name is too long');
      const name = nameIn(await source.take(length));
      if (!isEntryName(name) || seen.has(name)) throw invalid('a name is not one of a node, or comes twice');
      seen.add(name);
      const size = viewOf(await source.take(8)).getBigUint64(0);
      if (size > BigInt(Number.MAX_SAFE_INTEGER)) throw invalid(`${name} has an impossible size`);
      let left = Number(size);
      const bytes = async function* () {
        while (left > 0) {
          const piece = await source.some(left);
          left -= piece.length;
          yield piece;
        }
      };
      yield { name, size: Number(size), bytes: bytes() };
      if (left > 0) throw new TypeError('an entry has to be read before the next');
    }
    // To the very end: only there it is known that nothing was cut off or added.
    if (!(await source.isAtEnd())) throw invalid('something follows its end');
  } finally {
    await source.close();
  }
}

function nameIn(bytes: Uint8Array): string {
  try {
    return textOf(bytes);
  } catch {
    throw invalid('a name is not one of a node, or comes twice');
  }
}

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView =>
  new DataView(buffer, byteOffset, byteLength);

class Pieces {
  readonly #source: AsyncIterator<Uint8Array>;
  #held: Uint8Array = new Uint8Array(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Exactly so many bytes. */
  async take(bytes: number): Promise<Uint8Array> {
    while (this.#held.length < bytes) this.#held = concat(this.#held, await this.#next());
    const taken = this.#held.subarray(0, bytes);
    this.#held = this.#held.subarray(bytes);
    return taken;
  }

  /** At least one byte, at most so many. */
  async some(most: number): Promise<Uint8Array> {
    while (this.#held.length === 0) this.#held = await this.#next();
    const taken = this.#held.subarray(0, most);
    this.#held = this.#held.subarray(taken.length);
    return taken;
  }

  async isAtEnd(): Promise<boolean> {
    return this.#held.length === 0 && (await this.#source.next()).done === true;
  }

  async close(): Promise<void> {
    await this.#source.return?.();
  }

  async #next(): Promise<Uint8Array> {
    const next = await this.#source.next();
    if (next.done === true) throw invalid('it ends too early');
    return next.value;
  }
}

export const invalid = (why: string): NodeError =>
  new NodeError({ code: 'BACKUP_INVALID', message: `expected a backup of a node: ${why}` });
