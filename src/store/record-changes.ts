/** The order in which records changed: for whoever keeps something that is derived from them, and must miss nothing. */
import type { Kysely } from 'kysely';
import { portions } from './row.ts';
import type { Schema } from './schema/tables.ts';

export interface RecordChange {
  /** Upward, never used twice. */
  readonly number: bigint;
  readonly headerDigest: Uint8Array;
}

export interface RecordChangesReader {
  /** Number of the newest change, 0 = none. */
  newest(): Promise<bigint>;
  /** Changes after a number, oldest first. */
  after(number: bigint, limit: number): Promise<readonly RecordChange[]>;
}

export interface RecordChangesWriter extends RecordChangesReader {
  /** Deletes those up to a number, the newest excepted. */
  forget(upTo: bigint): Promise<void>;
}

/** For repositories that change a record, its facets, its state, or who may see it. */
export async function noteChanges(db: Kysely<Schema>, headerDigests: readonly Uint8Array[]): Promise<void> {
  for (const some of portions(headerDigests, 1))
    await db
      .insertInto('record_change')
      .values(some.map((header_digest) => ({ header_digest })))
      .execute();
}

export function recordChangesReader(db: Kysely<Schema>): RecordChangesReader {
  return {
    async newest() {
      const row = await db
        .selectFrom('record_change')
        .select('number')
        .orderBy('number', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row?.number ?? 0n;
    },
    async after(number, limit) {
      const rows = await db
        .selectFrom('record_change')
        .selectAll()
        .where('number', '>', number)
        .orderBy('number')
        .limit(limit)
        .execute();
      return rows.map((row) => ({ number: row.number, headerDigest: row.header_digest }));
    },
  };
}

export function recordChangesWriter(db: Kysely<Schema>): RecordChangesWriter {
  const reader = recordChangesReader(db);
  return {
    ...reader,
    async forget(upTo) {
      const newest = await reader.newest();
      await db
        .deleteFrom('record_change')
        .where('number', '<=', upTo < newest ? upTo : newest - 1n)
        .execute();
    },
  };
}
