/** Facets opened in an emergency (R17): openings at this node, those that partners told of our records, their reviews. */
import type { Kysely, Selectable } from 'kysely';
import { listOf, textOfList } from './audience.ts';
import { decodeCursor, encodeCursor, numberOf, optional, type Page, pageSize, same } from './row.ts';
import type { BreakGlassTable } from './schema/break-glass.ts';
import type { Schema } from './schema/tables.ts';

export interface Opening {
  /** Header digest of the record that tells of it. */
  readonly opening: Uint8Array;
  /** Of the record opened. */
  readonly headerDigest: Uint8Array;
  readonly originator: string;
  /** Node at which it was opened. */
  readonly node: string;
  readonly exercise: boolean;
  /** Number of the desk group that speaks in the record opened. */
  readonly recordDeskGroup: number;
  /** Name of the officer who opened. */
  readonly officer: string;
  /** SHA-256 of his certificate, hexadecimal. */
  readonly certificate: string;
  readonly deskGroup: number;
  readonly facets: readonly string[];
  /** What he needs and the node does not hold. */
  readonly asked: readonly string[];
  readonly reason: string;
  readonly openedAt: number;
  readonly until: number;
}

export interface BreakGlassReview {
  /** Number of tocsin.record.v1.BreakGlassVerdict. */
  readonly verdict: number;
  readonly reviewer: string;
  readonly note: string;
  readonly reviewedAt: number;
  /** Header digest of the record that tells of it. */
  readonly review: Uint8Array;
}

export interface StoredOpening extends Opening {
  readonly readings: number;
  readonly lastReadAt?: number;
  readonly review?: BreakGlassReview;
}

export interface BreakGlassQuery {
  readonly exercise: boolean;
  readonly headerDigest?: Uint8Array;
  readonly notReviewed?: boolean;
  readonly cursor?: string;
  /** 1 to 500, default 100. */
  readonly limit?: number;
}

export interface BreakGlassReader {
  openingOf(opening: Uint8Array): Promise<StoredOpening | undefined>;
  /** An officer's openings of a record at this node that hold at an instant. */
  inForce(
    node: string,
    headerDigest: Uint8Array,
    certificate: string,
    at: number,
  ): Promise<readonly StoredOpening[]>;
  /** Newest first. Throws BAD_CURSOR. */
  list(query: BreakGlassQuery): Promise<Page<StoredOpening>>;
}

export interface BreakGlassWriter extends BreakGlassReader {
  /** Throws UNIQUE_VIOLATION for an opening that is known. */
  open(opening: Opening): Promise<void>;
  /** Counts a reading; false where the opening is not known. */
  read(opening: Uint8Array, at: number): Promise<boolean>;
  /** Keeps the review; the first stands. False where there is none to keep. */
  review(opening: Uint8Array, review: BreakGlassReview): Promise<boolean>;
}

const reviewOf = (row: Selectable<BreakGlassTable>): BreakGlassReview | undefined =>
  row.review === null || row.verdict === null || row.reviewed_at === null
    ? undefined
    : {
        verdict: numberOf(row.verdict),
        reviewer: row.reviewer ?? '',
        note: row.review_note ?? '',
        reviewedAt: numberOf(row.reviewed_at),
        review: row.review,
      };

const openingOf = (row: Selectable<BreakGlassTable>): StoredOpening => ({
  opening: row.opening,
  headerDigest: row.header_digest,
  originator: row.originator,
  node: row.node,
  exercise: row.exercise === 1n,
  recordDeskGroup: numberOf(row.record_desk_group),
  officer: row.officer,
  certificate: row.certificate,
  deskGroup: numberOf(row.desk_group),
  facets: listOf(row.facets),
  asked: listOf(row.asked),
  reason: row.reason,
  openedAt: numberOf(row.opened_at),
  until: numberOf(row.until_at),
  readings: numberOf(row.readings),
  ...optional('lastReadAt', row.last_read_at, numberOf),
  ...optional('review', reviewOf(row), same),
});

export function breakGlassReader(db: Kysely<Schema>): BreakGlassReader {
  const all = () => db.selectFrom('break_glass').selectAll();
  return {
    async openingOf(opening) {
      const row = await all().where('opening', '=', opening).executeTakeFirst();
      return row && openingOf(row);
    },
    async inForce(node, headerDigest, certificate, at) {
      const rows = await all()
        .where('header_digest', '=', headerDigest)
        .where('certificate', '=', certificate)
        .where('node', '=', node)
        .where('opened_at', '<=', BigInt(at))
        .where('until_at', '>', BigInt(at))
        .orderBy('id')
        .execute();
      return rows.map(openingOf);
    },
    async list({ exercise, headerDigest, notReviewed, cursor, limit }) {
      const size = pageSize(limit);
      let select = all()
        .where('exercise', '=', exercise ? 1n : 0n)
        .orderBy('id', 'desc')
        .limit(size + 1);
      if (headerDigest) select = select.where('header_digest', '=', headerDigest);
      if (notReviewed === true) select = select.where('review', 'is', null);
      if (cursor !== undefined) {
        const [before = ''] = decodeCursor(cursor, /^(\d{1,18})$/);
        select = select.where('id', '<', BigInt(before));
      }
      const rows = await select.execute();
      const last = rows.length > size ? rows[size - 1] : undefined;
      return {
        items: rows.slice(0, size).map(openingOf),
        ...(last && { next: encodeCursor(String(last.id)) }),
      };
    },
  };
}

export function breakGlassWriter(db: Kysely<Schema>): BreakGlassWriter {
  return {
    ...breakGlassReader(db),
    async open(opening) {
      await db
        .insertInto('break_glass')
        .values({
          opening: opening.opening,
          header_digest: opening.headerDigest,
          originator: opening.originator,
          node: opening.node,
          exercise: opening.exercise ? 1 : 0,
          record_desk_group: opening.recordDeskGroup,
          officer: opening.officer,
          certificate: opening.certificate,
          desk_group: opening.deskGroup,
          facets: textOfList(opening.facets),
          asked: textOfList(opening.asked),
          reason: opening.reason,
          opened_at: opening.openedAt,
          until_at: opening.until,
          readings: 0,
        })
        .execute();
    },
    async read(opening, at) {
      const { numUpdatedRows } = await db
        .updateTable('break_glass')
        .set(({ eb }) => ({ readings: eb('readings', '+', 1n), last_read_at: BigInt(at) }))
        .where('opening', '=', opening)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
    async review(opening, { verdict, reviewer, note, reviewedAt, review }) {
      const { numUpdatedRows } = await db
        .updateTable('break_glass')
        .set({ verdict, reviewer, review_note: note, reviewed_at: reviewedAt, review })
        .where('opening', '=', opening)
        .where('review', 'is', null)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
  };
}
