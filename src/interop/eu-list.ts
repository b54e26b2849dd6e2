/**
 * The consolidated financial sanctions list of the European Union (XML, `xmlFullSanctionsList` 1.1): nearly all of it stands in
 * attributes; country code `00` means none.
 */
import { isCalendarDate } from '../record/index.ts';
import { refuse } from './errors.ts';
import {
  countEntries,
  ListEntries,
  type ListFormat,
  onlyFile,
  type Reading,
  type ReadOptions,
} from './list.ts';
import { emptyParty, entryOf, type ListedParty } from './party.ts';
import { instantOf } from './un-list.ts';
import { childrenIn, type DateJson, dateJson, folded } from './un-names.ts';
import { readXml, type XmlElement } from './xml.ts';
import { canonicalXml } from './xml-canonical.ts';

const ROOT = 'export';
const NAMESPACE = 'http://eu.europa.ec/fpi/fsd/export';

const attribute = (element: XmlElement, name: string): string => folded(element.attributes.get(name) ?? '');

/** Names of entities that change with every publication of a regulation, and say nothing of the party. */
const IGNORED: ReadonlySet<string> = new Set(['regulationSummary']);

function* readEuList(files: readonly Uint8Array[], options: ReadOptions): Reading {
  const root = readXml(onlyFile(files), ROOT);
  if (root.attributes.get('xmlns') !== NAMESPACE)
    throw refuse('WRONG_ROOT', `expected a document of ${NAMESPACE}, got another; check which list it is`);
  const elements = childrenIn(root, 'sanctionEntity');
  countEntries(elements.length);
  const edition = attribute(root, 'generationDate');
  const generatedAt = instantOf(edition);
  const entries = new ListEntries('eu:', options);
  for (const [index, element] of elements.entries()) {
    addEntity(entries, element, index, edition, options);
    yield;
  }
  return {
    ...entries.finish(),
    title: 'EU consolidated list',
    ...(generatedAt !== undefined && { generatedAt }),
    edition,
    whole: true,
    rows: elements.length,
  };
}

function addEntity(
  entries: ListEntries,
  element: XmlElement,
  index: number,
  edition: string,
  { nowMs }: ReadOptions,
): void {
  const place = `sanctionEntity[${index}]`;
  const id = attribute(element, 'logicalId');
  const [subject] = childrenIn(element, 'subjectType');
  const code = subject === undefined ? '' : attribute(subject, 'code');
  const kind = code === 'person' ? 'person' : code === 'enterprise' ? 'entity' : undefined;
  if (kind === undefined)
    entries.fault(`${place}.subjectType`, 'TYPE', 'expected subjectType with code person or enterprise');
  if (!entries.claim(id, place, 'logicalId') || kind === undefined) return;
  const reference = attribute(element, 'euReferenceNumber') || `logical id ${id}`;
  const programmes = programmesOf(element);
  const since = listedSince(element);
  const isUn = attribute(element, 'unitedNationId') !== '';
  entries.add({
    ...entryOf(partyOf(element, kind), {
      reasons: isUn ? ['un-listed', 'national-sanction'] : ['national-sanction'],
      ...(since && { since }),
      nowMs,
      comment: `Listed by the European Union: ${reference}, programme ${programmes}. Taken over, not assessed.`,
      handle: `EU consolidated list, logical id ${id}`,
      fileNumber: `eu:${id}`,
      provenance: `EU consolidated list of ${edition.slice(0, 40)}, entry ${id}, ${reference}, programme ${programmes}`,
    }),
    id,
    kind,
    place,
    says: canonicalXml(element, IGNORED),
  });
}

const programmesOf = (element: XmlElement): string =>
  [...new Set(childrenIn(element, 'regulation').map((one) => attribute(one, 'programme')))]
    .filter((text) => text !== '')
    .join(', ')
    .slice(0, 300) || 'not stated';

/** The day of designation, else the day of the earliest act that names the entry. */
function listedSince(element: XmlElement): DateJson | undefined {
  const designated = dateJson(attribute(element, 'designationDate'));
  if (designated) return designated;
  const [first] = childrenIn(element, 'regulation')
    .map((one) => attribute(one, 'publicationDate'))
    .filter((text) => dateJson(text) !== undefined)
    .sort();
  return first === undefined ? undefined : dateJson(first);
}

const countryIn = (element: XmlElement): string => {
  const code = attribute(element, 'countryIso2Code');
  return code === '' || code === '00' ? attribute(element, 'countryDescription') : code;
};

/** What the list writes where it does not know a country. */
const UNKNOWN = /^unknown( country)?$/i;
const known = (country: string): string => (UNKNOWN.test(country) ? '' : country);

function partyOf(element: XmlElement, kind: 'person' | 'entity'): ListedParty {
  const party = emptyParty(kind);
  const keep = (label: string, text: string) => party.notes.push([label, text]);
  for (const [index, name] of childrenIn(element, 'nameAlias').entries()) {
    const whole =
      attribute(name, 'wholeName') ||
      ['firstName', 'middleName', 'lastName']
        .map((part) => attribute(name, part))
        .filter((text) => text !== '')
        .join(' ');
    const weak = attribute(name, 'strong') === 'false';
    party.names.push({ text: whole, use: index === 0 ? 'primary' : weak ? 'weak' : 'alias' });
    const gender = attribute(name, 'gender');
    if (gender !== '') party.sexes.push(gender === 'M' ? 'male' : gender === 'F' ? 'female' : gender);
    keep('title', attribute(name, 'title'));
    keep('function', attribute(name, 'function'));
  }
  for (const one of childrenIn(element, 'citizenship'))
    if (known(countryIn(one)) !== '') party.nationalities.push(countryIn(one));
  for (const one of childrenIn(element, 'birthdate')) {
    party.births.push(birthOf(one));
    const place = [
      attribute(one, 'place'),
      attribute(one, 'city'),
      attribute(one, 'region'),
      birthCountry(one),
    ];
    party.birthPlaces.push(place.filter((text) => text !== '').join(', '));
  }
  for (const one of childrenIn(element, 'identification')) {
    const words = attribute(one, 'identificationTypeDescription') || attribute(one, 'identificationTypeCode');
    const number = attribute(one, 'number') || attribute(one, 'latinNumber');
    const country = known(countryIn(one));
    const expired = attribute(one, 'knownExpired') === 'true' ? 'known to have expired' : '';
    if (kind === 'person') party.documents.push({ words, number, country, remark: expired });
    else if (/^(regnumber|registration number|id|other identification number)$/i.test(words))
      party.ids.push({ scheme: 'national-register', value: number, issuer: country });
    else if (/swift|^bic/i.test(words)) party.ids.push({ scheme: 'bic', value: number, issuer: '' });
    else party.documents.push({ words, number, country });
  }
  for (const one of childrenIn(element, 'address')) {
    const text = ['street', 'poBox', 'zipCode', 'region', 'place'].map((part) => attribute(one, part));
    const address = {
      text: text.filter((part) => part !== '').join(', '),
      city: attribute(one, 'city'),
      country: known(countryIn(one)),
    };
    if (address.text + address.city + address.country !== '') party.addresses.push(address);
  }
  for (const remark of childrenIn(element, 'remark')) keep('remark', remark.text);
  keep('UN reference', attribute(element, 'unitedNationId'));
  keep('designation', attribute(element, 'designationDetails'));
  return party;
}

function birthCountry(element: XmlElement): string {
  const name = attribute(element, 'countryDescription');
  return known(name) === '' ? '' : name;
}

/** A day, a month, a year, or a span of years, which is kept as its middle, approximate. */
function birthOf(element: XmlElement): { readonly date?: DateJson; readonly words: string } {
  const number = (name: string): number => {
    const text = attribute(element, name);
    return /^\d{1,4}$/.test(text) ? Number(text) : 0;
  };
  const circa = attribute(element, 'circa') === 'true';
  const gregorian = !/islamic|hijri|persian|solar/i.test(attribute(element, 'calendarType'));
  const names = [
    'calendarType',
    'birthdate',
    'dayOfMonth',
    'monthOfYear',
    'year',
    'yearRangeFrom',
    'yearRangeTo',
  ];
  const words = [...names.map((name) => attribute(element, name)), circa ? 'circa' : ''];
  const stated = { words: words.filter((text) => text !== '' && text !== 'GREGORIAN').join(' ') };
  if (!gregorian) return stated;
  const exact = dateJson(attribute(element, 'birthdate'));
  const [from, to] = [number('yearRangeFrom'), number('yearRangeTo')];
  const parts = { year: number('year'), month: number('monthOfYear'), day: number('dayOfMonth') };
  const span = from > 0 && to >= from ? { year: Math.floor((from + to) / 2), approximate: true } : undefined;
  const date = exact ?? (parts.year > 0 && isDay(parts) ? parts : span);
  return date ? { ...stated, date: { ...date, ...(circa && { approximate: true }) } } : stated;
}

const isDay = (parts: { year: number; month: number; day: number }): boolean =>
  isCalendarDate({ ...parts, approximate: false });

export const EU_LIST: ListFormat = { read: readEuList };
