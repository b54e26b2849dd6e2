/** A table as CSV or .xlsx that no spreadsheet takes for more than text. */

import { strToU8, zipSync } from 'fflate';
import Papa from 'papaparse';
import { columnLetters } from './table.ts';

export interface WrittenTable {
  readonly header: readonly string[];
  /** Numbers are written as such. */
  readonly rows: readonly (readonly (string | number)[])[];
}

/**
 * A cell that begins so is worked out as a formula by the program that opens the file, and can send what stands beside it
 * anywhere (CWE-1236). A quote before it makes it text.
 */
const asText = (cell: string | number): string | number =>
  typeof cell === 'string' && /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;

/** With a byte order mark, without which spreadsheets take UTF-8 for something else. */
export function writeCsv({ header, rows }: WrittenTable): Uint8Array {
  const text = Papa.unparse(
    [header, ...rows].map((row) => row.map(asText)),
    // What elsewhere parts cells is quoted too: whoever guesses the delimiter is not to take it for one.
    { newline: '\r\n', quotes: (cell: unknown) => typeof cell === 'string' && /[;\t|]/.test(cell) },
  );
  return strToU8(`\ufeff${text}\r\n`);
}

const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const SCHEMA = 'http://schemas.openxmlformats.org';
const RELATIONS = `${SCHEMA}/officeDocument/2006/relationships`;
const MAIN = `${SCHEMA}/spreadsheetml/2006/main`;

/** XML 1.0 has no way to write most control characters, nor half a pair. */
const escaped = (text: string): string =>
  // Most cells have nothing of it.
  !/[^\n -%'-;=?-~\u00a0-\ud7ff]/.test(text)
    ? text
    : text
        .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/gu, '\ufffd')
        .replaceAll('&', '&amp;')
        .replaceAll('<', '&lt;')
        .replaceAll('>', '&gt;')
        .replaceAll('\r', '&#13;');

const cellXml = (cell: string | number, place: string, bold: boolean): string => {
  const style = bold ? ' s="1"' : '';
  if (typeof cell === 'number') return `<c r="${place}"${style}><v>${cell}</v></c>`;
  return cell === ''
    ? ''
    : `<c r="${place}"${style} t="inlineStr"><is><t xml:space="preserve">${escaped(cell)}</t></is></c>`;
};

const rowXml = (cells: readonly (string | number)[], row: number): string =>
  `<row r="${row}">${cells.map((cell, at) => cellXml(asText(cell), `${columnLetters(at)}${row}`, row === 1)).join('')}</row>`;

/** One sheet whose header is bold and stays in sight (ECMA-376 part 1, §18.3). */
export function writeXlsx({ header, rows }: WrittenTable): Uint8Array {
  const width = `<cols><col min="1" max="${header.length}" width="22" customWidth="1"/></cols>`;
  const pane =
    '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>';
  const sheet = [header, ...rows].map((row, at) => rowXml(row, at + 1)).join('');
  const type = (part: string, what: string) =>
    `<Override PartName="/xl/${part}.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.${what}+xml"/>`;
  const parts: Readonly<Record<string, string>> = {
    '[Content_Types].xml': `<Types xmlns="${SCHEMA}/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>${type('workbook', 'sheet.main')}${type('worksheets/sheet1', 'worksheet')}${type('styles', 'styles')}</Types>`,
    '_rels/.rels': `<Relationships xmlns="${SCHEMA}/package/2006/relationships"><Relationship Id="rId1" Type="${RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    'xl/workbook.xml': `<workbook xmlns="${MAIN}" xmlns:r="${RELATIONS}"><sheets><sheet name="Tocsin" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships xmlns="${SCHEMA}/package/2006/relationships"><Relationship Id="rId1" Type="${RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="${RELATIONS}/styles" Target="styles.xml"/></Relationships>`,
    'xl/styles.xml': `<styleSheet xmlns="${MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf xfId="0"/><xf xfId="0" fontId="1" applyFont="1"/></cellXfs></styleSheet>`,
    'xl/worksheets/sheet1.xml': `<worksheet xmlns="${MAIN}">${pane}${width}<sheetData>${sheet}</sheetData></worksheet>`,
  };
  return zipSync(
    Object.fromEntries(Object.entries(parts).map(([name, xml]) => [name, strToU8(XML + xml)])),
    // The same table gives the same bytes.
    { level: 2, mtime: '1980-01-01T12:00:00' },
  );
}
