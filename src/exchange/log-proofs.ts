/**
 * Partners' logs as one tree each: what was shown of a log anywhere is tied to this node's own view of it by a proof of the log's
 * owner, and partners' records are carried on to checkpoints that witnesses cosigned (design §4). Records are usable before
 * that; what stays untied, or unwitnessed, for too long is an alarm. What a proof contradicts is a file that convicts.
 */
import { sleep, Wake } from '../base/async.ts';
import { equalBytes } from '../base/bytes.ts';
import type { Clock } from '../base/clock.ts';
import { CLOCK_SKEW_MS } from '../base/limits.ts';
import type { KnownLog as ClaimedLog, ProveLogResponse } from '../gen/tocsin/exchange/v1/exchange_service.ts';
import {
  believedCosignatures,
  keepPartnerCheckpoint,
  logForkOf,
  type ShownCheckpoint,
  type TwoHistories,
  twoHistories,
  type WitnessRule,
  witnessKeysOf,
  witnessRuleOf,
} from '../ledger/index.ts';
import {
  formatNote,
  judgeCheckpointText,
  judgeConsistency,
  judgeInclusion,
  judgeSignedCheckpoint,
  leafHash,
  type SignedCheckpoint,
  splitNote,
} from '../merkle/index.ts';
import { parseLogOrigin } from '../record/index.ts';
import type { ReadTx, Store, StoredRecord, WriteTx } from '../store/index.ts';
import { RpcError, Status } from '../transport/index.ts';
import { type Alarm, raise } from './alarms.ts';
import type { Directory } from './directory.ts';
import { answerRefused } from './errors.ts';
import { logKeysHeld } from './log-keys.ts';
import type { ExchangeEvents, PeerCalls } from './ports.ts';
import { PROVED_RECORDS } from './prove-log.ts';
import { isOpen } from './witnessing.ts';

export interface LogProofsOptions {
  readonly callMs: number;
  /** Least time between two looks. */
  readonly leastMs: number;
  /** Between two looks at what is not proved, where no heartbeat gives a reason. */
  readonly lookMs: number;
  /** What is not proved for so long is an alarm. */
  readonly limitMs: number;
}

export interface LogProofsDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly directory: Directory;
  readonly callsTo: (peer: string) => PeerCalls;
  readonly events: ExchangeEvents;
}

/** Answers asked for of one log in one go; the rest comes with the next. */
const ROUNDS = 8;

/** What is to be proved: a checkpoint shown here, and the records that were proved under it. */
interface Subject {
  readonly size: bigint;
  readonly shown: ShownCheckpoint | undefined;
  readonly records: readonly StoredRecord[];
}

/** What one look has asked about already without an end. */
interface Passed {
  readonly sizes: Set<bigint>;
  position: bigint;
}

const REFUSALS: ReadonlySet<number> = new Set([Status.FAILED_PRECONDITION, Status.NOT_FOUND]);

/** What an answer came to. */
type Outcome =
  /** This node's view of the log moved meanwhile: to be judged again. */
  | { readonly kind: 'moved' }
  | { readonly kind: 'proved'; readonly witnessed: boolean }
  | { readonly kind: 'fork'; readonly fork: TwoHistories }
  | { readonly kind: 'unproved'; readonly detail: string };

export class LogProofs {
  readonly #deps: LogProofsDeps;
  readonly #options: LogProofsOptions;
  readonly #wake = new Wake();
  /** Largest size that its owner claims of a log. */
  readonly #claimed = new Map<string, bigint>();
  /** Logs with news since the last look. */
  readonly #news = new Set<string>();

  constructor(deps: LogProofsDeps, options: LogProofsOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  /** What a peer says of its own logs. */
  learn(peer: string, logs: readonly ClaimedLog[]): void {
    // Those that its statement names, and no others: what a peer may have us ask for, and keep, is bounded by that.
    const named = this.#deps.directory.statementOf(peer)?.statement;
    for (const { origin, size } of logs.slice(0, 2)) {
      if (origin !== named?.logOrigin && origin !== named?.exerciseLogOrigin) continue;
      this.#claimed.set(origin, size);
      this.#news.add(origin);
    }
    if (this.#news.size > 0) this.#wake.wake();
  }

  /** Proves what is to be proved until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(this.#options.leastMs, signal).catch(() => undefined);
      await this.#wake.wait(this.#options.lookMs, signal).catch(() => undefined);
      const news = new Set(this.#news);
      this.#news.clear();
      const origins = await this.#origins(news).catch(() => news);
      for (const origin of origins) {
        if (signal.aborted) return;
        await this.#tend(origin, signal).catch((error: unknown) => {
          if (!signal.aborted)
            this.#deps.events.failed?.({
              what: 'log proof',
              peer: parseLogOrigin(origin)?.node ?? '',
              error,
            });
        });
      }
    }
  }

  /** Logs with news, and those of which something is not proved. */
  async #origins(news: ReadonlySet<string>): Promise<ReadonlySet<string>> {
    const { store, directory } = this.#deps;
    const open = await store.read(async (tx) => [
      ...(await tx.ledger.untiedLogs()),
      ...(await tx.records.unwitnessedLogs()),
    ]);
    return new Set([...news, ...open].filter((origin) => parseLogOrigin(origin)?.node !== directory.self));
  }

  async #tend(origin: string, signal: AbortSignal): Promise<void> {
    const { store, clock, directory } = this.#deps;
    const owner = parseLogOrigin(origin)?.node;
    if (owner === undefined || directory.roster().member(owner) === undefined) return;
    const rule = witnessRuleOf(directory.roster().roster, directory.network, owner);
    const passed: Passed = { sizes: new Set(), position: 0n };
    try {
      for (let round = 0; round < ROUNDS && !signal.aborted; round++) {
        const subject = await store.read((tx) => this.#next(tx, origin, rule, passed));
        if (!subject) return;
        const outcome = await this.#prove(origin, owner, rule, subject, signal);
        if (outcome.kind === 'fork') return await this.#tellFork(origin, owner, outcome.fork);
        if (outcome.kind === 'moved' || (outcome.kind === 'proved' && outcome.witnessed)) continue;
        if (outcome.kind === 'unproved')
          this.#deps.events.failed?.({
            what: 'log proof',
            peer: owner,
            error: answerRefused(outcome.detail),
          });
        // What cannot be proved now, or waits for witnesses, must not hold up the rest.
        passed.sizes.add(subject.size);
        passed.position = subject.records.at(-1)?.position ?? passed.position;
      }
    } finally {
      await this.#judgeAge(origin, rule, clock.nowMs());
    }
  }

  /** First what is not tied, then records that lack witnesses, then the owner's newest checkpoint. */
  async #next(tx: ReadTx, origin: string, rule: WitnessRule, passed: Passed): Promise<Subject | undefined> {
    const untied = (await tx.ledger.untied(origin, ROUNDS)).find(({ size }) => !passed.sizes.has(size));
    if (untied) return { size: untied.size, shown: untied, records: [] };
    const lacks = rule.threshold > 0 ? 'witnesses' : 'tie';
    const query = { logOrigin: origin, lacks, after: passed.position, limit: PROVED_RECORDS } as const;
    const found = await tx.records.unproved(query);
    const [first] = found;
    if (first?.checkpoint) {
      const { checkpoint: note } = first;
      const shown = shownIn(note);
      const same = found.filter(({ checkpoint }) => checkpoint && equalBytes(checkpoint, note));
      if (shown) return { size: shown.size, shown, records: same };
    }
    const claimed = this.#claimed.get(origin) ?? 0n;
    const view = await tx.ledger.newestTied(origin);
    if (passed.sizes.has(claimed) || claimed <= (view?.size ?? 0n)) return undefined;
    return { size: claimed, shown: undefined, records: [] };
  }

  async #prove(
    origin: string,
    owner: string,
    rule: WitnessRule,
    subject: Subject,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const { store, callsTo } = this.#deps;
    const view = await store.read((tx) => tx.ledger.newestTied(origin));
    const request = {
      origin,
      size: subject.size,
      knownSize: view?.size ?? 0n,
      headerDigests: subject.records.map(({ headerDigest }) => Buffer.from(headerDigest)),
    };
    let answer: ProveLogResponse;
    try {
      answer = await callsTo(owner).proveLog(request, { deadlineMs: this.#options.callMs, signal });
    } catch (error) {
      // Its own log is smaller, or another: silence would be the way out of a proof.
      const refused = error instanceof RpcError && REFUSALS.has(error.status);
      if (!refused) throw error;
      return { kind: 'unproved', detail: `${owner} proves nothing of ${origin}: ${error.message}` };
    }
    const judged = await this.#judge(origin, subject, view, answer);
    if (judged.kind !== 'checkpoint') return judged;
    return store.write(async (tx): Promise<Outcome> => {
      if ((await tx.ledger.newestTied(origin))?.size !== view?.size) return { kind: 'moved' };
      const { signed } = judged;
      const witnessed = await this.#keep(tx, {
        origin,
        owner,
        rule,
        subject,
        answer,
        signed,
        view: view?.size ?? 0n,
      });
      return { kind: 'proved', witnessed };
    });
  }

  /** The owner's answer against what was shown here, and against this node's view. */
  async #judge(
    origin: string,
    subject: Subject,
    view: ShownCheckpoint | undefined,
    answer: ProveLogResponse,
  ): Promise<Exclude<Outcome, { kind: 'proved' }> | { kind: 'checkpoint'; signed: SignedCheckpoint }> {
    const { store, directory, clock } = this.#deps;
    const unproved = (detail: string) => ({ kind: 'unproved', detail }) as const;
    const { keys, held } = await store.read(async (tx) => ({
      keys: await logKeysHeld(tx, directory.network, { origin, note: answer.checkpoint }),
      held: await heldIn(tx, origin, answer.checkpoint),
    }));
    if (!keys) return unproved(`no key statement that speaks for ${origin} is held`);
    const signed = judgeSignedCheckpoint({ ...keys, note: answer.checkpoint });
    if (!signed.ok) return unproved(signed.detail);
    const { checkpoint, timestamp } = signed.value;
    if (Number(timestamp) * 1000 > clock.nowMs() + CLOCK_SKEW_MS)
      return unproved("the checkpoint's time lies ahead of this node's clock");
    if (checkpoint.size < subject.size) return unproved(`expected a checkpoint of ${subject.size} or more`);
    const shown = { ...checkpoint, note: answer.checkpoint };
    for (const [other, proof] of [
      [held, []],
      [subject.shown, answer.proof],
      [view, answer.knownProof],
    ] as const) {
      if (!other || other.size === 0n) continue;
      const fork = twoHistories(other, shown, proof);
      if (fork) return { kind: 'fork', fork };
      if (!isLinked(other, shown, proof))
        return unproved(`${origin} is not proved to continue size ${other.size}`);
    }
    return { kind: 'checkpoint', signed: signed.value };
  }

  /** Whether the checkpoint counts as witnessed now. */
  async #keep(
    tx: WriteTx,
    proved: {
      readonly origin: string;
      readonly owner: string;
      readonly rule: WitnessRule;
      readonly subject: Subject;
      readonly answer: ProveLogResponse;
      readonly signed: SignedCheckpoint;
      /** Size of this node's view of the log that the checkpoint was linked to. */
      readonly view: bigint;
    },
  ): Promise<boolean> {
    const { clock } = this.#deps;
    const { origin, owner, rule, subject, answer } = proved;
    const { checkpoint, note } = proved.signed;
    const plain = formatNote(
      note.text,
      note.signatures.filter(({ name }) => name === origin),
    );
    const nowMs = clock.nowMs();
    await keepPartnerCheckpoint(tx, owner, { checkpoint, note: plain, continues: proved.view }, nowMs);
    if (subject.shown) {
      await tx.ledger.tieKnownLog(origin, subject.size);
      await tx.records.tie(origin, subject.shown.note);
    }
    // Of a checkpoint that proves no record here its root is enough.
    if (subject.records.length === 0) return true;
    const counted = await this.#cosigned(tx, proved.signed, rule, nowMs);
    if (rule.threshold === 0 || counted < rule.threshold) return false;
    if (checkpoint.size === subject.size && subject.shown) {
      await tx.records.witness(origin, subject.shown.note);
      return true;
    }
    const again: { headerDigest: Uint8Array; proof: Uint8Array }[] = [];
    for (const [at, record] of subject.records.entries()) {
      const inclusion = answer.inclusions[at];
      if (!inclusion || inclusion.index !== record.leafIndex) continue;
      const leaf = { leafHash: leafHash(record.header), index: inclusion.index, size: checkpoint.size };
      if (judgeInclusion({ ...leaf, proof: inclusion.proof, root: checkpoint.root }).ok)
        again.push({ headerDigest: record.headerDigest, proof: Buffer.concat(inclusion.proof) });
    }
    await tx.records.setProofs(again, plain);
    await tx.records.witness(origin, plain);
    if (subject.shown) await tx.records.dropNote(subject.shown.note);
    return true;
  }

  /** Keeps the cosignatures that count; how many distinct ones the checkpoint has by now. */
  async #cosigned(
    tx: WriteTx,
    { checkpoint, note }: SignedCheckpoint,
    rule: WitnessRule,
    nowMs: number,
  ): Promise<number> {
    const { directory } = this.#deps;
    const witnesses = [];
    for (const [at, node] of rule.nodes.entries()) {
      const newest = directory.statementOf(node)?.statement.witnessKey;
      // A witness whose key was taken back has no other word than its new key's.
      const revoked = newest !== undefined && directory.isRevoked(node, newest, nowMs);
      const keys = revoked
        ? []
        : (await witnessKeysOf(tx, directory.network, node)).map(({ mlDsa44 }) => mlDsa44);
      witnesses.push({ name: rule.names[at] ?? '', keys });
    }
    for (const one of believedCosignatures({ lines: note.signatures, checkpoint, witnesses, nowMs }))
      await tx.ledger.keepCosignature(one);
    const held = await tx.ledger.cosignatures(checkpoint.origin, checkpoint.size);
    return held.filter(({ witness }) => rule.names.includes(witness)).length;
  }

  async #tellFork(origin: string, owner: string, fork: TwoHistories): Promise<void> {
    const { directory } = this.#deps;
    await this.#tell({
      code: 'LOG_FORK',
      subject: origin,
      detail: `${owner} proves a history of its log that contradicts what it signed before`,
      misconduct: {
        network: directory.network,
        self: directory.self,
        nodes: [owner],
        deed: logForkOf(fork),
      },
    });
  }

  /** Whether the owner has declared a later incarnation: what it lost of this log it cannot prove, and is not accused of that. */
  #isClosed(origin: string): boolean {
    const log = parseLogOrigin(origin);
    const declared = log && this.#deps.directory.statementOf(log.node)?.statement.incarnation;
    return log !== undefined && declared !== undefined && log.incarnation < declared;
  }

  /** Whatever was shown, or taken, too long ago and is not proved yet; and what is proved since. */
  async #judgeAge(origin: string, rule: WitnessRule, nowMs: number): Promise<void> {
    const { store } = this.#deps;
    const before = nowMs - this.#options.limitMs;
    const { untied, unwitnessed, open } = await store.read(async (tx) => {
      const query = { logOrigin: origin, lacks: 'witnesses', after: 0n, limit: 1 } as const;
      const [record] = rule.threshold > 0 ? await tx.records.unproved(query) : [];
      return {
        untied: await tx.ledger.longestUntied(origin),
        unwitnessed: record,
        open: {
          untied: await isOpen(tx, 'LOG_UNTIED', origin),
          lost: await isOpen(tx, 'LOG_TAIL_LOST', origin),
          unwitnessed: await isOpen(tx, 'UNWITNESSED', origin),
        },
      };
    });
    const settle = async (late: boolean, isRaised: boolean, alarm: Alarm): Promise<void> => {
      if (late && !isRaised) await this.#tell(alarm);
      if (!late && isRaised) await store.write((tx) => tx.alarms.clear(alarm.code, origin, nowMs));
    };
    const isLate = untied !== undefined && untied.at <= before;
    const isClosed = this.#isClosed(origin);
    await settle(isLate && isClosed, open.lost, {
      code: 'LOG_TAIL_LOST',
      subject: origin,
      detail: `size ${untied?.size ?? 0n}, shown here by another member, was not proved before the owner of the log lost its end and declared a restart: nobody can prove it now`,
      ...(untied && { evidence: [untied.note] }),
    });
    await settle(isLate && !isClosed, open.untied, {
      code: 'LOG_UNTIED',
      subject: origin,
      detail: `size ${untied?.size ?? 0n}, shown here by another member, is not proved by the owner of the log to be a part of it`,
      ...(untied && { evidence: [untied.note] }),
    });
    await settle(unwitnessed !== undefined && unwitnessed.committedAt <= before, open.unwitnessed, {
      code: 'UNWITNESSED',
      subject: origin,
      detail: `records taken since ${new Date(unwitnessed?.committedAt ?? 0).toISOString()} lie under no checkpoint that ${rule.threshold} witnesses cosigned`,
    });
  }

  async #tell(alarm: Alarm): Promise<void> {
    const { store, clock, events } = this.#deps;
    if (await store.write((tx) => raise(tx, alarm, clock.nowMs()))) events.alarm?.(alarm);
  }
}

/** Size and root that a note states; it was believed when it was kept. */
function shownIn(note: Uint8Array): ShownCheckpoint | undefined {
  const halves = splitNote(note);
  const text = halves.ok ? judgeCheckpointText(halves.value.text) : halves;
  return text.ok ? { size: text.value.size, root: text.value.root, note } : undefined;
}

async function heldIn(tx: ReadTx, origin: string, note: Uint8Array): Promise<ShownCheckpoint | undefined> {
  const stated = shownIn(note);
  return stated && (await tx.ledger.knownLog(origin, stated.size));
}

function isLinked(
  one: Pick<ShownCheckpoint, 'size' | 'root'>,
  other: Pick<ShownCheckpoint, 'size' | 'root'>,
  proof: readonly Uint8Array[],
): boolean {
  const [from, to] = one.size <= other.size ? [one, other] : [other, one];
  return judgeConsistency({
    oldSize: from.size,
    newSize: to.size,
    oldRoot: from.root,
    newRoot: to.root,
    proof,
  }).ok;
}
