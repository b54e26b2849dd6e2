/** Agreements of a query's words with words of a segment, kept in place from query to query. */
import type { How } from './agree.ts';
import type { Expansion } from './expand.ts';
import { doubled } from './growing.ts';

export class AgreementTable {
  /** Row of a word, valid where the row says the same word: never cleared. */
  readonly #rowOf: Uint32Array;
  #words = new Uint32Array(1_024);
  #columns = 0;
  #rows = 0;
  #agreements = new Float32Array(8_192);
  #how = new Uint8Array(8_192);

  constructor(words: number) {
    this.#rowOf = new Uint32Array(words);
  }

  /** A column for each expansion; undefined = a column of nothing. */
  fill(expansions: readonly (Expansion | undefined)[]): void {
    this.#rows = 0;
    this.#columns = expansions.length;
    for (const [column, expansion] of expansions.entries()) {
      if (!expansion) continue;
      const { words, agreements, how } = expansion;
      for (let at = 0; at < words.length; at++) {
        const place = this.#row(words[at] as number) * this.#columns + column;
        this.#agreements[place] = agreements[at] as number;
        this.#how[place] = how[at] as number;
      }
    }
  }

  /** -1 = agrees with no word of the query. */
  row(word: number): number {
    const row = this.#rowOf[word] as number;
    return row < this.#rows && this.#words[row] === word ? row : -1;
  }

  /** 0 = none. */
  agreement(row: number, column: number): number {
    return this.#agreements[row * this.#columns + column] as number;
  }

  how(row: number, column: number): How {
    return this.#how[row * this.#columns + column] as How;
  }

  #row(word: number): number {
    const known = this.row(word);
    if (known >= 0) return known;
    const row = this.#rows++;
    if (row === this.#words.length) this.#words = doubled(this.#words);
    while ((row + 1) * this.#columns > this.#agreements.length) {
      this.#agreements = doubled(this.#agreements);
      this.#how = doubled(this.#how);
    }
    this.#words[row] = word;
    this.#rowOf[word] = row;
    for (let at = row * this.#columns; at < (row + 1) * this.#columns; at++) this.#agreements[at] = 0;
    return row;
  }
}
