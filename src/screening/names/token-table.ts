/** Written words in Latin letters and the words that they are, found by their letters: reading a million names makes no string of each. */
import { growingInts, growingShorts } from './growing.ts';

/** Longest token kept; longer ones are rare and go the common way. */
export const LONGEST_TOKEN = 64;

const BASIS = 0x811c9dc5;
const PRIME = 0x01000193;

/** Code units that are read here: Latin letters, composed, of one unit (Unicode blocks up to Latin Extended-B). */
const UNITS = 0x250;
const ENDS = 0;
const PART = 1;
const NEEDS_MORE = 2;
const CLASS = new Uint8Array(UNITS).fill(NEEDS_MORE);
const FOLDED = new Uint16Array(UNITS);
for (let unit = 0; unit < UNITS; unit++) {
  const letter = String.fromCharCode(unit);
  const lower = letter.toLowerCase();
  // What normalising would change is left to it.
  if (/[\p{L}0-9]/u.test(letter) && lower.length === 1 && letter.normalize('NFKC') === letter) {
    CLASS[unit] = PART;
    FOLDED[unit] = lower.charCodeAt(0);
  }
}
for (const end of ' -,') CLASS[end.charCodeAt(0)] = ENDS;

const HYPHEN = 45;
const COMMA = 44;

export class TokenTable {
  #table = new Uint32Array(4_096);
  #count = 0;
  readonly #hashes = growingInts();
  readonly #units = growingShorts();
  readonly #start = growingInts();
  readonly #words = growingInts();
  readonly #wordsStart = growingInts();
  readonly #scratch = new Uint16Array(LONGEST_TOKEN + 1);
  readonly #wordsOf: (token: string, joinsNext: boolean) => readonly number[];

  /** `wordsOf` gives the numbers of a token's words; asked once for each token. */
  constructor(wordsOf: (token: string, joinsNext: boolean) => readonly number[]) {
    this.#wordsOf = wordsOf;
    this.#start.push(0);
    this.#wordsStart.push(0);
  }

  /**
   * Hands the words of a name to `take`, token by token, with whether a comma came before it; false where the name is not plain
   * and nothing of it counts.
   */
  read(name: string, take: (words: Uint32Array, from: number, to: number, commas: number) => void): boolean {
    for (let at = 0; at < name.length; at++) {
      const code = name.charCodeAt(at);
      if (code >= UNITS || CLASS[code] === NEEDS_MORE) return false;
    }
    let commas = 0;
    let length = 0;
    let hash = BASIS;
    for (let at = 0; at <= name.length; at++) {
      const code = at < name.length ? name.charCodeAt(at) : 32;
      if (CLASS[code] === PART) {
        const folded = FOLDED[code] as number;
        if (length === LONGEST_TOKEN) return false;
        this.#scratch[length++] = folded;
        hash = Math.imul(hash ^ folded, PRIME);
        continue;
      }
      if (length > 0) {
        const token = this.#find(length, hash, code === HYPHEN);
        const starts = this.#wordsStart.array;
        take(this.#words.array, starts[token] as number, starts[token + 1] as number, commas);
      }
      if (code === COMMA) commas += 1;
      length = 0;
      hash = BASIS;
    }
    return true;
  }

  #find(bare: number, bareHash: number, joinsNext: boolean): number {
    let length = bare;
    let hash = bareHash;
    // A token before a hyphen is another one: `as-` is an article, `as` is not.
    if (joinsNext) {
      this.#scratch[length++] = HYPHEN;
      hash = Math.imul(hash ^ HYPHEN, PRIME);
    }
    hash = (hash ^ (hash >>> 15)) >>> 0;
    const mask = this.#table.length - 1;
    let slot = hash & mask;
    for (;;) {
      const entry = this.#table[slot] as number;
      if (entry === 0) break;
      if (this.#hashes.array[entry - 1] === hash && this.#is(entry - 1, length)) return entry - 1;
      slot = (slot + 1) & mask;
    }
    return this.#insert(slot, hash, length, bare, joinsNext);
  }

  #is(token: number, length: number): boolean {
    const from = this.#start.array[token] as number;
    if ((this.#start.array[token + 1] as number) - from !== length) return false;
    const units = this.#units.array;
    for (let at = 0; at < length; at++) if (units[from + at] !== this.#scratch[at]) return false;
    return true;
  }

  #insert(slot: number, hash: number, length: number, bare: number, joinsNext: boolean): number {
    const text = String.fromCharCode(...this.#scratch.subarray(0, bare));
    this.#units.reserve(length);
    this.#units.array.set(this.#scratch.subarray(0, length), this.#units.length);
    this.#units.length += length;
    this.#start.push(this.#units.length);
    this.#hashes.push(hash);
    for (const word of this.#wordsOf(text, joinsNext)) this.#words.push(word);
    this.#wordsStart.push(this.#words.length);
    this.#table[slot] = ++this.#count;
    if (this.#count * 2 > this.#table.length) this.#grow();
    return this.#count - 1;
  }

  #grow(): void {
    this.#table = new Uint32Array(this.#table.length * 4);
    const mask = this.#table.length - 1;
    for (let token = 0; token < this.#count; token++) {
      let slot = (this.#hashes.array[token] as number) & mask;
      while (this.#table[slot] !== 0) slot = (slot + 1) & mask;
      this.#table[slot] = token + 1;
    }
  }
}
