import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type BatchField,
  batchQuestions,
  guessColumns,
  mappingOf,
  parseBirthDate,
  parseCountry,
  parseSubject,
  readTable,
} from '../../../../src/screening/batch/index.ts';
import { dayOrderOf } from '../../../../src/screening/batch/values.ts';

const tableOf = (...lines: readonly string[]) => readTable(new TextEncoder().encode(lines.join('\n')));

describe('the guess of columns', () => {
  it.each<readonly [string, string, readonly (BatchField | undefined)[]]>([
    [
      'English',
      'Consignee,Date of birth,Nationality,IMO number,Container no.,Remarks',
      ['name', 'born', 'country', 'imo', 'container', undefined],
    ],
    [
      'French',
      'Destinataire,Date de naissance,Nationalité,Numéro OMI,N° de conteneur,Remarques',
      ['name', 'born', 'country', 'imo', 'container', undefined],
    ],
    [
      'Spanish',
      'Consignatario,Fecha de nacimiento,Nacionalidad,N.º OMI,Número de contenedor,Notas',
      ['name', 'born', 'country', 'imo', 'container', undefined],
    ],
    [
      'Portuguese',
      'Destinatário,Data de nascimento,Nacionalidade,Número OMI,Número do contentor,Observações',
      ['name', 'born', 'country', 'imo', 'container', undefined],
    ],
    [
      'Arabic',
      'المرسل إليه,تاريخ الميلاد,الجنسيّة,رقم المنظمة البحرية,رقم الحاوية,ملاحظات',
      ['name', 'born', 'country', 'imo', 'container', undefined],
    ],
  ])('reads headers in %s', (_language, header, fields) => {
    const guesses = guessColumns(tableOf(header, 'Ada Testowa,1979-05-12,SN,9319466,CSQU3054383,fragile'));
    expect(mappingOf(guesses)).toEqual(fields);
    // A check digit that holds makes a header sure.
    expect(guesses[3]?.confidence).toBeGreaterThan(0.95);
    expect(guesses[0]?.sample).toEqual(['Ada Testowa']);
    expect(guesses[5]?.confidence).toBe(0);
  });

  it('takes the longest phrase of a header: country of origin, serial number, end user certificate', () => {
    const header = 'Country of origin;Weapon serial number;End-user certificate no;Family name;Calibre';
    expect(mappingOf(guessColumns(tableOf(header, 'SN;A1;C1;Testowa;9 mm')))).toEqual([
      'country',
      'serial',
      'certificate',
      'family-name',
      'calibre',
    ]);
  });

  it('goes by content where headers say nothing', () => {
    const table = tableOf(
      'x1;x2;x3;x4;x5',
      'Ada Testowa;CSQU3054383;9319466;Sénégal;12/05/1979',
      'Bo Testowa;MSKU6011672;9074729;Nigeria;30.11.1980',
    );
    expect(mappingOf(guessColumns(table))).toEqual(['name', 'container', 'imo', 'country', 'born']);
  });

  it('is less sure of a header that content does not bear out', () => {
    const [good, bad] = ['9319466', 'of the ship'].map(
      (cell) => guessColumns(tableOf('IMO;Note', `${cell};a`, `${cell};b`))[0]?.confidence ?? 0,
    );
    expect(good).toBeGreaterThan(0.9);
    expect(bad).toBeLessThan(0.5);
  });

  it('gives a field that one column has to the surest column; names may have several', () => {
    const table = tableOf(
      'Shipper;Consignee;Nationality;Flag',
      'A B;C D;Somewhere;SN',
      'A B;C D;Elsewhere;NG',
    );
    expect(mappingOf(guessColumns(table))).toEqual(['name', 'name', undefined, 'country']);
  });
});

describe('questions of a batch', () => {
  it('are one a name and number, with what is known beside them', () => {
    const table = tableOf(
      'Shipper;Consignee;Born;Nationality;Type;Container;Ref',
      'Ada Testowa;;12/05/1979;Senegal;person;CSQU3054383, MSKU6011672;D-1',
      ';Bo Testowa;13/05/1980;SN;;;D-2',
    );
    expect(batchQuestions(table, mappingOf(guessColumns(table)))).toEqual({
      questions: [
        {
          row: 2,
          column: 0,
          name: 'Ada Testowa',
          subject: 'person',
          born: { year: 1979, month: 5, day: 12 },
          countries: ['SN'],
          about: {},
          reference: 'D-1',
        },
        ...['CSQU3054383', 'MSKU6011672'].map((value) => ({
          row: 2,
          column: 5,
          identifier: { scheme: 'container', value },
          countries: [],
          about: {},
          reference: 'D-1',
        })),
        {
          row: 3,
          column: 1,
          name: 'Bo Testowa',
          born: { year: 1980, month: 5, day: 13 },
          countries: ['SN'],
          about: {},
          reference: 'D-2',
        },
      ],
      unread: [],
    });
  });

  it('of a ship compare her name with ships alone, and tell her numbers what she is called', () => {
    const table = tableOf('Vessel name;IMO;Consignee;Nationality', 'Blue Petrel;0001016;Ada Testowa;SN');
    const { questions } = batchQuestions(table, mappingOf(guessColumns(table)));
    expect(questions).toMatchObject([
      { name: 'Blue Petrel', subject: 'vessel', countries: [], about: {} },
      { identifier: { scheme: 'imo-ship', value: '0001016' }, about: { name: 'Blue Petrel' } },
      { name: 'Ada Testowa', countries: ['SN'], about: {} },
    ]);
    expect(questions[2]).not.toHaveProperty('subject');
  });

  it('join given and family name, and give maker and calibre to serials', () => {
    const table = tableOf('First name;Surname;Serial no;Make;Caliber', 'Ada;Testowa;AB-1234;Zastava;7.62x39');
    const { questions } = batchQuestions(table, mappingOf(guessColumns(table)));
    expect(questions).toMatchObject([
      { name: 'Ada Testowa' },
      { identifier: { scheme: 'serial', value: 'AB-1234' }, about: { maker: 'Zastava', calibre: '7.62x39' } },
    ]);
  });

  it('leave out what cannot be read, and say where', () => {
    const table = tableOf('Name;Born;Nationality', 'Ada Testowa;last spring;Atlantis');
    const { questions, unread } = batchQuestions(table, ['name', 'born', 'country']);
    expect(questions).toMatchObject([{ name: 'Ada Testowa', countries: [] }]);
    expect(questions[0]).not.toHaveProperty('born');
    expect(unread).toEqual([
      { row: 2, column: 1, what: 'born' },
      { row: 2, column: 2, what: 'country' },
    ]);
  });

  it('of a name that is too long are not asked of half of it', () => {
    const table = tableOf('Name', 'a'.repeat(301));
    expect(batchQuestions(table, ['name'])).toEqual({
      questions: [],
      unread: [{ row: 2, column: 0, what: 'name-too-long' }],
    });
  });

  it.each([
    ['NOTHING_TO_ASK', () => batchQuestions(tableOf('Born', '1979-01-01'), ['born'])],
    [
      'TOO_MANY_QUESTIONS',
      () =>
        batchQuestions(tableOf('Name,Container', ...Array<string>(50_001).fill('A B,"CSQU3054383"')), [
          'name',
          'container',
        ]),
    ],
  ])('are refused with %s', (code, ask) => {
    expect(ask).toThrow(expect.objectContaining({ code }));
  });
});

describe('values', () => {
  it.each([
    ['1979', 'unknown', { year: 1979 }],
    ['1979-05', 'unknown', { year: 1979, month: 5 }],
    ['05/1979', 'unknown', { year: 1979, month: 5 }],
    ['19790512', 'unknown', { year: 1979, month: 5, day: 12 }],
    ['12/05/1979', 'day-first', { year: 1979, month: 5, day: 12 }],
    ['12/05/1979', 'month-first', { year: 1979, month: 12, day: 5 }],
    // Day or month: nobody knows, so neither is stated.
    ['12/05/1979', 'unknown', { year: 1979 }],
    ['05/05/1979', 'unknown', { year: 1979, month: 5, day: 5 }],
    ['c. 1979', 'unknown', { year: 1979, approximate: true }],
    ['١٢/٠٥/١٩٧٩', 'day-first', { year: 1979, month: 5, day: 12 }],
    ['1979-13-01', 'unknown', undefined],
    ['1708', 'unknown', undefined],
    ['May', 'unknown', undefined],
  ] as const)('a date of birth %s, %s', (text, order, born) => {
    expect(parseBirthDate(text, order)).toEqual(born);
  });

  it('a column shows whether its dates begin with the day, unless it contradicts itself', () => {
    expect(dayOrderOf(['01/02/1979', '13/02/1979'])).toBe('day-first');
    expect(dayOrderOf(['01/02/1979', '02/13/1979'])).toBe('month-first');
    expect(dayOrderOf(['13/02/1979', '02/13/1979'])).toBe('unknown');
  });

  it.each(['SN', 'sn', 'Senegal', 'Sénégal', 'السنغال'])('the country %s', (text) => {
    expect(parseCountry(text)).toBe('SN');
  });

  it.each([
    ['Individual', 'person'],
    ['société', 'organisation'],
    ['سفينة', 'vessel'],
    ['avião', 'aircraft'],
    ['lamp', undefined],
  ])('a party of type %s', (text, subject) => {
    expect(parseSubject(text)).toBe(subject);
  });

  it('never invents a date that was not there, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        const born = parseBirthDate(text, 'unknown');
        if (born !== undefined) expect(text.normalize('NFKC')).toMatch(/\p{Nd}{4}/u);
      }),
    );
  });
});
