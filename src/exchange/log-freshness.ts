/**
 * Whether partners' logs go on: every log signs a checkpoint each tick, whatever is in it. Where the newest that is known here
 * was signed too long ago the log has stopped, is cut off, or an old state of it is shown, validly signed as it may be (T29).
 */
import { sleep } from '../base/async.ts';
import type { Clock } from '../base/clock.ts';
import { claimedTime } from '../ledger/index.ts';
import type { ReadTx, Store } from '../store/index.ts';
import { type Alarm, raise } from './alarms.ts';
import type { Directory } from './directory.ts';
import type { ExchangeEvents } from './ports.ts';

export interface LogFreshnessOptions {
  /** A log of which no younger checkpoint is known is an alarm. More than a quiet link's heartbeat and a tick. */
  readonly staleMs: number;
  readonly lookMs: number;
}

export interface LogFreshnessDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly directory: Directory;
  readonly events: ExchangeEvents;
}

/** A live log that an active partner signs now. */
interface Followed {
  readonly node: string;
  readonly origin: string;
  /** When its newest checkpoint known here was signed, by its own word; undefined where none is known. */
  readonly signedAtMs: number | undefined;
}

export class LogFreshness {
  readonly #deps: LogFreshnessDeps;
  readonly #options: LogFreshnessOptions;
  /** Since when this process follows a log: what it missed while it did not run is no fault of the log. */
  readonly #followedSince = new Map<string, number>();
  readonly #heard = new Set<string>();

  constructor(deps: LogFreshnessDeps, options: LogFreshnessOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  /** The peer lives, whether or not it shows its log. */
  heard(peer: string): void {
    this.#heard.add(peer);
  }

  /** Looks until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.look().catch((error: unknown) =>
        this.#deps.events.failed?.({ what: 'log freshness', peer: '', error }),
      );
      await sleep(this.#options.lookMs, signal).catch(() => undefined);
    }
  }

  /** Raises and takes back what has changed since the last look. */
  async look(): Promise<void> {
    const { store, clock, events } = this.#deps;
    const nowMs = clock.nowMs();
    const { logs, open } = await store.read(async (tx) => ({
      logs: await this.#followed(tx, nowMs),
      open: (await tx.alarms.list({ open: true, code: 'STALE_LOG', limit: 500 })).items,
    }));
    const late: Alarm[] = [];
    // Of a member that has left, or of an incarnation that was closed, nothing is expected any more.
    const settled = open
      .map(({ subject }) => subject)
      .filter((origin) => !logs.some((log) => log.origin === origin));
    for (const log of logs) {
      const isOpen = open.some(({ subject }) => subject === log.origin);
      if (isOpen && this.#isYoung(log, nowMs)) settled.push(log.origin);
      if (!isOpen && this.#isLate(log, nowMs)) late.push(this.#alarm(log));
    }
    if (late.length === 0 && settled.length === 0) return;
    await store.write(async (tx) => {
      for (const alarm of late) await raise(tx, alarm, nowMs);
      for (const origin of settled) await tx.alarms.clear('STALE_LOG', origin, nowMs);
    });
    for (const alarm of late) events.alarm?.(alarm);
  }

  async #followed(tx: ReadTx, nowMs: number): Promise<readonly Followed[]> {
    const { directory } = this.#deps;
    const logs: Followed[] = [];
    for (const { node } of directory.roster().activeMembers(nowMs)) {
      const origin = directory.statementOf(node)?.statement.logOrigin;
      if (node === directory.self || origin === undefined) continue;
      const view = await tx.ledger.newestTied(origin);
      // Who was never heard, and of whom nothing is known, has not begun yet.
      if (!view && !this.#heard.has(node)) continue;
      const signed = view && claimedTime(view.note, origin);
      logs.push({ node, origin, signedAtMs: signed?.ok ? signed.value : undefined });
    }
    return logs;
  }

  #isYoung({ signedAtMs }: Followed, nowMs: number): boolean {
    return signedAtMs !== undefined && nowMs - signedAtMs < this.#options.staleMs;
  }

  #isLate(log: Followed, nowMs: number): boolean {
    // A clock that was set back must not hold this up until it has caught up (T13).
    const since = Math.min(nowMs, this.#followedSince.get(log.origin) ?? nowMs);
    this.#followedSince.set(log.origin, since);
    return !this.#isYoung(log, nowMs) && nowMs - since >= this.#options.staleMs;
  }

  #alarm({ node, origin, signedAtMs }: Followed): Alarm {
    const minutes = (this.#options.staleMs / 60_000).toLocaleString('en', { maximumFractionDigits: 1 });
    const newest =
      signedAtMs === undefined
        ? `${node} shows no checkpoint of its log for ${minutes} min`
        : `the newest checkpoint of ${node} known here was signed at ${new Date(signedAtMs).toISOString()}, more than ${minutes} min ago`;
    return {
      code: 'STALE_LOG',
      subject: origin,
      detail: `${newest}: it has stopped, is cut off, or an old state of its log is shown. Ask ${node}`,
    };
  }
}
