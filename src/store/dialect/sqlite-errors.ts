/** SQLite's result codes as errors of ours (sqlite.org/rescode.html). */
import type { Retry } from '../../base/error.ts';
import { StoreError, type StoreErrorCode, storeError } from '../errors.ts';

interface Row {
  readonly code: StoreErrorCode;
  readonly message: string;
  readonly retry: Retry;
}

const row = (code: StoreErrorCode, retry: Retry, message: string): Row => ({ code, message, retry });

/** By extended result code first, then by its low byte, the primary code. */
const CODES: ReadonlyMap<number, Row> = new Map([
  [2067, row('UNIQUE_VIOLATION', 'no', 'a row with this key exists already')],
  [1555, row('UNIQUE_VIOLATION', 'no', 'a row with this primary key exists already')],
  [2579, row('UNIQUE_VIOLATION', 'no', 'a row with this id exists already')],
  [787, row('REFERENCE_VIOLATION', 'no', 'a row refers to one that does not exist, or is referred to')],
  [19, row('CONSTRAINT_VIOLATION', 'no', 'a row breaks a rule of its table')],
  [20, row('CONSTRAINT_VIOLATION', 'no', 'a value has the wrong type for its column')],
  [13, row('STORE_FULL', 'later', 'no space left for the store; free some, then try again')],
  [5, row('STORE_BUSY', 'later', 'another program holds the database; end it, then try again')],
  [6, row('STORE_BUSY', 'later', 'the database is held by another statement; try again')],
  [10, row('STORE_IO', 'fatal', 'the disk failed; what was committed is to be read again')],
  [11, row('STORE_CORRUPT', 'fatal', 'the database file is damaged; restore it from a backup')],
  [26, row('STORE_CORRUPT', 'fatal', 'the file is not a database; restore it from a backup')],
  [14, row('STORE_CANNOT_OPEN', 'no', 'the database file cannot be opened; check path and rights')],
  [8, row('STORE_CANNOT_OPEN', 'no', 'the database file cannot be written; check path and rights')],
  [23, row('STORE_CANNOT_OPEN', 'no', 'the database file may not be used; check path and rights')],
]);

/** An error of the engine as a StoreError; anything else as it is. */
export function fromSqlite(error: unknown): unknown {
  if (error instanceof StoreError || !(error instanceof Error)) return error;
  if (!('errcode' in error) || typeof error.errcode !== 'number') return error;
  const known = CODES.get(error.errcode) ?? CODES.get(error.errcode & 0xff);
  const facts = { engineCode: error.errcode };
  if (known) return storeError(known.code, known.message, { retry: known.retry, facts, cause: error });
  return storeError('STATEMENT_FAILED', `the engine refused a statement (code ${error.errcode})`, {
    facts,
    cause: error,
  });
}
