/**
 * Heartbeats: each side says what it has sent and taken, how new its keys and roster are, and a few logs that it knows.
 * Whatever differs is mended at once: keys and rosters are fetched, gaps are filled, what got lost is sent again. Silence
 * and a clock that is off are alarms, two roots for one size of a log are evidence.
 */
import { sleep, Wake } from '../base/async.ts';
import { equalBytes } from '../base/bytes.ts';
import type { Clock, Random } from '../base/clock.ts';
import { CLOCK_SKEW_MS } from '../base/limits.ts';
import type {
  HeartbeatRequest,
  HeartbeatResponse,
  LanePosition,
} from '../gen/tocsin/exchange/v1/exchange_service.ts';
import type { ReadTx, Store } from '../store/index.ts';
import { applyAcknowledgement } from './acknowledgement.ts';
import { type Alarm, raise } from './alarms.ts';
import type { Directory } from './directory.ts';
import type { PeerKeys } from './keys.ts';
import { judgeKnownLogs, sampleLogs } from './known-logs.ts';
import { LANES, type Lane } from './link.ts';
import type { ExchangeEvents, PeerCalls } from './ports.ts';

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

export interface HeartbeatDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly directory: Directory;
  readonly keys: PeerKeys;
  readonly callsTo: (peer: string) => PeerCalls;
  readonly events: ExchangeEvents;
  /** Ends every call and wait. */
  readonly signal: AbortSignal;
  /** What a peer has taken moved, or it came back: its lanes look again; `back` = send again what it lacks. */
  readonly onPeer: (peer: string, back: boolean) => void;
  /** The peer sent more on a lane than was taken here. */
  readonly onMissing: (peer: string, lane: Lane) => void;
  /** Our store knows less than the peer holds of ours. */
  readonly onBehind: (peer: string, lane: Lane) => void;
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
}

/** What either side says of itself. */
type Claims = Pick<
  HeartbeatRequest,
  'sent' | 'taken' | 'rosterVersion' | 'rosterDigest' | 'statementSequence' | 'prekeySequence' | 'logs'
>;

const CANARY_BYTES = 16;
const AT_ONCE = 8;
const PATIENCE = 10;

export class Heartbeats {
  readonly #deps: HeartbeatDeps;
  readonly #options: HeartbeatOptions;
  readonly #pulses = new Map<string, Pulse>();
  readonly #flights = new Map<string, Promise<boolean>>();
  readonly #wake = new Wake();

  constructor(deps: HeartbeatDeps, options: HeartbeatOptions) {
    this.#deps = deps;
    this.#options = options;
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
      const next = Math.min(...peers.map((peer) => this.#dueAt(peer)), now + this.#options.idleMs);
      const { leastMs, idleMs } = this.#options;
      const waitMs = Math.min(Math.max(leastMs, next - this.#deps.clock.nowMs()), idleMs);
      await this.#wake.wait(waitMs, signal).catch(() => undefined);
    }
    await Promise.all(this.#flights.values());
  }

  /** Answers a peer's heartbeat and learns from it. */
  async answer(peer: string, request: HeartbeatRequest): Promise<HeartbeatResponse> {
    const claims = await this.#claims(peer);
    const pulse = this.#pulseOf(peer);
    pulse.heardAt = this.#deps.clock.nowMs();
    pulse.clockDifferenceMs = Number(request.at) - pulse.heardAt;
    const back = pulse.failures > 0;
    pulse.failures = 0;
    await this.#learn(peer, request, back);
    return { ...claims, at: BigInt(this.#deps.clock.nowMs()), canary: request.canary };
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
      const claims = await this.#claims(peer);
      const canary = Buffer.from(random.bytes(CANARY_BYTES));
      const request: HeartbeatRequest = { ...claims, at: BigInt(startedAt), canary };
      const response = await callsTo(peer).heartbeat(request, { deadlineMs: this.#options.callMs, signal });
      if (!equalBytes(response.canary, canary)) throw new RangeError('the canary did not come back');
      const endedAt = clock.nowMs();
      const back = pulse.heardAt === undefined || pulse.failures > 0;
      pulse.heardAt = endedAt;
      pulse.failures = 0;
      pulse.roundTripMs = endedAt - startedAt;
      pulse.clockDifferenceMs = Math.round(Number(response.at) - (startedAt + endedAt) / 2);
      await this.#learn(peer, response, back);
      return true;
    } catch (error) {
      pulse.failures++;
      events.failed?.({ what: 'heartbeat', peer, error });
      await this.#tellSilence(peer, pulse).catch(() => undefined);
      return false;
    }
  }

  #claims(peer: string): Promise<Claims> {
    const { store, directory, random } = this.#deps;
    const roster = directory.roster();
    return store.read(async (tx) => ({
      ...(await positions(tx, peer)),
      rosterVersion: roster.version,
      rosterDigest: Buffer.from(roster.digest),
      statementSequence: directory.own().statement.sequence,
      prekeySequence: directory.prekeysOf(directory.self)?.bundle.sequence ?? 0n,
      logs: await sampleLogs(tx, random, peer),
    }));
  }

  /** Compares what a peer says with what is held here, and sets right what differs. */
  async #learn(peer: string, claims: Claims, back: boolean): Promise<void> {
    const { directory, events, store, clock } = this.#deps;
    await this.#learnKeys(peer, claims);
    const moved = await this.#learnTaken(peer, claims.taken);
    const alarms: Alarm[] = [...(await this.#learnSent(peer, claims.sent))];
    alarms.push(...(await judgeKnownLogs(this.#deps, peer, claims.logs)));
    const roster = directory.roster();
    if (claims.rosterVersion === roster.version && !equalBytes(claims.rosterDigest, roster.digest)) {
      alarms.push({
        code: 'ROSTER_FORK',
        subject: peer,
        detail: `${peer} uses another roster of version ${roster.version}`,
      });
    }
    const difference = this.#pulseOf(peer).clockDifferenceMs ?? 0;
    if (Math.abs(difference) > CLOCK_SKEW_MS) {
      alarms.push({
        code: 'CLOCK_SKEW',
        subject: peer,
        detail: `the clock of ${peer} differs from ours by ${Math.round(difference / 1_000)} s`,
      });
    }
    if (alarms.length > 0 || back) {
      const at = clock.nowMs();
      const fresh = await store.write(async (tx) => {
        const raised: Alarm[] = [];
        for (const alarm of alarms) if (await raise(tx, alarm, at)) raised.push(alarm);
        if (back) await tx.alarms.clear('LINK_SILENT', peer, at);
        return raised;
      });
      for (const alarm of fresh) events.alarm?.(alarm);
    }
    if (moved || back) this.#deps.onPeer(peer, back);
  }

  async #learnKeys(peer: string, claims: Claims): Promise<void> {
    const { directory, keys } = this.#deps;
    if (claims.rosterVersion > directory.roster().version) await keys.catchUpRoster(peer);
    const statement = directory.statementOf(peer)?.statement;
    const prekeys = directory.prekeysOf(peer)?.bundle;
    const newer =
      !statement ||
      claims.statementSequence > statement.sequence ||
      (claims.prekeySequence > 0n && (!prekeys || claims.prekeySequence > prekeys.sequence));
    if (newer) await keys.refresh(peer);
  }

  /** How far the peer has taken ours; whether that moved anything. */
  async #learnTaken(peer: string, taken: readonly LanePosition[]): Promise<boolean> {
    const { store, clock, events } = this.#deps;
    const news = await store.read(async (tx) => {
      const found: LanePosition[] = [];
      for (const position of taken.slice(0, LANES.length)) {
        if (position.seq === 0n || position.lane > 1) continue;
        const link = await tx.links.out({ recipient: peer, lane: position.lane === 0 ? 0 : 1 });
        const known = link?.incarnation === position.incarnation ? link.ackSeq : 0n;
        if (position.seq !== known) found.push(position);
      }
      return found;
    });
    if (news.length === 0) return false;
    const { moved, alarms } = await store.write(async (tx) => {
      const raised: Alarm[] = [];
      let any = false;
      for (const position of news) {
        const applied = await applyAcknowledgement(tx, peer, position, clock.nowMs());
        any ||= applied.raised;
        if (!applied.alarm) continue;
        if (applied.alarm.code === 'STORE_BEHIND') this.#deps.onBehind(peer, position.lane === 0 ? 0 : 1);
        if (await raise(tx, applied.alarm, clock.nowMs())) raised.push(applied.alarm);
      }
      return { moved: any, alarms: raised };
    });
    for (const alarm of alarms) events.alarm?.(alarm);
    return moved;
  }

  /** How much the peer sent that was not taken here. */
  async #learnSent(peer: string, sent: readonly LanePosition[]): Promise<readonly Alarm[]> {
    const { store, clock } = this.#deps;
    const alarms: Alarm[] = [];
    const links = await store.read(async (tx) => [await tx.links.in(peer, 0), await tx.links.in(peer, 1)]);
    for (const position of sent.slice(0, LANES.length)) {
      if (position.lane > 1) continue;
      const lane = position.lane === 0 ? 0 : 1;
      const link = links[lane];
      const same = link?.incarnation === position.incarnation;
      if (link && same && link.seq === position.seq && !equalBytes(link.digest, position.digest)) {
        alarms.push({
          code: 'EQUIVOCATION',
          subject: peer,
          detail: `${peer} says that manifest ${position.seq} of lane ${lane} is another than the one taken`,
          evidence: [link.digest, position.digest],
        });
      }
      const taken = link && same ? link.seq : 0n;
      const older = link !== undefined && link.incarnation > position.incarnation;
      const quiet = !link || link.heardAt + this.#options.quietMs <= clock.nowMs();
      if (position.seq > taken && !older && quiet) this.#deps.onMissing(peer, lane);
    }
    return alarms;
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

async function positions(tx: ReadTx, peer: string): Promise<Pick<Claims, 'sent' | 'taken'>> {
  const sent: LanePosition[] = [];
  const taken: LanePosition[] = [];
  for (const lane of LANES) {
    const out = await tx.links.out({ recipient: peer, lane });
    if (out) sent.push({ lane, incarnation: out.incarnation, seq: out.seq, digest: Buffer.from(out.digest) });
    const link = await tx.links.in(peer, lane);
    if (link)
      taken.push({ lane, incarnation: link.incarnation, seq: link.seq, digest: Buffer.from(link.digest) });
  }
  return { sent, taken };
}
