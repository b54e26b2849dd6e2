/** Which policies decided when: what it takes to decide once more as it was decided then. */
import type { Kysely, Selectable } from 'kysely';
import { equalBytes } from '../base/bytes.ts';
import { numberOf } from './row.ts';
import type { PolicyHistoryTable } from './schema/policy.ts';
import type { Schema } from './schema/tables.ts';

export interface PolicyOfTime {
  /** When it came into force, milliseconds; until the next one did. */
  readonly since: number;
  /** Over all policies in force and the roster. */
  readonly digest: string;
  /** Cedar text of the whole national policy. */
  readonly national: string;
  readonly rosterVersion: bigint;
  readonly rosterDigest: Uint8Array;
  /** Version of the program, whose own rules are in the digest. */
  readonly program: string;
}

export interface PolicyHistoryReader {
  /** What was in force at an instant; undefined for one before the first that is kept. */
  at(ms: number): Promise<PolicyOfTime | undefined>;
  newest(): Promise<PolicyOfTime | undefined>;
}

export interface PolicyHistoryWriter extends PolicyHistoryReader {
  /** Keeps what came into force; whether it is another than the newest kept. Nothing that is kept changes. */
  note(policy: PolicyOfTime): Promise<boolean>;
}

const policyOf = (row: Selectable<PolicyHistoryTable>): PolicyOfTime => ({
  since: numberOf(row.since),
  digest: row.digest,
  national: row.national,
  rosterVersion: row.roster_version,
  rosterDigest: row.roster_digest,
  program: row.program,
});

export function policyHistoryReader(db: Kysely<Schema>): PolicyHistoryReader {
  const newestFirst = () => db.selectFrom('policy_history').selectAll().orderBy('number', 'desc').limit(1);
  return {
    async at(ms) {
      const row = await newestFirst().where('since', '<=', BigInt(ms)).executeTakeFirst();
      return row && policyOf(row);
    },
    async newest() {
      const row = await newestFirst().executeTakeFirst();
      return row && policyOf(row);
    },
  };
}

export function policyHistoryWriter(db: Kysely<Schema>): PolicyHistoryWriter {
  const reader = policyHistoryReader(db);
  return {
    ...reader,
    async note({ since, digest, national, rosterVersion, rosterDigest, program }) {
      const newest = await reader.newest();
      if (
        newest?.digest === digest &&
        newest.program === program &&
        equalBytes(newest.rosterDigest, rosterDigest)
      )
        return false;
      await db
        .insertInto('policy_history')
        .values({
          since,
          digest,
          national,
          roster_version: rosterVersion,
          roster_digest: rosterDigest,
          program,
        })
        .execute();
      return true;
    },
  };
}
