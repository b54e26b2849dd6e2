import { describe, expect, it } from 'vitest';
import { utf8 } from '../../../src/base/bytes.ts';
import { InteropError } from '../../../src/interop/index.ts';
import { codeOf, entryIn, readList } from '../../support/listed.ts';

// Everybody and everything in these lists is invented.
const TABLE = `ID,Type,Full Name,Aliases,Date of Birth,Nationality,Passport No,Issuing Country,IMO,Flag,Listed on,Remarks,Shoe size
1,Individual,"Venn, Orsolo",Old Tar; Tarry,circa 1966,Norway|Malta,Q0001,NO,,,2012-12-31,"said ""hello""",44
2,Ship,Kelp Star,,,,,,9074729,NO,2013,,
3,company,Quellmar Shipping,,,,,,,,03/04/2013,,
`;
const read = (text: string, mapping?: Readonly<Record<string, string>>) =>
  readList('csv', [utf8(text)], { list: 'brokers', ...(mapping && { mapping }) });
const faultsOf = (text: string, mapping?: Readonly<Record<string, string>>) => {
  try {
    read(text, mapping);
  } catch (error) {
    if (error instanceof InteropError)
      return [error.code, ...error.faults.map(({ path, code }) => `${path} ${code}`)];
    throw error;
  }
  return ['read'];
};

describe('a plain table', () => {
  it('is read by its headers, in the forms that people write', () => {
    const list = read(TABLE);
    expect(list).toMatchObject({
      prefix: 'csv:brokers:',
      persons: 1,
      vessels: 1,
      entities: 1,
      rows: 3,
      whole: false,
    });
    const { person, notes, summary } = entryIn(list, 'csv:brokers:1');
    expect(person?.names.map(({ text, type }) => [text, type])).toEqual([
      ['Venn, Orsolo', 1],
      ['Old Tar', 2],
      ['Tarry', 2],
    ]);
    expect(person?.born).toEqual({ year: 1966, month: 0, day: 0, approximate: true });
    expect(person?.nationalities).toEqual(['NO', 'MT']);
    expect(person?.documents.map(({ country, number }) => [country, number])).toEqual([['NO', 'Q0001']]);
    expect(summary.since).toEqual({ year: 2012, month: 12, day: 31, approximate: false });
    for (const kept of ['said "hello"', 'Shoe size: 44']) expect(notes).toContain(kept);
    expect(entryIn(list, 'csv:brokers:2').vessel).toMatchObject({
      imo: '9074729',
      flags: [{ country: 'NO' }],
    });
    // A date of two meanings has none.
    expect(entryIn(list, 'csv:brokers:3').notes).toContain('03/04/2013');
  });

  it('is read by a mapping alone where one is given', () => {
    const text = 'ref;who;born;junk\n7;Kelp;1950;x\n';
    const list = read(text, { ref: 'id', who: 'name', junk: 'ignore' });
    expect(entryIn(list, 'csv:brokers:7').entity?.names.map((name) => name.text)).toEqual(['Kelp']);
    // Not mapped: kept as said, and taken for nothing.
    expect(entryIn(list, 'csv:brokers:7').notes).toMatch(/born: 1950/);
    expect(entryIn(list, 'csv:brokers:7').notes).not.toContain('junk');
    expect(
      entryIn(read(text, { ref: 'id', who: 'name', born: 'born', junk: 'ignore' }), 'csv:brokers:7').person
        ?.born?.year,
    ).toBe(1950);
  });

  it('reads commas, semicolons and tabs, quoted line ends, and a byte order mark', () => {
    expect(read('\ufeffid\tname\n1\tKelp\n').rows).toBe(1);
    expect(entryIn(read('id,name\r\n1,"Kelp\nand Sons"\r\n'), 'csv:brokers:1').entity?.names[0]?.text).toBe(
      'Kelp and Sons',
    );
  });

  it('says which columns are unclear', () => {
    expect(faultsOf('id,Name,Full Name\n1,a,b\n')).toEqual(['COLUMNS_UNCLEAR', 'name AMBIGUOUS']);
    expect(faultsOf('code,title\n1,a\n')).toEqual(['COLUMNS_UNCLEAR', 'id REQUIRED', 'name REQUIRED']);
    expect(faultsOf('id,name,name\n1,a,b\n')).toEqual([
      'COLUMNS_UNCLEAR',
      'name DUPLICATE',
      'name AMBIGUOUS',
    ]);
    expect(faultsOf('id,name,\n1,a,b\n')).toEqual(['COLUMNS_UNCLEAR', 'column 3 NO_HEADER']);
    expect(faultsOf('id,name\n1,a\n', { id: 'id', name: 'naem', Name: 'name' })).toEqual([
      'COLUMNS_UNCLEAR',
      'name UNKNOWN_FIELD',
      'Name NO_COLUMN',
      'name REQUIRED',
    ]);
    expect(faultsOf('id,name\n1,a\n', { constructor: 'name', id: 'toString' })[0]).toBe('COLUMNS_UNCLEAR');
  });

  it('refuses broken tables, and entries that cannot be drafted, with a stable code', () => {
    const refusals: readonly (readonly [string, string])[] = [
      ['id,name\n1,"Kelp', 'CSV_MALFORMED'],
      ['id,name\n1,Kelp,more\n', 'CSV_MALFORMED'],
      ['id,name\n1,Ke"lp\n', 'CSV_MALFORMED'],
      ['id,name\n', 'LIST_INVALID'],
      ['', 'LIST_INVALID'],
      ['id,name\n1,Kelp\n1,Kelp\n', 'ENTRY_INVALID'],
      ['id,name\n1,\n', 'ENTRY_INVALID'],
      ['id,name\n,Kelp\n', 'ENTRY_INVALID'],
      ['id,name,type\n1,Kelp,submarine base\n', 'ENTRY_INVALID'],
    ];
    for (const [text, code] of refusals)
      expect(
        codeOf(() => read(text)),
        text,
      ).toBe(code);
    expect(codeOf(() => readList('csv', [utf8(TABLE)]))).toBe('LIST_INVALID');
    expect(codeOf(() => readList('csv', [new Uint8Array([0x69, 0x64, 0xe9, 0x0a])], { list: 'a' }))).toBe(
      'NOT_UTF8',
    );
  });

  it('has at most 200 columns', () => {
    const wide = (columns: number) =>
      ['id,name', '1,Kelp']
        .map((start, row) =>
          [start, ...Array.from({ length: columns - 2 }, (_, at) => (row === 0 ? `c${at}` : 'x'))].join(','),
        )
        .join('\n');
    expect(codeOf(() => read(wide(200)))).toBe('read');
    expect(codeOf(() => read(wide(201)))).toBe('CSV_MALFORMED');
  });

  it('has fields of at most 20,000 characters', () => {
    const long = (length: number) => `id,name,note\n1,Kelp,${'n'.repeat(length)}\n`;
    expect(codeOf(() => read(long(20_000)))).toBe('read');
    expect(codeOf(() => read(long(20_001)))).toBe('CSV_MALFORMED');
  });

  it('keeps 100 addresses, papers and numbers of a party each, and says where a list has more', () => {
    const numbers = (count: number) => {
      const list = read(
        `id,name,type,registration number\n1,Kelp,entity,${Array.from({ length: count }, (_, at) => `R${at}`).join(';')}\n`,
      );
      return [
        entryIn(list, 'csv:brokers:1').entity?.ids.length,
        list.flags.filter(({ code }) => code === 'TOO_MANY').length,
      ];
    };
    expect(numbers(100)).toEqual([100, 0]);
    expect(numbers(101)).toEqual([100, 1]);
  });
});
