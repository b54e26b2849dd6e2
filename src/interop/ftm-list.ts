/**
 * Listed parties out of FollowTheMoney entities, as OpenSanctions publishes them (`entities.ftm.json`). Who is merely in office or
 * related to somebody listed is in such files too, and is no entry.
 */

import { parsePartialDate } from '../record/index.ts';
import { refuse } from './errors.ts';
import { type FtmEntity, readFtmLines } from './ftm-lines.ts';
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

const KINDS: ReadonlyMap<string, PartyKind> = new Map([
  ['Person', 'person'],
  ['Organization', 'entity'],
  ['Company', 'entity'],
  ['PublicBody', 'entity'],
  ['LegalEntity', 'entity'],
  ['Vessel', 'vessel'],
  ['Airplane', 'aircraft'],
]);

/** Topics that put a party on a watchlist, and the reason that each gives. */
const REASONS: ReadonlyMap<string, string> = new Map([
  ['sanction', 'national-sanction'],
  ['sanction.counter', 'national-sanction'],
  ['export.control', 'national-sanction'],
  ['debarment', 'national-sanction'],
  ['wanted', 'sought'],
]);
/** Data set of the Security Council's list. */
const UN_DATASET = 'un_sc_sanctions';
/** Entities that speak of a party, and the property that names it. */
const ABOUT: ReadonlyMap<string, string> = new Map([
  ['Sanction', 'entity'],
  ['Passport', 'holder'],
  ['Identification', 'holder'],
]);

type Related = ReadonlyMap<string, readonly FtmEntity[]>;

const valuesOf = (entity: FtmEntity, ...names: readonly string[]): readonly string[] =>
  names.flatMap((name) => entity.properties.get(name) ?? []);

/** Equal for files that say the same in another order. */
const canonical = ({ id, schema, properties }: FtmEntity): unknown => [
  id,
  schema,
  [...properties]
    .map(([name, values]) => [name, [...values].sort()] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1)),
];

function relatedOf(entities: readonly FtmEntity[]): Related {
  const related = new Map<string, FtmEntity[]>();
  for (const entity of entities) {
    const property = ABOUT.get(entity.schema);
    if (property === undefined) continue;
    for (const party of valuesOf(entity, property)) {
      const known = related.get(party);
      if (known) known.push(entity);
      else related.set(party, [entity]);
    }
  }
  return related;
}

function* readFtm(files: readonly Uint8Array[], options: ReadOptions): Reading {
  const prefix = prefixOf('ftm', options.list, 'opensanctions');
  const { entities, lines } = readFtmLines(onlyFile(files));
  const listed = entities.filter(
    (entity) => KINDS.has(entity.schema) && valuesOf(entity, 'topics').some((topic) => REASONS.has(topic)),
  );
  if (listed.length === 0)
    throw refuse(
      'LIST_INVALID',
      'expected entities with a topic of sanctions, export control, debarment or search, got none',
    );
  countEntries(listed.length);
  const related = relatedOf(entities);
  const addresses = new Map(
    entities.filter(({ schema }) => schema === 'Address').map((entity) => [entity.id, entity] as const),
  );
  const entries = new ListEntries(prefix, options);
  for (const entity of listed) {
    addEntity(entries, entity, { related, addresses, prefix, options });
    yield;
  }
  return {
    ...entries.finish(),
    title: `list ${prefix.slice(4, -1)}, FollowTheMoney`,
    edition: '',
    whole: false,
    rows: lines,
  };
}

interface Around {
  readonly related: Related;
  readonly addresses: ReadonlyMap<string, FtmEntity>;
  readonly prefix: string;
  readonly options: ReadOptions;
}

function addEntity(entries: ListEntries, entity: FtmEntity, around: Around): void {
  const { id, schema, line, datasets } = entity;
  const kind = KINDS.get(schema);
  const place = `line[${line}]`;
  if (kind === undefined || !entries.claim(id, place, 'id')) return;
  const about = around.related.get(id) ?? [];
  const places = valuesOf(entity, 'addressEntity').flatMap((one) => around.addresses.get(one) ?? []);
  const sanctions = about.filter((one) => one.schema === 'Sanction');
  const authorities = [...new Set(sanctions.flatMap((one) => valuesOf(one, 'authority')))].sort().join(', ');
  const since = listedSince(sanctions);
  const sets = [...datasets].sort().join(', ');
  entries.add({
    ...entryOf(partyOf(kind, entity, about, places), {
      reasons: reasonsOf(entity),
      ...(since && { since }),
      nowMs: around.options.nowMs,
      comment: `Listed by ${authorities.slice(0, 500) || 'authorities that the list does not name'}. Taken over, not assessed.`,
      handle: `${around.prefix.slice(0, -1)}, entity ${id}`,
      fileNumber: around.prefix + id,
      provenance: `list ${around.prefix.slice(4, -1)}, FollowTheMoney, entity ${id}, data sets ${sets}`,
    }),
    id,
    kind,
    place,
    says: [entity, ...[...about, ...places].sort((a, b) => (a.id < b.id ? -1 : 1))].map(canonical),
  });
}

function reasonsOf(entity: FtmEntity): readonly string[] {
  const reasons = valuesOf(entity, 'topics').flatMap((topic) => REASONS.get(topic) ?? []);
  const isUn = entity.datasets.includes(UN_DATASET);
  return [...new Set([...(isUn ? ['un-listed'] : []), ...reasons])];
}

/** `2001-10-06`, or longer with a time. */
function dateOf(text: string): DateJson | undefined {
  const date = parsePartialDate(text.replace(/T.*$/, ''));
  if (date === undefined) return undefined;
  const { year, month, day } = date;
  return { year, ...(month > 0 && { month }), ...(day > 0 && { day }) };
}

function listedSince(sanctions: readonly FtmEntity[]): DateJson | undefined {
  const [first] = sanctions
    .flatMap((one) => valuesOf(one, 'listingDate', 'startDate'))
    .filter((text) => dateOf(text) !== undefined)
    .sort();
  return first === undefined ? undefined : dateOf(first);
}

const NAMES: readonly (readonly [property: string, use: NameUse])[] = [
  ['name', 'alias'],
  ['alias', 'alias'],
  ['weakAlias', 'weak'],
  ['previousName', 'former'],
];
/** Numbers of companies by the property that holds them. */
const NUMBERS: readonly (readonly [property: string, scheme: ListedParty['ids'][number]['scheme']])[] = [
  ['registrationNumber', 'national-register'],
  ['taxNumber', 'national-register'],
  ['innCode', 'national-register'],
  ['ogrnCode', 'national-register'],
  ['uscCode', 'national-register'],
  ['vatCode', 'vat'],
  ['leiCode', 'lei'],
  ['uniqueEntityId', 'uei'],
  ['swiftBic', 'bic'],
  ['bicCode', 'bic'],
  ['imoNumber', 'imo-company'],
];
/** What is read above; everything else is kept in the notes by its name. */
const READ: ReadonlySet<string> = new Set([
  ...NAMES.map(([name]) => name),
  ...NUMBERS.map(([name]) => name),
  ...[
    'topics',
    'addressEntity',
    'address',
    'birthDate',
    'birthPlace',
    'nationality',
    'citizenship',
    'gender',
  ],
  ...[
    'passportNumber',
    'idNumber',
    'jurisdiction',
    'mmsi',
    'callSign',
    'type',
    'flag',
    'pastFlags',
    'sourceUrl',
  ],
  ...[
    'serialNumber',
    'icaoCode',
    'firstName',
    'lastName',
    'middleName',
    'fatherName',
    'secondName',
    'country',
  ],
]);

function partyOf(
  kind: PartyKind,
  entity: FtmEntity,
  about: readonly FtmEntity[],
  places: readonly FtmEntity[],
): ListedParty {
  const party = emptyParty(kind);
  const of = (...names: readonly string[]) => valuesOf(entity, ...names);
  const [country = ''] = of('country', 'jurisdiction');
  if (entity.caption !== '') party.names.push({ text: entity.caption, use: 'primary' });
  // Without a caption the first name is the party's own.
  for (const [property, use] of NAMES)
    for (const text of of(property))
      party.names.push({ text, use: party.names.length === 0 ? 'primary' : use });
  for (const words of of('birthDate')) {
    const date = dateOf(words);
    party.births.push({ words, ...(date && { date }) });
  }
  party.birthPlaces.push(...of('birthPlace'));
  party.nationalities.push(...of('nationality', 'citizenship'));
  party.sexes.push(...of('gender'));
  const papers = new Set(about.flatMap((one) => valuesOf(one, 'number')));
  for (const number of of('passportNumber'))
    if (!papers.has(number)) party.documents.push({ words: 'Passport', number, country: '' });
  for (const number of of('idNumber'))
    if (!papers.has(number)) party.documents.push({ words: 'identity number', number, country: '' });
  for (const [property, scheme] of NUMBERS)
    for (const value of of(property)) {
      if (property === 'imoNumber' && kind === 'vessel') party.imo.push(value);
      else if (property === 'registrationNumber' && kind === 'aircraft') party.marks.push(value);
      else if (kind === 'entity')
        party.ids.push({ scheme, value, issuer: scheme === 'national-register' ? country : '' });
      else party.notes.push([property, value]);
    }
  party.incorporatedIn.push(...of('jurisdiction'));
  party.mmsi.push(...of('mmsi'));
  party.callSigns.push(...of('callSign'));
  party.shipTypes.push(...(kind === 'vessel' ? of('type') : []));
  party.flags.push(...of('flag', 'pastFlags'));
  party.serials.push(...of('serialNumber'));
  party.icao24.push(...of('icaoCode'));
  for (const one of about) takeRelated(party, one);
  for (const one of places)
    party.addresses.push({
      text: valuesOf(one, 'full').join(', ') || valuesOf(one, 'street', 'postalCode', 'state').join(', '),
      city: valuesOf(one, 'full').length > 0 ? '' : valuesOf(one, 'city').join(', '),
      country: valuesOf(one, 'country')[0] ?? '',
    });
  for (const text of of('address')) party.addresses.push({ text, city: '', country: '' });
  for (const one of of('country')) party.notes.push(['country', one]);
  for (const [name, values] of entity.properties)
    if (!READ.has(name)) for (const value of values) party.notes.push([name, value]);
  return party;
}

function takeRelated(party: ListedParty, one: FtmEntity): void {
  const [number = ''] = valuesOf(one, 'number');
  const [country = ''] = valuesOf(one, 'country');
  const [type = ''] = valuesOf(one, 'type');
  if (one.schema === 'Passport') party.documents.push({ words: 'Passport', number, country, remark: type });
  else if (one.schema === 'Identification')
    party.documents.push({ words: type || 'Identification', number, country });
  else
    party.notes.push([
      'sanction',
      valuesOf(one, 'program', 'programId', 'authority', 'reason', 'startDate', 'listingDate').join('; '),
    ]);
}

export const OPEN_SANCTIONS: ListFormat = { read: readFtm };
