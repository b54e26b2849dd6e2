/**
 * Fetches what the directory lacks: key statements by digest, prekeys, newer rosters. Every answer is judged by the
 * directory; a peer that answers nonsense gains nothing but a refusal. One fetch a peer and matter at a time, and not
 * more often than `KEEP_MS`, so that hostile mail cannot make us call in a loop.
 */
import { hex } from '../base/bytes.ts';
import type { Clock } from '../base/clock.ts';
import { LIMITS } from '../base/limits.ts';
import { disbelieved, type Verdict } from '../base/verdict.ts';
import type { Prekey } from '../gen/tocsin/exchange/v1/prekey.ts';
import { SignedRoster } from '../gen/tocsin/record/v1/identity.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import type { VerifiedStatement } from '../identity/index.ts';
import type { Directory } from './directory.ts';
import type { ExchangeEvents, PeerCalls } from './ports.ts';

export interface KeysDeps {
  readonly directory: Directory;
  readonly callsTo: (peer: string) => PeerCalls;
  readonly clock: Clock;
  readonly events: ExchangeEvents;
  /** Ends every call. */
  readonly signal: AbortSignal;
}

const KEEP_MS = 1_000;
const CALL_MS = 10_000;
/** Partners asked for a roster that the one who named it does not show. */
const OTHERS_ASKED = 3;
/** Least time between two such rounds. */
const ROUND_MS = 30_000;
/** A prekey that ends this soon is not sealed to: the clocks may differ. */
const PREKEY_MARGIN_MS = 60_000;
/** Statements in one answer: a chain of predecessors. */
const CHAIN = 64;

export class PeerKeys {
  readonly #deps: KeysDeps;
  readonly #flights = new Map<string, Promise<boolean>>();
  readonly #last = new Map<string, number>();
  /** Peers that answered, when asked last, that they know no roster above ours. */
  readonly #nothingNewer = new Set<string>();

  constructor(deps: KeysDeps) {
    this.#deps = deps;
  }

  /** A statement of `node` by its digest, asked of `peer` where it is not held. STATEMENT_UNKNOWN where nobody gave it. */
  async statement(
    node: string,
    digest: Uint8Array,
    peer: string,
  ): Promise<Verdict<VerifiedStatement, Reason>> {
    const { directory } = this.#deps;
    const named = async (): Promise<Verdict<VerifiedStatement, Reason>> => {
      const held = await directory.statementBy(digest);
      if (!held)
        return disbelieved(Reason.REASON_STATEMENT_UNKNOWN, `no key statement of ${node} with this digest`);
      return held.statement.node === node
        ? { ok: true, value: held }
        : disbelieved(Reason.REASON_WRONG_SENDER, `the key statement named is not one of ${node}`);
    };
    const held = await named();
    if (held.ok || held.reason !== Reason.REASON_STATEMENT_UNKNOWN) return held;
    await this.#once(`statement ${hex(digest)}`, peer, () => this.#fetch(peer, node, digest));
    return named();
  }

  /** The prekey to seal to now, fetched where none is held that is good. */
  async prekey(node: string): Promise<Prekey | undefined> {
    return this.#current(node) ?? ((await this.refresh(node)) ? this.#current(node) : undefined);
  }

  /** Asks a node for its newest statement and prekeys. False where it did not answer. */
  refresh(node: string): Promise<boolean> {
    return this.#once('keys', node, () => this.#fetch(node, node, new Uint8Array(0)));
  }

  /**
   * Fetches and adopts the rosters above the one in use. True where at least one was adopted. Where what a peer shows does not
   * follow, its whole history is compared with ours: it may be the other one of two.
   */
  catchUpRoster(peer: string): Promise<boolean> {
    return this.#once('rosters', peer, async () => {
      const { directory } = this.#deps;
      const before = directory.roster().version;
      const rosters = await this.#rostersAbove(peer, before);
      this.#note(peer, rosters.length === 0);
      if (rosters.length === 0) return false;
      const adopted = await directory.adoptRosters(rosters);
      if (!adopted.ok) {
        this.#refused(peer, adopted.reason, adopted.detail);
        if (adopted.reason === Reason.REASON_ROSTER_UNCHAINED) await this.#compare(peer);
      }
      return directory.roster().version > before;
    });
  }

  /**
   * Catches up from the peer that named a newer roster, and, where that does not help, from a few others: whoever was told
   * of it has it. At most once in half a minute, so that a false claim does not make us ask round for ever.
   */
  async catchUpRosterFromAny(peer: string): Promise<boolean> {
    if (await this.catchUpRoster(peer)) return true;
    const { directory, clock } = this.#deps;
    return this.#once('rosters of others', '', async () => {
      const others = directory
        .roster()
        .activeMembers(clock.nowMs())
        .map(({ node }) => node)
        .filter((node) => node !== peer && node !== directory.self);
      for (const other of others.slice(0, OTHERS_ASKED)) if (await this.catchUpRoster(other)) return true;
      return false;
    });
  }

  /**
   * A peer uses another roster of a version that is held: compares its history with ours. True where that is a fork, or the
   * line that was not chosen.
   */
  compareRosters(peer: string): Promise<boolean> {
    return this.#once('history', peer, () => this.#compare(peer));
  }

  /** Whether a peer that claimed a newer roster answered that it knows none. */
  showsNothingNewer(peer: string): boolean {
    return this.#nothingNewer.has(peer);
  }

  async #compare(peer: string): Promise<boolean> {
    const { directory } = this.#deps;
    const verdict = await directory.offerRosters(
      { rosters: [...(await this.#rostersAbove(peer, 0n))] },
      peer,
    );
    if (!verdict.ok) this.#refused(peer, verdict.reason, verdict.detail);
    return (
      directory.openFork() !== undefined || (!verdict.ok && verdict.reason === Reason.REASON_ROSTER_FORK)
    );
  }

  /** All that a peer shows above a version, page by page, bounded; whoever repeats a short page is not asked again. */
  async #rostersAbove(peer: string, version: bigint): Promise<readonly SignedRoster[]> {
    const { callsTo, signal } = this.#deps;
    const { rosterPage, rosterPageBytes, rosterHistory, rosterHistoryBytes } = LIMITS;
    const found: SignedRoster[] = [];
    for (let bytes = 0; ; ) {
      const { rosters } = await callsTo(peer).getRosters(
        { aboveVersion: version + BigInt(found.length) },
        { deadlineMs: CALL_MS, signal },
      );
      const pageBytes = rosters.reduce((sum, one) => sum + SignedRoster.encode(one).finish().length, 0);
      bytes += pageBytes;
      if (
        rosters.length > rosterPage ||
        found.length + rosters.length > rosterHistory ||
        bytes > rosterHistoryBytes
      ) {
        const most = `${rosterPage} rosters an answer, ${rosterHistory} and ${rosterHistoryBytes} bytes together`;
        this.#refused(peer, Reason.REASON_TOO_LARGE, `expected at most ${most}`);
        return found;
      }
      found.push(...rosters);
      if (rosters.length < rosterPage && pageBytes < rosterPageBytes) return found;
    }
  }

  #note(peer: string, nothingNewer: boolean): void {
    if (nothingNewer) this.#nothingNewer.add(peer);
    else this.#nothingNewer.delete(peer);
  }

  #current(node: string): Prekey | undefined {
    const now = this.#deps.clock.nowMs();
    const best = this.#deps.directory.prekeysOf(node)?.current(now);
    return best && now + PREKEY_MARGIN_MS < Number(best.notAfter) ? best : undefined;
  }

  async #fetch(peer: string, node: string, digest: Uint8Array): Promise<boolean> {
    const { directory, callsTo, signal } = this.#deps;
    const asked = node === peer ? '' : node;
    const answer = await callsTo(peer).getKeys(
      { node: asked, statementDigest: Buffer.from(digest) },
      { deadlineMs: CALL_MS, signal },
    );
    for (const signed of answer.statements.slice(0, CHAIN)) {
      const judged = await directory.judgeAndKeepEarlier(node, signed);
      if (!judged.ok) this.#refused(peer, judged.reason, judged.detail);
    }
    if (answer.prekeys) {
      const judged = await directory.judgeAndKeepPrekeys(node, answer.prekeys);
      if (!judged.ok) this.#refused(peer, judged.reason, judged.detail);
    }
    return true;
  }

  #refused(sender: string, reason: Reason, detail: string): void {
    this.#deps.events.refused?.({ sender, lane: 0, reason, detail });
  }

  /** A peer that cannot be reached is no error here: whoever needs the keys waits and comes back. */
  #once(matter: string, peer: string, work: () => Promise<boolean>): Promise<boolean> {
    const key = `${peer} ${matter}`;
    const flying = this.#flights.get(key);
    if (flying) return flying;
    const now = this.#deps.clock.nowMs();
    // Both ways: a clock that was set back must not silence us until it has caught up (T13).
    const keepMs = matter === 'rosters of others' ? ROUND_MS : KEEP_MS;
    if (Math.abs(now - (this.#last.get(key) ?? Number.NEGATIVE_INFINITY)) < keepMs)
      return Promise.resolve(false);
    const flight = work()
      .catch((error: unknown) => {
        this.#deps.events.failed?.({ what: matter.split(' ')[0] ?? matter, peer, error });
        return false;
      })
      .finally(() => {
        this.#flights.delete(key);
        this.#last.set(key, this.#deps.clock.nowMs());
        this.#forget();
      });
    this.#flights.set(key, flight);
    return flight;
  }

  #forget(): void {
    for (const key of this.#last.keys()) {
      if (this.#last.size <= 4_096) break;
      this.#last.delete(key);
    }
  }
}
