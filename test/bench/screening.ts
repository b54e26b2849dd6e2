/**
 * Names screened against an index of parties, beside search engines that people use for it. Without the data of published lists
 * beside the project it says so and has no rows.
 */
import type { Bench, Row } from './runner.ts';
import { type Corpus, readCorpus } from './screening/corpus.ts';
import { dataFolder, NO_DATA } from './screening/data.ts';
import { deskRow } from './screening/desk-row.ts';
import { alertRow, judgedRows, recallRows, scriptRows } from './screening/found-rows.ts';
import { hostileRows } from './screening/hostile-rows.ts';
import { type Engines, LARGER, largerRows, MILLION, openEngines, speedRows } from './screening/speed-rows.ts';

async function largeRows(
  stack: AsyncDisposableStack,
  corpus: Corpus,
  engines: Engines,
): Promise<readonly Row[]> {
  const larger = await openEngines(stack, LARGER);
  return [...(await largerRows(stack, engines, larger)), ...(await recallRows(corpus, larger, `-${LARGER}`))];
}

export const screeningBench: Bench = {
  name: 'screening',
  async open(stack, { large }): Promise<readonly Row[]> {
    const folder = dataFolder();
    if (folder === undefined) {
      process.stderr.write(`${NO_DATA}\n`);
      return [];
    }
    const corpus = readCorpus(folder);
    const engines = await openEngines(stack);
    return [
      ...(await speedRows(stack, engines)),
      await deskRow(stack, corpus, MILLION),
      ...(await recallRows(corpus, engines)),
      alertRow(corpus),
      ...judgedRows(corpus, folder),
      ...scriptRows(folder),
      ...(await hostileRows(stack, corpus, engines.ours)),
      ...(large ? await largeRows(stack, corpus, engines) : []),
    ];
  },
};
