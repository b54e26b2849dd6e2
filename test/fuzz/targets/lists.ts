/** Lists of sanctioned parties by others, in every form but the UN's. */
import { utf8 } from '../../../src/base/bytes.ts';
import { DeskGroup } from '../../../src/gen/tocsin/record/v1/marking.ts';
import { LIST_FORMATS, type ListFormatName, readAtOnce } from '../../../src/interop/index.ts';
import { accepted, type Target } from '../target.ts';

const officer = { fingerprint: 'aa', name: 'Anna', deskGroup: DeskGroup.DESK_GROUP_LICENSING };
const options = {
  officer,
  marking: { releasableTo: ['sac'] },
  nowMs: Date.UTC(2026, 2, 2),
  list: 'kelp',
};

/** A list in one file, or one whose other files stay as they are. */
const targetOf = (
  name: ListFormatName,
  reads: string,
  seeds: readonly string[],
  tokens: readonly string[],
  beside: readonly string[] = [],
): Target => ({
  name,
  reads,
  timeMs: 200,
  timeMsPerKiB: 8,
  open: () => ({
    form: { kind: 'text', tokens: [...tokens] },
    seeds: seeds.map(utf8),
    read: (bytes) => accepted(readAtOnce(LIST_FORMATS[name].read([bytes, ...beside.map(utf8)], options))),
  }),
});

const XML_TOKENS = [
  '<!DOCTYPE a [<!ENTITY b "c">]>',
  '&#1;',
  '&#65;'.repeat(500),
  '<![CDATA[',
  ']]>',
  '<__proto__>x</__proto__>',
  ' ID="1"',
  ' year="0"',
  '<Year>99999</Year>',
  '<',
  '>',
];
const CSV_TOKENS = [
  '"',
  '""',
  ',',
  ';',
  '\t',
  '\r',
  '\n',
  '\x1a',
  '-0- ',
  '__proto__',
  '(',
  ')',
  "a.k.a. '",
  '; '.repeat(500),
];

const eu = `<?xml version="1.0" encoding="UTF-8"?><export xmlns="http://eu.europa.ec/fpi/fsd/export" generationDate="2026-02-27T17:00:34.049+01:00">
<sanctionEntity designationDate="2014-03-17" unitedNationId="" euReferenceNumber="EU.1.13" logicalId="13"><remark>Seen &amp; told</remark>
<regulation publicationDate="2016-01-02" programme="KELP"/><subjectType code="person"/><nameAlias wholeName="Orsolo Venn" gender="M" strong="true"/>
<citizenship countryIso2Code="NO"/><birthdate circa="true" calendarType="GREGORIAN" year="1966" monthOfYear="5" city="Kalun"/>
<identification identificationTypeDescription="National passport" number="Q0001" countryIso2Code="NO"/></sanctionEntity></export>`;
const advanced = `<?xml version="1.0"?><Sanctions xmlns="x"><DateOfIssue><Year>2026</Year><Month>2</Month><Day>27</Day></DateOfIssue>
<ReferenceValueSets><PartyTypeValues><PartyType ID="1">Individual</PartyType></PartyTypeValues><PartySubTypeValues><PartySubType ID="4" PartyTypeID="1">Unknown</PartySubType></PartySubTypeValues>
<FeatureTypeValues><FeatureType ID="8">Birthdate</FeatureType><FeatureType ID="25">Location</FeatureType></FeatureTypeValues><CountryValues><Country ID="1">Norway</Country></CountryValues></ReferenceValueSets>
<Locations><Location ID="7"><LocationCountry CountryID="1"/></Location></Locations><IDRegDocuments><IDRegDocument ID="1" IDRegDocTypeID="1" IdentityID="9"><IDRegistrationNo>Q1</IDRegistrationNo></IDRegDocument></IDRegDocuments>
<DistinctParties><DistinctParty FixedRef="101"><Profile ID="101" PartySubTypeID="4"><Identity ID="9"><Alias AliasTypeID="3" Primary="true"><DocumentedName><DocumentedNamePart><NamePartValue NamePartGroupID="1">VENN</NamePartValue></DocumentedNamePart></DocumentedName></Alias></Identity>
<Feature FeatureTypeID="8"><FeatureVersion><DatePeriod><Start><From><Year>1966</Year><Month>1</Month><Day>1</Day></From></Start><End><To><Year>1966</Year><Month>12</Month><Day>31</Day></To></End></DatePeriod></FeatureVersion></Feature>
<Feature FeatureTypeID="25"><FeatureVersion><VersionLocation LocationID="7"/></FeatureVersion></Feature></Profile></DistinctParty></DistinctParties>
<SanctionsEntries><SanctionsEntry ProfileID="101" ListID="5"><EntryEvent><Date><Year>2012</Year><Month>1</Month><Day>2</Day></Date></EntryEvent></SanctionsEntry></SanctionsEntries></Sanctions>`;
const sdn = `101,"VENN, Orsolo","individual","SDGT] [KELP","Harbour master",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"DOB 10 Dec 1948; alt. DOB circa 1950; Passport Q0001 (Norway) expires 2030; a.k.a. 'OLD TAR'."\r
103,"KELP STAR","vessel","KELP",-0- ,"LKEL","Tug","2597","1098","Norway",-0- ,"Vessel Registration Identification IMO 9074729; MMSI 257000001."\r
\x1a`;
const ftm = [
  '{"id":"NK-1","schema":"Person","caption":"Orsolo Venn","datasets":["kelp"],"properties":{"name":["Orsolo Venn"],"birthDate":["1966-05"],"nationality":["no"],"topics":["sanction"],"addressEntity":["a1"]}}',
  '{"id":"a1","schema":"Address","properties":{"full":["4 Kelp Stairs"],"country":["no"]}}',
  '{"id":"s1","schema":"Sanction","properties":{"entity":["NK-1"],"startDate":["2014-03-17"]}}',
  '',
].join('\n');
const table =
  'ID,Type,Full Name,Aliases,Date of Birth,Nationality,IMO,Listed on\n1,Individual,"Venn, ""Tar"" Orsolo",Old Tar; Tarry,circa 1966,Norway|Malta,,2012-12-31\n2,Ship,Kelp Star,,,,9074729,2013\n';

export const LIST_TARGETS: readonly Target[] = [
  targetOf('ofac-sdn', 'the US list as tables: readCsv, takeRemarks', [sdn], CSV_TOKENS, [
    '101,1,"aka","VENN TARRICK, O.",-0- \r\n\x1a',
    '103,1,"4 Kelp Stairs","Kalun","Norway",-0- \r\n\x1a',
  ]),
  targetOf(
    'ofac-advanced',
    'the US list as advanced XML: openXmlItems, OfacDocument, ofacPartyOf',
    [advanced],
    XML_TOKENS,
  ),
  targetOf('eu-list', 'the EU list: readXml and its entities', [eu], XML_TOKENS),
  targetOf(
    'opensanctions',
    'FollowTheMoney entities: readFtmLines and its parties',
    [ftm],
    [
      '{',
      '}',
      '[',
      ']',
      '"',
      '\\u0000',
      '\\ud800',
      '"__proto__":["x"],',
      '\n',
      '['.repeat(5_000),
      '"topics":["sanction"],',
    ],
  ),
  targetOf('csv', 'a plain table: readCsv, columnsOf', [table, table.replaceAll(',', ';')], CSV_TOKENS),
];
