import { TocsinError } from '../../base/error.ts';

/**
 * `TYPE_REFUSED` not a type that is taken, or one that cannot be cleaned safely · `MALFORMED` bytes that are not what their
 * beginning says · `NOT_WHOLE` they end before the file does.
 */
export type AttachmentErrorCode = 'TYPE_REFUSED' | 'MALFORMED' | 'NOT_WHOLE';

/** Why a file is not taken as an attachment. Never says anything of its content. */
export class AttachmentError extends TocsinError<AttachmentErrorCode> {
  override readonly name = 'AttachmentError';

  constructor(code: AttachmentErrorCode, message: string) {
    super({ code, message });
  }
}

/** The bytes break their own format at a byte position of the file. */
export const malformed = (format: string, at: number, expected: string): AttachmentError =>
  new AttachmentError(
    'MALFORMED',
    `the file begins as ${format} but at byte ${at} ${expected} was expected; open it in a picture program and save it anew`,
  );
