/**
 * Sessions of browsers: a random cookie whose digest the store knows, an idle and an absolute limit, ended at once when the
 * account is. What was signed in is the same officer as one who calls with a certificate.
 */
import { base64url, fromBase64url, hex } from '../../base/bytes.ts';
import type { Clock, Random } from '../../base/clock.ts';
import type { DeskGroup } from '../../gen/tocsin/record/v1/marking.ts';
import { sha256 } from '../../record/index.ts';
import type { SignInMethod, StoredAccount, WebSession, WriteTx } from '../../store/index.ts';
import { DeskError } from '../errors.ts';
import type { DeskStore } from '../ports.ts';
import type { Officer } from '../session.ts';
import type { Accounts } from './accounts.ts';

const TOKEN_BYTES = 32;
const TOKEN = /^[A-Za-z0-9_-]{43}$/;
/** A session that is used is written down so often at most. */
const SEEN_EVERY_MS = 60_000;
/** Of one account, in all its browsers; one more and the one that was opened first is over. */
const SESSIONS_PER_ACCOUNT = 16;

export interface WebSessionLimits {
  /** Unused for so long it is over. */
  readonly idleMs: number;
  /** Over after so long, whatever is done. */
  readonly lastsMs: number;
}

export interface WebSessionDeps {
  readonly store: DeskStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly self: string;
  readonly limits: WebSessionLimits;
  readonly accounts: Accounts;
  /** Whether an administrator withdrew the certificate of the account, or the account. */
  isRevoked(identity: string): boolean;
}

/** A browser that is signed in. */
export interface SignedIn {
  readonly session: WebSession;
  readonly account: StoredAccount;
  readonly officer: Officer;
}

export class WebSessions {
  readonly #deps: WebSessionDeps;
  /** By hexadecimal digest of the cookie's value. */
  readonly #open = new Map<string, SignedIn>();
  /** Counts what was forgotten: what was read before that is not kept. */
  #forgotten = 0;

  constructor(deps: WebSessionDeps) {
    this.#deps = deps;
    deps.accounts.onRevoked((account) => this.#forget(account));
  }

  /** Unused for so long a session is over. */
  get idleMs(): number {
    return this.#deps.limits.idleMs;
  }

  /**
   * Opens a session in the transaction that recorded the sign-in, over when its credential is at the latest; returns the value of its
   * cookie.
   */
  async open(
    tx: WriteTx,
    account: StoredAccount,
    method: SignInMethod,
    credentialEndsAt = Number.POSITIVE_INFINITY,
  ): Promise<string> {
    const { clock, random, limits } = this.#deps;
    const now = clock.nowMs();
    const value = base64url(random.bytes(TOKEN_BYTES));
    const session: WebSession = {
      token: sha256(fromBase64url(value)),
      account: account.id,
      method,
      createdAt: now,
      seenAt: now,
      validUntil: Math.min(now + limits.lastsMs, credentialEndsAt),
    };
    await tx.accounts.sweepSessions(now, now - limits.idleMs);
    const ended = await tx.accounts.endOldestSessions(account.id, SESSIONS_PER_ACCOUNT - 1);
    await tx.accounts.openSession(session);
    tx.afterCommit(() => this.#sweep(ended));
    return value;
  }

  /** Who the cookie is; undefined where it is nobody's any more. */
  async find(value: string | undefined): Promise<SignedIn | undefined> {
    if (value === undefined || !TOKEN.test(value)) return undefined;
    const token = sha256(fromBase64url(value));
    const key = hex(token);
    const known = this.#open.get(key) ?? (await this.#load(key, token));
    if (known === undefined || !this.#isGood(known)) {
      this.#open.delete(key);
      return undefined;
    }
    const now = this.#deps.clock.nowMs();
    if (now - known.session.seenAt < SEEN_EVERY_MS) return known;
    await this.#deps.store.write((tx) => tx.accounts.seeSession(token, now));
    const seen = { ...known, session: { ...known.session, seenAt: now } };
    // What was ended meanwhile does not come back.
    if (this.#open.has(key)) this.#open.set(key, seen);
    return seen;
  }

  /** Throws UNAUTHENTICATED once the session is over: for calls that last. */
  assertOpen({ session }: SignedIn): void {
    const known = this.#open.get(hex(session.token));
    if (known === undefined || !this.#isGood(known)) throw notSignedIn();
  }

  async end({ session }: SignedIn): Promise<void> {
    await this.#deps.store.write(async (tx) => {
      await tx.accounts.endSession(session.token);
      // Not before: a call at the same time would read it again, and keep it open here.
      tx.afterCommit(() => this.#sweep([session.token]));
    });
  }

  /** Ends all of the account but this one, in the transaction that recorded it; the number ended. */
  async endOthers(tx: WriteTx, { session, account }: SignedIn): Promise<number> {
    const ended = await tx.accounts.endSessions(account.id, session.token);
    tx.afterCommit(() => this.#forget(account.id, hex(session.token)));
    return ended;
  }

  /** Reads an account anew at its next call, once the change of it is durable. */
  forget(tx: Pick<WriteTx, 'afterCommit'>, account: string): void {
    tx.afterCommit(() => this.#forget(account));
  }

  #forget(account: string, but?: string): void {
    this.#forgotten += 1;
    for (const [key, { session }] of this.#open)
      if (session.account === account && key !== but) this.#open.delete(key);
  }

  /** Those that were ended, and those that nobody came back to: a map of what was ever open would grow without end. */
  #sweep(ended: readonly Uint8Array[]): void {
    this.#forgotten += 1;
    for (const token of ended) this.#open.delete(hex(token));
    for (const [key, { session }] of this.#open) if (!this.isOpen(session)) this.#open.delete(key);
  }

  /** By its limits, and by what became of its officer. */
  #isGood({ session, account }: SignedIn): boolean {
    return !this.#deps.isRevoked(account.identity) && this.isOpen(session);
  }

  /** By its limits; whether it was ended the store knows. */
  readonly isOpen = ({ seenAt, validUntil }: WebSession): boolean => {
    const now = this.#deps.clock.nowMs();
    return now < validUntil && now - seenAt < this.#deps.limits.idleMs;
  };

  async #load(key: string, token: Uint8Array): Promise<SignedIn | undefined> {
    for (;;) {
      const before = this.#forgotten;
      const found = await this.#deps.store.read(async (tx) => {
        const session = await tx.accounts.session(token);
        const account = session && (await tx.accounts.byId(session.account));
        return session && account?.state === 'active' ? { session, account } : undefined;
      });
      if (found === undefined) return undefined;
      // What changed while it was read is read again: what is not kept here is not open.
      if (this.#forgotten !== before) continue;
      const signedIn = { ...found, officer: officerOf(found.account, found.session, this.#deps.self) };
      this.#open.set(key, signedIn);
      return signedIn;
    }
  }
}

const officerOf = (account: StoredAccount, session: WebSession, self: string): Officer => ({
  node: self,
  agency: account.agency,
  deskGroup: account.deskGroup as DeskGroup,
  role: account.role,
  name: account.name,
  fingerprint: account.identity,
  validUntilMs: session.validUntil,
});

export const notSignedIn = (): DeskError =>
  new DeskError({ code: 'UNAUTHENTICATED', message: 'expected somebody who is signed in: sign in' });
