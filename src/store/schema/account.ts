/** Tables of officers who sign in by a browser. */
import type { Maybe, MaybeWhole, Whole } from './column.ts';

export type AccountState = 'invited' | 'active' | 'revoked';
export type SignInMethod = 'passkey' | 'password' | 'certificate' | 'openid';

export interface AccountTable {
  /** Random, 32 hexadecimal digits; never used twice. */
  id: string;
  /** How drafts and the audit trail name the officer: fingerprint of the certificate, or of the account where there is none. */
  identity: string;
  name: string;
  agency: string;
  desk_group: Whole;
  role: string;
  state: AccountState;
  /** Issuer at the agency's OpenID provider, claim, and its value there, one line each. */
  subject: Maybe<string>;
  /** Argon2id in PHC form. */
  password: Maybe<string>;
  /** Secret of RFC 6238. */
  totp: Maybe<Uint8Array>;
  /** Time step of the newest code taken: no code counts twice. */
  totp_step: MaybeWhole;
  /** Failed sign-ins since the last good one. */
  failures: Whole;
  /** Milliseconds UTC; 0 = not locked. */
  locked_until: Whole;
  /** Language of the console; empty = as the browser asks. */
  locale: string;
  created_at: Whole;
  /** Identity of the administrator, or `node`. */
  created_by: string;
}

export interface PasskeyTable {
  credential: Uint8Array;
  account: string;
  /** COSE key. */
  public_key: Uint8Array;
  counter: Whole;
  /** Comma-separated hints of the authenticator. */
  transports: string;
  label: string;
  created_at: Whole;
  last_used_at: MaybeWhole;
}

export interface InvitationTable {
  /** SHA-256 of the token in the link. */
  token: Uint8Array;
  account: string;
  expires_at: Whole;
  used_at: MaybeWhole;
}

export interface WebSessionTable {
  /** SHA-256 of the cookie's value. */
  token: Uint8Array;
  account: string;
  method: SignInMethod;
  created_at: Whole;
  seen_at: Whole;
  /** The absolute end, whatever is done until then. */
  valid_until: Whole;
}
