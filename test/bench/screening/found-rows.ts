/** What is found of what should be, what alerts it costs, and how scores agree with people's judgement. */
import type { Row } from '../runner.ts';
import { alertCurve, listIndex, SHOWN } from './alerts.ts';
import type { Corpus } from './corpus.ts';
import type { Hosted } from './hosted.ts';
import { crossFit, judgedEntityPairs, judgedNamePairs, meansOf, strongErrors } from './judged.ts';
import { intervalOf, type Share, shareOf } from './recall.ts';
import { scriptShares } from './scripts.ts';
import { SLICES } from './slices.ts';
import { type Engines, RECALL_CUT } from './speed-rows.ts';

/** What MiniSearch may take to answer the queries, in hash order, of which it answers what it can. */
const PEER_MS = 600_000;
const FIRST_TEN = 10;

const percent = (share: Share): number => 100 * shareOf(share);

const always = (value: number) => async (): Promise<readonly number[]> => [value];

/** Places of the first hits, of so many queries as fit into the time. */
async function placesOf(hosted: Hosted, budgetMs: number, cut?: number): Promise<readonly number[]> {
  const questions = { asked: 'slices', from: 0, count: hosted.built.queries.slices, memory: 'kept' } as const;
  return (await hosted.ask({ ...questions, budgetMs, ...(cut !== undefined && { cut }) })).places;
}

/** One row a slice. What is deterministic is asked once, and the rounds repeat it. `suffix` tells the rows of another size apart. */
export async function recallRows(corpus: Corpus, engines: Engines, suffix = ''): Promise<readonly Row[]> {
  const ours = await placesOf(engines.ours, Number.MAX_SAFE_INTEGER, RECALL_CUT);
  const shipped = await placesOf(engines.ours, Number.MAX_SAFE_INTEGER);
  const miniSearch = await placesOf(engines.miniSearch, PEER_MS);
  const flexSearch = await placesOf(engines.flexSearch, PEER_MS);
  return SLICES.map((slice): Row => {
    const asked = [...corpus.queries.keys()].filter((at) => corpus.queries[at]?.slice === slice);
    const share = (places: readonly number[], last: number, among = places.length): Share => {
      const answered = asked.filter((at) => at < Math.min(among, places.length));
      const found = answered.filter((at) => (places[at] ?? 0) > 0 && (places[at] ?? 0) <= last);
      return { found: found.length, of: answered.length };
    };
    const tenth = share(ours, FIRST_TEN);
    const [low, high] = intervalOf(tenth);
    const common = miniSearch.length;
    return {
      id: `found-${slice.toLowerCase().replaceAll(' ', '-')}${suffix}`,
      what: `${slice}, found in the first ten${suffix === '' ? '' : ` of ${suffix.slice(1)} entries`}`,
      unit: '%',
      ours: always(percent(tenth)),
      against: [
        { name: 'MiniSearch', measure: always(percent(share(miniSearch, FIRST_TEN))) },
        { name: 'FlexSearch', measure: always(percent(share(flexSearch, FIRST_TEN))) },
      ],
      facts: () => ({
        'first ten, %': percent(tenth),
        'first, %': percent(share(ours, 1)),
        'first, MiniSearch, %': percent(share(miniSearch, 1)),
        'first, FlexSearch, %': percent(share(flexSearch, 1)),
        'first ten at the cut that ships, %': percent(share(shipped, FIRST_TEN)),
        queries: tenth.of,
        'queries that MiniSearch answered': share(miniSearch, FIRST_TEN).of,
        'found of these, to what MiniSearch found':
          share(ours, FIRST_TEN, common).found / Math.max(1, share(miniSearch, FIRST_TEN).found),
        'interval from, %': 100 * low,
        'interval to, %': 100 * high,
      }),
    };
  });
}

/** Alerts per 1,000 that a screening desk can bear. */
const BEARABLE = 5;

export function alertRow(corpus: Corpus): Row {
  const curve = alertCurve(corpus, listIndex(corpus));
  const shipped = curve.cuts.find(({ cut }) => cut === curve.shipped);
  // The lowest cut that is bearable: what the rules could find, whatever cut ships.
  const bearable = curve.cuts.find(({ unlisted }) => 1_000 * shareOf(unlisted) <= BEARABLE);
  if (!shipped || !bearable)
    throw new Error('expected the cut that ships, and one with few alerts, among the cuts');
  const named = (prefix: string, { found }: typeof shipped): Readonly<Record<string, number>> =>
    Object.fromEntries(SHOWN.map((slice) => [`${prefix}${slice}, %`, percent(found[slice])]));
  return {
    id: 'alerts',
    what: 'alerts per 1,000 names of nobody listed, at the cut that ships',
    unit: 'alerts',
    ours: always(1_000 * shareOf(shipped.unlisted)),
    against: [],
    facts: () => ({
      'listed parties': corpus.listed.parties.length,
      'the cut': curve.shipped,
      'names asked': shipped.unlisted.of,
      ...named('', shipped),
      'alerts per 1,000 members of the US Congress': 1_000 * shareOf(shipped.congress),
      'precision where one in 1,000 is listed': shipped.precision,
      [`lowest cut with ${BEARABLE} alerts and fewer`]: bearable.cut,
      ...named('at that cut, ', bearable),
      ...Object.fromEntries(
        curve.cuts.flatMap(({ cut, unlisted, found }) => [
          [`from ${cut}: alerts per 1,000`, 1_000 * shareOf(unlisted)],
          [`from ${cut}: real aliases, %`, percent(found['real aliases'])],
          [`from ${cut}: native script, %`, percent(found['native script'])],
        ]),
      ),
    }),
  };
}

/** Matches score lower the weaker the evidence, others higher: how many steps are the other way. */
function outOfOrder(means: ReturnType<typeof meansOf>): number {
  const [strong, medium, weak, otherStrong, otherMedium, otherWeak] = means.map(({ mean }) => mean) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const steps = [strong >= medium, medium >= weak, otherStrong <= otherMedium, otherMedium <= otherWeak];
  return steps.filter((inOrder) => !inOrder).length;
}

export function judgedRows(corpus: Corpus, folder: string): readonly Row[] {
  const names = judgedNamePairs(folder, corpus.listed.parties);
  const { cuts, fit } = crossFit(names);
  const known = names.flatMap((pair) =>
    pair.theirs === undefined ? [] : [{ ...pair, theirs: pair.theirs }],
  );
  const theirs = crossFit(known.map((pair) => ({ ...pair, score: pair.theirs }))).fit;
  const entities = crossFit(judgedEntityPairs(folder, corpus.listed.parties));
  const cut = (cuts[0] + cuts[1]) / 2;
  const means = meansOf(names);
  return [
    {
      id: 'judged',
      what: 'judged pairs of names, F1',
      unit: '',
      ours: always(crossFit(known).fit.f1),
      against: [{ name: 'logic-v2 of OpenSanctions, the same pairs', measure: always(theirs.f1) }],
      facts: () => ({
        'F1 of all pairs': fit.f1,
        precision: fit.precision,
        recall: fit.recall,
        pairs: names.length,
        'pairs that logic-v2 scored': known.length,
        'strong cases on the wrong side of the mean of both cuts': strongErrors(names, cut).length,
        ...Object.fromEntries(means.map(({ group, mean }) => [`mean score, ${group}`, mean])),
        'steps of evidence with means out of order': outOfOrder(means),
        'F1 of pairs judged as parties': entities.fit.f1,
      }),
    },
  ];
}

export function scriptRows(folder: string): readonly Row[] {
  return scriptShares(folder).map(
    ({ script, meet, alert, sameText }): Row => ({
      id: `script-${script}`,
      what: `words in Latin letters and another script that meet, ${script}`,
      unit: '%',
      ours: always(percent(meet)),
      against: [{ name: 'the same text by any-ascii', measure: always(percent(sameText)) }],
      facts: () => ({ pairs: meet.of, 'alert by themselves at the cut that ships, %': percent(alert) }),
    }),
  );
}
