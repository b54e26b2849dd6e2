/**
 * The node's connection to the broker. A node serves its desk whether or not there is a broker: until the first connection
 * stands, mail stays in the outbox and calls fail with UNAVAILABLE.
 */
import { backoffMs, sleep } from '../base/async.ts';
import { TocsinError } from '../base/error.ts';
import {
  type Broker,
  type BrokerOptions,
  type Caller,
  connectBroker,
  createRpcClient,
  createRpcServer,
  describeBroker,
  type FrameGuard,
  type Mailbox,
  type NatsBroker,
  openMailbox,
  type RefusedPacket,
  type RpcClient,
  RpcError,
  type RpcServer,
  Status,
} from '../transport/index.ts';
import type { InstanceWatch } from './instance-watch.ts';
import type { Logger } from './logger.ts';
import { judgeCallMessage } from './message-judge.ts';

const ATTEMPT_MS = 5_000;
const RETRY = { baseMs: 500, maxMs: 10_000 };
const DRAIN_MS = 2_000;

/** What will pass by itself, as a partner whose keys are still on their way: worth another call, and no fault. */
const passing = (error: unknown): RpcError | undefined =>
  error instanceof TocsinError && error.retry === 'later'
    ? new RpcError(Status.UNAVAILABLE, 'the node cannot answer yet; call again later')
    : undefined;

/** No call begins, and none is taken, while another process of this node may be there. */
function guardWhileAlone(guard: FrameGuard, watch: InstanceWatch, signal: AbortSignal): FrameGuard {
  return {
    begin: async (peer, carry) => {
      if (watch.isAlone) return guard.begin(peer, carry);
      throw new RpcError(
        Status.UNAVAILABLE,
        'it is being found out whether this node runs elsewhere: try again later',
      );
    },
    renew: (peer, sessionId) => guard.renew(peer, sessionId),
    answer: async (peer, message) => {
      const isAlone = await watch.whenAlone(signal).then(
        () => true,
        () => false,
      );
      return isAlone ? guard.answer(peer, message) : undefined;
    },
    accept: (...frame) => (watch.isAlone ? guard.accept(...frame) : { kind: 'no-session' }),
  };
}

export interface BrokerLinkOptions {
  readonly broker: BrokerOptions;
  readonly net: string;
  readonly self: string;
  readonly guard: FrameGuard;
  /** Watches for other processes of this node, from the moment that there is a connection. */
  readonly watch: (broker: Broker) => InstanceWatch;
  /** Adds the services of this node; awaited before the first call can come. */
  readonly serve: (server: RpcServer) => Promise<unknown>;
  readonly refused: (packet: RefusedPacket) => void;
  readonly logger: Logger;
  readonly onConnected: (up: boolean) => void;
}

export class BrokerLink implements AsyncDisposable {
  readonly #options: BrokerLinkOptions;
  readonly #stop = new AbortController();
  readonly #ready: Promise<void>;
  #broker: NatsBroker | undefined;
  #mailbox: Mailbox | undefined;
  #client: RpcClient | undefined;
  #server: RpcServer | undefined;
  #watch: InstanceWatch | undefined;
  readonly #fatal = Promise.withResolvers<never>();
  readonly #asked = Promise.withResolvers<void>();
  readonly #looked = Promise.withResolvers<void>();

  constructor(options: BrokerLinkOptions) {
    this.#options = options;
    this.#asked.promise.catch(() => undefined);
    this.#looked.promise.catch(() => undefined);
    this.#fatal.promise.catch(() => undefined);
    this.#ready = this.#connect();
    this.#ready.catch((error: unknown) => {
      this.#asked.reject(error);
      this.#looked.reject(error);
      if (!this.#stop.signal.aborted) this.#fatal.reject(error);
    });
  }

  get connected(): boolean {
    return this.#broker?.connected ?? false;
  }

  /** Resolves once other processes of this node were asked for, or there is no broker to ask by: answers are waited for. */
  get asked(): Promise<void> {
    return this.#asked.promise;
  }

  /**
   * Resolves once it is known that no other process of this node runs, or that there is no broker to ask by. Rejects with
   * NODE_RUNS_ELSEWHERE where this one has to stop. Until then nothing is sent or taken.
   */
  get looked(): Promise<void> {
    return this.#looked.promise;
  }

  /** Rejects when the connection is closed for good, which only a fault can do, and where this node runs elsewhere. */
  get closed(): Promise<never> {
    return this.#fatal.promise;
  }

  /** Mail in and out; what is put without a broker is `unknown`, as it is without an answer. */
  readonly mailbox: Mailbox = {
    put: async (mail) =>
      this.#mailbox === undefined || this.#watch?.isAlone !== true ? 'unknown' : this.#mailbox.put(mail),
    consume: async (lane, handle, options) => {
      const aborted = new Promise<void>((resolve) => {
        if (options.signal.aborted) resolve();
        else options.signal.addEventListener('abort', () => resolve(), { once: true });
      });
      await Promise.race([this.#ready, aborted]);
      const { signal } = options;
      await this.#mailbox?.consume(
        lane,
        async (mail) => {
          await this.#watch?.whenAlone(signal);
          await handle(mail);
        },
        options,
      );
    },
    backlog: async (lane) => this.#mailbox?.backlog(lane) ?? 0,
  };

  callerTo(peer: string): Caller {
    if (this.#client === undefined)
      throw new RpcError(Status.UNAVAILABLE, 'there is no connection to the broker yet: try again later');
    return this.#client.callerTo(peer);
  }

  async #connect(): Promise<void> {
    const { broker: options, net, self, logger } = this.#options;
    for (let attempt = 0; ; attempt += 1) {
      this.#stop.signal.throwIfAborted();
      try {
        this.#broker = await connectBroker({ ...options, firstConnectTimeoutMs: ATTEMPT_MS });
        break;
      } catch (error) {
        this.#asked.resolve();
        this.#looked.resolve();
        logger.warn({ error, servers: options.servers }, 'no broker yet, trying again');
        await sleep(backoffMs(attempt, RETRY), this.#stop.signal);
      }
    }
    const broker = this.#broker;
    if (this.#stop.signal.aborted) {
      await broker[Symbol.asyncDispose]();
      this.#stop.signal.throwIfAborted();
    }
    const { version, warnings } = describeBroker(broker);
    logger.info({ version }, 'connected to the broker');
    for (const warning of warnings) logger.warn({ version }, warning);
    broker.onStatus(({ type, detail }) => {
      logger.info({ type, detail }, 'broker');
      this.#options.onConnected(broker.connected);
      if (type === 'closed' && !this.#stop.signal.aborted)
        this.#fatal.reject(new Error(`the connection to the broker was closed for good: ${detail}`));
    });
    const watch = this.#options.watch(broker);
    this.#watch = watch;
    watch.lost.catch((error: unknown) => this.#fatal.reject(error));
    const begun = watch.begin();
    this.#asked.resolve();
    await begun;
    this.#looked.resolve();
    const judge = judgeCallMessage;
    const guard = guardWhileAlone(this.#options.guard, watch, this.#stop.signal);
    this.#client = createRpcClient({ broker, guard }, { net, self, judge });
    this.#server = createRpcServer(
      { broker, guard },
      {
        net,
        self,
        judge,
        refused: this.#options.refused,
        statusOf: passing,
        failed: ({ method, peer, correlationId, error }) =>
          logger.error(
            { method, peer, correlationId, error },
            "a partner's call failed by a fault of this node",
          ),
      },
    );
    // Where a later part of the node does not open there will be nothing to serve.
    const stopped = Promise.withResolvers<never>();
    this.#stop.signal.addEventListener('abort', () => stopped.reject(this.#stop.signal.reason), {
      once: true,
    });
    stopped.promise.catch(() => undefined);
    await Promise.race([this.#options.serve(this.#server), stopped.promise]);
    this.#server.start();
    this.#mailbox = openMailbox({ broker, net, self });
    this.#options.onConnected(true);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    await this.#watch?.[Symbol.asyncDispose]();
    await this.#ready.catch(() => undefined);
    await this.#server?.drain(DRAIN_MS);
    await this.#client?.[Symbol.asyncDispose]();
    await this.#server?.[Symbol.asyncDispose]();
    await this.#broker?.[Symbol.asyncDispose]();
  }
}
