/** Remembered answers, bounded: the least recently used goes first. The key names every input of the answer. */
import { createHash } from 'node:crypto';

/** A digest as key: whole requests are long, and two different ones never share an answer. */
export const inputDigest = (input: unknown): string =>
  createHash('sha256').update(JSON.stringify(input)).digest('base64');

export class Memo<Value> {
  readonly #capacity: number;
  readonly #answers = new Map<string, Value>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#answers.size;
  }

  /** The remembered answer, or the one that `compute` gives now. An error of `compute` is not remembered. */
  answer(key: string, compute: () => Value): Value {
    const known = this.#answers.get(key);
    if (known !== undefined) {
      this.#answers.delete(key);
      this.#answers.set(key, known);
      return known;
    }
    const value = compute();
    if (this.#answers.size >= this.#capacity) {
      const oldest = this.#answers.keys().next();
      if (!oldest.done) this.#answers.delete(oldest.value);
    }
    this.#answers.set(key, value);
    return value;
  }
}
