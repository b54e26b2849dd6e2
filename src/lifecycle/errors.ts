/** What the life cycle throws; the README's table explains every code. */
import { type ErrorOptions, type FieldFault, TocsinError } from '../base/error.ts';

export type LifecycleErrorCode =
  | 'NOT_FOUND'
  | 'INVALID'
  | 'NOT_DRAFTABLE'
  | 'NOT_DRAFTER'
  | 'NOT_EDITABLE'
  | 'NOT_SUBMITTED'
  | 'NOTE_REQUIRED'
  | 'FOUR_EYES'
  | 'SUPERSEDED'
  | 'NOT_OWN'
  | 'REVISION_OPEN'
  | 'REQUEST_REUSED'
  | 'NOT_DUE'
  | 'NOT_FORWARDABLE'
  | 'NOT_PERMITTED';

export class LifecycleError extends TocsinError<LifecycleErrorCode> {
  override readonly name = 'LifecycleError';
  /** Every fault of the content, with its path; empty where the code says all. */
  readonly faults: readonly FieldFault[];

  constructor(options: ErrorOptions<LifecycleErrorCode> & { readonly faults?: readonly FieldFault[] }) {
    super(options);
    this.faults = options.faults ?? [];
  }
}

export const refuse = (
  code: LifecycleErrorCode,
  message: string,
  rest: { readonly faults?: readonly FieldFault[]; readonly facts?: ErrorOptions<string>['facts'] } = {},
): LifecycleError =>
  new LifecycleError({
    code,
    message,
    ...(rest.faults && { faults: rest.faults }),
    ...(rest.facts && { facts: rest.facts }),
  });
