import { describe, expect, it } from 'vitest';
import { messageDescriptor } from '../../../src/record/descriptor.ts';
import { isNeverDisclosed } from '../../../src/record/facet.ts';
import { facetOf, KINDS, kindOf } from '../../../src/record/kinds.ts';
import { isFacetName, judgeMarking } from '../../../src/record/marking.ts';
import { EXAMPLE_KINDS } from '../../support/contents.ts';

const rows = [...KINDS.values()];

describe('the table of kinds', () => {
  it('names a message of the proto files for every facet, each facet once', () => {
    for (const row of rows) {
      const names = row.facets.map((facet) => facet.name);
      expect(new Set(names).size).toBe(names.length);
      for (const facet of row.facets) {
        expect(isFacetName(facet.name)).toBe(true);
        expect(messageDescriptor(facet.typeName).typeName).toBe(facet.typeName);
      }
    }
  });

  it('has a codec that belongs to the message it names', () => {
    for (const facet of rows.flatMap((row) => row.facets)) {
      const fields = messageDescriptor(facet.typeName).fields.map((field) => field.localName);
      expect(Object.keys(facet.codec.decode(new Uint8Array()) as object).sort()).toEqual(fields.sort());
    }
  });

  it('keeps the facets that never leave at those names in every kind', () => {
    for (const row of rows)
      for (const facet of row.facets)
        expect(isNeverDisclosed(facet.class)).toBe(facet.name === 'source' || facet.name === 'internal');
  });

  it('never has a default partner, and lacks nothing else', () => {
    for (const row of rows) {
      const faults = judgeMarking(row.defaultMarking()).map((fault) => fault.path);
      expect(faults).toEqual(row.local ? [] : ['marking.releasableTo']);
      expect(row.defaultMarking()).not.toBe(row.defaultMarking());
    }
  });

  it('has an example of every kind', () => {
    expect([...EXAMPLE_KINDS].sort()).toEqual([...KINDS.keys()].sort());
  });

  it('says which kinds control the exchange and which stay', () => {
    const codes = (holds: (row: (typeof rows)[number]) => boolean) =>
      rows.filter(holds).map((row) => row.code);
    expect(codes((row) => row.control)).toEqual([
      'receipt',
      'recall',
      'onward-consent',
      'disclosure',
      'tasking',
      'answer',
      'breach-report',
      'break-glass',
      'redress-request',
      'canary',
      'audit-anchor',
    ]);
    expect(codes((row) => row.local)).toEqual(['hotline-report', 'audit-anchor']);
  });

  it('answers for unknown kinds and facets with nothing', () => {
    expect(kindOf('constructor')).toBeUndefined();
    expect(facetOf('warning', 'persons')).toBeUndefined();
    expect(facetOf('seizure-notice', 'persons')).toMatchObject({ class: 'P', keepDays: 1827 });
  });
});

describe('the schema', () => {
  it('has no field for an individual lawful owner, a permit of one, or what must never be said of a person', () => {
    const seen = new Set<string>();
    const names: string[] = [];
    const walk = (typeName: string): void => {
      if (seen.has(typeName)) return;
      seen.add(typeName);
      for (const field of messageDescriptor(typeName).fields) {
        expect(field.fieldKind).not.toBe('map');
        names.push(`${typeName}.${field.name}`);
        if (field.message !== undefined) walk(field.message.typeName);
      }
    };
    for (const facet of rows.flatMap((row) => row.facets)) walk(facet.typeName);
    const banned =
      /owner|holder|permit|ethnic|relig|politic|health|union|sexual|biometric|fingerprint|dna|phone|email|caller/i;
    // A ship's owner is an entity of the record.
    expect(names.filter((name) => banned.test(name))).toEqual(['tocsin.record.v1.Vessel.owner_ref']);
  });
});
