/** Files of names and numbers that an officer has from elsewhere: CSV, workbooks, and the sheet inside one. */
import { strToU8, zipSync } from 'fflate';
import { utf8 } from '../../../src/base/bytes.ts';
import {
  batchQuestions,
  guessColumns,
  mappingOf,
  readTable,
  writeXlsx,
} from '../../../src/screening/batch/index.ts';
import { accepted, type Outcome, type Target } from '../target.ts';

const HEADER = ['Consignee', 'Date of birth', 'Nationality', 'IMO', 'Container', 'Serial number', 'Maker'];
const ROWS = [
  ['Ada Testowa', '12/05/1979', 'Sénégal', '9319466', 'CSQU3054383', 'AB-1234; AB-1235', 'Zastava'],
  ['=cmd()', '1980', 'NG', '', 'MSKU6011672', '', ''],
  ['يوسف خليل', '', '', '9074729', '', 'M70 ?12*', ''],
];

/** All that is made of a file before anything is asked. */
function read(bytes: Uint8Array): Outcome {
  const table = readTable(bytes);
  const mapping = mappingOf(guessColumns(table));
  const asked = mapping.some((field) => field !== undefined)
    ? batchQuestions(table, [...mapping.slice(0, -1), 'name'])
    : [];
  return accepted({ table, mapping, asked });
}

const csv = (delimiter: string) => utf8([HEADER, ...ROWS].map((row) => row.join(delimiter)).join('\r\n'));

const sheets: Target = {
  name: 'batch-csv',
  reads: 'a CSV file: readTable, guessColumns, batchQuestions',
  timeMs: 60,
  timeMsPerKiB: 4,
  open: () => ({
    form: {
      kind: 'text',
      tokens: ['"', '""', ';', ',', '\t', '\r', '\n', 'sep=;\n', '\ufeff', '\0', '=1+1'],
    },
    seeds: [
      csv(';'),
      csv(','),
      csv('\t'),
      new Uint8Array(Buffer.from(`\ufeffName;IMO\nA B;9319466`, 'utf16le')),
    ],
    read,
  }),
};

const workbook: Target = {
  name: 'batch-workbook',
  reads: 'an .xlsx workbook: readTable, guessColumns, batchQuestions',
  timeMs: 60,
  timeMsPerKiB: 20,
  open: () => ({
    form: { kind: 'bytes' },
    seeds: [writeXlsx({ header: HEADER, rows: ROWS }), writeXlsx({ header: ['Name'], rows: [['A B'], [7]] })],
    read,
  }),
};

/** Parts around a sheet, so that changes reach it and not the archive. */
const around = (sheet: Uint8Array): Uint8Array =>
  zipSync(
    {
      '_rels/.rels': strToU8(
        '<Relationships><Relationship Id="a" Type="officeDocument" Target="xl/w.xml"/></Relationships>',
      ),
      'xl/w.xml': strToU8('<workbook><sheets><sheet name="A" r:id="s"/></sheets></workbook>'),
      'xl/_rels/w.xml.rels': strToU8(
        '<Relationships><Relationship Id="s" Type="worksheet" Target="s.xml"/><Relationship Id="t" Type="sharedStrings" Target="t.xml"/></Relationships>',
      ),
      'xl/t.xml': strToU8('<sst><si><t>Name</t></si><si><t>Ada Testowa</t></si></sst>'),
      'xl/s.xml': sheet,
    },
    { level: 0, mtime: '1980-01-01T12:00:00' },
  );

const sheet: Target = {
  name: 'batch-sheet',
  reads: 'the XML of a sheet: readTable, guessColumns, batchQuestions',
  timeMs: 60,
  timeMsPerKiB: 20,
  open: () => ({
    form: {
      kind: 'text',
      tokens: [
        '<row>',
        '</row>',
        '<c r="A1" t="s">',
        '<c r="XFD1048576">',
        '<v>',
        '</v>',
        '&#x41;',
        '&amp;',
        '<![CDATA[',
        '<!DOCTYPE a [<!ENTITY b "c">]>',
        't="inlineStr"',
        '1e308',
        's="99"',
      ],
    },
    seeds: [
      utf8(
        '<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>IMO</t></is></c></row><row r="2"><c r="A2" t="s"><v>1</v></c><c r="B2"><v>9319466</v></c><c r="C2" t="b"><v>1</v></c></row></sheetData></worksheet>',
      ),
    ],
    read: (bytes) => read(around(bytes)),
  }),
};

export const BATCH_TARGETS: readonly Target[] = [sheets, workbook, sheet];
