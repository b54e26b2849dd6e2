/** What officers asked of screening, what it told them, what they decided, and what came after the answer. */
import { type Kysely, type Selectable, sql } from 'kysely';
import {
  decodeCursor,
  encodeCursor,
  numberOf,
  optional,
  type Page,
  pageSize,
  portions,
  same,
} from './row.ts';
import type {
  FalsePositiveTable,
  ScreeningAlertTable,
  ScreeningHitTable,
  ScreeningTable,
} from './schema/screening.ts';
import type { Schema } from './schema/tables.ts';

/** Enum fields as their protobuf numbers, instants in milliseconds. */
export interface NewScreening {
  /** Random, 32 hexadecimal digits. */
  readonly id: string;
  readonly at: number;
  /** Identity of the officer, as in drafts. */
  readonly officer: string;
  readonly deskGroup: number;
  /** 0 = any of the desk group's. */
  readonly purpose: number;
  readonly exercise: boolean;
  /** Encoded ScreeningQuery, as asked. */
  readonly query: Uint8Array;
  /** The same for questions that ask the same. */
  readonly queryKey: Uint8Array;
  readonly reference: string;
  /** Digest of what was screened against, kept by `keepLists`. */
  readonly lists: Uint8Array;
  readonly outcome: number;
  readonly hits: number;
  readonly batch?: string;
  readonly keptUntil?: number;
}

export interface StoredScreening extends NewScreening {
  /** Upward, never used twice. */
  readonly number: bigint;
}

export interface NewHit {
  /** From 1. */
  readonly number: number;
  readonly headerDigest: Uint8Array;
  readonly originator: string;
  readonly recordId: Uint8Array;
  readonly facet: string;
  /** SHA-256 of the facet's bytes. */
  readonly facetDigest: Uint8Array;
  /** Encoded ScreeningHit as told. */
  readonly told: Uint8Array;
  /** It was told as a hit, and not as a known false positive or below the floor. */
  readonly alerts: boolean;
}

export interface HitDecision {
  readonly verdict: number;
  readonly reason: string;
  readonly decidedBy: string;
  readonly decidedAt: number;
}

export interface StoredHit extends NewHit, Partial<HitDecision> {
  readonly screening: bigint;
  /** 0 = not decided. */
  readonly verdict: number;
  readonly withdrawnAt?: number;
}

export interface FalsePositive {
  readonly deskGroup: number;
  readonly exercise: boolean;
  readonly queryKey: Uint8Array;
  readonly recordId: Uint8Array;
  readonly facet: string;
  readonly facetDigest: Uint8Array;
  readonly at: number;
  readonly officer: string;
}

export interface NewAlert {
  /** Random, 32 hexadecimal digits. */
  readonly id: string;
  readonly at: number;
  readonly type: number;
  readonly deskGroup: number;
  readonly exercise: boolean;
  readonly screening: bigint;
  readonly hit: number;
}

export interface StoredAlert extends NewAlert {
  readonly acknowledgedBy?: string;
  readonly acknowledgedAt?: number;
}

export interface ScreeningQueryRows {
  /** Said every time (R21). */
  readonly exercise: boolean;
  /** Absent = all. */
  readonly deskGroup?: number;
  readonly hitsOnly?: boolean;
  /** With a hit that stands and is not decided. */
  readonly openOnly?: boolean;
  readonly batch?: string;
  readonly cursor?: string;
  /** 1 to 500, default 100. */
  readonly limit?: number;
}

export interface ScreeningsReader {
  byId(id: string): Promise<StoredScreening | undefined>;
  byNumbers(numbers: readonly bigint[]): Promise<readonly StoredScreening[]>;
  /** Newest first. Throws BAD_CURSOR. */
  list(query: ScreeningQueryRows): Promise<Page<StoredScreening>>;
  /** Hits that stand and are not decided, by the screening's number. */
  openHits(numbers: readonly bigint[]): Promise<ReadonlyMap<bigint, number>>;
  /** After a number, oldest first. */
  after(number: bigint, limit: number): Promise<readonly StoredScreening[]>;
  newest(): Promise<bigint>;
  hitsOf(screening: bigint): Promise<readonly StoredHit[]>;
  /** Hits on any revision of a record that stand, and that nobody found to be another. */
  standingOn(originator: string, recordId: Uint8Array): Promise<readonly StoredHit[]>;
  /** When an officer asked, since an instant: one entry a question, oldest first. */
  askedSince(officer: string, since: number): Promise<readonly number[]>;
  /** What was screened against. */
  lists(digest: Uint8Array): Promise<Uint8Array | undefined>;
  falsePositives(
    deskGroup: number,
    exercise: boolean,
    queryKeys: readonly Uint8Array[],
  ): Promise<readonly FalsePositive[]>;
  /** Questions that are screened again, after a number, oldest first. */
  kept(nowMs: number, after: bigint, limit: number): Promise<readonly StoredScreening[]>;
  /** Newest first. Throws BAD_CURSOR. */
  alerts(
    query: Omit<ScreeningQueryRows, 'hitsOnly' | 'openOnly' | 'batch'> & {
      readonly acknowledgedToo: boolean;
    },
  ): Promise<Page<StoredAlert>>;
  alert(id: string): Promise<StoredAlert | undefined>;
}

export interface ScreeningsWriter extends ScreeningsReader {
  /** Harmless twice. */
  keepLists(digest: Uint8Array, body: Uint8Array): Promise<void>;
  add(
    screenings: readonly { readonly screening: NewScreening; readonly hits: readonly NewHit[] }[],
  ): Promise<void>;
  /** A hit that came after the answer; its number, or undefined where that facet of that record is one already and stands. */
  addHit(screening: bigint, hit: Omit<NewHit, 'number'>, outcome: number): Promise<number | undefined>;
  decide(screening: bigint, hit: number, decision: HitDecision): Promise<void>;
  setFalsePositive(entry: FalsePositive): Promise<void>;
  clearFalsePositive(entry: Omit<FalsePositive, 'facetDigest' | 'at' | 'officer'>): Promise<void>;
  /** The hit no longer is one: what was told of the entry goes. */
  withdraw(screening: bigint, hit: number, at: number): Promise<void>;
  /** One a hit and type; false where it is there. */
  addAlert(alert: NewAlert): Promise<boolean>;
  /** False where it is unknown or somebody took note before. */
  acknowledge(id: string, by: string, at: number): Promise<boolean>;
  /** Deletes questions asked before an instant that met nothing and are not kept, and anything before the other; how many. */
  purge(of: {
    readonly noHitBefore: number;
    readonly before: number;
    readonly nowMs: number;
    readonly limit: number;
  }): Promise<number>;
}

const NO_HIT = 1n;
const FALSE = 2n;

const screeningOf = (row: Selectable<ScreeningTable>): StoredScreening => ({
  number: row.number,
  id: row.id,
  at: numberOf(row.at),
  officer: row.officer,
  deskGroup: numberOf(row.desk_group),
  purpose: numberOf(row.purpose),
  exercise: row.exercise === 1n,
  query: row.query,
  queryKey: row.query_key,
  reference: row.reference,
  lists: row.lists,
  outcome: numberOf(row.outcome),
  hits: numberOf(row.hits),
  ...optional('batch', row.batch, same),
  ...optional('keptUntil', row.kept_until, numberOf),
});

const hitOf = (row: Selectable<ScreeningHitTable>): StoredHit => ({
  screening: row.screening,
  number: numberOf(row.number),
  headerDigest: row.header_digest,
  originator: row.originator,
  recordId: row.record_id,
  facet: row.facet,
  facetDigest: row.facet_digest,
  told: row.told,
  alerts: row.alerts === 1n,
  verdict: numberOf(row.verdict),
  ...optional('reason', row.reason, same),
  ...optional('decidedBy', row.decided_by, same),
  ...optional('decidedAt', row.decided_at, numberOf),
  ...optional('withdrawnAt', row.withdrawn_at, numberOf),
});

const falsePositiveOf = (row: Selectable<FalsePositiveTable>): FalsePositive => ({
  deskGroup: numberOf(row.desk_group),
  exercise: row.exercise === 1n,
  queryKey: row.query_key,
  recordId: row.record_id,
  facet: row.facet,
  facetDigest: row.facet_digest,
  at: numberOf(row.at),
  officer: row.officer,
});

const alertOf = (row: Selectable<ScreeningAlertTable>): StoredAlert => ({
  id: row.id,
  at: numberOf(row.at),
  type: numberOf(row.type),
  deskGroup: numberOf(row.desk_group),
  exercise: row.exercise === 1n,
  screening: row.screening,
  hit: numberOf(row.hit),
  ...optional('acknowledgedBy', row.acknowledged_by, same),
  ...optional('acknowledgedAt', row.acknowledged_at, numberOf),
});

const bit = (value: boolean): bigint => (value ? 1n : 0n);

export function screeningsReader(db: Kysely<Schema>): ScreeningsReader {
  const all = () => db.selectFrom('screening').selectAll();
  return {
    async byId(id) {
      const row = await all().where('id', '=', id).executeTakeFirst();
      return row && screeningOf(row);
    },
    async byNumbers(numbers) {
      const found: StoredScreening[] = [];
      for (const some of portions(numbers, 1))
        found.push(...(await all().where('number', 'in', some).execute()).map(screeningOf));
      return found;
    },
    async list({ exercise, deskGroup, hitsOnly, openOnly, batch, cursor, limit }) {
      const size = pageSize(limit);
      let select = all()
        .where('exercise', '=', bit(exercise))
        .orderBy('number', 'desc')
        .limit(size + 1);
      if (deskGroup !== undefined) select = select.where('desk_group', '=', BigInt(deskGroup));
      if (hitsOnly) select = select.where('outcome', '!=', NO_HIT);
      if (batch !== undefined) select = select.where('batch', '=', batch);
      if (openOnly)
        select = select.where(({ exists, selectFrom }) =>
          exists(
            selectFrom('screening_hit')
              .select('screening_hit.number')
              .whereRef('screening_hit.screening', '=', 'screening.number')
              .where('alerts', '=', 1n)
              .where('verdict', '=', 0n)
              .where('withdrawn_at', 'is', null),
          ),
        );
      if (cursor !== undefined) {
        const [before = ''] = decodeCursor(cursor, /^s (\d{1,18})$/);
        select = select.where('number', '<', BigInt(before));
      }
      const rows = await select.execute();
      const last = rows.length > size ? rows[size - 1] : undefined;
      return {
        items: rows.slice(0, size).map(screeningOf),
        ...(last && { next: encodeCursor('s', String(last.number)) }),
      };
    },
    async openHits(numbers) {
      const found = new Map<bigint, number>();
      for (const some of portions(numbers, 1)) {
        const rows = await db
          .selectFrom('screening_hit')
          .select(({ fn }) => ['screening', fn.countAll<bigint>().as('open')])
          .where('screening', 'in', some)
          .where('alerts', '=', 1n)
          .where('verdict', '=', 0n)
          .where('withdrawn_at', 'is', null)
          .groupBy('screening')
          .execute();
        for (const { screening, open } of rows) found.set(screening, numberOf(open));
      }
      return found;
    },
    async after(number, limit) {
      const rows = await all().where('number', '>', number).orderBy('number').limit(limit).execute();
      return rows.map(screeningOf);
    },
    async newest() {
      const row = await db
        .selectFrom('screening')
        .select('number')
        .orderBy('number', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row?.number ?? 0n;
    },
    async hitsOf(screening) {
      const rows = await db
        .selectFrom('screening_hit')
        .selectAll()
        .where('screening', '=', screening)
        .orderBy('number')
        .execute();
      return rows.map(hitOf);
    },
    async standingOn(originator, recordId) {
      const rows = await db
        .selectFrom('screening_hit')
        .selectAll()
        .where('record_id', '=', recordId)
        .where('originator', '=', originator)
        .where('alerts', '=', 1n)
        .where('verdict', '!=', FALSE)
        .where('withdrawn_at', 'is', null)
        .orderBy('screening')
        .orderBy('number')
        .execute();
      return rows.map(hitOf);
    },
    async askedSince(officer, since) {
      const rows = await db
        .selectFrom('screening')
        .select('at')
        .where('officer', '=', officer)
        .where('at', '>', BigInt(since))
        .orderBy('at')
        .execute();
      return rows.map(({ at }) => numberOf(at));
    },
    async lists(digest) {
      const row = await db
        .selectFrom('screening_lists')
        .select('body')
        .where('digest', '=', digest)
        .executeTakeFirst();
      return row?.body;
    },
    async falsePositives(deskGroup, exercise, queryKeys) {
      const found: FalsePositive[] = [];
      for (const some of portions(queryKeys, 1)) {
        const rows = await db
          .selectFrom('false_positive')
          .selectAll()
          .where('desk_group', '=', BigInt(deskGroup))
          .where('exercise', '=', bit(exercise))
          .where('query_key', 'in', some)
          .execute();
        found.push(...rows.map(falsePositiveOf));
      }
      return found;
    },
    async kept(nowMs, after, limit) {
      const rows = await all()
        .where('kept_until', '>', BigInt(nowMs))
        .where('number', '>', after)
        .orderBy('number')
        .limit(limit)
        .execute();
      return rows.map(screeningOf);
    },
    async alerts({ exercise, deskGroup, acknowledgedToo, cursor, limit }) {
      const size = pageSize(limit);
      let select = db
        .selectFrom('screening_alert')
        .selectAll()
        .where('exercise', '=', bit(exercise))
        .orderBy('number', 'desc')
        .limit(size + 1);
      if (deskGroup !== undefined) select = select.where('desk_group', '=', BigInt(deskGroup));
      if (!acknowledgedToo) select = select.where('acknowledged_at', 'is', null);
      if (cursor !== undefined) {
        const [before = ''] = decodeCursor(cursor, /^a (\d{1,18})$/);
        select = select.where('number', '<', BigInt(before));
      }
      const rows = await select.execute();
      const last = rows.length > size ? rows[size - 1] : undefined;
      return {
        items: rows.slice(0, size).map(alertOf),
        ...(last && { next: encodeCursor('a', String(last.number)) }),
      };
    },
    async alert(id) {
      const row = await db.selectFrom('screening_alert').selectAll().where('id', '=', id).executeTakeFirst();
      return row && alertOf(row);
    },
  };
}

const hitRow = (screening: bigint, hit: NewHit) => ({
  screening,
  number: hit.number,
  header_digest: hit.headerDigest,
  originator: hit.originator,
  record_id: hit.recordId,
  facet: hit.facet,
  facet_digest: hit.facetDigest,
  told: hit.told,
  alerts: bit(hit.alerts),
  verdict: 0,
});

export function screeningsWriter(db: Kysely<Schema>): ScreeningsWriter {
  const reader = screeningsReader(db);
  return {
    ...reader,
    async keepLists(digest, body) {
      await db
        .insertInto('screening_lists')
        .values({ digest, body })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },
    async add(screenings) {
      const hits: ReturnType<typeof hitRow>[] = [];
      for (const some of portions(screenings, 14)) {
        const rows = await db
          .insertInto('screening')
          .values(
            some.map(({ screening: one }) => ({
              id: one.id,
              at: one.at,
              officer: one.officer,
              desk_group: one.deskGroup,
              purpose: one.purpose,
              exercise: bit(one.exercise),
              query: one.query,
              query_key: one.queryKey,
              reference: one.reference,
              lists: one.lists,
              outcome: one.outcome,
              hits: one.hits,
              batch: one.batch ?? null,
              kept_until: one.keptUntil ?? null,
            })),
          )
          .returning(['id', 'number'])
          .execute();
        const numbers = new Map(rows.map(({ id, number }) => [id, number]));
        for (const { screening, hits: met } of some)
          hits.push(...met.map((hit) => hitRow(numbers.get(screening.id) ?? 0n, hit)));
      }
      for (const some of portions(hits, 10)) await db.insertInto('screening_hit').values(some).execute();
    },
    async addHit(screening, hit, outcome) {
      const before = await reader.hitsOf(screening);
      const known = before.some(
        (one) =>
          one.withdrawnAt === undefined &&
          one.facet === hit.facet &&
          one.originator === hit.originator &&
          Buffer.from(one.recordId).equals(hit.recordId),
      );
      if (known) return undefined;
      const number = Math.max(0, ...before.map((one) => one.number)) + 1;
      await db
        .insertInto('screening_hit')
        .values(hitRow(screening, { ...hit, number }))
        .execute();
      await db
        .updateTable('screening')
        .set({ outcome, hits: sql`hits + 1` })
        .where('number', '=', screening)
        .execute();
      return number;
    },
    async decide(screening, hit, { verdict, reason, decidedBy, decidedAt }) {
      await db
        .updateTable('screening_hit')
        .set({ verdict, reason, decided_by: decidedBy, decided_at: decidedAt })
        .where('screening', '=', screening)
        .where('number', '=', BigInt(hit))
        .execute();
    },
    async setFalsePositive({ deskGroup, exercise, queryKey, recordId, facet, facetDigest, at, officer }) {
      await db
        .insertInto('false_positive')
        .values({
          desk_group: deskGroup,
          exercise: bit(exercise),
          query_key: queryKey,
          record_id: recordId,
          facet,
          facet_digest: facetDigest,
          at,
          officer,
        })
        .onConflict((conflict) =>
          conflict
            .columns(['desk_group', 'exercise', 'query_key', 'record_id', 'facet'])
            .doUpdateSet({ facet_digest: facetDigest, at, officer }),
        )
        .execute();
    },
    async clearFalsePositive({ deskGroup, exercise, queryKey, recordId, facet }) {
      await db
        .deleteFrom('false_positive')
        .where('desk_group', '=', BigInt(deskGroup))
        .where('exercise', '=', bit(exercise))
        .where('query_key', '=', queryKey)
        .where('record_id', '=', recordId)
        .where('facet', '=', facet)
        .execute();
    },
    async withdraw(screening, hit, at) {
      await db
        .updateTable('screening_hit')
        .set({ withdrawn_at: at, told: new Uint8Array() })
        .where('screening', '=', screening)
        .where('number', '=', BigInt(hit))
        .execute();
    },
    async addAlert({ id, at, type, deskGroup, exercise, screening, hit }) {
      const added = await db
        .insertInto('screening_alert')
        .values({ id, at, type, desk_group: deskGroup, exercise: bit(exercise), screening, hit })
        .onConflict((conflict) => conflict.columns(['screening', 'hit', 'type']).doNothing())
        .returning('number')
        .execute();
      return added.length > 0;
    },
    async acknowledge(id, by, at) {
      const { numUpdatedRows } = await db
        .updateTable('screening_alert')
        .set({ acknowledged_by: by, acknowledged_at: at })
        .where('id', '=', id)
        .where('acknowledged_at', 'is', null)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
    async purge({ noHitBefore, before, nowMs, limit }) {
      const rows = await db
        .selectFrom('screening')
        .select('number')
        .where(({ and, or, eb }) =>
          or([
            and([
              eb('outcome', '=', NO_HIT),
              eb('at', '<=', BigInt(noHitBefore)),
              or([eb('kept_until', 'is', null), eb('kept_until', '<=', BigInt(nowMs))]),
            ]),
            eb('at', '<=', BigInt(before)),
          ]),
        )
        .limit(limit)
        .execute();
      for (const some of portions(rows, 1))
        await db
          .deleteFrom('screening')
          .where(
            'number',
            'in',
            some.map(({ number }) => number),
          )
          .execute();
      if (rows.length > 0)
        await db
          .deleteFrom('screening_lists')
          .where(({ not, exists, selectFrom }) =>
            not(
              exists(
                selectFrom('screening')
                  .select('screening.number')
                  .whereRef('screening.lists', '=', 'screening_lists.digest'),
              ),
            ),
          )
          .execute();
      return rows.length;
    },
  };
}
