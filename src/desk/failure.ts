/**
 * What a failed call tells its caller, whatever carried it. What is not listed here is a fault of this node: the caller gets
 * INTERNAL and a correlation id, the log gets the cause.
 */
import { type FieldFault, TocsinError } from '../base/error.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { reasonName } from '../record/index.ts';
import { Status, type StatusCode } from '../transport/index.ts';

/** A failure as its caller may know it. */
export interface Told {
  readonly status: StatusCode;
  /** Stable; `INTERNAL` for a fault of this node. */
  readonly code: string;
  readonly message: string;
  /** The network's reason, where it has one for it. */
  readonly reason?: string;
  /** At most 50; `faultCount` says of how many. */
  readonly faults: readonly FieldFault[];
  readonly faultCount: number;
  /** Under which the log holds the cause; only where `internal`. */
  readonly correlationId?: string;
  /** True where the cause belongs into the log: the caller is told nothing of it. */
  readonly internal: boolean;
}

/** Error class and code of every folder that a desk call can reach, and what the caller is told. */
export const STATUS_OF_CODE: Readonly<Record<string, StatusCode>> = {
  'DeskError UNAUTHENTICATED': Status.UNAUTHENTICATED,
  'DeskError REFUSED': Status.PERMISSION_DENIED,
  'DeskError NOT_FOUND': Status.NOT_FOUND,
  'DeskError INVALID_REQUEST': Status.INVALID_ARGUMENT,
  'DeskError CONDITION_PENDING': Status.FAILED_PRECONDITION,
  'DeskError STATE': Status.FAILED_PRECONDITION,
  'DeskError IMPORT_REFUSED': Status.INVALID_ARGUMENT,
  'DeskError UPLOAD_REFUSED': Status.INVALID_ARGUMENT,
  'DeskError UPLOAD_UNFINISHED': Status.UNAVAILABLE,
  'DeskError ATTACHMENT_PENDING': Status.UNAVAILABLE,
  'DeskError BUSY': Status.RESOURCE_EXHAUSTED,
  'AttachmentError TYPE_REFUSED': Status.INVALID_ARGUMENT,
  'AttachmentError MALFORMED': Status.INVALID_ARGUMENT,
  'AttachmentError NOT_WHOLE': Status.INVALID_ARGUMENT,
  'DeskError CATCHING_UP': Status.UNAVAILABLE,
  'DeskError CUT_OFF': Status.UNAVAILABLE,
  'DeskError NOT_PROVEN_YET': Status.FAILED_PRECONDITION,
  'DeskError PRIVATE_SCREENING_OFF': Status.FAILED_PRECONDITION,
  'DeskError PROVIDER_UNAVAILABLE': Status.UNAVAILABLE,
  'DeskError SUBJECT_TAKEN': Status.ALREADY_EXISTS,
  'LifecycleError NOT_FOUND': Status.NOT_FOUND,
  'LifecycleError INVALID': Status.INVALID_ARGUMENT,
  'LifecycleError NOT_DRAFTABLE': Status.INVALID_ARGUMENT,
  'LifecycleError NOT_DRAFTER': Status.PERMISSION_DENIED,
  'LifecycleError NOT_EDITABLE': Status.FAILED_PRECONDITION,
  'LifecycleError NOT_SUBMITTED': Status.FAILED_PRECONDITION,
  'LifecycleError NOT_SCRUBBED': Status.FAILED_PRECONDITION,
  'LifecycleError NOTE_REQUIRED': Status.INVALID_ARGUMENT,
  'LifecycleError FOUR_EYES': Status.PERMISSION_DENIED,
  'LifecycleError SUPERSEDED': Status.FAILED_PRECONDITION,
  'LifecycleError NOT_OWN': Status.PERMISSION_DENIED,
  'LifecycleError DELISTING_TOO_LARGE': Status.FAILED_PRECONDITION,
  'LifecycleError REVISION_OPEN': Status.ALREADY_EXISTS,
  'LifecycleError REQUEST_REUSED': Status.ALREADY_EXISTS,
  'LifecycleError NOT_DUE': Status.FAILED_PRECONDITION,
  'LifecycleError NOT_FORWARDABLE': Status.FAILED_PRECONDITION,
  'LifecycleError NOT_PERMITTED': Status.PERMISSION_DENIED,
  'LifecycleError NOT_OPEN': Status.FAILED_PRECONDITION,
  'LifecycleError POLICY_STALE': Status.FAILED_PRECONDITION,
  'LifecycleError TOO_MANY_OPEN': Status.RESOURCE_EXHAUSTED,
  'LifecycleError NOT_WRITTEN': Status.FAILED_PRECONDITION,
  'InteropError TOO_LARGE': Status.INVALID_ARGUMENT,
  'InteropError NOT_UTF8': Status.INVALID_ARGUMENT,
  'InteropError XML_DOCTYPE': Status.INVALID_ARGUMENT,
  'InteropError XML_ENTITY': Status.INVALID_ARGUMENT,
  'InteropError XML_MALFORMED': Status.INVALID_ARGUMENT,
  'InteropError WRONG_ROOT': Status.INVALID_ARGUMENT,
  'InteropError LIST_INVALID': Status.INVALID_ARGUMENT,
  'InteropError ENTRY_INVALID': Status.INVALID_ARGUMENT,
  'InteropError CSV_MALFORMED': Status.INVALID_ARGUMENT,
  'InteropError JSON_MALFORMED': Status.INVALID_ARGUMENT,
  'InteropError COLUMNS_UNCLEAR': Status.INVALID_ARGUMENT,
  'InteropError NOT_WHOLE': Status.INVALID_ARGUMENT,
  'LedgerError NOT_IN_LOG': Status.FAILED_PRECONDITION,
  'LedgerError EVIDENCE_INCOMPLETE': Status.FAILED_PRECONDITION,
  'RecordError JSON_INVALID': Status.INVALID_ARGUMENT,
  'RecordError CONTENT_INVALID': Status.INVALID_ARGUMENT,
  'ScreeningError NOT_READY': Status.UNAVAILABLE,
  'ScreeningError SCREENING_BUDGET': Status.RESOURCE_EXHAUSTED,
  'PrivateScreeningError BATCH_SIZE': Status.INVALID_ARGUMENT,
  'PrivateScreeningError NOTHING_TO_ASK': Status.INVALID_ARGUMENT,
  'StoreError BAD_CURSOR': Status.INVALID_ARGUMENT,
  'StoreError STORE_BUSY': Status.UNAVAILABLE,
  'StoreError STORE_FULL': Status.RESOURCE_EXHAUSTED,
  'StoreError STORE_UNAVAILABLE': Status.UNAVAILABLE,
  'StoreError STORE_OUTCOME_UNKNOWN': Status.UNKNOWN,
  // The disk failed at the COMMIT: the node ends, and whether the write is kept is read when it is back.
  'StoreError STORE_IO': Status.UNKNOWN,
  'StoreError STORE_CLOSED': Status.UNAVAILABLE,
};

/** The network's reason for codes that have one. */
const REASON_OF_CODE: Readonly<Record<string, Reason>> = {
  'LifecycleError FOUR_EYES': Reason.REASON_FOUR_EYES,
  'AttachmentError TYPE_REFUSED': Reason.REASON_ATTACHMENT_REFUSED,
  'AttachmentError MALFORMED': Reason.REASON_ATTACHMENT_REFUSED,
  'AttachmentError NOT_WHOLE': Reason.REASON_ATTACHMENT_REFUSED,
  'LifecycleError NOT_OWN': Reason.REASON_POLICY_DENIED,
  'LifecycleError SUPERSEDED': Reason.REASON_SUPERSEDED,
  'LifecycleError NOT_PERMITTED': Reason.REASON_POLICY_DENIED,
};

const PERMISSION = new Set<Reason>([
  Reason.REASON_ROLE,
  Reason.REASON_FOUR_EYES,
  Reason.REASON_POLICY_DENIED,
  Reason.REASON_NO_CONSENT,
  Reason.REASON_THIRD_PARTY_BREACH,
  Reason.REASON_FORBIDDEN_FACET,
]);
const ARGUMENT = new Set<Reason>([
  Reason.REASON_MALFORMED,
  Reason.REASON_TOO_LARGE,
  Reason.REASON_UNKNOWN_KIND,
  Reason.REASON_RECORD_INVALID,
]);

/** A refusal's reason as a status: nothing a caller may retry unchanged, but for a busy node. */
export function statusOfReason(reason: Reason): StatusCode {
  if (PERMISSION.has(reason)) return Status.PERMISSION_DENIED;
  if (ARGUMENT.has(reason)) return Status.INVALID_ARGUMENT;
  if (reason === Reason.REASON_BUSY) return Status.RESOURCE_EXHAUSTED;
  return Status.FAILED_PRECONDITION;
}

const faultsOf = (error: TocsinError): readonly FieldFault[] => {
  const faults: unknown = Reflect.get(error, 'faults');
  return Array.isArray(faults) ? (faults as readonly FieldFault[]) : [];
};

const reasonOf = (error: TocsinError): Reason | undefined => {
  const reason: unknown = Reflect.get(error, 'reason');
  if (typeof reason === 'number' && reason > 0) return reason as Reason;
  return REASON_OF_CODE[`${error.name} ${error.code}`];
};

/** More faults than this help nobody and could break limits on what carries them. */
const MAX_FAULTS = 50;
const MAX_FAULT_TEXT = 160;
const MAX_PATH = 100;
const MAX_MESSAGE = 500;

const cut = (text: string, length: number): string =>
  text.length > length ? `${text.slice(0, length - 1)}…` : text;

/** What a thrown thing tells the caller. `correlationId` goes with INTERNAL and into the log beside the cause. */
export function tell(thrown: unknown, correlationId: string): Told {
  if (thrown instanceof TocsinError) {
    const reason = reasonOf(thrown);
    const status =
      STATUS_OF_CODE[`${thrown.name} ${thrown.code}`] ??
      (reason === undefined ? undefined : statusOfReason(reason));
    if (status !== undefined) {
      const faults = faultsOf(thrown);
      return {
        status,
        code: thrown.code,
        message: cut(thrown.message, MAX_MESSAGE),
        ...(reason === undefined ? {} : { reason: reasonName(reason) }),
        faults: faults.slice(0, MAX_FAULTS).map(({ path, code, message }) => ({
          path: cut(path, MAX_PATH),
          code,
          message: cut(message, MAX_FAULT_TEXT),
        })),
        faultCount: faults.length,
        internal: false,
      };
    }
  }
  return {
    status: Status.INTERNAL,
    code: 'INTERNAL',
    message: `this node failed on the call; its log holds the cause under ${correlationId}`,
    faults: [],
    faultCount: 0,
    correlationId,
    internal: true,
  };
}
