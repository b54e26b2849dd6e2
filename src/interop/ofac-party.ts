/** One profile of an advanced OFAC document as a party: names by the types of their parts, features and papers as facts. */
import type { PartyKind } from './list.ts';
import { type OfacDocument, periodDate } from './ofac-document.ts';
import { nameUse, takeFact } from './ofac-facts.ts';
import { emptyParty, type ListedParty, type NameUse } from './party.ts';
import { childrenIn, folded, textIn } from './un-names.ts';
import type { XmlElement } from './xml.ts';

const attribute = (element: XmlElement, name: string): string => element.attributes.get(name) ?? '';

/** Parts of a person's name as they are spoken; others stand where the list has them, behind. */
const SPOKEN = [
  'First Name',
  'Middle Name',
  'Patronymic',
  'Last Name',
  'Matronymic',
  'Maiden Name',
  'Nickname',
];

export interface OfacParty {
  readonly party: ListedParty;
  /** What of other parts of the document speaks of the party, for its digest. */
  readonly papers: readonly XmlElement[];
  readonly places: readonly XmlElement[];
}

export function ofacPartyOf(document: OfacDocument, profile: XmlElement, kind: PartyKind): OfacParty {
  const party = emptyParty(kind);
  const identities = childrenIn(profile, 'Identity');
  for (const identity of identities) takeNames(document, party, identity);
  party.names.sort((a, b) => Number(b.use === 'primary') - Number(a.use === 'primary'));
  const papers = identities.flatMap((one) => document.papersOf(attribute(one, 'ID')));
  for (const paper of papers) takePaper(document, party, paper);
  const places = childrenIn(profile, 'Feature').flatMap((feature) => takeFeature(document, party, feature));
  return { party, papers, places };
}

function takeNames(document: OfacDocument, party: ListedParty, identity: XmlElement): void {
  const types = new Map<string, string>();
  for (const groups of childrenIn(identity, 'NamePartGroups'))
    for (const master of childrenIn(groups, 'MasterNamePartGroup'))
      for (const group of childrenIn(master, 'NamePartGroup'))
        types.set(attribute(group, 'ID'), document.named('NamePartType', attribute(group, 'NamePartTypeID')));
  for (const alias of childrenIn(identity, 'Alias')) {
    const word = document.named('AliasType', attribute(alias, 'AliasTypeID'));
    const isPrimary = attribute(alias, 'Primary') === 'true';
    const weak = attribute(alias, 'LowQuality') === 'true';
    for (const name of childrenIn(alias, 'DocumentedName')) {
      const { text, isLatin } = spokenText(document, name, types);
      const latinUse: NameUse = isPrimary ? 'primary' : nameUse(word, weak);
      const otherUse: NameUse = isPrimary ? 'original' : nameUse(word, weak);
      party.names.push({ text, use: isLatin ? latinUse : otherUse });
    }
  }
}

function spokenText(
  document: OfacDocument,
  name: XmlElement,
  types: ReadonlyMap<string, string>,
): { readonly text: string; readonly isLatin: boolean } {
  const parts = childrenIn(name, 'DocumentedNamePart')
    .flatMap((part) => childrenIn(part, 'NamePartValue'))
    .map((value) => ({
      text: folded(value.text),
      order: SPOKEN.indexOf(types.get(attribute(value, 'NamePartGroupID')) ?? ''),
      script: document.named('Script', attribute(value, 'ScriptID')),
    }));
  const rank = (order: number) => (order === -1 ? SPOKEN.length : order);
  const text = [...parts]
    .sort((a, b) => rank(a.order) - rank(b.order))
    .map((part) => part.text)
    .join(' ');
  return { text, isLatin: parts.every(({ script }) => script === '' || /^latin/i.test(script)) };
}

function takePaper(document: OfacDocument, party: ListedParty, paper: XmlElement): void {
  const label = document.named('IDRegDocType', attribute(paper, 'IDRegDocTypeID'));
  const country = document.country(attribute(paper, 'IssuedBy-CountryID'));
  const value = textIn(paper, 'IDRegistrationNo');
  if (value !== '') takeFact(party, { label: label || 'document', value, country });
  party.notes.push([label || 'document', textIn(paper, 'Comment')]);
  const validity = document.named('Validity', attribute(paper, 'ValidityID'));
  if (/fraud|false/i.test(validity)) party.notes.push([label || 'document', `${value}: ${validity}`]);
}

/** Answers the places that the feature names. */
function takeFeature(document: OfacDocument, party: ListedParty, feature: XmlElement): readonly XmlElement[] {
  const label = document.named('FeatureType', attribute(feature, 'FeatureTypeID')) || 'feature';
  const locations: XmlElement[] = [];
  for (const version of childrenIn(feature, 'FeatureVersion')) {
    for (const period of childrenIn(version, 'DatePeriod')) {
      const stated = periodDate(period);
      if (/^birthdate$/i.test(label)) party.births.push(stated);
      else party.notes.push([label, stated.words]);
    }
    for (const detail of childrenIn(version, 'VersionDetail')) {
      const reference = attribute(detail, 'DetailReferenceID');
      const value = reference === '' ? folded(detail.text) : document.named('DetailReference', reference);
      if (value !== '') takeFact(party, { label, value, country: '' });
    }
    for (const named of childrenIn(version, 'VersionLocation'))
      for (const location of document.locationsOf(attribute(named, 'LocationID'))) {
        locations.push(location);
        takePlace(party, label, document.placeOf(location));
      }
    party.notes.push([label, textIn(version, 'Comment')]);
  }
  return locations;
}

function takePlace(party: ListedParty, label: string, place: ReturnType<OfacDocument['placeOf']>): void {
  if (/^location$/i.test(label)) {
    if (place.text + place.city + place.country !== '') party.addresses.push(place);
    return;
  }
  const words = [place.text, place.city, place.country].filter((text) => text !== '').join(', ');
  // A nationality or flag is a place of which only the country matters.
  const value = /country|flag/i.test(label) ? place.country || words : words;
  if (value !== '') takeFact(party, { label, value, country: '' });
}
