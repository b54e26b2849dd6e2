/** What private screening throws. Each goes to a partner or an officer as it stands, so none says what was asked for. */
import { type ErrorOptions, TocsinError } from '../../base/error.ts';

export type PrivateScreeningErrorCode =
  | 'ELEMENT_INVALID'
  | 'SCALAR_INVALID'
  | 'PROOF_INVALID'
  | 'BATCH_SIZE'
  | 'INPUT_TOO_LARGE'
  | 'EPOCH_INVALID'
  | 'EPOCH_OVER'
  | 'EPOCH_KEY_LOST'
  | 'ANNOUNCEMENT_INVALID'
  | 'KEY_CHANGED'
  | 'RULES_DIFFER'
  | 'BUDGET_SPENT'
  | 'NOT_OFFERED'
  | 'SET_NOT_READY'
  | 'SET_CHANGED'
  | 'SET_TOO_LARGE'
  | 'BUCKET_INVALID'
  | 'NOTHING_TO_ASK';

export class PrivateScreeningError extends TocsinError<PrivateScreeningErrorCode> {
  override readonly name: string = 'PrivateScreeningError';

  constructor(options: ErrorOptions<PrivateScreeningErrorCode>) {
    super(options);
  }
}
