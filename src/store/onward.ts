/** Consents by the record that they are about, and who accepted, read or has in hand what: due to originators, and told by partners. */
import type { Kysely, Selectable } from 'kysely';
import { listOf, textOfList } from './audience.ts';
import { numberOf } from './row.ts';
import type { ReadingDueTable, ReadingTable, ReadingWhat } from './schema/onward.ts';
import type { Schema } from './schema/tables.ts';

/** What one desk group did with a record first. */
export interface Reading {
  readonly headerDigest: Uint8Array;
  readonly what: ReadingWhat;
  readonly deskGroup: number;
  /** Facets shown. */
  readonly facets: readonly string[];
  readonly at: number;
}

export interface ReadingDue extends Reading {
  readonly id: number;
  /** Node id of who is to be told. */
  readonly originator: string;
}

export interface ReadingTold extends Reading {
  /** Node id of who told. */
  readonly node: string;
  readonly receiptDigest: Uint8Array;
}

export interface OnwardReader {
  /** Header digests of the consents held about a record, whatever became of them. */
  consentsOn(target: Uint8Array): Promise<readonly Uint8Array[]>;
  /** Oldest first. */
  readingsDue(limit: number): Promise<readonly ReadingDue[]>;
  /** What partners told about a record of ours, oldest first. */
  readingsOf(headerDigest: Uint8Array): Promise<readonly ReadingTold[]>;
}

export interface OnwardWriter extends OnwardReader {
  /** Keeps what a consent is about; harmless twice. */
  noteConsent(headerDigest: Uint8Array, target: Uint8Array): Promise<void>;
  /** Owes its originator the word that a desk group did this; the first time counts. */
  oweReading(reading: Omit<ReadingDue, 'id'>): Promise<void>;
  /** The word was given. */
  closeReadings(ids: readonly number[]): Promise<void>;
  /** Keeps what a partner told; the first word stands. */
  noteReading(reading: ReadingTold): Promise<void>;
}

const readingOf = (row: Selectable<ReadingTable> | Selectable<ReadingDueTable>): Reading => ({
  headerDigest: row.header_digest,
  what: row.what,
  deskGroup: numberOf(row.desk_group),
  facets: listOf(row.facets),
  at: numberOf(row.at),
});

export function onwardReader(db: Kysely<Schema>): OnwardReader {
  return {
    async consentsOn(target) {
      const rows = await db
        .selectFrom('consent')
        .select('header_digest')
        .where('target', '=', target)
        .orderBy('header_digest')
        .execute();
      return rows.map((row) => row.header_digest);
    },
    async readingsDue(limit) {
      const rows = await db.selectFrom('reading_due').selectAll().orderBy('id').limit(limit).execute();
      return rows.map((row) => ({ ...readingOf(row), id: numberOf(row.id), originator: row.originator }));
    },
    async readingsOf(headerDigest) {
      const rows = await db
        .selectFrom('reading')
        .selectAll()
        .where('header_digest', '=', headerDigest)
        .orderBy('at')
        .orderBy('node')
        .execute();
      return rows.map((row) => ({ ...readingOf(row), node: row.node, receiptDigest: row.receipt_digest }));
    },
  };
}

export function onwardWriter(db: Kysely<Schema>): OnwardWriter {
  return {
    ...onwardReader(db),
    async noteConsent(headerDigest, target) {
      await db
        .insertInto('consent')
        .values({ header_digest: headerDigest, target })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },
    async oweReading({ headerDigest, originator, what, deskGroup, facets, at }) {
      await db
        .insertInto('reading_due')
        .values({
          header_digest: headerDigest,
          originator,
          what,
          desk_group: deskGroup,
          facets: textOfList(facets),
          at,
        })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },
    async closeReadings(ids) {
      if (ids.length === 0) return;
      await db.deleteFrom('reading_due').where('id', 'in', ids.map(BigInt)).execute();
    },
    async noteReading({ headerDigest, node, what, deskGroup, facets, at, receiptDigest }) {
      await db
        .insertInto('reading')
        .values({
          header_digest: headerDigest,
          node,
          what,
          desk_group: deskGroup,
          facets: textOfList(facets),
          at,
          receipt_digest: receiptDigest,
        })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },
  };
}
