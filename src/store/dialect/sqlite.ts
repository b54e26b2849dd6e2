/**
 * SQLite through node:sqlite under kysely: one writing connection and a few reading ones on one file in WAL mode.
 * The only file that knows this engine. Every statement runs synchronously; the unit of work keeps order.
 */
import { createHash } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import {
  type CompiledQuery,
  type DatabaseConnection,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { storeError } from '../errors.ts';
import type { SqlTraits } from '../migrations/migration.ts';
import type { Engine, Handle, Numbering, Session } from './engine.ts';
import { handlesOn, parameterOf, type Spelling } from './handle.ts';
import { fromSqlite } from './sqlite-errors.ts';

const TRAITS: SqlTraits = {
  blob: 'blob',
  int: 'integer',
  text: 'text',
  numbered: 'integer not null primary key autoincrement',
  sha256: (expression) => `sha256(${expression})`,
  table: ' strict',
  keyedTable: ' strict, without rowid',
};

const NUMBERING: Numbering = {
  last: async (session, table) =>
    BigInt((await session.scalar(`select seq as value from sqlite_sequence where name = '${table}'`)) ?? 0n),
  async raise(session, table, _column, last) {
    await session.execute(
      `delete from sqlite_sequence where name = '${table}' and seq <= ${last}`,
      `insert into sqlite_sequence (name, seq) select '${table}', ${last}
        where not exists (select 1 from sqlite_sequence where name = '${table}')`,
    );
  },
};

/** Prepared statements kept per connection; multi-row inserts of odd sizes push older ones out. */
const STATEMENTS_KEPT = 400;
const BUSY_TIMEOUT_MS = 5_000;
const READERS = 2;

interface Prepared {
  readonly statement: StatementSync;
  readonly returnsRows: boolean;
}

const SPELLING: Spelling = {
  compiler: new SqliteQueryCompiler(),
  adapter: new SqliteAdapter(),
  introspector: (db) => new SqliteIntrospector(db),
};

class SqliteSession implements Session, DatabaseConnection {
  readonly #database: DatabaseSync;
  readonly #begin: string;
  readonly #statements = new Map<string, Prepared>();
  readonly handle: () => Handle;

  constructor(database: DatabaseSync, begin: string) {
    this.#database = database;
    this.#begin = begin;
    this.handle = handlesOn(this, SPELLING);
  }

  get inTransaction(): boolean {
    return this.#database.isTransaction;
  }

  begin = (): Promise<void> => this.execute(this.#begin);
  commit = (): Promise<void> => this.execute('commit');
  rollback = (): Promise<void> => this.execute('rollback');
  savepoint = (): Promise<void> => this.execute('savepoint unit');
  releaseSavepoint = (): Promise<void> => this.execute('release unit');

  async rollbackToSavepoint(): Promise<void> {
    await this.execute('rollback to unit');
    await this.execute('release unit');
  }

  async execute(...statements: readonly string[]): Promise<void> {
    for (const sql of statements) this.#guarded(() => this.#prepare(sql).statement.run());
  }

  async scalar(sql: string): Promise<bigint | string | null | undefined> {
    const value = this.#guarded(() => this.#prepare(sql).statement.get()?.value);
    if (value === null || value === undefined || typeof value === 'bigint' || typeof value === 'string')
      return value;
    throw storeError('BAD_ROW', 'expected a number or text from a scalar query');
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const parameters = query.parameters.map(parameterOf);
    return this.#guarded(() => {
      const { statement, returnsRows } = this.#prepare(query.sql);
      if (returnsRows) return { rows: statement.all(...parameters) as Row[] };
      const { changes } = statement.run(...parameters);
      return { numAffectedRows: BigInt(changes), rows: [] };
    });
  }

  streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw storeError('STATEMENT_FAILED', 'rows are paged by cursor, not streamed');
  }

  #guarded<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      throw fromSqlite(error);
    }
  }

  #prepare(sql: string): Prepared {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.#database.prepare(sql);
    const prepared = { statement, returnsRows: statement.columns().length > 0 };
    this.#statements.set(sql, prepared);
    if (this.#statements.size > STATEMENTS_KEPT) {
      for (const oldest of this.#statements.keys()) {
        this.#statements.delete(oldest);
        break;
      }
    }
    return prepared;
  }
}

function connect(path: string): DatabaseSync {
  const database = new DatabaseSync(path, {
    readBigInts: true,
    enableForeignKeyConstraints: true,
    timeout: BUSY_TIMEOUT_MS,
    allowExtension: false,
  });
  // For migrations: the engine has no digest of its own.
  database.function('sha256', { deterministic: true }, (bytes) =>
    createHash('sha256')
      .update(bytes instanceof Uint8Array ? bytes : String(bytes))
      .digest(),
  );
  return database;
}

/** Reads settings back: a wrong journal or sync mode would lose committed records in a power cut. */
function settle(database: DatabaseSync, pragma: string, value: string, expected: bigint | string): void {
  database.exec(`pragma ${pragma} = ${value}`);
  const found = Object.values(database.prepare(`pragma ${pragma}`).get() ?? {})[0];
  if (found !== expected)
    throw storeError(
      'STORE_NOT_DURABLE',
      `expected ${pragma} ${expected}, the engine says ${String(found)}`,
      {
        facts: { pragma },
      },
    );
}

function openConnection(path: string, writes: boolean): DatabaseSync {
  const database = connect(path);
  try {
    if (writes) settle(database, 'journal_mode', 'wal', 'wal');
    // Digests are keys, so a group of records touches pages all over: with more of them in memory, and written back once for
    // several groups, a record costs a quarter less to write and half less to read than by the engine's own settings.
    const cacheKiB = writes ? 16_384 : 4_096;
    settle(database, 'cache_size', String(-cacheKiB), BigInt(-cacheKiB));
    if (writes) settle(database, 'wal_autocheckpoint', '4000', 4000n);
    settle(database, 'synchronous', 'full', 2n);
    settle(database, 'foreign_keys', 'on', 1n);
    settle(database, 'busy_timeout', String(BUSY_TIMEOUT_MS), BigInt(BUSY_TIMEOUT_MS));
    // What is deleted is overwritten with zeros: a purge must leave no bytes behind (design §3).
    if (writes) settle(database, 'secure_delete', 'on', 1n);
    if (!writes) settle(database, 'query_only', 'on', 1n);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

export interface SqliteOptions {
  readonly path: string;
  /** Upper bound of the database file; beyond it writes fail with STORE_FULL. */
  readonly maxBytes?: number;
}

/**
 * A lock that the kernel drops with the process: an exclusive transaction on a side file, held until close. The
 * database itself must stay open to its own readers, so it cannot be locked exclusively.
 */
function lockFor(path: string): DatabaseSync {
  const lock = new DatabaseSync(`${path}.lock`, { timeout: 0 });
  try {
    lock.exec('begin exclusive');
    return lock;
  } catch (cause) {
    lock.close();
    throw storeError(
      'STORE_IN_USE',
      'another process runs on this store; end it, or give this node its own',
      {
        cause,
      },
    );
  }
}

/** Creates a missing file readable by its owner only; WAL and lock files take its rights over. */
function touch(path: string): void {
  try {
    closeSync(openSync(path, 'a', 0o600));
  } catch (cause) {
    throw storeError('STORE_CANNOT_OPEN', 'the store cannot be opened; check path and rights', { cause });
  }
}

function quickCheck(database: DatabaseSync): void {
  let found: unknown;
  try {
    found = database.prepare('pragma quick_check(1)').get()?.quick_check;
  } catch (error) {
    throw fromSqlite(error);
  }
  if (found !== 'ok')
    throw storeError('STORE_CORRUPT', 'the database file is damaged; restore it from a backup', {
      retry: 'fatal',
    });
}

/** The journal's pages go back to the file and the journal is cut to nothing; false where another program reads from it. */
function scrub(database: DatabaseSync): boolean {
  try {
    // Never waits: whoever holds the journal is another program, and this thread serves everybody.
    database.exec('pragma busy_timeout = 0');
    return database.prepare('pragma wal_checkpoint(truncate)').get()?.busy === 0n;
  } catch (error) {
    throw fromSqlite(error);
  } finally {
    database.exec(`pragma busy_timeout = ${BUSY_TIMEOUT_MS}`);
  }
}

/** Opens or creates the database file and takes its lock. Throws StoreError. */
export function openSqlite({ path, maxBytes }: SqliteOptions): Engine {
  touch(path);
  touch(`${path}.lock`);
  const opened: DatabaseSync[] = [lockFor(path)];
  const closeAll = () => {
    for (const database of opened.splice(0).reverse()) database.close();
  };
  try {
    const writing = openConnection(path, true);
    opened.push(writing);
    if (maxBytes !== undefined) {
      const pageSize = Number(writing.prepare('pragma page_size').get()?.page_size);
      writing.exec(`pragma max_page_count = ${Math.max(1, Math.floor(maxBytes / pageSize))}`);
    }
    const readers = Array.from({ length: READERS }, () => {
      const reading = openConnection(path, false);
      opened.push(reading);
      return new SqliteSession(reading, 'begin');
    });
    return {
      writer: new SqliteSession(writing, 'begin immediate'),
      readers,
      traits: TRAITS,
      numbering: NUMBERING,
      check: async () => quickCheck(writing),
      scrub: async () => scrub(writing),
      close: async () => closeAll(),
    };
  } catch (error) {
    closeAll();
    throw fromSqlite(error);
  }
}
