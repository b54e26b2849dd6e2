/**
 * Who holds what of our own records: whom we sent it to (the outbox), whom forwarders say they passed it on to
 * (disclosures), and what became of our recalls at each of them.
 */
import type { Kysely, Selectable } from 'kysely';
import { hex } from '../base/bytes.ts';
import { ItemAction } from '../gen/tocsin/exchange/v1/parcel.ts';
import { listOf, textOfList } from './audience.ts';
import { outboxReader } from './outbox.ts';
import { numberOf, optional, portions, same } from './row.ts';
import type { DisclosureTable, RecallNoticeTable } from './schema/recall.ts';
import type { Schema } from './schema/tables.ts';
import type { Recalled } from './tombstones.ts';

/** What a forwarder's record of kind `disclosure` says of a record of ours. */
export interface DisclosureEntry {
  /** Of the record passed on. */
  readonly headerDigest: Uint8Array;
  readonly recipient: string;
  readonly forwarder: string;
  readonly facets: readonly string[];
  /** Ids of the rules that permitted it. */
  readonly basis: string;
  /** Header digest of the consent relied on; absent = the marking itself permits it. */
  readonly consent?: Uint8Array;
  /** Header digest of the disclosure record. */
  readonly disclosureDigest: Uint8Array;
  /** When it was passed on, milliseconds. */
  readonly at: number;
}

/** What one holder was asked by one recall. */
export interface RecallNotice {
  readonly recallDigest: Uint8Array;
  readonly holder: string;
  /** Header digest of the record recalled. */
  readonly target: Uint8Array;
  /** Facets recalled; empty = the whole record. */
  readonly facets: readonly string[];
  readonly mustPurge: boolean;
  readonly deadline: number;
  readonly askedAt: number;
  readonly receiptDigest?: Uint8Array;
  /** What the receipt lists. */
  readonly purgedFacets?: readonly string[];
  readonly copies?: number;
  readonly closedAt?: number;
}

/**
 * `sent`: under way or on its way back · `holds`: its receipt is here, or a forwarder said so · `recall-asked`: asked to
 * delete, no answer yet · `overdue`: neither by the deadline · `purged`: deleted, with a signed receipt · `recalled`: told
 * by a recall that does not ask to delete, and its delivery receipted.
 */
export type HolderState = 'sent' | 'holds' | 'recall-asked' | 'overdue' | 'purged' | 'recalled';

/** One way in which one node came to hold a record. A node that got it in two ways is two holders. */
export interface Holder {
  readonly node: string;
  /** The forwarder; absent = from us. */
  readonly via?: string;
  /** What it may still hold, in no particular order: facets given, less those whose deletion it receipted. */
  readonly facets: readonly string[];
  readonly state: HolderState;
  /** Since when it is in this state, milliseconds. */
  readonly since: number;
  readonly basis: string;
  readonly consent?: Uint8Array;
  /** Header digest of the newest receipt: of its delivery, or of its deletion. */
  readonly receiptDigest?: Uint8Array;
  /** Recalls that this node was asked to follow, oldest first. */
  readonly recalls: readonly RecallNotice[];
}

export interface HoldersReader {
  /** Direct recipients first, in the order of sending. Who was never sent anything (its row waits) is no holder. */
  holdersOf(headerDigest: Uint8Array, nowMs: number): Promise<readonly Holder[]>;
  /** What forwarders told of one record, oldest first. */
  disclosuresOf(headerDigest: Uint8Array): Promise<readonly DisclosureEntry[]>;
  /** What forwarders told that relied on one consent, oldest first. */
  disclosuresUnder(consent: Uint8Array): Promise<readonly DisclosureEntry[]>;
  /** Everybody who was asked by one recall. */
  noticesOf(recallDigest: Uint8Array): Promise<readonly RecallNotice[]>;
  notice(recallDigest: Uint8Array, holder: string): Promise<RecallNotice | undefined>;
  /** What our recalls take from one node, by hexadecimal header digest of the record. */
  recalledFrom(node: string, headerDigests: readonly Uint8Array[]): Promise<ReadonlyMap<string, Recalled>>;
  /** Notices not answered whose deadline has passed, the earliest first. */
  overdue(nowMs: number, limit: number): Promise<readonly RecallNotice[]>;
}

export interface HoldersWriter extends HoldersReader {
  /** Keeps what a disclosure record says; false where that record was noted before. */
  noteDisclosure(entry: DisclosureEntry): Promise<boolean>;
  /** Keeps whom a recall of ours asks; a holder asked before is left alone. */
  noteRecall(notices: readonly Omit<RecallNotice, 'receiptDigest' | 'closedAt'>[]): Promise<void>;
  /** Closes a notice by its receipt; false where there is no open one. */
  closeRecall(
    recallDigest: Uint8Array,
    holder: string,
    receipt: {
      readonly receiptDigest: Uint8Array;
      readonly purgedFacets: readonly string[];
      readonly copies: number;
      readonly at: number;
    },
  ): Promise<boolean>;
}

const disclosureOf = (row: Selectable<DisclosureTable>): DisclosureEntry => ({
  headerDigest: row.header_digest,
  recipient: row.recipient,
  forwarder: row.forwarder,
  facets: listOf(row.facets),
  basis: row.basis,
  disclosureDigest: row.disclosure_digest,
  at: numberOf(row.at),
  ...optional('consent', row.consent, same),
});

const noticeOf = (row: Selectable<RecallNoticeTable>): RecallNotice => ({
  recallDigest: row.recall_digest,
  holder: row.holder,
  target: row.target,
  facets: listOf(row.facets),
  mustPurge: row.must_purge !== 0n,
  deadline: numberOf(row.deadline),
  askedAt: numberOf(row.asked_at),
  ...optional('receiptDigest', row.receipt_digest, same),
  ...optional('purgedFacets', row.purged_facets, listOf),
  ...optional('copies', row.copies, numberOf),
  ...optional('closedAt', row.closed_at, numberOf),
});

/** A way to a holder before recalls are looked at. */
type Way = Omit<Holder, 'recalls'>;

/** One recipient's rows of one record. Undefined where nothing was ever announced to it. */
function directWay(
  rows: readonly Awaited<ReturnType<ReturnType<typeof outboxReader>['ofRecord']>>[number][],
): Way | undefined {
  // A row put back in the queue after a refusal keeps its receipt: the recipient had it in its hands.
  const announced = rows.filter(
    (row) =>
      row.action !== ItemAction.ITEM_ACTION_WITHDRAWN &&
      (row.incarnation !== undefined || row.receiptDigest !== undefined),
  );
  const [first] = announced;
  if (first === undefined) return undefined;
  const receipted = announced.filter((row) => row.state === 'receipted');
  const newest = receipted.at(-1);
  return {
    node: first.recipient,
    facets: [...new Set(announced.flatMap((row) => row.facets))],
    state: newest === undefined ? 'sent' : 'holds',
    since: newest?.closedAt ?? first.createdAt,
    basis: first.basis,
    ...(newest?.receiptDigest && { receiptDigest: newest.receiptDigest }),
  };
}

/** What the recalls addressed to a node make of its way. */
function withRecalls(
  way: Way,
  recalls: readonly RecallNotice[],
  told: ReadonlyMap<string, number>,
  nowMs: number,
): Holder {
  const gone = new Set<string>();
  for (const notice of recalls) {
    if (!notice.mustPurge || notice.closedAt === undefined) continue;
    for (const facet of notice.facets.length === 0 ? way.facets : notice.facets) gone.add(facet);
  }
  const facets = way.facets.filter((facet) => !gone.has(facet));
  const holder = { ...way, facets, recalls };
  const unanswered = recalls.filter((notice) =>
    notice.mustPurge ? notice.closedAt === undefined : !told.has(keyOf(notice)),
  );
  const late = unanswered.find((notice) => notice.deadline <= nowMs);
  if (late) return { ...holder, state: 'overdue', since: late.deadline };
  const [asked] = unanswered;
  if (asked) return { ...holder, state: 'recall-asked', since: asked.askedAt };
  const whole = recalls.findLast((notice) => notice.facets.length === 0);
  const last = whole ?? (facets.length === 0 && way.facets.length > 0 ? recalls.at(-1) : undefined);
  if (last === undefined) return holder;
  if (!last.mustPurge) return { ...holder, state: 'recalled', since: told.get(keyOf(last)) ?? last.askedAt };
  return {
    ...holder,
    state: 'purged',
    since: last.closedAt ?? last.askedAt,
    ...(last.receiptDigest && { receiptDigest: last.receiptDigest }),
  };
}

const keyOf = (notice: Pick<RecallNotice, 'recallDigest' | 'holder'>): string =>
  `${hex(notice.recallDigest)} ${notice.holder}`;

export function holdersReader(db: Kysely<Schema>): HoldersReader {
  const outbox = outboxReader(db);
  const disclosures = () => db.selectFrom('disclosure').selectAll().orderBy('id');
  const notices = () => db.selectFrom('recall_notice').selectAll();
  const disclosuresOf = async (headerDigest: Uint8Array) =>
    (await disclosures().where('header_digest', '=', headerDigest).execute()).map(disclosureOf);

  /** When the delivery of a recall that asks for no deletion was receipted, by recall and holder. */
  async function toldOf(recalls: readonly RecallNotice[]): Promise<ReadonlyMap<string, number>> {
    const told = new Map<string, number>();
    for (const digest of new Map(
      recalls.filter((one) => !one.mustPurge).map((one) => [keyOf(one), one.recallDigest]),
    ).values()) {
      for (const row of await outbox.ofRecord(digest)) {
        if (row.state !== 'receipted') continue;
        told.set(keyOf({ recallDigest: digest, holder: row.recipient }), row.closedAt ?? row.createdAt);
      }
    }
    return told;
  }

  return {
    async holdersOf(headerDigest, nowMs) {
      const rows = Map.groupBy(await outbox.ofRecord(headerDigest), (row) => row.recipient);
      const direct = [...rows.values()].flatMap((some) => directWay(some) ?? []);
      const passedOn = Map.groupBy(
        await disclosuresOf(headerDigest),
        (one) => `${one.recipient} ${one.forwarder}`,
      );
      const indirect = [...passedOn.values()].flatMap((some): Way[] => {
        const last = some.at(-1);
        if (last === undefined) return [];
        return [
          {
            node: last.recipient,
            via: last.forwarder,
            facets: [...new Set(some.flatMap((one) => one.facets))],
            state: 'holds',
            since: some[0]?.at ?? last.at,
            basis: last.basis,
            ...(last.consent && { consent: last.consent }),
          },
        ];
      });
      const recalls = (
        await notices()
          .where('target', '=', headerDigest)
          .orderBy('asked_at')
          .orderBy('recall_digest')
          .execute()
      ).map(noticeOf);
      const told = await toldOf(recalls);
      return [...direct, ...indirect].map((way) =>
        withRecalls(
          way,
          recalls.filter((notice) => notice.holder === way.node),
          told,
          nowMs,
        ),
      );
    },
    disclosuresOf,
    async disclosuresUnder(consent) {
      return (await disclosures().where('consent', '=', consent).execute()).map(disclosureOf);
    },
    async noticesOf(recallDigest) {
      const rows = await notices().where('recall_digest', '=', recallDigest).orderBy('holder').execute();
      return rows.map(noticeOf);
    },
    async notice(recallDigest, holder) {
      const row = await notices()
        .where('recall_digest', '=', recallDigest)
        .where('holder', '=', holder)
        .executeTakeFirst();
      return row && noticeOf(row);
    },
    async recalledFrom(node, headerDigests) {
      const found = new Map<string, { whole: boolean; facets: Set<string> }>();
      for (const some of portions(headerDigests, 1)) {
        const rows = await notices().where('target', 'in', some).where('holder', '=', node).execute();
        for (const { target, facets } of rows.map(noticeOf)) {
          const recalled = found.get(hex(target)) ?? { whole: false, facets: new Set<string>() };
          if (facets.length === 0) recalled.whole = true;
          for (const facet of facets) recalled.facets.add(facet);
          found.set(hex(target), recalled);
        }
      }
      return found;
    },
    async overdue(nowMs, limit) {
      const rows = await notices()
        .where('closed_at', 'is', null)
        .where('deadline', '<=', BigInt(nowMs))
        .orderBy('deadline')
        .limit(limit)
        .execute();
      return rows.map(noticeOf);
    },
  };
}

export function holdersWriter(db: Kysely<Schema>): HoldersWriter {
  return {
    ...holdersReader(db),
    async noteDisclosure(entry) {
      const added = await db
        .insertInto('disclosure')
        .values({
          header_digest: entry.headerDigest,
          recipient: entry.recipient,
          forwarder: entry.forwarder,
          facets: textOfList(entry.facets),
          basis: entry.basis,
          consent: entry.consent ?? null,
          disclosure_digest: entry.disclosureDigest,
          at: entry.at,
        })
        .onConflict((conflict) => conflict.column('disclosure_digest').doNothing())
        .returning('id')
        .execute();
      return added.length > 0;
    },
    async noteRecall(asked) {
      for (const notice of asked)
        await db
          .insertInto('recall_notice')
          .values({
            recall_digest: notice.recallDigest,
            holder: notice.holder,
            target: notice.target,
            facets: textOfList(notice.facets),
            must_purge: notice.mustPurge ? 1 : 0,
            deadline: notice.deadline,
            asked_at: notice.askedAt,
          })
          .onConflict((conflict) => conflict.columns(['recall_digest', 'holder']).doNothing())
          .execute();
    },
    async closeRecall(recallDigest, holder, { receiptDigest, purgedFacets, copies, at }) {
      const { numUpdatedRows } = await db
        .updateTable('recall_notice')
        .set({
          receipt_digest: receiptDigest,
          purged_facets: textOfList(purgedFacets),
          copies,
          closed_at: at,
        })
        .where('recall_digest', '=', recallDigest)
        .where('holder', '=', holder)
        .where('closed_at', 'is', null)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
  };
}
