import { describe, expect, it } from 'vitest';
import { hex, utf8 } from '../../../src/base/bytes.ts';
import { codeOf, entryIn, readList } from '../../support/listed.ts';

// Everybody and everything in these lists is invented.
const entity = (
  id: string,
  schema: string,
  properties: Readonly<Record<string, readonly unknown[]>>,
  more: object = {},
) => JSON.stringify({ id, schema, properties, ...more });
const LINES = [
  entity(
    'NK-1',
    'Person',
    {
      name: ['Orsolo Venn', 'Орсоло Венн'],
      weakAlias: ['Tarry'],
      previousName: ['O. Tarrick'],
      birthDate: ['1966-05', '1967'],
      nationality: ['no', 'suhh'],
      gender: ['male'],
      passportNumber: ['Q0001'],
      topics: ['sanction', 'role.pep'],
      addressEntity: ['addr-1'],
      position: ['Harbour master'],
    },
    { caption: 'Orsolo Venn', datasets: ['un_sc_sanctions', 'kelp'], target: true },
  ),
  entity('pass-1', 'Passport', { holder: ['NK-1'], number: ['Q0001'], country: ['no'] }),
  entity('addr-1', 'Address', { full: ['4 Kelp Stairs, Port Brava'], country: ['no'] }),
  entity('sanc-1', 'Sanction', {
    entity: ['NK-1'],
    authority: ['Kelp Council'],
    startDate: ['2014-03-17'],
    listingDate: ['2012-01-02T10:00:00'],
  }),
  entity('NK-2', 'Company', {
    name: ['Quellmar Shipping'],
    jurisdiction: ['no'],
    registrationNumber: ['12-34'],
    leiCode: ['529900T8BM49AURSDO55'],
    topics: ['debarment'],
  }),
  entity('NK-3', 'Vessel', {
    name: ['Kelp Star'],
    imoNumber: ['9074729'],
    mmsi: ['257000001'],
    callSign: ['LKEL'],
    flag: ['no'],
    pastFlags: ['mt'],
    type: ['Tug'],
    grossRegisteredTonnage: ['1098'],
    topics: ['sanction'],
  }),
  entity('NK-4', 'Airplane', { name: ['LN-KLP'], serialNumber: ['402001'], topics: ['sanction'] }),
  entity('NK-5', 'Person', { name: ['Minister Nobody'], topics: ['role.pep'] }),
  entity('NK-6', 'LegalEntity', { name: ['Linked Nobody'], topics: ['sanction.linked'] }),
];
const file = (lines: readonly string[]) => utf8(`${lines.join('\n')}\n`);
const read = (bytes: Uint8Array, list?: string) =>
  readList('opensanctions', [bytes], list === undefined ? {} : { list });

describe('FollowTheMoney entities', () => {
  it('takes parties with a topic of listing, and nobody who is merely in office or related', () => {
    const found = read(file(LINES));
    expect(found).toMatchObject({
      prefix: 'ftm:opensanctions:',
      persons: 1,
      entities: 1,
      vessels: 1,
      aircraft: 1,
      whole: false,
      rows: 9,
    });
    expect(read(file(LINES), 'kelp').entries.map(({ key }) => key)).toEqual([
      'ftm:kelp:NK-1',
      'ftm:kelp:NK-2',
      'ftm:kelp:NK-3',
      'ftm:kelp:NK-4',
    ]);
  });

  it('maps a person with papers, addresses and sanctions that stand in lines of their own', () => {
    const { person, notes, summary } = entryIn(read(file(LINES)), 'ftm:opensanctions:NK-1');
    expect(person?.names.map(({ text, type }) => [text, type])).toEqual([
      ['Orsolo Venn', 1],
      ['Орсоло Венн', 2],
      ['Tarry', 3],
      ['O. Tarrick', 4],
    ]);
    expect(person?.born).toEqual({ year: 1966, month: 5, day: 0, approximate: false });
    expect(person?.nationalities).toEqual(['NO']);
    expect(person?.documents.map(({ country, number }) => [country, number])).toEqual([['NO', 'Q0001']]);
    for (const kept of [
      'suhh',
      '1967',
      'Harbour master',
      '4 Kelp Stairs, Port Brava',
      'Kelp Council',
      'kelp, un_sc_sanctions',
    ])
      expect(notes).toContain(kept);
    expect(summary.since).toEqual({ year: 2012, month: 1, day: 2, approximate: false });
    expect(summary.reasons).toEqual([11, 12]);
  });

  it('maps companies, ships and aircraft', () => {
    const found = read(file(LINES));
    const { entity: company } = entryIn(found, 'ftm:opensanctions:NK-2');
    expect(company?.incorporationCountry).toBe('NO');
    expect(company?.ids.map(({ scheme, value }) => [scheme, value])).toEqual([
      [2, '12-34'],
      [1, '529900T8BM49AURSDO55'],
    ]);
    const ship = entryIn(found, 'ftm:opensanctions:NK-3');
    expect(ship.vessel).toMatchObject({
      imo: '9074729',
      mmsi: '257000001',
      callSign: 'LKEL',
      type: 'Tug',
      flags: [{ country: 'NO' }, { country: 'MT' }],
    });
    expect(ship.notes).toContain('grossRegisteredTonnage: 1098');
    expect(entryIn(found, 'ftm:opensanctions:NK-4').aircraft).toMatchObject({
      registrations: [{ mark: 'LN-KLP' }],
      serialNumber: '402001',
    });
  });

  it('is the same entry in any order of lines and values, and another when a line about it changes', () => {
    const digest = (lines: readonly string[]) =>
      hex(read(file(lines)).entries.find(({ key }) => key.endsWith('NK-1'))?.digest ?? new Uint8Array());
    const swapped = LINES.map((line) =>
      line.replace('"Orsolo Venn","Орсоло Венн"', '"Орсоло Венн","Orsolo Venn"'),
    );
    expect(digest([...swapped].reverse())).toBe(digest(LINES));
    expect(digest(LINES.map((line) => line.replace('Kelp Council', 'Kelp Board')))).not.toBe(digest(LINES));
  });

  it('refuses cut files and other shapes, by line, and quotes nothing of them', () => {
    const whole = file(LINES);
    expect(codeOf(() => read(whole.subarray(0, whole.length - 1)))).toBe('JSON_MALFORMED');
    const wrong = [
      '{"id":"NK-1"',
      '[]',
      '{"id":1,"schema":"Person","properties":{}}',
      '{"id":"a","schema":"Person"}',
      entity('a', 'Person', { name: [{ id: 'secret' }] }),
      '"x"',
      '['.repeat(100_000),
    ];
    for (const line of wrong) {
      expect(
        codeOf(() => read(file([...LINES, line]))),
        line.slice(0, 40),
      ).toBe('JSON_MALFORMED');
      expect(() => read(file([...LINES, line]))).toThrow(/in line 10$/);
    }
    expect(codeOf(() => read(file([...LINES, LINES[0] ?? ''])))).toBe('ENTRY_INVALID');
    expect(codeOf(() => read(file(LINES.slice(7))))).toBe('LIST_INVALID');
    expect(codeOf(() => read(utf8('')))).toBe('LIST_INVALID');
    expect(codeOf(() => read(whole, 'Kelp List'))).toBe('LIST_INVALID');
    expect(codeOf(() => read(file([entity('a b', 'Person', { name: ['x'], topics: ['sanction'] })])))).toBe(
      'ENTRY_INVALID',
    );
  });

  it('reads lines of 1,048,576 characters, and no longer ones', () => {
    const line = (length: number) => {
      const bare = entity('NK-9', 'Address', { full: [''] });
      return entity('NK-9', 'Address', { full: ['x'.repeat(length - bare.length)] });
    };
    expect(codeOf(() => read(file([...LINES, line(1_048_576)])))).toBe('read');
    expect(codeOf(() => read(file([...LINES, line(1_048_577)])))).toBe('JSON_MALFORMED');
  });

  it('does not take names of prototypes for properties', () => {
    const line =
      '{"id":"NK-9","schema":"Person","properties":{"__proto__":["x"],"constructor":["y"],"name":["Kelp"],"topics":["sanction"]}}';
    expect(entryIn(read(file([line])), 'ftm:opensanctions:NK-9').notes).toContain('constructor: y');
  });
});
