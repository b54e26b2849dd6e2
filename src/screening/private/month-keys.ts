/**
 * This node's own keys, one a month: the secret half in a file until the month is over, then nowhere, so that whoever takes the
 * node later can evaluate nothing of before. The public half is kept for good while it may be asked for, and never replaced.
 */
import type { Clock } from '../../base/clock.ts';
import { CLOCK_SKEW_MS } from '../../base/limits.ts';
import type { SignedPrivateMonthKey } from '../../gen/tocsin/exchange/v1/private_screening_service.ts';
import type { Store } from '../../store/index.ts';
import { assertCurrent, monthOf } from './epoch.ts';
import { PrivateScreeningError } from './errors.ts';
import { decodeMonthKey, encodeMonthKey, isSameKey, type SignMonthKey, signMonthKey } from './month-key.ts';
import { newOprfKeyPair, oprfPublicKey } from './oprf.ts';

/** Files of secret keys, mode 0600, by month. `keep` is durable when it resolves. */
export interface SecretMonthKeys {
  read(month: string): Promise<Uint8Array | undefined>;
  keep(month: string, secretKey: Uint8Array): Promise<void>;
  months(): Promise<readonly string[]>;
  remove(month: string): Promise<void>;
}

export interface OwnMonthKey {
  readonly month: string;
  readonly secretKey: Uint8Array;
  readonly announcement: SignedPrivateMonthKey;
}

export interface MonthKeysDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly network: Uint8Array;
  readonly self: string;
  readonly files: SecretMonthKeys;
  readonly sign: SignMonthKey;
}

export class MonthKeys {
  readonly #deps: MonthKeysDeps;
  /** One at a time: two keys for a month must never be made. */
  #last: Promise<unknown> = Promise.resolve();
  #held: OwnMonthKey | undefined;

  constructor(deps: MonthKeysDeps) {
    this.#deps = deps;
  }

  /** The key of a month, made where it is the first time. Throws EPOCH_INVALID, EPOCH_OVER, EPOCH_KEY_LOST. */
  of(month: string): Promise<OwnMonthKey> {
    const next = this.#last.then(async () => {
      assertCurrent(month, this.#deps.clock.nowMs());
      if (this.#held?.month !== month) this.#held = await this.#open(month);
      return this.#held;
    });
    this.#last = next.catch(() => undefined);
    return next;
  }

  /** Removes the secret keys of months that are over. */
  async removeOld(): Promise<void> {
    const { files, clock } = this.#deps;
    const oldest = monthOf(clock.nowMs() - CLOCK_SKEW_MS);
    for (const month of await files.months()) if (month < oldest) await files.remove(month);
  }

  async #open(month: string): Promise<OwnMonthKey> {
    const { store, clock, files, self, network, sign } = this.#deps;
    const kept = await store.read((tx) => tx.privateScreening.keyOf(self, month));
    let secretKey = await files.read(month);
    if (kept !== undefined) {
      // A second key for one month looks to partners as what it would hide: they are told apart by it.
      if (secretKey === undefined || !isSameKey(oprfPublicKey(secretKey), kept.publicKey))
        throw new PrivateScreeningError({
          code: 'EPOCH_KEY_LOST',
          message: `expected the secret key of ${month} that was announced, found ${secretKey === undefined ? 'none' : 'another'}: restore it, or wait for the next month`,
          facts: { month },
        });
      return { month, secretKey, announcement: decodeMonthKey(kept.announcement) };
    }
    // The file comes first: of a key that was announced the secret half is there, whatever is interrupted.
    if (secretKey === undefined) {
      secretKey = newOprfKeyPair().secretKey;
      await files.keep(month, secretKey);
    }
    const publicKey = oprfPublicKey(secretKey);
    const announcement = await signMonthKey({ holder: self, month, publicKey }, network, sign);
    const key = { holder: self, month, publicKey, announcement: encodeMonthKey(announcement) };
    await store.write((tx) => tx.privateScreening.pinKey({ ...key, seenAt: clock.nowMs() }));
    return { month, secretKey, announcement };
  }
}
