/** Numbers that a record can be found by, facet by facet: a partner may hold some facets only, and be asked about fewer. */
import { LIMITS } from '../../base/limits.ts';
import {
  Disposal,
  SeizureContext,
  SeizureItems,
  SeizureSummary,
} from '../../gen/tocsin/record/v1/seizure_notice.ts';
import { WatchlistStatus, WatchlistSummary } from '../../gen/tocsin/record/v1/watchlist_entry.ts';
import { facetOf, judgeMessage, type RecordContent } from '../../record/index.ts';
import { aboutWeapon, FACET_READERS } from './facet-numbers.ts';
import { MAX_VALUE } from './item-store.ts';
import type { About, ListedIdentifier } from './listed.ts';
import { numberKeys, schemeNumber, schemeRow } from './schemes.ts';

/** Longest text beside a number; a longer one is cut, and compares as far as it goes. */
const MAX_BESIDE = 200;

export interface RecordNumber {
  /** The facet that has the number. Persons' papers are in `persons`, class P. */
  readonly facet: string;
  /** Facets that what is known beside it came from: all of them are told with a hit. */
  readonly aboutFrom: readonly string[];
  /** The caller adds entry and policy class. */
  readonly identifier: Omit<ListedIdentifier, 'entryId' | 'policyClass'>;
}

/** What is read of a record: a content, or as much of one as a partner holds. */
export type ScreenedContent = Pick<RecordContent, 'kind' | 'expires' | 'facets'>;

/**
 * Numbers of the facets that are there; none of a watchlist entry that is suspended or delisted, which may not hit. Bytes
 * that are no message of their facet give nothing. `notAfter` is the record's end, save for what was collected or destroyed: such a
 * weapon that comes back is the strongest sign of diversion there is, and stays findable (domain §0.9).
 */
export function identifiersOf(content: ScreenedContent): readonly RecordNumber[] {
  if (!mayHit(content)) return [];
  const beside = linesOf(content);
  const forGood = staysFindable(content);
  const found: RecordNumber[] = [];
  for (const [facet, body] of Object.entries(content.facets)) {
    const typeName = facetOf(content.kind, facet)?.typeName;
    const reader = typeName === undefined ? undefined : FACET_READERS.get(typeName);
    if (typeName === undefined || reader === undefined || body.length === 0) continue;
    const judged = judgeMessage({ decode: reader.read }, typeName, body, LIMITS.facetBytes);
    if (!judged.ok) continue;
    for (const { scheme, value, about, line } of judged.value) {
      if (!isHeld(scheme, value)) continue;
      const items = line === undefined ? undefined : beside.get(line);
      found.push({
        facet,
        aboutFrom: [
          ...(Object.keys(about).length > 0 ? [facet] : []),
          ...(items !== undefined && Object.keys(items).length > 0 ? ['items'] : []),
        ],
        identifier: {
          scheme,
          value: value.trim(),
          about: shortened({ ...about, ...items }),
          ...(forGood && scheme === 'serial' ? {} : { notAfter: content.expires }),
        },
      });
    }
  }
  return found;
}

/** Empty values, and texts where a number should be, are left to the search for names. */
function isHeld(scheme: ListedIdentifier['scheme'], value: string): boolean {
  if (value.trim().length > MAX_VALUE) return false;
  return numberKeys(schemeRow(schemeNumber(scheme)), value).loose !== '';
}

const shortened = (about: About): About =>
  Object.fromEntries(
    Object.entries(about).map(([field, value]) => [
      field,
      typeof value === 'string' ? value.slice(0, MAX_BESIDE) : value,
    ]),
  );

function read<Message>(
  content: ScreenedContent,
  facet: string,
  codec: { decode(bytes: Uint8Array): Message },
  message: string,
): Message | undefined {
  const body = content.facets[facet];
  const typeName = `tocsin.record.v1.${message}`;
  if (body === undefined || facetOf(content.kind, facet)?.typeName !== typeName) return undefined;
  const judged = judgeMessage(codec, typeName, body, LIMITS.facetBytes);
  return judged.ok ? judged.value : undefined;
}

function mayHit(content: ScreenedContent): boolean {
  const status = read(content, 'summary', WatchlistSummary, 'WatchlistSummary')?.status;
  return (
    status !== WatchlistStatus.WATCHLIST_STATUS_SUSPENDED &&
    status !== WatchlistStatus.WATCHLIST_STATUS_DELISTED
  );
}

function staysFindable(content: ScreenedContent): boolean {
  const summary = read(content, 'summary', SeizureSummary, 'SeizureSummary');
  return (
    summary?.context === SeizureContext.SEIZURE_CONTEXT_COLLECTED ||
    summary?.context === SeizureContext.SEIZURE_CONTEXT_SURRENDERED ||
    summary?.disposal === Disposal.DISPOSAL_DESTROYED
  );
}

/** What the item lines of a seizure say, by line. */
function linesOf(content: ScreenedContent): ReadonlyMap<number, About> {
  const weapons = read(content, 'items', SeizureItems, 'SeizureItems')?.weapons ?? [];
  return new Map(weapons.map((weapon) => [weapon.line, aboutWeapon(weapon)]));
}
