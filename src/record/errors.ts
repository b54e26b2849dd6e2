import type { FieldFault } from '../base/error.ts';
import { TocsinError } from '../base/error.ts';

/**
 * `JSON_INVALID` text for people that is no message of its type · `UNKNOWN_TYPE` no such message in the proto files ·
 * `HEADER_INVALID` a header of our own that breaks its form · `CONTENT_INVALID` content that cannot become a record ·
 * `NAME_INVALID` a node, incarnation or digest that cannot be part of a log's name.
 */
export type RecordErrorCode =
  | 'JSON_INVALID'
  | 'UNKNOWN_TYPE'
  | 'HEADER_INVALID'
  | 'CONTENT_INVALID'
  | 'NAME_INVALID';

/** What `src/record` throws for misuse; claims of strangers are judged, never thrown. */
export class RecordError extends TocsinError<RecordErrorCode> {
  override readonly name = 'RecordError';
  /** Every fault found, with its path; empty where the code says all. */
  readonly faults: readonly FieldFault[];

  constructor(code: RecordErrorCode, message: string, faults: readonly FieldFault[] = [], cause?: unknown) {
    super({ code, message, facts: { faults: faults.length }, cause });
    this.faults = faults;
  }
}
