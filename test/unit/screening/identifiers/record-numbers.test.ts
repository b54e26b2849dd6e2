import { describe, expect, it } from 'vitest';
import { SeizureContext, SeizureSummary } from '../../../../src/gen/tocsin/record/v1/seizure_notice.ts';
import { WatchlistStatus, WatchlistSummary } from '../../../../src/gen/tocsin/record/v1/watchlist_entry.ts';
import { contentFromJson, KINDS, type RecordContent } from '../../../../src/record/index.ts';
import { IdentifierIndex } from '../../../../src/screening/identifiers/identifier-index.ts';
import { identifiersOf } from '../../../../src/screening/identifiers/record-numbers.ts';
import { EXAMPLE_NOW_MS, exampleContent } from '../../../support/contents.ts';

function contentOf(kind: string): RecordContent {
  const { content } = contentFromJson(exampleContent(kind), { deskGroup: 1, nowMs: EXAMPLE_NOW_MS });
  if (content === undefined) throw new Error(`expected an example of ${kind}`);
  return content;
}

const told = (content: Parameters<typeof identifiersOf>[0]) =>
  identifiersOf(content).map(({ facet, identifier }) => [facet, identifier.scheme, identifier.value]);

const without = (content: RecordContent, ...facets: readonly string[]): RecordContent => ({
  ...content,
  facets: Object.fromEntries(Object.entries(content.facets).filter(([name]) => !facets.includes(name))),
});

describe('identifiersOf', () => {
  it('reads bodies, ships, aircraft and persons of a watchlist entry, each with its facet', () => {
    const found = told(contentOf('watchlist-entry'));
    for (const one of [
      ['entities', 'lei', 'QQQQ00TOCSINDEMO0184'],
      ['entities', 'imo-company', '0001012'],
      ['entities', 'imo-ship', '0001016'],
      ['entities', 'mmsi', '299000101'],
      ['entities', 'call-sign', 'Q2AB'],
      ['entities', 'aircraft-mark', 'Q-AVN'],
      ['persons', 'passport', 'XB0004711'],
    ])
      expect(found).toContainEqual(one);
  });

  it('never reads the papers of those whom a person is not', () => {
    expect(JSON.stringify(told(contentOf('watchlist-entry')))).not.toContain('XC7700123');
  });

  it('reads what a partner holds: without persons no papers, without items no maker', () => {
    const entry = contentOf('watchlist-entry');
    expect(told(without(entry, 'persons')).map(([facet]) => facet)).not.toContain('persons');
    const seizure = contentOf('seizure-notice');
    const serialOf = (content: RecordContent) =>
      identifiersOf(content).find(({ identifier }) => identifier.scheme === 'serial');
    const whole = serialOf(seizure);
    expect(whole?.facet).toBe('identifiers');
    expect(whole?.aboutFrom).toContain('items');
    expect(whole?.identifier.about?.calibre).toBeTruthy();
    const part = serialOf(without(seizure, 'items'));
    expect(part?.identifier.value).toBe(whole?.identifier.value);
    expect(part?.aboutFrom).not.toContain('items');
    expect(part?.identifier.about?.calibre).toBeUndefined();
  });

  it('reads the paper of an alert with what it is compared by', () => {
    const paper = identifiersOf(contentOf('forged-euc-alert')).find(({ facet }) => facet === 'document');
    expect(paper?.identifier.scheme).toBe('certificate');
    expect(paper?.identifier.about).toMatchObject({
      country: expect.any(String),
      issuer: expect.any(String),
    });
  });

  it('gives nothing of an entry that is suspended or delisted', () => {
    const entry = contentOf('watchlist-entry');
    for (const status of [
      WatchlistStatus.WATCHLIST_STATUS_SUSPENDED,
      WatchlistStatus.WATCHLIST_STATUS_DELISTED,
    ]) {
      const summary = WatchlistSummary.decode(entry.facets.summary ?? new Uint8Array());
      const body = WatchlistSummary.encode({ ...summary, status }).finish();
      expect(identifiersOf({ ...entry, facets: { ...entry.facets, summary: body } })).toEqual([]);
    }
  });

  it('ends with its record, but for serials of what was collected', () => {
    const seizure = contentOf('seizure-notice');
    const summary = SeizureSummary.decode(seizure.facets.summary ?? new Uint8Array());
    const endsOf = (context: SeizureContext) => {
      const body = SeizureSummary.encode({ ...summary, context }).finish();
      return identifiersOf({ ...seizure, facets: { ...seizure.facets, summary: body } })
        .filter(({ identifier }) => identifier.scheme === 'serial')
        .map(({ identifier }) => identifier.notAfter);
    };
    expect(new Set(endsOf(SeizureContext.SEIZURE_CONTEXT_SEIZED))).toEqual(new Set([seizure.expires]));
    expect(new Set(endsOf(SeizureContext.SEIZURE_CONTEXT_COLLECTED))).toEqual(new Set([undefined]));
  });

  it('gives nothing for bytes that are no message of their facet', () => {
    const entry = contentOf('watchlist-entry');
    expect(told({ ...entry, facets: { entities: new Uint8Array([0xff, 0xff, 1]) } })).toEqual([]);
  });

  it('gives of every kind only what the index holds, and finds it again', () => {
    let numbers = 0;
    for (const kind of KINDS.keys()) {
      const index = new IdentifierIndex();
      const found = identifiersOf(contentOf(kind)).map(({ identifier }) => ({
        ...identifier,
        entryId: kind,
      }));
      index.add(found);
      numbers += found.length;
      for (const { scheme, value } of found)
        expect(index.search({ scheme, value }).hits[0], `${kind} ${scheme}`).toMatchObject({ entryId: kind });
    }
    expect(numbers).toBeGreaterThan(20);
  });
});
