/** What an engine finds of what it is asked for, a slice at a time. */
import type { Engine } from './engines.ts';
import { SLICES, type Slice, type SliceQuery } from './slices.ts';

export interface Share {
  readonly found: number;
  readonly of: number;
}

export interface SliceRecall {
  readonly slice: Slice;
  readonly first: Share;
  readonly firstTen: Share;
}

export interface Answered {
  readonly query: SliceQuery;
  /** Place of the first hit, 1 to 10; 0 = none. */
  readonly place: number;
  readonly ms: number;
}

export const LIMIT = 10;

export const shareOf = ({ found, of }: Share): number => found / of;

/** Wilson's interval of a share at 95 %. */
export function intervalOf({ found, of }: Share): readonly [number, number] {
  if (of === 0) return [0, 1];
  const z = 1.959964;
  const p = found / of;
  const centre = p + z ** 2 / (2 * of);
  const reach = z * Math.sqrt((p * (1 - p)) / of + z ** 2 / (4 * of ** 2));
  const whole = 1 + z ** 2 / of;
  return [Math.max(0, (centre - reach) / whole), Math.min(1, (centre + reach) / whole)];
}

/** Asks all, or from the beginning what fits into the time; queries are in hash order, so a part is a fair sample. */
export function answerAll(
  engine: Engine,
  queries: readonly SliceQuery[],
  budgetMs = Number.POSITIVE_INFINITY,
): readonly Answered[] {
  const end = performance.now() + budgetMs;
  const answered: Answered[] = [];
  for (const query of queries) {
    const from = performance.now();
    if (from > end) break;
    const ids = engine.search(query.text, LIMIT);
    const ms = performance.now() - from;
    answered.push({ query, place: ids.findIndex((id) => query.hits.has(id)) + 1, ms });
  }
  return answered;
}

export function recallOf(answered: readonly Answered[]): readonly SliceRecall[] {
  return SLICES.map((slice) => {
    const of = answered.filter(({ query }) => query.slice === slice);
    return {
      slice,
      first: { found: of.filter(({ place }) => place === 1).length, of: of.length },
      firstTen: { found: of.filter(({ place }) => place > 0).length, of: of.length },
    };
  });
}

/** Of all slices together, each query counted once. */
export function recallAt(answered: readonly Answered[], last: number): Share {
  return { found: answered.filter(({ place }) => place > 0 && place <= last).length, of: answered.length };
}
