/**
 * The one key of a holder's month, as who asks believes it: signed by the holder, the first that was seen, and the same that other
 * partners saw. A holder that gives each asker a key of its own tells them apart by it (attack T40).
 */
import { concat, lengthPrefixed } from '../../base/bytes.ts';
import type { Clock } from '../../base/clock.ts';
import type { CallLimits, Directory } from '../../exchange/index.ts';
import type { SignedPrivateMonthKey } from '../../gen/tocsin/exchange/v1/private_screening_service.ts';
import { reasonName } from '../../record/index.ts';
import type { Store } from '../../store/index.ts';
import type { PrivateScreeningCalls } from './buckets.ts';
import { PrivateScreeningError } from './errors.ts';
import { KEY_RULES } from './keys.ts';
import { encodeMonthKey, isSameKey, judgeMonthKey } from './month-key.ts';

/** Alarm: two signed keys of one holder and month. Its evidence is both, each after its length. */
export const PRIVATE_KEY_CHANGED = 'PRIVATE_KEY_CHANGED';

/** A partner that is away holds up nobody's question for longer; it is compared with another time. */
const COMPARE_MS = 3_000;

export interface HolderKeyDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly directory: Directory;
  readonly callsTo: (partner: string) => PrivateScreeningCalls;
  /** Members that are asked which key they saw of a holder. */
  readonly compareWith: () => readonly string[];
}

export interface HolderKey {
  readonly publicKey: Uint8Array;
  /** What the holder lets be screened against is evaluated. */
  readonly ready: boolean;
  /** Questions that may be asked a day, and how many of today's are asked, as the holder says. */
  readonly budget: number;
  readonly used: number;
}

export class HolderKeys {
  readonly #deps: HolderKeyDeps;
  /** `holder month partner`: compared, and found the same. */
  readonly #compared = new Set<string>();

  constructor(deps: HolderKeyDeps) {
    this.#deps = deps;
  }

  /** Throws ANNOUNCEMENT_INVALID, RULES_DIFFER, KEY_CHANGED with an alarm; RpcError where the holder refuses or is away. */
  async of(holder: string, month: string, limits: CallLimits): Promise<HolderKey> {
    const { key, rules, setVersion, budget, used } = await this.#deps
      .callsTo(holder)
      .getMonthKey({ month, holder: '' }, limits);
    const judged = await judgeMonthKey(this.#deps, { holder, month }, key);
    if (!judged.ok || key === undefined)
      throw new PrivateScreeningError({
        code: 'ANNOUNCEMENT_INVALID',
        message: `expected a key of ${month} signed by ${holder}: ${judged.ok ? 'none came' : `${reasonName(judged.reason)}, ${judged.detail}`}`,
        facts: { month },
      });
    if (rules !== KEY_RULES)
      throw new PrivateScreeningError({
        code: 'RULES_DIFFER',
        message: `expected keys of names by the rules ${KEY_RULES}, the partner's are others: both nodes need the same release`,
        facts: { rules: KEY_RULES },
      });
    await this.#pin(holder, month, key, judged.value);
    await this.#compare(holder, month, key, judged.value, limits);
    return { publicKey: judged.value, ready: setVersion.length > 0, budget, used };
  }

  /** The first key that was seen of a month is the only one. */
  async #pin(
    holder: string,
    month: string,
    key: SignedPrivateMonthKey,
    publicKey: Uint8Array,
  ): Promise<void> {
    const { store, clock } = this.#deps;
    const announcement = encodeMonthKey(key);
    const pinned = await store.write((tx) =>
      tx.privateScreening.pinKey({ holder, month, publicKey, announcement, seenAt: clock.nowMs() }),
    );
    if (!isSameKey(pinned.publicKey, publicKey))
      throw await this.#changed(holder, month, pinned.announcement, announcement);
  }

  /** Others saw the same key, or a partner that tells its askers apart is found out by two of them. */
  async #compare(
    holder: string,
    month: string,
    key: SignedPrivateMonthKey,
    publicKey: Uint8Array,
    { signal }: CallLimits,
  ): Promise<void> {
    const { callsTo, compareWith, directory } = this.#deps;
    const markOf = (partner: string) => `${holder} ${month} ${partner}`;
    const partners = compareWith().filter(
      (partner) => partner !== holder && partner !== directory.self && !this.#compared.has(markOf(partner)),
    );
    await Promise.all(
      partners.map(async (partner) => {
        const answer = await callsTo(partner)
          .getMonthKey({ month, holder }, { deadlineMs: COMPARE_MS, ...(signal && { signal }) })
          .catch(() => undefined);
        // Away, or has seen none yet: asked again with the next inquiry.
        if (answer?.key === undefined) return;
        const theirs = await judgeMonthKey(this.#deps, { holder, month }, answer.key);
        if (!theirs.ok) return;
        if (!isSameKey(theirs.value, publicKey))
          throw await this.#changed(holder, month, encodeMonthKey(key), encodeMonthKey(answer.key));
        this.#compared.add(markOf(partner));
      }),
    );
  }

  async #changed(
    holder: string,
    month: string,
    first: Uint8Array,
    second: Uint8Array,
  ): Promise<PrivateScreeningError> {
    const { store, clock } = this.#deps;
    await store.write((tx) =>
      tx.alarms.raise({
        at: clock.nowMs(),
        code: PRIVATE_KEY_CHANGED,
        subject: holder,
        detail: `${holder} signed two keys of private screening for ${month}: with them it can tell its partners apart`,
        evidence: concat(lengthPrefixed(first), lengthPrefixed(second)),
      }),
    );
    return new PrivateScreeningError({
      code: 'KEY_CHANGED',
      message: `expected the one key of ${month} that ${holder} announced first, got another: nothing is asked of it this month`,
      facts: { month },
    });
  }
}
