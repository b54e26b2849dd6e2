/** Secrets offered to those who were invited, or set up another app, until they show a code: the page asks once and may be loaded again. */
import type { Clock } from '../../base/clock.ts';
import { DeskError } from '../errors.ts';

/** A secret offered with an invitation waits for its first code. */
const OFFERED_LASTS_MS = 3_600_000;
/** Beyond it the one that was offered first is forgotten. */
const OFFERED = 500;

export class Offered {
  /** By id of the account. */
  readonly #secrets = new Map<string, { readonly secret: Uint8Array; readonly until: number }>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  keep(account: string, secret: Uint8Array): void {
    this.#secrets.delete(account);
    const [oldest] = this.#secrets.keys();
    if (oldest !== undefined && this.#secrets.size >= OFFERED) this.#secrets.delete(oldest);
    this.#secrets.set(account, { secret, until: this.#clock.nowMs() + OFFERED_LASTS_MS });
  }

  /** Throws STATE where none was offered, or too long ago. */
  of(account: string): Uint8Array {
    const found = this.#secrets.get(account);
    if (found === undefined || this.#clock.nowMs() >= found.until)
      throw new DeskError({ code: 'STATE', message: 'open the invitation again: its secret is over' });
    return found.secret;
  }
}
