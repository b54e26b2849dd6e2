/** From a file's bytes to a table: what kind of file it is, and whether its first row is a header. */

import { looksLikeData } from './column-content.ts';
import { parseCsv } from './csv.ts';
import { refuse } from './errors.ts';
import { fieldOfHeader } from './header-words.ts';
import {
  BATCH_LIMITS,
  columnLetters,
  type Encoding,
  type Table,
  type TableRow,
  tooManyRows,
} from './table.ts';
import { parseWorkbook } from './workbook.ts';

export interface ReadOptions {
  /** Of a CSV file, where the caller knows better than the bytes say. */
  readonly encoding?: Encoding;
  readonly delimiter?: string;
  /** Of a workbook: another sheet than the first. */
  readonly sheet?: string;
  /** Whether the first row is a header; absent = guessed. */
  readonly header?: boolean;
}

const startsWith = (bytes: Uint8Array, ...mark: number[]): boolean =>
  mark.every((byte, at) => bytes[at] === byte);

/** A header has a word that one knows, or else nothing that only data looks like. */
function isHeader({ cells }: TableRow): boolean {
  const stated = cells.filter((cell) => cell.trim() !== '');
  return stated.some((cell) => fieldOfHeader(cell) !== undefined) || !stated.some(looksLikeData);
}

/** For whoever knows how large a file is before it is in memory. Throws FILE_TOO_LARGE. */
export function assertFileSize(bytes: number): void {
  if (bytes > BATCH_LIMITS.fileBytes)
    throw refuse(
      'FILE_TOO_LARGE',
      `expected a file of at most ${BATCH_LIMITS.fileBytes} bytes, got ${bytes}; send it in parts`,
      { facts: { bytes } },
    );
}

/**
 * Reads CSV and .xlsx; what the file is called does not matter. Pure, also in a browser. Throws BatchFileError, any of its codes
 * but NOTHING_TO_ASK and TOO_MANY_QUESTIONS.
 */
export function readTable(bytes: Uint8Array, options: ReadOptions = {}): Table {
  assertFileSize(bytes.length);
  if (startsWith(bytes, 0xd0, 0xcf, 0x11, 0xe0))
    throw refuse(
      'OLD_WORKBOOK',
      'expected an .xlsx workbook without a password or a CSV file, got an .xls or an encrypted one; save it as .xlsx or CSV',
    );
  const isWorkbook = startsWith(bytes, 0x50, 0x4b, 0x03, 0x04);
  const { rows, ...about } = isWorkbook
    ? { format: 'xlsx' as const, ...parseWorkbook(bytes, options.sheet) }
    : { format: 'csv' as const, ...parseCsv(bytes, options) };
  const [first, ...others] = rows;
  if (first === undefined) throw refuse('FILE_EMPTY', 'expected a header and rows, got no text at all');
  const headed = options.header ?? isHeader(first);
  const columns = rows.reduce((most, { cells }) => Math.max(most, cells.length), 0);
  const data = headed ? others : rows;
  if (data.length > BATCH_LIMITS.rows) throw tooManyRows();
  if (data.length === 0) throw refuse('FILE_EMPTY', 'expected rows below the header, got none');
  return {
    ...about,
    header: Array.from({ length: columns }, (_, at) => {
      const name = headed ? (first.cells[at] ?? '').trim() : '';
      return name === '' ? columnLetters(at) : name;
    }),
    rows: data.map(({ row, cells }) => ({
      row,
      cells: cells.length === columns ? cells : [...cells, ...Array<string>(columns - cells.length).fill('')],
    })),
    headerMissing: !headed,
  };
}
