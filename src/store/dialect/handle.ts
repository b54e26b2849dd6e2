/** What the engines' connections share: which parameters pass, and queries that end with their transaction. */
import {
  type ConnectionProvider,
  type DatabaseConnection,
  DefaultQueryExecutor,
  type Dialect,
  type DialectAdapter,
  type Driver,
  Kysely,
  type KyselyPlugin,
  type QueryCompiler,
} from 'kysely';
import { storeError } from '../errors.ts';
import type { Schema } from '../schema/tables.ts';
import type { Handle } from './engine.ts';

export type Parameter = null | bigint | number | string | Uint8Array;

/**
 * node:sqlite takes an object in first place for named parameters and stores true as '1', both without an error, and
 * PostgreSQL refuses NUL in text: so only these five types pass.
 */
export function parameterOf(value: unknown): Parameter {
  if (value === null || typeof value === 'bigint' || value instanceof Uint8Array) return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (typeof value === 'string' && !value.includes('\0')) return value;
  throw storeError(
    'BAD_PARAMETER',
    'expected null, bigint, finite number, text without NUL or bytes as a parameter of a statement',
    { facts: { type: typeof value } },
  );
}

/** The unit of work owns transactions: a repository that tries to open its own is told so. */
const refuse = async (): Promise<never> => {
  throw storeError(
    'NESTED_TRANSACTION',
    'a repository cannot open transactions; use the one that it was given',
  );
};
const DRIVER: Driver = {
  init: async () => undefined,
  acquireConnection: refuse,
  beginTransaction: refuse,
  commitTransaction: refuse,
  rollbackTransaction: refuse,
  releaseConnection: async () => undefined,
  destroy: async () => undefined,
};

/** How an engine writes its SQL. Compiling is synchronous, so one compiler serves all; making one costs more than most queries. */
export interface Spelling {
  readonly compiler: QueryCompiler;
  readonly adapter: DialectAdapter;
  readonly introspector: Dialect['createIntrospector'];
  /** What has to be written otherwise for this engine than it was asked for. */
  readonly plugins?: readonly KyselyPlugin[];
}

/** Makes handles over a connection, each for one transaction. */
export function handlesOn(
  connection: DatabaseConnection,
  { compiler, adapter, introspector, plugins = [] }: Spelling,
): () => Handle {
  const dialect: Dialect = {
    createDriver: () => DRIVER,
    createAdapter: () => adapter,
    createQueryCompiler: () => compiler,
    createIntrospector: introspector,
  };
  return () => {
    let open = true;
    const provider: ConnectionProvider = {
      provideConnection: async (consumer) => {
        if (!open)
          throw storeError(
            'TRANSACTION_OVER',
            'a query came after its transaction; await every query inside it',
          );
        return consumer(connection);
      },
    };
    const executor = new DefaultQueryExecutor(compiler, adapter, provider, [...plugins]);
    return {
      db: new Kysely<Schema>({ config: { dialect }, dialect, driver: DRIVER, executor }),
      close: () => {
        open = false;
      },
    };
  };
}
