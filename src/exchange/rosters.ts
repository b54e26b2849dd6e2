/**
 * The roster in use: how another comes into its place, and what stops it. One version after the other, each judged before it
 * is kept, kept with everything that follows from it in one transaction (T15). Two validly signed versions of one number
 * stop the exchange until an operator, agreed with the others, chooses one (design §5).
 */
import { SerialRunner } from '../base/async.ts';
import { equalBytes, hex } from '../base/bytes.ts';
import type { Clock } from '../base/clock.ts';
import { believed, disbelieved, type Verdict } from '../base/verdict.ts';
import { type RosterHistory, SignedRoster } from '../gen/tocsin/record/v1/identity.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import {
  judgeNextRosters,
  judgeRosterFork,
  judgeRosterHistory,
  judgeRosterVersions,
  PROGRAM,
  type ProgramSupport,
  type VerifiedRoster,
} from '../identity/index.ts';
import { sha256 } from '../record/index.ts';
import type { Store, StoredFork, WriteTx } from '../store/index.ts';
import { type Alarm, raise } from './alarms.ts';
import { settleMembership } from './membership.ts';

export interface RostersDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly network: Uint8Array;
  readonly self: string;
  readonly program?: ProgramSupport;
}

/** Where two histories part. */
interface Divergence {
  readonly mine: SignedRoster;
  readonly theirs: SignedRoster;
  /** Index in both. */
  readonly at: number;
  readonly shownBy: string;
}

export class Rosters {
  readonly program: ProgramSupport;
  readonly #deps: RostersDeps;
  readonly #turn = new SerialRunner<'roster'>();
  readonly #onRoster = new Set<(roster: VerifiedRoster) => void>();
  readonly #onAlarm = new Set<(alarm: Alarm) => void>();
  #roster: VerifiedRoster;
  #forks: readonly StoredFork[];

  private constructor(deps: RostersDeps, roster: VerifiedRoster, forks: readonly StoredFork[]) {
    this.#deps = deps;
    this.program = deps.program ?? PROGRAM;
    this.#roster = roster;
    this.#forks = forks;
  }

  /** Judges once more what the store holds: a store that was tampered with must not widen trust. */
  static async open(deps: RostersDeps): Promise<Verdict<Rosters, Reason>> {
    const { rows, forks } = await deps.store.read(async (tx) => ({
      rows: await tx.directory.rosters(),
      forks: await tx.membership.forks(),
    }));
    const history = { rosters: rows.map((row) => SignedRoster.decode(row.body)) };
    const { network: networkDigest, program = PROGRAM } = deps;
    const judged = judgeRosterHistory({ networkDigest, history, program });
    return judged.ok ? believed(new Rosters(deps, judged.value, forks)) : judged;
  }

  get inUse(): VerifiedRoster {
    return this.#roster;
  }

  /** The fork that stops the exchange; undefined where there is none, or every one is resolved. */
  get openFork(): StoredFork | undefined {
    return this.#forks.find(({ chosen }) => chosen === undefined);
  }

  /** Whether this is the other one of two rosters between which the operator chose. */
  isRejected(digest: Uint8Array): boolean {
    return this.#forks.some(
      ({ chosen, held, rival }) =>
        chosen !== undefined &&
        !equalBytes(chosen, digest) &&
        (equalBytes(held, digest) || equalBytes(rival, digest)),
    );
  }

  onRoster(listener: (roster: VerifiedRoster) => void): () => void {
    this.#onRoster.add(listener);
    return () => this.#onRoster.delete(listener);
  }

  /** Told after an alarm was raised here. */
  onAlarm(listener: (alarm: Alarm) => void): () => void {
    this.#onAlarm.add(listener);
    return () => this.#onAlarm.delete(listener);
  }

  /** Every version held, oldest first. */
  async history(): Promise<RosterHistory> {
    const rows = await this.#deps.store.read((tx) => tx.directory.rosters());
    return { rosters: rows.map((row) => SignedRoster.decode(row.body)) };
  }

  /**
   * Adopts the versions that follow the one in use, as far as they are believed; a verdict on the last that was offered.
   * ROSTER_FORK while two rosters of one version are signed and nobody has chosen.
   */
  adopt(signed: readonly SignedRoster[]): Promise<Verdict<VerifiedRoster, Reason>> {
    return this.#turn.run('roster', () => this.#adopt(signed));
  }

  async #adopt(signed: readonly SignedRoster[]): Promise<Verdict<VerifiedRoster, Reason>> {
    if (signed.length === 0) return believed(this.#roster);
    const fork = this.openFork;
    if (fork)
      return disbelieved(
        Reason.REASON_ROSTER_FORK,
        `two rosters of version ${fork.version} are signed: choose one first`,
      );
    const atMs = this.#deps.clock.nowMs();
    const { versions, fault } = judgeNextRosters({
      current: this.#roster,
      signed,
      atMs,
      program: this.program,
    });
    const newest = versions.at(-1);
    if (newest) {
      await this.#use(newest, async (tx) => {
        for (const { version, digest, bytes } of versions)
          await tx.directory.keepRoster({ version, digest, body: bytes });
      });
    }
    if (fault?.reason === Reason.REASON_FORMAT_UNSUPPORTED)
      await this.#raise([{ code: 'ROSTER_UNSUPPORTED', subject: this.#deps.self, detail: fault.detail }]);
    return fault ?? believed(this.#roster);
  }

  /**
   * Compares a whole history with the one held: what lies above is adopted; a version that differs is a fork where both are
   * validly signed, and then the exchange stops. `chosen` = digest of the version that the operator names: resolves.
   * ROSTER_FORK also for a line of versions that was not chosen.
   */
  offer(
    history: RosterHistory,
    shownBy: string,
    chosen?: Uint8Array,
  ): Promise<Verdict<VerifiedRoster, Reason>> {
    return this.#turn.run('roster', () => this.#offer(history, shownBy, chosen));
  }

  async #offer(
    history: RosterHistory,
    shownBy: string,
    chosen: Uint8Array | undefined,
  ): Promise<Verdict<VerifiedRoster, Reason>> {
    const held = await this.history();
    const at = held.rosters.findIndex((one, index) => {
      const other = history.rosters[index];
      return other !== undefined && !equalBytes(one.body, other.body);
    });
    const [mine, theirs] = [held.rosters[at], history.rosters[at]];
    if (chosen && (this.openFork || (mine && theirs)))
      return this.#choose(history, chosen, mine && theirs && { mine, theirs, at, shownBy });
    if (!mine || !theirs) return this.#adopt(history.rosters.slice(held.rosters.length));
    const { network: networkDigest } = this.#deps;
    const common = { rosters: held.rosters.slice(0, at) };
    const before = judgeRosterHistory({ networkDigest, history: common, program: this.program });
    // Version 1 cannot differ: its digest is the network's.
    if (!before.ok) return disbelieved(Reason.REASON_WRONG_NETWORK, 'the history is of another network');
    const fork = judgeRosterFork({ before: before.value, a: mine, b: theirs, program: this.program });
    if (!fork.ok) return fork;
    const { version, a, b, signedBoth } = fork.value;
    if (this.#forks.some((one) => one.version === version && one.chosen !== undefined))
      return disbelieved(Reason.REASON_ROSTER_FORK, `version ${version} is the one that was not chosen here`);
    await this.#stop({ version, held: a.digest, rival: b.digest, rivalBody: b.bytes, shownBy }, signedBoth);
    return disbelieved(Reason.REASON_ROSTER_FORK, `two rosters of version ${version} are signed`);
  }

  async #stop(
    fork: Omit<StoredFork, 'at' | 'chosen' | 'resolvedAt'>,
    signedBoth: readonly string[],
  ): Promise<void> {
    const { store, clock, network, self } = this.#deps;
    const at = clock.nowMs();
    const blame = signedBoth.length > 0 ? `signed by both: ${signedBoth.join(', ')}` : 'nobody signed both';
    const fresh = await store.write(async (tx) => {
      const isNew = await tx.membership.keepFork({ ...fork, at });
      const mine = (await tx.directory.rosters()).find(({ version }) => version === fork.version);
      const alarm: Alarm = {
        code: 'ROSTER_FORK',
        subject: `version ${fork.version}`,
        detail: `two rosters of version ${fork.version} are signed: ${hex(fork.held)} is in use here, ${fork.shownBy} shows ${hex(fork.rival)}; ${blame}. The exchange has stopped: settle with the other governments, then \`tocsin network adopt --resolve\``,
        ...(mine && {
          misconduct: {
            network,
            self,
            nodes: [],
            belowVersion: fork.version,
            deed: {
              $case: 'rosterFork' as const,
              value: { a: SignedRoster.decode(mine.body), b: SignedRoster.decode(fork.rivalBody) },
            },
          },
        }),
      };
      return isNew && (await raise(tx, alarm, at)) ? [alarm] : [];
    });
    const wasOpen = this.openFork !== undefined;
    this.#forks = await store.read((tx) => tx.membership.forks());
    this.#tell(fresh);
    if (!wasOpen) for (const listener of this.#onRoster) listener(this.#roster);
  }

  /** Another line of versions, or ours, is the one: the operator says so. */
  async #choose(
    history: RosterHistory,
    chosen: Uint8Array,
    rival: Divergence | undefined,
  ): Promise<Verdict<VerifiedRoster, Reason>> {
    const { network: networkDigest, clock } = this.#deps;
    const judged = judgeRosterVersions({ networkDigest, history, program: this.program });
    if (!judged.ok) return judged;
    const atMs = clock.nowMs();
    const newest = judged.value.at(-1);
    if (!newest || !judged.value.some(({ digest }) => equalBytes(digest, chosen)))
      return disbelieved(Reason.REASON_ROSTER_FORK, 'the history does not hold the version that is chosen');
    if (newest.isExpired(atMs))
      return disbelieved(Reason.REASON_EXPIRED, 'an expired roster is never adopted');
    await this.#use(newest, async (tx) => {
      const rows = judged.value.map(({ version, digest, bytes }) => ({ version, digest, body: bytes }));
      // Where nobody has shown the other one yet, it is noted now: whoever shows it later is behind, and no new fork.
      if (rival)
        await tx.membership.keepFork({
          version: BigInt(rival.at + 1),
          held: sha256(rival.mine.body),
          rival: sha256(rival.theirs.body),
          rivalBody: SignedRoster.encode(rival.theirs).finish(),
          shownBy: rival.shownBy,
          at: atMs,
        });
      await tx.directory.replaceRosters(1n, rows);
      for (const { version } of (await tx.membership.forks()).filter((fork) => fork.chosen === undefined)) {
        const kept = rows.find((row) => row.version === version);
        if (!kept) continue;
        await tx.membership.resolveFork(version, kept.digest, atMs);
        await tx.alarms.clear('ROSTER_FORK', `version ${version}`, atMs);
      }
    });
    return believed(newest);
  }

  /** Puts a judged version in use, with what it means for members, in the transaction of `keep`. */
  async #use(newest: VerifiedRoster, keep: (tx: WriteTx) => Promise<void>): Promise<void> {
    const { store, clock, self } = this.#deps;
    const atMs = clock.nowMs();
    const raised = await store.write(async (tx) => {
      await keep(tx);
      const alarms = await settleMembership(tx, { self, before: this.#roster, roster: newest, atMs });
      await tx.alarms.clear('ROSTER_BEHIND', self, atMs);
      await tx.alarms.clear('ROSTER_UNSUPPORTED', self, atMs);
      for (const { node } of newest.roster.members) await tx.alarms.clear('ROSTER_CLAIM', node, atMs);
      const fresh: Alarm[] = [];
      for (const alarm of alarms) if (await raise(tx, alarm, atMs)) fresh.push(alarm);
      return fresh;
    });
    this.#forks = await store.read((tx) => tx.membership.forks());
    this.#roster = newest;
    this.#tell(raised);
    for (const listener of this.#onRoster) listener(newest);
  }

  async #raise(alarms: readonly Alarm[]): Promise<void> {
    const { store, clock } = this.#deps;
    const fresh = await store.write(async (tx) => {
      const found: Alarm[] = [];
      for (const alarm of alarms) if (await raise(tx, alarm, clock.nowMs())) found.push(alarm);
      return found;
    });
    this.#tell(fresh);
  }

  #tell(alarms: readonly Alarm[]): void {
    for (const alarm of alarms) for (const listener of this.#onAlarm) listener(alarm);
  }
}
