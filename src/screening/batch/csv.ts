/** CSV as spreadsheets and customs systems write it (RFC 4180, and what is found in its place): encoding and delimiter are guessed. */
import Papa from 'papaparse';
import { refuse } from './errors.ts';
import { BATCH_LIMITS, type Encoding, RowCollector, type TableRow } from './table.ts';

const DELIMITERS = [',', ';', '\t', '|'];
/** Rows by which the delimiter is guessed. */
const LOOKED_AT = 50;

export interface CsvOptions {
  /** Where the caller knows better than the bytes say. */
  readonly encoding?: Encoding;
  readonly delimiter?: string;
}

export interface CsvText {
  readonly rows: readonly TableRow[];
  readonly encoding: Encoding;
  readonly encodingGuessed: boolean;
  readonly delimiter: string;
}

const startsWith = (bytes: Uint8Array, ...mark: number[]): boolean =>
  mark.every((byte, at) => bytes[at] === byte);

/** UTF-16 without a mark, as some systems export it: every other byte of plain text is zero. */
function unmarkedUtf16(bytes: Uint8Array): Encoding | undefined {
  const looked = Math.min(bytes.length - (bytes.length % 2), 512);
  let even = 0;
  let odd = 0;
  for (let at = 0; at < looked; at += 2) {
    if (bytes[at] === 0) even += 1;
    if (bytes[at + 1] === 0) odd += 1;
  }
  if (odd > looked / 4 && even === 0) return 'utf-16le';
  if (even > looked / 4 && odd === 0) return 'utf-16be';
  return undefined;
}

function encodingOf(bytes: Uint8Array): { readonly encoding: Encoding; readonly guessed: boolean } {
  if (startsWith(bytes, 0xff, 0xfe)) return { encoding: 'utf-16le', guessed: false };
  if (startsWith(bytes, 0xfe, 0xff)) return { encoding: 'utf-16be', guessed: false };
  const unmarked = unmarkedUtf16(bytes);
  if (unmarked !== undefined) return { encoding: unmarked, guessed: true };
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return { encoding: 'utf-8', guessed: false };
  } catch {
    return { encoding: 'windows-1252', guessed: true };
  }
}

function textOf(bytes: Uint8Array, encoding: Encoding): string {
  // The decoder takes the byte order mark away.
  const text = new TextDecoder(encoding).decode(bytes);
  if (text.includes('\0'))
    throw refuse('NOT_A_TABLE', 'expected text with delimiters or an .xlsx workbook, got binary content');
  return text;
}

/** The one that cuts most rows into the same number of cells, more than one; a comma where none does. */
function delimiterOf(text: string): string {
  let best = ',';
  let most = 0;
  for (const delimiter of DELIMITERS) {
    const { data, errors } = Papa.parse<string[]>(text, {
      delimiter,
      newline: '\n',
      preview: LOOKED_AT,
      skipEmptyLines: true,
    });
    if (errors.some(({ type }) => type === 'Quotes')) continue;
    const rowsByWidth = Map.groupBy(data, ({ length }) => length);
    for (const [width, { length: rows }] of rowsByWidth)
      if (width > 1 && rows * 100 + width > most) {
        best = delimiter;
        most = rows * 100 + width;
      }
  }
  return best;
}

/** Throws BatchFileError: NOT_A_TABLE, QUOTES_OPEN, TOO_MANY_ROWS, TOO_MANY_COLUMNS, CELL_TOO_LONG. */
export function parseCsv(bytes: Uint8Array, options: CsvOptions = {}): CsvText {
  const found =
    options.encoding === undefined ? encodingOf(bytes) : { encoding: options.encoding, guessed: false };
  let text = textOf(bytes, found.encoding).replaceAll(/\r\n?/g, '\n');
  // What Excel writes, and reads, to say which delimiter follows.
  const stated = /^sep=([,;\t|])\n/i.exec(text);
  if (stated !== null) text = text.slice(stated[0].length);
  const firstRow = stated === null ? 1 : 2;
  const delimiter = options.delimiter ?? stated?.[1] ?? delimiterOf(text);
  const parsed = Papa.parse<string[]>(text, {
    delimiter,
    newline: '\n',
    // The header and one row too many, so that too many are seen without reading them all.
    preview: BATCH_LIMITS.rows + 2,
  });
  const open = parsed.errors.find(({ type }) => type === 'Quotes');
  if (open !== undefined)
    throw refuse(
      'QUOTES_OPEN',
      `expected a quoted cell to end with a quote and a delimiter, got another in row ${(open.row ?? 0) + firstRow}; a quote inside one is written twice`,
      { facts: { row: (open.row ?? 0) + firstRow } },
    );
  const collector = new RowCollector();
  for (const [at, cells] of parsed.data.entries()) collector.add(at + firstRow, cells);
  return {
    rows: collector.rows,
    encoding: found.encoding,
    encodingGuessed: found.guessed,
    delimiter,
  };
}
