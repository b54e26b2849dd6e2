/** Who may speak, as verified here: rosters, key statements, prekey bundles. Bytes only; identity/ judges them. */
import type { Kysely, Selectable } from 'kysely';
import { LIMITS } from '../base/limits.ts';
import type { PrekeyBundleTable, RosterTable, StatementTable } from './schema/membership.ts';
import type { Schema } from './schema/tables.ts';

export interface StoredRoster {
  readonly version: bigint;
  readonly digest: Uint8Array;
  /** Encoded SignedRoster. */
  readonly body: Uint8Array;
}

export interface StoredStatement {
  readonly digest: Uint8Array;
  readonly node: string;
  readonly sequence: bigint;
  /** Encoded SignedKeyStatement. */
  readonly body: Uint8Array;
  readonly verifiedAt: number;
}

export interface StoredPrekeys {
  readonly node: string;
  readonly sequence: bigint;
  /** Encoded SignedPrekeyBundle. */
  readonly body: Uint8Array;
}

export interface DirectoryReader {
  /** Oldest first, dense from version 1. */
  rosters(aboveVersion?: bigint, limit?: number): Promise<readonly StoredRoster[]>;
  newestRoster(): Promise<StoredRoster | undefined>;
  statement(digest: Uint8Array): Promise<StoredStatement | undefined>;
  /** Highest sequence that was verified. */
  newestStatement(node: string): Promise<StoredStatement | undefined>;
  /** Newest statement of every node. */
  newestStatements(): Promise<readonly StoredStatement[]>;
  /** Oldest first. */
  statementsOf(node: string): Promise<readonly StoredStatement[]>;
  prekeys(node: string): Promise<StoredPrekeys | undefined>;
  allPrekeys(): Promise<readonly StoredPrekeys[]>;
}

export interface DirectoryWriter extends DirectoryReader {
  /** Keeping the same version again changes nothing; another body under it throws UNIQUE_VIOLATION. */
  keepRoster(roster: StoredRoster): Promise<void>;
  /** Puts another line of versions in the place of those from `version` on: an operator chose between two. */
  replaceRosters(version: bigint, rosters: readonly StoredRoster[]): Promise<void>;
  /** Keeping the same statement again changes nothing. */
  keepStatement(statement: StoredStatement): Promise<void>;
  /** Replaces the bundle held of the node; the caller judged that it is newer. */
  keepPrekeys(prekeys: StoredPrekeys): Promise<void>;
}

const rosterOf = (row: Selectable<RosterTable>): StoredRoster => row;

const statementOf = (row: Selectable<StatementTable>): StoredStatement => ({
  digest: row.digest,
  node: row.node,
  sequence: row.sequence,
  body: row.body,
  verifiedAt: Number(row.verified_at),
});

const prekeysOf = (row: Selectable<PrekeyBundleTable>): StoredPrekeys => row;

export function directoryReader(db: Kysely<Schema>): DirectoryReader {
  const statements = db.selectFrom('statement').selectAll();
  return {
    async rosters(aboveVersion = 0n, limit = LIMITS.rosterHistory) {
      const rows = await db
        .selectFrom('roster')
        .selectAll()
        .where('version', '>', aboveVersion)
        .orderBy('version')
        .limit(limit)
        .execute();
      return rows.map(rosterOf);
    },
    async newestRoster() {
      const row = await db
        .selectFrom('roster')
        .selectAll()
        .orderBy('version', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row && rosterOf(row);
    },
    async statement(digest) {
      const row = await statements.where('digest', '=', digest).executeTakeFirst();
      return row && statementOf(row);
    },
    async newestStatement(node) {
      const row = await statements
        .where('node', '=', node)
        .orderBy('sequence', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row && statementOf(row);
    },
    async newestStatements() {
      const rows = await statements
        .where(({ eb, selectFrom }) =>
          eb(
            'sequence',
            '=',
            selectFrom('statement as other')
              .select(({ fn }) => fn.max('other.sequence').as('newest'))
              .whereRef('other.node', '=', 'statement.node'),
          ),
        )
        .execute();
      return rows.map(statementOf);
    },
    async statementsOf(node) {
      const rows = await statements.where('node', '=', node).orderBy('sequence').execute();
      return rows.map(statementOf);
    },
    async prekeys(node) {
      const row = await db
        .selectFrom('prekey_bundle')
        .selectAll()
        .where('node', '=', node)
        .executeTakeFirst();
      return row && prekeysOf(row);
    },
    async allPrekeys() {
      return (await db.selectFrom('prekey_bundle').selectAll().execute()).map(prekeysOf);
    },
  };
}

export function directoryWriter(db: Kysely<Schema>): DirectoryWriter {
  return {
    ...directoryReader(db),
    async keepRoster(roster) {
      await db
        .insertInto('roster')
        .values(roster)
        .onConflict((conflict) => conflict.column('digest').doNothing())
        .execute();
    },
    async replaceRosters(version, rosters) {
      await db.deleteFrom('roster').where('version', '>=', version).execute();
      for (const roster of rosters) await db.insertInto('roster').values(roster).execute();
    },
    async keepStatement(statement) {
      await db
        .insertInto('statement')
        .values({
          digest: statement.digest,
          node: statement.node,
          sequence: statement.sequence,
          body: statement.body,
          verified_at: statement.verifiedAt,
        })
        .onConflict((conflict) => conflict.column('digest').doNothing())
        .execute();
    },
    async keepPrekeys(prekeys) {
      await db
        .insertInto('prekey_bundle')
        .values(prekeys)
        .onConflict((conflict) =>
          conflict.column('node').doUpdateSet({ sequence: prekeys.sequence, body: prekeys.body }),
        )
        .execute();
    },
  };
}
