/** What the desk refuses by itself; refusals of the folders below pass through with their own codes. */
import { type ErrorOptions, type FieldFault, TocsinError } from '../base/error.ts';
import type { Reason } from '../gen/tocsin/record/v1/reason.ts';

/**
 * `UNAUTHENTICATED`: no certificate of an officer of this node. `REFUSED`: role, desk group or purpose do not permit it.
 * `NOT_FOUND`: does not exist, or not for this officer: the two never differ. `INVALID_REQUEST`: fields at fault.
 * `CONDITION_PENDING`: a condition has to be accepted first. `STATE`: the thing is not in a state that permits the
 * action. `IMPORT_REFUSED`: a list that is not what was announced.
 * `UPLOAD_REFUSED`: a file that is not what was announced. `UPLOAD_UNFINISHED`: its bytes are not all here yet.
 * `ATTACHMENT_PENDING`: a partner's file is still on its way. `BUSY`: too much of it is under way.
 * `CATCHING_UP`: the node was restarted from an earlier state; nothing is read until recalls are replayed.
 * `CUT_OFF`: the node was cut off for too long; what is about persons is locked until partners' recalls are here (R14).
 * `PRIVATE_SCREENING_OFF`: this node does not take part in private screening.
 * `NOT_PROVEN_YET`: the record waits for its checkpoint.
 * `PROVIDER_UNAVAILABLE`: the agency's OpenID provider does not answer as expected. `SUBJECT_TAKEN`: another account has its subject.
 */
export type DeskErrorCode =
  | 'UNAUTHENTICATED'
  | 'REFUSED'
  | 'NOT_FOUND'
  | 'INVALID_REQUEST'
  | 'CONDITION_PENDING'
  | 'STATE'
  | 'IMPORT_REFUSED'
  | 'UPLOAD_REFUSED'
  | 'UPLOAD_UNFINISHED'
  | 'ATTACHMENT_PENDING'
  | 'BUSY'
  | 'NOT_PROVEN_YET'
  | 'PRIVATE_SCREENING_OFF'
  | 'PROVIDER_UNAVAILABLE'
  | 'SUBJECT_TAKEN'
  | 'CATCHING_UP'
  | 'CUT_OFF';

export interface DeskErrorOptions extends ErrorOptions<DeskErrorCode> {
  readonly faults?: readonly FieldFault[];
  readonly reason?: Reason;
}

/** `faults` names every field at fault, `reason` the refusal's reason where the network has one for it. */
export class DeskError extends TocsinError<DeskErrorCode> {
  override readonly name = 'DeskError';
  readonly faults: readonly FieldFault[];
  readonly reason: Reason | undefined;

  constructor(options: DeskErrorOptions) {
    super(options);
    this.faults = options.faults ?? [];
    this.reason = options.reason;
  }
}

/** Faults of a request's own fields, all at once. */
export function refuseFaults(faults: readonly FieldFault[]): void {
  if (faults.length === 0) return;
  throw new DeskError({
    code: 'INVALID_REQUEST',
    message: `the request breaks ${faults.length} rule${faults.length === 1 ? '' : 's'}: ${faults.map((f) => f.path).join(', ')}`,
    faults,
  });
}
