/** `tocsin screen batch`: a file of names and numbers, screened in parts as the officer's budget allows; a file comes back. */
import { existsSync, writeFileSync } from 'node:fs';
import { sleep } from '../../base/async.ts';
import { hex } from '../../base/bytes.ts';
import type { Desk } from '../../desk/index.ts';
import {
  ScreeningBand,
  ScreeningOutcome,
  type ScreeningResult,
  ScreeningSubject,
} from '../../gen/tocsin/desk/v1/screening_service.ts';
import {
  BATCH_LIMITS,
  type BatchFinding,
  type BatchQuestion,
  batchQuestions,
  type Encoding,
  guessColumns,
  queryOfQuestion,
  readTable,
  resultTable,
  type Table,
  writeCsv,
  writeXlsx,
} from '../../screening/batch/index.ts';
import { confirmedMapping, printGuesses, statedMapping } from '../batch-mapping.ts';
import { type AsOfficer, openOfficerDesk } from '../desk-access.ts';
import { CliError } from '../failure.ts';
import { readInput, sizeOfInput } from '../files.ts';
import { type Output, shown } from '../print.ts';
import { createProgress, type Progress } from '../progress.ts';
import { agreementWords, bandWords, explanation } from '../screening-words.ts';

/** Small enough that an answer with twenty hits a line fits a message. */
const LINES_A_CALL = 500;
const MINUTE_MS = 60_000;

export interface BatchOptions extends AsOfficer {
  readonly map?: readonly string[];
  readonly yes?: boolean;
  readonly sheet?: string;
  readonly encoding?: Encoding;
  readonly out?: string;
  readonly purpose?: string;
  readonly keep?: boolean;
}

const HEADERS = {
  outcome: 'Outcome',
  hits: 'Hits in row',
  band: 'Band',
  score: 'Score',
  found: 'Found in column',
  listed: 'Listed as',
  entry: 'Entry',
  originator: 'Originator',
  reasons: 'Reasons',
  screening: 'Screening',
};

const RANK_OF_BAND = new Map<ScreeningBand, number>([
  [ScreeningBand.SCREENING_BAND_LOOK, 3],
  [ScreeningBand.SCREENING_BAND_PROBABLE, 4],
  [ScreeningBand.SCREENING_BAND_CERTAIN, 5],
]);

export function findingOf({ row, column }: BatchQuestion, result: ScreeningResult): BatchFinding {
  const nothing = {
    row,
    column,
    band: '',
    listed: '',
    entry: '',
    originator: '',
    reasons: '',
    screening: '',
  };
  if (result.fault !== undefined)
    return { ...nothing, rank: 0, outcome: `not asked: ${result.fault.message}` };
  const [hit] = result.hits;
  const told = { ...nothing, screening: result.screeningId };
  if (hit === undefined) return { ...told, rank: 1, outcome: 'no hit' };
  const isHit = result.outcome === ScreeningOutcome.SCREENING_OUTCOME_HIT;
  return {
    ...told,
    rank: isHit ? (RANK_OF_BAND.get(hit.band) ?? 3) : 2,
    outcome: isHit ? 'hit' : 'known to be another',
    band: bandWords(hit.band),
    ...(hit.scheme === '' ? { score: Math.round(hit.score * 10) / 10 } : {}),
    listed: hit.listed,
    entry: hex(hit.recordId),
    originator: hit.originator,
    reasons: [...(hit.scheme === '' ? [] : [agreementWords(hit.agreement)]), ...explanation(hit.lines)]
      .map((line) => line.trim())
      .join('; '),
  };
}

/** Over the budget of a minute the next one is waited for; over that of a day nobody waits. */
async function askPart(
  desk: Desk,
  part: readonly BatchQuestion[],
  options: BatchOptions,
  progress: () => void,
): Promise<{ readonly batchId: string; readonly results: readonly ScreeningResult[] }> {
  const lines = part.map((question) => {
    const query = queryOfQuestion(question);
    return { query: { ...query, subject: ScreeningSubject[query.subject] }, reference: question.reference };
  });
  for (;;)
    try {
      return await desk.screening.screenBatch(
        { lines, keep: options.keep === true },
        options.purpose === undefined ? {} : { purpose: options.purpose },
      );
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'SCREENING_BUDGET')) throw error;
      const { freeToday } = await desk.screening.getScreeningStatus({});
      if (freeToday < part.length) throw error;
      progress();
      await sleep(MINUTE_MS - (Date.now() % MINUTE_MS) + 500);
    }
}

async function askAll(
  desk: Desk,
  questions: readonly BatchQuestion[],
  options: BatchOptions,
  progress: Progress,
): Promise<{ readonly findings: readonly BatchFinding[]; readonly batches: readonly string[] }> {
  const { freeToday } = await desk.screening.getScreeningStatus({});
  if (freeToday < questions.length)
    throw new CliError(
      'UNAVAILABLE',
      `expected at most ${freeToday} names and numbers, which is what is left of today, got ${questions.length}; send the file in parts`,
    );
  const findings: BatchFinding[] = [];
  const batches: string[] = [];
  for (let at = 0; at < questions.length; at += LINES_A_CALL) {
    progress.at('asking', at, questions.length);
    const part = questions.slice(at, at + LINES_A_CALL);
    const { batchId, results } = await askPart(desk, part, options, () =>
      progress.at('waiting for the next minute', at, questions.length),
    );
    if (results.length !== part.length)
      throw new CliError('UNAVAILABLE', `expected ${part.length} answers of the desk, got ${results.length}`);
    batches.push(batchId);
    for (const [index, question] of part.entries()) {
      const result = results[index];
      if (result !== undefined) findings.push(findingOf(question, result));
    }
  }
  progress.at('asking', questions.length, questions.length);
  return { findings, batches };
}

function readFile(path: string, options: BatchOptions): Table {
  if (sizeOfInput(path) > BATCH_LIMITS.fileBytes)
    throw new CliError(
      'FILE_INVALID',
      `${path}: expected at most ${BATCH_LIMITS.fileBytes} bytes; send it in parts`,
    );
  return readTable(readInput(path), {
    ...(options.sheet === undefined ? {} : { sheet: options.sheet }),
    ...(options.encoding === undefined ? {} : { encoding: options.encoding }),
  });
}

/** Where the result goes: never over a file that is there. Throws USAGE. */
function outFile(path: string, table: Table, out: string | undefined): string {
  const chosen = out ?? `${path.replace(/\.[^./]{1,5}$/, '')}.screened.${table.format}`;
  if (!/\.(csv|xlsx)$/i.test(chosen))
    throw new CliError('USAGE', 'expected --out with a name in .csv or .xlsx');
  // Before anything is asked: an officer's budget is not spent for a file that cannot be made.
  if (existsSync(chosen))
    throw new CliError('USAGE', `expected --out with a new name, ${chosen} is there already`);
  return chosen;
}

function printFindings(findings: readonly BatchFinding[], output: Output): void {
  const hits = findings
    .filter(({ rank }) => rank >= 3)
    .sort((a, b) => b.rank - a.rank || (b.score ?? 0) - (a.score ?? 0));
  if (hits.length > 0)
    output.table(
      ['row', 'band', 'score', 'listed as', 'originator', 'screening'],
      hits
        .slice(0, 20)
        .map(({ row, band, score, listed, originator, screening }) => [
          String(row),
          band,
          score === undefined ? '' : score.toFixed(1),
          shown(listed),
          originator,
          screening,
        ]),
    );
  if (hits.length > 20) output.line(`and ${hits.length - 20} more in the file`);
}

export async function batch(
  [path = '']: readonly string[],
  options: BatchOptions,
  output: Output,
): Promise<void> {
  const table = readFile(path, options);
  const out = outFile(path, table, options.out);
  if (table.encodingGuessed === true)
    output.line(
      `the file does not say its encoding: read as ${table.encoding ?? ''}; --encoding names another`,
    );
  const guesses = guessColumns(table);
  if (options.map === undefined) printGuesses(guesses, output);
  const mapping =
    options.map === undefined
      ? await confirmedMapping(guesses, { yes: options.yes === true, json: output.json })
      : statedMapping(table, options.map);
  const { questions, unread } = batchQuestions(table, mapping);
  for (const { row, column, what } of unread.slice(0, 10))
    output.line(
      `row ${row}, ${table.header[column] ?? ''}: ${what.replaceAll('-', ' ')} cannot be read, and is left out`,
    );
  if (unread.length > 10) output.line(`and ${unread.length - 10} more cells that cannot be read`);
  using desk = openOfficerDesk(options);
  const progress = createProgress('screen');
  const { findings, batches } = await askAll(desk, questions, options, progress).finally(() =>
    progress.end(),
  );
  const written = resultTable(table, findings, HEADERS, 'nothing to ask');
  writeFileSync(out, /\.xlsx$/i.test(out) ? writeXlsx(written) : writeCsv(written), {
    flag: 'wx',
    mode: 0o600,
  });
  const count = (from: number, to = from) => findings.filter(({ rank }) => rank >= from && rank <= to).length;
  printFindings(findings, output);
  output.line(
    `${table.rows.length} rows, ${questions.length} names and numbers: ${count(3, 5)} hits, ${count(2)} known to be others, ${count(1)} no hit, ${count(0)} not asked; ${out}`,
  );
  output.document({
    rows: table.rows.length,
    questions: questions.length,
    hits: count(3, 5),
    knownFalsePositives: count(2),
    noHit: count(1),
    notAsked: count(0),
    unread: unread.length,
    batches,
    out,
  });
}
