import { type ErrorOptions, TocsinError } from '../base/error.ts';

export type LedgerErrorCode =
  | 'LOG_UNKNOWN'
  | 'LOG_DAMAGED'
  | 'LOG_MOVED'
  | 'CHECKPOINT_UNSOUND'
  | 'COSIGNATURE_UNSOUND'
  | 'NOT_IN_LOG'
  | 'SIZE_UNKNOWN'
  | 'EVIDENCE_INCOMPLETE';

/** Misuse, or a log that is not as it was left; the README's table explains every code. */
export class LedgerError extends TocsinError<LedgerErrorCode> {
  override readonly name = 'LedgerError';
}

export const ledgerError = (
  code: LedgerErrorCode,
  message: string,
  rest: Omit<ErrorOptions<LedgerErrorCode>, 'code' | 'message'> = {},
): LedgerError => new LedgerError({ code, message, ...rest });
