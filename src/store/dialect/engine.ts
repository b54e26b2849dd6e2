/** What the unit of work asks of a database engine. SQLite answers it in sqlite.ts. */
import type { Kysely } from 'kysely';
import type { SqlTraits } from '../migrations/migration.ts';
import type { Schema } from '../schema/tables.ts';

/** Queries inside one transaction. Over with it: later queries throw TRANSACTION_OVER. */
export interface Handle {
  readonly db: Kysely<Schema>;
  close(): void;
}

/** One connection, used by one unit of work at a time. */
export interface Session {
  /** Whether a transaction is open; an engine may have rolled it back by itself after a grave error. */
  readonly inTransaction: boolean;
  begin(): Promise<void>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
  savepoint(): Promise<void>;
  releaseSavepoint(): Promise<void>;
  rollbackToSavepoint(): Promise<void>;
  handle(): Handle;
  /** Statements without parameters, in their order. */
  execute(...statements: readonly string[]): Promise<void>;
  /** Column `value` of the first row. */
  scalar(sql: string): Promise<bigint | string | null | undefined>;
}

/** Numbers that an engine gives out as keys. To be used inside a transaction of the session. */
export interface Numbering {
  /** The highest number ever given out; 0 where there was none. */
  last(session: Session, table: string, column: string): Promise<bigint>;
  /** Makes the next number higher than this one. */
  raise(session: Session, table: string, column: string, last: bigint): Promise<void>;
}

/** One committed state of a store, beside whoever writes to it. */
export interface Snapshot {
  readonly session: Session;
  readonly numbering: Numbering;
  close(): Promise<void>;
}

export interface Engine {
  readonly writer: Session;
  readonly readers: readonly Session[];
  readonly traits: SqlTraits;
  readonly numbering: Numbering;
  /** Throws STORE_CORRUPT unless the engine finds its files sound. */
  check(): Promise<void>;
  /**
   * Writes the journal back and empties it, so that nothing of deleted rows is left in any file; between transactions only.
   * False where another program holds the database.
   */
  scrub(): Promise<boolean>;
  close(): Promise<void>;
}
