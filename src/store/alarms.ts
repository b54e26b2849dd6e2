/** Alarms: what a person has to look at. One open alarm per code and subject. */
import type { Kysely, Selectable } from 'kysely';
import { decodeCursor, encodeCursor, numberOf, optional, type Page, pageSize, same } from './row.ts';
import type { AlarmTable } from './schema/supervision.ts';
import type { Schema } from './schema/tables.ts';

export interface NewAlarm {
  readonly at: number;
  /** As `EQUIVOCATION`. */
  readonly code: string;
  /** What it is about: a node, a log origin, a header digest. */
  readonly subject: string;
  /** For people; no record content. */
  readonly detail: string;
  /** Portable evidence, in a form that the code says. */
  readonly evidence?: Uint8Array;
}

export interface StoredAlarm extends NewAlarm {
  readonly id: bigint;
  readonly clearedAt?: number;
}

export interface AlarmQuery {
  /** Only those that nobody has cleared yet. */
  readonly open?: boolean;
  readonly code?: string;
  readonly cursor?: string;
  /** 1 to 500, default 100. */
  readonly limit?: number;
}

export interface AlarmsReader {
  /** Newest first. Throws BAD_CURSOR. */
  list(query: AlarmQuery): Promise<Page<StoredAlarm>>;
  find(id: bigint): Promise<StoredAlarm | undefined>;
}

export interface AlarmsWriter extends AlarmsReader {
  /**
   * Raises the alarm unless one with this code and subject is open. An open one without evidence is given that of this one, so
   * that a mere claim which came first does not keep the proof out. Whether anything is new.
   */
  raise(alarm: NewAlarm): Promise<boolean>;
  /** Clears the open alarm of this code and subject; whether there was one. */
  clear(code: string, subject: string, at: number): Promise<boolean>;
}

const alarmOf = (row: Selectable<AlarmTable>): StoredAlarm => ({
  id: row.id,
  at: numberOf(row.at),
  code: row.code,
  subject: row.subject,
  detail: row.detail,
  ...optional('evidence', row.evidence, same),
  ...optional('clearedAt', row.cleared_at, numberOf),
});

export function alarmsReader(db: Kysely<Schema>): AlarmsReader {
  return {
    async find(id) {
      const row = await db.selectFrom('alarm').selectAll().where('id', '=', id).executeTakeFirst();
      return row && alarmOf(row);
    },
    async list(query) {
      const limit = pageSize(query.limit);
      let select = db
        .selectFrom('alarm')
        .selectAll()
        .orderBy('id', 'desc')
        .limit(limit + 1);
      if (query.open) select = select.where('cleared_at', 'is', null);
      if (query.code !== undefined) select = select.where('code', '=', query.code);
      if (query.cursor !== undefined) {
        const [id = ''] = decodeCursor(query.cursor, /^w (\d{1,18})$/);
        select = select.where('id', '<', BigInt(id));
      }
      const alarms = (await select.execute()).map(alarmOf);
      const items = alarms.slice(0, limit);
      const last = items.at(-1);
      if (alarms.length <= limit || !last) return { items };
      return { items, next: encodeCursor('w', String(last.id)) };
    },
  };
}

export function alarmsWriter(db: Kysely<Schema>): AlarmsWriter {
  return {
    ...alarmsReader(db),
    async raise({ at, code, subject, detail, evidence }) {
      const added = await db
        .insertInto('alarm')
        .values({ at, code, subject, detail, evidence: evidence ?? null })
        .onConflict((conflict) =>
          conflict
            .columns(['code', 'subject'])
            .where('cleared_at', 'is', null)
            .doUpdateSet((row) => ({
              evidence: row.ref('excluded.evidence'),
              detail: row.ref('excluded.detail'),
            }))
            .where('alarm.evidence', 'is', null)
            .where('excluded.evidence', 'is not', null),
        )
        .returning('id')
        .execute();
      return added.length > 0;
    },
    async clear(code, subject, at) {
      const { numUpdatedRows } = await db
        .updateTable('alarm')
        .set({ cleared_at: at })
        .where('code', '=', code)
        .where('subject', '=', subject)
        .where('cleared_at', 'is', null)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
  };
}
