/**
 * How officers sign in at a browser: with a passkey, with a password and a one-time code, or with their certificate. Every success
 * and every failure is a row of the audit, durable before the answer.
 */
import { X509Certificate } from 'node:crypto';
import { hex } from '../../base/bytes.ts';
import type { Clock, Random } from '../../base/clock.ts';
import type { Verdict } from '../../base/verdict.ts';
import type { DeskGroup } from '../../gen/tocsin/record/v1/marking.ts';
import type { Reason } from '../../gen/tocsin/record/v1/reason.ts';
import { reasonName, sha256 } from '../../record/index.ts';
import type { AuditEntry, SignInMethod, StoredAccount, WriteTx } from '../../store/index.ts';
import { DeskError, refuseFaults } from '../errors.ts';
import type { DeskStore } from '../ports.ts';
import { deskGroupName } from '../purpose.ts';
import type { CertifiedOfficer } from '../session.ts';
import { takeInvitation } from './invitations.ts';
import { hashPassword, isPassword, passwordFaults } from './password.ts';
import { TOTP_SECRET_BYTES, totpAddress, totpStep } from './totp.ts';
import type { SignedIn, WebSessions } from './web-sessions.ts';

export interface SignInDeps {
  readonly store: DeskStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly sessions: WebSessions;
  /** Shown by authenticator apps. */
  readonly issuer: string;
  /** Judges path, profile and validity of a client certificate, and reads the officer out of it. */
  judgeOfficer(certificateDer: Uint8Array, atMs: number): Verdict<CertifiedOfficer, Reason>;
  /** Whether an administrator withdrew the certificate, or the account's identity. */
  isRevoked(identity: string): boolean;
}

/** Failures in a row from which on an account waits; each further one doubles the wait, up to the longest. */
const FREE_FAILURES = 4;
const FIRST_WAIT_MS = 30_000;
const LONGEST_WAIT_MS = 3_600_000;
/**
 * Passwords looked at, or set, at once. Each takes 46 MiB and one of the threads that files need too; and so many guesses come
 * before the first of them counts as a failure.
 */
const PASSWORDS_AT_ONCE = 16;
/** Rows a minute about attempts that no account's wait bounds: strangers must not be able to fill the store. */
const STRANGER_ROWS_A_MINUTE = 120;

/** One answer for a wrong name, password and code, and for an account that is none any more. */
const refused = (): DeskError =>
  new DeskError({
    code: 'UNAUTHENTICATED',
    message:
      'name, password or code are not right: try again, or ask your administrator for a new invitation',
  });

const waits = (seconds: number): DeskError =>
  new DeskError({
    code: 'BUSY',
    message: `too many failed sign-ins of this account: wait ${seconds} seconds`,
    retry: 'later',
  });

const crowded = (): DeskError =>
  new DeskError({
    code: 'BUSY',
    message: `expected at most ${PASSWORDS_AT_ONCE} passwords at once: try again, or use a passkey`,
    retry: 'later',
  });

export class SignIn {
  readonly #deps: SignInDeps;
  #passwords = 0;
  #minute = 0;
  #strangerRows = 0;
  #unwritten = 0;

  constructor(deps: SignInDeps) {
    this.#deps = deps;
  }

  /** Cookie of a new session. Throws UNAUTHENTICATED, or BUSY after too many failures of the account, and of too many at once. */
  withPassword(request: { name: string; password: string; code: string }): Promise<string> {
    return this.#inTurn(() => this.#judgePassword(request));
  }

  async #judgePassword(request: { name: string; password: string; code: string }): Promise<string> {
    const account = await this.#deps.store.read((tx) => tx.accounts.byName(request.name));
    const step = await this.#stepOf(account, request);
    const cookie =
      account !== undefined && step !== undefined && this.#mayEnter(account)
        ? await this.#takeCode(account.id, step, 'signin.done', (tx, known) =>
            this.#deps.sessions.open(tx, known, 'password'),
          )
        : undefined;
    if (cookie !== undefined) return cookie;
    await this.#fail(account, request.name);
    throw refused();
  }

  /** The officer who is signed in proves again that he is the one. Fails as a sign-in does, and counts as one that failed. */
  async confirmByPassword(
    { id }: Pick<StoredAccount, 'id'>,
    request: { password: string; code: string },
  ): Promise<void> {
    const account = await this.#deps.store.read((tx) => tx.accounts.byId(id));
    const step = await this.#inTurn(() => this.#stepOf(account, request));
    const done =
      account !== undefined && step !== undefined
        ? await this.#takeCode(id, step, 'signin.confirmed', async () => true)
        : undefined;
    if (done === true) return;
    await this.#fail(account, account?.name ?? '');
    throw refused();
  }

  /** The same by the certificate of the connection, which must be the account's own. Throws UNAUTHENTICATED. */
  async confirmByCertificate(account: StoredAccount, certificateDer: Uint8Array | undefined): Promise<void> {
    const judged = certificateDer && this.#deps.judgeOfficer(certificateDer, this.#deps.clock.nowMs());
    if (judged?.ok !== true || judged.value.fingerprint !== account.identity)
      return this.failed('certificate', account.identity, 'another certificate');
    await this.confirmed(account, 'certificate');
  }

  /** The row about a proof that the caller verified. */
  async confirmed(account: StoredAccount, method: SignInMethod): Promise<void> {
    await this.#deps.store.write((tx) =>
      tx.audit.append([this.row('signin.confirmed', account.identity, account, { method })]),
    );
  }

  /** The time step of the code, where password and code are right. Throws BUSY after too many failures. */
  async #stepOf(
    account: StoredAccount | undefined,
    { password, code }: { readonly password: string; readonly code: string },
  ): Promise<number | undefined> {
    const now = this.#deps.clock.nowMs();
    if (account !== undefined && account.lockedUntil > now) {
      await this.audit('signin.failed', account.identity, { method: 'password', because: 'locked' });
      throw waits(Math.ceil((account.lockedUntil - now) / 1000));
    }
    const isRight = await isPassword(password, account?.password);
    const step =
      account?.totp === undefined
        ? undefined
        : totpStep(account.totp, code.replaceAll(/\s/g, ''), now, account.totpStep);
    return isRight ? step : undefined;
  }

  /** Cookie of a new session for an officer who presented a certificate; the first time makes the account. Throws UNAUTHENTICATED. */
  async withCertificate(certificateDer: Uint8Array | undefined): Promise<string> {
    const { clock, store, sessions } = this.#deps;
    const now = clock.nowMs();
    if (certificateDer === undefined)
      return this.#refuseCertificate('nobody', 'none', {
        message:
          'expected the certificate of an officer of this node: put the card in, and choose it when the browser asks',
      });
    const shown = hex(sha256(certificateDer));
    const judged = this.#deps.judgeOfficer(certificateDer, now);
    if (!judged.ok)
      return this.#refuseCertificate(shown, reasonName(judged.reason), {
        message: `expected the certificate of an officer of this node: ${judged.detail}`,
        reason: judged.reason,
      });
    if (this.#deps.isRevoked(shown))
      return this.#refuseCertificate(shown, 'revoked', {
        message: 'the officer’s certificate is revoked: ask the administrator',
      });
    const endsAt = new X509Certificate(certificateDer).validToDate.getTime();
    const { fingerprint, name, agency, deskGroup, role } = judged.value;
    return store.write(async (tx) => {
      const known = await tx.accounts.byIdentity(fingerprint);
      if (known?.state === 'revoked') throw refused();
      const account = known ?? {
        id: hex(this.#deps.random.bytes(16)),
        identity: fingerprint,
        name,
        agency,
        deskGroup,
        role,
        state: 'active' as const,
        failures: 0,
        lockedUntil: 0,
        locale: '',
        createdAt: now,
        createdBy: 'certificate',
      };
      if (known === undefined) await tx.accounts.add(account);
      if (known?.state === 'invited') await tx.accounts.change(known.id, { state: 'active' });
      await tx.audit.append([this.row('signin.done', fingerprint, account, { method: 'certificate' })]);
      return sessions.open(tx, account, 'certificate', endsAt);
    });
  }

  /** Cookie of a new session for an account whose credential was verified by the caller. Throws UNAUTHENTICATED. */
  async enter(accountId: string, method: SignInMethod): Promise<string> {
    const { store, sessions } = this.#deps;
    const cookie = await store.write(async (tx) => {
      const account = await tx.accounts.byId(accountId);
      if (account === undefined || !this.#mayEnter(account)) return undefined;
      await tx.accounts.change(accountId, { failures: 0, lockedUntil: 0 });
      await tx.audit.append([this.row('signin.done', account.identity, account, { method })]);
      return sessions.open(tx, account, method);
    });
    if (cookie === undefined) throw refused();
    return cookie;
  }

  async signOut(signedIn: SignedIn): Promise<void> {
    const { account } = signedIn;
    await this.#deps.sessions.end(signedIn);
    await this.#deps.store.write((tx) =>
      tx.audit.append([this.row('signin.ended', account.identity, account, {})]),
    );
  }

  /** A fresh secret for an authenticator app; it counts once a code of it was shown. */
  newTotp(name: string): { readonly secret: Uint8Array; readonly address: string; readonly typed: string } {
    const secret = this.#deps.random.bytes(TOTP_SECRET_BYTES);
    const { address, secret: typed } = totpAddress(secret, name, this.#deps.issuer);
    return { secret, address, typed };
  }

  /** Sets password and one-time codes of an account, which counts from then on. Throws INVALID_REQUEST with faults of password and code. */
  async setPassword(
    account: Pick<StoredAccount, 'id' | 'identity' | 'name'>,
    given: { readonly password: string; readonly totp: Uint8Array; readonly code: string },
    invitation?: string,
  ): Promise<void> {
    const { store, clock, random, sessions } = this.#deps;
    const step = totpStep(given.totp, given.code.replaceAll(/\s/g, ''), clock.nowMs(), undefined);
    refuseFaults([
      ...passwordFaults('password', given.password, account.name),
      ...(step === undefined
        ? [{ path: 'code', code: 'WRONG', message: 'expected the six digits that the app shows now' }]
        : []),
    ]);
    const password = await this.#inTurn(() => hashPassword(given.password, random));
    await store.write(async (tx) => {
      if (invitation !== undefined) await takeInvitation(tx, clock, invitation);
      await tx.accounts.change(account.id, {
        password,
        totp: given.totp,
        ...(step === undefined ? {} : { totpStep: step }),
        state: 'active',
        failures: 0,
        lockedUntil: 0,
      });
      sessions.forget(tx, account.id);
      const known = await tx.accounts.byId(account.id);
      if (known)
        await tx.audit.append([this.row('credential.set', known.identity, known, { method: 'password' })]);
    });
  }

  /** Sets another password; the authenticator app stays. Throws STATE where there is none, INVALID_REQUEST with faults of the password. */
  async changePassword(account: Pick<StoredAccount, 'id' | 'name'>, given: string): Promise<void> {
    const { store, random } = this.#deps;
    refuseFaults(passwordFaults('password', given, account.name));
    const password = await this.#inTurn(() => hashPassword(given, random));
    await store.write(async (tx) => {
      const known = await tx.accounts.byId(account.id);
      if (known?.totp === undefined)
        throw new DeskError({ code: 'STATE', message: 'expected a code of a new authenticator app' });
      await tx.accounts.change(account.id, { password });
      await tx.audit.append([this.row('credential.set', known.identity, known, { method: 'password' })]);
    });
  }

  async #refuseCertificate(
    shown: string,
    because: string,
    told: { readonly message: string; readonly reason?: Reason },
  ): Promise<never> {
    await this.audit('signin.failed', shown, { method: 'certificate', because });
    throw new DeskError({ code: 'UNAUTHENTICATED', ...told });
  }

  /** A failed attempt with a credential that is nobody's, or whose proof is wrong. */
  async failed(method: SignInMethod, identity: string | undefined, because: string): Promise<never> {
    await this.audit('signin.failed', identity ?? 'nobody', { method, because });
    throw refused();
  }

  /**
   * A row about somebody who is not signed in. Of a flood a part is written, and how many were not is in the first row of a later
   * minute; an account's own failures are written by another way, each.
   */
  async audit(action: string, actor: string, detail: Readonly<Record<string, string>>): Promise<void> {
    const at = this.#deps.clock.nowMs();
    const minute = Math.floor(at / 60_000);
    if (minute !== this.#minute) this.#strangerRows = 0;
    this.#minute = minute;
    if (this.#strangerRows >= STRANGER_ROWS_A_MINUTE) {
      this.#unwritten += 1;
      return;
    }
    this.#strangerRows += 1;
    const unwritten = this.#unwritten === 0 ? {} : { unwritten: String(this.#unwritten) };
    this.#unwritten = 0;
    await this.#deps.store.write((tx) =>
      tx.audit.append([{ at, actor, action, subject: 'console', detail: { ...detail, ...unwritten } }]),
    );
  }

  /** A row about an account. */
  row(
    action: string,
    subject: string,
    account: Pick<StoredAccount, 'identity' | 'name' | 'role' | 'deskGroup'>,
    detail: Readonly<Record<string, string>>,
  ): AuditEntry {
    return {
      at: this.#deps.clock.nowMs(),
      actor: account.identity,
      action,
      subject,
      detail: {
        officer: account.name,
        role: account.role,
        deskGroup: deskGroupName(account.deskGroup as DeskGroup),
        ...detail,
      },
    };
  }

  async #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#passwords >= PASSWORDS_AT_ONCE) throw crowded();
    this.#passwords += 1;
    try {
      return await work();
    } finally {
      this.#passwords -= 1;
    }
  }

  #mayEnter(account: StoredAccount): boolean {
    return account.state === 'active' && !this.#deps.isRevoked(account.identity);
  }

  /** What comes of a code that is taken now; undefined where it was used meanwhile: of two at once, one counts. */
  async #takeCode<Result>(
    id: string,
    step: number,
    action: string,
    then: (tx: WriteTx, account: StoredAccount) => Promise<Result>,
  ): Promise<Result | undefined> {
    return this.#deps.store.write(async (tx) => {
      const account = await tx.accounts.byId(id);
      if (account === undefined || !this.#mayEnter(account)) return undefined;
      if (account.totpStep !== undefined && account.totpStep >= step) return undefined;
      await tx.accounts.change(id, { totpStep: step, failures: 0, lockedUntil: 0 });
      await tx.audit.append([this.row(action, account.identity, account, { method: 'password' })]);
      return then(tx, account);
    });
  }

  async #fail(account: StoredAccount | undefined, name: string): Promise<void> {
    const { store, clock } = this.#deps;
    if (account === undefined) {
      await this.audit('signin.failed', 'nobody', { method: 'password', name: name.slice(0, 100) });
      return;
    }
    await store.write(async (tx) => {
      const now = clock.nowMs();
      const failures = ((await tx.accounts.byId(account.id))?.failures ?? 0) + 1;
      const over = failures - FREE_FAILURES;
      const wait = over <= 0 ? 0 : Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (over - 1));
      await tx.accounts.change(account.id, { failures, lockedUntil: wait === 0 ? 0 : now + wait });
      await tx.audit.append([
        this.row('signin.failed', account.identity, account, {
          method: 'password',
          failures: String(failures),
        }),
      ]);
    });
  }
}
