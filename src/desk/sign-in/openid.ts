/**
 * Signing in at the agency's OpenID provider: authorization code with PKCE (RFC 7636), state and nonce, the ID token judged by its
 * signature. Nobody gets an account by it: an invited officer binds an issuer's subject to the account, and that subject alone comes
 * in. Whoever is in may prove by it that he is still the one, for a change of his account: by a sign-in at the provider that is younger
 * than the question (`auth_time`). How well the provider looks at whom it signs in is the agency's duty.
 */
import * as oidc from 'openid-client';
import { hex } from '../../base/bytes.ts';
import type { Clock, Random } from '../../base/clock.ts';
import type { WriteTx } from '../../store/index.ts';
import { DeskError } from '../errors.ts';
import type { DeskStore } from '../ports.ts';
import { findInvited, takeInvitation } from './invitations.ts';
import { type OpenIdOptions, OpenIdProvider, providerUnavailable } from './openid-provider.ts';
import { type Transaction, Transactions } from './openid-transactions.ts';
import type { SignIn } from './sign-in.ts';
import type { SignedIn, WebSessions } from './web-sessions.ts';

export interface OpenIdDeps {
  readonly store: DeskStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly signIn: SignIn;
  readonly sessions: WebSessions;
  /** Where the console is. */
  readonly origin: string;
  /** Told why the provider could not be asked. */
  onFault(cause: DeskError): void;
}

/** Path of the page to which the provider sends browsers back. */
export const RETURN_PATH = '/sign-in/openid';

/** Core §2: a subject is at most 255 ASCII characters; no other claim that names an officer may be more. */
const SUBJECT_LENGTH = 255;
/** Between the provider's clock and ours. */
const CLOCKS_DIFFER_MS = 60_000;
const PRINTABLE = /^[\x20-\x7e]+$/;

const isSubject = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= SUBJECT_LENGTH && PRINTABLE.test(value);

/** A subject is one only within its issuer and claim (Core §5.7): all three count. */
const subjectOf = (issuer: string, claim: string, value: string): string => `${issuer}\n${claim}\n${value}`;

/** Errors that are no fault of the provider's service: what came back does not prove who it is. */
const WRONG_PROOF: ReadonlySet<string> = new Set([
  'OAUTH_INVALID_RESPONSE',
  'OAUTH_PARSE_ERROR',
  'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
  'OAUTH_JWT_TIMESTAMP_CHECK_FAILED',
  'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED',
  'OAUTH_KEY_SELECTION_FAILED',
  'OAUTH_UNSUPPORTED_OPERATION',
]);

function isWrongProof(error: unknown): boolean {
  if (error instanceof oidc.AuthorizationResponseError) return true;
  if (error instanceof oidc.ResponseBodyError) return error.error === 'invalid_grant';
  return error instanceof oidc.ClientError && error.code !== undefined && WRONG_PROOF.has(error.code);
}

/** Where to send the browser, and what its cookie shall hold until it is back. */
interface Begun {
  readonly address: string;
  readonly cookie: string;
}

/** What the provider says of a person. */
interface Vouched {
  readonly subject: string;
  /** When the person signed in there, milliseconds; undefined where it does not say. */
  readonly signedInAt: number | undefined;
}

/** What a browser that came back is given: a session, or that the officer of its session proved himself. */
export type Finished = { readonly cookie: string } | { readonly confirmed: SignedIn };

export class OpenId {
  readonly #deps: OpenIdDeps;
  readonly #options: OpenIdOptions;
  readonly #provider: OpenIdProvider;
  readonly #transactions: Transactions;
  /** Apart, so that strangers who begin sign-ins push none of them out. */
  readonly #confirmations: Transactions;

  constructor(deps: OpenIdDeps, options: OpenIdOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#provider = new OpenIdProvider(options, deps.clock);
    this.#transactions = new Transactions(deps.clock, deps.random);
    this.#confirmations = new Transactions(deps.clock, deps.random);
  }

  get name(): string {
    return this.#options.name;
  }

  /**
   * Where to send the browser, and what its cookie shall hold until it is back. Throws NOT_FOUND for an invitation that does not count,
   * PROVIDER_UNAVAILABLE.
   */
  async begin(invitation?: string): Promise<Begun> {
    const { store, clock } = this.#deps;
    if (invitation !== undefined) await findInvited(store, clock, invitation);
    return this.#send(() => this.#transactions.begin({ invitation }));
  }

  /**
   * The same, for the officer of a session who is to prove himself anew. Throws STATE where the account is bound to no sign-in of this
   * provider, PROVIDER_UNAVAILABLE.
   */
  async beginConfirm({ account, session }: SignedIn): Promise<Begun> {
    const { issuer, claim } = this.#options;
    if (account.subject?.startsWith(subjectOf(issuer, claim, '')) !== true)
      throw new DeskError({
        code: 'STATE',
        message: 'expected an account that is bound to the sign-in of the agency: confirm in another way',
      });
    const confirms = { session: hex(session.token), sinceMs: Date.now() };
    return this.#send(() => this.#confirmations.begin({ confirms }), { max_age: '0' });
  }

  async #send(
    begin: () => ReturnType<Transactions['begin']>,
    more: Readonly<Record<string, string>> = {},
  ): Promise<Begun> {
    const { origin } = this.#deps;
    const configuration = await this.#asking(() => this.#provider.configuration());
    const { cookie, transaction } = begin();
    const { state, nonce, verifier } = transaction;
    const { href } = oidc.buildAuthorizationUrl(configuration, {
      redirect_uri: `${origin}${RETURN_PATH}`,
      scope: 'openid',
      state,
      nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      // Desks are shared: a session of the provider's may be the colleague's who sat here before.
      prompt: 'login',
      ...more,
    });
    return { cookie, address: href };
  }

  /**
   * Cookie of a new session, for a browser that the provider sent back: `query` is what its address said. A proof that was asked for
   * within a session opens none: it counts for that session alone, which `signedIn` must be. Throws UNAUTHENTICATED,
   * PROVIDER_UNAVAILABLE; for an invitation also NOT_FOUND, and SUBJECT_TAKEN.
   */
  async finish(cookie: string | undefined, query: string, signedIn: SignedIn | undefined): Promise<Finished> {
    const confirmation = this.#confirmations.take(cookie);
    if (confirmation !== undefined) return { confirmed: await this.#confirm(confirmation, query, signedIn) };
    return { cookie: await this.#enter(this.#transactions.take(cookie), query) };
  }

  async #confirm(transaction: Transaction, query: string, signedIn: SignedIn | undefined): Promise<SignedIn> {
    const { signIn } = this.#deps;
    const { confirms } = transaction;
    if (signedIn === undefined || confirms?.session !== hex(signedIn.session.token))
      return signIn.failed('openid', signedIn?.account.identity, 'another session');
    const { account } = signedIn;
    const { subject, signedInAt } = await this.#judge(transaction, query, account.identity);
    if (subject !== account.subject) return signIn.failed('openid', account.identity, 'another subject');
    // A sign-in from before the question may be the colleague's: the provider says when it looked at the person (Core §3.1.2.1).
    const isFresh =
      signedInAt !== undefined &&
      signedInAt >= confirms.sinceMs - CLOCKS_DIFFER_MS &&
      signedInAt <= Date.now() + CLOCKS_DIFFER_MS;
    if (!isFresh) return signIn.failed('openid', account.identity, 'not signed in anew');
    await signIn.confirmed(account, 'openid');
    return signedIn;
  }

  async #enter(transaction: Transaction | undefined, query: string): Promise<string> {
    const { signIn, store } = this.#deps;
    if (transaction === undefined) return signIn.failed('openid', undefined, 'no such attempt, or over');
    const { subject } = await this.#judge(transaction, query);
    if (transaction.invitation !== undefined) return this.#bind(transaction.invitation, subject);
    const account = await store.read((tx) => tx.accounts.bySubject(subject));
    if (account === undefined) return signIn.failed('openid', undefined, 'unknown subject');
    if (account.state !== 'active') return signIn.failed('openid', account.identity, 'account is not active');
    return signIn.enter(account.id, 'openid');
  }

  /** The subject that the provider vouches for; `identity` is whose failure it is otherwise. */
  async #judge({ state, nonce, verifier }: Transaction, query: string, identity?: string): Promise<Vouched> {
    const { origin, signIn } = this.#deps;
    const { claim, issuer } = this.#options;
    const configuration = await this.#asking(() => this.#provider.configuration());
    const address = new URL(RETURN_PATH, origin);
    address.search = query;
    try {
      const tokens = await oidc.authorizationCodeGrant(configuration, address, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      const value = claims?.[claim];
      const at = claims?.auth_time;
      if (isSubject(value))
        return {
          subject: subjectOf(issuer, claim, value),
          signedInAt: typeof at === 'number' ? at * 1000 : undefined,
        };
    } catch (error) {
      if (!isWrongProof(error)) {
        await signIn.audit('signin.failed', 'nobody', { method: 'openid', because: 'provider unavailable' });
        return this.#asking(() => Promise.reject(providerUnavailable(error)));
      }
      return signIn.failed('openid', identity, 'wrong proof');
    }
    return signIn.failed('openid', identity, 'no such claim');
  }

  async #bind(invitation: string, subject: string): Promise<string> {
    const { store, clock, signIn, sessions } = this.#deps;
    const { account } = await findInvited(store, clock, invitation);
    const isBound = await store.write(async (tx) => {
      if (!(await freed(tx, subject, account.id))) return false;
      await takeInvitation(tx, clock, invitation);
      await tx.accounts.change(account.id, { subject, state: 'active', failures: 0, lockedUntil: 0 });
      sessions.forget(tx, account.id);
      await tx.audit.append([signIn.row('credential.set', account.identity, account, { method: 'openid' })]);
      return true;
    });
    if (isBound) return signIn.enter(account.id, 'openid');
    await signIn.audit('signin.failed', account.identity, { method: 'openid', because: 'subject is taken' });
    throw new DeskError({
      code: 'SUBJECT_TAKEN',
      message:
        'another account has this sign-in of your agency: sign in there as yourself, or ask your administrator',
    });
  }

  /** Tells the log why the provider could not be asked; an officer is told that it could not. */
  async #asking<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof DeskError) this.#deps.onFault(error);
      throw error;
    }
  }
}

/** Whether the account may have the subject. Who was revoked gives it up: an administrator may invite the same person again. */
async function freed(tx: WriteTx, subject: string, account: string): Promise<boolean> {
  const holder = await tx.accounts.bySubject(subject);
  if (holder === undefined || holder.id === account) return true;
  if (holder.state !== 'revoked') return false;
  await tx.accounts.change(holder.id, { subject: null });
  return true;
}
