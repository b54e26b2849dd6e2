/** What imports throw; the README's table explains every code. */
import { type ErrorOptions, type FieldFault, TocsinError } from '../base/error.ts';

export type InteropErrorCode =
  | 'TOO_LARGE'
  | 'NOT_UTF8'
  | 'XML_DOCTYPE'
  | 'XML_ENTITY'
  | 'XML_MALFORMED'
  | 'WRONG_ROOT'
  | 'LIST_INVALID'
  | 'ENTRY_INVALID'
  | 'CSV_MALFORMED'
  | 'JSON_MALFORMED'
  | 'COLUMNS_UNCLEAR'
  | 'NOT_WHOLE';

export class InteropError extends TocsinError<InteropErrorCode> {
  override readonly name = 'InteropError';
  /** Every fault found in the entries, with its path; empty where the code says all. */
  readonly faults: readonly FieldFault[];

  constructor(options: ErrorOptions<InteropErrorCode> & { readonly faults?: readonly FieldFault[] }) {
    super(options);
    this.faults = options.faults ?? [];
  }
}

export const refuse = (
  code: InteropErrorCode,
  message: string,
  rest: { readonly faults?: readonly FieldFault[]; readonly facts?: ErrorOptions<string>['facts'] } = {},
): InteropError =>
  new InteropError({
    code,
    message,
    ...(rest.faults && { faults: rest.faults }),
    ...(rest.facts && { facts: rest.facts }),
  });
