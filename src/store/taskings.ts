/** Questions to originators by the record that they are about, and the answers to each. */
import type { Kysely, Selectable } from 'kysely';
import { numberOf } from './row.ts';
import type { AnswerTable, TaskingTable } from './schema/onward.ts';
import type { Schema } from './schema/tables.ts';

/** A question of this node or to it. */
export interface TaskingEntry {
  readonly headerDigest: Uint8Array;
  /** Header digest of the record that it is about. */
  readonly target: Uint8Array;
  /** Milliseconds UTC. */
  readonly due: number;
}

export interface AnswerEntry {
  readonly headerDigest: Uint8Array;
  /** Header digest of the question. */
  readonly tasking: Uint8Array;
  /** False where more is to come. */
  readonly closes: boolean;
}

export interface PlacedAnswer extends AnswerEntry {
  /** Of its record. */
  readonly position: bigint;
}

export interface TaskingsReader {
  tasking(headerDigest: Uint8Array): Promise<TaskingEntry | undefined>;
  /** Questions about a record, the one due first in front. */
  about(target: Uint8Array): Promise<readonly TaskingEntry[]>;
  /** Questions that no answer closed, the one due first in front. */
  open(limit: number): Promise<readonly TaskingEntry[]>;
  /** In the order in which they came to be held. */
  answersTo(tasking: Uint8Array): Promise<readonly AnswerEntry[]>;
  /** Answers of partners to questions of this node, the newest first; `before`: the position where the last page ended. */
  answered(limit: number, before?: bigint): Promise<readonly PlacedAnswer[]>;
}

export interface TaskingsWriter extends TaskingsReader {
  /** Harmless twice. */
  noteTasking(tasking: TaskingEntry): Promise<void>;
  /** Harmless twice, and before its question is noted. */
  noteAnswer(answer: AnswerEntry): Promise<void>;
}

const entryOf = (row: Selectable<TaskingTable>): TaskingEntry => ({
  headerDigest: row.header_digest,
  target: row.target,
  due: numberOf(row.due),
});

const answerOf = (row: Selectable<AnswerTable>): AnswerEntry => ({
  headerDigest: row.header_digest,
  tasking: row.tasking,
  closes: numberOf(row.closes) === 1,
});

export function taskingsReader(db: Kysely<Schema>): TaskingsReader {
  const all = () =>
    db.selectFrom('tasking').selectAll('tasking').orderBy('tasking.due').orderBy('header_digest');
  return {
    async tasking(headerDigest) {
      const row = await all().where('header_digest', '=', headerDigest).executeTakeFirst();
      return row && entryOf(row);
    },
    async about(target) {
      return (await all().where('target', '=', target).execute()).map(entryOf);
    },
    async open(limit) {
      const rows = await all()
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom('answer')
                .select('answer.header_digest')
                .whereRef('answer.tasking', '=', 'tasking.header_digest')
                .where('answer.closes', '=', 1n),
            ),
          ),
        )
        .limit(limit)
        .execute();
      return rows.map(entryOf);
    },
    async answersTo(tasking) {
      const rows = await db
        .selectFrom('answer')
        .innerJoin('record', 'record.header_digest', 'answer.header_digest')
        .selectAll('answer')
        .where('answer.tasking', '=', tasking)
        .orderBy('record.position')
        .execute();
      return rows.map(answerOf);
    },
    async answered(limit, before) {
      const rows = await db
        .selectFrom('answer')
        .innerJoin('record', 'record.header_digest', 'answer.header_digest')
        .selectAll('answer')
        .select('record.position')
        .where('record.origin', '=', 'partner')
        .$if(before !== undefined, (query) => query.where('record.position', '<', before ?? 0n))
        .orderBy('record.position', 'desc')
        .limit(limit)
        .execute();
      return rows.map((row) => ({ ...answerOf(row), position: row.position }));
    },
  };
}

export function taskingsWriter(db: Kysely<Schema>): TaskingsWriter {
  return {
    ...taskingsReader(db),
    async noteTasking({ headerDigest, target, due }) {
      await db
        .insertInto('tasking')
        .values({ header_digest: headerDigest, target, due })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },
    async noteAnswer({ headerDigest, tasking, closes }) {
      await db
        .insertInto('answer')
        .values({ header_digest: headerDigest, tasking, closes: closes ? 1 : 0 })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },
  };
}
