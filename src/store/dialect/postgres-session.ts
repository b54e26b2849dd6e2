/**
 * One connection to PostgreSQL under kysely, made again when it was lost. Statements whose answer nobody needs (begin, savepoints)
 * are sent ahead of the next one, so that a write costs as many round trips as it has queries.
 */
import {
  type CompiledQuery,
  type DatabaseConnection,
  HandleEmptyInListsPlugin,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
  replaceWithNoncontingentExpression,
} from 'kysely';
import type pg from 'pg';
import { storeError } from '../errors.ts';
import type { Handle, Session } from './engine.ts';
import { handlesOn, parameterOf, type Spelling } from './handle.ts';
import { endsConnection, fromPostgres } from './postgres-errors.ts';

/** Statements that the server keeps planned, a connection; long ones are inserts of many rows, hardly ever alike. */
const STATEMENTS_KEPT = 300;
const KEPT_LENGTH = 4_000;
/** After so long without a word a connection is asked whether it is still there before a transaction begins on it. */
const IDLE_MS = 1_000;

const SPELLING: Spelling = {
  compiler: new PostgresQueryCompiler(),
  adapter: new PostgresAdapter(),
  introspector: (db) => new PostgresIntrospector(db),
  // SQLite takes a list of nothing as what it says; here it is an error of syntax.
  plugins: [new HandleEmptyInListsPlugin({ strategy: replaceWithNoncontingentExpression })],
};

const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.slice(2), 'hex'));
/** Values as SQLite gives them: whole numbers as bigint, also those of conditions; bytes; text. By oid of the type. */
const PARSERS: ReadonlyMap<number, (text: string) => unknown> = new Map<number, (text: string) => unknown>([
  [16, (text) => (text === 't' ? 1n : 0n)],
  [17, bytesOf],
  [20, BigInt],
  [21, BigInt],
  [23, BigInt],
  [26, BigInt],
]);
const asText = (text: string): string => text;
export const TYPES: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number) => PARSERS.get(oid) ?? asText) as pg.CustomTypesConfig['getTypeParser'],
};

/** A connection that is set up for its purpose. */
export interface Link {
  readonly client: pg.Client;
  /** Set once the connection is gone. */
  readonly isLost: boolean;
  /** Gives it up after an error that ended it. */
  lose(): void;
  end(): Promise<void>;
}

export interface SessionOptions {
  /** Opens a connection, waiting a while for a server that is away. */
  readonly connect: () => Promise<Link>;
  /** Opens a transaction. */
  readonly begin: string;
  /** What makes a transaction durable; how it ends where the answer was lost. */
  readonly commit: (link: Link) => Promise<void>;
}

export class PostgresSession implements Session, DatabaseConnection {
  readonly handle: () => Handle = handlesOn(this, SPELLING);
  readonly #options: SessionOptions;
  /** Absent until the first transaction. */
  #link: Link | undefined;
  #inTransaction = false;
  /** Statements sent ahead whose answers are to come, and the first of them that failed. */
  #ahead = 0;
  #early: unknown;
  #whenAnswered: (() => void) | undefined;
  #usedAt = performance.now();
  readonly #names = new Map<string, string>();

  constructor(options: SessionOptions, link?: Link) {
    this.#options = options;
    this.#link = link;
  }

  get inTransaction(): boolean {
    return this.#inTransaction && this.#link?.isLost === false;
  }

  async begin(): Promise<void> {
    if (performance.now() - this.#usedAt > IDLE_MS) await this.#probe();
    if (this.#link?.isLost !== false) await this.#renew();
    this.#early = undefined;
    this.#inTransaction = true;
    this.#send(this.#options.begin);
  }

  async commit(): Promise<void> {
    const link = this.#held();
    await this.#answered();
    if (link.client.getTransactionStatus() !== 'T')
      throw storeError('STATEMENT_FAILED', 'a statement of the transaction failed; nothing of it is kept');
    try {
      await this.#options.commit(link);
    } finally {
      // Where the server refused, it has rolled back by itself.
      if (link.isLost || link.client.getTransactionStatus() === 'I') this.#inTransaction = false;
    }
  }

  async rollback(): Promise<void> {
    try {
      await this.#ask({ text: 'rollback' });
    } finally {
      this.#inTransaction = false;
      this.#early = undefined;
    }
  }

  async savepoint(): Promise<void> {
    this.#send('savepoint unit');
  }

  async releaseSavepoint(): Promise<void> {
    if (this.#early === undefined && this.#link?.client.getTransactionStatus() === 'T')
      this.#send('release savepoint unit');
    else await this.#ask({ text: 'release savepoint unit' });
  }

  async rollbackToSavepoint(): Promise<void> {
    this.#early = undefined;
    await this.#ask({ text: 'rollback to savepoint unit; release savepoint unit' });
  }

  async execute(...statements: readonly string[]): Promise<void> {
    await this.#ask({ text: statements.join(';\n') });
  }

  async scalar(sql: string): Promise<bigint | string | null | undefined> {
    const value = (await this.#ask<{ value: unknown }>({ text: sql })).rows[0]?.value;
    if (value === null || value === undefined || typeof value === 'bigint' || typeof value === 'string')
      return value;
    throw storeError('BAD_ROW', 'expected a number or text from a scalar query');
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const values = query.parameters.map(parameterOf);
    const name = this.#nameOf(query.sql);
    const { rows, rowCount } = await this.#ask<pg.QueryResultRow>({
      text: query.sql,
      values,
      ...(name !== undefined && { name }),
    });
    return { numAffectedRows: BigInt(rowCount ?? 0), rows: rows as Row[] };
  }

  streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw storeError('STATEMENT_FAILED', 'rows are paged by cursor, not streamed');
  }

  /** To be called between transactions. */
  async close(): Promise<void> {
    await this.#link?.end();
  }

  #held(): Link {
    if (this.#link?.isLost !== false) throw lost();
    return this.#link;
  }

  /** Finds out whether a connection that was idle is still one, while nothing hangs on it. */
  async #probe(): Promise<void> {
    try {
      if (this.#link?.isLost === false) await this.#ask({ text: 'select 1' });
    } catch (error) {
      if (this.#link?.isLost === false) throw error;
    }
  }

  async #renew(): Promise<void> {
    this.#inTransaction = false;
    this.#link = await this.#options.connect();
    this.#names.clear();
  }

  #nameOf(sql: string): string | undefined {
    const known = this.#names.get(sql);
    if (known !== undefined || sql.length > KEPT_LENGTH || this.#names.size >= STATEMENTS_KEPT) return known;
    const name = `q${this.#names.size}`;
    this.#names.set(sql, name);
    return name;
  }

  #send(sql: string): void {
    const link = this.#held();
    this.#ahead += 1;
    link.client
      .query(sql)
      .catch((error: unknown) => {
        if (endsConnection(error)) link.lose();
        this.#early ??= error;
      })
      .finally(() => {
        this.#ahead -= 1;
        if (this.#ahead === 0) this.#whenAnswered?.();
      });
  }

  /** Resolves when everything sent ahead is answered; throws what failed of it. */
  async #answered(): Promise<void> {
    if (this.#ahead > 0) {
      await new Promise<void>((resolve) => {
        this.#whenAnswered = resolve;
      });
      this.#whenAnswered = undefined;
    }
    this.#throwEarly();
  }

  #throwEarly(): void {
    if (this.#early === undefined) return;
    const early = this.#early;
    this.#early = undefined;
    throw fromPostgres(early);
  }

  async #ask<Row extends pg.QueryResultRow>(query: pg.QueryConfig): Promise<pg.QueryResult<Row>> {
    const link = this.#held();
    let result: pg.QueryResult<Row>;
    try {
      result = await link.client.query<Row>(query);
    } catch (error) {
      if (endsConnection(error)) link.lose();
      const cause = this.#early ?? error;
      this.#early = undefined;
      throw fromPostgres(cause);
    }
    this.#throwEarly();
    this.#usedAt = performance.now();
    return result;
  }
}

const lost = () =>
  storeError(
    'STORE_UNAVAILABLE',
    'the connection to the database server was lost; nothing of the write is kept',
    { retry: 'later' },
  );

/** Wraps a connected client: a lost connection must be known at once, and end no process by an unheard event. */
export function linkOn(client: pg.Client): Link {
  let isLost = false;
  client.on('error', () => {
    isLost = true;
  });
  client.on('end', () => {
    isLost = true;
  });
  return {
    client,
    get isLost() {
      return isLost;
    },
    lose() {
      isLost = true;
      void client.end().catch(() => undefined);
    },
    async end() {
      isLost = true;
      await client.end().catch(() => undefined);
    },
  };
}
