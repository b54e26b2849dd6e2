/**
 * A quick look while rules are changed: `node --disable-warning=ExperimentalWarning test/bench/screening/tune.ts --size 100000
 * [--engine ours|minisearch|flexsearch] [--cut N] [--slice NAME] [--misses N] [--only slices|alerts|judged]`. Misses are names of
 * published lists: they go to the terminal and nowhere else.
 */
import { parseArgs } from 'node:util';
import { alertCurve, listIndex, SHOWN } from './alerts.ts';
import { readCorpus } from './corpus.ts';
import { dataFolder, NO_DATA } from './data.ts';
import { flexSearchEngine, miniSearchEngine, ourEngine } from './engines.ts';
import { crossFit, fitAt, judgedNamePairs, meansOf, strongErrors } from './judged.ts';
import { answerAll, intervalOf, LIMIT, recallAt, recallOf, type Share, shareOf } from './recall.ts';

const { values: asked } = parseArgs({
  options: {
    size: { type: 'string', default: '100000' },
    engine: { type: 'string', default: 'ours' },
    cut: { type: 'string' },
    slice: { type: 'string' },
    misses: { type: 'string', default: '0' },
    only: { type: 'string' },
    negatives: { type: 'string', default: '20000' },
  },
});

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const percent = (share: Share): string => (100 * shareOf(share)).toFixed(1).padStart(5);
const wants = (part: string): boolean => asked.only === undefined || asked.only === part;
const misses = Number(asked.misses);

/** Of this process: beside others that are busy it says more than a clock. */
function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function engineAsked() {
  if (asked.engine === 'minisearch') return miniSearchEngine();
  if (asked.engine === 'flexsearch') return flexSearchEngine();
  return ourEngine(asked.cut === undefined ? undefined : Number(asked.cut));
}

function slices(corpus: ReturnType<typeof readCorpus>): void {
  const engine = engineAsked();
  const parties = [...corpus.parties(Number(asked.size))];
  const from = performance.now();
  engine.build(parties);
  const built = performance.now();
  say(
    `${engine.name}: ${parties.length} entries, built in ${((built - from) / 1_000).toFixed(2)} s${engine.bytes === undefined ? '' : `, ${(engine.bytes / parties.length).toFixed(0)} bytes an entry`}`,
  );
  const queries = corpus.queries.filter(({ slice }) => asked.slice === undefined || slice === asked.slice);
  const before = processorSeconds();
  const answered = answerAll(engine, queries, 60_000);
  const spent = processorSeconds() - before;
  const ms = answered.map((one) => one.ms).sort((a, b) => a - b);
  const total = ms.reduce((sum, one) => sum + one, 0);
  const at = (share: number): string =>
    (ms[Math.min(ms.length - 1, Math.floor(share * ms.length))] ?? 0).toFixed(2);
  say(
    `slice queries ${((1_000 * ms.length) / total).toFixed(0)}/s cold (${(answered.length / spent).toFixed(0)} a processor second), p50 ${at(0.5)} p99 ${at(0.99)} max ${at(1)} ms`,
  );
  const manifest = corpus.manifest.slice(0, 5_000);
  const start = performance.now();
  const startSeconds = processorSeconds();
  let asks = 0;
  for (const name of manifest) {
    engine.search(name, LIMIT);
    asks += 1;
    if (performance.now() - start > 20_000) break;
  }
  say(
    `manifest of people on no list ${((1_000 * asks) / (performance.now() - start)).toFixed(0)}/s (${(asks / (processorSeconds() - startSeconds)).toFixed(0)} a processor second)`,
  );
  say('slice            r@1   r@10  (95 %)           n');
  for (const { slice, first, firstTen } of recallOf(answered)) {
    if (first.of === 0) continue;
    const [low, high] = intervalOf(firstTen);
    say(
      `${slice.padEnd(15)} ${percent(first)}  ${percent(firstTen)}  ${(100 * low).toFixed(1)}–${(100 * high).toFixed(1)}  ${String(first.of).padStart(6)}`,
    );
  }
  say(
    `${'all'.padEnd(15)} ${percent(recallAt(answered, 1))}  ${percent(recallAt(answered, LIMIT))}  ${String(answered.length).padStart(17)}`,
  );
  const missed = answered.filter(({ place }) => place === 0).slice(0, misses);
  const namesOf = new Map(corpus.listed.parties.map(({ id, names }) => [id, names.map(({ text }) => text)]));
  for (const { query } of missed)
    say(
      `miss [${query.slice}] ${query.text}   ←   ${[...query.hits]
        .flatMap((id) => namesOf.get(id) ?? [])
        .slice(0, 6)
        .join(' | ')}`,
    );
}

function alerts(corpus: ReturnType<typeof readCorpus>): void {
  const curve = alertCurve(corpus, listIndex(corpus), Number(asked.negatives));
  say(
    `\nlist-size index, ${corpus.listed.parties.length} parties; ${curve.unlistedPerSecond.toFixed(0)} unlisted names/s from the lowest cut`,
  );
  say(
    `cut   per 1,000 unlisted  Congress   ${SHOWN.map((slice) => slice.padStart(14)).join('')}   precision`,
  );
  for (const { cut, unlisted, congress, found, precision } of curve.cuts)
    say(
      `${String(cut).padEnd(3)}${cut === curve.shipped ? '*' : ' '}${(1_000 * shareOf(unlisted)).toFixed(2).padStart(12)}${(1_000 * shareOf(congress)).toFixed(1).padStart(16)}      ${SHOWN.map((slice) => percent(found[slice]).padStart(14)).join('')}   ${precision.toFixed(3)}`,
    );
}

function judged(corpus: ReturnType<typeof readCorpus>, folder: string): void {
  const pairs = judgedNamePairs(folder, corpus.listed.parties);
  const { cuts, fit } = crossFit(pairs);
  const line = ({ precision, recall, f1 }: typeof fit): string =>
    `P ${precision.toFixed(3)} R ${recall.toFixed(3)} F1 ${f1.toFixed(3)}`;
  say(`\njudged name pairs, n ${pairs.length}: ${line(fit)} (cut of the other half: ${cuts.join(', ')})`);
  const both = pairs.filter(({ theirs }) => theirs !== undefined);
  say(
    `  those that logic-v2 scored, n ${both.length}: ours ${line(crossFit(both).fit)}; logic-v2 ${line(crossFit(both.map((pair) => ({ ...pair, score: pair.theirs ?? 0 }))).fit)}`,
  );
  for (const cut of [60, 65, 70, 72, 75, 80]) say(`  at ${cut}: ${line(fitAt(pairs, cut))}`);
  for (const { group, mean, of } of meansOf(pairs))
    say(`  ${group.padEnd(17)} mean ${mean.toFixed(1)} n ${of}`);
  const cut = Math.max(...cuts);
  for (const { query, candidate, isMatch, score } of strongErrors(pairs, cut))
    say(
      `  STRONG wrong at ${cut}: ${isMatch ? 'match' : 'non-match'} ${score.toFixed(1)}: ${query} | ${candidate}`,
    );
  const wrong = pairs.filter(({ isMatch, score }) => isMatch !== score >= cut).slice(0, misses);
  for (const { query, candidate, isMatch, score, evidence } of wrong)
    say(
      `  wrong ${evidence} ${isMatch ? 'match' : 'non-match'} ${score.toFixed(1)}: ${query} | ${candidate}`,
    );
}

const folder = dataFolder();
if (folder === undefined) say(NO_DATA);
else {
  const corpus = readCorpus(folder);
  if (wants('slices')) slices(corpus);
  if (wants('alerts')) alerts(corpus);
  if (wants('judged')) judged(corpus, folder);
}
