import { TocsinError } from '../base/error.ts';

/** What this folder throws; the table in README.md says what each means and what to do. */
export type ExchangeErrorCode = 'KEYS_UNAVAILABLE' | 'OWN_KEYS_MISSING' | 'STATE_UNKNOWN';

export class ExchangeError extends TocsinError<ExchangeErrorCode> {
  override readonly name = 'ExchangeError';
}
