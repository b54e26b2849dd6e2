/**
 * What of this node's own watchlist one partner may screen against: entries in force whose record the policy lets it receive, with
 * names from all their facets, those that are withheld among them; that is what private screening is for. An entry that
 * says `refer` is in no set: a searcher is to learn nothing of it.
 */
import { hex } from '../../base/bytes.ts';
import type { Clock } from '../../base/clock.ts';
import type { PolicyPort } from '../../exchange/index.ts';
import { Entities, Persons } from '../../gen/tocsin/record/v1/party.ts';
import {
  ScreeningMode,
  WatchlistStatus,
  WatchlistSummary,
} from '../../gen/tocsin/record/v1/watchlist_entry.ts';
import { judgeHeader } from '../../record/index.ts';
import type { ReadTx, Store, StoredFacet, StoredRecord } from '../../store/index.ts';
import type { PrivateEntry } from './evaluated-set.ts';
import type { PrivateIdentifier } from './keys.ts';

/** Records read in one transaction. */
const PAGE = 100;

export interface EntriesDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly network: Uint8Array;
  readonly policy: () => Pick<PolicyPort, 'viewFor'>;
}

/** Entries for one partner as policy and store stand while they are read. */
export function entriesOf(deps: EntriesDeps) {
  return async function* (partner: string, signal: AbortSignal): AsyncGenerator<PrivateEntry> {
    let cursor: string | undefined;
    do {
      signal.throwIfAborted();
      const at: { readonly cursor?: string } = cursor === undefined ? {} : { cursor };
      const page = await deps.store.read(async (tx) => {
        const { items, next } = await tx.records.list({
          world: 'live',
          kind: 'watchlist-entry',
          origin: 'own',
          state: 'released',
          order: 'oldest',
          limit: PAGE,
          ...at,
        });
        return { entries: await readEntries(deps, tx, items, partner), next };
      });
      yield* page.entries;
      cursor = page.next;
    } while (cursor !== undefined);
  };
}

async function readEntries(
  { clock, network, policy }: EntriesDeps,
  tx: ReadTx,
  records: readonly StoredRecord[],
  partner: string,
): Promise<readonly PrivateEntry[]> {
  const now = clock.nowMs();
  const facets = await tx.records.facetsOf(records.map(({ headerDigest }) => headerDigest));
  const entries: PrivateEntry[] = [];
  for (const { headerDigest, recordId, header, expires } of records) {
    const held = facets.get(hex(headerDigest)) ?? [];
    const signed = judgeHeader(network, header);
    if (!signed.ok || expires <= now || !isInForce(held)) continue;
    const disclosed = held.map(({ facet, salt, body }) => ({
      facet,
      salt: Buffer.from(salt),
      body: Buffer.from(body),
    }));
    const view = policy().viewFor({ signed: signed.value, facets: disclosed }, partner, now);
    if (view.receive.allowed) entries.push({ headerDigest, recordId, ...namedIn(held) });
  }
  return entries;
}

type Facets = readonly Pick<StoredFacet, 'facet' | 'body'>[];

const bodyOf = (facets: Facets, name: string): Uint8Array | undefined =>
  facets.find(({ facet, body }) => facet === name && body.length > 0)?.body;

function isInForce(facets: Facets): boolean {
  const body = bodyOf(facets, 'summary');
  if (body === undefined) return false;
  const { status, screeningMode } = WatchlistSummary.decode(body);
  return (
    status === WatchlistStatus.WATCHLIST_STATUS_ACTIVE && screeningMode !== ScreeningMode.SCREENING_MODE_REFER
  );
}

/** Names and identifiers of an entry's parties: of persons, of bodies, of ships and aircraft. */
export function namedIn(facets: Facets): Pick<PrivateEntry, 'names' | 'identifiers'> {
  const names: string[] = [];
  const identifiers: PrivateIdentifier[] = [];
  const persons = bodyOf(facets, 'persons');
  for (const person of persons ? Persons.decode(persons).persons : []) {
    names.push(...person.names.map(({ text }) => text));
    for (const { country, number } of person.documents)
      identifiers.push({ scheme: 'document', country, value: number });
  }
  const bodies = bodyOf(facets, 'entities');
  const { entities, vessels, aircraft } = bodies ? Entities.decode(bodies) : NO_ENTITIES;
  for (const entity of entities) {
    names.push(...entity.names.map(({ text }) => text));
    identifiers.push(...entity.ids.map(({ value }) => ({ scheme: 'entity', value }) as const));
  }
  for (const ship of vessels) {
    names.push(...ship.names.map(({ text }) => text));
    identifiers.push({ scheme: 'imo', value: ship.imo }, { scheme: 'mmsi', value: ship.mmsi });
  }
  for (const { icao24, serialNumber } of aircraft)
    identifiers.push({ scheme: 'icao24', value: icao24 }, { scheme: 'aircraft-serial', value: serialNumber });
  return { names, identifiers: identifiers.filter(({ value }) => value !== '') };
}

const NO_ENTITIES = { entities: [], vessels: [], aircraft: [] } as const;
