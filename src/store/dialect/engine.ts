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

export interface Engine {
  readonly writer: Session;
  readonly readers: readonly Session[];
  readonly traits: SqlTraits;
  /** Throws STORE_CORRUPT unless the engine finds its files sound. */
  check(): Promise<void>;
  /**
   * Writes the journal back and empties it, so that nothing of deleted rows is left in any file; between transactions only.
   * False where another program holds the database.
   */
  scrub(): Promise<boolean>;
  close(): Promise<void>;
}
