/**
 * The data that screening is measured on: tables of published lists, of people who are on none, and of judged pairs. They lie
 * beside the project and are no part of it; where they are missing, nothing is measured.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const PROJECT = join(import.meta.dirname, '..', '..', '..');
const PLACES = ['..', join('..', '..')].map((up) => join(PROJECT, up, 'shared', 'data', 'screening'));

/** The folder of the tables; undefined where there is none. */
export const dataFolder = (): string | undefined =>
  PLACES.find((folder) => existsSync(join(folder, 'list-names.tsv')));

export const NO_DATA =
  'screening data missing: expected shared/data/screening/list-names.tsv beside the project; nothing measured';

/** A row by the names of its columns. */
export type TableRow = Readonly<Record<string, string>>;

/** Reads a tab-separated table with one header line and no quoting. Throws where a row has more or fewer cells. */
export function readTable(folder: string, name: string): readonly TableRow[] {
  const [header = '', ...lines] = readFileSync(join(folder, `${name}.tsv`), 'utf8')
    .replaceAll('\r\n', '\n')
    .split('\n');
  const columns = header.split('\t');
  return lines.flatMap((line, index) => {
    if (line === '') return [];
    const cells = line.split('\t');
    if (cells.length !== columns.length)
      throw new Error(
        `expected ${columns.length} cells in line ${index + 2} of ${name}.tsv, got ${cells.length}`,
      );
    return [Object.fromEntries(columns.map((column, at) => [column, cells[at] ?? '']))];
  });
}

/** The cell of a column that must be there. */
export function cellOf(row: TableRow, column: string): string {
  const cell = row[column];
  if (cell === undefined)
    throw new Error(`expected a column '${column}', got ${Object.keys(row).join(', ')}`);
  return cell;
}
