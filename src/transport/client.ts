/**
 * Calls to other nodes over the broker. One inbox for all answers; a call fails at once when the connection is lost, when
 * nobody answers for the peer, or when it has been silent too long. Never retried but once the peer has no session.
 */
import { randomBytes } from 'node:crypto';
import { hex } from '../base/bytes.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { CallChannel, LIVENESS, type Liveness, sweepEveryMs } from './call.ts';
import { ClientCall } from './client-call.ts';
import { decodePacket, EXCHANGE_BYTES, encodeHandshakePacket } from './codec.ts';
import { AssemblyBudget } from './flow.ts';
import { encodeMetadata } from './metadata.ts';
import type { Broker, BrokerMessage, Closing, FrameGuard, MessageJudge } from './ports.ts';
import { RpcError, refusal, Status } from './status.ts';
import { parseRpcInbox, rpcInbox, rpcInboxFilter, rpcSubject } from './subject.ts';
import type { Caller } from './typed-client.ts';

export interface RpcClientDeps {
  readonly broker: Broker;
  readonly guard: FrameGuard;
}

export interface RpcClientOptions {
  /** Network token and own node id. */
  readonly net: string;
  readonly self: string;
  /** Default: asked after 10 s of silence, failed after 25 s. */
  readonly liveness?: Liveness;
  /** How long a peer may take to answer one handshake message; default 10 s. */
  readonly handshakeTimeoutMs?: number;
  /** Judges responses before they are decoded. */
  readonly judge?: MessageJudge;
}

const callKey = (sessionId: Uint8Array, call: bigint): string =>
  `${Buffer.from(sessionId.buffer, sessionId.byteOffset, sessionId.length).toString('latin1')}${call}`;

interface Exchange {
  readonly peer: string;
  resolve(answer: Uint8Array): void;
  reject(error: RpcError): void;
}

interface ActiveCall {
  readonly peer: string;
  readonly channel: CallChannel;
  noSession(): void;
}

export class RpcClient {
  readonly #deps: RpcClientDeps;
  readonly #options: RpcClientOptions;
  readonly #token = randomBytes(16).toString('hex');
  readonly #calls = new Map<string, ActiveCall>();
  readonly #exchanges = new Map<string, Exchange>();
  readonly #budgets = new Map<string, AssemblyBudget>();
  readonly #open = new Set<ClientCall>();
  readonly #closing: Closing[];
  readonly #sweeper: NodeJS.Timeout;
  #draining = false;
  #drained: (() => void) | undefined;

  constructor(deps: RpcClientDeps, options: RpcClientOptions) {
    this.#deps = deps;
    this.#options = options;
    const liveness = options.liveness ?? LIVENESS;
    this.#closing = [
      deps.broker.subscribe(rpcInboxFilter(options.self, this.#token), (message) => this.#take(message)),
      deps.broker.onStatus((status) => {
        if (status.type === 'disconnected' || status.type === 'closed')
          this.#failAll(
            new RpcError(Status.UNAVAILABLE, 'the connection to the broker was lost; call again'),
          );
      }),
    ];
    this.#sweeper = setInterval(() => {
      for (const { channel } of this.#calls.values()) channel.sweep(liveness);
    }, sweepEveryMs(liveness));
    this.#sweeper.unref();
  }

  /** Calls under way. */
  get callsUnderWay(): number {
    return this.#open.size;
  }

  /** Makes calls to one peer. Cheap: nothing is connected before the first call. */
  callerTo(peer: string): Caller {
    return {
      start: (call) => {
        const started = new ClientCall(call, this.#options.judge, {
          begin: (one) => this.#begin(peer, one),
          renew: (seal) => this.#deps.guard.renew(peer, seal.sessionId),
          over: (one) => {
            this.#open.delete(one);
            if (this.#open.size === 0) this.#drained?.();
          },
        });
        this.#open.add(started);
        if (this.#draining)
          started.fail(new RpcError(Status.UNAVAILABLE, 'this node is stopping; call again later'));
        else started.begin();
        return started;
      },
    };
  }

  /** Finishes calls under way, starts none; what is left after `graceMs` fails. */
  async drain(graceMs: number): Promise<void> {
    this.#draining = true;
    if (this.#open.size > 0)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, graceMs);
        this.#drained = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    this.#failAll(new RpcError(Status.UNAVAILABLE, 'this node is stopping; call again later'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.drain(0);
    clearInterval(this.#sweeper);
    for (const one of this.#closing.splice(0)) one.close();
  }

  #failAll(error: RpcError): void {
    for (const exchange of [...this.#exchanges.values()]) exchange.reject(error);
    for (const call of [...this.#open]) call.fail(error);
  }

  async #begin(peer: string, call: ClientCall): Promise<CallChannel> {
    const { broker, guard } = this.#deps;
    const { net, self } = this.#options;
    if (!broker.connected)
      throw new RpcError(
        Status.UNAVAILABLE,
        'there is no connection to the broker at the moment; call again later',
      );
    const subject = rpcSubject(net, peer, self);
    const inbox = rpcInbox(self, this.#token, peer);
    const seal = await guard
      .begin(peer, (message) => this.#exchange(peer, subject, inbox, message))
      .catch((error: unknown) => {
        throw toRpcError(peer, error);
      });
    const claim = call.claim();
    const evidence = claim === undefined ? Buffer.alloc(0) : Buffer.from(await seal.sign(claim));
    const key = callKey(seal.sessionId, seal.number);
    const budget = this.#budgets.get(peer) ?? new AssemblyBudget();
    this.#budgets.set(peer, budget);
    const channel = new CallChannel({
      seal,
      role: 'caller',
      budget,
      nowMs: () => performance.now(),
      send: (packet) => broker.publish(subject, packet, inbox),
      header: (metadata) => call.header(metadata),
      ended: (error, trailer) => {
        this.#calls.delete(key);
        call.ended(channel, error, trailer);
      },
    });
    // The call may have been given up while the handshake ran: then its number is spent and nothing is sent.
    if (!call.connect(channel, seal)) return channel;
    this.#calls.set(key, { peer, channel, noSession: () => call.noSession(channel) });
    channel.open({
      method: call.path,
      timeoutMs: call.remainingMs(),
      metadata: encodeMetadata(call.metadata),
      evidence,
    });
    void call.pump(channel);
    return channel;
  }

  #exchange(peer: string, subject: string, inbox: string, message: Uint8Array): Promise<Uint8Array> {
    const exchange = randomBytes(EXCHANGE_BYTES);
    const key = hex(exchange);
    return new Promise<Uint8Array>((resolve, reject) => {
      const timer = setTimeout(
        () =>
          this.#exchanges
            .get(key)
            ?.reject(new RpcError(Status.UNAVAILABLE, `${peer} did not answer the handshake in time`)),
        this.#options.handshakeTimeoutMs ?? 10_000,
      );
      const settle = () => {
        clearTimeout(timer);
        this.#exchanges.delete(key);
      };
      this.#exchanges.set(key, {
        peer,
        resolve: (answer) => {
          settle();
          resolve(answer);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      });
      try {
        this.#deps.broker.publish(subject, encodeHandshakePacket(exchange, message), inbox);
      } catch (cause) {
        this.#exchanges
          .get(key)
          ?.reject(new RpcError(Status.UNAVAILABLE, 'the handshake could not be sent', { cause }));
      }
    });
  }

  #take(message: BrokerMessage): void {
    const inbox = parseRpcInbox(message.subject);
    if (inbox === undefined || inbox.caller !== this.#options.self || inbox.token !== this.#token) return;
    const peer = inbox.callee;
    if (message.noResponders) {
      this.#nobodyAnswers(peer);
      return;
    }
    const packet = decodePacket(message.data);
    if (packet === undefined) return;
    if (packet.kind === 'handshake') {
      const exchange = this.#exchanges.get(hex(packet.exchange));
      if (exchange?.peer === peer) exchange.resolve(packet.message);
      return;
    }
    const call = this.#calls.get(callKey(packet.sessionId, packet.call));
    if (call === undefined || call.peer !== peer) return;
    if (packet.kind === 'frame') call.channel.take(packet.frame, packet.sealed);
    else call.noSession();
  }

  /** The broker's word, which proves nothing; but it could as well have dropped the call. */
  #nobodyAnswers(peer: string): void {
    const error = new RpcError(
      Status.UNAVAILABLE,
      `${peer} is not connected to the broker; call again later`,
    );
    for (const exchange of [...this.#exchanges.values()]) if (exchange.peer === peer) exchange.reject(error);
    for (const call of [...this.#calls.values()]) if (call.peer === peer) call.channel.abandon(error);
  }
}

/** A guard's refusal names its reason; anything else that went wrong leaves the peer unreachable. */
function toRpcError(peer: string, error: unknown): RpcError {
  if (error instanceof RpcError) return error;
  const reason = error instanceof Error && 'reason' in error ? error.reason : undefined;
  if (typeof reason === 'number') {
    const status = reason === Reason.REASON_BUSY ? Status.RESOURCE_EXHAUSTED : Status.UNAUTHENTICATED;
    return refusal(status, reason as Reason, `no link session with ${peer}: ${(error as Error).message}`);
  }
  return new RpcError(Status.UNAVAILABLE, `no link session with ${peer}`, { cause: error });
}

/** `callerTo(peer)` of the result makes calls; one client serves a whole node. */
export const createRpcClient = (deps: RpcClientDeps, options: RpcClientOptions): RpcClient =>
  new RpcClient(deps, options);
