/** The store as the other folders see it: open, read, write, close. */
import type { Engine } from './dialect/engine.ts';
import { openSqlite } from './dialect/sqlite.ts';
import { storeError } from './errors.ts';
import { migrate } from './migrations/migrate.ts';
import { type ReadTx, readTx, type WriteTx, writeTx } from './transaction.ts';
import { UnitOfWork, type WriteHooks } from './unit-of-work.ts';

interface Watching {
  /** Told of an afterCommit hook that threw; the write itself stands. Default: a process warning. */
  readonly onHookError?: (error: unknown) => void;
}

/** A store in a file of its own, on SQLite. */
export interface StoreOptions extends Watching {
  /** Database file; made, readable by its owner only, where it does not exist. Its directory must. */
  readonly path: string;
  /** Upper bound of the database file in bytes; beyond it writes fail with STORE_FULL. */
  readonly maxBytes?: number;
}

/** A store on a PostgreSQL server. */
export interface ServerStoreOptions extends Watching {
  /**
   * `postgres://user@host:port/database`, without a password; a server on another machine is reached by TLS with a verified
   * certificate (`sslrootcert=<file>`). `options=-csearch_path=<schema>` keeps several nodes apart in one database.
   */
  readonly url: string;
  readonly password?: string;
  /** How long a transaction waits for a server that is away, and a COMMIT for what became of it, in milliseconds. Default 30 000. */
  readonly patienceMs?: number;
}

/** The node's database. Its handle cannot be used inside one of its own transactions: that throws NESTED_TRANSACTION. */
export interface Store extends AsyncDisposable {
  /** Reads one committed state. Runs beside writes; what resolved before is seen. */
  read<Result>(work: (tx: ReadTx) => Promise<Result>): Promise<Result>;
  /**
   * Writes everything or nothing. Resolves only after COMMIT with the disk flushed; a thrown error rolls back this
   * write alone and is thrown here. Writes run one at a time in the order of their calls and may share a COMMIT: do
   * nothing slow inside (no network, no key generation). STORE_FULL and STORE_BUSY may be tried again later;
   * STORE_IO leaves open whether the write is kept, so the caller must reload from the store.
   */
  write<Result>(work: (tx: WriteTx) => Promise<Result>): Promise<Result>;
  /** Told after every COMMIT that deleted facets, so that files beside the database follow; returns how to stop. */
  onPurged(listener: () => void): () => void;
}

export type AnyStoreOptions = StoreOptions | ServerStoreOptions;

/** Row of `meta` in a store that was moved away. Two stores of one node must never both go on: their logs would fork. */
export const MOVED_KEY = 'store.moved';
export const MOVED_QUERY = `select key as value from meta where key = '${MOVED_KEY}'`;

export const movedAway = () =>
  storeError(
    'STORE_MOVED',
    'this store was moved to another database, and goes on there: correct store in node.yaml',
  );

function storeOn(engine: Engine, onHookError: (error: unknown) => void): Store {
  const unit = new UnitOfWork(engine, onHookError);
  const listeners = new Set<() => void>();
  const tell = (): void => {
    for (const listener of listeners) listener();
  };
  const telling = (hooks: WriteHooks): WriteHooks => ({
    afterCommit: hooks.afterCommit,
    scrubAfterCommit: () => {
      hooks.scrubAfterCommit();
      hooks.afterCommit(tell);
    },
  });
  return {
    read: (work) => unit.read((db) => work(readTx(db))),
    write: (work) => unit.write((db, hooks) => work(writeTx(db, telling(hooks)))),
    onPurged(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    [Symbol.asyncDispose]: () => unit.close(),
  };
}

/** An engine by its options. PostgreSQL's is loaded where it is used: most nodes have their store in a file. */
export async function openEngine(options: AnyStoreOptions): Promise<Engine> {
  const engine =
    'path' in options
      ? openSqlite(options)
      : await (await import('./dialect/postgres.ts')).openPostgres(options);
  try {
    await engine.check();
    await migrate(engine.writer, engine.traits);
    // The last process may have ended between a purge and the emptying of its journal.
    await engine.scrub();
    return engine;
  } catch (error) {
    await engine.close();
    throw error;
  }
}

const warn = (error: unknown): void =>
  process.emitWarning(`a hook after COMMIT failed: ${error instanceof Error ? error.message : typeof error}`);

/**
 * Opens the store: takes its lock, checks the database, brings the schema up to date. Throws StoreError: STORE_IN_USE,
 * STORE_CANNOT_OPEN, STORE_CORRUPT, STORE_TOO_NEW, STORE_NOT_DURABLE, STORE_FULL, STORE_UNAVAILABLE, STORE_MOVED.
 */
export async function openStore(options: AnyStoreOptions): Promise<Store> {
  const engine = await openEngine(options);
  try {
    const moved = await engine.writer.scalar(MOVED_QUERY);
    if (moved !== null && moved !== undefined) throw movedAway();
    return storeOn(engine, options.onHookError ?? warn);
  } catch (error) {
    await engine.close();
    throw error;
  }
}
