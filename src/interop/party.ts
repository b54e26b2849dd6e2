/**
 * A party as lists other than the UN's state it, whatever their form, and the watchlist entry that it becomes. Knows no list:
 * readers fill in what they find, in the list's own words, and what fits no field goes into the notes.
 */
import { judgeAircraftMark } from '../record/index.ts';
import type { MappedEntry, PartyKind } from './list.ts';
import { Notes } from './notes.ts';
import { boundedDetails, countriesOf, countryOf, distinctNames } from './party-fields.ts';
import { tradeOf } from './trade.ts';
import { type DateJson, documentType, folded } from './un-names.ts';

/** What a name is: `original` = the first name in its own script. */
export type NameUse = 'primary' | 'alias' | 'weak' | 'former' | 'original';

type EntityScheme = 'lei' | 'national-register' | 'vat' | 'imo-company' | 'uei' | 'bic';

export interface StatedAddress {
  readonly text: string;
  readonly city: string;
  /** Name or code. */
  readonly country: string;
}

export interface StatedDocument {
  /** The list's word for it, as `Passport`. */
  readonly words: string;
  readonly number: string;
  /** Name or code of the issuer. */
  readonly country: string;
  /** What else is said of it. */
  readonly remark?: string;
}

/** Everything a list says of one party. Arrays are filled by the reader of one entry, which owns them until it maps it. */
export interface ListedParty {
  readonly kind: PartyKind;
  readonly names: { readonly text: string; readonly use: NameUse }[];
  readonly births: { readonly date?: DateJson; readonly words: string }[];
  readonly birthPlaces: string[];
  readonly nationalities: string[];
  readonly sexes: string[];
  readonly documents: StatedDocument[];
  readonly ids: { readonly scheme: EntityScheme; readonly value: string; readonly issuer: string }[];
  readonly addresses: StatedAddress[];
  readonly incorporatedIn: string[];
  readonly imo: string[];
  readonly mmsi: string[];
  readonly callSigns: string[];
  readonly shipTypes: string[];
  /** The present flag first. */
  readonly flags: string[];
  /** The present mark first. */
  readonly marks: string[];
  readonly serials: string[];
  readonly icao24: string[];
  readonly notes: (readonly [label: string, text: string])[];
}

export const emptyParty = (kind: PartyKind): ListedParty => ({
  kind,
  names: [],
  births: [],
  birthPlaces: [],
  nationalities: [],
  sexes: [],
  documents: [],
  ids: [],
  addresses: [],
  incorporatedIn: [],
  imo: [],
  mmsi: [],
  callSigns: [],
  shipTypes: [],
  flags: [],
  marks: [],
  serials: [],
  icao24: [],
  notes: [],
});

/** Why and where a party is listed. */
export interface Listing {
  /** Codes of WatchlistReason. */
  readonly reasons: readonly string[];
  readonly since?: DateJson;
  /** Instant of the import: its year stands, approximate, where the list states no day. */
  readonly nowMs: number;
  /** Sentence of the assessment. */
  readonly comment: string;
  /** Of the facet `source`. */
  readonly handle: string;
  /** Import key. */
  readonly fileNumber: string;
  /** First line of the notes. */
  readonly provenance: string;
}

type Json = Readonly<Record<string, unknown>>;

const ENTITY_NAMES: Readonly<Record<NameUse, string>> = {
  primary: 'legal',
  alias: 'trading',
  weak: 'weak-alias',
  former: 'former',
  original: 'legal',
};
const PERSON_NAMES: Readonly<Record<NameUse, string>> = {
  primary: 'primary',
  alias: 'good-alias',
  weak: 'weak-alias',
  former: 'former',
  original: 'original-script',
};

/** The facets of an entry. Persons and others go into facets of their own, so that policy can part them. */
export function entryOf(party: ListedParty, listing: Listing): MappedEntry {
  const notes = new Notes();
  const { since = { year: new Date(listing.nowMs).getUTCFullYear(), approximate: true } } = listing;
  if (!listing.since) notes.keep('since', 'the list states no day of listing: the year of the import stands');
  const facet = facetOf(party, notes);
  for (const [label, text] of party.notes) notes.keep(label, folded(text));
  const [name = ''] = party.names.map(({ text }) => text);
  const subjects: Readonly<Record<PartyKind, string>> = {
    person: 'listed',
    entity: tradeOf(name),
    vessel: 'vessel',
    aircraft: 'aircraft',
  };
  return {
    facets: {
      summary: {
        subjectKind: subjects[party.kind],
        reasons: listing.reasons,
        basis: 'administrative',
        requestedActions: ['report-hit', 'refuse-licence'],
        status: 'active',
        since,
      },
      ...facet,
      assessment: { grading: { scheme: 'none' }, comment: listing.comment, proof: 'unconfirmed' },
      source: { type: 'official', handle: listing.handle },
      internal: { fileNumber: listing.fileNumber, notes: notes.under(listing.provenance) },
    },
    flags: notes.flags,
  };
}

function facetOf(party: ListedParty, notes: Notes): Json {
  if (party.kind === 'person') return { persons: { persons: [personOf(party, notes)] } };
  if (party.kind === 'entity') return { entities: { entities: [entityOf(party, notes)] } };
  for (const address of party.addresses) notes.keep('address', addressWords(address));
  for (const { words, number, country } of party.documents)
    notes.keep('document', [words, number, country].filter((text) => text !== '').join(' '));
  for (const { scheme, value } of party.ids) notes.keep(scheme, value);
  if (party.kind === 'vessel') return { entities: { vessels: [vesselOf(party, notes)] } };
  return { entities: { aircraft: [aircraftOf(party, notes)] } };
}

/** The first of a field that holds one; others are kept in the notes. */
function only(values: readonly string[], path: string, notes: Notes): string {
  const [first = '', ...more] = distinct(values);
  for (const one of more) notes.keep(`further ${path}`, one);
  return first;
}

const distinct = (values: readonly string[]): readonly string[] => [
  ...new Set(values.map(folded).filter((text) => text !== '')),
];

function namesOf(party: ListedParty, types: Readonly<Record<NameUse, string>>, notes: Notes) {
  return distinctNames(
    party.names.map(({ text, use }) => ({ text: folded(text), type: types[use] })),
    notes,
  );
}

function personOf(party: ListedParty, notes: Notes): Json {
  const births = party.births.filter(({ words }) => words !== '');
  const born = births.find(({ date }) => date !== undefined);
  for (const birth of births) {
    const same = birth.date && born?.date && sameDate(birth.date, born.date);
    if (same) notes.keep('born', folded(birth.words));
    else
      notes.unfit(
        'born',
        'MORE_DATES',
        'expected one date of birth, a further one is kept in the notes',
        folded(birth.words),
      );
  }
  const birthPlace = only(party.birthPlaces, 'place of birth', notes);
  const [sex] = distinct(party.sexes).map((text) => text.toLowerCase());
  for (const address of party.addresses) notes.keep('address', addressWords(address));
  for (const { scheme, value, issuer } of party.ids) notes.keep(scheme, `${value} ${issuer}`.trim());
  return {
    ref: 'p1',
    names: namesOf(party, PERSON_NAMES, notes),
    ...(born && { born: born.date }),
    ...(birthPlace !== '' && { birthPlace }),
    nationalities: countriesOf(distinct(party.nationalities), 'nationality', notes),
    ...((sex === 'male' || sex === 'female' || sex === 'other') && { sex }),
    documents: documentsOf(party, notes),
    roles: ['listed'],
  };
}

const sameDate = (a: DateJson, b: DateJson): boolean =>
  a.year === b.year && a.month === b.month && a.day === b.day;

function documentsOf(party: ListedParty, notes: Notes): readonly Json[] {
  const documents: Json[] = [];
  const wordsOf = (one: StatedDocument) =>
    [one.words, one.number, one.country, one.remark ?? '']
      .map(folded)
      .filter((text) => text !== '')
      .join(' ');
  for (const stated of boundedDetails(party.documents, 'documents', notes, wordsOf)) {
    const type = documentType(stated.words);
    const country = countryOf(stated.country);
    const number = folded(stated.number);
    if (type !== undefined && country !== undefined && number !== '') {
      documents.push({ type, country, number });
      notes.keep('document', wordsOf(stated));
    } else
      notes.unfit(
        'documents',
        'DOCUMENT',
        'expected a document of known type with number and country',
        wordsOf(stated),
      );
  }
  return documents;
}

const addressWords = ({ text, city, country }: StatedAddress): string =>
  [text, city, country]
    .map(folded)
    .filter((part) => part !== '')
    .join(', ');

function addressOf(stated: StatedAddress, notes: Notes): Json {
  const text = folded(stated.text);
  const city = folded(stated.city);
  const [country] = stated.country === '' ? [] : countriesOf([folded(stated.country)], 'address', notes);
  return { ...(text !== '' && { text }), ...(city !== '' && { city }), ...(country && { country }) };
}

function entityOf(party: ListedParty, notes: Notes): Json {
  const country = only(countriesOf(distinct(party.incorporatedIn), 'country', notes), 'country', notes);
  const addresses = boundedDetails(party.addresses, 'addresses', notes, addressWords)
    .map((address) => addressOf(address, notes))
    .filter((address) => Object.keys(address).length > 0);
  const ids = boundedDetails(party.ids, 'ids', notes, ({ value }) => folded(value))
    .map(({ scheme, value, issuer }) => ({ scheme, value: folded(value), issuer: folded(issuer) }))
    .filter(({ value }) => value !== '');
  for (const { words, number, country: issuer } of party.documents)
    notes.keep('document', [words, number, issuer].filter((text) => text !== '').join(' '));
  return {
    ref: 'e1',
    names: namesOf(party, ENTITY_NAMES, notes),
    ...(country !== '' && { incorporationCountry: country }),
    ...(ids.length > 0 && { ids }),
    addresses,
  };
}

function vesselOf(party: ListedParty, notes: Notes): Json {
  const names = namesOf(party, ENTITY_NAMES, notes).map(({ text }) => ({ text }));
  const flags = countriesOf(distinct(party.flags), 'flag', notes).map((country) => ({ country }));
  return {
    ref: 'v1',
    names,
    imo: only(party.imo, 'IMO number', notes),
    mmsi: only(party.mmsi, 'MMSI', notes),
    callSign: only(party.callSigns, 'call sign', notes),
    flags,
    type: only(party.shipTypes, 'type', notes),
  };
}

/** A listed aircraft is often named by its mark; any other name of it has no field. */
function aircraftOf(party: ListedParty, notes: Notes): Json {
  const names = namesOf(party, ENTITY_NAMES, notes).map(({ text }) => text);
  const named = names.filter((name) => judgeAircraftMark(name).ok);
  for (const name of names) if (!named.includes(name)) notes.keep('name', name);
  const serialNumber = only(party.serials, 'serial number', notes);
  const icao24 = only(party.icao24, '24-bit address', notes);
  const marks = distinct([...party.marks, ...named]);
  // An aircraft needs something to be known by.
  const known = marks.length > 0 || serialNumber !== '' || icao24 !== '' ? marks : names.slice(0, 1);
  return {
    ref: 'a1',
    registrations: boundedDetails(known, 'registrations', notes, (mark) => mark).map((mark) => ({ mark })),
    icao24,
    serialNumber,
  };
}
