/**
 * The audit trail: who did what to what, each row bound to the one before by its hash, so that a row edited, removed or
 * slipped in shows. Cutting off the newest rows does not show here; who holds an older head can tell.
 */
import { createHash } from 'node:crypto';
import type { Kysely, Selectable } from 'kysely';
import { concat, equalBytes, lengthPrefixed, u64be, utf8 } from '../base/bytes.ts';
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
  readonly subject?: string;
  readonly cursor?: string;
  /** 1 to 500, default 100. */
  readonly limit?: number;
}

export interface AuditReader {
  head(): Promise<AuditHead | undefined>;
  /** Newest first. Throws BAD_CURSOR. */
  list(query: AuditQuery): Promise<Page<StoredAuditEntry>>;
  /** Recomputes the whole chain, page by page; the head, or the first row that does not fit. */
  verify(): Promise<Verdict<AuditHead | undefined, 'AUDIT_BROKEN'>>;
}

export interface AuditWriter extends AuditReader {
  append(entries: readonly AuditEntry[]): Promise<void>;
}

type Row = Selectable<AuditTable>;

const LABEL = utf8('tocsin/audit/v1\n');
const GENESIS = new Uint8Array(32);
const VERIFY_ROWS = 500;

function hashOf(row: Omit<Row, 'hash'>): Uint8Array {
  const texts = [row.actor, row.action, row.subject, row.detail].map((text) => lengthPrefixed(utf8(text)));
  const hash = createHash('sha256');
  hash.update(concat(LABEL, row.previous, u64be(row.seq), u64be(row.at), ...texts));
  return new Uint8Array(hash.digest());
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
      let select = db
        .selectFrom('audit')
        .selectAll()
        .orderBy('seq', 'desc')
        .limit(limit + 1);
      if (query.subject !== undefined) select = select.where('subject', '=', query.subject);
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
    async verify() {
      let head: AuditHead | undefined;
      for (;;) {
        const rows = await db
          .selectFrom('audit')
          .selectAll()
          .where('seq', '>', head?.seq ?? 0n)
          .orderBy('seq')
          .limit(VERIFY_ROWS)
          .execute();
        for (const row of rows) {
          const fits =
            row.seq === (head?.seq ?? 0n) + 1n &&
            equalBytes(row.previous, head?.hash ?? GENESIS) &&
            equalBytes(row.hash, hashOf(row));
          if (!fits)
            return disbelieved('AUDIT_BROKEN', `the audit trail does not continue at row ${row.seq}`, {
              seq: Number(row.seq),
            });
          head = { seq: row.seq, hash: row.hash };
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
        const row = { seq, at: BigInt(at), actor, action, subject, detail: JSON.stringify(detail), previous };
        const hash = hashOf(row);
        rows.push({ ...row, hash });
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
