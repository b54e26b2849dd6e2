/** A table of texts, whatever file it came from, and how much of one is read. */
import { type BatchFileError, refuse } from './errors.ts';

const FILE_BYTES = 20 * 1024 * 1024;
const UNPACKED_BYTES = 128 * 1024 * 1024;
const ROWS = 100_000;
const COLUMNS = 100;
const CELL_CHARACTERS = 1_000;

/** Bounds on a stranger's file. */
export const BATCH_LIMITS = {
  /** Of the file as it lies there. */
  fileBytes: FILE_BYTES,
  /** Of the parts of a workbook that are read, unpacked: a bomb of 20 MiB would unpack to 20 GiB. */
  unpackedBytes: UNPACKED_BYTES,
  /** Files in a workbook's archive. */
  parts: 2_000,
  /** Below the header. */
  rows: ROWS,
  columns: COLUMNS,
  /** Characters. */
  cell: CELL_CHARACTERS,
} as const;

export interface TableRow {
  /** As a spreadsheet counts, from 1, the header included. */
  readonly row: number;
  /** One a column of the header; empty where the file has none. */
  readonly cells: readonly string[];
}

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252' | 'windows-1256';

export interface Table {
  readonly format: 'csv' | 'xlsx';
  readonly header: readonly string[];
  /** Rows without any text are left out. */
  readonly rows: readonly TableRow[];
  /** The first row is taken for data: the header holds the letters of the columns. */
  readonly headerMissing: boolean;
  /** Of a CSV file. */
  readonly encoding?: Encoding;
  /** The bytes are no UTF-8 and say nothing of their encoding: letters outside ASCII may be others. */
  readonly encodingGuessed?: boolean;
  /** Of a CSV file. */
  readonly delimiter?: string;
  /** Of a workbook: the sheet that was read, and all that one sees. */
  readonly sheet?: string;
  readonly sheets?: readonly string[];
}

/** `A`, `B`, … `Z`, `AA`, … */
export function columnLetters(index: number): string {
  let rest = index + 1;
  let letters = '';
  while (rest > 0) {
    letters = String.fromCharCode(65 + ((rest - 1) % 26)) + letters;
    rest = Math.floor((rest - 1) / 26);
  }
  return letters;
}

export const tooManyRows = (): BatchFileError =>
  refuse(
    'TOO_MANY_ROWS',
    `expected at most ${BATCH_LIMITS.rows} rows below the header, got more; send the file in parts`,
  );

/** Takes rows of texts while they fit. Throws TOO_MANY_ROWS, TOO_MANY_COLUMNS, CELL_TOO_LONG. */
export class RowCollector {
  readonly #rows: TableRow[] = [];

  get rows(): readonly TableRow[] {
    return this.#rows;
  }

  add(row: number, cells: readonly string[]): void {
    let last = cells.length - 1;
    while (last >= 0 && (cells[last] ?? '').trim() === '') last -= 1;
    if (last < 0) return;
    if (last >= BATCH_LIMITS.columns)
      throw refuse(
        'TOO_MANY_COLUMNS',
        `expected at most ${BATCH_LIMITS.columns} columns, got text in column ${columnLetters(last)} of row ${row}; leave out what is not screened`,
        { facts: { row, column: last + 1 } },
      );
    // One more than the bound is the header.
    if (this.#rows.length > BATCH_LIMITS.rows) throw tooManyRows();
    const kept = cells.slice(0, last + 1);
    for (const [column, cell] of kept.entries())
      if (cell.length > BATCH_LIMITS.cell)
        throw refuse(
          'CELL_TOO_LONG',
          `expected at most ${BATCH_LIMITS.cell} characters in a cell, got ${cell.length} in ${columnLetters(column)}${row}`,
          { facts: { row, column: column + 1, characters: cell.length } },
        );
    this.#rows.push({ row, cells: kept });
  }
}
