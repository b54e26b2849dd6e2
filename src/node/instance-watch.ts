/**
 * Sees to it that this process alone runs as its node (T48). It asks on the node's own subject before anything is sent or
 * taken, again whenever the broker was away, and at the heartbeat's pace; whoever is found by a proof is an alarm, and one of
 * the two stops. A broker can hide the other: then partners find out by what they hold (exchange/).
 */
import { sleep } from '../base/async.ts';
import { equalBytes, hex } from '../base/bytes.ts';
import type { Clock, Random } from '../base/clock.ts';
import type { HybridPublicKey, HybridSignature } from '../gen/tocsin/record/v1/identity.ts';
import type { Reason } from '../gen/tocsin/record/v1/reason.ts';
import type { VerifiedRoster, VerifiedStatement } from '../identity/index.ts';
import { type Broker, type Closing, type Namesakes, openNamesakes } from '../transport/index.ts';
import { NodeError } from './errors.ts';
import {
  createAnswer,
  encodeQuestion,
  goesOn,
  INSTANCE_ID_BYTES,
  judgeAnswer,
  judgeQuestion,
  type Namesake,
  NONCE_BYTES,
  type NodeInstance,
} from './instance.ts';

/** How long a look waits for answers: longer than a round trip between continents, not felt at a start. */
const WINDOW_MS = 200;
/** A process that was busy answers late, and is believed all the same. */
const LATE_MS = 30_000;
const NONCES = 32;
/** Questions answered, and answers judged, in a second: each costs a signature or its verification. */
const PER_SECOND = 20;
const RETRY_MS = 500;

export interface InstanceWatchDeps {
  readonly network: Uint8Array;
  /** Network token and own node id. */
  readonly net: string;
  readonly self: string;
  readonly startedAtMs: number;
  readonly ownStatement: () => VerifiedStatement;
  readonly roster: () => VerifiedRoster;
  readonly sign: (bytes: Uint8Array, linkKey: HybridPublicKey | undefined) => Promise<HybridSignature>;
  readonly clock: Clock;
  readonly random: Random;
  /** Between two looks. */
  readonly everyMs: number;
  /** Another process runs as this node; awaited before this one ends. */
  readonly found: (namesake: Namesake, wePrevail: boolean) => Promise<void>;
  /** A look met nobody. */
  readonly alone: () => Promise<void>;
  readonly disbelieved: (reason: Reason, detail: string) => void;
  readonly failed: (error: unknown) => void;
}

export class InstanceWatch implements AsyncDisposable {
  readonly #deps: InstanceWatchDeps;
  readonly #broker: Broker;
  readonly #namesakes: Namesakes;
  readonly #status: Closing;
  readonly #instanceId: Uint8Array;
  readonly #stop = new AbortController();
  readonly #lost = Promise.withResolvers<never>();
  readonly #timer: NodeJS.Timeout;
  #running = false;
  #isLost = false;
  /** Since the connection to the broker stands, a look has met nobody to whom we give way. */
  #sure = Promise.withResolvers<void>();
  #isSure = false;
  #asked: { readonly nonce: Uint8Array; readonly until: number }[] = [];
  #waitUntil = 0;
  #met = false;
  #connection = 0;
  #second = { at: 0, heard: 0, judged: 0 };

  constructor(broker: Broker, deps: InstanceWatchDeps) {
    this.#deps = deps;
    this.#broker = broker;
    this.#instanceId = deps.random.bytes(INSTANCE_ID_BYTES);
    this.#lost.promise.catch(() => undefined);
    this.#sure.promise.catch(() => undefined);
    this.#namesakes = openNamesakes(
      { broker, net: deps.net, self: deps.self, random: deps.random },
      { asked: (question, answer) => this.#heard(question, answer), answered: (bytes) => this.#judge(bytes) },
    );
    this.#status = broker.onStatus(({ type }) => {
      if (type === 'disconnected') this.#unsure();
      if (type === 'connected' && this.#running) void this.#lookAgain();
    });
    this.#timer = setInterval(() => {
      if (this.#running) void this.#lookAgain();
    }, deps.everyMs);
    this.#timer.unref();
  }

  /** Nothing may be sent or taken while this is false. */
  get isAlone(): boolean {
    return this.#isSure;
  }

  /** Resolves once `isAlone`; rejects when the signal aborts or this process has to stop. */
  async whenAlone(signal: AbortSignal): Promise<void> {
    while (!this.#isSure) {
      signal.throwIfAborted();
      const aborted = Promise.withResolvers<never>();
      const onAbort = () => aborted.reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      await Promise.race([this.#sure.promise, this.#lost.promise, aborted.promise]).finally(() =>
        signal.removeEventListener('abort', onAbort),
      );
    }
  }

  /** Rejects with NODE_RUNS_ELSEWHERE where this process has to stop. */
  get lost(): Promise<never> {
    return this.#lost.promise;
  }

  /** The first look. Rejects with NODE_RUNS_ELSEWHERE where another process of this node goes on. */
  async begin(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        await this.#look();
        break;
      } catch (error) {
        this.#stop.signal.throwIfAborted();
        // The broker went away again: nobody can be asked, and nothing can be sent.
        this.#deps.failed(error);
        await sleep(RETRY_MS, this.#stop.signal);
      }
    }
    if (this.#isLost) return this.#lost.promise;
    this.#running = true;
    return undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort(new Error('the node stops'));
    clearInterval(this.#timer);
    this.#status.close();
    this.#namesakes.close();
  }

  #self(): NodeInstance {
    const { ownStatement, startedAtMs } = this.#deps;
    return {
      instanceId: this.#instanceId,
      startedAtMs,
      running: this.#running,
      incarnation: ownStatement().statement.incarnation,
    };
  }

  async #lookAgain(): Promise<void> {
    try {
      await this.#look();
    } catch (error) {
      // Without a connection; the next one begins with a look.
      if (!this.#stop.signal.aborted && this.#broker.connected) this.#deps.failed(error);
    }
  }

  async #look(): Promise<void> {
    const connection = this.#connection;
    this.#met = false;
    const latest = performance.now() + 2 * WINDOW_MS;
    this.#ask(false);
    for (;;) {
      const waitMs = Math.min(this.#waitUntil, latest) - performance.now();
      if (waitMs <= 0) break;
      await sleep(waitMs, this.#stop.signal);
    }
    // What came while this process was busy is read first.
    await this.#namesakes.flush();
    if (this.#isLost || connection !== this.#connection) return;
    if (!this.#met) await this.#deps.alone();
    this.#isSure = true;
    this.#sure.resolve();
  }

  #unsure(): void {
    this.#connection += 1;
    if (!this.#isSure) return;
    this.#isSure = false;
    this.#sure = Promise.withResolvers<void>();
    this.#sure.promise.catch(() => undefined);
  }

  #ask(inTurn: boolean): void {
    const now = performance.now();
    const nonce = this.#deps.random.bytes(NONCE_BYTES);
    this.#namesakes.ask(encodeQuestion({ instanceId: this.#instanceId, nonce, inTurn }));
    this.#asked = [...this.#asked.filter(({ until }) => until > now), { nonce, until: now + LATE_MS }].slice(
      -NONCES,
    );
    this.#waitUntil = now + WINDOW_MS;
  }

  #perSecond(what: 'heard' | 'judged'): boolean {
    const now = performance.now();
    if (now - this.#second.at >= 1_000) this.#second = { at: now, heard: 0, judged: 0 };
    this.#second[what] += 1;
    return this.#second[what] <= PER_SECOND;
  }

  /** Whoever asks is answered, also by a process that has to stop, and asked: it may have begun to listen after our question. */
  #heard(bytes: Uint8Array, answer: (bytes: Uint8Array) => void): void {
    const question = judgeQuestion(bytes);
    if (!question.ok || equalBytes(question.value.instanceId, this.#instanceId)) return;
    if (!this.#perSecond('heard')) return;
    const { network, ownStatement, sign, failed } = this.#deps;
    const { nonce, inTurn } = question.value;
    void createAnswer({ network, self: this.#self(), statement: ownStatement(), nonce, sign })
      .then(answer)
      .catch(failed);
    if (inTurn || this.#isLost) return;
    try {
      this.#ask(true);
    } catch (error) {
      failed(error);
    }
  }

  #judge(bytes: Uint8Array): void {
    if (this.#isLost || !this.#perSecond('judged')) return;
    const { network, ownStatement, roster, clock, found, disbelieved, failed } = this.#deps;
    const now = performance.now();
    const judged = judgeAnswer({
      network,
      own: ownStatement(),
      roster: roster(),
      instanceId: this.#instanceId,
      nonces: this.#asked.filter(({ until }) => until > now).map(({ nonce }) => nonce),
      bytes,
      atMs: clock.nowMs(),
    });
    if (!judged.ok) {
      disbelieved(judged.reason, judged.detail);
      return;
    }
    this.#met = true;
    const namesake = judged.value;
    const wePrevail = !namesake.supersedesUs && goesOn(this.#self(), namesake);
    if (!wePrevail) {
      // At once: what is under way ends with the process.
      this.#isLost = true;
      this.#isSure = false;
    }
    void found(namesake, wePrevail)
      .catch(failed)
      .finally(() => {
        if (!wePrevail) this.#lost.reject(runsElsewhere(this.#deps.self, namesake));
      });
  }
}

/** For the operator: which process, and what to do. */
export const describeNamesake = ({ instanceId, startedAtMs, incarnation }: Namesake): string =>
  `instance ${hex(instanceId).slice(0, 8)}, incarnation ${incarnation}, started ${isoOf(startedAtMs)}`;

const isoOf = (ms: number): string =>
  Number.isFinite(ms) && Math.abs(ms) < 8.64e15 ? new Date(ms).toISOString() : 'at no time';

const runsElsewhere = (self: string, namesake: Namesake): NodeError =>
  new NodeError({
    code: 'NODE_RUNS_ELSEWHERE',
    message: `another process runs as ${self} (${describeNamesake(namesake)}): a copy of this folder, or of its keys. Stop that one first if this one is to run; if nobody of yours runs it, take its keys back with \`tocsin keys revoke\``,
    retry: 'later',
  });
