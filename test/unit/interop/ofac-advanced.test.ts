import { describe, expect, it } from 'vitest';
import { hex, utf8 } from '../../../src/base/bytes.ts';
import { codeOf, entryIn, readList } from '../../support/listed.ts';

// Everybody and everything in these lists is invented; the numbers of types are not those of the real list either.
const set = (type: string, values: Readonly<Record<number, string>>, more = '') =>
  `<${type}Values>${Object.entries(values)
    .map(([id, text]) => `<${type} ID="${id}" ${more}>${text}</${type}>`)
    .join('')}</${type}Values>`;
const REFERENCES = `<ReferenceValueSets>
  ${set('AliasType', { 1: 'A.K.A.', 2: 'F.K.A.', 3: 'Name' })}${set('Country', { 1: 'Norway', 2: 'undetermined', 3: 'Malta' })}
  ${set('FeatureType', { 8: 'Birthdate', 9: 'Place of Birth', 10: 'Nationality Country', 25: 'Location', 26: 'Title', 2: 'Vessel Flag', 1: 'Vessel Call Sign', 3: 'Vessel Type', 48: "Aircraft Manufacturer's Serial Number (MSN)", 224: 'Gender', 30: 'Former Vessel Flag' })}
  ${set('DetailReference', { 91: 'Male' })}${set('IDRegDocType', { 1: 'Passport', 2: 'Vessel Registration Identification', 3: 'Registration Number' })}
  ${set('List', { 5: 'SDN List' })}${set('LocPartType', { 1: 'ADDRESS1', 2: 'CITY', 3: 'POSTAL CODE' })}
  ${set('NamePartType', { 1: 'Last Name', 2: 'First Name', 3: 'Entity Name', 4: 'Vessel Name', 5: 'Aircraft Name' })}
  ${set('PartyType', { 1: 'Individual', 2: 'Entity' })}${set('SanctionsType', { 1: 'Program', 2: 'Block' })}${set('Script', { 215: 'Latin', 220: 'Cyrillic' })}
  <PartySubTypeValues><PartySubType ID="4" PartyTypeID="1">Unknown</PartySubType><PartySubType ID="3" PartyTypeID="2">Unknown</PartySubType>
  <PartySubType ID="1" PartyTypeID="4">Vessel</PartySubType><PartySubType ID="2" PartyTypeID="4">Aircraft</PartySubType></PartySubTypeValues></ReferenceValueSets>`;
const day = (name: string, year: number, month: number, of: number) =>
  `<${name}><Year>${year}</Year><Month>${month}</Month><Day>${of}</Day></${name}>`;
const period = (from: string, to: string) =>
  `<DatePeriod><Start Approximate="false">${from.replaceAll('X>', 'From>')}${from.replaceAll('X>', 'To>')}</Start><End Approximate="false">${to.replaceAll('X>', 'From>')}${to.replaceAll('X>', 'To>')}</End></DatePeriod>`;
const feature = (type: number, version: string) =>
  `<Feature ID="${type}" FeatureTypeID="${type}"><FeatureVersion ID="1">${version}</FeatureVersion></Feature>`;
const detail = (text: string) => `<VersionDetail DetailTypeID="1">${text}</VersionDetail>`;
const name = (parts: readonly (readonly [group: number, text: string])[], script = 215) =>
  `<DocumentedName ID="1">${parts.map(([group, text]) => `<DocumentedNamePart><NamePartValue NamePartGroupID="${group}" ScriptID="${script}">${text}</NamePartValue></DocumentedNamePart>`).join('')}</DocumentedName>`;
const alias = (type: number, primary: boolean, names: string, low = false) =>
  `<Alias AliasTypeID="${type}" Primary="${primary}" LowQuality="${low}">${names}</Alias>`;
const party = (id: number, subtype: number, aliases: string, parts: readonly number[], features = '') =>
  `<DistinctParty FixedRef="${id}"><Comment/><Profile ID="${id}" PartySubTypeID="${subtype}"><Identity ID="9${id}" Primary="true">${aliases}
  <NamePartGroups><MasterNamePartGroup>${parts.map((type, at) => `<NamePartGroup ID="${at + 1}" NamePartTypeID="${type}"/>`).join('')}</MasterNamePartGroup></NamePartGroups></Identity>${features}</Profile></DistinctParty>`;
const PARTIES = [
  party(
    101,
    4,
    alias(
      1,
      false,
      name([
        [1, 'TARRICK'],
        [2, 'O.'],
      ]),
    ) +
      alias(
        3,
        true,
        name([
          [1, 'VENN'],
          [2, 'Orsolo'],
        ]) +
          name(
            [
              [1, 'Венн'],
              [2, 'Орсоло'],
            ],
            220,
          ),
      ) +
      alias(1, false, name([[1, 'TARRY']]), true),
    [1, 2],
    feature(8, period(day('X', 1966, 1, 1), day('X', 1966, 12, 31))) +
      feature(8, period(day('X', 1964, 5, 1), day('X', 1968, 5, 1))) +
      feature(10, '<VersionLocation LocationID="7"/>') +
      feature(25, '<VersionLocation LocationID="8"/>') +
      feature(9, detail('Kalun')) +
      feature(224, '<VersionDetail DetailReferenceID="91"/>') +
      feature(26, detail('Harbour master')),
  ),
  party(
    102,
    3,
    alias(3, true, name([[1, 'QUELLMAR SHIPPING']])) + alias(2, false, name([[1, 'KELP AND SONS']])),
    [3],
    feature(25, '<VersionLocation LocationID="8"/>'),
  ),
  party(
    103,
    1,
    alias(3, true, name([[1, 'KELP STAR']])),
    [4],
    feature(30, '<VersionLocation LocationID="9"/>') +
      feature(2, '<VersionLocation LocationID="7"/>') +
      feature(1, detail('LKEL')) +
      feature(3, detail('Tug')),
  ),
  party(104, 2, alias(3, true, name([[1, 'LN-KLP']])), [5], feature(48, detail('402001'))),
];
const paper = (id: number, type: number, number: string, country: string) =>
  `<IDRegDocument ID="1" IDRegDocTypeID="${type}" IdentityID="9${id}" ${country}><IDRegistrationNo>${number}</IDRegistrationNo></IDRegDocument>`;
const location = (id: number, country: number, parts = '') =>
  `<Location ID="${id}"><LocationCountry CountryID="${country}"/>${parts}</Location>`;
const part = (type: number, value: string) =>
  `<LocationPart LocPartTypeID="${type}"><LocationPartValue Primary="true"><Value>${value}</Value></LocationPartValue></LocationPart>`;
const entry = (id: number) =>
  `<SanctionsEntry ID="${id}" ProfileID="${id}" ListID="5"><EntryEvent ID="1">${day('Date', 2014, 3, 17)}</EntryEvent><EntryEvent ID="2">${day('Date', 2012, 1, 2)}</EntryEvent>
  <SanctionsMeasure SanctionsTypeID="1"><Comment>KELP</Comment></SanctionsMeasure><SanctionsMeasure SanctionsTypeID="2"><Comment/></SanctionsMeasure></SanctionsEntry>`;
const list = (parties: readonly string[] = PARTIES, { references = REFERENCES, city = 'Port Brava' } = {}) =>
  utf8(`<?xml version="1.0" encoding="utf-8"?><Sanctions xmlns="https://list.example/ADVANCED_XML">${day('DateOfIssue', 2026, 2, 27)}${references}
  <Locations>${location(7, 1)}${location(8, 1, part(1, '4 Kelp Stairs') + part(2, city) + part(3, '99'))}${location(9, 3)}</Locations>
  <IDRegDocuments>${paper(101, 1, 'Q0001', 'IssuedBy-CountryID="1"')}${paper(101, 1, 'Q0002', '')}${paper(102, 3, '12-34', 'IssuedBy-CountryID="1"')}${paper(103, 2, 'IMO 9074729', '')}</IDRegDocuments>
  <DistinctParties>${parties.join('')}</DistinctParties><ProfileRelationships/>
  <SanctionsEntries>${[101, 102, 103, 104].map(entry).join('')}</SanctionsEntries></Sanctions>`);
const read = (bytes: Uint8Array) => readList('ofac-advanced', [bytes]);

describe('the US list as advanced XML', () => {
  it('maps a person over its numbers: names by their parts and scripts, periods, places and papers', () => {
    const found = read(list());
    expect(found).toMatchObject({
      prefix: 'ofac:',
      persons: 1,
      entities: 1,
      vessels: 1,
      aircraft: 1,
      edition: '2026-02-27',
      whole: true,
    });
    const { person, notes, summary } = entryIn(found, 'ofac:101');
    expect(person?.names.map(({ text, type }) => [text, type])).toEqual([
      ['Orsolo VENN', 1],
      ['O. TARRICK', 2],
      ['Орсоло Венн', 5],
      ['TARRY', 3],
    ]);
    expect(person?.born).toEqual({ year: 1966, month: 0, day: 0, approximate: false });
    expect([person?.birthPlace, person?.nationalities, person?.sex]).toEqual(['Kalun', ['NO'], 2]);
    expect(person?.documents.map(({ country, number }) => [country, number])).toEqual([['NO', 'Q0001']]);
    for (const kept of ['1964-5-1 to 1968-5-1', 'Q0002', 'Harbour master', 'Port Brava', 'KELP'])
      expect(notes).toContain(kept);
    expect(summary.since).toEqual({ year: 2012, month: 1, day: 2, approximate: false });
  });

  it('maps bodies, ships and aircraft, under the keys that the tables give them', () => {
    const found = read(list());
    const { entity } = entryIn(found, 'ofac:102');
    expect(entity?.names.map(({ text, type }) => [text, type])).toEqual([
      ['QUELLMAR SHIPPING', 1],
      ['KELP AND SONS', 3],
    ]);
    expect(entity?.ids.map(({ value, issuer }) => [value, issuer])).toEqual([
      ['12-34', 'Norway Registration Number'],
    ]);
    expect(entity?.addresses).toEqual([{ text: '4 Kelp Stairs, 99', city: 'Port Brava', country: 'NO' }]);
    expect(entryIn(found, 'ofac:103').vessel).toMatchObject({
      imo: '9074729',
      callSign: 'LKEL',
      type: 'Tug',
      flags: [{ country: 'NO' }, { country: 'MT' }],
    });
    expect(entryIn(found, 'ofac:104').aircraft).toMatchObject({
      registrations: [{ mark: 'LN-KLP' }],
      serialNumber: '402001',
    });
  });

  it('gives those another digest whose places changed, and nobody else', () => {
    const [before, after] = [list(), list(PARTIES, { city: 'Port Bravo' })].map((bytes) =>
      read(bytes).entries.map(({ digest }) => hex(digest)),
    );
    expect(before?.map((digest, at) => digest === after?.[at])).toEqual([false, false, true, true]);
  });

  it('refuses cut files, missing parts, another list of the form, duplicates and unknown parties', () => {
    const good = list();
    const text = new TextDecoder().decode(good);
    expect(codeOf(() => read(good.subarray(0, good.length - 30)))).toBe('XML_MALFORMED');
    expect(codeOf(() => read(utf8('<sdnList/>')))).toBe('WRONG_ROOT');
    expect(codeOf(() => read(list(PARTIES, { references: '' })))).toBe('LIST_INVALID');
    expect(codeOf(() => read(utf8(text.replace(/<IDRegDocuments>[\s\S]*<\/IDRegDocuments>/, ''))))).toBe(
      'LIST_INVALID',
    );
    expect(codeOf(() => read(utf8(text.replace('SDN List', 'Consolidated List'))))).toBe('WRONG_ROOT');
    expect(codeOf(() => read(utf8(text.replace('SDN List', 'Non-SDN Kelp List'))))).toBe('WRONG_ROOT');
    expect(codeOf(() => read(list([])))).toBe('LIST_INVALID');
    expect(codeOf(() => read(list([PARTIES[0] ?? '', PARTIES[0] ?? ''])))).toBe('ENTRY_INVALID');
    expect(codeOf(() => read(list([party(105, 77, '', [])])))).toBe('ENTRY_INVALID');
  });
});
