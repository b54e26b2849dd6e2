/** What reading a batch file throws; the README's table explains every code. */
import { type ErrorOptions, TocsinError } from '../../base/error.ts';

export type BatchFileErrorCode =
  | 'FILE_TOO_LARGE'
  | 'FILE_EMPTY'
  | 'NOT_A_TABLE'
  | 'OLD_WORKBOOK'
  | 'WORKBOOK_CORRUPT'
  | 'UNPACKS_TOO_LARGE'
  | 'TOO_MANY_ROWS'
  | 'TOO_MANY_COLUMNS'
  | 'CELL_TOO_LONG'
  | 'QUOTES_OPEN'
  | 'NO_SUCH_SHEET'
  | 'NOTHING_TO_ASK'
  | 'TOO_MANY_QUESTIONS';

/** Names rows and columns by number and never holds what a cell says. */
export class BatchFileError extends TocsinError<BatchFileErrorCode> {
  override readonly name = 'BatchFileError';
}

export const refuse = (
  code: BatchFileErrorCode,
  message: string,
  rest: Pick<ErrorOptions<string>, 'facts' | 'cause'> = {},
): BatchFileError => new BatchFileError({ code, message, ...rest });
