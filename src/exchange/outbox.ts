/**
 * One lane to one recipient: makes manifests out of the outbox, publishes them in order, and publishes again what nobody
 * acknowledged. It acts on the store alone, so that the first round after a crash is a round like any other:
 *
 * K1 before the COMMIT of a manifest: its rows wait, the next round takes them.
 * K2, K3, K4 between COMMIT and acknowledgement: the manifest is open; whether it lies in the mailbox is not known, so it
 *   is published again under its next attempt number. The recipient takes it once (same number, same digest).
 * K9 a receipt is applied in the transaction that takes it: there is no moment between.
 */
import { backoffMs, Wake } from '../base/async.ts';
import type { Clock, Random } from '../base/clock.ts';
import { TocsinError } from '../base/error.ts';
import type { ParcelItem } from '../gen/tocsin/exchange/v1/parcel.ts';
import type { LaneId, LinkOut, OpenManifest } from '../store/index.ts';
import type { ExchangeEvents, PutOutcome } from './ports.ts';
import type { Prepared } from './prepare.ts';

export interface LaneOptions {
  /** Manifests under way that the recipient has not acknowledged. */
  readonly window: number;
  /** Items in one manifest at most; never above LIMITS.parcelItems. */
  readonly parcelItems: number;
  /** What could not be put into the mailbox is tried again after this, doubling. */
  readonly retryMs: number;
  /** Without an acknowledgement a manifest is published again after this, doubling. */
  readonly resendMs: number;
  readonly resendMaxMs: number;
  /** What was published less than this ago is on its way, whatever the recipient says it holds. */
  readonly graceMs: number;
  /** Acknowledged, but without its receipt: asked for again after this. */
  readonly receiptLateMs: number;
  /** A manifest that its recipient refused as a whole is given up after so many attempts. */
  readonly skipAfter: number;
}

export type ManifestPlace = Pick<OpenManifest, 'incarnation' | 'seq'>;

/** What the lane does with the world; parcels, store and mailbox are joined in lanes.ts. */
export interface LaneActions {
  load(): Promise<{
    readonly link: LinkOut | undefined;
    readonly open: readonly OpenManifest[];
    /** When the next delayed row falls due (R19). */
    readonly dueAt: number | undefined;
  }>;
  prepare(resendAfterMs: number): Promise<Prepared | undefined>;
  /** Seals and puts the manifest into the recipient's mailbox; `items` where they were just made. */
  publish(
    place: ManifestPlace,
    attempt: number,
    items: readonly ParcelItem[] | undefined,
  ): Promise<PutOutcome>;
  setAttempt(place: ManifestPlace, attempts: number, nextAttemptAt: number): Promise<void>;
  /** Asks the recipient how far it is; true where it answered. */
  ask(): Promise<boolean>;
  skip(place: ManifestPlace): Promise<void>;
  /** Gives up what was signed by keys that have ended, and queues its content anew; whether there was any. */
  renew(open: readonly OpenManifest[]): Promise<boolean>;
  /** Why nothing goes out on this lane now; it is woken when that changes. */
  barred(): string | undefined;
}

export interface LaneDeps {
  readonly lane: LaneId;
  readonly actions: LaneActions;
  readonly clock: Clock;
  readonly random: Random;
  readonly events: ExchangeEvents;
  readonly options: LaneOptions;
}

/** How long an idle lane waits without being woken; nothing depends on it. */
const IDLE_MS = 10 * 60_000;

export class LaneWorker {
  readonly wake: Wake = new Wake();
  readonly #deps: LaneDeps;
  /** When a number was last published, or found to be held by the recipient, by this process. */
  readonly #published = new Map<bigint, number>();
  /**
   * How often the recipient refused the parcel of a number, and whether that was looked at. Counted beside the attempts:
   * what a backfill handed over and the recipient refused was no attempt of ours.
   */
  readonly #refused = new Map<bigint, { times: number; isNew: boolean }>();
  /** Numbers that the recipient holds and whose receipt was waited for once. */
  readonly #postponed = new Set<bigint>();
  #publishing: Promise<void> = Promise.resolve();
  #hastened = false;
  #halted: string | undefined;
  #failures = 0;

  constructor(deps: LaneDeps) {
    this.#deps = deps;
  }

  get halted(): string | undefined {
    return this.#halted;
  }

  /** Sends nothing more: a number might be signed twice. For a person, or a new incarnation, to resolve. */
  halt(reason: string): void {
    this.#halted = reason;
  }

  /** The recipient is back, or says that it lacks what we sent: publish that again at once. */
  hasten(): void {
    this.#hastened = true;
    this.wake.wake();
  }

  /** The recipient refused the parcel of this number as a whole. */
  refused(seq: bigint): void {
    this.#refused.set(seq, { times: (this.#refused.get(seq)?.times ?? 0) + 1, isNew: true });
    this.wake.wake();
  }

  /** Runs until the signal aborts. Failures are told and tried again with backoff. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      let waitMs: number;
      try {
        waitMs = await this.#round();
        this.#failures = 0;
      } catch (error) {
        if (error instanceof TocsinError && error.retry === 'fatal') throw error;
        this.#fail('send', error);
        waitMs = this.#backoff(this.#failures++, this.#deps.options.retryMs);
      }
      if (waitMs <= 0) continue;
      await this.wake.wait(waitMs, signal).catch(() => undefined);
    }
    await this.#publishing;
  }

  /** One step; how long to wait before the next where nothing wakes the lane. */
  async #round(): Promise<number> {
    const { actions, clock, options } = this.#deps;
    if (this.#halted !== undefined || actions.barred() !== undefined) return IDLE_MS;
    const { link, open: all, dueAt } = await actions.load();
    const open = all.filter((one) => one.incarnation === link?.incarnation);
    if (await actions.renew(open)) return 0;
    this.#forget(open);
    const acknowledged = link?.ackSeq ?? 0n;
    const hastened = this.#hastened;
    this.#hastened = false;
    const now = clock.nowMs();

    const due = open.filter((one) => this.#isDue(one, acknowledged, now, hastened));
    if (due.length > 0) {
      await this.#publishing;
      await this.#again(due, acknowledged);
      return 0;
    }
    const underWay = open.filter((one) => one.seq > acknowledged).length;
    if (underWay < options.window) {
      const prepared = await actions.prepare(options.resendMs);
      if (prepared) {
        this.#publishInOrder(prepared);
        return 0;
      }
    } else {
      // A full window moves by acknowledgement; the recipient may have nothing of its own to send one with.
      await actions.ask();
    }
    const next = Math.min(...open.map((one) => one.nextAttemptAt), dueAt ?? Infinity, now + IDLE_MS);
    const full = underWay >= options.window ? 1_000 : IDLE_MS;
    return Math.max(1, Math.min(next - now, full));
  }

  #isDue(one: OpenManifest, acknowledged: bigint, now: number, hastened: boolean): boolean {
    if (this.#refused.get(one.seq)?.isNew === true) return true;
    const { resendMaxMs, receiptLateMs } = this.#deps.options;
    // Further ahead than any wait of ours: the clock was set back since (T13).
    if (one.nextAttemptAt <= now || one.nextAttemptAt > now + resendMaxMs + receiptLateMs) return true;
    if (one.seq <= acknowledged) return false;
    const published = this.#published.get(one.seq);
    // After a restart nothing is known of what was under way.
    return published === undefined || (hastened && published + this.#deps.options.graceMs <= now);
  }

  /** Publishes again, in order of numbers, what the recipient still lacks after it was asked. */
  async #again(due: readonly OpenManifest[], acknowledged: bigint): Promise<void> {
    const { actions, clock, options } = this.#deps;
    const answered = await actions.ask();
    const held = answered ? ((await actions.load()).link?.ackSeq ?? acknowledged) : acknowledged;
    for (const one of due) {
      const now = clock.nowMs();
      const refused = this.#refused.get(one.seq);
      if (refused?.isNew === true) {
        refused.isNew = false;
        if (Math.max(one.attempts, refused.times) >= options.skipAfter) {
          await actions.skip(one);
          continue;
        }
      }
      if (one.seq <= held && !this.#postponed.delete(one.seq)) {
        // It is there; only its receipt is not, which waits for the recipient's next checkpoint.
        this.#postponed.add(one.seq);
        this.#published.set(one.seq, now);
        await actions.setAttempt(one, one.attempts, now + options.receiptLateMs);
        continue;
      }
      const attempt = one.attempts + 1;
      // Committed before it is published: an attempt number, and with it a message id, is never used twice (K3).
      await actions.setAttempt(one, attempt, now + this.#backoff(attempt - 1, options.resendMs));
      this.#published.set(one.seq, now);
      await this.#publish(one, attempt, undefined);
    }
  }

  /** Manifests go out in the order of their numbers, while the next one is being made. */
  #publishInOrder(prepared: Prepared): void {
    const { seq, incarnation } = prepared.manifest.manifest;
    this.#published.set(seq, this.#deps.clock.nowMs());
    this.#publishing = this.#publishing.then(() => this.#publish({ seq, incarnation }, 1, prepared.items));
  }

  async #publish(
    place: ManifestPlace,
    attempt: number,
    items: readonly ParcelItem[] | undefined,
  ): Promise<void> {
    const { actions, clock, options } = this.#deps;
    let outcome: PutOutcome | 'failed' = 'failed';
    try {
      outcome = await actions.publish(place, attempt, items);
    } catch (error) {
      this.#fail('publish', error);
    }
    if (outcome === 'stored') return;
    // `duplicate` too: the broker has seen the id, which does not mean that it still holds the parcel (security §0.3).
    try {
      const retryMs = outcome === 'duplicate' ? 0 : this.#backoff(attempt - 1, options.retryMs);
      await actions.setAttempt(place, attempt, clock.nowMs() + retryMs);
    } catch (error) {
      this.#fail('publish', error);
    }
    this.wake.wake();
  }

  #forget(open: readonly OpenManifest[]): void {
    const seqs = new Set(open.map((one) => one.seq));
    for (const known of [this.#published, this.#refused, this.#postponed]) {
      for (const seq of known.keys()) if (!seqs.has(seq)) known.delete(seq);
    }
  }

  #backoff(attempt: number, baseMs: number): number {
    const { options, random } = this.#deps;
    const jitter = () => (random.bytes(1)[0] ?? 0) / 255;
    return backoffMs(attempt, { baseMs, maxMs: options.resendMaxMs }, jitter);
  }

  #fail(what: string, error: unknown): void {
    this.#deps.events.failed?.({ what, peer: this.#deps.lane.recipient, error });
  }
}
