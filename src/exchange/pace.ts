/** Keeps a stream of bytes to a rate, so that bulk leaves room for lanes. */
import { sleep } from '../base/async.ts';
import type { Clock } from '../base/clock.ts';

/** How long what was saved up in a pause may be spent at once. */
const BURST_MS = 250;

export class Pace {
  readonly #clock: Clock;
  readonly #bytesPerSecond: number;
  #freeAtMs = 0;

  constructor(clock: Clock, bytesPerSecond: number) {
    this.#clock = clock;
    this.#bytesPerSecond = bytesPerSecond;
  }

  /** Resolves when so many bytes more may pass; rejects when the signal aborts. All who ask share the rate. */
  async take(bytes: number, signal: AbortSignal): Promise<void> {
    const now = this.#clock.nowMs();
    const costMs = (bytes * 1_000) / this.#bytesPerSecond;
    // A clock that was set back must not hold everything up until it has caught up (T13).
    const from = Math.min(Math.max(this.#freeAtMs, now - BURST_MS), now + 60_000);
    this.#freeAtMs = from + costMs;
    const waitMs = this.#freeAtMs - now;
    if (waitMs > 0) await sleep(waitMs, signal);
    else signal.throwIfAborted();
  }
}
