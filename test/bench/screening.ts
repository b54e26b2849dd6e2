/**
 * Names screened against an index of parties, beside search engines that people use for it. Without the data of published lists
 * beside the project it says so and has no rows.
 */
import type { Bench, Row } from './runner.ts';
import { readCorpus } from './screening/corpus.ts';
import { dataFolder, NO_DATA } from './screening/data.ts';
import { deskRow } from './screening/desk-row.ts';
import { alertRow, judgedRows, recallRows, scriptRows } from './screening/found-rows.ts';
import { hostileRows } from './screening/hostile-rows.ts';
import { MILLION, openEngines, speedRows } from './screening/speed-rows.ts';

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
      ...(await speedRows(stack, engines, large)),
      await deskRow(stack, corpus, MILLION),
      ...(await recallRows(corpus, engines)),
      alertRow(corpus),
      ...judgedRows(corpus, folder),
      ...scriptRows(folder),
      ...(await hostileRows(stack, corpus, engines.ours)),
    ];
  },
};
