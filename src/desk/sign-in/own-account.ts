/**
 * What an officer changes of his own account: passkeys, password, other sessions. Each change asks that he proved himself within the
 * last minutes, whatever the session is worth, so that a window left open gives nobody a lasting way in (OWASP ASVS 5.0 §7.5).
 * Never the last way in: only an administrator closes an account.
 */
import { hex } from '../../base/bytes.ts';
import type { Clock } from '../../base/clock.ts';
import type { StoredAccount, WriteTx } from '../../store/index.ts';
import { DeskError, refuseFaults } from '../errors.ts';
import type { DeskStore } from '../ports.ts';
import { hasCertificate } from './invitations.ts';
import type { SignIn } from './sign-in.ts';
import type { SignedIn, WebSessions } from './web-sessions.ts';

/** A proof counts for so long. */
const CONFIRMED_MS = 300_000;
const LABEL_LENGTH = 100;
/** Of one account: one for each device and a few keys in drawers. */
export const MOST_PASSKEYS = 20;

export interface OwnAccountDeps {
  readonly store: DeskStore;
  readonly clock: Clock;
  readonly signIn: SignIn;
  readonly sessions: WebSessions;
  /** Whether clients may present certificates. */
  readonly certificates: boolean;
}

const notConfirmed = (): DeskError =>
  new DeskError({
    code: 'STATE',
    message: 'expected a fresh proof that it is you: confirm in one of the ways in that you have',
  });

const lastWay = (): DeskError =>
  new DeskError({
    code: 'STATE',
    message: 'this is the last way in: add another one first',
  });

const noPasskey = (): DeskError =>
  new DeskError({ code: 'NOT_FOUND', message: 'expected a passkey of this account' });

export class OwnAccount {
  readonly #deps: OwnAccountDeps;
  /** Until when each session is confirmed, by the hexadecimal digest of its cookie. */
  readonly #confirmed = new Map<string, number>();

  constructor(deps: OwnAccountDeps) {
    this.#deps = deps;
  }

  /** The officer of the session proved himself just now. */
  confirm({ session }: SignedIn): void {
    const now = this.#deps.clock.nowMs();
    for (const [key, until] of this.#confirmed) if (until <= now) this.#confirmed.delete(key);
    this.#confirmed.set(hex(session.token), now + CONFIRMED_MS);
  }

  /** Milliseconds for which the proof still counts; 0 = none does. */
  confirmedForMs({ session }: SignedIn): number {
    const until = this.#confirmed.get(hex(session.token)) ?? 0;
    return Math.max(0, until - this.#deps.clock.nowMs());
  }

  /** Throws STATE without a fresh proof. */
  assertConfirmed(signedIn: SignedIn): void {
    if (this.confirmedForMs(signedIn) === 0) throw notConfirmed();
  }

  /** Throws STATE where it has as many as it may. */
  async assertRoom({ id }: StoredAccount): Promise<void> {
    const passkeys = await this.#deps.store.read((tx) => tx.accounts.passkeysOf(id));
    if (passkeys.length >= MOST_PASSKEYS)
      throw new DeskError({
        code: 'STATE',
        message: `expected at most ${MOST_PASSKEYS} passkeys of an account: remove one first`,
      });
  }

  /** Throws NOT_FOUND for a passkey that is not the officer's own. */
  async renamePasskey(signedIn: SignedIn, credential: Uint8Array, label: string): Promise<void> {
    this.assertConfirmed(signedIn);
    const name = label.trim();
    if (name === '' || name.length > LABEL_LENGTH)
      refuseFaults([
        { path: 'label', code: 'LENGTH', message: `expected between 1 and ${LABEL_LENGTH} characters` },
      ]);
    await this.#write(
      signedIn,
      'credential.renamed',
      { method: 'passkey', label: name },
      async (tx, { id }) => {
        if (!(await tx.accounts.renamePasskey(id, credential, name))) throw noPasskey();
      },
    );
  }

  /** Throws STATE for the last way in, NOT_FOUND for a passkey that is not the officer's own. */
  async removePasskey(signedIn: SignedIn, credential: Uint8Array): Promise<void> {
    this.assertConfirmed(signedIn);
    await this.#write(signedIn, 'credential.removed', { method: 'passkey' }, async (tx, account) => {
      const passkeys = await tx.accounts.passkeysOf(account.id);
      if (passkeys.length <= 1 && !this.#hasOtherWay(account)) throw lastWay();
      if (!(await tx.accounts.removePasskey(account.id, credential))) throw noPasskey();
    });
  }

  /** Ends every session of the account but this one; the number ended. */
  async endOthers(signedIn: SignedIn): Promise<number> {
    return this.#write(signedIn, 'signin.others-ended', {}, (tx) =>
      this.#deps.sessions.endOthers(tx, signedIn),
    );
  }

  #hasOtherWay(account: StoredAccount): boolean {
    return (
      (account.password !== undefined && account.totp !== undefined) ||
      account.subject !== undefined ||
      (this.#deps.certificates && hasCertificate(account))
    );
  }

  /** One transaction with its row of the audit, on the account as it stands there. */
  #write<Result>(
    { account: { id } }: SignedIn,
    action: string,
    detail: Readonly<Record<string, string>>,
    work: (tx: WriteTx, account: StoredAccount) => Promise<Result>,
  ): Promise<Result> {
    return this.#deps.store.write(async (tx) => {
      const account = await tx.accounts.byId(id);
      if (account === undefined) throw noPasskey();
      const result = await work(tx, account);
      await tx.audit.append([this.#deps.signIn.row(action, account.identity, account, detail)]);
      return result;
    });
  }
}
