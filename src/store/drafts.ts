/** Drafts: what officers and imports prepare, until a release or a discard. */
import { type Kysely, type Selectable, sql } from 'kysely';
import { base64 } from '../base/bytes.ts';
import { storeError } from './errors.ts';
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
import type { DraftState, DraftTable } from './schema/record.ts';
import type { Schema } from './schema/tables.ts';

/** A draft. Instants in milliseconds. */
export interface StoredDraft {
  readonly id: string;
  readonly kind: string;
  /** JSON text of the content. */
  readonly content: string;
  readonly state: DraftState;
  /** Header digest of the released revision that it would supersede, and that record's id. */
  readonly revises?: Uint8Array;
  readonly recordId?: Uint8Array;
  /** Fingerprint of the drafter's certificate. */
  readonly drafter: string;
  readonly drafterName: string;
  readonly deskGroup: number;
  readonly note: string;
  /** JSON text: faults of imported content that were kept. */
  readonly flags: string;
  /** Fingerprint of who released it, or sent it back last. */
  readonly releaser?: string;
  readonly releasedDigest?: Uint8Array;
  /** Stable key of the entry in the list that it was imported from. */
  readonly importKey?: string;
  readonly importDigest?: Uint8Array;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** What may change of a draft. */
export type DraftChange = Partial<
  Pick<
    StoredDraft,
    | 'content'
    | 'state'
    | 'note'
    | 'flags'
    | 'releaser'
    | 'releasedDigest'
    | 'importDigest'
    | 'revises'
    | 'recordId'
    | 'drafter'
    | 'drafterName'
  >
>;

export interface DraftQuery {
  readonly states?: readonly DraftState[];
  readonly kind?: string;
  readonly drafter?: string;
  /** Number of tocsin.record.v1.DeskGroup. */
  readonly deskGroup?: number;
  /** 'oldest' (default) or 'newest' made first. */
  readonly order?: 'oldest' | 'newest';
  /** Only imports whose key begins with this, as `un:`. */
  readonly importPrefix?: string;
  readonly cursor?: string;
  /** 1 to 500, default 100. */
  readonly limit?: number;
}

export interface DraftsReader {
  byId(id: string): Promise<StoredDraft | undefined>;
  /** Throws BAD_CURSOR. */
  list(query: DraftQuery): Promise<Page<StoredDraft>>;
  count(query: Omit<DraftQuery, 'cursor' | 'limit' | 'order'>): Promise<number>;
  /** Drafts not yet released or discarded that would revise the given header. */
  openRevisionsOf(headerDigest: Uint8Array): Promise<readonly StoredDraft[]>;
  /** Open drafts that revise the given header, or whose content names it or the record's id. */
  openQuoting(headerDigest: Uint8Array, recordId: Uint8Array): Promise<readonly StoredDraft[]>;
  /** The draft that released the given header. */
  byReleasedDigest(headerDigest: Uint8Array): Promise<StoredDraft | undefined>;
  /** All drafts of imported entries whose key begins with the prefix, oldest first, discarded ones included. */
  imported(prefix: string): Promise<readonly StoredDraft[]>;
}

export interface DraftsWriter extends DraftsReader {
  /** Throws UNIQUE_VIOLATION for a taken id, or a second open draft of one import key. */
  insert(drafts: readonly StoredDraft[]): Promise<void>;
  /** Changes a draft only if it is still in the state `from`; false otherwise. */
  change(id: string, from: DraftState, change: DraftChange, updatedAt: number): Promise<boolean>;
}

type Row = Selectable<DraftTable>;

const draftOf = (row: Row): StoredDraft => ({
  id: row.id,
  kind: row.kind,
  content: row.content,
  state: row.state,
  drafter: row.drafter,
  drafterName: row.drafter_name,
  deskGroup: numberOf(row.desk_group),
  note: row.note,
  flags: row.flags,
  createdAt: numberOf(row.created_at),
  updatedAt: numberOf(row.updated_at),
  ...optional('revises', row.revises, same),
  ...optional('recordId', row.record_id, same),
  ...optional('releaser', row.releaser, same),
  ...optional('releasedDigest', row.released_digest, same),
  ...optional('importKey', row.import_key, same),
  ...optional('importDigest', row.import_digest, same),
});

const rowOf = (draft: StoredDraft) => ({
  id: draft.id,
  kind: draft.kind,
  content: draft.content,
  state: draft.state,
  revises: draft.revises ?? null,
  record_id: draft.recordId ?? null,
  drafter: draft.drafter,
  drafter_name: draft.drafterName,
  desk_group: draft.deskGroup,
  note: draft.note,
  flags: draft.flags,
  releaser: draft.releaser ?? null,
  released_digest: draft.releasedDigest ?? null,
  import_key: draft.importKey ?? null,
  import_digest: draft.importDigest ?? null,
  created_at: draft.createdAt,
  updated_at: draft.updatedAt,
});

function changedColumns(change: DraftChange) {
  return {
    ...(change.content !== undefined && { content: change.content }),
    ...(change.state !== undefined && { state: change.state }),
    ...(change.note !== undefined && { note: change.note }),
    ...(change.flags !== undefined && { flags: change.flags }),
    ...(change.releaser !== undefined && { releaser: change.releaser }),
    ...(change.releasedDigest !== undefined && { released_digest: change.releasedDigest }),
    ...(change.importDigest !== undefined && { import_digest: change.importDigest }),
    ...(change.revises !== undefined && { revises: change.revises }),
    ...(change.recordId !== undefined && { record_id: change.recordId }),
    ...(change.drafter !== undefined && { drafter: change.drafter }),
    ...(change.drafterName !== undefined && { drafter_name: change.drafterName }),
  };
}

/** The smallest text above every text with the prefix, so that a range of an index answers. */
function prefixEnd(prefix: string): string {
  const last = prefix.charCodeAt(prefix.length - 1);
  if (prefix === '' || last >= 0x7f)
    throw storeError('BAD_PARAMETER', 'expected an ASCII prefix of import keys, as un:');
  return prefix.slice(0, -1) + String.fromCharCode(last + 1);
}

export function draftsReader(db: Kysely<Schema>): DraftsReader {
  const all = () => db.selectFrom('draft').selectAll();
  const filtered = (query: DraftQuery) => {
    let select = db.selectFrom('draft');
    if (query.states) select = select.where('state', 'in', query.states);
    if (query.kind !== undefined) select = select.where('kind', '=', query.kind);
    if (query.drafter !== undefined) select = select.where('drafter', '=', query.drafter);
    if (query.deskGroup !== undefined) select = select.where('desk_group', '=', BigInt(query.deskGroup));
    if (query.importPrefix !== undefined)
      select = select
        .where('import_key', '>=', query.importPrefix)
        .where('import_key', '<', prefixEnd(query.importPrefix));
    return select;
  };
  return {
    async byId(id) {
      const row = await all().where('id', '=', id).executeTakeFirst();
      return row && draftOf(row);
    },
    async list(query) {
      if (query.states?.length === 0) return { items: [] };
      const limit = pageSize(query.limit);
      const newest = query.order === 'newest';
      const direction = newest ? 'desc' : 'asc';
      const after = newest ? '<' : '>';
      let select = filtered(query)
        .selectAll()
        .orderBy('created_at', direction)
        .orderBy('id', direction)
        .limit(limit + 1);
      if (query.cursor !== undefined) {
        const [at = '', id = ''] = decodeCursor(query.cursor, /^d (\d{1,16}) ([0-9a-zA-Z_-]{1,64})$/);
        select = select.where((eb) =>
          eb.or([
            eb('created_at', after, BigInt(at)),
            eb.and([eb('created_at', '=', BigInt(at)), eb('id', after, id)]),
          ]),
        );
      }
      const drafts = (await select.execute()).map(draftOf);
      const items = drafts.slice(0, limit);
      const last = items.at(-1);
      if (drafts.length <= limit || !last) return { items };
      return { items, next: encodeCursor('d', String(last.createdAt), last.id) };
    },
    async count(query) {
      if (query.states?.length === 0) return 0;
      const { count } = await filtered(query)
        .select((eb) => eb.fn.countAll<bigint>().as('count'))
        .executeTakeFirstOrThrow();
      return numberOf(count);
    },
    async openRevisionsOf(headerDigest) {
      const rows = await all()
        .where('revises', '=', headerDigest)
        .where('state', 'in', ['draft', 'submitted'])
        .orderBy('created_at')
        .execute();
      return rows.map(draftOf);
    },
    async openQuoting(headerDigest, recordId) {
      // Bytes stand in JSON as base64; both are random, so nothing else reads alike.
      const named = [headerDigest, recordId]
        .filter((bytes) => bytes.length >= 16)
        .map((bytes) => sql<boolean>`instr(content, ${base64(bytes)}) > 0`);
      const rows = await all()
        .where('state', 'in', ['draft', 'submitted'])
        .where((where) => where.or([where('revises', '=', headerDigest), ...named]))
        .orderBy('created_at')
        .execute();
      return rows.map(draftOf);
    },
    async byReleasedDigest(headerDigest) {
      const row = await all().where('released_digest', '=', headerDigest).executeTakeFirst();
      return row && draftOf(row);
    },
    async imported(prefix) {
      const rows = await all()
        .where('import_key', '>=', prefix)
        .where('import_key', '<', prefixEnd(prefix))
        .orderBy('created_at')
        .orderBy('updated_at')
        .execute();
      return rows.map(draftOf);
    },
  };
}

export function draftsWriter(db: Kysely<Schema>): DraftsWriter {
  return {
    ...draftsReader(db),
    async insert(drafts) {
      for (const some of portions(drafts, 17)) await db.insertInto('draft').values(some.map(rowOf)).execute();
    },
    async change(id, from, change, updatedAt) {
      const { numUpdatedRows } = await db
        .updateTable('draft')
        .set({ ...changedColumns(change), updated_at: updatedAt })
        .where('id', '=', id)
        .where('state', '=', from)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
  };
}
