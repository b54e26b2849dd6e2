/** Countersignatures owed: a flash that went out on one signature awaits its second. */
import type { Kysely, Selectable } from 'kysely';
import { numberOf, optional, same } from './row.ts';
import type { CountersignTable } from './schema/record.ts';
import type { Schema } from './schema/tables.ts';

export interface CountersignDuty {
  readonly headerDigest: Uint8Array;
  /** Fingerprint of the one certificate behind the release. */
  readonly releaser: string;
  readonly releasedAt: number;
  readonly dueAt: number;
  readonly countersigner?: string;
  readonly countersignedAt?: number;
}

export interface DutiesReader {
  countersignOf(headerDigest: Uint8Array): Promise<CountersignDuty | undefined>;
  /** Open duties, the one due first in front; only those due at or before `dueBy` where given. */
  openCountersigns(dueBy?: number): Promise<readonly CountersignDuty[]>;
}

export interface DutiesWriter extends DutiesReader {
  /** Throws UNIQUE_VIOLATION for a second duty on one header. */
  owe(duty: Pick<CountersignDuty, 'headerDigest' | 'releaser' | 'releasedAt' | 'dueAt'>): Promise<void>;
  /** Closes an open duty; false where there is none. */
  countersign(headerDigest: Uint8Array, countersigner: string, at: number): Promise<boolean>;
}

const dutyOf = (row: Selectable<CountersignTable>): CountersignDuty => ({
  headerDigest: row.header_digest,
  releaser: row.releaser,
  releasedAt: numberOf(row.released_at),
  dueAt: numberOf(row.due_at),
  ...optional('countersigner', row.countersigner, same),
  ...optional('countersignedAt', row.countersigned_at, numberOf),
});

export function dutiesReader(db: Kysely<Schema>): DutiesReader {
  const all = () => db.selectFrom('countersign').selectAll();
  return {
    async countersignOf(headerDigest) {
      const row = await all().where('header_digest', '=', headerDigest).executeTakeFirst();
      return row && dutyOf(row);
    },
    async openCountersigns(dueBy) {
      let select = all().where('countersigned_at', 'is', null).orderBy('due_at');
      if (dueBy !== undefined) select = select.where('due_at', '<=', BigInt(dueBy));
      return (await select.execute()).map(dutyOf);
    },
  };
}

export function dutiesWriter(db: Kysely<Schema>): DutiesWriter {
  return {
    ...dutiesReader(db),
    async owe({ headerDigest, releaser, releasedAt, dueAt }) {
      await db
        .insertInto('countersign')
        .values({ header_digest: headerDigest, releaser, released_at: releasedAt, due_at: dueAt })
        .execute();
    },
    async countersign(headerDigest, countersigner, at) {
      const { numUpdatedRows } = await db
        .updateTable('countersign')
        .set({ countersigner, countersigned_at: at })
        .where('header_digest', '=', headerDigest)
        .where('countersigned_at', 'is', null)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
  };
}
