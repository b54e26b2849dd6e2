/**
 * The score of one listed name for one query: words are paired, what agrees counts by its rarity, what is left over on either side
 * counts against. 0 to 100, before birth date and country.
 *
 *     score = 100 · M / (M + QUERY_LEFT · L + LISTED_LEFT · U + BOTH_LEFT · B)
 *
 * M = sum of agreement × weight over pairs, L = weight of the query's words that nothing explains and what pairs lack in agreement, U =
 * `leftOf` the entry's words that nothing explains. A longer form of a name leaves words over on one side; another person's name
 * leaves some on both, B = the smaller of L and the weight of those words, less what of it is alike. M only grows the score, so Σ best agreement × weight bounds it from above whatever the entry has besides:
 * that is what looking for candidates may rely on.
 */
import type { How } from './agree.ts';
import { INITIAL_WEIGHT } from './weight.ts';

/** Costs of what is left over, as shares of its weight. */
export const QUERY_LEFT = 0.55;
export const LISTED_LEFT = 0.22;
export const BOTH_LEFT = 0.9;
/** Agreement of two words with one that is both together. */
export const JOINED = 0.97;
/** Numbers on both sides, none of them the same: another ship, unit or fund. */
export const NUMBERS_DIFFER = 0.55;
export const ORDER_DIFFERS = 0.75;
/** Agreement of an initial with a word that begins with it. */
export const INITIAL = 0.8;

/** Half of what a word too many costs, whatever its rarity. */
const LEFT_WHATEVER = 0.45;

/**
 * What a word of the entry counts that nothing explains. That it is rare says little about whether another form of the name leaves it out,
 * so part of it does not depend on that; light words, as particles and legal forms, are left out all the time.
 */
export const leftOf = (weight: number): number =>
  weight > INITIAL_WEIGHT ? LEFT_WHATEVER + weight / 2 : weight;

/** The least M out of W that can come to a score: `scoreOf` turned round, where nothing of the entry is left over. */
export const leastMatched = (score: number, whole: number): number => {
  const share = score / 100;
  return (share * QUERY_LEFT * whole) / (1 - share * (1 - QUERY_LEFT));
};

/** A pair of the alignment. */
export interface Pair {
  /** Word of the query, and one more where two are joined. */
  readonly query: number;
  readonly queryCount: 1 | 2;
  /** Place in the listed name, and one more where two are joined. */
  readonly listed: number;
  readonly listedCount: 1 | 2;
  readonly agreement: number;
  readonly how: How;
  readonly weight: number;
}

export interface Alignment {
  readonly score: number;
  readonly pairs: readonly Pair[];
  /** Sum of agreement × weight over the pairs. */
  readonly matched: number;
  readonly numbersDiffer: boolean;
  /** The score before the order of names is looked at. */
  readonly afterNumbers: number;
  readonly orderDiffers: boolean;
  /** Weight left over in the query. */
  readonly queryLeft: number;
  /** Sum of `leftOf` over the words left over in the entry. */
  readonly listedLeft: number;
  /** Weight that stands against weight of the other side, and is not alike. */
  readonly both: number;
}

/** The score of what agrees and what is left over. */
export const scoreOf = (matched: number, queryLeft: number, listedLeft: number, both: number): number =>
  matched <= 0
    ? 0
    : (100 * matched) / (matched + QUERY_LEFT * queryLeft + LISTED_LEFT * listedLeft + BOTH_LEFT * both);
