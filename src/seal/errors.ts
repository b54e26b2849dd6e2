/** What seal/ throws: misuse. Whatever arrives sealed is judged instead. */
import { type ErrorOptions, TocsinError } from '../base/error.ts';

export type SealErrorCode =
  | 'PARCEL_TOO_LARGE'
  | 'PREKEY_INVALID'
  | 'ENVELOPE_INVALID'
  | 'BLOB_INVALID'
  | 'PASSPHRASE_WEAK'
  | 'PASSPHRASE_WRONG'
  | 'FILE_FOREIGN'
  | 'FILE_DAMAGED';

export class SealError extends TocsinError<SealErrorCode> {
  override readonly name: string = 'SealError';

  constructor(options: ErrorOptions<SealErrorCode>) {
    super(options);
  }
}
