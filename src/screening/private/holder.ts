/**
 * The side that holds a list: evaluates blinded keys of chosen partners within a budget, and hands out buckets of what it evaluated of
 * its own entries before. It learns who asks how much, never what for.
 */
import { setImmediate } from 'node:timers/promises';
import { sleep } from '../../base/async.ts';
import { equalBytes } from '../../base/bytes.ts';
import type { Clock } from '../../base/clock.ts';
import { CLOCK_SKEW_MS } from '../../base/limits.ts';
import type { SignedPrivateMonthKey } from '../../gen/tocsin/exchange/v1/private_screening_service.ts';
import type { AuditEntry, Store, WriteTx } from '../../store/index.ts';
import { assertCurrent, assertMonth, epochInfo, monthOf } from './epoch.ts';
import { PrivateScreeningError } from './errors.ts';
import { type EvaluatedSet, evaluateSet, type PrivateEntry, type SetShape } from './evaluated-set.ts';
import { KEY_RULES, KEYS_PER_CALL } from './keys.ts';
import { decodeMonthKey } from './month-key.ts';
import type { MonthKeys } from './month-keys.ts';
import { assertElement, type Evaluation, poprf } from './oprf.ts';

export interface HolderDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly network: Uint8Array;
  readonly self: string;
  readonly keys: MonthKeys;
  /** Entries of this node's own whose policy lets the partner screen against them now. */
  readonly entriesFor: (partner: string, signal: AbortSignal) => AsyncIterable<PrivateEntry>;
  /** A set that could not be made, or an old key of our own that could not be removed; it is tried again. */
  readonly onFailure: (partner: string, error: unknown) => void;
}

export interface HolderOptions {
  /** Node ids that may ask. */
  readonly partners: readonly string[];
  /** Questions of one partner a day, UTC. */
  readonly budgetPerDay: number;
  /** Milliseconds between two looks at what a partner may screen against. */
  readonly rebuildMs: number;
}

export interface MonthAnswer {
  readonly key: SignedPrivateMonthKey;
  /** Rules of the keys; empty for another holder's key. */
  readonly rules: string;
  readonly set: SetShape | undefined;
  readonly budget: number;
  readonly used: number;
}

interface BuiltSet {
  readonly month: string;
  readonly set: EvaluatedSet;
}

/** Buckets of one partner a day: each of a question's keys, twice over, since a set may change meanwhile. */
const BUCKETS_PER_QUESTION = 2 * KEYS_PER_CALL;

const dayOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);

export class PrivateHolder {
  readonly #deps: HolderDeps;
  readonly #options: HolderOptions;
  readonly #sets = new Map<string, BuiltSet>();

  constructor(deps: HolderDeps, options: HolderOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  /**
   * The key of a month: our own with what we hold for the asker, or the one that we saw of another holder. Throws NOT_OFFERED,
   * EPOCH_INVALID, EPOCH_OVER, EPOCH_KEY_LOST; undefined where none of that holder was seen.
   */
  async monthKey(asker: string, month: string, holder: string): Promise<MonthAnswer | undefined> {
    const { store, clock, self, keys } = this.#deps;
    this.#admit(asker);
    if (holder !== '' && holder !== self) {
      assertMonth(month);
      const seen = await store.read((tx) => tx.privateScreening.keyOf(holder, month));
      return (
        seen && { key: decodeMonthKey(seen.announcement), rules: '', set: undefined, budget: 0, used: 0 }
      );
    }
    const { announcement } = await keys.of(month);
    const built = this.#sets.get(asker);
    const used = await store.read((tx) =>
      tx.privateScreening.used({
        side: 'holder',
        partner: asker,
        day: dayOf(clock.nowMs()),
        what: 'question',
      }),
    );
    return {
      key: announcement,
      rules: KEY_RULES,
      set: built?.month === month ? built.set : undefined,
      budget: this.#options.budgetPerDay,
      used,
    };
  }

  /**
   * One question of exactly eight elements. It is counted and logged before anything is computed, so that no crash gives one away
   * for nothing. Throws NOT_OFFERED, EPOCH_INVALID, EPOCH_OVER, BATCH_SIZE, ELEMENT_INVALID, BUDGET_SPENT.
   */
  async evaluate(
    asker: string,
    { month, elements }: { readonly month: string; readonly elements: readonly Uint8Array[] },
  ): Promise<Evaluation> {
    const { clock, network, self, keys } = this.#deps;
    this.#admit(asker);
    const atMs = clock.nowMs();
    assertCurrent(month, atMs);
    if (elements.length !== KEYS_PER_CALL)
      throw new PrivateScreeningError({
        code: 'BATCH_SIZE',
        message: `expected exactly ${KEYS_PER_CALL} elements, got ${elements.length}: fill up with blinded random bytes`,
      });
    for (const element of elements) assertElement(element);
    const { secretKey } = await keys.of(month);
    const { budgetPerDay } = this.#options;
    await this.#spend('question', asker, budgetPerDay, (used) => ({
      at: atMs,
      actor: 'node',
      action: 'private-screening.evaluated',
      subject: asker,
      detail: { month, used, budget: budgetPerDay },
    }));
    return poprf(epochInfo({ network, holder: self, asker, month })).evaluate(secretKey, elements);
  }

  /** All of one bucket. Throws NOT_OFFERED, EPOCH_OVER, SET_NOT_READY, SET_CHANGED, BUCKET_INVALID, BUDGET_SPENT. */
  async bucket(
    asker: string,
    {
      month,
      version,
      prefix,
    }: { readonly month: string; readonly version: Uint8Array; readonly prefix: number },
  ): Promise<Uint8Array> {
    this.#admit(asker);
    assertCurrent(month, this.#deps.clock.nowMs());
    const built = this.#sets.get(asker);
    if (built?.month !== month)
      throw new PrivateScreeningError({
        code: 'SET_NOT_READY',
        message: 'what may be screened against is not evaluated yet: ask later',
        retry: 'later',
      });
    if (!equalBytes(built.set.version, version))
      throw new PrivateScreeningError({
        code: 'SET_CHANGED',
        message:
          'what may be screened against has changed: ask for the key of the month, which says its version',
        retry: 'later',
      });
    const bytes = built.set.bucket(prefix);
    await this.#spend('bucket', asker, this.#options.budgetPerDay * BUCKETS_PER_QUESTION);
    return bytes;
  }

  /** Keeps every partner's set in step until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.refresh(signal);
      await sleep(this.#options.rebuildMs, signal).catch(() => undefined);
    }
  }

  /** Makes every partner's set of the present month anew; only keys that were not in it before are evaluated. */
  async refresh(signal: AbortSignal): Promise<void> {
    const { store, clock, keys, self, onFailure } = this.#deps;
    const now = clock.nowMs();
    const month = monthOf(now);
    // A file that cannot be removed now is removed later: it must not end a node.
    await keys.removeOld().catch((error: unknown) => onFailure(self, error));
    await store.write((tx) => tx.privateScreening.forgetBefore(dayOf(now), monthOf(now - CLOCK_SKEW_MS)));
    for (const partner of this.#options.partners) {
      try {
        await this.#build(partner, month, signal);
      } catch (error) {
        if (signal.aborted) return;
        onFailure(partner, error);
      }
    }
  }

  async #build(partner: string, month: string, signal: AbortSignal): Promise<void> {
    const { network, self, keys, entriesFor } = this.#deps;
    const before = this.#sets.get(partner);
    const { secretKey } = await keys.of(month);
    const set = await evaluateSet({
      entries: entriesFor(partner, signal),
      secretKey,
      info: epochInfo({ network, holder: self, asker: partner, month }),
      signal,
      pause: () => setImmediate(undefined),
      ...(before?.month === month && { outputs: before.set.outputs }),
    });
    this.#sets.set(partner, { month, set });
  }

  #admit(asker: string): void {
    if (!this.#options.partners.includes(asker))
      throw new PrivateScreeningError({
        code: 'NOT_OFFERED',
        message: 'private screening is not offered to this node: the two governments agree on it first',
      });
  }

  /** Counts, and keeps what is to be logged, in one transaction. Throws BUDGET_SPENT, whose first one a day is logged. */
  async #spend(
    what: 'question' | 'bucket',
    partner: string,
    limit: number,
    logged?: (used: number) => AuditEntry,
  ): Promise<void> {
    const { store, clock } = this.#deps;
    const at = clock.nowMs();
    const spending = { side: 'holder', partner, day: dayOf(at), what } as const;
    const spent = async (tx: WriteTx): Promise<boolean> => {
      const used = await tx.privateScreening.spend(spending, limit);
      if (used !== undefined) {
        if (logged !== undefined) await tx.audit.append([logged(used)]);
        return true;
      }
      const isFirst = await tx.privateScreening.spend({ ...spending, what: 'refusal' }, 1);
      const action = 'private-screening.refused';
      if (isFirst !== undefined)
        await tx.audit.append([
          { at, actor: 'node', action, subject: partner, detail: { what, budget: limit } },
        ]);
      return false;
    };
    if (await store.write(spent)) return;
    throw new PrivateScreeningError({
      code: 'BUDGET_SPENT',
      message: `expected at most ${limit} ${what}s a day, got more: ask again tomorrow (UTC), or let the governments agree on more`,
      retry: 'later',
      facts: { limit },
    });
  }
}
