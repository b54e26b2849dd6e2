/** What identity/ throws: misuse and broken files. Disbelief in a stranger's claim is a Verdict instead. */
import { type ErrorOptions, TocsinError } from '../base/error.ts';

export type IdentityErrorCode =
  | 'KEY_INVALID'
  | 'KEYRING_EXISTS'
  | 'KEYRING_MISSING'
  | 'SECRET_PERMISSIONS'
  | 'SECRET_UNREADABLE'
  | 'ROSTER_INVALID'
  | 'STATEMENT_INVALID'
  | 'PREKEYS_INVALID'
  | 'MEMBER_REQUEST_INVALID'
  | 'CERTIFICATE_REQUEST_INVALID'
  | 'AUTHORITY_INPUT_INVALID'
  | 'CERTIFICATE_NOT_OFFICER';

export class IdentityError extends TocsinError<IdentityErrorCode> {
  override readonly name: string = 'IdentityError';

  constructor(options: ErrorOptions<IdentityErrorCode>) {
    super(options);
  }
}
