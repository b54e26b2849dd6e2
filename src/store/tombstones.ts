/** What recalls forbid to hold: a tombstone wins over every arrival, whichever of the two came first (design §3, T18). */
import type { Kysely, Selectable } from 'kysely';
import { hex } from '../base/bytes.ts';
import type { Status } from '../gen/tocsin/record/v1/marking.ts';
import { type World, worldOf } from '../record/index.ts';
import { listOf, textOfList } from './audience.ts';
import { numberOf, portions } from './row.ts';
import type { TombstoneTable } from './schema/recall.ts';
import type { Schema } from './schema/tables.ts';

export interface Tombstone {
  readonly headerDigest: Uint8Array;
  /** Originator of the recall. Counts only for a record of the same originator. */
  readonly originator: string;
  /** Header digest of the recall. */
  readonly recallDigest: Uint8Array;
  /** Facets recalled; empty = the whole record. */
  readonly facets: readonly string[];
  /** Whether bytes and salts had to be deleted; otherwise they are kept, out of use. */
  readonly purge: boolean;
  /** World of the recall: one of an exercise takes nothing live, nor the other way round (R21). */
  readonly world: World;
  readonly at: number;
}

/** What all tombstones of one record say together. */
export interface Recalled {
  readonly whole: boolean;
  readonly facets: ReadonlySet<string>;
}

export interface TombstonesReader {
  /** By hexadecimal header digest; only those set by the record's own originator; a record without any is absent. */
  recalledOf(
    records: readonly {
      readonly headerDigest: Uint8Array;
      readonly originator: string;
      /** Number of tocsin.record.v1.Status. */
      readonly status: number;
    }[],
  ): Promise<ReadonlyMap<string, Recalled>>;
  /** Of these header digests, hexadecimal, those that anybody set one for. */
  setFor(headerDigests: readonly Uint8Array[]): Promise<ReadonlySet<string>>;
  /** All of one header digest, oldest first, whoever set them. */
  of(headerDigest: Uint8Array): Promise<readonly Tombstone[]>;
}

export interface TombstonesWriter extends TombstonesReader {
  /** Sets it; once more changes nothing. */
  set(tombstone: Tombstone): Promise<void>;
}

const tombstoneOf = (row: Selectable<TombstoneTable>): Tombstone => ({
  headerDigest: row.header_digest,
  originator: row.originator,
  recallDigest: row.recall_digest,
  facets: listOf(row.facets),
  purge: row.purge !== 0n,
  world: row.exercise === 0n ? 'live' : 'exercise',
  at: numberOf(row.at),
});

export function tombstonesReader(db: Kysely<Schema>): TombstonesReader {
  const all = () => db.selectFrom('tombstone').selectAll().orderBy('at').orderBy('recall_digest');
  return {
    async recalledOf(records) {
      const known = new Map(records.map((one) => [hex(one.headerDigest), one]));
      const found = new Map<string, { whole: boolean; facets: Set<string> }>();
      const digests = records.map((one) => one.headerDigest);
      for (const some of portions(digests, 1)) {
        for (const row of await all().where('header_digest', 'in', some).execute()) {
          const { headerDigest, originator, facets, world } = tombstoneOf(row);
          const key = hex(headerDigest);
          const record = known.get(key);
          if (record?.originator !== originator || worldOf(record.status as Status) !== world) continue;
          const recalled = found.get(key) ?? { whole: false, facets: new Set<string>() };
          if (facets.length === 0) recalled.whole = true;
          for (const facet of facets) recalled.facets.add(facet);
          found.set(key, recalled);
        }
      }
      return found;
    },
    async setFor(headerDigests) {
      const found = new Set<string>();
      for (const some of portions(headerDigests, 1)) {
        const rows = await db
          .selectFrom('tombstone')
          .select('header_digest')
          .where('header_digest', 'in', some)
          .execute();
        for (const { header_digest } of rows) found.add(hex(header_digest));
      }
      return found;
    },
    async of(headerDigest) {
      const rows = await all().where('header_digest', '=', headerDigest).execute();
      return rows.map(tombstoneOf);
    },
  };
}

export function tombstonesWriter(db: Kysely<Schema>): TombstonesWriter {
  return {
    ...tombstonesReader(db),
    async set({ headerDigest, originator, recallDigest, facets, purge, world, at }) {
      await db
        .insertInto('tombstone')
        .values({
          header_digest: headerDigest,
          originator,
          recall_digest: recallDigest,
          facets: textOfList(facets),
          purge: purge ? 1 : 0,
          exercise: world === 'live' ? 0 : 1,
          at,
        })
        .onConflict((conflict) => conflict.columns(['header_digest', 'recall_digest']).doNothing())
        .execute();
    },
  };
}
