/** What private screening remembers: the one key of a holder's month, and how much of a day's budget is spent. */
import type { Kysely, Selectable } from 'kysely';
import { numberOf } from './row.ts';
import type { PrivateKeyTable, PrivateSide, PrivateUse } from './schema/private-screening.ts';
import type { Schema } from './schema/tables.ts';

export interface PrivateMonthKey {
  /** Node id. */
  readonly holder: string;
  /** As `2026-11`. */
  readonly month: string;
  readonly publicKey: Uint8Array;
  /** As the holder signed it. */
  readonly announcement: Uint8Array;
  readonly seenAt: number;
}

export interface PrivateSpending {
  readonly side: PrivateSide;
  readonly partner: string;
  /** UTC, as `2026-11-27`. */
  readonly day: string;
  readonly what: PrivateUse;
}

export interface PrivateScreeningReader {
  keyOf(holder: string, month: string): Promise<PrivateMonthKey | undefined>;
  used(spending: PrivateSpending): Promise<number>;
}

export interface PrivateScreeningWriter extends PrivateScreeningReader {
  /** Keeps the first key of a holder's month for good; the one that is kept, which may be another. */
  pinKey(key: PrivateMonthKey): Promise<PrivateMonthKey>;
  /** One more; what is spent with it, or undefined, and nothing is counted, where `limit` was spent before. */
  spend(spending: PrivateSpending, limit: number): Promise<number | undefined>;
  /** Drops counts of earlier days and keys of earlier months. */
  forgetBefore(day: string, month: string): Promise<void>;
}

const keyOfRow = (row: Selectable<PrivateKeyTable>): PrivateMonthKey => ({
  holder: row.holder,
  month: row.month,
  publicKey: row.public_key,
  announcement: row.announcement,
  seenAt: numberOf(row.seen_at),
});

export function privateScreeningReader(db: Kysely<Schema>): PrivateScreeningReader {
  return {
    async keyOf(holder, month) {
      const row = await db
        .selectFrom('private_key')
        .selectAll()
        .where('holder', '=', holder)
        .where('month', '=', month)
        .executeTakeFirst();
      return row && keyOfRow(row);
    },
    async used({ side, partner, day, what }) {
      const row = await db
        .selectFrom('private_use')
        .select('used')
        .where('side', '=', side)
        .where('partner', '=', partner)
        .where('day', '=', day)
        .where('what', '=', what)
        .executeTakeFirst();
      return row ? numberOf(row.used) : 0;
    },
  };
}

export function privateScreeningWriter(db: Kysely<Schema>): PrivateScreeningWriter {
  const reader = privateScreeningReader(db);
  return {
    ...reader,
    async pinKey(key) {
      const { holder, month, publicKey, announcement, seenAt } = key;
      await db
        .insertInto('private_key')
        .values({ holder, month, public_key: publicKey, announcement, seen_at: seenAt })
        .onConflict((conflict) => conflict.columns(['holder', 'month']).doNothing())
        .execute();
      return (await reader.keyOf(holder, month)) ?? key;
    },
    async spend(spending, limit) {
      const used = (await reader.used(spending)) + 1;
      if (used > limit) return undefined;
      await db
        .insertInto('private_use')
        .values({ ...spending, used })
        .onConflict((conflict) =>
          conflict.columns(['side', 'partner', 'day', 'what']).doUpdateSet({ used: BigInt(used) }),
        )
        .execute();
      return used;
    },
    async forgetBefore(day, month) {
      await db.deleteFrom('private_use').where('day', '<', day).execute();
      await db.deleteFrom('private_key').where('month', '<', month).execute();
    },
  };
}
