import { describe, expect, it } from 'vitest';
import { utf8 } from '../../../src/base/bytes.ts';
import { codeOf, entryIn, readList } from '../../support/listed.ts';

// Everybody and everything in these lists is invented.
const person = (
  id: number,
) => `<sanctionEntity designationDate="2014-03-17" designationDetails="" unitedNationId="XAi.1" euReferenceNumber="EU.1.${id}" logicalId="${id}">
  <remark>Seen in Kalun.</remark>
  <regulation regulationType="amendment" publicationDate="2016-01-02" programme="KELP" logicalId="1"><publicationUrl>http://law.example</publicationUrl></regulation>
  <subjectType code="person" classificationCode="P"/>
  <nameAlias firstName="Orsolo" lastName="Venn" wholeName="Orsolo Venn &amp; Tarrick" function="Harbour master" gender="M" title="" strong="true" logicalId="2"><regulationSummary publicationDate="2016-01-02"/></nameAlias>
  <nameAlias wholeName="Орсоло Венн" strong="true" logicalId="3"/><nameAlias wholeName="Tarry" strong="false" logicalId="4"/>
  <nameAlias firstName="O." middleName="" lastName="Venn" wholeName="" strong="true" logicalId="5"/>
  <citizenship countryIso2Code="NO" countryDescription="NORWAY"/><citizenship countryIso2Code="00" countryDescription="UNKNOWN"/><citizenship countryIso2Code="00" countryDescription="BORVANIA"/>
  <birthdate circa="true" calendarType="GREGORIAN" year="1966" monthOfYear="5" countryIso2Code="NO" countryDescription="NORWAY" city="Kalun"/>
  <birthdate circa="false" calendarType="GREGORIAN" yearRangeFrom="1964" yearRangeTo="1967"/>
  <birthdate circa="false" calendarType="ISLAMIC" year="1385"/>
  <identification identificationTypeCode="passport" identificationTypeDescription="National passport" number="Q0001" countryIso2Code="NO" countryDescription="NORWAY" knownExpired="true"/>
  <identification identificationTypeCode="id" identificationTypeDescription="National identification card" number="77" countryIso2Code="00" countryDescription="UNKNOWN"/>
  <address street="4 Kelp Stairs" city="Kalun" countryIso2Code="NO"/>
</sanctionEntity>`;
const entity = (
  id: number,
) => `<sanctionEntity unitedNationId="" euReferenceNumber="EU.2.${id}" logicalId="${id}">
  <regulation publicationDate="2019-05-06" programme="KELP"/><regulation publicationDate="2018-04-05" programme="TIDE"/>
  <subjectType code="enterprise" classificationCode="E"/><nameAlias wholeName="Quellmar Shipping" strong="true"/>
  <identification identificationTypeCode="regnumber" identificationTypeDescription="Registration Number" number="12-34" countryIso2Code="NO"/>
  <address street="4 Kelp Stairs" zipCode="99" poBox="PB 1" city="Port Brava" countryIso2Code="NO" countryDescription="NORWAY"/></sanctionEntity>`;
const list = (body: string, space = 'http://eu.europa.ec/fpi/fsd/export') =>
  utf8(
    `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><export xmlns="${space}" generationDate="2026-02-27T17:00:34.049+01:00" globalFileId="1">${body}</export>`,
  );
const read = (bytes: Uint8Array) => readList('eu-list', [bytes]);

describe('the EU list', () => {
  it('maps a person: dates by their parts, countries by code, papers, and what fits no field into the notes', () => {
    const found = read(list(person(13) + entity(14)));
    expect(found).toMatchObject({
      persons: 1,
      entities: 1,
      whole: true,
      generatedAt: Date.parse('2026-02-27T16:00:34.049Z'),
    });
    const { person: one, notes, summary } = entryIn(found, 'eu:13');
    expect(one?.names.map(({ text, type }) => [text, type])).toEqual([
      ['Orsolo Venn & Tarrick', 1],
      ['Орсоло Венн', 2],
      ['Tarry', 3],
      ['O. Venn', 2],
    ]);
    expect(one?.born).toEqual({ year: 1966, month: 5, day: 0, approximate: true });
    expect(one?.birthPlace).toBe('Kalun, NORWAY');
    expect(one?.nationalities).toEqual(['NO']);
    expect(one?.sex).toBe(2);
    expect(one?.documents.map(({ country, number }) => [country, number])).toEqual([['NO', 'Q0001']]);
    for (const kept of [
      'BORVANIA',
      '1964 1967',
      '1385',
      '77',
      'known to have expired',
      'Seen in Kalun.',
      'Harbour master',
      'XAi.1',
    ])
      expect(notes).toContain(kept);
    expect(notes).not.toContain('UNKNOWN');
    expect(found.flags.map(({ path, code }) => `${path} ${code}`).sort()).toEqual([
      'eu:13.born MORE_DATES',
      'eu:13.born MORE_DATES',
      'eu:13.documents DOCUMENT',
      'eu:13.nationality COUNTRY_NAME',
    ]);
    expect(summary.since).toEqual({ year: 2014, month: 3, day: 17, approximate: false });
    expect(summary.reasons).toEqual([11, 12]);
  });

  it('maps a body, listed since the earliest act that names it', () => {
    const { entity: one, summary } = entryIn(read(list(entity(14))), 'eu:14');
    expect(one?.ids.map(({ scheme, value, issuer }) => [scheme, value, issuer])).toEqual([
      [2, '12-34', 'NO'],
    ]);
    expect(one?.addresses).toEqual([{ text: '4 Kelp Stairs, PB 1, 99', city: 'Port Brava', country: 'NO' }]);
    expect(summary.since).toEqual({ year: 2018, month: 4, day: 5, approximate: false });
    expect(summary.reasons).toEqual([12]);
  });

  it('refuses another root or name space, cut files, declarations, duplicates and unknown types', () => {
    const good = list(person(13));
    expect(codeOf(() => read(good.subarray(0, good.length - 12)))).toBe('XML_MALFORMED');
    expect(codeOf(() => read(list(person(13), 'http://other.example')))).toBe('WRONG_ROOT');
    expect(codeOf(() => read(utf8('<CONSOLIDATED_LIST/>')))).toBe('WRONG_ROOT');
    expect(codeOf(() => read(utf8('<!DOCTYPE export [<!ENTITY a "b">]><export/>')))).toBe('XML_DOCTYPE');
    expect(codeOf(() => read(list('')))).toBe('LIST_INVALID');
    expect(codeOf(() => read(list(person(13) + entity(13))))).toBe('ENTRY_INVALID');
    expect(codeOf(() => read(list(entity(1).replace('code="enterprise"', 'code="other"'))))).toBe(
      'ENTRY_INVALID',
    );
    expect(codeOf(() => readList('eu-list', [good, good]))).toBe('LIST_INVALID');
  });
});
