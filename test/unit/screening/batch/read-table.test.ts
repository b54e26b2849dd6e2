import fc from 'fast-check';
import { strToU8, zipSync } from 'fflate';
import { readSheet } from 'read-excel-file/node';
import { describe, expect, it } from 'vitest';
import writeXlsxFile from 'write-excel-file/node';
import { BATCH_LIMITS, readTable, writeCsv, writeXlsx } from '../../../../src/screening/batch/index.ts';

const utf8 = (text: string) => new TextEncoder().encode(text);
const utf16 = (text: string, big: boolean, mark = true) => {
  const bytes = Buffer.from((mark ? '\ufeff' : '') + text, 'utf16le');
  return new Uint8Array(big ? bytes.swap16() : bytes);
};
const codeOf = (read: () => unknown): string => {
  try {
    read();
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : `untyped: ${String(error)}`;
  }
  return 'read';
};
const cellsOf = (bytes: Uint8Array) => readTable(bytes).rows.map(({ cells }) => cells);

const PEOPLE = 'Nom;Date de naissance\r\nAdélaïde Kouamé;1979-05-12\r\n"Ould; Brahim";"1980"\r\n';

describe('a CSV file', () => {
  it.each([
    ['UTF-8', utf8(PEOPLE), 'utf-8', false],
    ['UTF-8 with a mark', utf8(`\ufeff${PEOPLE}`), 'utf-8', false],
    ['UTF-16, little end first', utf16(PEOPLE, false), 'utf-16le', false],
    ['UTF-16, big end first', utf16(PEOPLE, true), 'utf-16be', false],
    ['UTF-16 without a mark', utf16(PEOPLE, false, false), 'utf-16le', true],
    ['Windows-1252', new Uint8Array(Buffer.from(PEOPLE, 'latin1')), 'windows-1252', true],
  ])('in %s is read the same', (_what, bytes, encoding, guessed) => {
    const table = readTable(bytes);
    expect(table).toMatchObject({
      format: 'csv',
      encoding,
      encodingGuessed: guessed,
      delimiter: ';',
      header: ['Nom', 'Date de naissance'],
      headerMissing: false,
    });
    expect(table.rows).toEqual([
      { row: 2, cells: ['Adélaïde Kouamé', '1979-05-12'] },
      { row: 3, cells: ['Ould; Brahim', '1980'] },
    ]);
  });

  it.each([',', ';', '\t', '|'])('is read with the delimiter %j', (delimiter) => {
    const text = ['Name', 'Born', 'IMO'].join(delimiter);
    const row = ['Ada Testowa', '1979', '9319466'].join(delimiter);
    expect(readTable(utf8(`${text}\n${row}\n${row}\n`)).delimiter).toBe(delimiter);
  });

  it('says its delimiter in a first line, as Excel writes it; rows are counted as Excel counts them', () => {
    expect(readTable(utf8('sep=;\nName;Note\nA B;1,2,3\n')).rows).toEqual([
      { row: 3, cells: ['A B', '1,2,3'] },
    ]);
  });

  it('without a header has letters for one', () => {
    const table = readTable(utf8('Ada Testowa,9319466\nBo Testowa,9074729\n'));
    expect([table.headerMissing, table.header, table.rows.length]).toEqual([true, ['A', 'B'], 2]);
  });

  it('in Arabic Windows is read where one says so', () => {
    const bytes = Uint8Array.from([...Buffer.from('name\n'), 0xed, 0xe6, 0xd3, 0xdd, 0x0a]);
    expect(readTable(bytes, { encoding: 'windows-1256' }).rows[0]?.cells).toEqual(['يوسف']);
    expect(readTable(bytes).encodingGuessed).toBe(true);
  });

  it.each([
    ['FILE_EMPTY', utf8('')],
    ['FILE_EMPTY', utf8(' , \n,,\n')],
    ['FILE_EMPTY', utf8('Name,Born\n')],
    ['QUOTES_OPEN', utf8('Name,Born\n"Ada,1979\nBo,1980\n')],
    ['NOT_A_TABLE', Uint8Array.from([1, 0, 2, 3, 0, 0, 7, 200])],
    ['CELL_TOO_LONG', utf8(`Name\n${'a'.repeat(BATCH_LIMITS.cell + 1)}\n`)],
    ['TOO_MANY_COLUMNS', utf8(`Name${','.repeat(BATCH_LIMITS.columns)}x\nA\n`)],
    ['TOO_MANY_ROWS', utf8(`Name\n${'a b\n'.repeat(BATCH_LIMITS.rows + 1)}`)],
    ['TOO_MANY_ROWS', utf8('1234567\n'.repeat(BATCH_LIMITS.rows + 1))],
    ['OLD_WORKBOOK', Uint8Array.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1])],
    ['FILE_TOO_LARGE', new Uint8Array(BATCH_LIMITS.fileBytes + 1)],
  ])('is refused with %s', (code, bytes) => {
    expect(codeOf(() => readTable(bytes))).toBe(code);
  });

  it('of as many rows as are allowed is read', () => {
    const table = readTable(utf8(`Name\n${'a b\n'.repeat(BATCH_LIMITS.rows)}`));
    expect(table.rows.length).toBe(BATCH_LIMITS.rows);
  });
});

describe('a workbook', () => {
  it('of another writer is read: texts, numbers, days, yes and no', async () => {
    const bytes = await writeXlsxFile([
      [{ value: 'Name' }, { value: 'Born' }, { value: 'IMO' }, { value: 'Armed' }],
      [
        { value: 'Ada & "Bo" <Testowa> يوسف' },
        { value: new Date(Date.UTC(1979, 4, 12)), type: Date, format: 'dd/mm/yyyy' },
        { value: 9_319_466, type: Number },
        { value: true, type: Boolean },
      ],
    ]).toBuffer();
    const table = readTable(new Uint8Array(bytes));
    expect(table).toMatchObject({ format: 'xlsx', header: ['Name', 'Born', 'IMO', 'Armed'] });
    expect(table.sheets).toEqual([table.sheet]);
    expect(table.rows).toEqual([
      { row: 2, cells: ['Ada & "Bo" <Testowa> يوسف', '1979-05-12', '9319466', 'TRUE'] },
    ]);
  });

  it('that is written here is read by another reader', async () => {
    const rows = [
      ['Ada <&> "Testowa"', 12.5],
      ['يوسف 朴', -3],
    ] as const;
    const bytes = writeXlsx({ header: ['Name', 'Score'], rows });
    expect(await readSheet(Buffer.from(bytes))).toEqual([['Name', 'Score'], ...rows]);
  });

  const sheetOf = (sheet: string, more: Readonly<Record<string, string>> = {}) => {
    const parts: Record<string, string> = {
      '_rels/.rels':
        '<Relationships><Relationship Id="a" Type="http://x/officeDocument" Target="/xl/workbook.xml"/></Relationships>',
      'xl/workbook.xml':
        '<x:workbook><x:workbookPr date1904="1"/><x:sheets><x:sheet name="Old" state="hidden" r:id="no"/><x:sheet name="Cargo" r:id="s"/></x:sheets></x:workbook>',
      'xl/_rels/workbook.xml.rels':
        '<Relationships><Relationship Id="s" Type="http://x/worksheet" Target="worksheets/a.xml"/><Relationship Id="t" Type="http://x/sharedStrings" Target="strings.xml"/><Relationship Id="u" Type="http://x/styles" Target="styles.xml"/></Relationships>',
      'xl/strings.xml':
        '<sst><si><r><t>Na</t></r><r><t>me</t></r></si><si><t>佐藤</t><rPh><t>サトウ</t></rPh></si></sst>',
      'xl/styles.xml':
        '<styleSheet><numFmts><numFmt numFmtId="170" formatCode="0000000"/><numFmt numFmtId="171" formatCode="[$-409]d&quot;m&quot;yy"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="170"/><xf numFmtId="171"/></cellXfs></styleSheet>',
      'xl/worksheets/a.xml': `<worksheet><sheetData>${sheet}</sheetData></worksheet>`,
      ...more,
    };
    return zipSync(Object.fromEntries(Object.entries(parts).map(([name, text]) => [name, strToU8(text)])));
  };
  const HEADER =
    '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="C1" t="inlineStr"><is><t>IMO</t></is></c></row>';

  it('with prefixes, hidden sheets, readings, padded numbers, gaps and days since 1904 is read as one sees it', () => {
    const table = readTable(
      sheetOf(
        `${HEADER}<row r="5"><c r="A5" t="s"><v>1</v></c><c r="C5" s="1"><v>74729</v></c><c r="D5" s="2"><v>1</v></c><c r="E5" t="e"><v>#N/A</v></c><c r="F5" t="str"><f>1+1</f><v>two</v></c></row><row r="9"><c r="B9" s="1"/></row>`,
      ),
    );
    expect(table.sheet).toBe('Cargo');
    expect(table.header.slice(0, 3)).toEqual(['Name', 'B', 'IMO']);
    expect(table.rows).toEqual([{ row: 5, cells: ['佐藤', '', '0074729', '1904-01-02', '', 'two'] }]);
  });

  it.each([
    ['WORKBOOK_CORRUPT', 'XML that does not end', sheetOf('<row><c><v>')],
    [
      'WORKBOOK_CORRUPT',
      'a document type',
      sheetOf('', { 'xl/worksheets/a.xml': '<!DOCTYPE a><worksheet/>' }),
    ],
    ['NOT_A_TABLE', 'another kind of archive', sheetOf('', { '_rels/.rels': '<Relationships/>' })],
    ['CELL_TOO_LONG', 'a long cell', sheetOf(`<row><c t="str"><v>${'a'.repeat(1_001)}</v></c></row>`)],
    ['TOO_MANY_COLUMNS', 'a far column', sheetOf('<row><c r="XFD1"><v>1</v></c></row>')],
    ['WORKBOOK_CORRUPT', 'a column past the last', sheetOf('<row><c r="ZZZZ1"><v>1</v></c></row>')],
    ['TOO_MANY_ROWS', 'many rows', sheetOf('<row><c><v>1</v></c></row>'.repeat(BATCH_LIMITS.rows + 2))],
  ])('is refused with %s for %s', (code, _what, bytes) => {
    expect(codeOf(() => readTable(bytes))).toBe(code);
  });

  it('of which another sheet is wanted has to have it', () => {
    expect(codeOf(() => readTable(sheetOf(HEADER), { sheet: 'Old' }))).toBe('NO_SUCH_SHEET');
  });

  it('that is a bomb is refused before it is unpacked, whether it says how large it is or lies', () => {
    const zeros = new Uint8Array(8_000_000);
    const bomb = zipSync({
      '_rels/.rels': strToU8(
        '<Relationships><Relationship Id="a" Type="officeDocument" Target="w.xml"/></Relationships>',
      ),
      'w.xml': zeros,
    });
    const saying = (bytes: number) => {
      const changed = bomb.slice();
      const view = new DataView(changed.buffer);
      for (let at = changed.length - 46; at > 0; at -= 1)
        if (view.getUint32(at, true) === 0x02014b50 && view.getUint32(at + 24, true) === zeros.length)
          view.setUint32(at + 24, bytes, true);
      return changed;
    };
    expect(codeOf(() => readTable(saying(BATCH_LIMITS.unpackedBytes + 1)))).toBe('UNPACKS_TOO_LARGE');
    expect(codeOf(() => readTable(saying(4_000)))).toBe('WORKBOOK_CORRUPT');
    expect(codeOf(() => readTable(saying(zeros.length + 1)))).toBe('WORKBOOK_CORRUPT');
  });

  it('with a part twice is refused: two readers would see two', () => {
    const bytes = zipSync({ 'xl/a.xml': strToU8('a'), 'xl/b.xml': strToU8('b') });
    const twice = Uint8Array.from(
      Buffer.from(Buffer.from(bytes).toString('latin1').replaceAll('xl/b.xml', 'xl/a.xml'), 'latin1'),
    );
    expect(codeOf(() => readTable(twice))).toBe('WORKBOOK_CORRUPT');
  });
});

const cell = fc
  .string({ unit: 'grapheme', maxLength: 30 })
  .filter(
    (text) => text.trim() !== '' && text.trim() === text && !/[\u0000-\u001f\ufffe\uffff]|\p{Cs}/u.test(text),
  );
const table = fc
  .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }))
  .chain(([width, height]) =>
    fc.array(fc.array(cell, { minLength: width, maxLength: width }), {
      minLength: height,
      maxLength: height,
    }),
  );

describe.each([
  ['CSV', writeCsv],
  ['xlsx', writeXlsx],
])('what is written as %s', (_what, write) => {
  it('is read again, with a quote before what would be a formula', () => {
    fc.assert(
      fc.property(table, (rows) => {
        const [first = []] = rows;
        const header = first.map((_, at) => `Name ${at}`);
        const expected = rows.map((row) => row.map((text) => (/^[=+\-@]/.test(text) ? `'${text}` : text)));
        expect(cellsOf(write({ header, rows }))).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });

  it('never begins a cell of text as formulas begin', () => {
    for (const start of ['=', '+', '-', '@', '\t', '\r'])
      expect(cellsOf(write({ header: ['Name'], rows: [[`${start}cmd|x!A1`]] }))[0]?.[0]).toMatch(/^'/);
  });
});
