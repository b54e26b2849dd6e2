import { TocsinError } from '../base/error.ts';

/** What this folder throws; the table in README.md says what each means and what to do. */
export type ExchangeErrorCode =
  | 'ANSWER_REFUSED'
  | 'KEYS_UNAVAILABLE'
  | 'OWN_KEYS_MISSING'
  | 'STATE_UNKNOWN'
  | 'STORE_BEHIND';

/** What a partner answered is not believed; asked again it may say something else. */
export const answerRefused = (message: string): ExchangeError =>
  new ExchangeError({ code: 'ANSWER_REFUSED', message, retry: 'later' });

export class ExchangeError extends TocsinError<ExchangeErrorCode> {
  override readonly name = 'ExchangeError';
}
