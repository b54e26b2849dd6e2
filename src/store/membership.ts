/** What a change of membership leaves behind: rosters that contradict each other, records that came too late. */
import type { Kysely, Selectable } from 'kysely';
import { numberOf, optional, same } from './row.ts';
import type { LateRecordTable, RosterForkTable } from './schema/membership.ts';
import type { Schema } from './schema/tables.ts';

export interface StoredFork {
  readonly version: bigint;
  readonly held: Uint8Array;
  readonly rival: Uint8Array;
  /** Encoded SignedRoster. */
  readonly rivalBody: Uint8Array;
  readonly shownBy: string;
  readonly at: number;
  /** Digest of the one that the operator chose. */
  readonly chosen?: Uint8Array;
  readonly resolvedAt?: number;
}

export interface LateRecord {
  readonly headerDigest: Uint8Array;
  /** Whose word came too late: the originator, or the one that passed it on. */
  readonly member: string;
  readonly standing: 'suspended' | 'expelled';
  readonly since: number;
  readonly rosterVersion: bigint;
  readonly at: number;
}

/** What came of a member while it was out already and nobody here knew. */
export interface LateQuery {
  readonly member: string;
  readonly standing: LateRecord['standing'];
  readonly since: number;
  /** Exclusive; what came later was judged by the standing itself. */
  readonly until: number;
  /** Kinds that a member in this standing may still send. */
  readonly spared: readonly string[];
}

export interface MembershipReader {
  /** Oldest version first. */
  forks(): Promise<readonly StoredFork[]>;
  /** Marks of these records. */
  lateRecords(headerDigests: readonly Uint8Array[]): Promise<readonly LateRecord[]>;
  /** All marks that a member earned. */
  lateRecordsOf(member: string): Promise<readonly LateRecord[]>;
}

export interface MembershipWriter extends MembershipReader {
  /** The first that is seen of a version stands. Whether it is new. */
  keepFork(fork: Omit<StoredFork, 'chosen' | 'resolvedAt'>): Promise<boolean>;
  resolveFork(version: bigint, chosen: Uint8Array, at: number): Promise<void>;
  /** Marks what came of a member in that time, from it or of its own by others; how many were not marked yet. */
  markLate(query: LateQuery, rosterVersion: bigint, at: number): Promise<number>;
}

const forkOf = (row: Selectable<RosterForkTable>): StoredFork => ({
  version: row.version,
  held: row.held,
  rival: row.rival,
  rivalBody: row.rival_body,
  shownBy: row.shown_by,
  at: numberOf(row.at),
  ...optional('chosen', row.chosen, same),
  ...optional('resolvedAt', row.resolved_at, numberOf),
});

const lateOf = (row: Selectable<LateRecordTable>): LateRecord => ({
  headerDigest: row.header_digest,
  member: row.member,
  standing: row.standing,
  since: numberOf(row.since),
  rosterVersion: row.roster_version,
  at: numberOf(row.at),
});

/** Rows in one insert; SQLite takes 32,766 parameters a statement. */
const INSERT_ROWS = 500;

export function membershipReader(db: Kysely<Schema>): MembershipReader {
  const late = db.selectFrom('late_record').selectAll();
  return {
    async forks() {
      return (await db.selectFrom('roster_fork').selectAll().orderBy('version').execute()).map(forkOf);
    },
    async lateRecords(headerDigests) {
      if (headerDigests.length === 0) return [];
      return (await late.where('header_digest', 'in', headerDigests).execute()).map(lateOf);
    },
    async lateRecordsOf(member) {
      return (await late.where('member', '=', member).execute()).map(lateOf);
    },
  };
}

export function membershipWriter(db: Kysely<Schema>): MembershipWriter {
  return {
    ...membershipReader(db),
    async keepFork({ version, held, rival, rivalBody, shownBy, at }) {
      const added = await db
        .insertInto('roster_fork')
        .values({ version, held, rival, rival_body: rivalBody, shown_by: shownBy, at })
        .onConflict((conflict) => conflict.column('version').doNothing())
        .returning('version')
        .execute();
      return added.length > 0;
    },
    async resolveFork(version, chosen, at) {
      await db
        .updateTable('roster_fork')
        .set({ chosen, resolved_at: at })
        .where('version', '=', version)
        .execute();
    },
    async markLate({ member, standing, since, until, spared }, rosterVersion, at) {
      let select = db.selectFrom('record').select('header_digest').where('origin', '=', 'partner');
      if (spared.length > 0) select = select.where('kind', 'not in', spared);
      const found = await select
        .where((where) =>
          where.or([
            where.and([
              where('originator', '=', member),
              where('committed_at', '>=', BigInt(since)),
              where('committed_at', '<', BigInt(until)),
            ]),
            where.exists(
              where
                .selectFrom('inbox_item')
                .select('position')
                .whereRef('inbox_item.header_digest', '=', 'record.header_digest')
                .where('sender', '=', member)
                .where('received_at', '>=', BigInt(since))
                .where('received_at', '<', BigInt(until)),
            ),
          ]),
        )
        .execute();
      let marked = 0;
      for (let from = 0; from < found.length; from += INSERT_ROWS) {
        const rows = await db
          .insertInto('late_record')
          .values(
            found.slice(from, from + INSERT_ROWS).map(({ header_digest }) => ({
              header_digest,
              member,
              standing,
              since,
              roster_version: rosterVersion,
              at,
            })),
          )
          .onConflict((conflict) => conflict.columns(['header_digest', 'member']).doNothing())
          .returning('header_digest')
          .execute();
        marked += rows.length;
      }
      return marked;
    },
  };
}
