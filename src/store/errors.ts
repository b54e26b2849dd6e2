/** What the store throws; the README's table explains every code. */
import { type ErrorOptions, TocsinError } from '../base/error.ts';

export type StoreErrorCode =
  | 'STORE_IN_USE'
  | 'STORE_CANNOT_OPEN'
  | 'STORE_CORRUPT'
  | 'STORE_TOO_NEW'
  | 'STORE_NOT_DURABLE'
  | 'STORE_FULL'
  | 'STORE_BUSY'
  | 'STORE_IO'
  | 'STORE_UNAVAILABLE'
  | 'STORE_OUTCOME_UNKNOWN'
  | 'STORE_WENT_BACK'
  | 'STORE_MOVED'
  | 'STORE_NOT_EMPTY'
  | 'STORE_COPY_DIFFERS'
  | 'STORE_CLOSED'
  | 'NESTED_TRANSACTION'
  | 'TRANSACTION_OVER'
  | 'UNIQUE_VIOLATION'
  | 'REFERENCE_VIOLATION'
  | 'CONSTRAINT_VIOLATION'
  | 'BAD_PARAMETER'
  | 'BAD_CURSOR'
  | 'BAD_ROW'
  | 'ROW_MISSING'
  | 'STATEMENT_FAILED';

export class StoreError extends TocsinError<StoreErrorCode> {
  override readonly name = 'StoreError';
}

export const storeError = (
  code: StoreErrorCode,
  message: string,
  rest: Omit<ErrorOptions<StoreErrorCode>, 'code' | 'message'> = {},
): StoreError => new StoreError({ code, message, ...rest });
