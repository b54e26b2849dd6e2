/** A list as a plain table with a header: each row a party. Several values in one field are parted by `;` or `|`. */
import { parsePartialDate } from '../record/index.ts';
import { readCsv, textOfFile } from './csv.ts';
import { type ColumnField, type Columns, columnsOf } from './csv-columns.ts';
import {
  countEntries,
  ListEntries,
  type ListFormat,
  onlyFile,
  type PartyKind,
  prefixOf,
  type Reading,
  type ReadOptions,
} from './list.ts';
import { emptyParty, entryOf, type ListedParty, type NameUse } from './party.ts';
import type { DateJson } from './un-names.ts';

const DELIMITERS = [',', ';', '\t'] as const;

/** What types are called; a table without a type column is told by what a row has. */
const KINDS: ReadonlyMap<string, PartyKind> = new Map(
  (
    [
      ['person', ['person', 'individual', 'natural person', 'p', 'i']],
      [
        'entity',
        [
          'entity',
          'company',
          'organisation',
          'organization',
          'enterprise',
          'legal entity',
          'body',
          'e',
          'group',
        ],
      ],
      ['vessel', ['vessel', 'ship', 'v']],
      ['aircraft', ['aircraft', 'airplane', 'plane', 'a']],
    ] as const
  ).flatMap(([kind, words]) => words.map((word) => [word, kind] as const)),
);

function* readCsvList(files: readonly Uint8Array[], options: ReadOptions): Reading {
  const prefix = prefixOf('csv', options.list);
  const text = textOfFile(onlyFile(files));
  const table = readCsv(text, { delimiter: delimiterOf(text) });
  const [headers = [], ...rows] = table.rows;
  const columns = columnsOf(headers, options.mapping);
  countEntries(rows.length);
  const entries = new ListEntries(prefix, options);
  for (const [index, row] of rows.entries()) {
    addRow(entries, new Row(row, headers, columns), `row[${index + 1}]`, { prefix, options });
    yield;
  }
  return {
    ...entries.finish(),
    title: `list ${prefix.slice(4, -1)}, table`,
    edition: '',
    whole: false,
    rows: rows.length,
  };
}

/** The sign that the first line has most of. */
function delimiterOf(text: string): string {
  const end = text.search(/[\r\n]/);
  const first = text.slice(0, Math.min(end === -1 ? text.length : end, 100_000));
  const count = (sign: string) => first.split(sign).length;
  return [...DELIMITERS].sort((a, b) => count(b) - count(a))[0] ?? ',';
}

/** One row, by field. */
class Row {
  readonly cells: readonly string[];
  readonly #headers: readonly string[];
  readonly #columns: Columns;

  constructor(cells: readonly string[], headers: readonly string[], columns: Columns) {
    this.cells = cells;
    this.#headers = headers;
    this.#columns = columns;
  }

  text(field: ColumnField): string {
    const [column] = this.#columns.of.get(field) ?? [];
    return column === undefined ? '' : (this.cells[column] ?? '');
  }

  values(field: ColumnField): readonly string[] {
    return (this.#columns.of.get(field) ?? [])
      .flatMap((column) => (this.cells[column] ?? '').split(/[;|]/))
      .map((value) => value.trim())
      .filter((value) => value !== '');
  }

  /** Columns that no field takes, with their headers. */
  rest(): readonly (readonly [string, string])[] {
    return this.#columns.rest.map(
      (column) => [this.#headers[column] ?? '', this.cells[column] ?? ''] as const,
    );
  }

  /** By header, so that columns in another order say the same. */
  says(): unknown {
    return this.#headers
      .map((header, column) => [header, this.cells[column] ?? ''] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1));
  }
}

function kindOf(row: Row): PartyKind | undefined {
  const type = row.text('type').toLowerCase();
  if (type !== '') return KINDS.get(type);
  const has = (...fields: readonly ColumnField[]) => fields.some((field) => row.text(field) !== '');
  if (has('imo', 'mmsi', 'call-sign', 'vessel-type')) return 'vessel';
  if (has('mark', 'icao24')) return 'aircraft';
  return has('first-name', 'last-name', 'born', 'passport', 'identity-card', 'sex') ? 'person' : 'entity';
}

function addRow(
  entries: ListEntries,
  row: Row,
  place: string,
  { prefix, options }: { readonly prefix: string; readonly options: ReadOptions },
): void {
  const id = row.text('id');
  const kind = kindOf(row);
  if (kind === undefined)
    entries.fault(
      `${place}.type`,
      'TYPE',
      'expected person, entity, vessel or aircraft, or a common word for one',
    );
  if (!entries.claim(id, place, 'id') || kind === undefined) return;
  const since = dateOf(row.text('since'));
  const reason = row.text('reason').slice(0, 300);
  const list = prefix.slice(4, -1);
  const party = partyOf(kind, row);
  if (since === undefined) party.notes.push(['listed', row.text('since')]);
  entries.add({
    ...entryOf(party, {
      reasons: ['national-sanction'],
      ...(since && { since }),
      nowMs: options.nowMs,
      comment: `Listed in ${list}: ${reason || 'no reason stated'}. Taken over, not assessed.`,
      handle: `list ${list}, entry ${id}`,
      fileNumber: prefix + id,
      provenance: `list ${list}, table, entry ${id}, ${reason}`,
    }),
    id,
    kind,
    place,
    says: row.says(),
  });
}

/** As parsePartialDate reads it; `02/03/2019` has two meanings, so it has none. */
function dateOf(text: string): DateJson | undefined {
  const date = parsePartialDate(text.replace(/[T ]\d\d:\d\d.*$/, ''));
  if (date === undefined) return undefined;
  const { year, month, day, approximate } = date;
  return { year, ...(month > 0 && { month }), ...(day > 0 && { day }), ...(approximate && { approximate }) };
}

const NAMES: readonly (readonly [ColumnField, NameUse])[] = [
  ['original-script', 'original'],
  ['alias', 'alias'],
  ['weak-alias', 'weak'],
  ['former-name', 'former'],
];

function partyOf(kind: PartyKind, row: Row): ListedParty {
  const party = emptyParty(kind);
  const whole = row.text('name') || `${row.text('first-name')} ${row.text('last-name')}`.trim();
  if (whole !== '') party.names.push({ text: whole, use: 'primary' });
  for (const [field, use] of NAMES) for (const text of row.values(field)) party.names.push({ text, use });
  for (const words of row.values('born')) {
    const date = dateOf(words);
    party.births.push({ words, ...(date && { date }) });
  }
  party.birthPlaces.push(row.text('birth-place'));
  party.nationalities.push(...row.values('nationality'));
  party.sexes.push(...row.values('sex').map((sex) => ({ m: 'male', f: 'female' })[sex.toLowerCase()] ?? sex));
  const [country = ''] = row.values('country');
  const issuer = row.text('document-country');
  for (const number of row.values('passport'))
    party.documents.push({ words: 'Passport', number, country: issuer });
  for (const number of row.values('identity-card'))
    party.documents.push({ words: 'identity card', number, country: issuer });
  for (const value of row.values('registration-number'))
    party.ids.push({ scheme: 'national-register', value, issuer: country });
  for (const value of row.values('vat-number')) party.ids.push({ scheme: 'vat', value, issuer: country });
  for (const value of row.values('lei')) party.ids.push({ scheme: 'lei', value, issuer: '' });
  if (kind === 'entity')
    for (const value of row.values('imo')) party.ids.push({ scheme: 'imo-company', value, issuer: '' });
  const address = { text: row.text('address'), city: row.text('city'), country };
  if (address.text + address.city + address.country !== '') party.addresses.push(address);
  party.imo.push(...row.values('imo'));
  party.mmsi.push(...row.values('mmsi'));
  party.callSigns.push(...row.values('call-sign'));
  party.flags.push(...row.values('flag'));
  party.shipTypes.push(row.text('vessel-type'));
  party.marks.push(...row.values('mark'));
  party.serials.push(...row.values('serial-number'));
  party.icao24.push(...row.values('icao24'));
  party.notes.push(['reason', row.text('reason')], ['note', row.text('note')], ...row.rest());
  return party;
}

export const CSV_LIST: ListFormat = { read: readCsvList };
