/**
 * Reads a stream of bytes piece by piece: so many exactly, so many passed through, or up to a byte value. Holds one piece of
 * its source and what was asked for, so memory does not depend on the length of the stream.
 */
import { AttachmentError } from './errors.ts';

const EMPTY = new Uint8Array(0);

export class ByteFeed {
  readonly #source: AsyncIterator<Uint8Array>;
  #piece: Uint8Array = EMPTY;
  #ended = false;
  #at = 0;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Bytes taken so far. */
  get at(): number {
    return this.#at;
  }

  /** Up to `count` of the next bytes without taking them; fewer only at the end. Meant for a file's first few bytes. */
  async peek(count: number): Promise<Uint8Array> {
    while (this.#piece.length < count && !this.#ended) {
      const before = this.#piece;
      this.#piece = EMPTY;
      await this.#fill();
      this.#piece = before.length === 0 ? this.#piece : joined(before, this.#piece);
    }
    return this.#piece.subarray(0, count);
  }

  /** Exactly `count` bytes in one; throws NOT_WHOLE where the stream ends before. */
  async exactly(count: number): Promise<Uint8Array> {
    await this.#some(count);
    if (this.#piece.length >= count) return this.#take(count);
    const out = new Uint8Array(count);
    let filled = 0;
    while (filled < count) {
      await this.#some(count - filled);
      const part = this.#take(count - filled);
      out.set(part, filled);
      filled += part.length;
    }
    return out;
  }

  async byte(): Promise<number> {
    return (await this.exactly(1))[0] ?? 0;
  }

  /** The next `count` bytes as they come; throws NOT_WHOLE where the stream ends before. */
  async *through(count: number): AsyncGenerator<Uint8Array> {
    for (let left = count; left > 0; ) {
      await this.#some(left);
      const part = this.#take(left);
      left -= part.length;
      yield part;
    }
  }

  async skip(count: number): Promise<void> {
    for (let left = count; left > 0; ) {
      await this.#some(left);
      left -= this.#take(left).length;
    }
  }

  /** Everything before the next byte of this value, which stays; throws NOT_WHOLE where there is none. */
  async *until(value: number): AsyncGenerator<Uint8Array> {
    for (;;) {
      await this.#some(1);
      const found = this.#piece.indexOf(value);
      const part = this.#take(found < 0 ? this.#piece.length : found);
      if (part.length > 0) yield part;
      if (found >= 0) return;
    }
  }

  /** Everything that is left. */
  async *rest(): AsyncGenerator<Uint8Array> {
    for (;;) {
      if (this.#piece.length === 0) await this.#fill();
      if (this.#piece.length === 0) return;
      yield this.#take(this.#piece.length);
    }
  }

  /** Reads on to the end of the stream and forgets it. */
  async drain(): Promise<void> {
    for await (const _ of this.rest());
  }

  #take(most: number): Uint8Array {
    const part = this.#piece.subarray(0, most);
    this.#piece = this.#piece.subarray(part.length);
    this.#at += part.length;
    return part;
  }

  async #some(wanted: number): Promise<void> {
    if (wanted === 0 || this.#piece.length > 0) return;
    await this.#fill();
    if (this.#piece.length === 0)
      throw new AttachmentError(
        'NOT_WHOLE',
        `the file ends at byte ${this.#at}, before it is whole; send it again`,
      );
  }

  async #fill(): Promise<void> {
    while (this.#piece.length === 0 && !this.#ended) {
      const next = await this.#source.next();
      if (next.done === true) this.#ended = true;
      else this.#piece = next.value;
    }
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const out = new Uint8Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}
