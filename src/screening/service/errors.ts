/** What asking can fail with. */
import { type ErrorOptions, TocsinError } from '../../base/error.ts';

/**
 * NOT_READY: the index is not whole yet, and no answer is better than a false one; SCREENING_BUDGET: the officer asked as much
 * as one may; SNAPSHOT_UNUSABLE: the file does not count, the index is built from the store.
 */
export type ScreeningErrorCode = 'NOT_READY' | 'SCREENING_BUDGET' | 'SNAPSHOT_UNUSABLE';

export class ScreeningError extends TocsinError<ScreeningErrorCode> {
  override readonly name = 'ScreeningError';

  constructor(
    code: ScreeningErrorCode,
    message: string,
    options: Partial<ErrorOptions<ScreeningErrorCode>> = {},
  ) {
    super({ code, message, retry: 'later', ...options });
  }
}
