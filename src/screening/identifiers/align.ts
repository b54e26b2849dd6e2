/** Two numbers one below the other, so that a person sees at which places they are not the same. */
import { serialKeys } from '../../record/index.ts';
import type { Alignment } from './listed.ts';

/** Where one number has no character for the other's; no key holds it, since separators are dropped. */
const GAP = '-';

/** Loose key of each character; where folding changed how many there are, look-alikes are not told. */
function looseOf(strict: string): string {
  const { loose } = serialKeys(strict);
  return loose.length === strict.length ? loose : strict;
}

const isUnread = (character: string | undefined): boolean => character === '?' || character === '*';

/** Costs of one character against another: the same, a look-alike or an unread place, or another. */
const SAME = 0;
const ALIKE = 1;
const OTHER = 3;
const GAP_COST = 2;
/** A run of unread characters is written once and stands for many. */
const RUN_COST = 1;

/** Strict keys, at most 255 characters each. */
export function alignNumbers(query: string, listed: string): Alignment {
  const [top, bottom] =
    query.length === listed.length && !/\*/.test(query + listed) ? [query, listed] : edit(query, listed);
  const differs: number[] = [];
  for (let index = 0; index < top.length; index++) if (top[index] !== bottom[index]) differs.push(index);
  return { query: top, listed: bottom, differs };
}

/** Cheapest edit, told by the two rows that it gives. */
function edit(query: string, listed: string): readonly [string, string] {
  const width = listed.length + 1;
  const costs = new Uint16Array((query.length + 1) * width);
  const skipQuery = (row: number, column: number): number =>
    cost(row - 1, column) + (listed[column - 1] === '*' ? RUN_COST : GAP_COST);
  const skipListed = (row: number, column: number): number =>
    cost(row, column - 1) + (query[row - 1] === '*' ? RUN_COST : GAP_COST);
  const cost = (row: number, column: number): number => costs[row * width + column] ?? 0;
  const looseQuery = looseOf(query);
  const looseListed = looseOf(listed);
  const against = (row: number, column: number): number => {
    if (query[row] === listed[column]) return SAME;
    if (isUnread(query[row]) || isUnread(listed[column])) return ALIKE;
    return looseQuery[row] === looseListed[column] ? ALIKE : OTHER;
  };
  const step = (row: number, column: number): number =>
    cost(row - 1, column - 1) + against(row - 1, column - 1);
  for (let row = 0; row <= query.length; row++)
    for (let column = 0; column <= listed.length; column++) {
      if (row === 0 && column === 0) continue;
      costs[row * width + column] = Math.min(
        row > 0 && column > 0 ? step(row, column) : Number.POSITIVE_INFINITY,
        row > 0 ? skipQuery(row, column) : Number.POSITIVE_INFINITY,
        column > 0 ? skipListed(row, column) : Number.POSITIVE_INFINITY,
      );
    }
  let top = '';
  let bottom = '';
  let row = query.length;
  let column = listed.length;
  while (row > 0 || column > 0) {
    const here = cost(row, column);
    if (row > 0 && column > 0 && here === step(row, column)) {
      top = query[--row] + top;
      bottom = listed[--column] + bottom;
    } else if (row > 0 && here === skipQuery(row, column)) {
      bottom = (listed[column - 1] === '*' ? '*' : GAP) + bottom;
      top = query[--row] + top;
    } else {
      top = (query[row - 1] === '*' ? '*' : GAP) + top;
      bottom = listed[--column] + bottom;
    }
  }
  return [top, bottom];
}

/** Whether two numbers, each with gaps, can be one: `?` stands for a character, `*` for any run. */
export function canBeOne(one: string, other: string): boolean {
  let reached = new Uint8Array(other.length + 1);
  for (let row = 0; row <= one.length; row++) {
    const next = new Uint8Array(other.length + 1);
    const above = one[row - 1];
    for (let column = 0; column <= other.length; column++) {
      const left = other[column - 1];
      const meets = above === left || above === '?' || left === '?';
      next[column] =
        (row === 0 && column === 0) ||
        (row > 0 && column > 0 && meets && reached[column - 1] === 1) ||
        (row > 0 && (above === '*' || left === '*') && reached[column] === 1) ||
        (column > 0 && (above === '*' || left === '*') && next[column - 1] === 1)
          ? 1
          : 0;
    }
    reached = next;
  }
  return reached[other.length] === 1;
}
