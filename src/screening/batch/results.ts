/** The file that a batch gives back: the columns that came, and beside them what was found. */
import { columnLetters, type Table } from './table.ts';
import type { WrittenTable } from './write-table.ts';

/** What came of one question, in the words of whoever asked. */
export interface BatchFinding {
  readonly row: number;
  readonly column: number;
  /** Lets the surest finding of a row stand in its line: 0 not asked, 1 no hit, 2 known to be another, 3 look, 4 probable, 5 certain. */
  readonly rank: number;
  readonly outcome: string;
  readonly band: string;
  /** Absent where there is none. */
  readonly score?: number;
  /** Name or number as the entry has it. */
  readonly listed: string;
  /** Record id of the entry. */
  readonly entry: string;
  readonly originator: string;
  readonly reasons: string;
  /** Names the screening. */
  readonly screening: string;
}

/** Headers of the columns that are added. */
export interface ResultHeaders {
  readonly outcome: string;
  readonly hits: string;
  readonly band: string;
  readonly score: string;
  readonly found: string;
  readonly listed: string;
  readonly entry: string;
  readonly originator: string;
  readonly reasons: string;
  readonly screening: string;
}

/** One line a row of the file, in its order, with the surest of its findings; `nothing` is said where nothing was asked. */
export function resultTable(
  table: Table,
  findings: readonly BatchFinding[],
  headers: ResultHeaders,
  nothing: string,
): WrittenTable {
  const byRow = Map.groupBy(findings, ({ row }) => row);
  return {
    header: [...table.header, ...Object.values(headers)],
    rows: table.rows.map(({ row, cells }) => {
      const ofRow = byRow.get(row) ?? [];
      const [first, ...others] = ofRow;
      if (first === undefined) return [...cells, nothing, 0, ...Array<string>(8).fill('')];
      const best = others.reduce(
        (surest, one) =>
          one.rank > surest.rank || (one.rank === surest.rank && (one.score ?? 0) > (surest.score ?? 0))
            ? one
            : surest,
        first,
      );
      return [
        ...cells,
        best.outcome,
        ofRow.filter(({ rank }) => rank >= 3).length,
        best.band,
        best.score ?? '',
        table.header[best.column] ?? columnLetters(best.column),
        best.listed,
        best.entry,
        best.originator,
        best.reasons,
        best.screening,
      ];
    }),
  };
}
