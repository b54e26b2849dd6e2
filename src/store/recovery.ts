/** A declared restart: who has to give what before the node is whole again, and what the logs that ended left unfinished. */
import type { Kysely, Selectable } from 'kysely';
import type { StoredCheckpoint } from './ledger.ts';
import { numberOf } from './row.ts';
import type { RecoveryTable } from './schema/recovery.ts';
import type { Schema } from './schema/tables.ts';

/** One partner of a node that was restarted under a higher incarnation. */
export interface Recovering {
  readonly partner: string;
  readonly incarnation: number;
  /** It has given back what this node had sent it. */
  readonly history: boolean;
  /** What it had sent on lane 0 is taken again. */
  readonly recalls: boolean;
  readonly since: number;
}

export interface RecoveryReader {
  /** Of the newest restart, by partner. */
  all(): Promise<readonly Recovering[]>;
  of(partner: string): Promise<Recovering | undefined>;
  /** Names of every log of this node that the store holds anything of. */
  ownLogs(): Promise<readonly string[]>;
  /** The highest checkpoint of a log of ours that was cosigned; else the highest up to `most`, or of all. */
  closing(log: string, most?: bigint): Promise<StoredCheckpoint | undefined>;
  /** Headers that wait for a place in a log other than these, oldest first. */
  stranded(origins: readonly string[]): Promise<readonly Uint8Array[]>;
}

export interface RecoveryWriter extends RecoveryReader {
  /** Begins a restart anew with these partners; what an earlier one left open is forgotten. */
  begin(incarnation: number, partners: readonly string[], since: number): Promise<void>;
  set(partner: string, part: 'history' | 'recalls'): Promise<void>;
  /** Takes a header out of the line for a log that ended. */
  dropStranded(headerDigest: Uint8Array): Promise<void>;
}

const recoveringOf = (row: Selectable<RecoveryTable>): Recovering => ({
  partner: row.partner,
  incarnation: numberOf(row.incarnation),
  history: row.history === 1n,
  recalls: row.recalls === 1n,
  since: numberOf(row.since),
});

export function recoveryReader(db: Kysely<Schema>): RecoveryReader {
  return {
    async all() {
      const rows = await db.selectFrom('recovery').selectAll().orderBy('partner').execute();
      return rows.map(recoveringOf);
    },
    async of(partner) {
      const row = await db
        .selectFrom('recovery')
        .selectAll()
        .where('partner', '=', partner)
        .executeTakeFirst();
      return row && recoveringOf(row);
    },
    async ownLogs() {
      const [made, waiting] = await Promise.all([
        db.selectFrom('checkpoint').select('log').distinct().execute(),
        db.selectFrom('pending_leaf').select('log').distinct().execute(),
      ]);
      return [...new Set([...made, ...waiting].map(({ log }) => log))];
    },
    async closing(log, most) {
      const all = db.selectFrom('checkpoint').selectAll().where('log', '=', log);
      const witnessed = await all
        .where('size', 'in', db.selectFrom('cosignature').select('size').where('origin', '=', log))
        .orderBy('size', 'desc')
        .limit(1)
        .executeTakeFirst();
      const upTo = most === undefined ? all : all.where('size', '<=', most);
      const row = witnessed ?? (await upTo.orderBy('size', 'desc').limit(1).executeTakeFirst());
      return row && { ...row, at: Number(row.at) };
    },
    async stranded(origins) {
      const rows = await db
        .selectFrom('pending_leaf')
        .select('header_digest')
        .where('log', 'not in', origins)
        .orderBy('id')
        .execute();
      return rows.map((row) => row.header_digest);
    },
  };
}

export function recoveryWriter(db: Kysely<Schema>): RecoveryWriter {
  return {
    ...recoveryReader(db),
    async begin(incarnation, partners, since) {
      await db.deleteFrom('recovery').execute();
      if (partners.length === 0) return;
      await db
        .insertInto('recovery')
        .values(partners.map((partner) => ({ partner, incarnation, history: 0, recalls: 0, since })))
        .execute();
    },
    async set(partner, part) {
      await db
        .updateTable('recovery')
        .set({ [part]: 1 })
        .where('partner', '=', partner)
        .execute();
    },
    async dropStranded(headerDigest) {
      await db.deleteFrom('pending_leaf').where('header_digest', '=', headerDigest).execute();
    },
  };
}
