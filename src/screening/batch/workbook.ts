/** The first sheet that one sees of an .xlsx workbook (ECMA-376 part 1, §18), as texts. Formulas are never worked out. */
import { Archive } from './archive.ts';
import { type CellFormat, formatOf } from './cell-format.ts';
import { refuse } from './errors.ts';
import { readSheet } from './sheet.ts';
import type { TableRow } from './table.ts';
import { readXml } from './xml.ts';

export interface WorkbookRows {
  readonly rows: readonly TableRow[];
  readonly sheet: string;
  readonly sheets: readonly string[];
}

interface SheetPlace {
  readonly name: string;
  readonly relation: string;
}

function partOf(archive: Archive, name: string): string {
  const text = archive.text(name);
  if (text === undefined)
    throw refuse(
      'WORKBOOK_CORRUPT',
      `expected a workbook with a part ${name.split('/').at(-1)}, got none; save it again`,
    );
  return text;
}

/** Part names by relation id; `of` is the part whose relations they are. */
function relationsOf(
  archive: Archive,
  of: string,
): Map<string, { readonly type: string; readonly part: string }> {
  const folder = of.slice(0, of.lastIndexOf('/') + 1);
  const found = new Map<string, { readonly type: string; readonly part: string }>();
  readXml(partOf(archive, `${folder}_rels/${of.slice(folder.length)}.rels`), {
    open(name, attribute) {
      if (name !== 'Relationship') return;
      const target = attribute('Target') ?? '';
      found.set(attribute('Id') ?? '', {
        type: (attribute('Type') ?? '').split('/').at(-1) ?? '',
        part: new URL(target, `file:///${folder}`).pathname.slice(1),
      });
    },
    close: () => undefined,
    text: () => undefined,
  });
  return found;
}

function workbookOf(
  archive: Archive,
  part: string,
): { readonly places: SheetPlace[]; readonly from1904: boolean } {
  const places: SheetPlace[] = [];
  let from1904 = false;
  readXml(partOf(archive, part), {
    open(name, attribute) {
      if (name === 'workbookPr') from1904 = /^(1|true)$/.test(attribute('date1904') ?? '');
      if (name === 'sheet' && !/hidden/i.test(attribute('state') ?? ''))
        places.push({ name: attribute('name') ?? '', relation: attribute('r:id') ?? attribute('id') ?? '' });
    },
    close: () => undefined,
    text: () => undefined,
  });
  return { places, from1904 };
}

/** Strings that cells point to; readings of East Asian words (`rPh`) are no part of them. */
function sharedStrings(xml: string | undefined): readonly string[] {
  const strings: string[] = [];
  if (xml === undefined) return strings;
  let now = '';
  let isText = false;
  let isReading = false;
  readXml(xml, {
    open(name) {
      if (name === 'si') now = '';
      if (name === 'rPh') isReading = true;
      isText = name === 't' && !isReading;
    },
    close(name) {
      if (name === 'rPh') isReading = false;
      if (name === 't') isText = false;
      if (name === 'si') strings.push(now);
    },
    text(value) {
      if (isText) now += value;
    },
  });
  return strings;
}

/** Formats by the number of a cell's style. */
function formatsOf(xml: string | undefined): readonly CellFormat[] {
  const formats: CellFormat[] = [];
  if (xml === undefined) return formats;
  const codes = new Map<number, string>();
  let isCell = false;
  readXml(xml, {
    open(name, attribute) {
      if (name === 'numFmt') codes.set(Number(attribute('numFmtId')), attribute('formatCode') ?? '');
      if (name === 'cellXfs') isCell = true;
      if (name === 'xf' && isCell) {
        const id = Number(attribute('numFmtId') ?? 0);
        formats.push(formatOf(id, codes.get(id)));
      }
    },
    close(name) {
      if (name === 'cellXfs') isCell = false;
    },
    text: () => undefined,
  });
  return formats;
}

/**
 * `wanted`: name of a sheet in the place of the first. Throws BatchFileError: WORKBOOK_CORRUPT, UNPACKS_TOO_LARGE, NO_SUCH_SHEET,
 * TOO_MANY_ROWS, TOO_MANY_COLUMNS, CELL_TOO_LONG.
 */
export function parseWorkbook(bytes: Uint8Array, wanted?: string): WorkbookRows {
  const archive = new Archive(bytes);
  const main = [...relationsOf(archive, '').values()].find(({ type }) => type === 'officeDocument')?.part;
  if (main === undefined || !/\.xml$/i.test(main))
    throw refuse('NOT_A_TABLE', 'expected an .xlsx workbook or a CSV file, got another kind of archive');
  const { places, from1904 } = workbookOf(archive, main);
  const relations = relationsOf(archive, main);
  const place = wanted === undefined ? places[0] : places.find(({ name }) => name === wanted);
  const part = place && relations.get(place.relation)?.part;
  if (place === undefined || part === undefined)
    throw refuse(
      wanted === undefined ? 'WORKBOOK_CORRUPT' : 'NO_SUCH_SHEET',
      `expected a sheet that one sees${wanted === undefined ? '' : ' of that name'}, got a workbook with ${places.length} others`,
      { facts: { sheets: places.length } },
    );
  const partOfType = (type: string) => [...relations.values()].find((one) => one.type === type)?.part;
  const strings = partOfType('sharedStrings');
  const styles = partOfType('styles');
  return {
    rows: readSheet(partOf(archive, part), {
      strings: sharedStrings(strings === undefined ? undefined : archive.text(strings)),
      formats: formatsOf(styles === undefined ? undefined : archive.text(styles)),
      from1904,
    }),
    sheet: place.name,
    sheets: places.map(({ name }) => name),
  };
}
