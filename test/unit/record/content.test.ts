import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DeskGroup, Handling, Onward, Priority, Tlp } from '../../../src/gen/tocsin/record/v1/marking.ts';
import type { RecordContent } from '../../../src/record/content.ts';
import { contentFromJson, contentToJson } from '../../../src/record/content-json.ts';
import { messageDescriptor } from '../../../src/record/descriptor.ts';
import { messageFromJson } from '../../../src/record/json.ts';
import { KINDS } from '../../../src/record/kinds.ts';
import { validateContent } from '../../../src/record/validate.ts';
import { arbitraryMessage } from '../../support/arbitrary-message.ts';
import { EXAMPLE_KINDS, EXAMPLE_NOW_MS, exampleWithAttachments } from '../../support/contents.ts';

const defaults = { deskGroup: DeskGroup.DESK_GROUP_POLICE, nowMs: EXAMPLE_NOW_MS };
const DAY_MS = 86_400_000;

const read = (json: unknown): RecordContent => {
  const { content, faults } = contentFromJson(json, defaults);
  expect(faults).toEqual([]);
  if (content === undefined) throw new Error('no content');
  return content;
};

const faultsOf = (json: unknown): string[] => {
  const { content, faults } = contentFromJson(json, defaults);
  expect(content === undefined).toBe(faults.length > 0);
  return faults.map((fault) => `${fault.path}: ${fault.code}`);
};

describe('contentFromJson', () => {
  it.each(EXAMPLE_KINDS)('reads the example of %s, valid as typed, and writes it back', (kind) => {
    const content = read(exampleWithAttachments(kind));
    const typed = validateContent(content, { mode: 'typed', nowMs: EXAMPLE_NOW_MS });
    expect(typed.faults).toEqual([]);
    expect(read(JSON.parse(JSON.stringify(contentToJson(content))))).toEqual(content);
  });

  it('reads back generated content of every kind, whatever it says', () => {
    const contents = fc.constantFrom(...KINDS.values()).chain((row) =>
      fc
        .record(
          Object.fromEntries(
            row.facets.map((facet) => [facet.name, arbitraryMessage(messageDescriptor(facet.typeName), 2)]),
          ),
          { requiredKeys: [] },
        )
        .map((json): RecordContent => {
          const facets: Record<string, Uint8Array> = {};
          for (const facet of row.facets) {
            const bytes = messageFromJson(facet.typeName, json[facet.name] ?? {});
            if (bytes.length > 0) facets[facet.name] = bytes;
          }
          return {
            kind: row.code,
            deskGroup: DeskGroup.DESK_GROUP_HUB,
            priority: Priority.PRIORITY_FLASH,
            marking: row.defaultMarking(),
            expires: EXAMPLE_NOW_MS + 1,
            reviewBy: EXAMPLE_NOW_MS,
            facets,
          };
        }),
    );
    fc.assert(
      fc.property(contents, (content) => {
        expect(read(contentToJson(content))).toEqual(content);
        // Whatever it says, the rules answer instead of throwing.
        validateContent(content, { mode: 'typed', nowMs: EXAMPLE_NOW_MS });
        validateContent(content, { mode: 'imported', nowMs: EXAMPLE_NOW_MS });
      }),
      { numRuns: 50 },
    );
  });

  it('fills in the kind’s defaults, and lays a partial marking over them', () => {
    const content = read({
      kind: 'watchlist-entry',
      marking: { releasable_to: ['XB'], handling: [] },
      facets: {},
    });
    expect(content).toMatchObject({
      deskGroup: DeskGroup.DESK_GROUP_POLICE,
      priority: Priority.PRIORITY_ROUTINE,
      marking: { tlp: Tlp.TLP_AMBER, handling: [], releasableTo: ['XB'], onward: Onward.ONWARD_NONE },
    });
    expect(read({ kind: 'watchlist-entry', facets: {} }).marking.handling).toEqual([Handling.HANDLING_H1]);
  });

  it('takes the retention of the content, not of the kind alone', () => {
    const suspicion = read({ kind: 'watchlist-entry', facets: { summary: { basis: 'suspicion' } } });
    expect(suspicion.expires).toBe(EXAMPLE_NOW_MS + 366 * DAY_MS);
    const flash = read({ kind: 'warning', priority: 'flash', facets: {} });
    expect(flash.expires).toBe(EXAMPLE_NOW_MS + 3 * DAY_MS);
    expect(flash.reviewBy).toBeLessThanOrEqual(flash.expires);
  });

  it('reads instants as ISO 8601 or milliseconds', () => {
    const iso = read({
      kind: 'link',
      expires: '2026-04-01T00:00:00Z',
      reviewBy: 1_774_000_000_000,
      facets: {},
    });
    expect(iso).toMatchObject({ expires: Date.UTC(2026, 3, 1), reviewBy: 1_774_000_000_000 });
  });

  it('reports all faults of form with their paths', () => {
    expect(
      faultsOf({
        kind: 'seizure-notice',
        owner: 'x',
        deskGroup: 'postal',
        priority: 9,
        marking: { tlp: 'white', excluded: ['XB'] },
        expires: 'soon',
        facets: { summary: { context: 'lost' }, holdings: {}, route: [] },
      }).sort(),
    ).toEqual([
      'deskGroup: UNKNOWN_VALUE',
      'expires: WRONG_FORM',
      'facets.holdings: UNKNOWN_FACET',
      'facets.route: WRONG_TYPE',
      'facets.summary.context: UNKNOWN_VALUE',
      'marking.excluded: UNKNOWN_FIELD',
      'marking.tlp: UNKNOWN_VALUE',
      'owner: UNKNOWN_FIELD',
      'priority: UNKNOWN_VALUE',
    ]);
  });

  it.each([null, 'text', [], {}, { kind: 'toString', facets: {} }, { kind: 'link' }])(
    'refuses %j',
    (json) => {
      expect(faultsOf(json)).not.toEqual([]);
    },
  );
});
