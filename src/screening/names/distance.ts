/**
 * Weighted distance of two words: letters that sound or look alike are mixed up more often, vowels and doubled letters left out. With
 * another table where a word is written without vowels.
 */
import type { KeyedWord } from './keys.ts';
import { WordFlag } from './particles.ts';

/** Cost of one letter, in parts: all costs below are in parts. */
export const LETTER = 20;

const letters = (text: string) => [...text].map((letter) => letter.charCodeAt(0));

/** Lets each letter of a group pass for each other one at a cost; a later call counts more. */
function alike(table: Uint8Array, groups: string, cost: number): void {
  for (const group of groups.split(' '))
    for (const one of letters(group))
      for (const other of letters(group)) if (one !== other) table[one * 128 + other] = cost;
}

/** Cost of taking one letter for another. */
const SWAP = new Uint8Array(128 * 128).fill(LETTER);
alike(SWAP, 'aeiouy', 10);
alike(SWAP, 'iy ou oa ei ae uw', 7);
alike(SWAP, 'ckq gj jy td bp vf sz mn gk jz xs sc gq dz vw vb rl cs xk hx ph', 14);
alike(SWAP, 'ckq', 7);
alike(SWAP, 'iy vw uw sz', 7);
for (let letter = 0; letter < 128; letter++) SWAP[letter * 128 + letter] = 0;

/** The same where one word is written without vowels: consonants that scripts mix up cost little. */
const SWAP_UNVOWELLED = SWAP.slice();
alike(SWAP_UNVOWELLED, 'aeiouyw', 3);
alike(SWAP_UNVOWELLED, 'ckqg td bpvf szc jgc uvw', 4);

/** Cost of leaving out or putting in a letter. */
const DROP = new Uint8Array(128).fill(LETTER);
const DROP_UNVOWELLED = new Uint8Array(128).fill(LETTER);
for (const vowel of letters('aeiouy')) {
  DROP[vowel] = 12;
  DROP_UNVOWELLED[vowel] = 1;
}
const [H = 0, K = 0, C = 0, W = 0] = letters('hkcw');
/** Stands for no letter. */
const NONE = 127;
DROP[H] = 10;
DROP_UNVOWELLED[H] = 5;
DROP_UNVOWELLED[W] = 1;

/** What letters cost. */
export interface Costs {
  /** Of one letter for another, by 128 times the one and the other. */
  readonly swap: Uint8Array;
  /** Of leaving a letter out. */
  readonly drop: Uint8Array;
  /** The same of one that is said twice, and of a k after this letter. */
  readonly twice: number;
  readonly beforeK: number;
}

export const VOWELLED_COSTS: Costs = { swap: SWAP, drop: DROP, twice: 6, beforeK: C };
/** Where one of two words is written without vowels. */
export const UNVOWELLED_COSTS: Costs = {
  swap: SWAP_UNVOWELLED,
  drop: DROP_UNVOWELLED,
  twice: 1,
  beforeK: NONE,
};

/** Cost of leaving out a letter after another; 0 = none. */
export function dropCost(letter: number, before: number, { drop, twice, beforeK }: Costs): number {
  return letter === before || (letter === K && before === beforeK) ? twice : (drop[letter] as number);
}

/** Of all letters from one place to another. */
function dropAll(bytes: Uint8Array, from: number, to: number, before: number, costs: Costs): number {
  let cost = 0;
  for (let at = from; at < to; at++) {
    const letter = bytes[at] as number;
    cost += dropCost(letter, before, costs);
    before = letter;
  }
  return cost;
}

const DROPS = new Int32Array(40);
const FIRST_ROW = new Int32Array(40);
const SECOND_ROW = new Int32Array(40);
const THIRD_ROW = new Int32Array(40);

/**
 * Weighted distance of two words in parts, transposition included; above `most` it need not be exact. What both begin and end with is
 * passed over first: words that are compared are mostly a letter or two apart.
 */
export function costOf(a: KeyedWord, b: KeyedWord, most: number): number {
  const bytesA = a.bytes;
  const bytesB = b.bytes;
  let fromA = a.from;
  let fromB = b.from;
  let toA = a.to;
  let toB = b.to;
  let before = 0;
  while (fromA < toA && fromB < toB && bytesA[fromA] === bytesB[fromB]) {
    before = bytesA[fromA] as number;
    fromA += 1;
    fromB += 1;
  }
  while (toA > fromA && toB > fromB && bytesA[toA - 1] === bytesB[toB - 1]) {
    toA -= 1;
    toB -= 1;
  }
  const costs = ((a.flags | b.flags) & WordFlag.unvowelled) !== 0 ? UNVOWELLED_COSTS : VOWELLED_COSTS;
  if (toB === fromB) return dropAll(bytesA, fromA, toA, before, costs);
  if (toA === fromA) return dropAll(bytesB, fromB, toB, before, costs);
  return tableCost(bytesA, fromA, toA, bytesB, fromB, toB, before, costs, most);
}

/** The same of what is left between; `before` stands before both. */
function tableCost(
  bytesA: Uint8Array,
  fromA: number,
  toA: number,
  bytesB: Uint8Array,
  fromB: number,
  toB: number,
  before: number,
  costs: Costs,
  most: number,
): number {
  const { swap } = costs;
  const wide = toB - fromB;
  let above = FIRST_ROW;
  let last = SECOND_ROW;
  let row = THIRD_ROW;
  let sum = 0;
  let beforeB = before;
  last[0] = 0;
  for (let column = 1; column <= wide; column++) {
    const letter = bytesB[fromB + column - 1] as number;
    const drop = dropCost(letter, beforeB, costs);
    DROPS[column] = drop;
    sum += drop;
    last[column] = sum;
    beforeB = letter;
  }
  let beforeA = before;
  let leastBefore = 0;
  for (let at = fromA; at < toA; at++) {
    const letterA = bytesA[at] as number;
    const dropA = dropCost(letterA, beforeA, costs);
    const swaps = letterA * 128;
    const mayTurn = at > fromA;
    let diagonal = last[0] as number;
    let left = diagonal + dropA;
    let least = left;
    row[0] = left;
    beforeB = before;
    for (let column = 1; column <= wide; column++) {
      const letterB = bytesB[fromB + column - 1] as number;
      const up = last[column] as number;
      let cost = Math.min(
        diagonal + (swap[swaps + letterB] as number),
        Math.min(up + dropA, left + (DROPS[column] as number)),
      );
      if (mayTurn && column > 1 && letterA === beforeB && letterB === beforeA) {
        const turned = (above[column - 2] as number) + TURNED;
        if (turned < cost) cost = turned;
      }
      row[column] = cost;
      least = Math.min(least, cost);
      diagonal = up;
      left = cost;
      beforeB = letterB;
    }
    // What is turned comes from the row before.
    if (least > most && leastBefore + TURNED > most) return least;
    leastBefore = least;
    beforeA = letterA;
    const free = above;
    above = last;
    last = row;
    row = free;
  }
  return last[wide] as number;
}

/** Cost of two neighbours in each other's place. */
const TURNED = 15;
