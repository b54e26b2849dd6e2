/** Which column of a file is what: guessed, said on the command line, or confirmed on a terminal. */
import { createInterface } from 'node:readline/promises';
import {
  BATCH_FIELDS,
  type ColumnGuess,
  type ColumnMapping,
  columnLetters,
  isBatchField,
  mappingOf,
  type Table,
} from '../screening/batch/index.ts';
import { CliError } from './failure.ts';
import { clip, type Output, shown } from './print.ts';

function columnOf(table: Table, wanted: string): number {
  const byHeader = table.header.indexOf(wanted);
  const found =
    byHeader >= 0 ? byHeader : table.header.findIndex((_, at) => columnLetters(at) === wanted.toUpperCase());
  if (found < 0)
    throw new CliError(
      'USAGE',
      `expected --map with a header or letter of a column, got ${JSON.stringify(wanted.slice(0, 80))}`,
    );
  return found;
}

/** What `--map` says, and nothing else. Throws USAGE. */
export function statedMapping(table: Table, stated: readonly string[]): ColumnMapping {
  const mapping: (ColumnMapping[number] | undefined)[] = table.header.map(() => undefined);
  for (const one of stated) {
    const at = one.indexOf('=');
    const field = one.slice(0, Math.max(0, at));
    if (!isBatchField(field))
      throw new CliError('USAGE', `expected --map field=column, with a field of: ${BATCH_FIELDS.join(', ')}`);
    mapping[columnOf(table, one.slice(at + 1))] = field;
  }
  return mapping;
}

export function printGuesses(guesses: readonly ColumnGuess[], output: Output): void {
  output.table(
    ['column', 'header', 'taken for', 'sure', 'sample'],
    guesses.map(({ column, header, field, confidence, sample }) => [
      columnLetters(column),
      clip(shown(header), 24),
      field ?? '–',
      field === undefined ? '' : `${Math.round(confidence * 100)} %`,
      clip(sample.map(shown).join(' | '), 48),
    ]),
  );
}

/** The guess, once a person took it. Throws USAGE where nobody can be asked, REFUSED where the answer is no. */
export async function confirmedMapping(
  guesses: readonly ColumnGuess[],
  options: { readonly yes: boolean; readonly json: boolean },
): Promise<ColumnMapping> {
  if (options.yes) return mappingOf(guesses);
  if (options.json || !process.stdin.isTTY)
    throw new CliError('USAGE', 'expected --yes for the columns as guessed, or --map field=column for each');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question('Screen these columns? [y/N] ');
    if (!/^y(es)?$/i.test(answer.trim()))
      throw new CliError('REFUSED', 'nothing was asked; say which column is what with --map field=column');
  } finally {
    terminal.close();
  }
  return mappingOf(guesses);
}
