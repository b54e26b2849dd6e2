/**
 * What two ends of a link tell each other in a heartbeat, and how whatever differs is mended: keys and rosters are fetched,
 * gaps are filled, what got lost is sent again. What cannot be mended is an alarm.
 */
import { equalBytes } from '../base/bytes.ts';
import type { Clock, Random } from '../base/clock.ts';
import { CLOCK_SKEW_MS } from '../base/limits.ts';
import type { HeartbeatRequest, KnownLog, LanePosition } from '../gen/tocsin/exchange/v1/exchange_service.ts';
import type { LinkIn, ReadTx, Store } from '../store/index.ts';
import { applyAcknowledgement } from './acknowledgement.ts';
import { type Alarm, raise } from './alarms.ts';
import type { Directory } from './directory.ts';
import type { PeerKeys } from './keys.ts';
import { judgeKnownLogs, judgeOwnLogs, type KnownLogDeps, ownLogs, sampleLogs } from './known-logs.ts';
import { LANES, type Lane } from './link.ts';
import type { ExchangeEvents, LedgerPort, PeerCalls } from './ports.ts';

export interface NewsDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly directory: Directory;
  readonly keys: PeerKeys;
  readonly callsTo: (peer: string) => PeerCalls;
  readonly events: ExchangeEvents;
  /** What a peer has taken moved, or it came back: its lanes look again; `back` = send again what it lacks. */
  readonly onPeer: (peer: string, back: boolean) => void;
  /** The peer sent more on a lane than was taken here. */
  readonly onMissing: (peer: string, lane: Lane) => void;
  readonly ledger: LedgerPort;
  /** What the peer says of its own logs. */
  readonly onLogs: (peer: string, logs: readonly KnownLog[]) => void;
  /** Our store knows less than the peer holds of ours. */
  readonly onBehind: (peer: string, lane: Lane) => void;
}

/** What either side says of itself. */
export type Claims = Pick<
  HeartbeatRequest,
  | 'sent'
  | 'taken'
  | 'rosterVersion'
  | 'rosterDigest'
  | 'statementSequence'
  | 'prekeySequence'
  | 'logs'
  | 'ownLogs'
>;

export interface NewsOptions {
  readonly quietMs: number;
  /** Whether our own log may be shown to a peer. */
  readonly mayShow: (peer: string) => boolean;
}

export class PeerNews {
  readonly #deps: NewsDeps;
  readonly #options: NewsOptions;
  readonly #logs: KnownLogDeps;

  constructor(deps: NewsDeps, options: NewsOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#logs = { ...deps, hearsay: new Map() };
  }

  /** What this node says of itself to a peer. */
  claims(peer: string): Promise<Claims> {
    const { store, directory, random } = this.#deps;
    const roster = directory.roster();
    const origins = this.#options.mayShow(peer) ? Object.values(this.#deps.ledger.origins) : [];
    return store.read(async (tx) => ({
      ...(await positions(tx, peer, directory.own().statement.incarnation, this.#deps.clock.nowMs())),
      rosterVersion: roster.version,
      rosterDigest: Buffer.from(roster.digest),
      statementSequence: directory.own().statement.sequence,
      prekeySequence: directory.prekeysOf(directory.self)?.bundle.sequence ?? 0n,
      logs: await sampleLogs(tx, random, peer),
      ownLogs: await ownLogs(tx, origins),
    }));
  }

  /** Compares what a peer says with what is held here, and sets right what differs. */
  async learn(
    peer: string,
    claims: Claims,
    pulse: { back: boolean; clockDifferenceMs: number },
  ): Promise<void> {
    const { back, clockDifferenceMs: difference } = pulse;
    const { events, store, clock } = this.#deps;
    await this.#learnKeys(peer, claims);
    const moved = await this.#learnTaken(peer, claims.taken);
    const alarms: Alarm[] = [...(await this.#learnSent(peer, claims.sent))];
    alarms.push(...(await judgeKnownLogs(this.#logs, peer, claims.logs)));
    alarms.push(...(await judgeOwnLogs(this.#logs, peer, claims.ownLogs)));
    this.#deps.onLogs(peer, claims.ownLogs);
    alarms.push(...(await this.#learnRoster(peer, claims)));
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

  /** The same version under another digest: a fork where the peer can show it, else a peer that is lost. */
  async #learnRoster(peer: string, claims: Claims): Promise<readonly Alarm[]> {
    const { directory, keys, store, clock } = this.#deps;
    const { rosterVersion: version, rosterDigest: digest } = claims;
    if (version < 1n || version > directory.roster().version) return [];
    const { held, isTold } = await store.read(async (tx) => ({
      held: (await tx.directory.rosters(version - 1n))[0],
      isTold: (await tx.alarms.list({ code: 'ROSTER_FORK', open: true })).items.some(
        ({ subject }) => subject === peer,
      ),
    }));
    if (held?.version !== version) return [];
    if (equalBytes(held.digest, digest)) {
      // It came round to the version that is held here.
      if (isTold) await store.write((tx) => tx.alarms.clear('ROSTER_FORK', peer, clock.nowMs()));
      return [];
    }
    if (directory.openFork()) return [];
    const rejected = directory.isRejectedRoster(digest);
    if (!rejected && (await keys.compareRosters(peer))) return [];
    return [
      {
        code: 'ROSTER_FORK',
        subject: peer,
        detail: rejected
          ? `${peer} still uses the roster of version ${version} that was not chosen`
          : `${peer} uses another roster of version ${version}`,
      },
    ];
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
    const { store, clock, events, directory } = this.#deps;
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
        const applied = await applyAcknowledgement(tx, peer, position, {
          incarnation: directory.own().statement.incarnation,
          atMs: clock.nowMs(),
        });
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
        // Its word alone proves nothing: the manifest itself does, when it comes.
        alarms.push({
          code: 'EQUIVOCATION',
          subject: peer,
          detail: `${peer} says that manifest ${position.seq} of lane ${lane} is another than the one taken`,
        });
      }
      const taken = link && same ? link.seq : 0n;
      const older = link !== undefined && link.incarnation > position.incarnation;
      const quiet = !link || link.heardAt + this.#options.quietMs <= clock.nowMs();
      if (position.seq > taken && !older && quiet) this.#deps.onMissing(peer, lane);
    }
    return alarms;
  }
}

async function positions(
  tx: ReadTx,
  peer: string,
  incarnation: number,
  atMs: number,
): Promise<Pick<Claims, 'sent' | 'taken'>> {
  const sent: LanePosition[] = [];
  const taken: LanePosition[] = [];
  for (const lane of LANES) {
    const id = { recipient: peer, lane };
    const out = await tx.links.out(id);
    const more = await tx.outbox.owesRecalls(id, atMs);
    if (out) sent.push({ ...placeOf(lane, out), more });
    // Nothing was sent yet, and something is owed.
    else if (more) sent.push({ lane, incarnation, seq: 0n, digest: Buffer.alloc(0), more });
    const link = await tx.links.in(peer, lane);
    if (link) taken.push({ ...placeOf(lane, link), more: false });
  }
  return { sent, taken };
}

const placeOf = (
  lane: Lane,
  { incarnation, seq, digest }: Pick<LinkIn, 'incarnation' | 'seq' | 'digest'>,
) => ({
  lane,
  incarnation,
  seq,
  digest: Buffer.from(digest),
});
