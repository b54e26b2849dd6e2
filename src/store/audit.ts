/**
 * The audit trail: who did what to what, each row bound to the one before by its hash, so that a row edited, removed or
 * slipped in shows. Cutting off the newest rows does not show here; who holds an older head can tell.
 */
import { createHash } from 'node:crypto';
import { type Kysely, type Selectable, type SelectQueryBuilder, sql } from 'kysely';
import { concat, equalBytes, hex, lengthPrefixed, u64be, utf8 } from '../base/bytes.ts';
import { believed, disbelieved, type Verdict } from '../base/verdict.ts';
import { decodeCursor, encodeCursor, numberOf, type Page, pageSize } from './row.ts';
import type { AuditTable } from './schema/supervision.ts';
import type { Schema } from './schema/tables.ts';

export interface AuditEntry {
  readonly at: number;
  /** Fingerprint of the officer's certificate, or `node` for what the node does by itself. */
  readonly actor: string;
  /** As `draft.submitted`. */
  readonly action: string;
  /** What it was done to: a draft's id, a record's hexadecimal header digest. */
  readonly subject: string;
  /** Facts, no record content. */
  readonly detail: Readonly<Record<string, string | number | boolean>>;
}

export interface StoredAuditEntry extends AuditEntry {
  readonly seq: bigint;
  readonly hash: Uint8Array;
}

/** The newest row: whoever keeps it elsewhere can later tell whether the trail was cut. */
export interface AuditHead {
  readonly seq: bigint;
  readonly hash: Uint8Array;
}

export interface AuditQuery {
  /** Exactly this subject. */
  readonly subject?: string;
  /** Hexadecimal header digest: rows whose subject it is, and lists that showed the record. */
  readonly record?: string;
  /** Beginning of the actor's fingerprint, `node`, or the officer's whole name. */
  readonly actor?: string;
  /** Beginning of the action. */
  readonly action?: string;
  /** Milliseconds; `until` exclusive. */
  readonly since?: number;
  readonly until?: number;
  readonly cursor?: string;
  /** 1 to 500, default 100. */
  readonly limit?: number;
}

/** A row as it is hashed and kept: `detail` is the JSON text, byte for byte. */
export interface AuditRow {
  readonly seq: bigint;
  readonly at: bigint;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly detail: string;
  readonly hash: Uint8Array;
}

export interface AuditReader {
  head(): Promise<AuditHead | undefined>;
  /** The row of that number. */
  at(seq: bigint): Promise<AuditHead | undefined>;
  /** Rows after a number, oldest first, as they are kept. */
  rowsAfter(seq: bigint, limit: number): Promise<readonly AuditRow[]>;
  /** Newest first. Throws BAD_CURSOR. */
  list(query: AuditQuery): Promise<Page<StoredAuditEntry>>;
  /** Recomputes the chain, page by page, from its beginning or after `from`; the head, or the first row that does not fit. */
  verify(from?: AuditHead): Promise<Verdict<AuditHead | undefined, 'AUDIT_BROKEN'>>;
}

export interface AuditWriter extends AuditReader {
  append(entries: readonly AuditEntry[]): Promise<void>;
}

type Row = Selectable<AuditTable>;

const LABEL = utf8('tocsin/audit/v1\n');
const GENESIS = new Uint8Array(32);
const VERIFY_ROWS = 500;

function hashOf(row: Omit<AuditRow, 'hash'>, previous: Uint8Array): Uint8Array {
  const texts = [row.actor, row.action, row.subject, row.detail].map((text) => lengthPrefixed(utf8(text)));
  const hash = createHash('sha256');
  hash.update(concat(LABEL, previous, u64be(row.seq), u64be(row.at), ...texts));
  return new Uint8Array(hash.digest());
}

/** The head after a row, or why the row does not continue the trail (undefined = its beginning). */
export function continueAudit(
  head: AuditHead | undefined,
  row: AuditRow,
): Verdict<AuditHead, 'AUDIT_BROKEN'> {
  const fits = row.seq === (head?.seq ?? 0n) + 1n && equalBytes(row.hash, hashOf(row, head?.hash ?? GENESIS));
  return fits
    ? believed({ seq: row.seq, hash: row.hash })
    : disbelieved('AUDIT_BROKEN', `the audit trail does not continue at row ${row.seq}`, {
        seq: Number(row.seq),
      });
}

/** Digits of header digests that a row about many records names. */
export const AUDIT_RECORD_DIGITS = 16;

/** Names of records in a row about many, as `record` of a query finds them. */
export const auditRecords = (headerDigests: readonly Uint8Array[]): string =>
  headerDigests.map((digest) => hex(digest).slice(0, AUDIT_RECORD_DIGITS)).join(' ');

const likePattern = (text: string): string => text.replace(/[\\%_]/g, '\\$&');

/** SQLite's LIKE looks at no case of A to Z, PostgreSQL's does: both are given small letters, of these alone. */
const alike = (column: 'actor' | 'action' | 'detail', pattern: string) =>
  sql<boolean>`lower(${sql.ref(column)}) like ${asciiLower(pattern)} escape '\\'`;
const asciiLower = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

/** Nothing outside stands for it in a detail: quotes inside of JSON strings are escaped. */
function filtered<Output>(
  select: SelectQueryBuilder<Schema, 'audit', Output>,
  query: AuditQuery,
): SelectQueryBuilder<Schema, 'audit', Output> {
  let out = select;
  const { subject, record, actor, action, since, until } = query;
  if (subject !== undefined) out = out.where('subject', '=', subject);
  if (record !== undefined) {
    const named = `%"records":"%${likePattern(record.slice(0, AUDIT_RECORD_DIGITS))}%`;
    out = out.where((eb) => eb.or([eb('subject', '=', record), alike('detail', named)]));
  }
  if (actor !== undefined) {
    const begins = `${likePattern(actor)}%`;
    const named = `%${likePattern(`"officer":${JSON.stringify(actor)}`)}%`;
    out = out.where((eb) => eb.or([alike('actor', begins), alike('detail', named)]));
  }
  if (action !== undefined) out = out.where(alike('action', `${likePattern(action)}%`));
  if (since !== undefined) out = out.where('at', '>=', BigInt(since));
  if (until !== undefined) out = out.where('at', '<', BigInt(until));
  return out;
}

const entryOf = (row: Row): StoredAuditEntry => ({
  seq: row.seq,
  at: numberOf(row.at),
  actor: row.actor,
  action: row.action,
  subject: row.subject,
  detail: JSON.parse(row.detail),
  hash: row.hash,
});

export function auditReader(db: Kysely<Schema>): AuditReader {
  return {
    head: () =>
      db.selectFrom('audit').select(['seq', 'hash']).orderBy('seq', 'desc').limit(1).executeTakeFirst(),
    async list(query) {
      const limit = pageSize(query.limit);
      let select = filtered(db.selectFrom('audit').selectAll(), query)
        .orderBy('seq', 'desc')
        .limit(limit + 1);
      if (query.cursor !== undefined) {
        const [seq = ''] = decodeCursor(query.cursor, /^a (\d{1,18})$/);
        select = select.where('seq', '<', BigInt(seq));
      }
      const entries = (await select.execute()).map(entryOf);
      const items = entries.slice(0, limit);
      const last = items.at(-1);
      if (entries.length <= limit || !last) return { items };
      return { items, next: encodeCursor('a', String(last.seq)) };
    },
    at: (seq) => db.selectFrom('audit').select(['seq', 'hash']).where('seq', '=', seq).executeTakeFirst(),
    rowsAfter: (seq, limit) =>
      db.selectFrom('audit').selectAll().where('seq', '>', seq).orderBy('seq').limit(limit).execute(),
    async verify(from) {
      let head = from;
      for (;;) {
        const rows = await db
          .selectFrom('audit')
          .selectAll()
          .where('seq', '>', head?.seq ?? 0n)
          .orderBy('seq')
          .limit(VERIFY_ROWS)
          .execute();
        for (const row of rows) {
          const next = continueAudit(head, row);
          if (!next.ok) return next;
          if (!equalBytes(row.previous, head?.hash ?? GENESIS))
            return disbelieved('AUDIT_BROKEN', `row ${row.seq} names another row before it`, {
              seq: Number(row.seq),
            });
          head = next.value;
        }
        if (rows.length < VERIFY_ROWS) return believed(head);
      }
    },
  };
}

export function auditWriter(db: Kysely<Schema>): AuditWriter {
  const reader = auditReader(db);
  return {
    ...reader,
    async append(entries) {
      if (entries.length === 0) return;
      const head = await reader.head();
      let seq = head?.seq ?? 0n;
      let previous = head?.hash ?? GENESIS;
      const rows: Row[] = [];
      for (const { at, actor, action, subject, detail } of entries) {
        seq += 1n;
        const row = { seq, at: BigInt(at), actor, action, subject, detail: JSON.stringify(detail) };
        const hash = hashOf(row, previous);
        rows.push({ ...row, previous, hash });
        previous = hash;
      }
      for (let at = 0; at < rows.length; at += VERIFY_ROWS)
        await db
          .insertInto('audit')
          .values(rows.slice(at, at + VERIFY_ROWS))
          .execute();
    },
  };
}
