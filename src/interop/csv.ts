/**
 * Tables as text (RFC 4180), by strangers: UTF-8, bounded in bytes, rows, columns and length of a field, every row of one
 * width, no lax quoting. Knows no list.
 */
import { type CsvError, parse } from 'csv-parse/sync';
import { hex, textOf } from '../base/bytes.ts';
import { LIMITS } from '../base/limits.ts';
import { refuse } from './errors.ts';

const MAX_COLUMNS = 200;
/** One field; the notes hold no more. */
const MAX_FIELD = 20_000;

export interface CsvTable {
  readonly rows: readonly (readonly string[])[];
  /** Columns of every row. */
  readonly width: number;
  /** The file ends with a line end or its own end mark: it was not cut inside its last row. */
  readonly ended: boolean;
}

export interface CsvForm {
  /** One character; default a comma. */
  readonly delimiter?: string;
}

/** Text of a file, without a byte order mark. Throws TOO_LARGE, NOT_UTF8. */
export function textOfFile(bytes: Uint8Array): string {
  if (bytes.length > LIMITS.importBytes)
    throw refuse('TOO_LARGE', `expected at most ${LIMITS.importBytes} bytes, got ${bytes.length}`, {
      facts: { bytes: bytes.length },
    });
  let text: string;
  try {
    text = textOf(bytes);
  } catch {
    throw refuse(
      'NOT_UTF8',
      `expected UTF-8, the file begins with ${hex(bytes.subarray(0, 4))}; convert it first`,
    );
  }
  if (text.includes('\0'))
    throw refuse('NOT_UTF8', 'expected UTF-8 text without NUL; convert the file first');
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}

/**
 * Reads a table; fields come with white space around them removed. Throws InteropError TOO_LARGE, NOT_UTF8, CSV_MALFORMED with
 * the line: an open quotation mark (a truncated file), rows of unequal width, a field too long. LIST_INVALID for none or too
 * many rows.
 */
export function readCsv(text: string, { delimiter = ',' }: CsvForm = {}): CsvTable {
  let rows: string[][];
  try {
    rows = parse(text, {
      delimiter,
      trim: true,
      skip_empty_lines: true,
      max_record_size: MAX_FIELD * 10,
      record_delimiter: ['\r\n', '\n', '\r'],
      // One more than may be, so that the bound is seen.
      to: LIMITS.importEntries * 4 + 1,
    });
  } catch (error) {
    throw malformed(error);
  }
  const [{ length: width } = []] = rows;
  if (rows.length === 0 || rows.length > LIMITS.importEntries * 4)
    throw refuse('LIST_INVALID', `expected 1 to ${LIMITS.importEntries * 4} rows, got ${rows.length}`);
  if (width > MAX_COLUMNS)
    throw refuse('CSV_MALFORMED', `expected at most ${MAX_COLUMNS} columns, got ${width}`, {
      facts: { width },
    });
  for (const [index, row] of rows.entries())
    if (row.some((field) => field.length > MAX_FIELD))
      throw refuse(
        'CSV_MALFORMED',
        `expected fields of at most ${MAX_FIELD} characters, row ${index + 1} has a longer one`,
      );
  return { rows, width, ended: /[\r\n]\s*$/.test(text.slice(-20)) };
}

/** The parser's own words quote the file: only its code and line are told. */
function malformed(error: unknown): Error {
  const { code = 'unknown', lines = 0 } = error as Partial<CsvError> & { readonly lines?: number };
  const faults: Readonly<Record<string, string>> = {
    CSV_QUOTE_NOT_CLOSED: 'a quotation mark is never closed; is the file complete?',
    CSV_INVALID_CLOSING_QUOTE: 'a quotation mark stands inside a quoted field without being doubled',
    INVALID_OPENING_QUOTE: 'a quotation mark stands inside a field that is not quoted',
    CSV_RECORD_INCONSISTENT_FIELDS_LENGTH: 'a row has another number of columns than the first',
    CSV_MAX_RECORD_SIZE: 'a row is too long',
  };
  return refuse(
    'CSV_MALFORMED',
    `expected rows of one width, quoted as RFC 4180 says; at line ${lines}: ${faults[code] ?? 'the form is broken'}`,
    { facts: { line: lines } },
  );
}
