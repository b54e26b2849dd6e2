/**
 * The node's connection to the broker. A node serves its desk whether or not there is a broker: until the first connection
 * stands, mail stays in the outbox and calls fail with UNAVAILABLE.
 */
import { backoffMs, sleep } from '../base/async.ts';
import { TocsinError } from '../base/error.ts';
import {
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

export interface BrokerLinkOptions {
  readonly broker: BrokerOptions;
  readonly net: string;
  readonly self: string;
  readonly guard: FrameGuard;
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
  readonly #fatal = Promise.withResolvers<never>();

  constructor(options: BrokerLinkOptions) {
    this.#options = options;
    this.#ready = this.#connect();
    this.#ready.catch(() => undefined);
    this.#fatal.promise.catch(() => undefined);
  }

  get connected(): boolean {
    return this.#broker?.connected ?? false;
  }

  /** Rejects when the connection is closed for good, which only a fault can do. */
  get closed(): Promise<never> {
    return this.#fatal.promise;
  }

  /** Mail in and out; what is put without a broker is `unknown`, as it is without an answer. */
  readonly mailbox: Mailbox = {
    put: async (mail) => (this.#mailbox === undefined ? 'unknown' : this.#mailbox.put(mail)),
    consume: async (lane, handle, options) => {
      const aborted = new Promise<void>((resolve) => {
        if (options.signal.aborted) resolve();
        else options.signal.addEventListener('abort', () => resolve(), { once: true });
      });
      await Promise.race([this.#ready, aborted]);
      await this.#mailbox?.consume(lane, handle, options);
    },
    backlog: async (lane) => this.#mailbox?.backlog(lane) ?? 0,
  };

  callerTo(peer: string): Caller {
    if (this.#client === undefined)
      throw new RpcError(Status.UNAVAILABLE, 'there is no connection to the broker yet: try again later');
    return this.#client.callerTo(peer);
  }

  async #connect(): Promise<void> {
    const { broker: options, net, self, guard, logger } = this.#options;
    for (let attempt = 0; ; attempt += 1) {
      this.#stop.signal.throwIfAborted();
      try {
        this.#broker = await connectBroker({ ...options, firstConnectTimeoutMs: ATTEMPT_MS });
        break;
      } catch (error) {
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
    const judge = judgeCallMessage;
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
    await this.#options.serve(this.#server);
    this.#server.start();
    this.#mailbox = openMailbox({ broker, net, self });
    this.#options.onConnected(true);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    await this.#ready.catch(() => undefined);
    await this.#server?.drain(DRAIN_MS);
    await this.#client?.[Symbol.asyncDispose]();
    await this.#server?.[Symbol.asyncDispose]();
    await this.#broker?.[Symbol.asyncDispose]();
  }
}
