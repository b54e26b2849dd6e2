/** Rows of one sheet (ECMA-376 part 1, §18.3): what each cell shows, or near enough to be screened. */
import { type CellFormat, numberText } from './cell-format.ts';
import { refuse } from './errors.ts';
import { BATCH_LIMITS, RowCollector, type TableRow } from './table.ts';
import { readXml } from './xml.ts';

export interface SheetContext {
  readonly strings: readonly string[];
  readonly formats: readonly CellFormat[];
  readonly from1904: boolean;
}

/** Column of a place as `BC12`, from 0; -1 where it has none. */
function columnOf(place: string): number {
  let column = 0;
  let at = 0;
  for (; at < place.length; at += 1) {
    const letter = place.charCodeAt(at) - 64;
    if (letter < 1 || letter > 26) break;
    column = column * 26 + letter;
    // XFD, the last of a sheet, is 16,384.
    if (column > 16_384) throw refuse('WORKBOOK_CORRUPT', 'expected columns up to XFD, got a later one');
  }
  return column - 1;
}

interface Cell {
  readonly column: number;
  readonly type: string;
  readonly style: number;
  value: string;
}

function textOf({ type, style, value }: Cell, { strings, formats, from1904 }: SheetContext): string {
  switch (type) {
    case 's':
      return strings[Number(value)] ?? '';
    case 'b':
      return value === '1' ? 'TRUE' : 'FALSE';
    case 'e':
      // `#N/A` and the like are nothing that one screens.
      return '';
    case 'str':
    case 'inlineStr':
      return value;
    case 'd':
      return value.replace(/T00:00:00(\.0+)?Z?$/, '');
    default:
      return numberText(value, formats[style] ?? { kind: 'plain' }, from1904);
  }
}

/** Throws BatchFileError: WORKBOOK_CORRUPT, TOO_MANY_ROWS, TOO_MANY_COLUMNS, CELL_TOO_LONG. */
export function readSheet(xml: string, context: SheetContext): readonly TableRow[] {
  const collector = new RowCollector();
  let row = 0;
  let cells: string[] = [];
  let cell: Cell | undefined;
  let isValue = false;
  let isReading = false;
  const put = (done: Cell) => {
    const text = textOf(done, context);
    if (text === '') return;
    // Not filled with empty cells up to a far one: past the bound the column is told, and nothing is kept.
    if (done.column >= BATCH_LIMITS.columns) cells.length = done.column;
    else while (cells.length < done.column) cells.push('');
    cells[done.column] = text;
  };
  readXml(xml, {
    open(name, attribute) {
      if (name === 'row') {
        row = Number(attribute('r') ?? row + 1);
        cells = [];
      } else if (name === 'c') {
        const column = columnOf(attribute('r') ?? '');
        cell = {
          column: column < 0 ? cells.length : column,
          type: attribute('t') ?? 'n',
          style: Number(attribute('s') ?? 0),
          value: '',
        };
      } else if (name === 'rPh') isReading = true;
      else if (name === 'v' || name === 't') isValue = cell !== undefined && !isReading;
    },
    close(name) {
      if (name === 'v' || name === 't') isValue = false;
      else if (name === 'rPh') isReading = false;
      else if (name === 'c' && cell !== undefined) {
        put(cell);
        cell = undefined;
      } else if (name === 'row') collector.add(row, cells);
    },
    text(value) {
      if (isValue && cell !== undefined) cell.value += value;
    },
  });
  return collector.rows;
}
