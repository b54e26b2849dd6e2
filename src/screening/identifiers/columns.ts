/** Growing columns of numbers and of short texts: a list of a million objects takes several times their room. */

type Numbers = Uint8Array | Uint16Array | Uint32Array | Float64Array;

/** A quarter more at a time: the columns of a million rows hold little that is not used. */
const roomFor = (length: number): number => Math.max(256, Math.ceil(length * 1.2));

/** A column of numbers. The owner keeps `length`. */
export class Column<Values extends Numbers> {
  #values: Values;
  readonly #make: (length: number) => Values;

  constructor(make: (length: number) => Values) {
    this.#make = make;
    this.#values = make(256);
  }

  /** The first values, as they are. */
  bytes(length: number): Uint8Array {
    const { buffer, byteOffset, BYTES_PER_ELEMENT } = this.#values;
    return new Uint8Array(buffer, byteOffset, length * BYTES_PER_ELEMENT);
  }

  /** Takes over what `bytes` gave. */
  load(bytes: Uint8Array): void {
    const values = this.#make(Math.max(1, bytes.length / this.#values.BYTES_PER_ELEMENT));
    new Uint8Array(values.buffer).set(bytes);
    this.#values = values;
  }

  get values(): Values {
    return this.#values;
  }

  set(index: number, value: number): void {
    if (index >= this.#values.length) {
      const grown = this.#make(roomFor(index + 1));
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[index] = value;
  }

  get(index: number): number {
    return this.#values[index] ?? 0;
  }
}

/** Texts behind one another. */
export class TextPool {
  #bytes: Uint8Array;
  #view: Buffer;
  #used: number;

  constructor(bytes: Uint8Array = new Uint8Array(1024), used = 0) {
    this.#bytes = bytes;
    this.#view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#used = used;
  }

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#used);
  }

  /** Where the text begins. */
  push(text: string): number {
    const at = this.#used;
    if (this.#bytes.length < at + text.length * 3) this.#grow(at + text.length * 3);
    this.#used += this.#view.write(text, at, 'utf8');
    return at;
  }

  #grow(length: number): void {
    const grown = new Uint8Array(roomFor(length));
    grown.set(this.#bytes.subarray(0, this.#used));
    this.#bytes = grown;
    this.#view = Buffer.from(grown.buffer);
  }

  text(at: number, bytes: number): string {
    return this.#view.toString('utf8', at, at + bytes);
  }
}

/** Bytes that a text takes; a lone surrogate takes three and comes back as U+FFFD. */
export const textBytes = (text: string): number => Buffer.byteLength(text, 'utf8');

export const u8 = (length: number) => new Uint8Array(length);
export const u16 = (length: number) => new Uint16Array(length);
export const u32 = (length: number) => new Uint32Array(length);
export const f64 = (length: number) => new Float64Array(length);

/** Ends a chain of row numbers: no number reaches it. */
export const NONE = 0xffffffff;

/** Longest text that a column of lengths holds. */
export const MAX_TEXT_BYTES = 255;
