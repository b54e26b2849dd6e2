/**
 * Who may speak, as verified here: the roster in use, key statements, prekey bundles. Everything is judged before it is
 * kept, and read from memory afterwards. Knows no network: keys.ts fetches what is missing.
 */
import { equalBytes, hex } from '../base/bytes.ts';
import type { Clock } from '../base/clock.ts';
import { LIMITS } from '../base/limits.ts';
import { believed, disbelieved, type Verdict } from '../base/verdict.ts';
import { PrekeyBundle, SignedPrekeyBundle } from '../gen/tocsin/exchange/v1/prekey.ts';
import {
  type HybridPublicKey,
  KeyStatement,
  type RosterHistory,
  SignedKeyStatement,
  type SignedRoster,
} from '../gen/tocsin/record/v1/identity.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import {
  endOfKey,
  hybridFingerprint,
  isInOverlap,
  judgePrekeyBundle,
  judgeStatement,
  type ProgramSupport,
  rosterPhase,
  type VerifiedPrekeys,
  type VerifiedRoster,
  type VerifiedStatement,
} from '../identity/index.ts';
import { judgeMessage, judgeSigned } from '../record/index.ts';
import type { Store, StoredFork } from '../store/index.ts';
import { type Alarm, raise } from './alarms.ts';
import { ExchangeError } from './errors.ts';
import { Rosters } from './rosters.ts';

export interface DirectoryDeps {
  readonly store: Store;
  readonly clock: Clock;
  /** Network digest, 32 bytes, got out of band. */
  readonly network: Uint8Array;
  /** This node. */
  readonly self: string;
  /** What this program speaks, where it is not the one that runs. */
  readonly program?: ProgramSupport;
}

/** Statements of others kept in memory; older ones are read again from the store. */
const KEPT_STATEMENTS = 4_096;

export class Directory {
  readonly network: Uint8Array;
  readonly self: string;
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #byDigest = new Map<string, VerifiedStatement>();
  readonly #newest = new Map<string, VerifiedStatement>();
  readonly #prekeys = new Map<string, VerifiedPrekeys>();
  readonly #onStanding = new Set<(node: string) => void>();
  readonly #onStatement = new Set<(statement: VerifiedStatement) => void>();
  readonly #onLinkKey = new Set<(node: string) => void>();
  readonly #rosters: Rosters;
  /** Nodes that were told to be out. */
  #out: ReadonlySet<string> = new Set();

  private constructor(deps: DirectoryDeps, rosters: Rosters) {
    this.network = deps.network;
    this.self = deps.self;
    this.#store = deps.store;
    this.#clock = deps.clock;
    this.#rosters = rosters;
    let before = rosters.inUse;
    rosters.onRoster((roster) => {
      this.#judgeAgain(before, roster);
      before = roster;
      this.tellStandings(this.#clock.nowMs());
    });
  }

  /**
   * Opens what the store holds, judged once more: a store that was tampered with must not widen trust. Throws
   * ExchangeError OWN_KEYS_MISSING where the store holds no roster.
   */
  static async open(deps: DirectoryDeps): Promise<Directory> {
    const judged = await Rosters.open(deps);
    if (!judged.ok) {
      throw new ExchangeError({
        code: 'OWN_KEYS_MISSING',
        message: `expected a verified roster in the store, got ${judged.detail}; join the network first`,
        retry: 'fatal',
      });
    }
    const { statements, prekeys } = await deps.store.read(async (tx) => ({
      statements: await tx.directory.newestStatements(),
      prekeys: await tx.directory.allPrekeys(),
    }));
    const directory = new Directory(deps, judged.value);
    for (const row of statements) {
      const statement = directory.#judge(SignedKeyStatement.decode(row.body), row.verifiedAt);
      if (statement.ok) directory.#remember(statement.value);
    }
    for (const row of prekeys) {
      const bundle = await directory.#judgePrekeys(row.node, SignedPrekeyBundle.decode(row.body));
      if (bundle.ok) directory.#prekeys.set(row.node, bundle.value);
    }
    return directory;
  }

  /** The roster in use. */
  roster(): VerifiedRoster {
    return this.#rosters.inUse;
  }

  /** Two validly signed rosters of one version, between which nobody has chosen yet: nothing is exchanged meanwhile. */
  openFork(): StoredFork | undefined {
    return this.#rosters.openFork;
  }

  /** Whether an operator chose against the roster with this digest. */
  isRejectedRoster(digest: Uint8Array): boolean {
    return this.#rosters.isRejected(digest);
  }

  /** Highest format that a node says it speaks; undefined where it said nothing yet. */
  formatOf(node: string): number | undefined {
    return this.#newest.get(node)?.statement.format;
  }

  /** Told after a new roster is in use, or the one in use is disputed; returns how to stop. */
  onRoster(listener: (roster: VerifiedRoster) => void): () => void {
    return this.#rosters.onRoster(listener);
  }

  /** Told of alarms about rosters, after they are kept. */
  onRosterAlarm(listener: (alarm: Alarm) => void): () => void {
    return this.#rosters.onAlarm(listener);
  }

  /** Told of each node once it is no longer an active member; returns how to stop. */
  onStanding(listener: (node: string) => void): () => void {
    this.#onStanding.add(listener);
    return () => this.#onStanding.delete(listener);
  }

  /** Compares the standings of this moment with those told before. */
  tellStandings(atMs: number): void {
    const roster = this.roster();
    const out = new Set(
      roster.roster.members
        .map(({ node }) => node)
        .filter((node) => roster.standingOf(node, atMs) !== 'active'),
    );
    const fresh = [...out].filter((node) => !this.#out.has(node));
    this.#out = out;
    for (const node of fresh) for (const listener of this.#onStanding) listener(node);
  }

  /**
   * Told after a newer statement of a node took its link key out of use at once; one that leaves it an overlap does not.
   * Returns how to stop.
   */
  onLinkKey(listener: (node: string) => void): () => void {
    this.#onLinkKey.add(listener);
    return () => this.#onLinkKey.delete(listener);
  }

  /** Told after another statement is the newest of its node; returns how to stop. */
  onStatement(listener: (statement: VerifiedStatement) => void): () => void {
    this.#onStatement.add(listener);
    return () => this.#onStatement.delete(listener);
  }

  /** This node's own statement. Throws OWN_KEYS_MISSING where none was made yet. */
  own(): VerifiedStatement {
    const own = this.#newest.get(this.self);
    if (own) return own;
    throw new ExchangeError({
      code: 'OWN_KEYS_MISSING',
      message: `expected a key statement of ${this.self} in the store, found none; make one with the national authority`,
      retry: 'fatal',
    });
  }

  /** The newest statement held of a node. */
  statementOf(node: string): VerifiedStatement | undefined {
    return this.#newest.get(node);
  }

  /** The statement with this digest, newest or not; undefined where it was never verified here. */
  async statementBy(digest: Uint8Array): Promise<VerifiedStatement | undefined> {
    const known = this.#byDigest.get(hex(digest));
    if (known) return known;
    const row = await this.#store.read((tx) => tx.directory.statement(digest));
    if (!row) return undefined;
    const judged = this.#judge(SignedKeyStatement.decode(row.body), row.verifiedAt);
    if (!judged.ok) return undefined;
    this.#byDigest.set(hex(digest), judged.value);
    return judged.value;
  }

  /**
   * Judges a statement offered as `node`'s and keeps it as its newest. WRONG_SENDER where it is another's; STATEMENT_STALE
   * where a higher one is held, where another is held under its sequence, or where it does not follow from the one before
   * (a rolled back or forked authority).
   */
  async judgeAndKeep(node: string, signed: SignedKeyStatement): Promise<Verdict<VerifiedStatement, Reason>> {
    const judged = this.#judge(signed, this.#clock.nowMs());
    if (!judged.ok) return judged;
    const statement = judged.value;
    if (statement.statement.node !== node) {
      return disbelieved(
        Reason.REASON_WRONG_SENDER,
        `expected a key statement of ${node}, got another node's`,
      );
    }
    const held = this.#newest.get(statement.statement.node);
    const phase = rosterPhase(this.roster().roster, this.#clock.nowMs());
    if (!held && node !== this.self && (phase === 'expired' || phase === 'lapsed')) {
      return disbelieved(
        Reason.REASON_EXPIRED,
        `${node} has not spoken here yet, and an expired roster admits no new members`,
      );
    }
    if (held && equalBytes(held.digest, statement.digest)) return believed(held);
    if (held) {
      const stale = successionFault(held, statement);
      if (stale && statement.statement.sequence === held.statement.sequence)
        await this.#tellFork(held, statement);
      if (stale) return stale;
    }
    await this.#keep(statement, this.#clock.nowMs());
    this.#remember(statement);
    // First of all our own keyring, so that no signature is made by one key under a statement that names another.
    for (const listener of this.#onStatement) listener(statement);
    if (held && !keepsLinkKey(held, statement, this.#clock.nowMs()))
      for (const listener of this.#onLinkKey) listener(node);
    return believed(statement);
  }

  /**
   * Judges a statement that newer ones replaced, and keeps it beside them: what was signed under it while it held stays
   * verifiable. It never becomes the newest.
   */
  async judgeAndKeepEarlier(
    node: string,
    signed: SignedKeyStatement,
  ): Promise<Verdict<VerifiedStatement, Reason>> {
    const body = judgeSigned('statement', this.network, signed.body);
    if (!body.ok) return body;
    const claim = judgeMessage(
      KeyStatement,
      'tocsin.record.v1.KeyStatement',
      body.value,
      LIMITS.statementBytes,
    );
    if (!claim.ok) return claim;
    // Judged at the last instant of its own validity: it is asked whether it held, not whether it holds.
    const atMs = Math.min(this.#clock.nowMs(), Number(claim.value.notAfter) - 1);
    const judged = this.#judge(signed, atMs);
    if (!judged.ok) return judged;
    if (judged.value.statement.node !== node) {
      return disbelieved(
        Reason.REASON_WRONG_SENDER,
        `expected a key statement of ${node}, got another node's`,
      );
    }
    const held = this.#newest.get(node);
    if (!held || held.statement.sequence < judged.value.statement.sequence) {
      // Our own next statement comes from our own folder, never from a partner: we may not hold its keys.
      if (node === this.self && held)
        return disbelieved(
          Reason.REASON_STATEMENT_STALE,
          `a partner holds our key statement ${judged.value.statement.sequence}, ours is ${held.statement.sequence}`,
        );
      return this.judgeAndKeep(node, signed);
    }
    await this.#keep(judged.value, atMs);
    this.#byDigest.set(hex(judged.value.digest), judged.value);
    return judged;
  }

  /** Whether a newer statement of the node took back this key before `atMs`. */
  isRevoked(node: string, key: HybridPublicKey | undefined, atMs: number): boolean {
    const newest = this.#newest.get(node);
    if (!newest || !key) return !key;
    const end = endOfKey(newest.statement, key);
    return end !== undefined && end <= atMs;
  }

  /**
   * When the newest statement of a node lets a key end that it replaced, milliseconds; undefined where it says nothing of it.
   */
  endOf(node: string, key: HybridPublicKey): number | undefined {
    const newest = this.#newest.get(node);
    return newest && endOfKey(newest.statement, key);
  }

  /** The last bundle that was kept of a node, whoever may believe it still: its number is never used again. */
  lastPrekeysOf(node: string): VerifiedPrekeys | undefined {
    return this.#prekeys.get(node);
  }

  /** Its owner has lost what the bundle offers: whatever it offers next is taken. */
  forgetPrekeys(node: string): void {
    this.#prekeys.delete(node);
  }

  /** The bundle to seal by; one whose signer was taken back meanwhile is none. */
  prekeysOf(node: string): VerifiedPrekeys | undefined {
    const held = this.#prekeys.get(node);
    const signer = held && this.#byDigest.get(hex(held.bundle.statementDigest));
    const ended = signer && this.isRevoked(node, signer.statement.linkKey, this.#clock.nowMs());
    return ended ? undefined : held;
  }

  /**
   * Judges a bundle against the statement that it names, the newest of its node or one that this leaves an overlap, and keeps
   * it where its sequence is higher.
   */
  async judgeAndKeepPrekeys(
    node: string,
    signed: SignedPrekeyBundle,
  ): Promise<Verdict<VerifiedPrekeys, Reason>> {
    const statement = this.#newest.get(node);
    if (!statement)
      return disbelieved(Reason.REASON_STATEMENT_UNKNOWN, `no key statement of ${node} is held`);
    const judged = await this.#judgePrekeys(node, signed);
    if (!judged.ok) return judged;
    const held = this.prekeysOf(node);
    if (held && !this.#isReplaced(held, statement)) {
      if (equalBytes(held.digest, judged.value.digest)) return believed(held);
      // An old bundle served again would have us seal to keys that their owner is about to delete.
      if (judged.value.bundle.sequence <= held.bundle.sequence) {
        return disbelieved(
          Reason.REASON_STATEMENT_STALE,
          'a prekey bundle as high or higher is held already',
        );
      }
    }
    await this.#store.write((tx) =>
      tx.directory.keepPrekeys({
        node,
        sequence: judged.value.bundle.sequence,
        body: judged.value.bytes,
      }),
    );
    this.#prekeys.set(node, judged.value);
    return judged;
  }

  /** Judges the roster that follows the one in use and uses it. ROSTER_ROLLBACK, ROSTER_FORK, … as identity/ says. */
  adoptRoster(signed: SignedRoster): Promise<Verdict<VerifiedRoster, Reason>> {
    return this.#rosters.adopt([signed]);
  }

  /** The same for a run of versions, of which those on the way may have expired meanwhile. */
  adoptRosters(signed: readonly SignedRoster[]): Promise<Verdict<VerifiedRoster, Reason>> {
    return this.#rosters.adopt(signed);
  }

  /** Compares a whole history with the one held, see Rosters.offer. */
  offerRosters(
    history: RosterHistory,
    shownBy: string,
    chosen?: Uint8Array,
  ): Promise<Verdict<VerifiedRoster, Reason>> {
    return this.#rosters.offer(history, shownBy, chosen);
  }

  rosterHistory(): Promise<RosterHistory> {
    return this.#rosters.history();
  }

  /** Statements that stood on an authority which the new roster no longer pins speak for nobody any more. */
  #judgeAgain(before: VerifiedRoster, roster: VerifiedRoster): void {
    for (const [node, statement] of this.#newest) {
      // Without a statement of our own nothing runs at all; that partners refuse it, they say themselves.
      if (node === this.self) continue;
      const [was, is] = [before.member(node), roster.member(node)];
      if (
        was &&
        is &&
        equalBytes(was.authorityCertificate, is.authorityCertificate) &&
        equalBytes(was.authorityKey, is.authorityKey)
      )
        continue;
      const standing = roster.standingOf(node, this.#clock.nowMs());
      if (is && standing !== 'active' && standing !== 'suspended') continue;
      const again = this.#judge(SignedKeyStatement.decode(statement.bytes), this.#clock.nowMs());
      if (again.ok) continue;
      this.#newest.delete(node);
      this.#prekeys.delete(node);
      for (const listener of this.#onLinkKey) listener(node);
    }
  }

  async #judgePrekeys(node: string, signed: SignedPrekeyBundle): Promise<Verdict<VerifiedPrekeys, Reason>> {
    const newest = this.#newest.get(node);
    if (!newest) return disbelieved(Reason.REASON_STATEMENT_UNKNOWN, `no key statement of ${node} is held`);
    const atMs = this.#clock.nowMs();
    const judge = (statement: VerifiedStatement) =>
      judgePrekeyBundle({ network: this.network, statement, signed, atMs });
    const named = prekeySigner(this.network, signed);
    const before = named && !equalBytes(named, newest.digest) ? await this.statementBy(named) : undefined;
    const { linkKey } = before?.statement ?? {};
    // Made before a rotation and not replaced yet: good for as long as its signer's key is.
    const isGood =
      before?.statement.node === node &&
      before.statement.incarnation === newest.statement.incarnation &&
      linkKey !== undefined &&
      isInOverlap(newest.statement, linkKey, atMs);
    return judge(isGood ? before : newest);
  }

  /** Numbers of bundles start anew with an incarnation. */
  #isReplaced(held: VerifiedPrekeys, statement: VerifiedStatement): boolean {
    const before = this.#byDigest.get(hex(held.bundle.statementDigest));
    return before === undefined || before.statement.incarnation < statement.statement.incarnation;
  }

  #judge(signed: SignedKeyStatement, atMs: number): Verdict<VerifiedStatement, Reason> {
    return judgeStatement({ network: this.network, roster: this.roster(), signed, atMs });
  }

  /** Two statements under one sequence convict the authority that signed both. */
  #tellFork(held: VerifiedStatement, other: VerifiedStatement): Promise<unknown> {
    const { node, sequence } = held.statement;
    const [a, b] = [SignedKeyStatement.decode(held.bytes), SignedKeyStatement.decode(other.bytes)];
    const alarm: Alarm = {
      code: 'STATEMENT_FORK',
      subject: node,
      detail: `the authority of ${node} signed two key statements under sequence ${sequence}`,
      misconduct: {
        network: this.network,
        self: this.self,
        nodes: [node],
        deed: { $case: 'statementFork', value: { a, b } },
      },
    };
    return this.#store.write((tx) => raise(tx, alarm, this.#clock.nowMs()));
  }

  /** `verifiedAt`: the instant at which it was found to hold, and is found to hold again by whoever reads it from the store. */
  #keep(statement: VerifiedStatement, verifiedAt: number): Promise<void> {
    return this.#store.write((tx) =>
      tx.directory.keepStatement({
        digest: statement.digest,
        node: statement.statement.node,
        sequence: statement.statement.sequence,
        body: statement.bytes,
        verifiedAt,
      }),
    );
  }

  #remember(statement: VerifiedStatement): void {
    const { node, sequence } = statement.statement;
    this.#byDigest.set(hex(statement.digest), statement);
    const held = this.#newest.get(node);
    if (!held || held.statement.sequence < sequence) this.#newest.set(node, statement);
    for (const digest of this.#byDigest.keys()) {
      if (this.#byDigest.size <= KEPT_STATEMENTS) break;
      this.#byDigest.delete(digest);
    }
  }
}

/** The same link key, or one that the newer statement leaves an overlap. */
function keepsLinkKey(held: VerifiedStatement, newer: VerifiedStatement, atMs: number): boolean {
  const [before, after] = [held.statement.linkKey, newer.statement.linkKey];
  if (!before || !after) return false;
  return (
    equalBytes(hybridFingerprint(before), hybridFingerprint(after)) ||
    isInOverlap(newer.statement, before, atMs)
  );
}

/** The statement that a bundle says signs it, unverified: it tells which of two keys to judge by. */
function prekeySigner(network: Uint8Array, signed: SignedPrekeyBundle): Uint8Array | undefined {
  const body = judgeSigned('prekeys', network, signed.body);
  if (!body.ok) return undefined;
  const type = 'tocsin.exchange.v1.PrekeyBundle';
  const read = judgeMessage(PrekeyBundle, type, body.value, LIMITS.prekeyBundleBytes);
  return read.ok ? read.value.statementDigest : undefined;
}

function successionFault(held: VerifiedStatement, next: VerifiedStatement) {
  const from = held.statement;
  const to = next.statement;
  const stale = (detail: string) =>
    disbelieved(Reason.REASON_STATEMENT_STALE, detail, {
      node: to.node,
      held: String(from.sequence),
      got: String(to.sequence),
    });
  if (to.sequence < from.sequence) return stale('a higher key statement is held already');
  if (to.sequence === from.sequence) return stale('another key statement is held under this sequence');
  if (to.incarnation < from.incarnation) return stale('the incarnation of a key statement never falls');
  // Statements in between may never have reached us; a direct successor must name the one held.
  if (to.sequence === from.sequence + 1n && !equalBytes(to.predecessor, held.digest)) {
    return stale('the key statement does not follow from the one held');
  }
  return undefined;
}
