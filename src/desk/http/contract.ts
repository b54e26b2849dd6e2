/**
 * What the desk's HTTP API takes and gives, as zod: the verbs (generated, see proto/contract.js), and what a browser needs besides.
 * The console imports the types of this file and nothing else of the program.
 */
import { z } from 'zod';
import { VERBS } from '../../gen/desk-contract.ts';

export type * as Wire from '../../gen/desk-contract.ts';
export { VERBS };

type Verbs = typeof VERBS;

/** Verbs with one request and one answer: a POST each. */
export type Verb = {
  [Name in keyof Verbs]: Verbs[Name]['kind'] extends 'unary' ? Name : never;
}[keyof Verbs];
export type RequestOf<Name extends Verb> = z.infer<Verbs[Name]['request']>;
export type ResponseOf<Name extends Verb> = z.infer<Verbs[Name]['response']>;

/** Body of every answer that is no success. */
export const Problem = z.strictObject({
  status: z.string().describe('Name of the gRPC status.'),
  code: z.string().describe('Stable.'),
  message: z.string().describe('What was expected, what came, what to do.'),
  reason: z.string().optional().describe("The network's reason, where it has one for it."),
  faults: z
    .array(z.strictObject({ path: z.string(), code: z.string(), message: z.string() }))
    .describe('At most 50.'),
  faultCount: z.int(),
  correlationId: z.string().optional().describe("Under which the node's log holds the cause."),
});
export type Problem = z.infer<typeof Problem>;

/** A name, or what a passkey is called. */
const TEXT_LENGTH = 200;
/** As typed; how long a password may be is for `sign-in/password.ts` to say. */
const PASSWORD_LENGTH = 1_000;
/** Six digits, and blanks between them. */
const CODE_LENGTH = 12;
/** Id of a credential in base64url: 1,023 bytes at most (W3C WebAuthn Level 3 §4). */
const CREDENTIAL_ID_LENGTH = 2_000;

const short = z.string().max(TEXT_LENGTH);
const typedPassword = z.string().max(PASSWORD_LENGTH);
const code = z.string().max(CODE_LENGTH);
const credentialId = z
  .string()
  .max(CREDENTIAL_ID_LENGTH)
  .regex(/^[A-Za-z0-9_-]+$/, 'expected the id of a passkey');

/** Who is signed in. */
export const Me = z.strictObject({
  node: z.string(),
  nodeName: z.string(),
  name: z.string(),
  agency: z.string(),
  deskGroup: z.string().describe('As `customs`.'),
  role: z.string().describe('As `releaser`.'),
  purposes: z.array(z.string()).describe('That the desk group may ask for, as `customs-control`.'),
  locale: z.string(),
  method: z.enum(['passkey', 'password', 'certificate', 'openid']),
  validUntil: z.number().describe('Milliseconds UTC; the absolute end of the session.'),
  leftMs: z.number().describe('Until that end, for clocks that differ.'),
  idleMs: z.number().describe('Unused for so long a session is over.'),
  identity: z.string().describe('As drafts and the audit trail name the officer.'),
  deviceKey: z
    .string()
    .describe('32 bytes in base64url, of this account alone: what a browser keeps of it is sealed under it.'),
});
export type Me = z.infer<typeof Me>;

/** How one may sign in at this node. */
export const SignInWays = z.strictObject({
  node: z.string(),
  nodeName: z.string(),
  passkey: z.boolean(),
  certificate: z.boolean(),
  openid: z.string().describe("The provider's name; empty = none."),
});
export type SignInWays = z.infer<typeof SignInWays>;

export const PasswordSignIn = z.strictObject({
  name: short.min(1),
  password: typedPassword.min(1),
  code,
});
export type PasswordSignIn = z.infer<typeof PasswordSignIn>;

const token = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'expected the token of an invitation');

export const InvitationToken = z.strictObject({ token });
export type InvitationToken = z.infer<typeof InvitationToken>;

/** Whom an invitation is for, and a secret that an authenticator app may take. */
export const Invited = z.strictObject({
  node: z.string(),
  nodeName: z.string(),
  name: z.string(),
  agency: z.string(),
  deskGroup: z.string(),
  role: z.string(),
  expiresAt: z.number().describe('Milliseconds UTC.'),
  totpAddress: z.string().describe('otpauth:// address, for an authenticator app.'),
  totpSecret: z.string().describe('The same secret in base32, for typing.'),
});
export type Invited = z.infer<typeof Invited>;

export const AcceptByPassword = z.strictObject({
  token,
  password: typedPassword,
  code,
});
export type AcceptByPassword = z.infer<typeof AcceptByPassword>;

/** WebAuthn's JSON forms (W3C WebAuthn Level 3 §5.1): made and judged by a library, so only bounded here. */
export const AuthenticatorResponse = z
  .looseObject({ id: credentialId, rawId: credentialId, type: z.literal('public-key') })
  .describe('PublicKeyCredential as JSON.');

export const PasskeyAnswer = z.strictObject({ response: AuthenticatorResponse });
export const AcceptByPasskey = z.strictObject({
  token,
  label: short,
  response: AuthenticatorResponse,
});

export const BeginOpenId = z.strictObject({
  token: token.optional().describe('Of an invitation: the sign-in is bound to its account.'),
});
export const OpenIdBegun = z.strictObject({
  address: z.string().describe("Of the provider's page, for the browser to go to."),
});
export type OpenIdBegun = z.infer<typeof OpenIdBegun>;
/** Codes of some providers are tokens themselves. */
const QUERY_LENGTH = 8_192;
export const FinishOpenId = z.strictObject({
  query: z.string().max(QUERY_LENGTH).describe('Of the address to which the provider sent the browser back.'),
});

/** A proof within a session; a sign-in is answered with its cookie alone. */
export const OpenIdConfirmed = z.strictObject({ confirmed: z.literal(true) });
export type OpenIdConfirmed = z.infer<typeof OpenIdConfirmed>;

export const SetLocale = z.strictObject({ locale: z.enum(['', 'en', 'fr', 'es', 'pt', 'ar']) });
export type SetLocale = z.infer<typeof SetLocale>;

/** An officer's own account. */
export const Account = z.strictObject({
  passkeys: z.array(
    z.strictObject({
      id: z.string().describe('Base64url.'),
      label: z.string(),
      createdAt: z.number().describe('Milliseconds UTC.'),
      lastUsedAt: z.number().describe('Milliseconds UTC; 0 = never.'),
    }),
  ),
  password: z.boolean().describe('Whether password and one-time codes are set.'),
  certificate: z.string().describe('SHA-256 of the certificate that it is bound to; empty = none.'),
  openid: z.string().describe('Issuer that it is bound to; empty = none.'),
  sessions: z.array(
    z.strictObject({
      method: z.enum(['passkey', 'password', 'certificate', 'openid']),
      createdAt: z.number().describe('Milliseconds UTC.'),
      seenAt: z.number().describe('Milliseconds UTC.'),
      own: z.boolean().describe('The one that asks.'),
    }),
  ),
  confirmedForMs: z.number().describe('How long the fresh proof still counts; 0 = a change asks for one.'),
});
export type Account = z.infer<typeof Account>;

export const ConfirmByPassword = z.strictObject({
  password: typedPassword.min(1),
  code,
});
export const AddPasskey = z.strictObject({ label: short, response: AuthenticatorResponse });
export const RenamePasskey = z.strictObject({ id: credentialId, label: short });
export const RemovePasskey = z.strictObject({ id: credentialId });
export const ChangePassword = z.strictObject({
  password: typedPassword,
  code: code.describe('Of a new authenticator app; empty = the app stays.'),
});

/** A secret that a new authenticator app may take. */
export const OfferedCodes = z.strictObject({ totpAddress: z.string(), totpSecret: z.string() });
export type OfferedCodes = z.infer<typeof OfferedCodes>;

export const SessionsEnded = z.strictObject({ ended: z.int() });
export type SessionsEnded = z.infer<typeof SessionsEnded>;

/** Bound to the host, to TLS and to the path by its name (RFC 6265bis §4.1.3.2). */
export const COOKIE = '__Host-tocsin';
/** Of a browser that was sent to the OpenID provider. */
export const OPENID_COOKIE = '__Host-tocsin-openid';
