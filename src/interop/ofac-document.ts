/** The parts of an advanced OFAC document by their numbers, and what numbers of types mean. */
import { isCalendarDate } from '../record/index.ts';
import { refuse } from './errors.ts';
import { spanOf } from './ofac-facts.ts';
import { childrenIn, type DateJson, folded, textIn } from './un-names.ts';
import type { XmlElement } from './xml.ts';

type Elements = readonly XmlElement[];

export interface OfacPlace {
  readonly text: string;
  readonly city: string;
  readonly country: string;
}

const attribute = (element: XmlElement, name: string): string => element.attributes.get(name) ?? '';

function grouped(elements: Elements, name: string): ReadonlyMap<string, Elements> {
  const groups = new Map<string, XmlElement[]>();
  for (const element of elements) {
    const id = attribute(element, name);
    const known = groups.get(id);
    if (known) known.push(element);
    else groups.set(id, [element]);
  }
  return groups;
}

export class OfacDocument {
  readonly parties: Elements;
  /** Day of issue, as `2026-05-21`; empty where it is not stated. */
  readonly edition: string;
  /** Its first instant, milliseconds UTC. */
  readonly issuedAt?: number;
  readonly #names: ReadonlyMap<string, XmlElement>;
  readonly #places: ReadonlyMap<string, Elements>;
  readonly #papers: ReadonlyMap<string, Elements>;
  readonly #sanctions: ReadonlyMap<string, Elements>;
  readonly #lists: ReadonlySet<string>;

  /** Throws LIST_INVALID where a part is missing. */
  constructor(root: XmlElement) {
    const part = (name: string, item: string): Elements => {
      const found = childrenIn(root, name);
      if (found.length !== 1)
        throw refuse('LIST_INVALID', `expected one part ${name}, got ${found.length}; is the file complete?`);
      return found.flatMap((one) => childrenIn(one, item));
    };
    const names = new Map<string, XmlElement>();
    for (const set of childrenIn(root, 'ReferenceValueSets'))
      for (const values of set.children.values())
        for (const [type, items] of values.flatMap((one) => [...one.children]))
          for (const item of items) names.set(`${type} ${attribute(item, 'ID')}`, item);
    if (names.size === 0)
      throw refuse('LIST_INVALID', 'expected reference value sets, got none; is the file complete?');
    this.#names = names;
    this.parties = part('DistinctParties', 'DistinctParty');
    this.#places = grouped(part('Locations', 'Location'), 'ID');
    this.#papers = grouped(part('IDRegDocuments', 'IDRegDocument'), 'IdentityID');
    const sanctions = part('SanctionsEntries', 'SanctionsEntry');
    this.#sanctions = grouped(sanctions, 'ProfileID');
    this.#lists = new Set(sanctions.map((one) => attribute(one, 'ListID')));
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

  papersOf(identityId: string): Elements {
    return this.#papers.get(identityId) ?? [];
  }

  sanctionsOf(profileId: string): Elements {
    return this.#sanctions.get(profileId) ?? [];
  }

  locationsOf(id: string): Elements {
    return this.#places.get(id) ?? [];
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
