/**
 * A made-up list in the advanced form of the US list, as large as the real one and as wordy: the same seed gives the same bytes.
 * Everybody and everything in it is invented; the numbers of types are not those of the real list.
 */
import { seeded } from './crash.ts';

const values = (type: string, names: readonly string[], more = ''): string =>
  `<${type}Values>${names.map((name, at) => `<${type} ID="${at + 1}"${more}>${name}</${type}>`).join('\n')}</${type}Values>\n`;

const COUNTRIES = ['Norway', 'Malta', 'Panama', 'Kenya', 'undetermined'];
const FEATURES = [
  'Birthdate',
  'Place of Birth',
  'Nationality Country',
  'Location',
  'Title',
  'Gender',
  'Website',
];
const PAPERS = ['Passport', 'Registration Number', 'Tax ID No.'];
const PROGRAMMES = ['KELP', 'OTTER', 'SDGT-KELP'];
const SYLLABLES = ['ka', 'lun', 'vor', 'tem', 'os', 'brel', 'ny', 'quin', 'dar', 'sel', 'mo', 'tarr'];
const CYRILLIC = ['ка', 'лун', 'вор', 'тем', 'ос', 'брел'];

const REFERENCES = `<ReferenceValueSets>
${values('AliasType', ['A.K.A.', 'F.K.A.', 'Name'])}${values('Country', COUNTRIES, ' ISO2=""')}${values('FeatureType', FEATURES, ' FeatureTypeGroupID="1"')}
${values('DetailReference', ['Male', 'Female'])}${values('IDRegDocType', PAPERS)}${values('List', ['SDN List'])}${values('LocPartType', ['ADDRESS1', 'CITY', 'POSTAL CODE'])}
${values('NamePartType', ['Last Name', 'First Name', 'Entity Name'])}${values('PartyType', ['Individual', 'Entity'])}${values('SanctionsType', ['Program', 'Block'])}${values('Script', ['Latin', 'Cyrillic'])}
<PartySubTypeValues><PartySubType ID="1" PartyTypeID="1">Unknown</PartySubType><PartySubType ID="2" PartyTypeID="2">Unknown</PartySubType></PartySubTypeValues></ReferenceValueSets>
`;

const day = (name: string, year: number, month: number, of: number): string =>
  `<${name} CalendarTypeID="1"><Year>${year}</Year><Month>${month}</Month><Day>${of}</Day></${name}>`;

interface Draw {
  readonly below: (most: number) => number;
  readonly word: (syllables?: readonly string[]) => string;
}

function drawOf(seed: number): Draw {
  const random = seeded(seed);
  const below = (most: number) => Math.floor(random() * most);
  return {
    below,
    word: (syllables = SYLLABLES) =>
      Array.from({ length: 2 + below(2) }, () => syllables[below(syllables.length)] ?? '').join(''),
  };
}

const nameXml = (words: readonly string[], script: number, id: number): string =>
  `<DocumentedName ID="${id}" FixedRef="${id}" DocNameStatusID="1">
${words.map((text, at) => `<DocumentedNamePart><NamePartValue NamePartGroupID="${at + 1}" ScriptID="${script}" ScriptStatusID="1" Acronym="false">${text}</NamePartValue></DocumentedNamePart>`).join('\n')}
</DocumentedName>`;

function partyXml(id: number, { below, word }: Draw): string {
  const isPerson = below(10) < 6;
  const parts = isPerson ? [1, 2] : [3];
  const words = () =>
    isPerson ? [word().toUpperCase(), word()] : [`${word()} ${word()} TRADING &amp; SONS`];
  const aliases = Array.from({ length: 2 + below(5) }, (_, at) => {
    const also =
      at === 0 && below(2) === 0
        ? nameXml(
            parts.map(() => word(CYRILLIC)),
            2,
            id * 100 + 50,
          )
        : '';
    return `<Alias FixedRef="${id}" AliasTypeID="${at === 0 ? 3 : 1 + below(2)}" Primary="${at === 0}" LowQuality="${at > 3}">
${nameXml(words(), 1, id * 100 + at)}${also}</Alias>`;
  });
  const version = (type: number, inner: string) =>
    `<Feature ID="${id}${type}" FeatureTypeID="${type}"><FeatureVersion ID="${id}${type}" ReliabilityID="1"><Comment />${inner}</FeatureVersion><IdentityReference IdentityID="${id}" IdentityFeatureLinkTypeID="1" /></Feature>`;
  const born = 1940 + below(60);
  const ends = (name: string, month: number, of: number) =>
    `<${name} Approximate="false" YearFixed="false" MonthFixed="false" DayFixed="false">${day('From', born, month, of)}${day('To', born, month, of)}</${name}>`;
  const features = [
    version(4, `<VersionLocation LocationID="${1 + below(id)}" />`),
    ...(isPerson
      ? [
          version(
            1,
            `<DatePeriod CalendarTypeID="1" YearFixed="false" MonthFixed="false" DayFixed="false">${ends('Start', 1, 1)}${ends('End', 12, 31)}</DatePeriod>`,
          ),
          version(2, `<VersionDetail DetailTypeID="1">${word()}, ${word()}</VersionDetail>`),
          version(3, `<VersionLocation LocationID="${1 + below(id)}" />`),
          version(6, `<VersionDetail DetailTypeID="2" DetailReferenceID="${1 + below(2)}" />`),
        ]
      : [version(7, `<VersionDetail DetailTypeID="1">www.${word()}.example</VersionDetail>`)]),
    version(5, `<VersionDetail DetailTypeID="1">${word()} of ${word()} since ${born + 20}</VersionDetail>`),
  ];
  return `<DistinctParty FixedRef="${id}"><Comment />
<Profile ID="${id}" PartySubTypeID="${isPerson ? 1 : 2}">
<Identity ID="${id}" FixedRef="${id}" Primary="true" False="false">
${aliases.join('\n')}
<NamePartGroups><MasterNamePartGroup>${parts.map((type, at) => `<NamePartGroup ID="${at + 1}" NamePartTypeID="${type}" />`).join('')}</MasterNamePartGroup></NamePartGroups>
</Identity>
${features.join('\n')}
<SanctionsEntryReference SanctionsEntryID="${id}" />
</Profile></DistinctParty>
`;
}

function locationXml(id: number, { below, word }: Draw): string {
  const part = (type: number, text: string) =>
    `<LocationPart LocPartTypeID="${type}"><LocationPartValue Primary="true" LocPartValueTypeID="1" LocPartValueStatusID="1"><Comment /><Value>${text}</Value></LocationPartValue></LocationPart>`;
  return `<Location ID="${id}"><LocationAreaCode AreaCodeID="1" /><LocationCountry CountryID="${1 + below(COUNTRIES.length)}" CountryRelevanceID="1" />
${part(1, `${id} ${word()} Stairs`)}${part(2, `Port ${word()}`)}${part(3, String(below(9_999)))}</Location>
`;
}

const paperXml = (id: number, { below }: Draw): string =>
  `<IDRegDocument ID="${id}" IDRegDocTypeID="${1 + below(PAPERS.length)}" IdentityID="${id}" IssuedBy-CountryID="${1 + below(4)}" ValidityID="1">
<Comment /><IDRegistrationNo>Q${below(1e7)}</IDRegistrationNo><IssuingAuthority /><DocumentedNameReference DocumentedNameID="${id * 100}" /></IDRegDocument>
`;

const sanctionXml = (id: number, { below }: Draw): string =>
  `<SanctionsEntry ID="${id}" ProfileID="${id}" ListID="1"><EntryEvent ID="${id}" EntryEventTypeID="1" LegalBasisID="1"><Comment />${day('Date', 2000 + below(25), 1 + below(12), 1 + below(28))}</EntryEvent>
<SanctionsMeasure ID="${id}" SanctionsTypeID="1"><Comment>${PROGRAMMES[below(PROGRAMMES.length)]}</Comment></SanctionsMeasure><SanctionsMeasure ID="${id}1" SanctionsTypeID="2"><Comment /></SanctionsMeasure></SanctionsEntry>
`;

export interface OfacAdvancedSize {
  readonly parties: number;
  readonly seed?: number;
}

/** Some 5.7 kB a party: 18,000 are 100 MB, as the real list has them. */
export function ofacAdvancedList({ parties, seed = 1 }: OfacAdvancedSize): Uint8Array {
  const draw = drawOf(seed);
  const ids = Array.from({ length: parties }, (_, at) => at + 1);
  const all = (one: (id: number, draw: Draw) => string) => ids.map((id) => Buffer.from(one(id, draw)));
  return Buffer.concat([
    Buffer.from(
      `<?xml version="1.0" encoding="utf-8"?>\n<Sanctions xmlns="https://list.example/ADVANCED_XML" Version="3">\n${day('DateOfIssue', 2026, 2, 27)}${REFERENCES}<Locations>`,
    ),
    ...all(locationXml),
    Buffer.from('</Locations><IDRegDocuments>'),
    ...all(paperXml),
    Buffer.from('</IDRegDocuments><DistinctParties>'),
    ...all(partyXml),
    Buffer.from('</DistinctParties><ProfileRelationships>'),
    ...all(
      (id) =>
        `<ProfileRelationship ID="${id}" From-ProfileID="${id}" To-ProfileID="1" RelationTypeID="1" Former="false" SanctionsEntryID="${id}"><Comment /></ProfileRelationship>\n`,
    ),
    Buffer.from('</ProfileRelationships><SanctionsEntries>'),
    ...all(sanctionXml),
    Buffer.from('</SanctionsEntries><SanctionsEntryLinks /></Sanctions>'),
  ]);
}
