/** One entry of the UN list as the JSON of a watchlist entry: what the list says, and where it came from. */

import { countryCode } from './countries.ts';
import type { MappedEntry } from './list.ts';
import { Notes } from './notes.ts';
import { countriesOf, distinctNames, type NameJson } from './party-fields.ts';
import { tradeOf } from './trade.ts';
import {
  birthOf,
  childrenIn,
  dateJson,
  documentType,
  folded,
  joinedIn,
  PERSON_NAME_PARTS,
  PLACE_PARTS,
  textIn,
  valuesIn,
} from './un-names.ts';
import type { XmlElement } from './xml.ts';

export type UnCategory = 'persons' | 'entities';

/** Quality `Low` means of little worth for matching; a `formerly listed as` is a former name. */
function personAlias(alias: XmlElement): NameJson {
  const former = /formerly|previously/i.test(textIn(alias, 'NOTE'));
  const weak = textIn(alias, 'QUALITY').toLowerCase() === 'low';
  return {
    text: textIn(alias, 'ALIAS_NAME'),
    type: former ? 'former' : weak ? 'weak-alias' : 'good-alias',
  };
}

function documentsOf(person: XmlElement, notes: Notes): readonly Readonly<Record<string, unknown>>[] {
  const documents: Readonly<Record<string, unknown>>[] = [];
  for (const element of childrenIn(person, 'INDIVIDUAL_DOCUMENT')) {
    const words = joinedIn(element, ['TYPE_OF_DOCUMENT', 'TYPE_OF_DOCUMENT2'], ' ');
    const number = textIn(element, 'NUMBER');
    const country = countryCode(textIn(element, 'ISSUING_COUNTRY') || textIn(element, 'COUNTRY_OF_ISSUE'));
    const type = documentType(words);
    const all = joinedIn(
      element,
      [
        'TYPE_OF_DOCUMENT',
        'TYPE_OF_DOCUMENT2',
        'NUMBER',
        'ISSUING_COUNTRY',
        'COUNTRY_OF_ISSUE',
        'CITY_OF_ISSUE',
        'DATE_OF_ISSUE',
        'NOTE',
      ],
      ' ',
    );
    if (all === '') continue;
    if (type !== undefined && country !== undefined && number !== '') {
      documents.push({ type, country, number });
      notes.keep('document', all);
    } else
      notes.unfit('documents', 'DOCUMENT', 'expected a document of known type with number and country', all);
  }
  return documents;
}

function personOf(element: XmlElement, notes: Notes): Readonly<Record<string, unknown>> {
  const aliases = childrenIn(element, 'INDIVIDUAL_ALIAS');
  const names = distinctNames(
    [
      { text: joinedIn(element, PERSON_NAME_PARTS, ' '), type: 'primary' },
      { text: textIn(element, 'NAME_ORIGINAL_SCRIPT'), type: 'original-script' },
      ...aliases.map(personAlias),
    ],
    notes,
  );
  const births = childrenIn(element, 'INDIVIDUAL_DATE_OF_BIRTH')
    .map(birthOf)
    .filter(({ words }) => words !== '');
  const [born] = births.filter(({ date }) => date !== undefined);
  for (const birth of births) {
    if (birth === born) notes.keep('born', birth.words);
    else
      notes.unfit(
        'born',
        'MORE_DATES',
        'expected one date of birth, a further one is kept in the notes',
        birth.words,
      );
  }
  const [birthPlace = '', ...morePlaces] = childrenIn(element, 'INDIVIDUAL_PLACE_OF_BIRTH')
    .map((place) => joinedIn(place, PLACE_PARTS, ', '))
    .filter((text) => text !== '');
  for (const place of morePlaces) notes.keep('further place of birth', place);
  const gender = textIn(element, 'GENDER').toLowerCase();
  return {
    ref: 'p1',
    names,
    ...(born && { born: born.date }),
    ...(birthPlace !== '' && { birthPlace }),
    nationalities: countriesOf(valuesIn(element, 'NATIONALITY'), 'nationality', notes),
    ...((gender === 'male' || gender === 'female') && { sex: gender }),
    documents: documentsOf(element, notes),
    roles: ['listed'],
  };
}

function entityOf(element: XmlElement, notes: Notes): Readonly<Record<string, unknown>> {
  const aliases = childrenIn(element, 'ENTITY_ALIAS').map((alias) => ({
    text: textIn(alias, 'ALIAS_NAME'),
    type: /f\.?k\.?a/i.test(textIn(alias, 'QUALITY')) ? 'former' : 'trading',
  }));
  const names = distinctNames(
    [
      { text: textIn(element, 'FIRST_NAME'), type: 'legal' },
      { text: textIn(element, 'NAME_ORIGINAL_SCRIPT'), type: 'legal' },
      ...aliases,
    ],
    notes,
  );
  const addresses = childrenIn(element, 'ENTITY_ADDRESS')
    .map((address) => addressOf(address, notes))
    .filter((address) => Object.keys(address).length > 0);
  return { ref: 'e1', names, addresses };
}

function addressOf(element: XmlElement, notes: Notes): Readonly<Record<string, unknown>> {
  const text = joinedIn(element, ['STREET', 'STATE_PROVINCE', 'ZIP_CODE'], ', ');
  const city = textIn(element, 'CITY');
  const name = textIn(element, 'COUNTRY');
  const [country] = name === '' ? [] : countriesOf([name], 'address', notes);
  notes.keep('address', textIn(element, 'NOTE'));
  return { ...(text !== '' && { text }), ...(city !== '' && { city }), ...(country && { country }) };
}

/** The facets of one entry. Persons and bodies go into facets of their own, so that policy can part them. */
export function mapEntry(element: XmlElement, category: UnCategory, edition: string): MappedEntry {
  const notes = new Notes();
  const dataId = textIn(element, 'DATAID');
  const reference = textIn(element, 'REFERENCE_NUMBER');
  const list = textIn(element, 'UN_LIST_TYPE');
  const since = dateJson(textIn(element, 'LISTED_ON'));
  const party =
    category === 'persons'
      ? { persons: { persons: [personOf(element, notes)] } }
      : { entities: { entities: [entityOf(element, notes)] } };
  for (const title of valuesIn(element, 'TITLE')) notes.keep('title', title);
  for (const designation of valuesIn(element, 'DESIGNATION')) notes.keep('designation', designation);
  for (const address of childrenIn(element, 'INDIVIDUAL_ADDRESS'))
    notes.keep('address', joinedIn(address, [...PLACE_PARTS, 'ZIP_CODE', 'NOTE'], ', '));
  for (const day of valuesIn(element, 'LAST_DAY_UPDATED')) notes.keep('updated', day);
  // Free text about people may speak of faith or family: it never leaves (design §1, principle 6).
  notes.keep('comment', folded(childrenIn(element, 'COMMENTS1')[0]?.text ?? ''));
  const version = textIn(element, 'VERSIONNUM');
  const provenance = `UN consolidated list of ${edition}, entry ${dataId}, version ${version}, ${reference}`;
  return {
    facets: {
      summary: {
        subjectKind: category === 'persons' ? 'listed' : tradeOf(textIn(element, 'FIRST_NAME')),
        reasons: ['un-listed'],
        basis: 'administrative',
        requestedActions: ['report-hit', 'refuse-licence'],
        status: 'active',
        ...(since && { since }),
      },
      ...party,
      assessment: {
        grading: { scheme: 'none' },
        comment: `Listed by the United Nations Security Council: ${reference}, list ${list}. Taken over, not assessed.`,
        proof: 'unconfirmed',
      },
      source: { type: 'official', handle: `UN consolidated list, data id ${dataId}` },
      internal: {
        fileNumber: `un:${dataId}`,
        notes: notes.under(provenance),
      },
    },
    flags: notes.flags,
  };
}
