/**
 * Weighted distances (`distance.ts`) of one word to thousands, sixteen at a time by vectors (`wasm/distances.ts`): what one pair costs
 * 260 ns costs 30 so. The code has memory of its own, which words are copied into.
 */
import { WASM_BASE64 } from '../../gen/wasm/distances.ts';
import { type Costs, dropCost, UNVOWELLED_COSTS, VOWELLED_COSTS } from './distance.ts';
import type { KeyedWord } from './keys.ts';
import { WordFlag } from './particles.ts';
import { LETTERS_IN_RECORD, WORD } from './segment.ts';

const FIRST = 'a'.charCodeAt(0);
const LAST = 'z'.charCodeAt(0);
/** Letters are read by their low five bits. */
const LETTER_BITS = 31;
/** Words that are compared together. */
const LANES = 16;

/** A cost that is not told: far away, or of a word that is not plain. Ask for that pair alone. */
export const UNTOLD = 255;

const memory = new WebAssembly.Memory({ initial: 2, maximum: 2 });
const { exports } = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(WASM_BASE64, 'base64')), {
  env: { memory },
});
const compare = exports.costs as (from: number, count: number, length: number, table: number) => void;

/** Where in its memory things are, and how many. */
const at = (place: string): number => (exports[place] as WebAssembly.Global).value;
const MOST_WORDS = at('MOST_WORDS');
const PLACE = { word: at('WORD'), reversed: at('REVERSED'), tables: at('TABLES') };
/** The same of a table of costs. */
const TABLE = {
  size: at('TABLE'),
  drops: at('DROPS'),
  twice: at('TWICE'),
  beforeK: at('BEFORE_K'),
  dropsOfLetters: at('DROPS_OF_LETTERS'),
  swaps: at('SWAPS'),
};

const bytes = new Uint8Array(memory.buffer);
const others = new Uint32Array(memory.buffer, at('OTHERS'));
const lengths = new Uint8Array(memory.buffer, at('LENGTHS'));
const told = new Uint8Array(memory.buffer, at('COSTS'));

/** Words that are compared at once, at most: those with vowels from the front, others from the end, and room between. */
export const MOST_AT_ONCE = MOST_WORDS - LANES;

/** Where the costs of each word copied are. */
const slots = new Uint16Array(MOST_AT_ONCE);

/** Whether a word can be compared with many at once. */
export function isPlain({ bytes: letters, from, to }: KeyedWord): boolean {
  if (to - from > LETTERS_IN_RECORD) return false;
  for (let place = from; place < to; place++)
    if ((letters[place] as number) < FIRST || (letters[place] as number) > LAST) return false;
  return true;
}

/** The cost of word i is `told[slots[i]]`, `UNTOLD` where it is not told. Overwritten by the next that are asked. */
export interface Told {
  readonly slots: Uint16Array;
  readonly told: Uint8Array;
}
const answer: Told = { slots, told };

/** Costs of `count` listed words, `MOST_AT_ONCE` at most, from the `first` on, to this one, which is plain and never changes. */
export function costsOf(
  word: KeyedWord,
  records: Uint32Array,
  words: Uint32Array,
  first: number,
  count: number,
): Told {
  const unvowelled = (word.flags & WordFlag.unvowelled) !== 0;
  const length = word.to - word.from;
  const last = MOST_WORDS;
  let front = 0;
  let end = last;
  // Places do not depend on what is read, so that the processor waits for many of them at once.
  for (let place = 0; place < count; place++) {
    const record = (words[first + place] as number) * WORD.size;
    const lengthsAndFlags = records[record + WORD.lengths] as number;
    const isFront = unvowelled || (lengthsAndFlags & FLAGGED_UNVOWELLED) === 0;
    const slot = isFront ? front++ : --end;
    slots[place] = slot;
    const letters = record + WORD.letters;
    const to = slot * 4;
    others[to] = records[letters] as number;
    others[to + 1] = records[letters + 1] as number;
    others[to + 2] = records[letters + 2] as number;
    others[to + 3] = records[letters + 3] as number;
    lengths[slot] = lengthsAndFlags & 0xff;
  }
  const from = end - (end % LANES);
  if (front > 0) compare(0, front, length, tableOf(word, unvowelled));
  if (end < last) compare(from, last - from, length, tableOf(word, true));
  return answer;
}

/** Of a word's lengths and flags (`WORD`). */
const FLAGGED_UNVOWELLED = WordFlag.unvowelled << 24;

let written: KeyedWord | undefined;
/** Of which kinds the tables of that word are there. */
const has = [false, false];

/** Where the table of a word is; writes it where that was not done yet. */
function tableOf(word: KeyedWord, unvowelled: boolean): number {
  if (written !== word) {
    writeWord(word);
    written = word;
    has.fill(false);
  }
  const kind = Number(unvowelled);
  const table = PLACE.tables + kind * TABLE.size;
  if (!has[kind]) writeTable(table, word, unvowelled ? UNVOWELLED_COSTS : VOWELLED_COSTS);
  has[kind] = true;
  return table;
}

function writeWord({ bytes: letters, from, to }: KeyedWord): void {
  const { word, reversed } = PLACE;
  // Where the word ends nothing is equal to what others have there.
  bytes.fill(0xff, word, word + LETTERS_IN_RECORD);
  bytes.fill(0xff, reversed, reversed + LETTERS_IN_RECORD);
  for (let place = from; place < to; place++) {
    bytes[word + place - from] = letters[place] as number;
    bytes[reversed + to - 1 - place] = letters[place] as number;
  }
}

function writeTable(table: number, { bytes: letters, from, to }: KeyedWord, costs: Costs): void {
  bytes[table + TABLE.twice] = costs.twice;
  bytes[table + TABLE.beforeK] = costs.beforeK & LETTER_BITS;
  const ofLetters = table + TABLE.dropsOfLetters;
  for (let letter = FIRST; letter <= LAST; letter++)
    bytes[ofLetters + (letter & LETTER_BITS)] = costs.drop[letter] as number;
  let before = 0;
  for (let place = from; place < to; place++) {
    const letter = letters[place] as number;
    bytes[table + TABLE.drops + place - from] = dropCost(letter, before, costs);
    const swaps = table + TABLE.swaps + (place - from) * (LETTER_BITS + 1);
    for (let other = FIRST; other <= LAST; other++)
      bytes[swaps + (other & LETTER_BITS)] = costs.swap[letter * 128 + other] as number;
    before = letter;
  }
}
