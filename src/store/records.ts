/** Records and their facets, own and partners'. A record is its header digest; facets merge as a set. */
import { type Kysely, type SelectQueryBuilder, sql } from 'kysely';
import { hex } from '../base/bytes.ts';
import { Status } from '../gen/tocsin/record/v1/marking.ts';
import { sha256, type World } from '../record/index.ts';
import { blobsNamed } from './attachments.ts';
import { storeError } from './errors.ts';
import { noteChanges } from './record-changes.ts';
import {
  facetRow,
  type NewRecord,
  recordOf,
  rowOf,
  type StoredFacet,
  type StoredRecord,
  titleKey,
} from './record-row.ts';
import { decodeCursor, encodeCursor, numberOf, type Page, pageSize, portions } from './row.ts';
import type { RecordOrigin, RecordState } from './schema/record.ts';
import type { Schema } from './schema/tables.ts';

/** Which world a query is about; `both` is for what looks after every record (retention, checks), never for a desk. */
export type RecordWorld = World | 'both';

export interface RecordQuery {
  /** Said every time: exercise and live never meet by an omission (R21). */
  readonly world: RecordWorld;
  readonly kind?: string;
  readonly originator?: string;
  readonly origin?: RecordOrigin;
  readonly state?: RecordState;
  /** Number of tocsin.record.v1.Status. */
  readonly status?: number;
  /** Number of tocsin.record.v1.Tlp. */
  readonly tlp?: number;
  /** Number of tocsin.record.v1.DeskGroup. */
  readonly deskGroup?: number;
  /** Words that the title must all hold, in any case. */
  readonly text?: string;
  /** 'newest' (default) or 'oldest' committed first. */
  readonly order?: 'newest' | 'oldest';
  readonly cursor?: string;
  /** 1 to 500, default 100. */
  readonly limit?: number;
}

/** Own records of one kind whose review falls on one day. */
export interface ReviewDay {
  /** Whole days since 1970-01-01 UTC. */
  readonly day: number;
  readonly records: number;
  readonly firstAt: number;
}

export interface RecordsReader {
  byDigest(headerDigest: Uint8Array): Promise<StoredRecord | undefined>;
  /** Those that are here, in no particular order. */
  byDigests(headerDigests: readonly Uint8Array[]): Promise<readonly StoredRecord[]>;
  byPositions(positions: readonly bigint[]): Promise<readonly StoredRecord[]>;
  /**
   * All headers held for the record, lowest revision first; two of one revision are an equivocation. An id of an exercise that is
   * equal to a live one is another record (R21).
   */
  revisions(originator: string, recordId: Uint8Array, world: World): Promise<readonly StoredRecord[]>;
  /** Of these record ids, hexadecimal, those of which any header is held, whoever signed it. */
  idsHeld(recordIds: readonly Uint8Array[]): Promise<ReadonlySet<string>>;
  /** The highest revision that is not superseded. */
  current(originator: string, recordId: Uint8Array, world: World): Promise<StoredRecord | undefined>;
  /** All headers with the id whoever the originator is (an id is 128 random bits), lowest revision first. */
  byRecordId(recordId: Uint8Array, world: World): Promise<readonly StoredRecord[]>;
  /** Facets held, by name; only those named where names are given. */
  facets(headerDigest: Uint8Array, names?: readonly string[]): Promise<readonly StoredFacet[]>;
  /** Facets of many records, by the hexadecimal header digest; a record without any is absent. */
  facetsOf(headerDigests: readonly Uint8Array[]): Promise<ReadonlyMap<string, readonly StoredFacet[]>>;
  /** Records whose time is over and whose bytes are still here, the earliest first: past `expires`, or `reviewBy` not after the given instant. */
  lapsed(nowMs: number, reviewedBefore: number, limit: number): Promise<readonly StoredRecord[]>;
  /** Records of a kind released at or before an instant of which the named facet is still held. */
  holdingFacet(
    kind: string,
    facet: string,
    releasedBefore: number,
    limit: number,
  ): Promise<readonly StoredRecord[]>;
  /** Own live records in force of a kind whose review is due at or before an instant, counted by day (UTC). */
  reviewsDue(kind: string, before: number): Promise<readonly ReviewDay[]>;
  /** Throws BAD_CURSOR. A record committed while paging from newest to oldest is not repeated or missed. */
  list(query: RecordQuery): Promise<Page<StoredRecord>>;
  count(query: Omit<RecordQuery, 'cursor' | 'limit' | 'order'>): Promise<number>;
  /** A signed note by its SHA-256, as `note_digest` of a record's row names it. */
  note(digest: Uint8Array): Promise<Uint8Array | undefined>;
  /** Logs under which partners' records are not witnessed. */
  unwitnessedLogs(): Promise<readonly string[]>;
  /** Partners' records of one log, after a position, that are not witnessed, or not even tied; oldest first. */
  unproved(of: {
    readonly logOrigin: string;
    readonly lacks: 'tie' | 'witnesses';
    readonly after: bigint;
    readonly limit: number;
  }): Promise<readonly StoredRecord[]>;
}

export interface RecordsWriter extends RecordsReader {
  /** Keeps records and their facets. Throws UNIQUE_VIOLATION where a header digest is here already. */
  insert(records: readonly { record: NewRecord; facets: readonly StoredFacet[] }[]): Promise<void>;
  /** Keeps a partner's record unless it is here; whether it was new. Facets merge either way. */
  take(record: NewRecord, facets: readonly StoredFacet[]): Promise<boolean>;
  /** Adds facets that came later; the names that were new. The caller has judged them against the commitments. */
  mergeFacets(headerDigest: Uint8Array, facets: readonly StoredFacet[]): Promise<readonly string[]>;
  /** Throws ROW_MISSING. */
  setState(headerDigest: Uint8Array, state: RecordState): Promise<void>;
  /** Marks released records as superseded; unknown ones and others are left alone. The number changed. */
  supersede(headerDigests: readonly Uint8Array[]): Promise<number>;
  /**
   * Another checkpoint, and the path to it; the caller has judged both. With `leafIndex` the place that a partner proved for
   * an own record whose log row was lost, and the key statement that it was judged by; without both, for a partner's record.
   */
  setProof(
    headerDigest: Uint8Array,
    place: {
      readonly leafIndex?: bigint;
      readonly proof: Uint8Array;
      readonly checkpoint: Uint8Array;
      readonly statementDigest?: Uint8Array;
    },
  ): Promise<void>;
  /** The same for partners' records that are proved under one checkpoint. */
  setProofs(
    proofs: readonly { readonly headerDigest: Uint8Array; readonly proof: Uint8Array }[],
    checkpoint: Uint8Array,
  ): Promise<void>;
  /** Marks all partners' records of a log under this note as tied. The number changed. */
  tie(logOrigin: string, note: Uint8Array): Promise<number>;
  /** The same as witnessed: enough cosignatures of this note are kept. The number changed. */
  witness(logOrigin: string, note: Uint8Array): Promise<number>;
  /** Forgets a note that no record stands under any more. */
  dropNote(note: Uint8Array): Promise<void>;
  setLeafIndex(entries: readonly { headerDigest: Uint8Array; leafIndex: bigint }[]): Promise<void>;
}

const ACTUAL = BigInt(Status.STATUS_ACTUAL);
const inWorld = (world: World): '=' | '!=' => (world === 'live' ? '=' : '!=');

/** A word as a pattern of LIKE with `\` as its escape: its own wildcards are letters like any other. */
const likePattern = (word: string): string => `%${word.replace(/[\\%_]/g, '\\$&')}%`;

/** Search words looked at: more would only cost. */
const SEARCH_WORDS = 8;

function filtered<Output>(
  select: SelectQueryBuilder<Schema, 'record', Output>,
  query: RecordQuery,
): SelectQueryBuilder<Schema, 'record', Output> {
  let out = select;
  if (query.world !== 'both') out = out.where('status', inWorld(query.world), ACTUAL);
  if (query.kind !== undefined) out = out.where('kind', '=', query.kind);
  if (query.originator !== undefined) out = out.where('originator', '=', query.originator);
  if (query.origin !== undefined) out = out.where('origin', '=', query.origin);
  if (query.state !== undefined) out = out.where('state', '=', query.state);
  if (query.status !== undefined) out = out.where('status', '=', BigInt(query.status));
  if (query.tlp !== undefined) out = out.where('tlp', '=', BigInt(query.tlp));
  if (query.deskGroup !== undefined) out = out.where('desk_group', '=', BigInt(query.deskGroup));
  const words = titleKey(query.text ?? '')
    .split(/\s+/)
    .filter((word) => word !== '');
  for (const word of words.slice(0, SEARCH_WORDS))
    out = out.where(sql<boolean>`title_key like ${likePattern(word)} escape '\\'`);
  return out;
}

export function recordsReader(db: Kysely<Schema>): RecordsReader {
  const all = () =>
    db
      .selectFrom('record')
      .selectAll('record')
      .select((of) =>
        of
          .selectFrom('note')
          .select('body')
          .whereRef('note.digest', '=', 'record.note_digest')
          .as('checkpoint'),
      );
  return {
    async byDigest(headerDigest) {
      const row = await all().where('header_digest', '=', headerDigest).executeTakeFirst();
      return row && recordOf(row);
    },
    async byDigests(headerDigests) {
      const found: StoredRecord[] = [];
      for (const some of portions(headerDigests, 1)) {
        const rows = await all().where('header_digest', 'in', some).execute();
        found.push(...rows.map(recordOf));
      }
      return found;
    },
    async byPositions(positions) {
      const found: StoredRecord[] = [];
      for (const some of portions(positions, 1)) {
        const rows = await all().where('position', 'in', some).execute();
        found.push(...rows.map(recordOf));
      }
      return found;
    },
    async revisions(originator, recordId, world) {
      const rows = await all()
        .where('record_id', '=', recordId)
        .where('originator', '=', originator)
        .where('status', inWorld(world), ACTUAL)
        .orderBy('revision')
        .orderBy('position')
        .execute();
      return rows.map(recordOf);
    },
    async idsHeld(recordIds) {
      const found = new Set<string>();
      for (const some of portions(recordIds, 1)) {
        const rows = await db
          .selectFrom('record')
          .select('record_id')
          .where('record_id', 'in', some)
          .execute();
        for (const { record_id } of rows) found.add(hex(record_id));
      }
      return found;
    },
    async current(originator, recordId, world) {
      const row = await all()
        .where('record_id', '=', recordId)
        .where('originator', '=', originator)
        .where('status', inWorld(world), ACTUAL)
        .where('state', '!=', 'superseded')
        .orderBy('revision', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row && recordOf(row);
    },
    async byRecordId(recordId, world) {
      const rows = await all()
        .where('record_id', '=', recordId)
        .where('status', inWorld(world), ACTUAL)
        .orderBy('revision')
        .orderBy('position')
        .execute();
      return rows.map(recordOf);
    },
    async facets(headerDigest, names) {
      if (names?.length === 0) return [];
      let select = db
        .selectFrom('facet')
        .select(['name as facet', 'salt', 'body'])
        .where('header_digest', '=', headerDigest)
        .orderBy('name');
      if (names) select = select.where('name', 'in', names);
      return select.execute();
    },
    async facetsOf(headerDigests) {
      const found = new Map<string, StoredFacet[]>();
      for (const some of portions(headerDigests, 1)) {
        const rows = await db
          .selectFrom('facet')
          .selectAll()
          .where('header_digest', 'in', some)
          .orderBy('header_digest')
          .orderBy('name')
          .execute();
        for (const { header_digest, name, salt, body } of rows) {
          const key = hex(header_digest);
          const list = found.get(key) ?? [];
          list.push({ facet: name, salt, body });
          found.set(key, list);
        }
      }
      return found;
    },
    async lapsed(nowMs, reviewedBefore, limit) {
      // Three indexes, a query each: the states are written out as in the indexes.
      const open = () =>
        all().where(sql<boolean>`state in ('released', 'superseded', 'parked')`).limit(limit);
      const found = [
        ...(await open().where('expires', '<=', BigInt(nowMs)).orderBy('expires').execute()),
        ...(await open().where('review_by', '<=', BigInt(reviewedBefore)).orderBy('review_by').execute()),
        // A recall that asked for no deletion leaves bytes behind, which the clock still takes.
        ...(await all()
          .where('state', '=', 'recalled')
          .where('expires', '<=', BigInt(nowMs))
          .where(({ exists, selectFrom }) =>
            exists(
              selectFrom('facet').select('name').whereRef('facet.header_digest', '=', 'record.header_digest'),
            ),
          )
          .limit(limit)
          .execute()),
      ];
      const records = new Map(found.map((row) => [row.position, recordOf(row)]));
      return [...records.values()].slice(0, limit);
    },
    async holdingFacet(kind, facet, releasedBefore, limit) {
      const rows = await all()
        .innerJoin('facet', 'facet.header_digest', 'record.header_digest')
        .where('record.kind', '=', kind)
        .where('record.released', '<=', BigInt(releasedBefore))
        .where('facet.name', '=', facet)
        .limit(limit)
        .execute();
      return rows.map(recordOf);
    },
    async reviewsDue(kind, before) {
      const rows = await db
        .selectFrom('record')
        .select(({ fn }) => [
          sql<bigint>`review_by / 86400000`.as('day'),
          fn.countAll<bigint>().as('records'),
          fn.min<bigint>('review_by').as('first_at'),
        ])
        .where('kind', '=', kind)
        .where('origin', '=', 'own')
        .where('state', '=', 'released')
        .where('status', inWorld('live'), ACTUAL)
        .where('review_by', '<=', BigInt(before))
        .groupBy(sql`review_by / 86400000`)
        .orderBy('day')
        .execute();
      return rows.map(({ day, records, first_at }) => ({
        day: numberOf(day),
        records: numberOf(records),
        firstAt: numberOf(first_at),
      }));
    },
    async list(query) {
      const limit = pageSize(query.limit);
      const newest = query.order !== 'oldest';
      let select = filtered(all(), query)
        .orderBy('position', newest ? 'desc' : 'asc')
        .limit(limit + 1);
      if (query.cursor !== undefined) {
        const [position = ''] = decodeCursor(query.cursor, /^r (\d{1,18})$/);
        select = select.where('position', newest ? '<' : '>', BigInt(position));
      }
      const records = (await select.execute()).map(recordOf);
      const items = records.slice(0, limit);
      const last = items.at(-1);
      if (records.length <= limit || !last) return { items };
      return { items, next: encodeCursor('r', String(last.position)) };
    },
    async note(digest) {
      const row = await db.selectFrom('note').select('body').where('digest', '=', digest).executeTakeFirst();
      return row?.body;
    },
    async unwitnessedLogs() {
      const rows = await db
        .selectFrom('record')
        .select('log_origin')
        .distinct()
        .where('origin', '=', 'partner')
        .where('witnessed', '=', 0n)
        .where('leaf_index', 'is not', null)
        .execute();
      return rows.map(({ log_origin }) => log_origin);
    },
    async unproved({ logOrigin, lacks, after, limit }) {
      let query = all()
        .where('log_origin', '=', logOrigin)
        .where('origin', '=', 'partner')
        .where('witnessed', '=', 0n)
        .where('leaf_index', 'is not', null)
        .where('note_digest', 'is not', null)
        .where('position', '>', after);
      if (lacks === 'tie') query = query.where('tied', '=', 0n);
      const rows = await query.orderBy('position').limit(limit).execute();
      return rows.map(recordOf);
    },
    async count(query) {
      const select = db.selectFrom('record').select((eb) => eb.fn.countAll<bigint>().as('count'));
      const { count } = await filtered(select, query).executeTakeFirstOrThrow();
      return numberOf(count);
    },
  };
}

export function recordsWriter(db: Kysely<Schema>): RecordsWriter {
  async function insertFacets(rows: readonly ReturnType<typeof facetRow>[]): Promise<readonly string[]> {
    const names: string[] = [];
    for (const some of portions(rows, 4)) {
      const added = await db
        .insertInto('facet')
        .values(some)
        .onConflict((conflict) => conflict.doNothing())
        .returning('name')
        .execute();
      names.push(...added.map(({ name }) => name));
    }
    await nameBlobs(rows);
    return names;
  }
  /** Whatever way a facet comes in, what it names is known with it, and goes with it (foreign key). */
  async function nameBlobs(rows: readonly ReturnType<typeof facetRow>[]): Promise<void> {
    const named = rows.flatMap(({ header_digest, name, body }) =>
      blobsNamed(name, body).map(({ facet, blobDigest, size }) => ({
        header_digest,
        facet,
        blob_digest: blobDigest,
        size,
      })),
    );
    for (const some of portions(named, 4))
      await db
        .insertInto('attachment')
        .values(some)
        .onConflict((conflict) => conflict.doNothing())
        .execute();
  }
  async function mergeFacets(headerDigest: Uint8Array, facets: readonly StoredFacet[]) {
    const names = await insertFacets(facets.map((facet) => facetRow(headerDigest, facet)));
    if (names.length > 0) await noteChanges(db, [headerDigest]);
    return names;
  }

  const underNote = (logOrigin: string, note: Uint8Array) =>
    db
      .updateTable('record')
      .where('note_digest', '=', sha256(note))
      .where('log_origin', '=', logOrigin)
      .where('origin', '=', 'partner')
      .where('witnessed', '=', 0n);

  async function keepNotes(
    notes: readonly (Uint8Array | undefined)[],
  ): Promise<readonly (Uint8Array | undefined)[]> {
    const digests = new Map<Uint8Array, Uint8Array>();
    for (const note of notes) if (note && !digests.has(note)) digests.set(note, sha256(note));
    for (const [body, digest] of digests)
      await db
        .insertInto('note')
        .values({ digest, body })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    return notes.map((note) => note && digests.get(note));
  }

  return {
    ...recordsReader(db),
    mergeFacets,
    async insert(records) {
      const notes = await keepNotes(records.map(({ record }) => record.checkpoint));
      const rows = records.map(({ record }, at) => rowOf(record, notes[at]));
      for (const some of portions(rows, 28)) await db.insertInto('record').values(some).execute();
      await insertFacets(
        records.flatMap(({ record, facets }) => facets.map((facet) => facetRow(record.headerDigest, facet))),
      );
      await noteChanges(
        db,
        records.map(({ record }) => record.headerDigest),
      );
    },
    async take(record, facets) {
      const [note] = await keepNotes([record.checkpoint]);
      const added = await db
        .insertInto('record')
        .values(rowOf(record, note))
        .onConflict((conflict) => conflict.column('header_digest').doNothing())
        .returning('position')
        .execute();
      const merged = await mergeFacets(record.headerDigest, facets);
      if (added.length > 0 && merged.length === 0) await noteChanges(db, [record.headerDigest]);
      return added.length > 0;
    },
    async setState(headerDigest, state) {
      const { numUpdatedRows } = await db
        .updateTable('record')
        .set({ state })
        .where('header_digest', '=', headerDigest)
        .executeTakeFirst();
      if (numUpdatedRows === 0n)
        throw storeError('ROW_MISSING', 'the record is not in the store', {
          facts: { digest: hex(headerDigest) },
        });
      await noteChanges(db, [headerDigest]);
    },
    async supersede(headerDigests) {
      let changed = 0;
      for (const some of portions(headerDigests, 1)) {
        const rows = await db
          .updateTable('record')
          .set({ state: 'superseded' })
          .where('header_digest', 'in', some)
          .where('state', '=', 'released')
          .returning('header_digest')
          .execute();
        await noteChanges(
          db,
          rows.map(({ header_digest }) => header_digest),
        );
        changed += rows.length;
      }
      return changed;
    },
    async setProof(headerDigest, { leafIndex, proof, checkpoint, statementDigest }) {
      const [note = null] = await keepNotes([checkpoint]);
      const update = db
        .updateTable('record')
        .set({
          proof,
          note_digest: note,
          ...(leafIndex !== undefined && { leaf_index: leafIndex }),
          ...(statementDigest && { statement_digest: statementDigest }),
        })
        .where('header_digest', '=', headerDigest);
      await (leafIndex === undefined
        ? update.where('origin', '=', 'partner')
        : update.where('leaf_index', 'is', null)
      ).execute();
    },
    async setProofs(proofs, checkpoint) {
      if (proofs.length === 0) return;
      const [note = null] = await keepNotes([checkpoint]);
      for (const { headerDigest, proof } of proofs)
        await db
          .updateTable('record')
          .set({ proof, note_digest: note })
          .where('header_digest', '=', headerDigest)
          .where('origin', '=', 'partner')
          .execute();
    },
    async tie(logOrigin, note) {
      const { numUpdatedRows } = await underNote(logOrigin, note)
        .set({ tied: 1 })
        .where('tied', '=', 0n)
        .executeTakeFirst();
      return numberOf(numUpdatedRows);
    },
    async witness(logOrigin, note) {
      const { numUpdatedRows } = await underNote(logOrigin, note)
        .set({ tied: 1, witnessed: 1 })
        .executeTakeFirst();
      return numberOf(numUpdatedRows);
    },
    async dropNote(note) {
      const digest = sha256(note);
      await db
        .deleteFrom('note')
        .where('digest', '=', digest)
        .where(({ not, exists, selectFrom }) =>
          not(exists(selectFrom('record').select('position').where('note_digest', '=', digest))),
        )
        .execute();
    },
    async setLeafIndex(entries) {
      for (const { headerDigest, leafIndex } of entries)
        await db
          .updateTable('record')
          .set({ leaf_index: leafIndex })
          .where('header_digest', '=', headerDigest)
          .execute();
    },
  };
}
