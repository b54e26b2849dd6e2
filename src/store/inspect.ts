/**
 * Every row of a table as it is kept, in the order of its key: for the check of the whole store, which trusts no repository,
 * and for moving it to another engine.
 */
import { type Kysely, type Selectable, sql } from 'kysely';
import type { Schema } from './schema/tables.ts';

const PAGE = 500;

/** Primary keys, of every table there is; a table that refers to another comes after it. */
const KEYS = {
  meta: ['key'],
  roster: ['version'],
  roster_fork: ['version'],
  statement: ['digest'],
  prekey_bundle: ['node'],
  note: ['digest'],
  record: ['position'],
  facet: ['header_digest', 'name'],
  late_record: ['header_digest', 'member'],
  draft: ['id'],
  countersign: ['header_digest'],
  leaf: ['log', 'index'],
  tree_node: ['log', 'level', 'index'],
  checkpoint: ['log', 'size'],
  pending_leaf: ['id'],
  known_log: ['origin', 'size'],
  cosignature: ['origin', 'size', 'witness'],
  outbox: ['id'],
  manifest_out: ['recipient', 'lane', 'incarnation', 'seq'],
  link_out: ['recipient', 'lane'],
  link_in: ['sender', 'lane'],
  manifest_in: ['sender', 'lane', 'incarnation', 'seq'],
  inbox_item: ['position'],
  refusal: ['id'],
  quarantine: ['id'],
  disclosure: ['id'],
  recall_notice: ['recall_digest', 'holder'],
  tombstone: ['header_digest', 'recall_digest'],
  alarm: ['id'],
  audit: ['seq'],
  break_glass: ['id'],
  policy_history: ['number'],
  policy_proposal: ['number'],
  private_inquiry: ['number'],
  private_key: ['holder', 'month'],
  private_use: ['side', 'partner', 'day', 'what'],
  consent: ['header_digest'],
  reading_due: ['id'],
  reading: ['header_digest', 'node', 'what', 'desk_group'],
  tasking: ['header_digest'],
  answer: ['header_digest'],
  recovery: ['partner'],
  attachment: ['header_digest', 'blob_digest'],
  blob: ['digest'],
  attachment_wait: ['header_digest', 'blob_digest', 'sender', 'lane', 'incarnation', 'seq'],
  account: ['id'],
  passkey: ['credential'],
  invitation: ['token'],
  web_session: ['token'],
  record_change: ['number'],
  screening_lists: ['digest'],
  screening: ['number'],
  screening_hit: ['screening', 'number'],
  false_positive: ['desk_group', 'exercise', 'query_key', 'record_id', 'facet'],
  screening_alert: ['number'],
} as const satisfies { readonly [Table in keyof Schema]: readonly (keyof Schema[Table] & string)[] };

/** Keys that the engine gives out by itself and never twice. */
export const NUMBERED: readonly (readonly [table: keyof Schema, column: string])[] = [
  ['record', 'position'],
  ['pending_leaf', 'id'],
  ['outbox', 'id'],
  ['inbox_item', 'position'],
  ['refusal', 'id'],
  ['quarantine', 'id'],
  ['disclosure', 'id'],
  ['alarm', 'id'],
  ['break_glass', 'id'],
  ['policy_history', 'number'],
  ['policy_proposal', 'number'],
  ['reading_due', 'id'],
  ['record_change', 'number'],
  ['screening', 'number'],
  ['screening_alert', 'number'],
];

export const TABLES = Object.keys(KEYS) as readonly InspectedTable[];
export type InspectedTable = keyof typeof KEYS;
/** A row as the database gives it: whole numbers as bigint, absent values as null. */
export type RowOf<Table extends InspectedTable> = Selectable<Schema[Table]>;

export interface Inspection {
  /** All rows of a table, read in pages. */
  rows<Table extends InspectedTable>(table: Table): AsyncGenerator<RowOf<Table>>;
}

export function inspection(db: Kysely<Schema>): Inspection {
  return {
    async *rows<Table extends InspectedTable>(table: Table) {
      const keys: readonly string[] = KEYS[table];
      const columns = sql.join(keys.map((key) => sql.ref(key)));
      let after: readonly unknown[] | undefined;
      for (;;) {
        const above = after === undefined ? sql`1 = 1` : sql`(${columns}) > (${sql.join(after)})`;
        const { rows } = await sql<RowOf<Table>>`select * from ${sql.table(table)}
          where ${above} order by ${columns} limit ${sql.lit(PAGE)}`.execute(db);
        yield* rows;
        const last = rows.at(-1) as Record<string, unknown> | undefined;
        if (last === undefined || rows.length < PAGE) return;
        after = keys.map((key) => last[key]);
      }
    },
  };
}
