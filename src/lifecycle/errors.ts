/** What the life cycle throws; the README's table explains every code. */
import { type ErrorOptions, type FieldFault, TocsinError } from '../base/error.ts';

export type LifecycleErrorCode =
  | 'NOT_FOUND'
  | 'INVALID'
  | 'NOT_DRAFTABLE'
  | 'NOT_DRAFTER'
  | 'NOT_EDITABLE'
  | 'NOT_SUBMITTED'
  | 'NOT_SCRUBBED'
  | 'NOTE_REQUIRED'
  | 'FOUR_EYES'
  | 'SUPERSEDED'
  | 'NOT_OWN'
  | 'REVISION_OPEN'
  | 'REQUEST_REUSED'
  | 'NOT_DUE'
  | 'NOT_FORWARDABLE'
  | 'NOT_PERMITTED'
  | 'NOT_OPEN'
  | 'POLICY_STALE'
  | 'TOO_MANY_OPEN'
  | 'NOT_WRITTEN'
  | 'DELISTING_TOO_LARGE';

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
  rest: {
    readonly faults?: readonly FieldFault[];
    readonly facts?: ErrorOptions<string>['facts'];
    readonly cause?: unknown;
  } = {},
): LifecycleError =>
  new LifecycleError({
    code,
    message,
    ...(rest.faults && { faults: rest.faults }),
    ...(rest.facts && { facts: rest.facts }),
    ...(rest.cause !== undefined && { cause: rest.cause }),
  });
