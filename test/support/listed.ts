/** Reading lists of made-up parties, and what became of them. */
import { DeskGroup } from '../../src/gen/tocsin/record/v1/marking.ts';
import { Entities, Persons } from '../../src/gen/tocsin/record/v1/party.ts';
import { Internal } from '../../src/gen/tocsin/record/v1/shared_facets.ts';
import { WatchlistSummary } from '../../src/gen/tocsin/record/v1/watchlist_entry.ts';
import {
  LIST_FORMATS,
  type ListFormatName,
  type ReadList,
  type ReadOptions,
  readAtOnce,
} from '../../src/interop/index.ts';

export const ANNA = { fingerprint: 'aa', name: 'Anna', deskGroup: DeskGroup.DESK_GROUP_LICENSING };
export const NOW_MS = Date.parse('2026-03-02T10:00:00Z');
export const MARKING = { releasableTo: ['sac'] };

export const readList = (
  format: ListFormatName,
  files: readonly Uint8Array[],
  options: Partial<ReadOptions> = {},
): ReadList =>
  readAtOnce(
    LIST_FORMATS[format].read(files, { officer: ANNA, marking: MARKING, nowMs: NOW_MS, ...options }),
  );

/** Its code, or `read`. */
export function codeOf(read: () => unknown): unknown {
  try {
    read();
    return 'read';
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error;
  }
}

/** The facets of the entry with a key. */
export function entryIn(list: ReadList, key: string) {
  const facets = list.entries.find((entry) => entry.key === key)?.content.facets;
  if (facets === undefined) throw new Error(`expected ${key} in the list`);
  const none = new Uint8Array();
  const { entities, vessels, aircraft } = Entities.decode(facets.entities ?? none);
  return {
    person: Persons.decode(facets.persons ?? none).persons[0],
    entity: entities[0],
    vessel: vessels[0],
    aircraft: aircraft[0],
    summary: WatchlistSummary.decode(facets.summary ?? none),
    notes: Internal.decode(facets.internal ?? none).notes,
  };
}
