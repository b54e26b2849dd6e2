/** Sign-ins that were sent to the OpenID provider and are not back yet: each of one browser, for one answer, for ten minutes. */
import { base64url } from '../../base/bytes.ts';
import type { Clock, Random } from '../../base/clock.ts';

/** What ties the provider's answer to the browser that asked (RFC 6749 §10.12, RFC 7636, Core §15.5.2). */
export interface Transaction {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  /** Token of the invitation that is answered so; undefined for a sign-in. */
  readonly invitation: string | undefined;
  /** Whose proof is asked for within a session; undefined for a sign-in. */
  readonly confirms: Confirming | undefined;
}

/** A session whose officer is to prove himself anew, for a change of his account. */
export interface Confirming {
  /** Hexadecimal digest of the session's cookie. */
  readonly session: string;
  /** When the proof was asked for by the machine's clock, which times in tokens are judged by: an older one is none. */
  readonly sinceMs: number;
}

const SECRET_BYTES = 32;
const LASTS_MS = 600_000;
/** That wait for an answer; beyond it the oldest is forgotten. */
const WAITING = 2_000;

export const TRANSACTION_SECONDS = LASTS_MS / 1000;

export class Transactions {
  /** By the value of the browser's cookie. */
  readonly #waiting = new Map<string, { readonly transaction: Transaction; readonly until: number }>();
  readonly #clock: Clock;
  readonly #random: Random;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  begin({ invitation, confirms }: Partial<Pick<Transaction, 'invitation' | 'confirms'>> = {}): {
    readonly cookie: string;
    readonly transaction: Transaction;
  } {
    const secret = () => base64url(this.#random.bytes(SECRET_BYTES));
    const cookie = secret();
    const transaction = { state: secret(), nonce: secret(), verifier: secret(), invitation, confirms };
    const [oldest] = this.#waiting.keys();
    if (oldest !== undefined && this.#waiting.size >= WAITING) this.#waiting.delete(oldest);
    this.#waiting.set(cookie, { transaction, until: this.#clock.nowMs() + LASTS_MS });
    return { cookie, transaction };
  }

  /** Counts once, whatever becomes of it; undefined where it is none, or over. */
  take(cookie: string | undefined): Transaction | undefined {
    if (cookie === undefined) return undefined;
    const found = this.#waiting.get(cookie);
    this.#waiting.delete(cookie);
    return found !== undefined && this.#clock.nowMs() < found.until ? found.transaction : undefined;
  }
}
