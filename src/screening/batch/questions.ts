/** From rows and a mapping that a person confirmed to questions: every name and every number of a row is one. */
import type { BirthDate, SubjectType } from '../names/party.ts';
import { refuse } from './errors.ts';
import { type BatchField, type ColumnMapping, isAskedField, isNameField, SCHEME_OF } from './fields.ts';
import type { Table, TableRow } from './table.ts';
import { type DayOrder, dayOrderOf, parseBirthDate, parseCountry, parseSubject } from './values.ts';

/** As ScreenStream takes them. */
export const MOST_QUESTIONS = 100_000;
/** As ScreeningQuery takes them. */
const NAME_CHARACTERS = 300;
const NUMBER_CHARACTERS = 64;
const ABOUT_CHARACTERS = 200;

/** What is asked of one cell; a ScreeningQuery in the words of this program. */
export interface BatchQuestion {
  /** As a spreadsheet counts. */
  readonly row: number;
  /** From 0. */
  readonly column: number;
  readonly name?: string;
  readonly identifier?: { readonly scheme: string; readonly value: string };
  readonly subject?: Exclude<SubjectType, 'unknown'>;
  readonly born?: BirthDate;
  /** ISO 3166-1 alpha-2. */
  readonly countries: readonly string[];
  readonly about: {
    readonly maker?: string;
    readonly model?: string;
    readonly calibre?: string;
    readonly country?: string;
    /** Of a ship, beside its numbers. */
    readonly name?: string;
  };
  readonly reference: string;
}

/** Cells that a question cannot carry: nothing is asked of them, and the result says so. */
export interface UnreadCell {
  readonly row: number;
  readonly column: number;
  /** `born` and `country` are left out of the question; the others are not asked at all. */
  readonly what: 'born' | 'country' | 'subject' | 'name-too-long' | 'number-too-long';
}

export interface BatchQuestions {
  readonly questions: readonly BatchQuestion[];
  readonly unread: readonly UnreadCell[];
}

interface Reading {
  readonly columnsOf: (field: BatchField) => readonly number[];
  readonly dayOrder: DayOrder;
  readonly unread: UnreadCell[];
}

function readerOf(table: Table, mapping: ColumnMapping): Reading {
  const columns = Map.groupBy(mapping.keys(), (at) => mapping[at]);
  const columnsOf = (field: BatchField) => columns.get(field) ?? [];
  const [born] = columnsOf('born');
  return {
    columnsOf,
    dayOrder: born === undefined ? 'unknown' : dayOrderOf(table.rows.map(({ cells }) => cells[born] ?? '')),
    unread: [],
  };
}

/** Several numbers in one cell are several questions. */
const numbersIn = (cell: string): readonly string[] =>
  cell
    .split(/[;,|\n]/)
    .map((part) => part.trim())
    .filter((part) => part !== '');

function beside({ row, cells }: TableRow, { columnsOf, dayOrder, unread }: Reading) {
  const cellOf = (field: BatchField) => {
    const [column] = columnsOf(field);
    return { column: column ?? 0, text: column === undefined ? '' : (cells[column] ?? '').trim() };
  };
  const parsed = <Value>(
    field: 'born' | 'country' | 'subject',
    parse: (text: string) => Value | undefined,
  ) => {
    const { column, text } = cellOf(field);
    const value = text === '' ? undefined : parse(text);
    if (text !== '' && value === undefined) unread.push({ row, column, what: field });
    return value;
  };
  const text = (field: BatchField) => cellOf(field).text.slice(0, ABOUT_CHARACTERS);
  const maker = text('maker');
  const model = text('model');
  const calibre = text('calibre');
  return {
    subject: parsed('subject', parseSubject),
    born: parsed('born', (cell) => parseBirthDate(cell, dayOrder)),
    country: parsed('country', parseCountry),
    about: {
      ...(maker !== '' && { maker }),
      ...(model !== '' && { model }),
      ...(calibre !== '' && { calibre }),
    },
    ship: text('vessel'),
    reference: text('reference'),
    // The order of the two says nothing to whoever compares them.
    joined: [cellOf('given-name').text, cellOf('family-name').text].filter((part) => part !== '').join(' '),
  };
}

const SHIP_NUMBERS: readonly BatchField[] = ['imo', 'mmsi', 'call-sign'];

const besideNumber = (
  field: BatchField,
  about: BatchQuestion['about'],
  ship: string,
): BatchQuestion['about'] => {
  if (field === 'serial') return about;
  return SHIP_NUMBERS.includes(field) && ship !== '' ? { name: ship } : {};
};

function questionsOf(tableRow: TableRow, mapping: ColumnMapping, reading: Reading): BatchQuestion[] {
  const { row, cells } = tableRow;
  const { subject, born, country, about, ship, reference, joined } = beside(tableRow, reading);
  const questions: BatchQuestion[] = [];
  const askName = (column: number, name: string, isShip: boolean) => {
    if (name.length > NAME_CHARACTERS) reading.unread.push({ row, column, what: 'name-too-long' });
    else
      questions.push({
        row,
        column,
        name,
        // What else the row states is of its people.
        ...(isShip
          ? { subject: 'vessel' as const, countries: [] }
          : {
              ...(subject !== undefined && { subject }),
              ...(born !== undefined && { born }),
              countries: country === undefined ? [] : [country],
            }),
        about: {},
        reference,
      });
  };
  const [joinedColumn] = [...reading.columnsOf('family-name'), ...reading.columnsOf('given-name')];
  if (joined !== '' && joinedColumn !== undefined) askName(joinedColumn, joined, false);
  for (const [column, field] of mapping.entries()) {
    const cell = (cells[column] ?? '').trim();
    if (field === undefined || !isAskedField(field) || cell === '') continue;
    if (isNameField(field)) askName(column, cell, field === 'vessel');
    else
      for (const value of numbersIn(cell))
        if (value.length > NUMBER_CHARACTERS) reading.unread.push({ row, column, what: 'number-too-long' });
        else
          questions.push({
            row,
            column,
            identifier: { scheme: SCHEME_OF[field], value },
            countries: [],
            about: besideNumber(field, about, ship),
            reference,
          });
  }
  return questions;
}

/** Throws NOTHING_TO_ASK where no column holds names or numbers, TOO_MANY_QUESTIONS. */
export function batchQuestions(table: Table, mapping: ColumnMapping): BatchQuestions {
  const asks = (field: BatchField | undefined) =>
    field !== undefined && (isAskedField(field) || field === 'given-name' || field === 'family-name');
  if (!mapping.some(asks))
    throw refuse(
      'NOTHING_TO_ASK',
      'expected a column of names or numbers, got a mapping without any; say which column is which',
    );
  const reading = readerOf(table, mapping);
  const questions: BatchQuestion[] = [];
  for (const row of table.rows) {
    questions.push(...questionsOf(row, mapping, reading));
    if (questions.length > MOST_QUESTIONS)
      throw refuse(
        'TOO_MANY_QUESTIONS',
        `expected at most ${MOST_QUESTIONS} names and numbers in all, got more by row ${row.row}; send the file in parts`,
        { facts: { row: row.row } },
      );
  }
  return { questions, unread: reading.unread };
}
