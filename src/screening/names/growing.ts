/** Typed arrays that grow while a segment is built, and their end as shared memory. */

type Growable = Uint8Array | Uint16Array | Uint32Array | Float32Array;

export class Growing<A extends Growable> {
  array: A;
  length = 0;
  readonly #make: (length: number) => A;

  constructor(make: (length: number) => A, first = 1_024) {
    this.#make = make;
    this.array = make(first);
  }

  /** Makes room for so many more. */
  reserve(more: number): void {
    if (this.length + more <= this.array.length) return;
    const grown = this.#make(Math.max(this.array.length * 2, this.length + more));
    grown.set(this.array.subarray(0, this.length));
    this.array = grown;
  }

  push(value: number): void {
    if (this.length === this.array.length) this.reserve(1);
    this.array[this.length++] = value;
  }

  /** Appends ASCII text as bytes; anything else as UTF-8. */
  pushText(this: Growing<Uint8Array>, text: string): void {
    this.reserve(text.length * 3);
    const { array } = this;
    let at = this.length;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code > 127) {
        at = this.length + encoder.encodeInto(text, array.subarray(this.length)).written;
        break;
      }
      array[at++] = code;
    }
    this.length = at;
  }

  filled(): A {
    return this.array.subarray(0, this.length) as A;
  }
}

const encoder = new TextEncoder();

export const growingBytes = (): Growing<Uint8Array> => new Growing((length) => new Uint8Array(length));
export const growingShorts = (): Growing<Uint16Array> => new Growing((length) => new Uint16Array(length));
export const growingInts = (): Growing<Uint32Array> => new Growing((length) => new Uint32Array(length));

/** A copy in memory that threads share. */
export function shared<A extends Growable>(values: A): A {
  const buffer = new SharedArrayBuffer(values.byteLength);
  const copy = new (values.constructor as new (buffer: SharedArrayBuffer) => A)(buffer);
  copy.set(values);
  return copy;
}

/** The same in an array of twice the length. */
export function doubled<A extends Uint8Array | Uint32Array | Float32Array | Int16Array>(array: A): A {
  const larger = new (array.constructor as new (length: number) => A)(array.length * 2);
  larger.set(array);
  return larger;
}
