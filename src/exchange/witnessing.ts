/**
 * Has the node's own logs witnessed (design §4): each checkpoint of a tick goes to the witnesses that the roster names, with the
 * proof that it continues what each cosigned last; their cosignatures come back and are kept. A witness that is away is
 * asked again; one that saw another history of our log says so, and that is an alarm whatever the cause.
 */
import { backoffMs, Wake } from '../base/async.ts';
import { equalBytes } from '../base/bytes.ts';
import type { Clock } from '../base/clock.ts';
import { believedCosignatures, logForkOf, type WitnessRule, witnessRuleOf } from '../ledger/index.ts';
import {
  judgeSignedCheckpoint,
  type NoteSignature,
  parseSignatureLines,
  strictText,
} from '../merkle/index.ts';
import { netToken, witnessName } from '../record/index.ts';
import type { Cosignature, ReadTx, Store, StoredCheckpoint } from '../store/index.ts';
import { RpcError, Status } from '../transport/index.ts';
import { REMEDY } from './acknowledgement.ts';
import { type Alarm, raise } from './alarms.ts';
import type { Directory } from './directory.ts';
import { answerRefused } from './errors.ts';
import { logKeysHeld } from './log-keys.ts';
import type { ExchangeEvents, LedgerPort, PeerCalls, WitnessCalls } from './ports.ts';

export interface WitnessingOptions {
  readonly callMs: number;
  /** Least time between two rounds of one log; all its witnesses are asked about the same checkpoint. */
  readonly leastMs: number;
  /** After a failure, doubling up to the maximum. */
  readonly retryMs: number;
  readonly retryMaxMs: number;
  /** A checkpoint that is not witnessed for so long is an alarm; the same for what partners show us. */
  readonly limitMs: number;
}

export interface WitnessingDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly directory: Directory;
  readonly ledger: LedgerPort;
  readonly witnessOf: (peer: string) => WitnessCalls;
  readonly callsTo: (peer: string) => PeerCalls;
  readonly events: ExchangeEvents;
  /** Whether a member has told what it holds of ours since this process started, and our store knows all of it. */
  readonly mayAsk: (node: string) => boolean;
  /** A witness holds more of our log than our store. */
  readonly onBehind: () => void;
}

/** Sizes of an own log whose cosignatures are kept, beside the last of every day. */
const KEPT = 256;
/** One answer may name a size that moved on meanwhile. */
const ATTEMPTS = 3;
/** Looking is cheap, and an alarm should not be late. */
const LONGEST_WAIT_MS = 60_000;

interface Question {
  readonly oldSize: bigint;
  readonly proof: readonly Uint8Array[];
}

export class Witnessing {
  readonly #deps: WitnessingDeps;
  readonly #options: WitnessingOptions;
  readonly #wake = new Wake();
  /** By log and witness: failures in a row, and when to ask again at the earliest. */
  readonly #failing = new Map<string, { failures: number; againAt: number }>();
  /** By log, when the last round was. */
  readonly #rounds = new Map<string, number>();

  constructor(deps: WitnessingDeps, options: WitnessingOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  /** A checkpoint was made, or the roster changed. */
  wake(): void {
    this.#wake.wake();
  }

  /** Asks until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, ledger, events, directory } = this.#deps;
    while (!signal.aborted) {
      const rule = witnessRuleOf(directory.roster().roster, directory.network, directory.self);
      for (const origin of Object.values(ledger.origins)) {
        if (signal.aborted) return;
        await this.#round(origin, rule, signal).catch((error: unknown) =>
          events.failed?.({ what: 'witness', peer: '', error }),
        );
      }
      const { leastMs, limitMs } = this.#options;
      const now = clock.nowMs();
      const again = [
        ...[...this.#failing.values()].map(({ againAt }) => againAt - now),
        ...[...this.#rounds.values()].map((at) => at + leastMs - now),
      ].filter((ms) => ms > 0);
      const waitMs = Math.min(Math.max(leastMs / 2, Math.min(limitMs, ...again)), LONGEST_WAIT_MS);
      await this.#wake.wait(waitMs, signal).catch(() => undefined);
    }
  }

  /** One checkpoint to all witnesses: cosignatures of different sizes would not add up. */
  async #round(origin: string, rule: WitnessRule, signal: AbortSignal): Promise<void> {
    const { clock, store } = this.#deps;
    const now = clock.nowMs();
    const last = this.#rounds.get(origin);
    // A clock that was set back must not silence us until it has caught up (T13).
    if (last !== undefined && Math.abs(now - last) < this.#options.leastMs) return;
    const tick = await store.read((tx) => tx.ledger.newestCheckpoint(origin, 'tick'));
    // While it is suspended nobody takes anything of a member but recalls (R20).
    const active = this.#deps.directory.roster().standingOf(this.#deps.directory.self, now) === 'active';
    if (tick && active && rule.nodes.length > 0) {
      this.#rounds.set(origin, now);
      await Promise.all(rule.nodes.map((node) => this.#tend(tick, node, signal)));
    }
    await this.#judgeAge(origin, rule);
  }

  async #tend(tick: StoredCheckpoint, node: string, signal: AbortSignal): Promise<void> {
    const { clock, events, directory } = this.#deps;
    const key = `${tick.log} ${node}`;
    const before = this.#failing.get(key);
    const now = clock.nowMs();
    // A clock that was set back must not silence us until it has caught up (T13).
    if (before && before.againAt > now && before.againAt - now <= this.#options.retryMaxMs) return;
    // What our store says may contradict what it said before it was put back: that is to be known first (T43, T48).
    if (directory.roster().standingOf(node, now) !== 'active' || !this.#deps.mayAsk(node)) return;
    try {
      await this.#ask(tick, node, signal);
      this.#failing.delete(key);
    } catch (error) {
      if (signal.aborted) return;
      const failures = (before?.failures ?? 0) + 1;
      const { retryMs: baseMs, retryMaxMs: maxMs } = this.#options;
      this.#failing.set(key, { failures, againAt: now + backoffMs(failures - 1, { baseMs, maxMs }) });
      events.failed?.({ what: 'witness', peer: node, error });
    }
  }

  async #ask(tick: StoredCheckpoint, node: string, signal: AbortSignal): Promise<void> {
    const origin = tick.log;
    const { store, directory, witnessOf } = this.#deps;
    const name = witnessName(netToken(directory.network), node);
    let oldSize: bigint | undefined;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const question = await store.read((tx) => this.#question(tx, tick, name, oldSize));
      if (!question) return;
      const request = {
        oldSize: question.oldSize,
        consistencyProof: question.proof.map((hash) => Buffer.from(hash)),
        checkpoint: Buffer.from(tick.note),
      };
      const limits = { deadlineMs: this.#options.callMs, signal };
      const answer = await witnessOf(node)
        .addCheckpoint(request, limits)
        .catch(async (error: unknown) => {
          if (error instanceof RpcError && error.status === Status.FAILED_PRECONDITION)
            await this.#contradicted(origin, node, question.oldSize);
          throw error;
        });
      if (answer.cosignatures.length > 0) return this.#keep(tick, node, name, answer.cosignatures);
      const newest = await store.read((tx) => tx.ledger.newestCheckpoint(origin));
      if (answer.lastSize > (newest?.size ?? 0n)) return this.#behind(origin, node, answer.lastSize);
      oldSize = answer.lastSize;
    }
    throw answerRefused(`${node} named another size of ${origin} in every answer`);
  }

  /** What to ask, undefined where the witness has cosigned the last tick, or more. */
  async #question(
    tx: ReadTx,
    { log: origin, size }: StoredCheckpoint,
    witness: string,
    lastSize: bigint | undefined,
  ): Promise<Question | undefined> {
    const { ledger } = this.#deps;
    const oldSize = lastSize ?? (await tx.ledger.newestCosignature(origin, witness))?.size ?? 0n;
    // What it cosigned last and we have no line of, it signs again.
    if (oldSize > size || (oldSize === size && lastSize === undefined)) return undefined;
    const proof = oldSize === 0n ? [] : await ledger.consistency(tx, origin, oldSize, size);
    return { oldSize, proof };
  }

  async #keep(tick: StoredCheckpoint, node: string, name: string, lines: Uint8Array): Promise<void> {
    const { store, clock, directory, events } = this.#deps;
    const key = directory.statementOf(node)?.statement.witnessKey;
    const text = strictText(lines);
    const parsed = text === undefined ? undefined : parseSignatureLines(text);
    const signatures: readonly NoteSignature[] = parsed?.ok ? parsed.value : [];
    const [cosignature] = believedCosignatures({
      lines: signatures,
      checkpoint: { origin: tick.log, size: tick.size, root: tick.root },
      witnesses: [{ name, keys: key && !directory.isRevoked(node, key, clock.nowMs()) ? [key.mlDsa44] : [] }],
      nowMs: clock.nowMs(),
    });
    if (!cosignature) throw answerRefused(`${node} answered without a cosignature that verifies`);
    await store.write((tx) => this.#keepOne(tx, cosignature));
    events.witnessed?.({ origin: tick.log, size: tick.size, witness: node });
  }

  async #keepOne(tx: Parameters<Parameters<Store['write']>[0]>[0], cosignature: Cosignature): Promise<void> {
    const { origin, witness } = cosignature;
    await tx.ledger.keepCosignature(cosignature);
    await tx.ledger.pruneCosignatures({ origin, witness, keep: KEPT, alone: false });
  }

  /** The first tick beyond what is witnessed has waited too long, or no longer does. */
  async #judgeAge(origin: string, { nodes, names, threshold }: WitnessRule): Promise<void> {
    const { store, clock, events } = this.#deps;
    if (threshold === 0) return;
    const nowMs = clock.nowMs();
    const { waiting, open, missing } = await store.read(async (tx) => {
      const query = { origin, witnesses: names, threshold, which: 'newest' } as const;
      const size = (await tx.ledger.witnessedSize(query)) ?? 0n;
      const first = await tx.ledger.firstTickAfter(origin, size);
      const held = first && (await tx.ledger.cosignatures(origin, first.size)).map(({ witness }) => witness);
      return {
        waiting: first,
        open: await isOpen(tx, 'UNWITNESSED', origin),
        missing: nodes.filter((_, at) => !held?.includes(names[at] ?? '')),
      };
    });
    const late = waiting !== undefined && waiting.at + this.#options.limitMs <= nowMs;
    if (late === open) return;
    if (!late) {
      await store.write((tx) => tx.alarms.clear('UNWITNESSED', origin, nowMs));
      return;
    }
    const alarm: Alarm = {
      code: 'UNWITNESSED',
      subject: origin,
      detail: `size ${waiting.size} has waited for ${threshold} witnesses since ${new Date(waiting.at).toISOString()}; not heard from ${missing.join(', ')}`,
    };
    if (await store.write((tx) => raise(tx, alarm, nowMs))) events.alarm?.(alarm);
  }

  /** A witness says that it cosigned more of our log than there is: believed only with the note that our own keys signed. */
  async #behind(origin: string, node: string, size: bigint): Promise<void> {
    const shown = await this.#shown(origin, node, size);
    if (!shown) throw answerRefused(`${node} claims a larger size of ${origin} and does not show it`);
    await this.#tell({
      code: 'STORE_BEHIND',
      subject: node,
      detail: `${node} cosigned size ${size} of our log, which our store does not know: restored from a backup? ${REMEDY}`,
    });
    this.#deps.onBehind();
  }

  /** A witness refuses: it saw a tree that ours does not continue. With its note that is proof, against ourselves. */
  async #contradicted(origin: string, node: string, size: bigint): Promise<void> {
    const { store, directory } = this.#deps;
    const shown = await this.#shown(origin, node, size).catch(() => undefined);
    const ours = await store.read((tx) => tx.ledger.checkpoint(origin, size));
    if (shown && ours && !equalBytes(shown.root, ours.root)) {
      await this.#tell({
        code: 'LOG_FORK',
        subject: origin,
        detail: `${node} cosigned another tree of our log at size ${size}: a copy of this node runs, or its log key is used elsewhere`,
        misconduct: {
          network: directory.network,
          self: directory.self,
          nodes: [directory.self],
          deed: logForkOf({ noteA: ours.note, noteB: shown.note }),
        },
      });
      return;
    }
    await this.#tell({
      code: 'WITNESS_REFUSES',
      subject: node,
      detail: `${node} refuses to cosign ${origin}: what it knows of the log is not continued by size ${size}`,
    });
  }

  /** A checkpoint of our log as the witness holds it, signed by our own keys. */
  async #shown(
    origin: string,
    node: string,
    size: bigint,
  ): Promise<{ readonly root: Uint8Array; readonly note: Uint8Array } | undefined> {
    const { store, directory, callsTo } = this.#deps;
    const limits = { deadlineMs: this.#options.callMs };
    const { checkpoints } = await callsTo(node).getCheckpoints({ origin, size }, limits);
    const [note] = checkpoints;
    const keys = note && (await store.read((tx) => logKeysHeld(tx, directory.network, { origin, note })));
    const judged = keys && judgeSignedCheckpoint({ ...keys, note });
    if (note && judged?.ok && judged.value.checkpoint.size === size)
      return { root: judged.value.checkpoint.root, note };
    return undefined;
  }

  async #tell(alarm: Alarm): Promise<void> {
    const { store, clock, events } = this.#deps;
    if (await store.write((tx) => raise(tx, alarm, clock.nowMs()))) events.alarm?.(alarm);
  }
}

/** Whether an alarm stands. */
export async function isOpen(tx: ReadTx, code: Alarm['code'], subject: string): Promise<boolean> {
  const { items } = await tx.alarms.list({ open: true, code, limit: 500 });
  return items.some((alarm) => alarm.subject === subject);
}
