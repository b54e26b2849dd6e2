/** Questions that officers want partners to be asked in private, who decided about them, and what came of it. */
import type { Kysely, Selectable } from 'kysely';
import { decodeCursor, encodeCursor, numberOf, optional, type Page, pageSize, same } from './row.ts';
import type { PrivateInquiryState, PrivateInquiryTable } from './schema/private-screening.ts';
import type { Schema } from './schema/tables.ts';

/** Enum fields as their protobuf numbers, instants in milliseconds. */
export interface NewPrivateInquiry {
  /** Random, 32 hexadecimal digits. */
  readonly id: string;
  readonly deskGroup: number;
  readonly purpose: number;
  /** Encoded PrivateScreenRequest, as asked; its partners are named. */
  readonly question: Uint8Array;
  /** Identity of the officer, as in drafts. */
  readonly asker: string;
  readonly askerName: string;
  readonly askedAt: number;
  /** When it is deleted. */
  readonly keptUntil: number;
}

/** What was decided of an inquiry, and by whom. */
export interface InquiryDecision {
  readonly decider: string;
  readonly deciderName: string;
  readonly decidedAt: number;
  readonly note: string;
}

export interface StoredPrivateInquiry extends NewPrivateInquiry, Partial<InquiryDecision> {
  readonly state: PrivateInquiryState;
  /** Encoded PrivateScreening of which only the answers count; absent before partners answered. */
  readonly answers?: Uint8Array;
}

export interface PrivateInquiryQuery {
  /** Absent = all. */
  readonly deskGroup?: number;
  readonly openOnly: boolean;
  /** Those that are kept beyond it. */
  readonly nowMs: number;
  readonly cursor?: string;
  /** 1 to 500, default 100. */
  readonly limit?: number;
}

export interface PrivateInquiriesReader {
  byId(id: string): Promise<StoredPrivateInquiry | undefined>;
  /** Newest first. Throws BAD_CURSOR. */
  list(query: PrivateInquiryQuery): Promise<Page<StoredPrivateInquiry>>;
  /** In a state, kept beyond an instant; of one desk group, or of all. */
  count(state: PrivateInquiryState, nowMs: number, deskGroup?: number): Promise<number>;
}

export interface PrivateInquiriesWriter extends PrivateInquiriesReader {
  /** Keeps an open inquiry. Throws UNIQUE_VIOLATION for an id that is taken. */
  add(inquiry: NewPrivateInquiry): Promise<void>;
  /** Decides an open one; false where it is not open. */
  decide(
    id: string,
    to: 'asking' | 'declined',
    decision: InquiryDecision & { readonly keptUntil: number },
  ): Promise<boolean>;
  /** Keeps what partners answered, `all` of them or some while others are asked; false where none is being asked. */
  answer(id: string, answers: Uint8Array, keptUntil: number, all: boolean): Promise<boolean>;
  /** Inquiries whose partners were being asked when the node stopped; their ids. */
  interrupt(): Promise<readonly string[]>;
  /** Deletes what is kept no longer; the ids of those that nobody decided. */
  forget(nowMs: number): Promise<readonly string[]>;
}

const inquiryOf = (row: Selectable<PrivateInquiryTable>): StoredPrivateInquiry => ({
  id: row.id,
  state: row.state,
  deskGroup: numberOf(row.desk_group),
  purpose: numberOf(row.purpose),
  question: row.question,
  asker: row.asker,
  askerName: row.asker_name,
  askedAt: numberOf(row.asked_at),
  keptUntil: numberOf(row.kept_until),
  ...optional('decider', row.decider, same),
  ...optional('deciderName', row.decider_name, same),
  ...optional('decidedAt', row.decided_at, numberOf),
  ...optional('note', row.note, same),
  ...optional('answers', row.answers, same),
});

export function privateInquiriesReader(db: Kysely<Schema>): PrivateInquiriesReader {
  const all = () => db.selectFrom('private_inquiry').selectAll();
  return {
    async byId(id) {
      const row = await all().where('id', '=', id).executeTakeFirst();
      return row && inquiryOf(row);
    },
    async list({ deskGroup, openOnly, nowMs, cursor, limit }) {
      const size = pageSize(limit);
      let select = all()
        .where('kept_until', '>', BigInt(nowMs))
        .orderBy('number', 'desc')
        .limit(size + 1);
      if (deskGroup !== undefined) select = select.where('desk_group', '=', BigInt(deskGroup));
      if (openOnly) select = select.where('state', '=', 'open');
      if (cursor !== undefined) {
        const [before = ''] = decodeCursor(cursor, /^i (\d{1,18})$/);
        select = select.where('number', '<', BigInt(before));
      }
      const rows = await select.execute();
      const last = rows.length > size ? rows[size - 1] : undefined;
      return {
        items: rows.slice(0, size).map(inquiryOf),
        ...(last && { next: encodeCursor('i', String(last.number)) }),
      };
    },
    async count(state, nowMs, deskGroup) {
      let select = db
        .selectFrom('private_inquiry')
        .select(({ fn }) => fn.countAll<bigint>().as('found'))
        .where('state', '=', state)
        .where('kept_until', '>', BigInt(nowMs));
      if (deskGroup !== undefined) select = select.where('desk_group', '=', BigInt(deskGroup));
      return Number((await select.executeTakeFirstOrThrow()).found);
    },
  };
}

export function privateInquiriesWriter(db: Kysely<Schema>): PrivateInquiriesWriter {
  return {
    ...privateInquiriesReader(db),
    async add({ id, deskGroup, purpose, question, asker, askerName, askedAt, keptUntil }) {
      await db
        .insertInto('private_inquiry')
        .values({
          id,
          state: 'open',
          desk_group: deskGroup,
          purpose,
          question,
          asker,
          asker_name: askerName,
          asked_at: askedAt,
          kept_until: keptUntil,
        })
        .execute();
    },
    async decide(id, to, { decider, deciderName, decidedAt, note, keptUntil }) {
      const { numUpdatedRows } = await db
        .updateTable('private_inquiry')
        .set({
          state: to,
          decider,
          decider_name: deciderName,
          decided_at: decidedAt,
          note,
          kept_until: keptUntil,
        })
        .where('id', '=', id)
        .where('state', '=', 'open')
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
    async answer(id, answers, keptUntil, all) {
      const { numUpdatedRows } = await db
        .updateTable('private_inquiry')
        .set({ state: all ? 'answered' : 'asking', answers, kept_until: keptUntil })
        .where('id', '=', id)
        .where('state', '=', 'asking')
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
    async interrupt() {
      const rows = await db
        .updateTable('private_inquiry')
        .set({ state: 'interrupted' })
        .where('state', '=', 'asking')
        .returning('id')
        .execute();
      return rows.map(({ id }) => id);
    },
    async forget(nowMs) {
      const rows = await db
        .deleteFrom('private_inquiry')
        .where('kept_until', '<=', BigInt(nowMs))
        .returning(['id', 'state'])
        .execute();
      return rows.filter(({ state }) => state === 'open').map(({ id }) => id);
    },
  };
}
