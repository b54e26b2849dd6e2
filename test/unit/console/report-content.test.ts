import { describe, expect, it } from 'vitest';
import { codesOf } from '../../../src/console/compose/forms.ts';
import {
  closedOutline,
  NO_WEAPONS,
  newReportNumber,
  newWarning,
  readPoints,
  repeatedWords,
  vehiclesOf,
  weaponsOf,
  wholeHour,
} from '../../../src/console/pages/hotline/report-content.ts';
import { contentFromJson, validateContent } from '../../../src/record/index.ts';
import { EXAMPLE_NOW_MS, exampleContent } from '../../support/contents.ts';

describe('a number for callers', () => {
  it('has eight signs that nobody mistakes for each other', () => {
    expect(newReportNumber()).toMatch(/^[2-9A-HJKMNP-TV-Z]{4}-[2-9A-HJKMNP-TV-Z]{4}$/);
    expect(newReportNumber()).not.toBe(newReportNumber());
  });
  it('leaves bytes out that would make some signs likelier', () => {
    const bytes = [255, 240, 239, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
    expect(newReportNumber(() => Uint8Array.from(bytes))).toBe('Z234-5678');
  });
});

describe('a warning from a report', () => {
  it('takes over matter, pressure and region, and nothing else', () => {
    const summary = {
      reportNumber: '7Q4K-M2XH',
      receivedAt: '2031-05-01T01:00:00Z',
      category: 'HOTLINE_CATEGORY_STOCK_THEFT',
      imminence: 'IMMINENCE_HOURS',
      country: 'XL',
      subdivision: 'XL-N',
      channel: 'HOTLINE_CHANNEL_VOICE',
    };
    const warning = newWarning(['fr', 'pt'], summary, Date.parse('2031-05-02T10:20:00Z'));
    expect(warning.facets.summary).toMatchObject({
      event: 'WARNING_EVENT_DEPOT_LOSS',
      urgency: 'URGENCY_EXPECTED',
      areas: [{ subdivisions: ['XL-N'] }],
      effective: '2031-05-02T10:00:00.000Z',
      expires: '2031-05-03T10:20:00.000Z',
    });
    expect(JSON.stringify(warning)).not.toMatch(/7Q4K|2031-05-01|VOICE/);
  });
  it('must not repeat five words in a row', () => {
    const told = 'Dois camiões seguem de noite para a fronteira.';
    expect(repeatedWords('Atenção: seguem de noite para A fronteira', told)).toBe('seguem de noite para a');
    expect(repeatedWords('Camiões de noite perto da fronteira', told)).toBeUndefined();
    expect(repeatedWords('', told)).toBeUndefined();
  });
});

const lineOf = (weapons: unknown): object => (Array.isArray(weapons) ? weapons[0] : {});

describe('arms and vehicles of the forms', () => {
  it('keep to the rules of records, whatever category is chosen', () => {
    for (const category of codesOf('WeaponCategory').filter((code) => !NO_WEAPONS.includes(code))) {
      const json = exampleContent('warning') as unknown as { facets: object };
      const facets = {
        ...json.facets,
        items: {
          weapons: [{ ...lineOf(weaponsOf(category)), quantity: 20, state: 'WEAPON_STATE_COMPLETE' }],
        },
        conveyance: { vehicles: vehiclesOf('white lorry') },
        basis: undefined,
      };
      const at = { deskGroup: 6, nowMs: EXAMPLE_NOW_MS } as const;
      const { content } = contentFromJson(JSON.parse(JSON.stringify({ ...json, facets })), at);
      if (content === undefined) throw new Error(`expected content with ${category}`);
      const { faults } = validateContent(content, { mode: 'typed', nowMs: EXAMPLE_NOW_MS });
      expect(faults, category).toEqual([]);
    }
  });
});

describe('an outline', () => {
  it('is read from lines, as coarse as the rule wants it', () => {
    expect(readPoints('-8.512, 14.04\n\n-9 15\nnorth of the town\n95, 3\n1,2,3')).toEqual({
      points: [
        { latitude: -8.5, longitude: 14 },
        { latitude: -9, longitude: 15 },
      ],
      faulty: [4, 5, 6],
    });
  });
  it('is closed, and none with fewer than three corners', () => {
    const [a, b, c] = [
      { latitude: 0, longitude: 0 },
      { latitude: 1, longitude: 0 },
      { latitude: 1, longitude: 1 },
    ];
    expect(closedOutline([a, b])).toEqual([]);
    expect(closedOutline([a, b, b, a])).toEqual([]);
    expect(closedOutline([a, b, c])).toEqual([a, b, c, a]);
    expect(closedOutline([a, b, c, a])).toEqual([a, b, c, a]);
  });
});

describe('the hour of a call', () => {
  it('is whole', () => {
    expect(wholeHour(Date.parse('2031-05-01T01:59:59Z'))).toBe('2031-05-01T01:00:00.000Z');
  });
});
