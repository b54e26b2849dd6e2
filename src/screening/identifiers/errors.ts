/** What the identifier index throws; the README's table explains every code. */
import { type ErrorOptions, TocsinError } from '../../base/error.ts';

export type IdentifierErrorCode =
  | 'EMPTY_NUMBER'
  | 'NUMBER_TOO_LONG'
  | 'TOO_FEW_KNOWN'
  | 'ENTRY_INVALID'
  | 'INDEX_FULL'
  | 'SNAPSHOT_VERSION'
  | 'SNAPSHOT_CORRUPT';

export class IdentifierError extends TocsinError<IdentifierErrorCode> {
  override readonly name = 'IdentifierError';
}

export const refuse = (
  code: IdentifierErrorCode,
  message: string,
  facts: ErrorOptions<string>['facts'] = {},
): IdentifierError => new IdentifierError({ code, message, facts });
