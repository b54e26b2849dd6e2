/**
 * A store's rows on another engine: copied table by table in one transaction, and only kept when what can be read there is the same,
 * by a digest of every table and by the root of every log, both made anew on either side.
 */
import { createHash, type Hash } from 'node:crypto';
import type { Kysely } from 'kysely';
import { equalBytes, hex, utf8 } from '../base/bytes.ts';
import { appendLeaves, EMPTY_FRONTIER, type Frontier, rootOf } from '../merkle/index.ts';
import type { Engine, Numbering, Session, Snapshot } from './dialect/engine.ts';
import { StoreError, storeError } from './errors.ts';
import { type InspectedTable, inspection, NUMBERED, TABLES } from './inspect.ts';
import { portions } from './row.ts';
import type { Schema } from './schema/tables.ts';
import { type AnyStoreOptions, MOVED_KEY, openEngine } from './store.ts';

type Row = Readonly<Record<string, unknown>>;

/** Rows held in memory at a time, and bytes of them. */
const PORTION_ROWS = 500;
const PORTION_BYTES = 4 * 1024 * 1024;

export interface TableDigest {
  readonly table: string;
  readonly rows: number;
  /** SHA-256 over every value in the order of the key, hexadecimal. */
  readonly digest: string;
}

export interface LogDigest {
  /** Origin of a log of this node. */
  readonly log: string;
  readonly size: bigint;
  /** Root of RFC 6962 over its leaves, hexadecimal. */
  readonly root: string;
}

export interface Moved {
  readonly tables: readonly TableDigest[];
  readonly logs: readonly LogDigest[];
  /** SHA-256 over the digests of all tables, hexadecimal: the same for the same content, whatever the engine. */
  readonly digest: string;
}

/** A value with its type and length, so that no two rows read alike. */
function addValue(hash: Hash, value: unknown): void {
  if (value === null || value === undefined) {
    hash.update('n;');
    return;
  }
  const [kind, bytes] =
    value instanceof Uint8Array ? ['b', value] : [typeof value === 'string' ? 't' : 'i', utf8(String(value))];
  hash.update(`${kind}${bytes.length}:`);
  hash.update(bytes);
}

async function* rowsOf(db: Kysely<Schema>, table: InspectedTable): AsyncGenerator<Row> {
  for await (const row of inspection(db).rows(table)) {
    // Says of the old place that it is one; no part of the content.
    if (table === 'meta' && 'key' in row && row.key === MOVED_KEY) continue;
    yield row as Row;
  }
}

async function digestTable(
  db: Kysely<Schema>,
  table: InspectedTable,
  each: (row: Row) => Promise<void> = async () => undefined,
): Promise<TableDigest> {
  const hash = createHash('sha256');
  let columns: readonly string[] | undefined;
  let rows = 0;
  for await (const row of rowsOf(db, table)) {
    columns ??= Object.keys(row).sort();
    if (rows === 0) for (const column of columns) addValue(hash, column);
    for (const column of columns) addValue(hash, row[column]);
    rows += 1;
    await each(row);
  }
  return { table, rows, digest: hash.digest('hex') };
}

/** Roots of the node's own logs, made from their leaves as they come. */
class LogRoots {
  readonly #logs = new Map<string, Frontier>();

  add({ log, index, hash }: Row): void {
    const name = String(log);
    const frontier = this.#logs.get(name) ?? EMPTY_FRONTIER;
    if (frontier.size !== index || !(hash instanceof Uint8Array))
      throw damaged(`leaf ${String(index)} of a log is where leaf ${frontier.size} should be`);
    this.#logs.set(name, appendLeaves(frontier, [hash]).frontier);
  }

  all(): readonly LogDigest[] {
    return [...this.#logs].map(([log, frontier]) => ({
      log,
      size: frontier.size,
      root: hex(rootOf(frontier)),
    }));
  }
}

const damaged = (what: string) =>
  storeError('STORE_CORRUPT', `${what}: run \`tocsin fsck\`; nothing was moved`);

async function copyTable(from: Kysely<Schema>, to: Kysely<Schema>, table: InspectedTable, roots: LogRoots) {
  let portion: Row[] = [];
  let bytes = 0;
  const flush = async () => {
    for (const some of portions(portion, Object.keys(portion[0] ?? {}).length))
      await to
        .insertInto(table)
        .values(some as never)
        .execute();
    portion = [];
    bytes = 0;
  };
  const digest = await digestTable(from, table, async (row) => {
    if (table === 'leaf') roots.add(row);
    portion.push(row);
    for (const value of Object.values(row))
      bytes += value instanceof Uint8Array || typeof value === 'string' ? value.length : 8;
    if (portion.length >= PORTION_ROWS || bytes >= PORTION_BYTES) await flush();
  });
  await flush();
  return digest;
}

/** The newest checkpoint of each log is over leaves that are here. */
async function assertRoots(db: Kysely<Schema>, logs: readonly LogDigest[]): Promise<void> {
  for (const { log, size, root } of logs) {
    const newest = await db
      .selectFrom('checkpoint')
      .select(['size', 'root'])
      .where('log', '=', log)
      .orderBy('size', 'desc')
      .limit(1)
      .executeTakeFirst();
    if (newest === undefined || newest.size !== size || hex(newest.root) !== root)
      throw damaged('the newest checkpoint of a log is not the root of its leaves');
  }
}

/** Runs in a transaction of either side; the target's is for the caller to end. */
async function transfer(
  from: { readonly session: Session; readonly numbering: Numbering },
  to: { readonly session: Session; readonly numbering: Numbering },
): Promise<Moved> {
  const [source, target] = [from.session.handle(), to.session.handle()];
  try {
    for (const table of TABLES)
      for await (const _ of inspection(target.db).rows(table))
        throw storeError('STORE_NOT_EMPTY', `expected an empty store to move to, it has rows in ${table}`);
    const roots = new LogRoots();
    const tables: TableDigest[] = [];
    for (const table of TABLES) tables.push(await copyTable(source.db, target.db, table, roots));
    for (const [table, column] of NUMBERED)
      await to.numbering.raise(
        to.session,
        table,
        column,
        await from.numbering.last(from.session, table, column),
      );
    const logs = roots.all();
    await assertRoots(source.db, logs);
    await assertSame(target.db, { tables, logs });
    const whole = createHash('sha256');
    for (const { table, rows, digest } of tables)
      for (const value of [table, BigInt(rows), digest]) addValue(whole, value);
    return { tables, logs, digest: whole.digest('hex') };
  } finally {
    source.close();
    target.close();
  }
}

/** Reads everything back out of the target. */
async function assertSame(db: Kysely<Schema>, wanted: Omit<Moved, 'digest'>): Promise<void> {
  const roots = new LogRoots();
  for (const { table, rows, digest } of wanted.tables) {
    const found = await digestTable(db, table as InspectedTable, async (row) => {
      if (table === 'leaf') roots.add(row);
    });
    if (found.rows !== rows || found.digest !== digest)
      throw storeError(
        'STORE_COPY_DIFFERS',
        `expected table ${table} to read as before, it reads otherwise; nothing was kept`,
      );
  }
  const logs = roots.all();
  const differs = wanted.logs.some(
    ({ root, size }, at) => logs[at]?.size !== size || !equalBytes(utf8(logs[at]?.root ?? ''), utf8(root)),
  );
  if (differs || logs.length !== wanted.logs.length)
    throw storeError(
      'STORE_COPY_DIFFERS',
      'expected every log to have the root that it had; nothing was kept',
    );
}

/** One committed state of the source in the target, whose schema is made and which is empty; all or nothing. */
export async function transferInto(
  source: Pick<Snapshot, 'session' | 'numbering'>,
  target: Engine,
): Promise<Moved> {
  await source.session.begin();
  try {
    const { writer, numbering } = target;
    await writer.begin();
    try {
      const moved = await transfer(source, { session: writer, numbering });
      await writer.commit();
      return moved;
    } catch (error) {
      if (writer.inTransaction) await writer.rollback();
      throw error;
    }
  } finally {
    if (source.session.inTransaction) await source.session.rollback();
  }
}

/**
 * Moves a store that nobody uses into an empty one. The old one is closed for good before the new one is kept, so that at no moment
 * both could be started; where moving fails it is opened again and the target is empty. After a fatal error that is unknown, and moving
 * again tells: STORE_NOT_EMPTY where it was kept. Throws StoreError: STORE_IN_USE,
 * STORE_NOT_EMPTY, STORE_CORRUPT (the source breaks its own log), STORE_COPY_DIFFERS.
 */
export async function moveStore(from: AnyStoreOptions, to: AnyStoreOptions, atMs: number): Promise<Moved> {
  const source = await openEngine(from);
  try {
    const target = await openEngine(to);
    try {
      const [session] = source.readers;
      if (session === undefined) throw new Error('an engine without readers');
      await source.writer.begin();
      await source.writer.execute(
        `delete from meta where key = '${MOVED_KEY}'`,
        `insert into meta (key, value) values ('${MOVED_KEY}', cast('${atMs}' as ${source.traits.blob}))`,
      );
      await source.writer.commit();
      try {
        return await transferInto({ session, numbering: source.numbering }, target);
      } catch (error) {
        // Perhaps it is kept there: then this one must stay closed. Moving once more tells.
        if (error instanceof StoreError && error.retry === 'fatal') throw error;
        await source.writer.begin();
        await source.writer.execute(`delete from meta where key = '${MOVED_KEY}'`);
        await source.writer.commit();
        throw error;
      }
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}
