/** What a cut costs and what it finds, on an index of listed parties alone. */
import { BANDS } from '../../../src/screening/names/bands.ts';
import { NameIndex } from '../../../src/screening/names/name-index.ts';
import type { Corpus } from './corpus.ts';
import type { Share } from './recall.ts';
import type { Slice } from './slices.ts';

export const CUTS = [50, 55, 60, 65, 68, 70, 72, 74, 76, 77, 78, 78.5, 79, 80, 82, 85, 90, 93, 95] as const;
/** Slices whose share is shown beside alerts. */
export const SHOWN = [
  'real aliases',
  'native script',
  'two joined',
  'respelled',
] as const satisfies readonly Slice[];
/** True parties among so many consignments. */
const ONE_TRUE_IN = 1_000;

export interface AtCut {
  readonly cut: number;
  readonly unlisted: Share;
  readonly congress: Share;
  readonly found: Readonly<Record<(typeof SHOWN)[number], Share>>;
  /** Of alerts those that are right, one party in a thousand being a listed one under another alias. */
  readonly precision: number;
}

export interface AlertCurve {
  readonly shipped: number;
  readonly cuts: readonly AtCut[];
  /** Names cleared a second while alerts were counted. */
  readonly unlistedPerSecond: number;
}

export function listIndex(corpus: Corpus): NameIndex {
  const index = new NameIndex();
  index.add(corpus.listed.parties);
  return index;
}

/** The highest score that each name meets; 0 = none from the lowest cut. */
function bestScores(index: NameIndex, names: readonly string[], cut: number): Float64Array {
  return Float64Array.from(names, (name) => index.search({ name, cut, limit: 1 }).hits[0]?.score ?? 0);
}

/** `most` bounds how many unlisted names are asked, for a quick look. */
export function alertCurve(corpus: Corpus, index: NameIndex, most = Number.POSITIVE_INFINITY): AlertCurve {
  const cut = CUTS[0];
  const unlisted = corpus.unlisted.slice(0, most);
  const from = performance.now();
  const negatives = bestScores(index, unlisted, cut);
  const unlistedPerSecond = (1_000 * unlisted.length) / (performance.now() - from);
  const congress = bestScores(index, corpus.congress, cut);
  const right = SHOWN.map((slice) => {
    const queries = corpus.queries.filter((query) => query.slice === slice);
    return Float64Array.from(queries, ({ text, hits }) =>
      Math.max(
        0,
        ...index
          .search({ name: text, cut, limit: 10 })
          .hits.filter(({ id }) => hits.has(id))
          .map(({ score }) => score),
      ),
    );
  });
  const atLeast = (scores: Float64Array, least: number): Share => ({
    found: scores.reduce((sum, score) => sum + (score >= least ? 1 : 0), 0),
    of: scores.length,
  });
  const cuts = [...new Set<number>([...CUTS, BANDS.look])].sort((a, b) => a - b);
  return {
    shipped: BANDS.look,
    unlistedPerSecond,
    cuts: cuts.map((least): AtCut => {
      const shares = right.map((scores) => atLeast(scores, least));
      const alerts = atLeast(negatives, least);
      const [aliases] = shares as [Share];
      const good = aliases.found / aliases.of / ONE_TRUE_IN;
      const bad = (alerts.found / alerts.of) * (1 - 1 / ONE_TRUE_IN);
      return {
        cut: least,
        unlisted: alerts,
        congress: atLeast(congress, least),
        found: Object.fromEntries(SHOWN.map((slice, at) => [slice, shares[at]])) as AtCut['found'],
        precision: good / (good + bad),
      };
    }),
  };
}
