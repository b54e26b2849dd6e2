/**
 * Canaries: a record about nothing goes to each partner once an hour, the whole way that real ones take: log, policy,
 * mailbox, the partner's store, and back as its signed receipt. A heartbeat shows that a partner lives; this shows that what
 * is released there arrives (design §6). A partner that has one unanswered gets no second.
 */
import { sleep, Wake } from '../base/async.ts';
import type { Clock, Random } from '../base/clock.ts';
import { Canary } from '../gen/tocsin/record/v1/canary.ts';
import type { OutboxRow, ReadTx, Store, WriteTx } from '../store/index.ts';
import { type Alarm, raise } from './alarms.ts';
import { stateControlRecord } from './control-record.ts';
import type { Directory } from './directory.ts';
import type { ExchangeEvents, LedgerPort } from './ports.ts';

export const CANARY = 'canary';

export interface CanaryOptions {
  /** Between two canaries to one partner. */
  readonly everyMs: number;
  /** Without its receipt for so long, people are told. */
  readonly lateMs: number;
}

export interface CanaryDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly directory: Directory;
  readonly ledger: LedgerPort;
  readonly events: ExchangeEvents;
}

/** The last canary to a partner. */
export interface CanaryTrip {
  readonly sentAt: number;
  /** Milliseconds from release to receipt; absent while it is under way. */
  readonly tookMs?: number;
}

const NONCE_BYTES = 16;
/** Looking is cheap, and an alarm should not be a whole period late. */
const LOOKS_A_PERIOD = 8;
const KEY = 'exchange/canary/';

export class Canaries {
  readonly #deps: CanaryDeps;
  readonly #options: CanaryOptions;
  readonly #wake = new Wake();
  readonly #startedAt: number;

  constructor(deps: CanaryDeps, options: CanaryOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#startedAt = deps.clock.nowMs();
  }

  /** Sends what is due, and tells of what is late, until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const lookMs = Math.max(1, Math.min(this.#options.everyMs, this.#options.lateMs) / LOOKS_A_PERIOD);
    while (!signal.aborted) {
      await this.#wake.wait(Math.min(lookMs, LONGEST_WAIT_MS), signal).catch(() => undefined);
      for (const peer of this.#peers()) {
        if (signal.aborted) return;
        await this.#tend(peer).catch((error: unknown) =>
          this.#deps.events.failed?.({ what: 'canary', peer, error }),
        );
      }
    }
  }

  /** How the last canary to a partner fares; undefined where none was sent yet. */
  trip(tx: ReadTx, peer: string): Promise<CanaryTrip | undefined> {
    return lastRow(tx, peer).then(tripOf);
  }

  /** Sends one now, unless one is under way; resolves with its trip, or undefined where `waitMs` passed first. */
  async send(peer: string, waitMs: number, signal: AbortSignal): Promise<CanaryTrip | undefined> {
    const { store, clock } = this.#deps;
    await store.write((tx) => this.#release(tx, peer));
    const until = clock.nowMs() + waitMs;
    while (clock.nowMs() < until && !signal.aborted) {
      const trip = await store.read((tx) => this.trip(tx, peer));
      if (trip?.tookMs !== undefined) return trip;
      await sleep(POLL_MS, signal).catch(() => undefined);
    }
    return undefined;
  }

  async #tend(peer: string): Promise<void> {
    const { store, clock, events } = this.#deps;
    const now = clock.nowMs();
    const { everyMs, lateMs } = this.#options;
    const row = await store.read((tx) => lastRow(tx, peer));
    const trip = tripOf(row);
    const since = now - (trip?.sentAt ?? this.#startedAt);
    // A clock that was set back must not silence canaries for longer than a period.
    const due = Math.abs(since) >= everyMs;
    const isOpen = trip !== undefined && trip.tookMs === undefined;
    if (isOpen && since >= lateMs) {
      const alarm: Alarm = {
        code: 'CANARY_LATE',
        subject: peer,
        detail: `no receipt from ${peer} for a record about nothing, sent ${Math.round(since / 60_000)} min ago`,
      };
      if (await store.write((tx) => raise(tx, alarm, now))) events.alarm?.(alarm);
      return;
    }
    if (isOpen) return;
    if (trip !== undefined) await store.write((tx) => tx.alarms.clear('CANARY_LATE', peer, now));
    if (due) await store.write((tx) => this.#release(tx, peer));
  }

  /** Writes record, leaf and row in one transaction, as every release. */
  async #release(tx: WriteTx, peer: string): Promise<void> {
    const { random, clock } = this.#deps;
    const before = tripOf(await lastRow(tx, peer));
    if (before !== undefined && before.tookMs === undefined) return;
    const atMs = clock.nowMs();
    const body = Canary.encode({ nonce: Buffer.from(random.bytes(NONCE_BYTES)), at: BigInt(atMs) }).finish();
    const digest = await stateControlRecord(this.#deps, tx, { kind: CANARY, body, to: [peer] }, atMs);
    await tx.meta.set(KEY + peer, digest);
  }

  #peers(): readonly string[] {
    const { directory, clock } = this.#deps;
    return directory
      .roster()
      .activeMembers(clock.nowMs())
      .map((member) => member.node)
      .filter((node) => node !== directory.self);
  }
}

const POLL_MS = 50;
/** Looked at again by then, for clocks are set. */
const LONGEST_WAIT_MS = 24 * 3_600_000;

async function lastRow(tx: ReadTx, peer: string): Promise<OutboxRow | undefined> {
  const digest = await tx.meta.get(KEY + peer);
  if (!digest) return undefined;
  return (await tx.outbox.ofRecord(digest)).find((row) => row.recipient === peer);
}

/** Whatever closed it, an answer it was: a refusal travels the same way as a receipt. */
function tripOf(row: OutboxRow | undefined): CanaryTrip | undefined {
  if (!row) return undefined;
  const isOpen = row.state === 'waiting' || row.state === 'sent';
  return isOpen || row.closedAt === undefined
    ? { sentAt: row.createdAt }
    : { sentAt: row.createdAt, tookMs: row.closedAt - row.createdAt };
}
