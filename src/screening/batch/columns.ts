/** Which column is what: a guess by headers and content, which a person confirms before anything is asked. */
import { contentShares } from './column-content.ts';
import { type BatchField, BESIDE_FIELDS, type ColumnMapping, isNameField } from './fields.ts';
import { fieldOfHeader } from './header-words.ts';
import type { Table } from './table.ts';

export interface ColumnGuess {
  /** From 0. */
  readonly column: number;
  readonly header: string;
  /** Absent = nothing that is screened. */
  readonly field?: BatchField;
  /** 0 to 1: how far header and content agree; 0 where there is no field. */
  readonly confidence: number;
  /** Of the first rows that say something, three at most. */
  readonly sample: readonly string[];
}

/** Rows that are looked at, spread over the file. */
const LOOKED_AT = 200;
const BY_HEADER = 0.8;
const BY_PART_OF_HEADER = 0.6;
/** Share of cells from which content alone decides. */
const ENOUGH = 0.8;
const BY_CONTENT = 0.7;
const SURE = 0.98;

function cellsOf(table: Table, column: number): readonly string[] {
  const step = Math.max(1, Math.floor(table.rows.length / LOOKED_AT));
  const cells: string[] = [];
  for (let at = 0; at < table.rows.length && cells.length < LOOKED_AT; at += step)
    cells.push(table.rows[at]?.cells[column] ?? '');
  return cells;
}

/** A check that content can make speaks for or against what the header says. */
function judged(table: Table, column: number): { readonly field?: BatchField; readonly confidence: number } {
  const shares = contentShares(cellsOf(table, column));
  const said = table.headerMissing ? undefined : fieldOfHeader(table.header[column] ?? '');
  if (said !== undefined) {
    const base = said.whole ? BY_HEADER : BY_PART_OF_HEADER;
    const share = shares.get(said.field);
    if (isNameField(said.field) || share === undefined) return { field: said.field, confidence: base };
    return { field: said.field, confidence: share >= ENOUGH ? SURE : base * (0.5 + share / 2) };
  }
  let best: BatchField | undefined;
  let most = 0;
  for (const [field, share] of shares)
    if (share >= ENOUGH && share > most) {
      best = field;
      most = share;
    }
  return best === undefined ? { confidence: 0 } : { field: best, confidence: BY_CONTENT * most };
}

/** One guess a column. Of a field that only one column can have, the surest column has it. */
export function guessColumns(table: Table): readonly ColumnGuess[] {
  const guesses = table.header.map((header, column) => ({
    column,
    header,
    ...judged(table, column),
    sample: table.rows
      .slice(0, LOOKED_AT)
      .map(({ cells }) => cells[column] ?? '')
      .filter((cell) => cell.trim() !== '')
      .slice(0, 3),
  }));
  const surest = (field: BatchField) =>
    guesses
      .filter((guess) => guess.field === field)
      .reduce<(typeof guesses)[number] | undefined>(
        (best, guess) => (best === undefined || guess.confidence > best.confidence ? guess : best),
        undefined,
      );
  const single = new Map(BESIDE_FIELDS.map((field) => [field as BatchField, surest(field)]));
  return guesses.map((guess) => {
    const { field, ...rest } = guess;
    if (field === undefined) return rest;
    return single.has(field) && single.get(field) !== guess ? { ...rest, confidence: 0 } : { ...rest, field };
  });
}

export const mappingOf = (guesses: readonly ColumnGuess[]): ColumnMapping =>
  guesses.map(({ field }) => field);
