/** Why a name scores what it scores: lines whose points sum to the score. */
import { How } from './agree.ts';
import type { FactPoints } from './facts.ts';
import { WordFlag } from './particles.ts';
import type { Agreement, BirthDate, ScoreLine } from './party.ts';
import type { PreparedName } from './query.ts';
import type { Reading } from './reading.ts';
import { type Alignment, LISTED_LEFT, leftOf, type Pair, QUERY_LEFT, scoreOf } from './score.ts';
import { wordsOf } from './words.ts';

export interface Explained {
  readonly name: PreparedName;
  /** The listed name as written. */
  readonly listed: string;
  /** How its words were read. */
  readonly reading: Reading;
  readonly weights: Float32Array;
  readonly listedWeights: readonly number[];
  readonly alignment: Alignment;
  readonly oneIn: (query: number) => number | undefined;
  /** Points taken off for a weak alias, and for how little was compared. */
  readonly weakAlias: number;
  readonly littleEvidence: number;
  readonly facts: FactPoints;
  readonly score: number;
}

const AGREEMENTS: Readonly<Record<How, Agreement>> = {
  [How.none]: 'same',
  [How.same]: 'same',
  [How.spelling]: 'spelling',
  [How.sound]: 'sound',
  [How.script]: 'script',
  [How.equivalent]: 'equivalent',
};

const bornText = ({ year, month, day }: BirthDate): string =>
  [
    String(year),
    ...(month === undefined ? [] : [String(month).padStart(2, '0')]),
    ...(day === undefined ? [] : [String(day).padStart(2, '0')]),
  ].join('-');

function agreementOf({ how, queryCount, listedCount, agreement }: Pair, flags: number): Agreement {
  if (queryCount + listedCount > 2) return 'joined';
  if ((flags & WordFlag.legalForm) !== 0) return 'legal-form';
  return (flags & WordFlag.initial) !== 0 || (how === How.same && agreement < 1)
    ? 'initial'
    : AGREEMENTS[how];
}

/** Written words from first to last, each once: one written word may be several that are compared. */
const written = (
  words: readonly { readonly token: { readonly written: string } }[],
  first: number,
  count: number,
): string =>
  [...new Set(words.slice(first, first + count).map(({ token }) => token))]
    .map((token) => token.written)
    .join(' ');

/** Lines in tenths of a point, unrounded, in the order in which they are shown. */
function lines(explained: Explained): ScoreLine[] {
  const { name, alignment, weights, listedWeights, facts } = explained;
  const listedWords = wordsOf(explained.listed, explained.reading);
  const { pairs } = alignment;
  const queryTaken = new Set(
    pairs.flatMap(({ query, queryCount }) => (queryCount === 2 ? [query, query + 1] : [query])),
  );
  const listedTaken = new Set(
    pairs.flatMap(({ listed, listedCount }) => (listedCount === 2 ? [listed, listed + 1] : [listed])),
  );
  const matched = pairs.reduce((sum, { agreement, weight }) => sum + agreement * weight, 0);
  const weighed = pairs.reduce((sum, { weight }) => sum + weight, 0);
  const missing = name.words
    .map((_, index) => index)
    .filter((index) => !queryTaken.has(index))
    .map((index) => ({
      loss: QUERY_LEFT * (weights[index] as number),
      line: { agreement: 'not-in-entry', query: written(name.words, index, 1) } as const,
    }));
  const extra = listedWeights
    .map((_, index) => index)
    .filter((index) => !listedTaken.has(index))
    .map((index) => ({
      loss: LISTED_LEFT * leftOf(listedWeights[index] as number),
      line: { agreement: 'not-in-query', listed: written(listedWords, index, 1) } as const,
    }));
  const left = [...missing, ...extra];
  const plain = scoreOf(matched, alignment.queryLeft, alignment.listedLeft, alignment.both);
  const full = weighed === 0 ? 0 : (100 * matched) / weighed;
  const losses = left.reduce((sum, { loss }) => sum + loss, 0);
  // What is left over costs something where there is any; else the pairs alone make the score.
  const taken = losses > 0 && full > plain ? full - plain : 0;
  const scale = matched === 0 ? 0 : (plain + taken) / matched;
  const out: ScoreLine[] = pairs.map((pair) => {
    const oneIn = explained.oneIn(pair.query);
    return {
      points: pair.agreement * pair.weight * scale,
      agreement: agreementOf(pair, name.looked[pair.query]?.flags ?? 0),
      query: written(name.words, pair.query, pair.queryCount),
      listed: written(listedWords, pair.listed, pair.listedCount),
      ...(oneIn !== undefined && { oneIn }),
    };
  });
  for (const { loss, line } of left)
    out.push({ points: losses === 0 ? 0 : (-taken * loss) / losses, ...line });
  const afterNumbers = alignment.numbersDiffer ? alignment.afterNumbers : plain;
  if (alignment.numbersDiffer) out.push({ points: afterNumbers - plain, agreement: 'numbers-differ' });
  if (alignment.orderDiffers) out.push({ points: alignment.score - afterNumbers, agreement: 'order' });
  if (explained.weakAlias !== 0) out.push({ points: explained.weakAlias, agreement: 'weak-alias' });
  if (explained.littleEvidence !== 0)
    out.push({ points: explained.littleEvidence, agreement: 'little-evidence' });
  if (facts.born)
    out.push({
      points: facts.born.points,
      agreement: 'born',
      query: bornText(facts.born.asked),
      listed: bornText(facts.born.listed),
    });
  if (facts.country)
    out.push({
      points: facts.country.points,
      agreement: 'country',
      query: facts.country.asked,
      listed: facts.country.listed,
    });
  return out;
}

/** Lines in tenths of a point whose sum is the score in tenths: what rounding leaves goes to the largest line. */
export function explain(explained: Explained): readonly ScoreLine[] {
  const exact = lines(explained);
  const tenths = exact.map(({ points }) => Math.round(points * 10));
  const rest = Math.round(explained.score * 10) - tenths.reduce((sum, points) => sum + points, 0);
  if (rest !== 0 && exact.length > 0) {
    const largest = exact.reduce(
      (best, { points }, index) => (Math.abs(points) > Math.abs(exact[best]?.points ?? 0) ? index : best),
      0,
    );
    tenths[largest] = (tenths[largest] ?? 0) + rest;
  }
  return exact.map((line, index) => ({ ...line, points: (tenths[index] ?? 0) / 10 }));
}
