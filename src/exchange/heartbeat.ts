/**
 * Heartbeats: when each partner is asked, how it is, and since when it is silent. What the two ends then tell each other is
 * compared in news.ts.
 */
import { sleep, Wake } from '../base/async.ts';
import { equalBytes } from '../base/bytes.ts';
import type { HeartbeatRequest, HeartbeatResponse } from '../gen/tocsin/exchange/v1/exchange_service.ts';
import type { SignedPrekeyGone } from '../gen/tocsin/exchange/v1/prekey.ts';
import { type Alarm, raise } from './alarms.ts';
import { answerRefused } from './errors.ts';
import { type NewsDeps, PeerNews } from './news.ts';
import type { GonePrekeys } from './prekey-gone.ts';

export interface HeartbeatOptions {
  /** Between two heartbeats where traffic was recent, and where it was not. */
  readonly recentMs: number;
  readonly idleMs: number;
  /** Least time between two heartbeats to one peer. */
  readonly leastMs: number;
  readonly callMs: number;
  /** Traffic counts as recent for so long. */
  readonly trafficMs: number;
  /** A lane that took something less than this ago is left alone: the rest may be on its way. */
  readonly quietMs: number;
  /** Without an answer for so long, people are told. */
  readonly silentMs: number;
}

export interface HeartbeatDeps extends NewsDeps {
  readonly gone: GonePrekeys;
  /** Ends every call and wait. */
  readonly signal: AbortSignal;
  /** A peer was heard and compared with; `sent` = how far it has sent. */
  readonly onCompared: (peer: string, sent: HeartbeatRequest['sent']) => void;
  /** Our store is known to be behind what a peer holds. */
  readonly isBehind: () => boolean;
  /** Every active peer was asked once since the start. */
  readonly onRound: () => void;
}

/** What is known of a peer's liveness. */
export interface PeerPulse {
  readonly heardAt?: number;
  /** The peer's clock minus ours, milliseconds. */
  readonly clockDifferenceMs?: number;
  readonly roundTripMs?: number;
  readonly failures: number;
}

interface Pulse {
  heardAt?: number;
  clockDifferenceMs?: number;
  roundTripMs?: number;
  failures: number;
  triedAt: number;
  trafficAt: number;
  firstTriedAt?: number;
  isCompared?: boolean;
}

const CANARY_BYTES = 16;
const AT_ONCE = 8;
const PATIENCE = 10;

export class Heartbeats {
  readonly #deps: HeartbeatDeps;
  readonly #news: PeerNews;
  readonly #options: HeartbeatOptions;
  readonly #pulses = new Map<string, Pulse>();
  readonly #flights = new Map<string, Promise<boolean>>();
  readonly #wake = new Wake();
  #roundDone = false;

  constructor(deps: HeartbeatDeps, options: HeartbeatOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#news = new PeerNews(deps, {
      quietMs: options.quietMs,
      mayShow: (peer) => this.mayShow(peer),
    });
  }

  /**
   * Whether it is known that our store is not behind what this peer holds of ours: it has told since this process started, and
   * every other active peer was asked once. Until then no number is used that may have been used before (T43, T48).
   */
  isCompared(peer: string): boolean {
    return this.#roundDone && this.#pulseOf(peer).isCompared === true;
  }

  /** Whether our own log may be shown to a peer: one that went on from an earlier state would be a second history. */
  mayShow(peer: string): boolean {
    return this.isCompared(peer) && !this.#deps.isBehind();
  }

  pulse(peer: string): PeerPulse {
    return this.#pulseOf(peer);
  }

  /** Something went to, or came from, a peer. */
  touch(peer: string): void {
    const pulse = this.#pulseOf(peer);
    const now = this.#deps.clock.nowMs();
    if (pulse.trafficAt + this.#options.trafficMs < now) this.#wake.wake();
    pulse.trafficAt = now;
  }

  /**
   * Asks a peer now, or a moment later where it was asked a moment ago: what it said then may be old by now. Calls under way
   * are shared. Whether it answers.
   */
  ask(peer: string): Promise<boolean> {
    const flying = this.#flights.get(peer);
    if (flying) return flying;
    const pulse = this.#pulseOf(peer);
    // Both ways: a clock that was set back must not silence us until it has caught up (T13).
    const sinceMs = Math.abs(this.#deps.clock.nowMs() - pulse.triedAt);
    const flight = this.#askAfter(this.#options.leastMs - sinceMs, peer, pulse).finally(() =>
      this.#flights.delete(peer),
    );
    this.#flights.set(peer, flight);
    return flight;
  }

  /** Beats until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const now = this.#deps.clock.nowMs();
      const peers = this.#peers(now);
      const due = peers.filter((peer) => this.#dueAt(peer) <= now);
      for (let at = 0; at < due.length && !signal.aborted; at += AT_ONCE) {
        await Promise.all(due.slice(at, at + AT_ONCE).map((peer) => this.ask(peer)));
      }
      if (!this.#roundDone && !signal.aborted) {
        this.#roundDone = true;
        this.#deps.onRound();
      }
      const next = Math.min(...peers.map((peer) => this.#dueAt(peer)), now + this.#options.idleMs);
      const { leastMs, idleMs } = this.#options;
      const waitMs = Math.min(Math.max(leastMs, next - this.#deps.clock.nowMs()), idleMs);
      await this.#wake.wait(waitMs, signal).catch(() => undefined);
    }
    await Promise.all(this.#flights.values());
  }

  /** Answers a peer's heartbeat and learns from it. */
  async answer(peer: string, request: HeartbeatRequest): Promise<HeartbeatResponse> {
    const claims = await this.#news.claims(peer);
    const pulse = this.#pulseOf(peer);
    pulse.heardAt = this.#deps.clock.nowMs();
    pulse.clockDifferenceMs = Number(request.at) - pulse.heardAt;
    const back = pulse.failures > 0;
    pulse.failures = 0;
    await this.#news.learn(peer, request, { back, clockDifferenceMs: pulse.clockDifferenceMs });
    this.#compared(peer, pulse, request.sent);
    if (request.prekeyGone) void this.#learnGone(peer, request.prekeyGone);
    return { ...claims, at: BigInt(this.#deps.clock.nowMs()), canary: request.canary };
  }

  /** What they cannot open is sealed again at once; the peer does not wait for that with its answer. */
  async #learnGone(peer: string, signed: SignedPrekeyGone): Promise<void> {
    const { gone, events, onPeer } = this.#deps;
    try {
      const learnt = await gone.learn(peer, signed);
      if (learnt.ok) onPeer(peer, true);
      else events.refused?.({ sender: peer, lane: 0, reason: learnt.reason, detail: learnt.detail });
    } catch (error) {
      events.failed?.({ what: 'seal again', peer, error });
    }
  }

  async #askAfter(waitMs: number, peer: string, pulse: Pulse): Promise<boolean> {
    const { signal } = this.#deps;
    if (waitMs > 0) await sleep(waitMs, signal).catch(() => undefined);
    return signal.aborted ? false : this.#ask(peer, pulse);
  }

  async #ask(peer: string, pulse: Pulse): Promise<boolean> {
    const { clock, random, callsTo, events, signal } = this.#deps;
    const startedAt = clock.nowMs();
    pulse.triedAt = startedAt;
    pulse.firstTriedAt ??= startedAt;
    try {
      const claims = await this.#news.claims(peer);
      const canary = Buffer.from(random.bytes(CANARY_BYTES));
      const prekeyGone = await this.#deps.gone.notice(peer);
      const request: HeartbeatRequest = { ...claims, at: BigInt(startedAt), canary, prekeyGone };
      const response = await callsTo(peer).heartbeat(request, { deadlineMs: this.#options.callMs, signal });
      if (!equalBytes(response.canary, canary)) throw answerRefused('the canary did not come back');
      if (prekeyGone) this.#deps.gone.told(peer, prekeyGone);
      const endedAt = clock.nowMs();
      const back = pulse.heardAt === undefined || pulse.failures > 0;
      pulse.heardAt = endedAt;
      pulse.failures = 0;
      pulse.roundTripMs = endedAt - startedAt;
      pulse.clockDifferenceMs = Math.round(Number(response.at) - (startedAt + endedAt) / 2);
      await this.#news.learn(peer, response, { back, clockDifferenceMs: pulse.clockDifferenceMs });
      this.#compared(peer, pulse, response.sent);
      return true;
    } catch (error) {
      pulse.failures++;
      events.failed?.({ what: 'heartbeat', peer, error });
      await this.#tellSilence(peer, pulse).catch(() => undefined);
      return false;
    }
  }

  #compared(peer: string, pulse: Pulse, sent: HeartbeatRequest['sent']): void {
    const first = pulse.isCompared !== true;
    pulse.isCompared = true;
    if (first) this.#deps.onPeer(peer, true);
    this.#deps.onCompared(peer, sent);
  }

  async #tellSilence(peer: string, pulse: Pulse): Promise<void> {
    const { store, clock, events } = this.#deps;
    const now = clock.nowMs();
    const since = pulse.heardAt ?? pulse.firstTriedAt ?? now;
    if (now - since < this.#options.silentMs) return;
    const alarm: Alarm = {
      code: 'LINK_SILENT',
      subject: peer,
      detail: `no answer from ${peer} for ${Math.round((now - since) / 60_000)} min`,
    };
    if (await store.write((tx) => raise(tx, alarm, now))) events.alarm?.(alarm);
  }

  #peers(atMs: number): readonly string[] {
    const { directory } = this.#deps;
    return directory
      .roster()
      .activeMembers(atMs)
      .map((member) => member.node)
      .filter((node) => node !== directory.self);
  }

  #dueAt(peer: string): number {
    const pulse = this.#pulseOf(peer);
    const { recentMs, idleMs, trafficMs } = this.#options;
    // A peer not heard yet is asked often, one that never answers is left to call us itself.
    const unknown = pulse.heardAt === undefined && pulse.failures < PATIENCE;
    const recent = unknown || pulse.trafficAt + trafficMs > this.#deps.clock.nowMs();
    const tried = Math.min(pulse.triedAt, this.#deps.clock.nowMs());
    return tried + (recent ? recentMs : idleMs);
  }

  #pulseOf(peer: string): Pulse {
    const known = this.#pulses.get(peer);
    if (known) return known;
    const pulse: Pulse = {
      failures: 0,
      triedAt: Number.NEGATIVE_INFINITY,
      trafficAt: Number.NEGATIVE_INFINITY,
    };
    this.#pulses.set(peer, pulse);
    return pulse;
  }
}
