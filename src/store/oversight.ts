/** What an auditor looks for across repositories: duties that are late, recalls unanswered, disclosures of a period. */
import type { Kysely, SelectQueryBuilder } from 'kysely';
import { ItemAction } from '../gen/tocsin/exchange/v1/parcel.ts';
import { Status } from '../gen/tocsin/record/v1/marking.ts';
import type { World } from '../record/index.ts';
import { numberOf } from './row.ts';
import type { Schema } from './schema/tables.ts';

/** A record in force whose time of review is past; no word of its content. */
export interface OverdueReview {
  readonly headerDigest: Uint8Array;
  readonly kind: string;
  readonly originator: string;
  readonly deskGroup: number;
  readonly reviewBy: number;
}

/** A recall of ours that one holder did not answer. */
export interface UnreceiptedRecall {
  readonly recallDigest: Uint8Array;
  /** Header digest of the record recalled. */
  readonly target: Uint8Array;
  readonly holder: string;
  readonly mustPurge: boolean;
  readonly askedAt: number;
  readonly deadline: number;
  /** How often a parcel with it was put out; 0 = it still waits. */
  readonly attempts: number;
}

export interface DisclosureQuery {
  readonly world: World;
  /** Of the decision, milliseconds; `until` exclusive. */
  readonly from: number;
  readonly until: number;
  /** Kinds of which nothing is looked for. */
  readonly without: readonly string[];
  /** Rows after this one alone. */
  readonly after: number;
  readonly limit: number;
}

/** A row of the outbox that disclosed, or is about to. */
export interface DisclosureRow {
  readonly id: number;
  readonly headerDigest: Uint8Array;
  readonly recipient: string;
}

export interface OversightReader {
  /** Records in force, own and partners', the one due first in front. */
  overdueReviews(
    world: World,
    nowMs: number,
    without: readonly string[],
    limit: number,
  ): Promise<readonly OverdueReview[]>;
  /** Unanswered, the oldest first: a holder's receipt closes what asks to delete, the delivery's the rest. */
  unreceiptedRecalls(world: World, limit: number): Promise<readonly UnreceiptedRecall[]>;
  /** In the order of their rows. What was taken back before it was ever announced disclosed nothing and is not among them. */
  disclosures(query: DisclosureQuery): Promise<readonly DisclosureRow[]>;
}

const isOf = <Output>(
  select: SelectQueryBuilder<Schema, 'record', Output>,
  world: World,
): SelectQueryBuilder<Schema, 'record', Output> =>
  select.where('record.status', world === 'live' ? '=' : '!=', BigInt(Status.STATUS_ACTUAL));

const DISCLOSING = [ItemAction.ITEM_ACTION_RECORD, ItemAction.ITEM_ACTION_FACETS].map(BigInt);

export function oversightReader(db: Kysely<Schema>): OversightReader {
  return {
    async overdueReviews(world, nowMs, without, limit) {
      let select = isOf(db.selectFrom('record').selectAll('record'), world)
        .where('state', '=', 'released')
        .where('review_by', '<=', BigInt(nowMs))
        .where('expires', '>', BigInt(nowMs));
      if (without.length > 0) select = select.where('kind', 'not in', without);
      const rows = await select.orderBy('review_by').orderBy('position').limit(limit).execute();
      return rows.map((row) => ({
        headerDigest: row.header_digest,
        kind: row.kind,
        originator: row.originator,
        deskGroup: numberOf(row.desk_group),
        reviewBy: numberOf(row.review_by),
      }));
    },
    async unreceiptedRecalls(world, limit) {
      const rows = await db
        .selectFrom('recall_notice as notice')
        .innerJoin('record', 'record.header_digest', 'notice.recall_digest')
        .select(['recall_digest', 'target', 'holder', 'must_purge', 'asked_at', 'deadline'])
        .select(({ selectFrom }) =>
          selectFrom('outbox')
            .innerJoin('manifest_out as manifest', (join) =>
              join
                .onRef('manifest.recipient', '=', 'outbox.recipient')
                .onRef('manifest.lane', '=', 'outbox.lane')
                .onRef('manifest.incarnation', '=', 'outbox.incarnation')
                .onRef('manifest.seq', '=', 'outbox.seq'),
            )
            .whereRef('outbox.header_digest', '=', 'notice.recall_digest')
            .whereRef('outbox.recipient', '=', 'notice.holder')
            .select(({ fn }) => fn.max('manifest.attempts').as('attempts'))
            .as('attempts'),
        )
        .where('record.status', world === 'live' ? '=' : '!=', BigInt(Status.STATUS_ACTUAL))
        .where('notice.closed_at', 'is', null)
        .where(({ or, not, exists, selectFrom, eb }) =>
          or([
            eb('notice.must_purge', '=', 1n),
            not(
              exists(
                selectFrom('outbox as told')
                  .select('told.id')
                  .whereRef('told.header_digest', '=', 'notice.recall_digest')
                  .whereRef('told.recipient', '=', 'notice.holder')
                  .where('told.state', '=', 'receipted'),
              ),
            ),
          ]),
        )
        .orderBy('asked_at')
        .orderBy('recall_digest')
        .orderBy('holder')
        .limit(limit)
        .execute();
      return rows.map((row) => ({
        recallDigest: row.recall_digest,
        target: row.target,
        holder: row.holder,
        mustPurge: row.must_purge === 1n,
        askedAt: numberOf(row.asked_at),
        deadline: numberOf(row.deadline),
        attempts: Number(row.attempts ?? 0),
      }));
    },
    async disclosures({ world, from, until, without, after, limit }) {
      let select = db
        .selectFrom('outbox')
        .innerJoin('record', 'record.header_digest', 'outbox.header_digest')
        .select(['outbox.id as id', 'outbox.header_digest as header_digest', 'outbox.recipient as recipient'])
        .where('record.status', world === 'live' ? '=' : '!=', BigInt(Status.STATUS_ACTUAL))
        .where('outbox.created_at', '>=', BigInt(from))
        .where('outbox.created_at', '<', BigInt(until))
        .where('outbox.action', 'in', DISCLOSING)
        .where(({ or, eb }) =>
          or([eb('outbox.state', '!=', 'withdrawn'), eb('outbox.incarnation', 'is not', null)]),
        )
        .where('outbox.id', '>', BigInt(after));
      if (without.length > 0) select = select.where('record.kind', 'not in', without);
      const rows = await select.orderBy('outbox.id').limit(limit).execute();
      return rows.map((row) => ({
        id: Number(row.id),
        headerDigest: row.header_digest,
        recipient: row.recipient,
      }));
    },
  };
}
