/** What is to go to whom, one row an item. A row is written in the transaction of its record and closed by a receipt. */
import type { Kysely, Selectable } from 'kysely';
import { type Audience, type FacetAudience, ItemAction } from '../gen/tocsin/exchange/v1/parcel.ts';
import { Status } from '../gen/tocsin/record/v1/marking.ts';
import type { World } from '../record/index.ts';
import {
  audienceOf,
  facetAudiencesOf,
  listOf,
  textOfAudience,
  textOfFacetAudiences,
  textOfList,
} from './audience.ts';
import { numberOf } from './row.ts';
import type { OutboxState, OutboxTable } from './schema/exchange.ts';
import type { Schema } from './schema/tables.ts';

export type { OutboxState };

/** An item for one recipient, as it is queued. */
export interface OutboxEntry {
  readonly recipient: string;
  readonly lane: 0 | 1;
  readonly action: ItemAction;
  readonly headerDigest: Uint8Array;
  /** Names, in the order of the kind's table. */
  readonly facets: readonly string[];
  readonly audience: Audience;
  readonly facetAudiences: readonly FacetAudience[];
  /** Ids of the rules that permitted it. */
  readonly basis: string;
  readonly consent?: Uint8Array;
  /** Not to be sent before, in milliseconds; absent = at once. */
  readonly notBefore?: number;
}

export interface OutboxRow extends OutboxEntry {
  readonly id: number;
  readonly state: OutboxState;
  readonly incarnation?: number;
  readonly seq?: bigint;
  /** Number of tocsin.record.v1.Reason. */
  readonly resultReason?: number;
  readonly receiptDigest?: Uint8Array;
  readonly createdAt: number;
  readonly closedAt?: number;
}

export interface LaneId {
  readonly recipient: string;
  readonly lane: 0 | 1;
}

export interface QueueSize extends LaneId {
  readonly waiting: number;
  readonly sent: number;
  readonly oldestAt: number;
}

export interface OutboxReader {
  /** Rows that may be sent at an instant, oldest first: a record of our own counts once its leaf has an index. */
  sendable(lane: LaneId, limit: number, atMs: number): Promise<readonly OutboxRow[]>;
  /** When the next delayed row falls due after an instant; undefined where none waits. */
  nextDue(lane: LaneId, atMs: number): Promise<number | undefined>;
  /** Every lane with a row still waiting. */
  lanesWaiting(): Promise<readonly LaneId[]>;
  /** Whether something that takes records back (a recall, a withdrawn line) is due on a lane at an instant, and unannounced. */
  owesRecalls(lane: LaneId, atMs: number): Promise<boolean>;
  ofManifest(lane: LaneId, incarnation: number, seq: bigint): Promise<readonly OutboxRow[]>;
  byId(id: number): Promise<OutboxRow | undefined>;
  /** All rows of one record, oldest first: who was to get what, and how it went. */
  ofRecord(headerDigest: Uint8Array): Promise<readonly OutboxRow[]>;
  /** Whether a row of this record to this recipient is neither closed nor waiting. */
  openOf(recipient: string, headerDigest: Uint8Array): Promise<readonly OutboxRow[]>;
  /** Rows to one recipient that wait or are not yet receipted, oldest first. */
  openTo(recipient: string, limit: number): Promise<readonly OutboxRow[]>;
  /** Rows not yet closed, by lane. */
  sizes(): Promise<readonly QueueSize[]>;
  /** Rows not closed yet, by the world of their records (R21). */
  openIn(world: World): Promise<number>;
}

export interface RowClosing {
  readonly id: number;
  readonly state: 'receipted' | 'refused' | 'withdrawn' | 'skipped';
  readonly resultReason?: number;
  readonly receiptDigest?: Uint8Array;
}

export interface OutboxWriter extends OutboxReader {
  add(entries: readonly OutboxEntry[], createdAt: number): Promise<void>;
  /** Whether all of them were still waiting: if not, the caller must give up its transaction. */
  markSent(ids: readonly number[], incarnation: number, seq: bigint): Promise<boolean>;
  /**
   * Closes rows. What a receipt, a refusal or a skip closed stays as it is; a withdrawn row may still turn out to have been
   * delivered before.
   */
  close(rows: readonly RowClosing[], closedAt: number): Promise<void>;
  /**
   * Withdraws what is not closed yet of a recipient that was put out, with the reason; kinds that it still gets are left. How
   * many rows.
   */
  withdrawFrom(
    recipient: string,
    reason: number,
    spared: readonly string[],
    states: readonly ('waiting' | 'sent')[],
    closedAt: number,
  ): Promise<number>;
  /** Rows of a manifest that an earlier incarnation sent, as a partner gave it back: announced, their receipt to come. */
  addSent(
    entries: readonly OutboxEntry[],
    incarnation: number,
    seq: bigint,
    createdAt: number,
  ): Promise<void>;
  /** Puts rows back in the queue that were announced before `incarnation` and never receipted. The number. */
  sendAgain(recipient: string, incarnation: number): Promise<number>;
  /** Puts rows back in the queue that a manifest announced which was given up unreceipted. The number. */
  waitAgain(lane: LaneId, incarnation: number, seq: bigint): Promise<number>;
  /** Rows that wait with one record are to bring another in its place. */
  replaceRecord(before: Uint8Array, after: Uint8Array): Promise<void>;
  /** Puts rows of a recipient that were refused for `reason` back in the queue where their kind is among `kinds`. */
  offerAgain(recipient: string, reason: number, kinds: readonly string[]): Promise<number>;
}

/** Rows in one insert; SQLite takes 32,766 parameters a statement. */
const INSERT_ROWS = 500;
const FINAL: readonly OutboxState[] = ['receipted', 'refused', 'skipped'];
const CLOSED: readonly OutboxState[] = [...FINAL, 'withdrawn'];

function rowOf(row: Selectable<OutboxTable>): OutboxRow {
  return {
    id: Number(row.id),
    recipient: row.recipient,
    lane: row.lane === 0n ? 0 : 1,
    action: Number(row.action) as ItemAction,
    headerDigest: row.header_digest,
    facets: listOf(row.facets),
    audience: audienceOf(row.audience),
    facetAudiences: facetAudiencesOf(row.facet_audiences),
    basis: row.basis,
    state: row.state,
    createdAt: Number(row.created_at),
    ...(row.consent !== null && { consent: row.consent }),
    ...(row.not_before !== null && { notBefore: Number(row.not_before) }),
    ...(row.incarnation !== null && { incarnation: Number(row.incarnation) }),
    ...(row.seq !== null && { seq: row.seq }),
    ...(row.result_reason !== null && { resultReason: Number(row.result_reason) }),
    ...(row.receipt_digest !== null && { receiptDigest: row.receipt_digest }),
    ...(row.closed_at !== null && { closedAt: Number(row.closed_at) }),
  };
}

const valuesOf = (entry: OutboxEntry, createdAt: number) => ({
  recipient: entry.recipient,
  lane: entry.lane,
  action: entry.action,
  header_digest: entry.headerDigest,
  facets: textOfList(entry.facets),
  audience: textOfAudience(entry.audience),
  facet_audiences: textOfFacetAudiences(entry.facetAudiences),
  basis: entry.basis,
  consent: entry.consent ?? null,
  not_before: entry.notBefore ?? null,
  created_at: createdAt,
});

export function outboxReader(db: Kysely<Schema>): OutboxReader {
  const rows = db.selectFrom('outbox').selectAll('outbox');
  return {
    async sendable({ recipient, lane }, limit, atMs) {
      const found = await rows
        .innerJoin('record', 'record.header_digest', 'outbox.header_digest')
        .where('recipient', '=', recipient)
        .where('lane', '=', BigInt(lane))
        .where('outbox.state', '=', 'waiting')
        .where((where) =>
          where.or([where('not_before', 'is', null), where('not_before', '<=', BigInt(atMs))]),
        )
        .where((where) =>
          where.or([
            where('record.leaf_index', 'is not', null),
            where('record.origin', '=', 'partner'),
            where('outbox.action', '=', BigInt(ItemAction.ITEM_ACTION_WITHDRAWN)),
          ]),
        )
        .orderBy('outbox.id')
        .limit(limit)
        .execute();
      return found.map(rowOf);
    },
    async nextDue({ recipient, lane }, atMs) {
      const found = await db
        .selectFrom('outbox')
        .select(({ fn }) => fn.min('not_before').as('due'))
        .where('recipient', '=', recipient)
        .where('lane', '=', BigInt(lane))
        .where('state', '=', 'waiting')
        .where('not_before', '>', BigInt(atMs))
        .executeTakeFirst();
      return found?.due === null || found?.due === undefined ? undefined : Number(found.due);
    },
    async lanesWaiting() {
      const found = await db
        .selectFrom('outbox')
        .select(['recipient', 'lane'])
        .where('state', '=', 'waiting')
        .groupBy(['recipient', 'lane'])
        .execute();
      return found.map((row) => ({ recipient: row.recipient, lane: row.lane === 0n ? 0 : 1 }));
    },
    async owesRecalls({ recipient, lane }, atMs) {
      const found = await db
        .selectFrom('outbox')
        .innerJoin('record', 'record.header_digest', 'outbox.header_digest')
        .select('outbox.id')
        .where('recipient', '=', recipient)
        .where('lane', '=', BigInt(lane))
        .where('outbox.state', '=', 'waiting')
        .where((where) =>
          where.or([where('not_before', 'is', null), where('not_before', '<=', BigInt(atMs))]),
        )
        .where((where) =>
          where.or([
            where('record.kind', '=', 'recall'),
            where('outbox.action', '=', BigInt(ItemAction.ITEM_ACTION_WITHDRAWN)),
          ]),
        )
        .limit(1)
        .executeTakeFirst();
      return found !== undefined;
    },
    async ofManifest({ recipient, lane }, incarnation, seq) {
      const found = await rows
        .where('recipient', '=', recipient)
        .where('incarnation', '=', BigInt(incarnation))
        .where('lane', '=', BigInt(lane))
        .where('seq', '=', seq)
        .orderBy('id')
        .execute();
      return found.map(rowOf);
    },
    async byId(id) {
      const found = await rows.where('id', '=', BigInt(id)).executeTakeFirst();
      return found && rowOf(found);
    },
    async ofRecord(headerDigest) {
      const found = await rows.where('header_digest', '=', headerDigest).orderBy('id').execute();
      return found.map(rowOf);
    },
    async openOf(recipient, headerDigest) {
      const found = await rows
        .where('header_digest', '=', headerDigest)
        .where('recipient', '=', recipient)
        .where('state', 'not in', CLOSED)
        .orderBy('id')
        .execute();
      return found.map(rowOf);
    },
    async openTo(recipient, limit) {
      const found = await rows
        .where('recipient', '=', recipient)
        .where('state', 'in', ['waiting', 'sent'])
        .orderBy('id')
        .limit(limit)
        .execute();
      return found.map(rowOf);
    },
    async sizes() {
      const found = await db
        .selectFrom('outbox')
        .select(({ fn }) => [
          'recipient',
          'lane',
          'state',
          fn.countAll<bigint>().as('count'),
          fn.min('created_at').as('oldest'),
        ])
        .where('state', 'in', ['waiting', 'sent'])
        .groupBy(['recipient', 'lane', 'state'])
        .execute();
      const sizes = new Map<string, QueueSize>();
      for (const row of found) {
        const lane = row.lane === 0n ? 0 : 1;
        const key = `${row.recipient} ${lane}`;
        const before = sizes.get(key) ?? {
          recipient: row.recipient,
          lane,
          waiting: 0,
          sent: 0,
          oldestAt: Infinity,
        };
        sizes.set(key, {
          ...before,
          [row.state === 'waiting' ? 'waiting' : 'sent']: Number(row.count),
          oldestAt: Math.min(before.oldestAt, Number(row.oldest)),
        });
      }
      return [...sizes.values()];
    },
    async openIn(world) {
      const row = await db
        .selectFrom('outbox')
        .innerJoin('record', 'record.header_digest', 'outbox.header_digest')
        .select((of) => of.fn.countAll<bigint>().as('count'))
        .where('outbox.state', 'in', ['waiting', 'sent'])
        .where('record.status', world === 'live' ? '=' : '!=', BigInt(Status.STATUS_ACTUAL))
        .executeTakeFirstOrThrow();
      return numberOf(row.count);
    },
  };
}

export function outboxWriter(db: Kysely<Schema>): OutboxWriter {
  return {
    ...outboxReader(db),
    async add(entries, createdAt) {
      for (let at = 0; at < entries.length; at += INSERT_ROWS) {
        const values = entries
          .slice(at, at + INSERT_ROWS)
          .map((entry) => ({ ...valuesOf(entry, createdAt), state: 'waiting' as const }));
        await db.insertInto('outbox').values(values).execute();
      }
    },
    async addSent(entries, incarnation, seq, createdAt) {
      for (let at = 0; at < entries.length; at += INSERT_ROWS) {
        const values = entries
          .slice(at, at + INSERT_ROWS)
          .map((entry) => ({ ...valuesOf(entry, createdAt), state: 'sent' as const, incarnation, seq }));
        await db.insertInto('outbox').values(values).execute();
      }
    },
    async sendAgain(recipient, incarnation) {
      const result = await db
        .updateTable('outbox')
        .set({ state: 'waiting', incarnation: null, seq: null })
        .where('recipient', '=', recipient)
        .where('state', '=', 'sent')
        .where('incarnation', '<', BigInt(incarnation))
        .executeTakeFirst();
      return Number(result.numUpdatedRows);
    },
    async waitAgain({ recipient, lane }, incarnation, seq) {
      const result = await db
        .updateTable('outbox')
        .set({ state: 'waiting', incarnation: null, seq: null })
        .where('recipient', '=', recipient)
        .where('lane', '=', BigInt(lane))
        .where('incarnation', '=', BigInt(incarnation))
        .where('seq', '=', seq)
        .where('state', '=', 'sent')
        .executeTakeFirst();
      return Number(result.numUpdatedRows);
    },
    async replaceRecord(before, after) {
      await db
        .updateTable('outbox')
        .set({ header_digest: after })
        .where('header_digest', '=', before)
        .where('state', '=', 'waiting')
        .execute();
    },
    async markSent(ids, incarnation, seq) {
      const marked = await db
        .updateTable('outbox')
        .set({ state: 'sent', incarnation, seq })
        .where('id', 'in', ids.map(BigInt))
        .where('state', '=', 'waiting')
        .executeTakeFirst();
      return marked.numUpdatedRows === BigInt(ids.length);
    },
    async close(closings, closedAt) {
      // Rows with one outcome share a statement: a receipt usually accepts all of its items.
      const outcomes = Map.groupBy(
        closings,
        (one) =>
          `${one.state} ${one.resultReason ?? ''} ${Buffer.from(one.receiptDigest ?? []).toString('hex')}`,
      );
      for (const alike of outcomes.values()) {
        const [first] = alike;
        if (!first) continue;
        await db
          .updateTable('outbox')
          .set({
            state: first.state,
            result_reason: first.resultReason ?? null,
            receipt_digest: first.receiptDigest ?? null,
            closed_at: closedAt,
          })
          .where(
            'id',
            'in',
            alike.map((one) => BigInt(one.id)),
          )
          .where('state', 'not in', FINAL)
          .execute();
      }
    },
    async withdrawFrom(recipient, reason, spared, states, closedAt) {
      let update = db
        .updateTable('outbox')
        .set({ state: 'withdrawn', result_reason: BigInt(reason), closed_at: closedAt })
        .where('recipient', '=', recipient)
        .where('state', 'in', states);
      // A line that only takes back shows nothing new: whoever still gets something gets that.
      if (spared.length > 0)
        update = update
          .where('action', '!=', BigInt(ItemAction.ITEM_ACTION_WITHDRAWN))
          .where(
            'header_digest',
            'in',
            db.selectFrom('record').select('header_digest').where('kind', 'not in', spared),
          );
      return Number((await update.executeTakeFirst()).numUpdatedRows);
    },
    async offerAgain(recipient, reason, kinds) {
      if (kinds.length === 0) return 0;
      const result = await db
        .updateTable('outbox')
        .set({
          state: 'waiting',
          incarnation: null,
          seq: null,
          result_reason: null,
          // Its receipt stays: what was refused was in the recipient's hands, which a recall has to know.
          closed_at: null,
        })
        .where('recipient', '=', recipient)
        .where('state', '=', 'refused')
        .where('result_reason', '=', BigInt(reason))
        .where(
          'header_digest',
          'in',
          db.selectFrom('record').select('header_digest').where('kind', 'in', kinds),
        )
        .executeTakeFirst();
      return Number(result.numUpdatedRows);
    },
  };
}
