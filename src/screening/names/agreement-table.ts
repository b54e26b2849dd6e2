/** Agreements of a query's words with words of a segment, kept in place from query to query. */
import type { How } from './agree.ts';
import type { Expansion } from './expand.ts';
import { doubled } from './growing.ts';

/** What a row holds. */
const PART = 0;
const WHOLE = 1;
const NOTHING = 2;

export class AgreementTable {
  /** Row of a word, valid where the row says the same word: never cleared. */
  readonly #rowOf: Uint32Array;
  #words = new Uint32Array(1_024);
  /** Whether a row holds agreements of what was looked up, of all words of the query, or none of any. */
  #held = new Uint8Array(1_024);
  #columns = 0;
  #rows = 0;
  #agreements = new Float32Array(8_192);
  #how = new Uint8Array(8_192);

  constructor(words: number) {
    this.#rowOf = new Uint32Array(words);
  }

  /** Empties it, for a query of so many columns. */
  begin(columns: number): void {
    this.#rows = 0;
    this.#columns = columns;
  }

  /** All words that agree with the query's word of this column. */
  fill(column: number, { words, agreements, how }: Expansion): void {
    for (let at = 0; at < words.length; at++) {
      const place = this.#row(words[at] as number) * this.#columns + column;
      this.#agreements[place] = agreements[at] as number;
      this.#how[place] = how[at] as number;
    }
  }

  /** -1 = agrees with no word of the query that was looked up or compared. */
  row(word: number): number {
    const row = this.#rowOf[word] as number;
    return row < this.#rows && this.#words[row] === word && this.#held[row] !== NOTHING ? row : -1;
  }

  /** Whether a word is still to be compared with what was not looked up; it counts as compared from now on. */
  reserve(word: number): boolean {
    const row = this.#row(word);
    if (this.#held[row] !== PART) return false;
    this.#held[row] = NOTHING;
    return true;
  }

  /** The row of a word that was reserved; `close` after what it agrees with was set. */
  reserved(word: number): number {
    return this.#rowOf[word] as number;
  }

  set(row: number, column: number, agreement: number, how: How): void {
    this.#agreements[row * this.#columns + column] = agreement;
    this.#how[row * this.#columns + column] = how;
  }

  close(row: number): void {
    let any = false;
    for (let at = row * this.#columns; at < (row + 1) * this.#columns; at++)
      if (this.#agreements[at] !== 0) any = true;
    this.#held[row] = any ? WHOLE : NOTHING;
  }

  /** 0 = none. */
  agreement(row: number, column: number): number {
    return this.#agreements[row * this.#columns + column] as number;
  }

  how(row: number, column: number): How {
    return this.#how[row * this.#columns + column] as How;
  }

  #row(word: number): number {
    const known = this.#rowOf[word] as number;
    if (known < this.#rows && this.#words[known] === word) return known;
    const row = this.#rows++;
    if (row === this.#words.length) {
      this.#words = doubled(this.#words);
      this.#held = doubled(this.#held);
    }
    while ((row + 1) * this.#columns > this.#agreements.length) {
      this.#agreements = doubled(this.#agreements);
      this.#how = doubled(this.#how);
    }
    this.#words[row] = word;
    this.#held[row] = PART;
    this.#rowOf[word] = row;
    for (let at = row * this.#columns; at < (row + 1) * this.#columns; at++) this.#agreements[at] = 0;
    return row;
  }
}
