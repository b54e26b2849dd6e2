/**
 * The list of specially designated nationals of the Office of Foreign Assets Control as tables (data specification of 2023):
 * `sdn.csv`, and beside it `alt.csv`, `add.csv` and `sdn_comments.csv` where given, in any order: their widths tell them apart.
 * No header, `-0-` for what is absent, and a control-Z at the end.
 */
import { type CsvTable, readCsv, textOfFile } from './csv.ts';
import { refuse } from './errors.ts';
import {
  countEntries,
  ListEntries,
  type ListFormat,
  type PartyKind,
  type Reading,
  type ReadOptions,
} from './list.ts';
import { nameUse, spokenName, takeFact, takeRemarks } from './ofac-facts.ts';
import { emptyParty, entryOf, type ListedParty } from './party.ts';

/** Columns of each table. */
const WIDTHS = { sdn: 12, alt: 5, add: 6, comments: 2 } as const;
type TableName = keyof typeof WIDTHS;
const END = '\x1a';

interface OfacTable extends CsvTable {
  /** The control-Z that ends each of the tables is there. */
  readonly whole: boolean;
}

type Row = readonly string[];

const KINDS: ReadonlyMap<string, PartyKind> = new Map([
  ['', 'entity'],
  ['entity', 'entity'],
  ['individual', 'person'],
  ['vessel', 'vessel'],
  ['aircraft', 'aircraft'],
]);

function tableOf(bytes: Uint8Array): OfacTable {
  const text = textOfFile(bytes).trimEnd();
  const whole = text.endsWith(END);
  const table = readCsv(whole ? text.slice(0, -1) : text);
  const rows = table.rows.map((row) => row.map((field) => (field === '-0-' ? '' : field)));
  return { ...table, rows, whole };
}

function tablesOf(files: readonly Uint8Array[]): ReadonlyMap<TableName, OfacTable> {
  const tables = new Map<TableName, OfacTable>();
  for (const file of files) {
    const table = tableOf(file);
    const name = (Object.keys(WIDTHS) as TableName[]).find((one) => WIDTHS[one] === table.width);
    if (name === undefined || tables.has(name))
      throw refuse(
        'LIST_INVALID',
        'expected tables of 12 (sdn), 5 (alt), 6 (add) and 2 columns (sdn_comments), each at most once, ' +
          `got ${name === undefined ? `one of ${table.width}` : `two of ${table.width}`}`,
      );
    tables.set(name, table);
  }
  return tables;
}

/** Rows by the number of the entry that they belong to. */
function byEntry(table: OfacTable | undefined): ReadonlyMap<string, readonly Row[]> {
  const rows = new Map<string, Row[]>();
  for (const row of table?.rows ?? []) {
    const [id = ''] = row;
    const known = rows.get(id);
    if (known) known.push(row);
    else rows.set(id, [row]);
  }
  return rows;
}

function* readOfacCsv(files: readonly Uint8Array[], options: ReadOptions): Reading {
  const tables = tablesOf(files);
  const main = tables.get('sdn');
  if (main === undefined)
    throw refuse('LIST_INVALID', 'expected the table sdn.csv of 12 columns, it is not there');
  countEntries(main.rows.length);
  const names = byEntry(tables.get('alt'));
  const addresses = byEntry(tables.get('add'));
  const comments = byEntry(tables.get('comments'));
  const entries = new ListEntries('ofac:', options);
  const known = new Set(main.rows.map(([id = '']) => id));
  // Tables of two editions, or one cut short.
  for (const [name, rows] of [
    ['alt', names],
    ['add', addresses],
    ['sdn_comments', comments],
  ] as const)
    for (const id of rows.keys())
      if (!known.has(id))
        entries.fault(`${name}.${id.slice(0, 20)}`, 'NO_ENTRY', 'expected rows of entries of sdn.csv');
  for (const [index, row] of main.rows.entries()) {
    yield;
    const place = `sdn[${index}]`;
    const [id = '', , type = ''] = row;
    const kind = KINDS.get(type.toLowerCase());
    if (kind === undefined)
      entries.fault(`${place}.type`, 'TYPE', 'expected individual, vessel, aircraft or nothing');
    if (!entries.claim(id, place, 'ent_num') || kind === undefined) continue;
    const parts = [names, addresses, comments].map((rows) => rows.get(id) ?? []);
    const [alt = [], add = [], more = []] = parts;
    entries.add({
      ...entryOf(partyOf(kind, row, alt, add, more), {
        reasons: ['national-sanction'],
        nowMs: options.nowMs,
        comment: `Listed by the Office of Foreign Assets Control of the United States: ${programsOf(row[3])}. Taken over, not assessed.`,
        handle: `OFAC SDN list, number ${id}`,
        fileNumber: `ofac:${id}`,
        provenance: `OFAC SDN list, tables, entry ${id}, programmes ${programsOf(row[3])}`,
      }),
      id,
      kind,
      place,
      says: [row, alt, add, more],
    });
  }
  return {
    ...entries.finish(),
    title: 'OFAC SDN list',
    edition: '',
    whole: [...tables.values()].every(({ whole }) => whole),
    rows: main.rows.length,
  };
}

/** `SDGT] [SDT` → `SDGT, SDT`. */
export const programsOf = (text = ''): string => text.split('] [').join(', ').slice(0, 300);

function partyOf(
  kind: PartyKind,
  [
    ,
    name = '',
    ,
    ,
    title = '',
    callSign = '',
    type = '',
    tonnage = '',
    gross = '',
    flag = '',
    owner = '',
    remarks = '',
  ]: Row,
  alt: readonly Row[],
  add: readonly Row[],
  comments: readonly Row[],
): ListedParty {
  const party = emptyParty(kind);
  const spoken = (text: string) => (kind === 'person' ? spokenName(text) : text);
  party.names.push({ text: spoken(name), use: 'primary' });
  if (spoken(name) !== name) party.notes.push(['listed as', name]);
  for (const [, , word = '', text = '', remark = ''] of alt) {
    party.names.push({ text: spoken(text), use: nameUse(word, false) });
    party.notes.push(['name', remark === '' ? '' : `${text}: ${remark}`]);
  }
  if (flag !== '') party.flags.push(flag);
  const facts = [
    ['title', title],
    ['Vessel Call Sign', callSign],
    ['Vessel Type', type],
    ['tonnage', tonnage],
    ['gross registered tonnage', gross],
    ['owner', owner],
  ] as const;
  for (const [label, value] of facts) if (value !== '') takeFact(party, { label, value, country: '' });
  for (const [, , text = '', city = '', country = '', remark = ''] of add) {
    if (text + city + country !== '') party.addresses.push({ text, city, country });
    party.notes.push(['address', remark]);
  }
  // The remarks of the table end where its column does; the rest stands in a table of its own.
  takeRemarks(party, [remarks, ...comments.map(([, text = '']) => text)].join(' '));
  return party;
}

export const OFAC_SDN: ListFormat = { read: readOfacCsv };
