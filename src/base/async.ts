/** Waiting, retrying and ordering. Every loop that waits takes an AbortSignal. */
import { TocsinError } from './error.ts';

/** What a timer of the platform takes, 31 bits: beyond that it fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Runs `then` after `ms`, however many; the result calls it off. */
export function after(ms: number, then: () => void): () => void {
  let timer: NodeJS.Timeout;
  const arm = (left: number): void => {
    const now = Math.min(Math.max(0, left), LONGEST_TIMER_MS);
    timer = setTimeout(() => (left > now && now > 0 ? arm(left - now) : then()), now);
  };
  arm(ms);
  return () => clearTimeout(timer);
}

/** Resolves after `ms`, or rejects with the signal's reason when it aborts first. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = () => {
      callOff();
      reject(signal?.reason);
    };
    const callOff = after(ms, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

export interface Backoff {
  readonly baseMs: number;
  readonly maxMs: number;
}

/** Delay before attempt `attempt` (0 = first retry): doubling up to the maximum, with full jitter in the upper half. */
export function backoffMs(attempt: number, backoff: Backoff, random: () => number = Math.random): number {
  const ceiling = Math.min(backoff.maxMs, backoff.baseMs * 2 ** Math.min(attempt, 30));
  return Math.round(ceiling / 2 + (ceiling / 2) * random());
}

const AGAIN: Backoff = { baseMs: 500, maxMs: 30_000 };

/**
 * Runs a loop that can begin anew, until it resolves. Where it fails with an error whose `retry` is `later`, as on a full disk, it
 * is begun again after a growing pause; any other error rejects.
 */
export async function persevere(
  loop: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
  failed: (error: TocsinError) => void,
  backoff: Backoff = AGAIN,
): Promise<void> {
  for (let attempt = 0; !signal.aborted; attempt++) {
    try {
      return await loop(signal);
    } catch (error) {
      if (!(error instanceof TocsinError) || error.retry !== 'later') throw error;
      failed(error);
    }
    await sleep(backoffMs(attempt, backoff), signal).catch(() => undefined);
  }
}

/** Something that can be woken and waited for; waking before the wait is remembered once. */
export class Wake {
  #pending = false;
  #resolve: (() => void) | undefined;

  wake(): void {
    this.#pending = true;
    this.#resolve?.();
  }

  /** Resolves at the next wake or after `timeoutMs`, whichever is first; rejects when the signal aborts. */
  async wait(timeoutMs: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (!this.#pending) {
      const woken = new Promise<void>((resolve) => {
        this.#resolve = resolve;
      });
      const timer = new AbortController();
      const stop = () => timer.abort(signal.reason);
      signal.addEventListener('abort', stop, { once: true });
      try {
        await Promise.race([woken, sleep(timeoutMs, timer.signal)]);
      } finally {
        signal.removeEventListener('abort', stop);
        timer.abort();
        this.#resolve = undefined;
      }
    }
    this.#pending = false;
  }
}

/** Runs tasks of one key strictly one after the other, tasks of different keys at once. */
export class SerialRunner<Key> {
  readonly #tails = new Map<Key, Promise<unknown>>();

  run<Result>(key: Key, task: () => Promise<Result>): Promise<Result> {
    const before = this.#tails.get(key) ?? Promise.resolve();
    const mine = before.then(task, task);
    const tail = mine.catch(() => undefined);
    this.#tails.set(key, tail);
    void tail.then(() => {
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
    });
    return mine;
  }
}
