/**
 * Weighted distances of one word to many, sixteen at a time: a lane of a vector for each. What `distance.ts` says of one pair of words
 * of up to 16 letters a to z, this says of thousands; costs are in its parts, and end at 255, which means `ask it`.
 *
 * AssemblyScript: TypeScript by its looks, compiled to WebAssembly. The caller writes the word with a table of costs and the letters of the
 * others into memory, calls `costs`, and reads a byte for each.
 */

/** Letters of a word, one a byte. */
const LETTERS_A_WORD: i32 = 16;
/** A letter in five bits, as tables are read by it: a is 1. */
const LETTER_BITS: i8 = 31;
const K: i8 = 11;
/** Cost of two neighbours in each other's place. */
const TURNED: i8 = 15;

/** Words that are compared at once. */
export const MOST_WORDS: i32 = 2048;

// What the caller writes, by where it is.
/** The word's letters, then 0xff. */
export const WORD: usize = 0;
/** The same from its end. */
export const REVERSED: usize = 16;
/** The others: 16 letters each, then zeros; how many they have; here the costs are found. */
export const OTHERS: usize = 8192;
export const LENGTHS: usize = OTHERS + 16 * MOST_WORDS;
export const COSTS: usize = LENGTHS + MOST_WORDS;

// A table of costs for the word, from where the caller says.
/** Of leaving out each of its letters. */
export const DROPS: usize = 0;
/** Of a letter that is said twice. */
export const TWICE: usize = 16;
/** The letter after which a k costs as much, in five bits. */
export const BEFORE_K: usize = 17;
/** Of leaving out a letter, by its five bits. */
export const DROPS_OF_LETTERS: usize = 32;
/** For each of its letters what another in its place costs: 32 costs by the other's five bits. */
export const SWAPS: usize = 64;
export const TABLE: usize = SWAPS + 32 * 16;
/** Where such tables may be. */
export const TABLES: usize = 4096;

// What is kept for the sixteen at hand: vectors of a byte for each.
const STARTS: usize = 64;
const ENDS: usize = 80;
const OTHER_ENDS: usize = 96;
const UNTOLD: usize = 112;
/** Their letters by place, the first at 1. */
const COLUMNS: usize = 128;
/** What leaving those out costs. */
const COLUMN_DROPS: usize = COLUMNS + 17 * 16;
const ROWS: usize = COLUMN_DROPS + 17 * 16;
const ROW: usize = 17 * 16;

/** Costs of `count` others from the `from`th on, a multiple of 16, to a word of `length` letters by a table. */
export function costs(from: i32, count: i32, length: i32, costTable: usize): void {
  const end = from + count;
  for (let first = from; first < end; first += 16)
    costsOfSixteen(first, min(16, end - first), length, costTable);
}

function costsOfSixteen(first: i32, many: i32, length: i32, costTable: usize): void {
  const word = v128.load(WORD);
  const reversed = v128.load(REVERSED);
  const places = i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  let leastStart = LETTERS_A_WORD;
  let mostEnd = 0;
  let mostOtherEnd = 0;
  // What both begin and end with is passed over, as one pair at a time does.
  for (let lane = 0; lane < many; lane++) {
    const other = v128.load(OTHERS + ((<usize>(first + lane)) << 4));
    const written = <i32>load<u8>(LENGTHS + <usize>(first + lane));
    const otherLength = min(written, LETTERS_A_WORD);
    const shorter = min(length, otherLength);
    const start = min(ctz(~i8x16.bitmask(i8x16.eq(other, word))), shorter);
    const turned = i8x16.swizzle(other, i8x16.sub(i8x16.splat(<i8>(otherLength - 1)), places));
    const same = min(ctz(~i8x16.bitmask(i8x16.eq(turned, reversed))), shorter - start);
    const end = length - same;
    const otherEnd = otherLength - same;
    store<u8>(STARTS + <usize>lane, <u8>start);
    store<u8>(ENDS + <usize>lane, <u8>end);
    store<u8>(OTHER_ENDS + <usize>lane, <u8>otherEnd);
    leastStart = min(leastStart, start);
    mostEnd = max(mostEnd, end);
    mostOtherEnd = max(mostOtherEnd, otherEnd);
    // A digit is not for the tables, nor is a word that goes on.
    const isLetter = v128.and(
      i8x16.ge_s(other, i8x16.splat(<i8>0x61)),
      i8x16.le_s(other, i8x16.splat(<i8>0x7a)),
    );
    const isPlain = written <= LETTERS_A_WORD && i8x16.bitmask(isLetter) === (1 << otherLength) - 1;
    store<u8>(UNTOLD + <usize>lane, isPlain ? 0 : 0xff);
  }
  turnColumns(OTHERS + ((<usize>first) << 4));
  dropColumns(mostOtherEnd, costTable);
  const cost = distances(leastStart, mostEnd, mostOtherEnd, costTable);
  v128.store(COSTS + <usize>first, v128.or(cost, v128.load(UNTOLD)));
}

/**
 * The table of distances, sixteen at once: a row for each letter of the word, a column for each of the others'. Each lane begins at its own
 * start in both, where its cost is 0, and what is before is out of reach; its answer is where both its ends meet.
 */
function distances(leastStart: i32, mostEnd: i32, mostOtherEnd: i32, costTable: usize): v128 {
  const never = i8x16.splat(-1);
  const starts = v128.load(STARTS);
  const ends = v128.load(ENDS);
  const otherEnds = v128.load(OTHER_ENDS);
  let above = ROWS;
  let last = ROWS + ROW;
  let row = ROWS + 2 * ROW;
  for (let column = leastStart; column <= mostOtherEnd; column++) {
    v128.store(above + ((<usize>column) << 4), never);
    v128.store(last + ((<usize>column) << 4), never);
  }
  let answer = never;
  let letterBefore = i8x16.splat(0);
  for (let at = leastStart; at <= mostEnd; at++) {
    const isStart = i8x16.eq(starts, i8x16.splat(<i8>at));
    const isEnd = i8x16.eq(ends, i8x16.splat(<i8>at));
    const isFirst = at === leastStart;
    const letter = isFirst ? i8x16.splat(0) : i8x16.splat(<i8>load<u8>(WORD + <usize>(at - 1)) & LETTER_BITS);
    const drop = isFirst ? never : i8x16.splat(<i8>load<u8>(costTable + <usize>(at - 1), DROPS));
    const swaps = costTable + SWAPS + (isFirst ? 0 : (<usize>(at - 1)) << 5);
    const low = isFirst ? never : v128.load(swaps);
    const high = isFirst ? never : v128.load(swaps, 16);
    let diagonal = v128.load(last + ((<usize>leastStart) << 4));
    let cell = isFirst ? v128.not(isStart) : i8x16.add_sat_u(diagonal, drop);
    v128.store(row + ((<usize>leastStart) << 4), cell);
    answer = v128.bitselect(cell, answer, ending(isEnd, otherEnds, leastStart));
    let otherBefore = i8x16.splat(0);
    for (let column = leastStart + 1; column <= mostOtherEnd; column++) {
      const place = (<usize>column) << 4;
      const other = v128.load(COLUMNS + place);
      const up = v128.load(last + place);
      const swapped = i8x16.add_sat_u(diagonal, ofTable(low, high, other));
      const left = i8x16.add_sat_u(cell, v128.load(COLUMN_DROPS + place));
      cell = i8x16.min_u(swapped, i8x16.min_u(i8x16.add_sat_u(up, drop), left));
      if (column > leastStart + 1 && at > leastStart + 1) {
        const isTurned = v128.and(i8x16.eq(letter, otherBefore), i8x16.eq(other, letterBefore));
        const turned = i8x16.add_sat_u(v128.load(above + place - 32), i8x16.splat(TURNED));
        cell = i8x16.min_u(cell, v128.or(turned, v128.not(isTurned)));
      }
      if (column === at) cell = v128.andnot(cell, isStart);
      v128.store(row + place, cell);
      answer = v128.bitselect(cell, answer, ending(isEnd, otherEnds, column));
      diagonal = up;
      otherBefore = other;
    }
    letterBefore = letter;
    const free = above;
    above = last;
    last = row;
    row = free;
  }
  return answer;
}

function ending(isEnd: v128, otherEnds: v128, column: i32): v128 {
  return v128.and(isEnd, i8x16.eq(otherEnds, i8x16.splat(<i8>column)));
}

/** Of a table of 32 bytes those at the places that the index says. */
function ofTable(low: v128, high: v128, index: v128): v128 {
  return v128.or(i8x16.swizzle(low, index), i8x16.swizzle(high, i8x16.sub(index, i8x16.splat(16))));
}

/** What leaving out each letter of the others costs. */
function dropColumns(mostOtherEnd: i32, costTable: usize): void {
  const low = v128.load(costTable, DROPS_OF_LETTERS);
  const high = v128.load(costTable, DROPS_OF_LETTERS + 16);
  const twice = i8x16.splat(<i8>load<u8>(costTable, TWICE));
  const beforeK = i8x16.splat(<i8>load<u8>(costTable, BEFORE_K));
  let before = i8x16.splat(0);
  for (let column = 1; column <= mostOtherEnd; column++) {
    const place = (<usize>column) << 4;
    const letter = v128.load(COLUMNS + place);
    const isCk = v128.and(i8x16.eq(letter, i8x16.splat(K)), i8x16.eq(before, beforeK));
    const isTwice = v128.or(i8x16.eq(letter, before), isCk);
    v128.store(COLUMN_DROPS + place, v128.bitselect(twice, ofTable(low, high, letter), isTwice));
    before = letter;
  }
}

/** Sixteen words of sixteen letters turned into columns: each with each, four times over. */
function turnColumns(words: usize): void {
  let a = v128.load(words);
  let b = v128.load(words, 16);
  let c = v128.load(words, 32);
  let d = v128.load(words, 48);
  let e = v128.load(words, 64);
  let f = v128.load(words, 80);
  let g = v128.load(words, 96);
  let h = v128.load(words, 112);
  let i = v128.load(words, 128);
  let j = v128.load(words, 144);
  let k = v128.load(words, 160);
  let l = v128.load(words, 176);
  let m = v128.load(words, 192);
  let n = v128.load(words, 208);
  let o = v128.load(words, 224);
  let p = v128.load(words, 240);
  for (let round = 0; round < 4; round++) {
    const a2 = lows(a, i);
    const b2 = highs(a, i);
    const c2 = lows(b, j);
    const d2 = highs(b, j);
    const e2 = lows(c, k);
    const f2 = highs(c, k);
    const g2 = lows(d, l);
    const h2 = highs(d, l);
    const i2 = lows(e, m);
    const j2 = highs(e, m);
    const k2 = lows(f, n);
    const l2 = highs(f, n);
    const m2 = lows(g, o);
    const n2 = highs(g, o);
    const o2 = lows(h, p);
    p = highs(h, p);
    a = a2;
    b = b2;
    c = c2;
    d = d2;
    e = e2;
    f = f2;
    g = g2;
    h = h2;
    i = i2;
    j = j2;
    k = k2;
    l = l2;
    m = m2;
    n = n2;
    o = o2;
  }
  storeColumn(1, a);
  storeColumn(2, b);
  storeColumn(3, c);
  storeColumn(4, d);
  storeColumn(5, e);
  storeColumn(6, f);
  storeColumn(7, g);
  storeColumn(8, h);
  storeColumn(9, i);
  storeColumn(10, j);
  storeColumn(11, k);
  storeColumn(12, l);
  storeColumn(13, m);
  storeColumn(14, n);
  storeColumn(15, o);
  storeColumn(16, p);
}

function storeColumn(column: usize, letters: v128): void {
  v128.store(COLUMNS + (column << 4), v128.and(letters, i8x16.splat(LETTER_BITS)));
}

function lows(one: v128, other: v128): v128 {
  return i8x16.shuffle(one, other, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

function highs(one: v128, other: v128): v128 {
  return i8x16.shuffle(one, other, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}
