/** Passkeys (W3C WebAuthn Level 3): made for an account that was invited or is signed in, and used without a name. */
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { base64url, fromBase64url } from '../../base/bytes.ts';
import type { Clock, Random } from '../../base/clock.ts';
import type { StoredAccount } from '../../store/index.ts';
import { refuseFaults } from '../errors.ts';
import type { DeskStore } from '../ports.ts';
import { takeInvitation } from './invitations.ts';
import type { SignIn } from './sign-in.ts';
import type { WebSessions } from './web-sessions.ts';

export interface PasskeyDeps {
  readonly store: DeskStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly signIn: SignIn;
  readonly sessions: WebSessions;
  /** Where the console is, as `https://desk.example`: passkeys count there alone. */
  readonly origin: string;
  readonly issuer: string;
}

const CHALLENGE_BYTES = 32;
const CHALLENGE_LASTS_MS = 300_000;
/** Questions that wait for an answer; beyond it the oldest is forgotten. */
const CHALLENGES = 2_000;

type AuthenticationResponse = Parameters<typeof verifyAuthenticationResponse>[0]['response'];
type RegistrationResponse = Parameters<typeof verifyRegistrationResponse>[0]['response'];

/** Challenges given out, each good for one answer. */
export class Challenges {
  readonly #until = new Map<string, number>();
  readonly #clock: Clock;
  readonly #random: Random;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  give(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.#random.bytes(CHALLENGE_BYTES));
    const [oldest] = this.#until.keys();
    if (oldest !== undefined && this.#until.size >= CHALLENGES) this.#until.delete(oldest);
    this.#until.set(base64url(bytes), this.#clock.nowMs() + CHALLENGE_LASTS_MS);
    return bytes;
  }

  readonly take = (challenge: string): boolean => {
    const until = this.#until.get(challenge);
    this.#until.delete(challenge);
    return until !== undefined && this.#clock.nowMs() < until;
  };
}

export class Passkeys {
  readonly #deps: PasskeyDeps;
  readonly #challenges: Challenges;
  readonly #rpId: string;

  constructor(deps: PasskeyDeps) {
    this.#deps = deps;
    this.#challenges = new Challenges(deps.clock, deps.random);
    this.#rpId = new URL(deps.origin).hostname;
  }

  /** What a browser needs to sign in with whichever passkey it has for this console. */
  signInOptions(): Promise<object> {
    return generateAuthenticationOptions({
      rpID: this.#rpId,
      challenge: this.#challenges.give(),
      userVerification: 'required',
    });
  }

  /** Cookie of a new session. Throws UNAUTHENTICATED. */
  async signIn(response: AuthenticationResponse): Promise<string> {
    return this.#deps.signIn.enter(await this.#prove(response), 'passkey');
  }

  /** What a browser needs to prove that its user is still the officer who signed in. */
  async confirmOptions({ id }: Pick<StoredAccount, 'id'>): Promise<object> {
    const kept = await this.#deps.store.read((tx) => tx.accounts.passkeysOf(id));
    return generateAuthenticationOptions({
      rpID: this.#rpId,
      challenge: this.#challenges.give(),
      userVerification: 'required',
      allowCredentials: kept.map(({ credential }) => ({ id: base64url(credential) })),
    });
  }

  /** Throws UNAUTHENTICATED, also for a passkey of another account. */
  async confirm(account: StoredAccount, response: AuthenticationResponse): Promise<void> {
    const { signIn } = this.#deps;
    if ((await this.#prove(response)) !== account.id)
      return signIn.failed('passkey', account.identity, 'passkey of another account');
    await signIn.confirmed(account, 'passkey');
  }

  /** Id of the account whose passkey answered. Throws UNAUTHENTICATED. */
  async #prove(response: AuthenticationResponse): Promise<string> {
    const { store, clock, signIn } = this.#deps;
    const known = await store.read(async (tx) => {
      const passkey = await tx.accounts.passkey(fromBase64urlOrNone(response.id));
      const account = passkey && (await tx.accounts.byId(passkey.account));
      return passkey && account ? { passkey, account } : undefined;
    });
    if (known === undefined) return signIn.failed('passkey', undefined, 'unknown passkey');
    const { passkey, account } = known;
    const verified = await judged(() =>
      verifyAuthenticationResponse({
        response,
        expectedChallenge: this.#challenges.take,
        expectedOrigin: this.#deps.origin,
        expectedRPID: this.#rpId,
        requireUserVerification: true,
        credential: {
          id: base64url(passkey.credential),
          publicKey: new Uint8Array(passkey.publicKey),
          counter: passkey.counter,
        },
      }),
    );
    if (verified === undefined) return signIn.failed('passkey', account.identity, 'wrong proof');
    await store.write((tx) =>
      tx.accounts.keepUse(passkey.credential, verified.authenticationInfo.newCounter, clock.nowMs()),
    );
    return account.id;
  }

  /** What a browser needs to make a passkey for an account. */
  async newOptions(account: Pick<StoredAccount, 'id' | 'name'>): Promise<object> {
    const kept = await this.#deps.store.read((tx) => tx.accounts.passkeysOf(account.id));
    return generateRegistrationOptions({
      rpName: this.#deps.issuer,
      rpID: this.#rpId,
      userName: account.name,
      userDisplayName: account.name,
      userID: new Uint8Array(Buffer.from(account.id, 'hex')),
      challenge: this.#challenges.give(),
      attestationType: 'none',
      excludeCredentials: kept.map(({ credential }) => ({ id: base64url(credential) })),
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    });
  }

  /** Keeps a new passkey; the account counts from then on. Throws INVALID_REQUEST. */
  async add(
    account: StoredAccount,
    response: RegistrationResponse,
    label: string,
    invitation?: string,
  ): Promise<void> {
    const { store, clock, signIn, sessions } = this.#deps;
    const verified = await judged(() =>
      verifyRegistrationResponse({
        response,
        expectedChallenge: this.#challenges.take,
        expectedOrigin: this.#deps.origin,
        expectedRPID: this.#rpId,
        requireUserVerification: true,
      }),
    );
    const credential = verified?.registrationInfo?.credential;
    if (credential === undefined) {
      refuseFaults([
        {
          path: 'response',
          code: 'WRONG',
          message: 'expected a new passkey for this console: make it again',
        },
      ]);
      return;
    }
    await store.write(async (tx) => {
      if (invitation !== undefined) await takeInvitation(tx, clock, invitation);
      await tx.accounts.addPasskey({
        credential: fromBase64url(credential.id),
        account: account.id,
        publicKey: credential.publicKey,
        counter: credential.counter,
        transports: response.response.transports ?? [],
        label,
        createdAt: clock.nowMs(),
      });
      if (account.state === 'invited') await tx.accounts.change(account.id, { state: 'active' });
      sessions.forget(tx, account.id);
      await tx.audit.append([
        signIn.row('credential.set', account.identity, account, { method: 'passkey', label }),
      ]);
    });
  }
}

/** Bytes that no credential has where the text is none. */
function fromBase64urlOrNone(text: string): Uint8Array {
  try {
    return fromBase64url(text);
  } catch {
    return new Uint8Array();
  }
}

/** The library throws for whatever a stranger may send: all of it means that the proof is no proof. */
async function judged<Answer extends { readonly verified: boolean }>(
  judge: () => Promise<Answer>,
): Promise<Answer | undefined> {
  try {
    const answer = await judge();
    return answer.verified ? answer : undefined;
  } catch {
    return undefined;
  }
}
