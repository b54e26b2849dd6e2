/** Which column of a table holds which field: as the officer says, else as the headers are commonly written. */
import type { FieldFault } from '../base/error.ts';
import { refuse } from './errors.ts';

/** Fields, and headers that mean them, in small letters without signs between words. */
const FIELDS = {
  id: ['id', 'uid', 'entity id', 'entry id', 'record id', 'list id', 'ent num', 'unique id'],
  type: ['type', 'kind', 'schema', 'entity type', 'subject type', 'party type', 'record type'],
  name: [
    'name',
    'full name',
    'whole name',
    'primary name',
    'entity name',
    'party name',
    'name of party',
    'vessel name',
    'ship name',
  ],
  'first-name': ['first name', 'given name', 'given names', 'forename', 'first names'],
  'last-name': ['last name', 'family name', 'surname'],
  alias: ['alias', 'aliases', 'aka', 'a k a', 'other names', 'also known as', 'alternative names'],
  'weak-alias': ['weak alias', 'weak aliases', 'low quality alias', 'low quality aliases'],
  'former-name': [
    'former name',
    'former names',
    'previous name',
    'previous names',
    'fka',
    'formerly known as',
  ],
  'original-script': ['original script', 'name original script', 'name in original script', 'native name'],
  born: ['born', 'birth date', 'date of birth', 'dob', 'dates of birth', 'birth dates'],
  'birth-place': ['birth place', 'place of birth', 'pob', 'birthplace'],
  nationality: ['nationality', 'nationalities', 'citizenship', 'citizenships'],
  sex: ['sex', 'gender'],
  passport: ['passport', 'passport number', 'passport no', 'passports'],
  'identity-card': ['identity card', 'identity card number', 'national id', 'national id number', 'id card'],
  'document-country': ['document country', 'issuing country', 'passport country', 'country of issue'],
  'registration-number': [
    'registration number',
    'company number',
    'register number',
    'registration no',
    'national register number',
  ],
  'vat-number': ['vat number', 'vat', 'vat no'],
  lei: ['lei', 'legal entity identifier'],
  address: ['address', 'addresses', 'street', 'street address'],
  city: ['city', 'town'],
  country: ['country', 'countries', 'country code', 'address country'],
  imo: ['imo', 'imo number', 'imo no'],
  mmsi: ['mmsi', 'mmsi number'],
  'call-sign': ['call sign', 'callsign'],
  flag: ['flag', 'flags', 'vessel flag', 'flag state', 'ship flag'],
  'vessel-type': ['vessel type', 'ship type', 'type of vessel', 'type of ship'],
  mark: ['mark', 'tail number', 'registration mark', 'aircraft registration', 'tail no'],
  'serial-number': ['serial number', 'construction number', 'msn', 'manufacturer serial number'],
  icao24: ['icao24', 'icao 24', 'mode s', 'mode s code', '24 bit address'],
  since: ['since', 'listed on', 'listed', 'listing date', 'date listed', 'date of listing', 'effective date'],
  reason: ['reason', 'programme', 'program', 'programs', 'list type', 'ground'],
  note: ['note', 'notes', 'remark', 'remarks', 'comment', 'comments'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type ColumnField = keyof typeof FIELDS;

/** In a mapping: a column that is left out. */
const IGNORED = 'ignore';
const NAMES = Object.keys(FIELDS) as readonly ColumnField[];
/** Fields whose column is given at most once: which of two dates or types would hold cannot be guessed. */
const ONCE: ReadonlySet<ColumnField> = new Set([
  'id',
  'type',
  'name',
  'first-name',
  'last-name',
  'document-country',
  'since',
]);

const isField = (text: string): text is ColumnField => Object.hasOwn(FIELDS, text);

const plain = (header: string): string =>
  header
    .replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

const guessed = (header: string): ColumnField | undefined =>
  NAMES.find((field) => (FIELDS[field] as readonly string[]).includes(plain(header)));

export interface Columns {
  /** Numbers of columns from 0, by field. */
  readonly of: ReadonlyMap<ColumnField, readonly number[]>;
  /** Columns that no field takes, which are kept in the notes. */
  readonly rest: readonly number[];
}

/**
 * Columns of a header row. With a mapping, what it does not name is kept in the notes and nothing is guessed. Throws
 * COLUMNS_UNCLEAR, whose faults name the columns.
 */
export function columnsOf(
  headers: readonly string[],
  mapping: Readonly<Record<string, string>> | undefined,
): Columns {
  const faults: FieldFault[] = [];
  const fault = (path: string, code: string, message: string) => faults.push({ path, code, message });
  const seen = new Set<string>();
  for (const [index, header] of headers.entries()) {
    if (header === '') fault(`column ${index + 1}`, 'NO_HEADER', 'expected a header, got none');
    else if (seen.has(header)) fault(header, 'DUPLICATE', 'expected each header once');
    seen.add(header);
  }
  for (const [header, field] of Object.entries(mapping ?? {})) {
    if (!seen.has(header))
      fault(header, 'NO_COLUMN', `expected one of the columns ${headers.join(', ').slice(0, 300)}`);
    if (!isField(field) && field !== IGNORED)
      fault(header, 'UNKNOWN_FIELD', `expected one of ${NAMES.join(', ')}, ${IGNORED}`);
  }
  const of = new Map<ColumnField, number[]>();
  const rest: number[] = [];
  for (const [index, header] of headers.entries()) {
    const stated = mapping && Object.hasOwn(mapping, header) ? mapping[header] : undefined;
    if (stated === IGNORED) continue;
    const field = mapping === undefined ? guessed(header) : stated;
    if (field === undefined || !isField(field)) rest.push(index);
    else of.set(field, [...(of.get(field) ?? []), index]);
  }
  for (const [field, indexes] of of)
    if (ONCE.has(field) && indexes.length > 1)
      fault(
        field,
        'AMBIGUOUS',
        `expected one column for ${field}, got ${indexes.map((at) => headers[at]).join(', ')}; map them`,
      );
  if (!of.has('id'))
    fault('id', 'REQUIRED', 'expected a column for id, which tells entries of two editions apart; map one');
  if (!of.has('name') && !of.has('last-name'))
    fault('name', 'REQUIRED', 'expected a column for name; map one');
  if (faults.length > 0)
    throw refuse(
      'COLUMNS_UNCLEAR',
      `expected columns whose meaning is clear: ${faults
        .map(({ path }) => path)
        .join(', ')
        .slice(0, 300)}`,
      {
        faults: faults.slice(0, 100),
      },
    );
  return { of, rest };
}
