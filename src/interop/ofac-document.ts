/** The parts of an advanced OFAC document by their numbers, and what numbers of types mean. */
import { isCalendarDate } from '../record/index.ts';
import { refuse } from './errors.ts';
import { spanOf } from './ofac-facts.ts';
import { childrenIn, type DateJson, folded, textIn } from './un-names.ts';
import type { XmlElement } from './xml.ts';
import { openXmlItems, type XmlItem, type XmlItems } from './xml-items.ts';

type Elements = readonly XmlElement[];

export interface OfacPlace {
  readonly text: string;
  readonly city: string;
  readonly country: string;
}

const attribute = (element: XmlElement, name: string): string => element.attributes.get(name) ?? '';

/** Each part with what it has many of. */
const ITEMS: ReadonlyMap<string, string> = new Map([
  ['Locations', 'Location'],
  ['IDRegDocuments', 'IDRegDocument'],
  ['DistinctParties', 'DistinctParty'],
  ['ProfileRelationships', 'ProfileRelationship'],
  ['SanctionsEntries', 'SanctionsEntry'],
  ['SanctionsEntryLinks', 'SanctionsEntryLink'],
]);

type Places = ReadonlyMap<string, readonly XmlItem[]>;
/** Of the items of a part: which stand under a number, and what else is asked of their heads. */
interface Grouped {
  readonly places: Places;
  readonly attributes: ReadonlySet<string>;
}

/** Pauses after each item. */
function* grouped(items: XmlItems, part: string, by: string, also = ''): Generator<void, Grouped, void> {
  const places = new Map<string, XmlItem[]>();
  const attributes = new Set<string>();
  for (const item of items.itemsOf(part)) {
    const head = items.attributesOf(item);
    const id = head.get(by) ?? '';
    const known = places.get(id);
    if (known) known.push(item);
    else places.set(id, [item]);
    if (also !== '') attributes.add(head.get(also) ?? '');
    yield;
  }
  return { places, attributes };
}

/**
 * Judges the whole document and finds where its parts stand; parties, places, papers and sanctions are read when they are asked for.
 * Pauses after each. Throws as `readXml`, LIST_INVALID where a part is missing.
 */
export function* openOfacDocument(bytes: Uint8Array, root: string): Generator<void, OfacDocument, void> {
  const items = yield* openXmlItems(bytes, root, ITEMS);
  for (const name of ['DistinctParties', 'Locations', 'IDRegDocuments', 'SanctionsEntries']) {
    const found = childrenIn(items.root, name);
    if (found.length !== 1)
      throw refuse('LIST_INVALID', `expected one part ${name}, got ${found.length}; is the file complete?`);
  }
  const places = yield* grouped(items, 'Locations', 'ID');
  const papers = yield* grouped(items, 'IDRegDocuments', 'IdentityID');
  const sanctions = yield* grouped(items, 'SanctionsEntries', 'ProfileID', 'ListID');
  return new OfacDocument(items, places.places, papers.places, sanctions.places, sanctions.attributes);
}

export class OfacDocument {
  readonly parties: readonly XmlItem[];
  /** Day of issue, as `2026-05-21`; empty where it is not stated. */
  readonly edition: string;
  /** Its first instant, milliseconds UTC. */
  readonly issuedAt?: number;
  readonly #items: XmlItems;
  readonly #names: ReadonlyMap<string, XmlElement>;
  readonly #places: Places;
  readonly #papers: Places;
  readonly #sanctions: Places;
  readonly #lists: ReadonlySet<string>;

  /** Throws LIST_INVALID where nothing says what numbers mean. */
  constructor(
    items: XmlItems,
    places: Places,
    papers: Places,
    sanctions: Places,
    lists: ReadonlySet<string>,
  ) {
    const { root } = items;
    const names = new Map<string, XmlElement>();
    for (const set of childrenIn(root, 'ReferenceValueSets'))
      for (const values of set.children.values())
        for (const [type, items] of values.flatMap((one) => [...one.children]))
          for (const item of items) names.set(`${type} ${attribute(item, 'ID')}`, item);
    if (names.size === 0)
      throw refuse('LIST_INVALID', 'expected reference value sets, got none; is the file complete?');
    this.#items = items;
    this.#names = names;
    this.parties = items.itemsOf('DistinctParties');
    this.#places = places;
    this.#papers = papers;
    this.#sanctions = sanctions;
    this.#lists = lists;
    const [issued] = childrenIn(root, 'DateOfIssue');
    const day = issued && dateIn(issued);
    this.edition = day?.day === undefined ? '' : isoDay(day.year, day.month ?? 1, day.day);
    if (this.edition !== '') this.issuedAt = Date.parse(`${this.edition}T00:00:00Z`);
  }

  /** Text of a reference value, as `FeatureType` number 8 is `Birthdate`; empty for an unknown number. */
  named(type: string, id: string): string {
    const value = this.#names.get(`${type} ${id}`);
    return value === undefined ? '' : folded(value.text);
  }

  /** `Individual`, `Entity`, `Vessel`, `Aircraft`. */
  partyType(profile: XmlElement): string {
    const subtype = this.#names.get(`PartySubType ${attribute(profile, 'PartySubTypeID')}`);
    if (subtype === undefined) return '';
    const text = folded(subtype.text);
    return text === 'Unknown' || text === ''
      ? this.named('PartyType', attribute(subtype, 'PartyTypeID'))
      : text;
  }

  /** Names of the lists that the sanctions are of. */
  listNames(): readonly string[] {
    return [...this.#lists].map((id) => this.named('List', id)).filter((name) => name !== '');
  }

  /** Parties, places, papers and sanctions are read anew each time. */
  read(item: XmlItem): XmlElement {
    return this.#items.read(item);
  }

  papersOf(identityId: string): Elements {
    return this.#read(this.#papers, identityId);
  }

  sanctionsOf(profileId: string): Elements {
    return this.#read(this.#sanctions, profileId);
  }

  locationsOf(id: string): Elements {
    return this.#read(this.#places, id);
  }

  #read(places: Places, id: string): Elements {
    return (places.get(id) ?? []).map((item) => this.#items.read(item));
  }

  country(id: string): string {
    return id === '' ? '' : this.named('Country', id).replace(/^undetermined$/i, '');
  }

  placeOf(location: XmlElement): OfacPlace {
    const parts = new Map<string, string>();
    for (const part of childrenIn(location, 'LocationPart')) {
      const type = this.named('LocPartType', attribute(part, 'LocPartTypeID')).toUpperCase();
      const [value] = childrenIn(part, 'LocationPartValue');
      if (value !== undefined) parts.set(type, textIn(value, 'Value'));
    }
    const text = [
      'ADDRESS1',
      'ADDRESS2',
      'ADDRESS3',
      'STATE/PROVINCE',
      'REGION',
      'POSTAL CODE',
      'UNKNOWN',
    ].map((name) => parts.get(name) ?? '');
    const [country = ''] = childrenIn(location, 'LocationCountry').map((one) =>
      this.country(attribute(one, 'CountryID')),
    );
    return { text: text.filter((one) => one !== '').join(', '), city: parts.get('CITY') ?? '', country };
  }

  programmesOf(sanctions: Elements): string {
    const measures = sanctions.flatMap((one) => childrenIn(one, 'SanctionsMeasure'));
    const programmes = measures
      .filter((one) => this.named('SanctionsType', attribute(one, 'SanctionsTypeID')) === 'Program')
      .map((one) => textIn(one, 'Comment'));
    return (
      [...new Set(programmes)]
        .filter((text) => text !== '')
        .join(', ')
        .slice(0, 300) || 'not stated'
    );
  }

  /** Day of the earliest event of the sanctions. */
  listedSince(sanctions: Elements): DateJson | undefined {
    const days = sanctions
      .flatMap((one) => childrenIn(one, 'EntryEvent'))
      .flatMap((one) => childrenIn(one, 'Date'))
      .flatMap((one) => dateIn(one) ?? []);
    const order = ({ year, month = 1, day = 1 }: DateJson) => isoDay(year, month, day);
    const [first] = days.sort((a, b) => (order(a) < order(b) ? -1 : 1));
    return first;
  }
}

const isoDay = (year: number, month: number, day: number): string =>
  [String(year).padStart(4, '0'), String(month).padStart(2, '0'), String(day).padStart(2, '0')].join('-');

/** Year, month and day in elements of their own. */
function dateIn(element: XmlElement): DateJson | undefined {
  const number = (name: string): number => {
    const text = textIn(element, name);
    return /^\d{1,4}$/.test(text) ? Number(text) : 0;
  };
  const date = { year: number('Year'), month: number('Month'), day: number('Day') };
  if (!isCalendarDate({ ...date, approximate: false })) return undefined;
  const { year, month, day } = date;
  return { year, ...(month > 0 && { month }), ...(day > 0 && { day }) };
}

/** A period: a day where both ends are one, a year that it fills, or the middle of a longer one, approximate. */
export function periodDate(period: XmlElement): { readonly date?: DateJson; readonly words: string } {
  const at = (end: string, side: string): DateJson | undefined => {
    const [outer] = childrenIn(period, end);
    const [inner] = outer === undefined ? [] : childrenIn(outer, side);
    return inner && dateIn(inner);
  };
  const [from, to] = [at('Start', 'From'), at('End', 'To')];
  if (!from || !to) return { words: '' };
  const wordsOf = ({ year, month, day }: DateJson) =>
    [year, month, day].filter((part) => part !== undefined).join('-');
  const same = wordsOf(from) === wordsOf(to);
  const fills = (first: DateJson, last: DateJson) =>
    first.year === last.year &&
    (first.month ?? 1) === 1 &&
    (first.day ?? 1) === 1 &&
    last.month === 12 &&
    last.day === 31;
  const approximate = [...childrenIn(period, 'Start'), ...childrenIn(period, 'End')].some(
    (one) => attribute(one, 'Approximate') === 'true',
  );
  const date = fills(from, to) ? { year: from.year } : spanOf(from, to);
  const words = `${same ? wordsOf(from) : `${wordsOf(from)} to ${wordsOf(to)}`}${approximate ? ' circa' : ''}`;
  return date ? { words, date: { ...date, ...(approximate && { approximate }) } } : { words };
}
