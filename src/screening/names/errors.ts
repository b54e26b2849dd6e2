/** What the index of names throws. */
import { type ErrorOptions, TocsinError } from '../../base/error.ts';

/**
 * SNAPSHOT_VERSION: made by other rules, build the index anew; SNAPSHOT_CORRUPT: cut short or changed, build it anew;
 * CLASS_INVALID: a class of equivalent words that cannot be used; INDEX_TOO_LARGE: more words than one part of the index can number;
 * WORKER_ENDED: a thread that searched has ended, ask again.
 */
export type NameErrorCode =
  | 'SNAPSHOT_VERSION'
  | 'SNAPSHOT_CORRUPT'
  | 'CLASS_INVALID'
  | 'INDEX_TOO_LARGE'
  | 'WORKER_ENDED';

export class NameError extends TocsinError<NameErrorCode> {
  override readonly name = 'NameError';
}

export const refuse = (
  code: NameErrorCode,
  message: string,
  facts: ErrorOptions<string>['facts'] = {},
): NameError => new NameError({ code, message, facts });
