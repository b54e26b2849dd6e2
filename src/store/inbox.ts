/** What partners sent to our desks, in order of arrival; and what was refused or put aside, with its reason. */
import type { Kysely, Selectable } from 'kysely';
import { hex } from '../base/bytes.ts';
import type { Audience, FacetAudience, ItemAction } from '../gen/tocsin/exchange/v1/parcel.ts';
import {
  audienceOf,
  facetAudiencesOf,
  listOf,
  textOfAudience,
  textOfFacetAudiences,
  textOfList,
} from './audience.ts';
import { noteChanges } from './record-changes.ts';
import { portions } from './row.ts';
import type { InboxItemTable, QuarantineTable, RefusalTable } from './schema/exchange.ts';
import type { Schema } from './schema/tables.ts';

export interface InboxEntry {
  readonly headerDigest: Uint8Array;
  readonly sender: string;
  readonly action: ItemAction;
  /** Names of the facets that came with this item. */
  readonly facets: readonly string[];
  readonly audience: Audience;
  readonly facetAudiences: readonly FacetAudience[];
  readonly basis: string;
  readonly consent?: Uint8Array;
  readonly receivedAt: number;
}

export interface InboxItem extends InboxEntry {
  /** Order of arrival; never used twice. */
  readonly position: number;
}

export interface RefusalEntry {
  readonly at: number;
  readonly sender: string;
  /** Number of tocsin.record.v1.Reason. */
  readonly reason: number;
  readonly detail: string;
  readonly digest?: Uint8Array;
}

export interface Refusal extends RefusalEntry {
  readonly id: number;
}

export interface QuarantineEntry {
  readonly at: number;
  readonly sender: string;
  readonly headerDigest?: Uint8Array;
  readonly reason: number;
  /** Encoded ParcelItem, or whatever proves the case. */
  readonly body: Uint8Array;
}

export interface Quarantined extends QuarantineEntry {
  readonly id: number;
}

export interface InboxReader {
  /** Items after a position, oldest first; 0 = from the beginning. */
  after(position: number, limit: number): Promise<readonly InboxItem[]>;
  /** All items of one record, oldest first. */
  ofRecord(headerDigest: Uint8Array): Promise<readonly InboxItem[]>;
  /** Items of many records, by the hexadecimal header digest, oldest first; a record without any is absent. */
  ofRecords(headerDigests: readonly Uint8Array[]): Promise<ReadonlyMap<string, readonly InboxItem[]>>;
  /** Position of the newest item, 0 = none. */
  newest(): Promise<number>;
  /** Newest first. */
  refusals(limit: number, sender?: string): Promise<readonly Refusal[]>;
  /** Newest first. */
  quarantined(limit: number): Promise<readonly Quarantined[]>;
}

export interface InboxWriter extends InboxReader {
  add(entries: readonly InboxEntry[]): Promise<void>;
  /** Keeps the newest rows of a sender: a stranger's noise cannot fill the disk. */
  refuse(entry: RefusalEntry): Promise<void>;
  /** Keeps the newest rows of a sender. */
  quarantine(entry: QuarantineEntry): Promise<void>;
}

const KEPT_REFUSALS = 1_000;
const KEPT_QUARANTINES = 1_000;
/** Rows in one insert; SQLite takes 32,766 parameters a statement. */
const INSERT_ROWS = 500;

const itemOf = (row: Selectable<InboxItemTable>): InboxItem => ({
  position: Number(row.position),
  headerDigest: row.header_digest,
  sender: row.sender,
  action: Number(row.action) as ItemAction,
  facets: listOf(row.facets),
  audience: audienceOf(row.audience),
  facetAudiences: facetAudiencesOf(row.facet_audiences),
  basis: row.basis,
  receivedAt: Number(row.received_at),
  ...(row.consent !== null && { consent: row.consent }),
});

const refusalOf = (row: Selectable<RefusalTable>): Refusal => ({
  id: Number(row.id),
  at: Number(row.at),
  sender: row.sender,
  reason: Number(row.reason),
  detail: row.detail,
  ...(row.digest !== null && { digest: row.digest }),
});

const quarantinedOf = (row: Selectable<QuarantineTable>): Quarantined => ({
  id: Number(row.id),
  at: Number(row.at),
  sender: row.sender,
  reason: Number(row.reason),
  body: row.body,
  ...(row.header_digest !== null && { headerDigest: row.header_digest }),
});

export function inboxReader(db: Kysely<Schema>): InboxReader {
  const items = db.selectFrom('inbox_item').selectAll();
  return {
    async after(position, limit) {
      const rows = await items
        .where('position', '>', BigInt(position))
        .orderBy('position')
        .limit(limit)
        .execute();
      return rows.map(itemOf);
    },
    async ofRecord(headerDigest) {
      const rows = await items.where('header_digest', '=', headerDigest).orderBy('position').execute();
      return rows.map(itemOf);
    },
    async ofRecords(headerDigests) {
      const found = new Map<string, InboxItem[]>();
      for (const some of portions(headerDigests, 1))
        for (const row of await items.where('header_digest', 'in', some).orderBy('position').execute()) {
          const key = hex(row.header_digest);
          found.set(key, [...(found.get(key) ?? []), itemOf(row)]);
        }
      return found;
    },
    async newest() {
      const row = await db
        .selectFrom('inbox_item')
        .select('position')
        .orderBy('position', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row ? Number(row.position) : 0;
    },
    async refusals(limit, sender) {
      const all = db.selectFrom('refusal').selectAll().orderBy('id', 'desc').limit(limit);
      const rows = await (sender === undefined ? all : all.where('sender', '=', sender)).execute();
      return rows.map(refusalOf);
    },
    async quarantined(limit) {
      const rows = await db.selectFrom('quarantine').selectAll().orderBy('id', 'desc').limit(limit).execute();
      return rows.map(quarantinedOf);
    },
  };
}

export function inboxWriter(db: Kysely<Schema>): InboxWriter {
  return {
    ...inboxReader(db),
    async add(entries) {
      for (let at = 0; at < entries.length; at += INSERT_ROWS) {
        const values = entries.slice(at, at + INSERT_ROWS).map((entry) => ({
          header_digest: entry.headerDigest,
          sender: entry.sender,
          action: entry.action,
          facets: textOfList(entry.facets),
          audience: textOfAudience(entry.audience),
          facet_audiences: textOfFacetAudiences(entry.facetAudiences),
          basis: entry.basis,
          consent: entry.consent ?? null,
          received_at: entry.receivedAt,
        }));
        await db.insertInto('inbox_item').values(values).execute();
        // Who may see the record has changed.
        await noteChanges(db, [...new Set(values.map(({ header_digest }) => header_digest))]);
      }
    },
    async refuse(entry) {
      await db
        .insertInto('refusal')
        .values({ ...entry, digest: entry.digest ?? null })
        .execute();
      const oldest = await db
        .selectFrom('refusal')
        .select('id')
        .where('sender', '=', entry.sender)
        .orderBy('id', 'desc')
        .offset(KEPT_REFUSALS)
        .limit(1)
        .executeTakeFirst();
      if (oldest) {
        await db
          .deleteFrom('refusal')
          .where('sender', '=', entry.sender)
          .where('id', '<=', oldest.id)
          .execute();
      }
    },
    async quarantine(entry) {
      await db
        .insertInto('quarantine')
        .values({
          at: entry.at,
          sender: entry.sender,
          header_digest: entry.headerDigest ?? null,
          reason: entry.reason,
          body: entry.body,
        })
        .execute();
      const oldest = await db
        .selectFrom('quarantine')
        .select('id')
        .where('sender', '=', entry.sender)
        .orderBy('id', 'desc')
        .offset(KEPT_QUARANTINES)
        .limit(1)
        .executeTakeFirst();
      if (oldest) {
        await db
          .deleteFrom('quarantine')
          .where('sender', '=', entry.sender)
          .where('id', '<=', oldest.id)
          .execute();
      }
    },
  };
}
