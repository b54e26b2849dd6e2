/**
 * Answers calls of other nodes over the broker. Who calls is what the guard authenticates, never what a subject or a header
 * says; answers go to the authenticated caller's own inbox and nowhere else.
 */
import { createHash } from 'node:crypto';
import { after } from '../base/async.ts';
import { LIMITS } from '../base/limits.ts';
import type { CallOpen } from '../gen/tocsin/exchange/v1/frame.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { CallChannel, LIVENESS, type Liveness, sweepEveryMs } from './call.ts';
import { decodePacket, encodeHandshakePacket, encodeNoSessionPacket, type Packet } from './codec.ts';
import {
  type AnyHandler,
  type HandlersOf,
  type MethodDefinition,
  methodPath,
  needsEvidence,
  type ServiceDefinition,
} from './definition.ts';
import { TransportError } from './errors.ts';
import { AssemblyBudget } from './flow.ts';
import { type IncomingCall, invoke, type ServiceOptions } from './invoke.ts';
import { decodeMetadata, type Metadata } from './metadata.ts';
import type { Broker, BrokerMessage, CallEvidenceRecord, CallSeal, Closing, FrameGuard } from './ports.ts';
import { RpcError, refusal, Status } from './status.ts';
import { parseRpcInbox, parseSubject, rpcFilter } from './subject.ts';

export interface RpcServerDeps {
  readonly broker: Broker;
  readonly guard: FrameGuard;
}

/** Something that was not let in; for audit. `peer` is what the subject claims. */
export interface RefusedPacket {
  readonly peer: string;
  readonly reason: Reason;
  readonly detail: string;
}

export interface RpcServerOptions extends ServiceOptions {
  /** Network token and own node id. */
  readonly net: string;
  readonly self: string;
  readonly liveness?: Liveness;
  readonly refused?: (packet: RefusedPacket) => void;
}

interface Registered {
  readonly method: MethodDefinition;
  readonly handler: AnyHandler;
}

type FramePacket = Extract<Packet, { kind: 'frame' }>;

/** One caller's calls. */
interface Peer {
  readonly calls: Map<string, CallChannel>;
  readonly budget: AssemblyBudget;
  /** Handlers that have not returned, of calls that are over too. */
  running: number;
}

const callKey = (sessionId: Uint8Array, call: bigint): string =>
  `${Buffer.from(sessionId.buffer, sessionId.byteOffset, sessionId.length).toString('latin1')}${call}`;

export class RpcServer {
  readonly #deps: RpcServerDeps;
  readonly #options: RpcServerOptions;
  readonly #methods = new Map<string, Registered>();
  readonly #services = new Set<string>();
  readonly #peers = new Map<string, Peer>();
  readonly #closing: Closing[] = [];
  #sweeper: NodeJS.Timeout | undefined;
  #draining = false;
  #drained: (() => void) | undefined;

  constructor(deps: RpcServerDeps, options: RpcServerOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  /** Registers a service; before or after `start`. Throws TransportError DEFINITION_INVALID for a second one of its name. */
  add<Definition extends ServiceDefinition>(definition: Definition, handlers: HandlersOf<Definition>): this {
    if (this.#services.has(definition.fullName))
      throw new TransportError('DEFINITION_INVALID', `${definition.fullName} is registered already`);
    this.#services.add(definition.fullName);
    for (const [name, method] of Object.entries(definition.methods)) {
      const handler: unknown = Reflect.get(handlers, name);
      if (typeof handler !== 'function')
        throw new TransportError(
          'DEFINITION_INVALID',
          `expected a handler for ${methodPath(definition, method)}, got none`,
        );
      this.#methods.set(methodPath(definition, method), {
        method,
        handler: handler.bind(handlers) as AnyHandler,
      });
    }
    return this;
  }

  /** Takes calls from now on. */
  start(): this {
    const { broker } = this.#deps;
    const { net, self } = this.#options;
    if (this.#closing.length > 0) return this;
    const liveness = this.#options.liveness ?? LIVENESS;
    this.#closing.push(
      broker.subscribe(rpcFilter(net, self), (message) => this.#take(message)),
      broker.onStatus((status) => {
        if (status.type === 'disconnected' || status.type === 'closed')
          this.#failAll(
            new RpcError(Status.UNAVAILABLE, 'the connection to the broker was lost; call again'),
          );
      }),
    );
    this.#sweeper = setInterval(() => {
      for (const peer of this.#peers.values())
        for (const channel of peer.calls.values()) channel.sweep(liveness);
    }, sweepEveryMs(liveness));
    this.#sweeper.unref();
    return this;
  }

  /** Calls whose handlers have not returned. */
  get callsUnderWay(): number {
    let count = 0;
    for (const peer of this.#peers.values()) count += peer.running;
    return count;
  }

  /** Finishes calls under way, refuses new ones with UNAVAILABLE; what is left after `graceMs` fails. */
  async drain(graceMs: number): Promise<void> {
    this.#draining = true;
    if (this.callsUnderWay > 0)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, graceMs);
        this.#drained = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    this.#failAll(new RpcError(Status.UNAVAILABLE, 'the peer is stopping; call again later'));
    await this.#deps.broker.flush().catch(() => undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closing.length === 0) return;
    await this.drain(0);
    clearInterval(this.#sweeper);
    for (const one of this.#closing.splice(0)) one.close();
  }

  #failAll(error: RpcError): void {
    for (const peer of this.#peers.values())
      for (const channel of [...peer.calls.values()]) channel.fail(error);
  }

  #refuse(peer: string, reason: Reason, detail: string): void {
    this.#options.refused?.({ peer, reason, detail });
  }

  #take(message: BrokerMessage): void {
    const { net, self } = this.#options;
    // Mail can be steered to this subscription by a consumer's reply subject: only calls to us are looked at.
    const subject = parseSubject(message.subject);
    if (subject?.kind !== 'rpc' || subject.net !== net || subject.recipient !== self) return;
    const caller = subject.sender;
    // On a node's own subject its processes find each other (namesakes.ts): no calls.
    if (caller === self) return;
    const inbox = parseRpcInbox(message.reply ?? '');
    if (message.reply === undefined || inbox?.caller !== caller || inbox.callee !== self) {
      // Never answer to a subject that a stranger chose (confused deputy).
      this.#refuse(
        caller,
        Reason.REASON_WRONG_SENDER,
        `expected a reply subject in the inbox of ${caller} for ${self}`,
      );
      return;
    }
    const packet = decodePacket(message.data);
    if (packet === undefined || packet.kind === 'no-session') {
      const tooLarge = message.data.length > LIMITS.frameBytes;
      this.#refuse(
        caller,
        tooLarge ? Reason.REASON_TOO_LARGE : Reason.REASON_MALFORMED,
        'expected a packet of a call',
      );
      return;
    }
    if (packet.kind === 'handshake')
      void this.#answer(caller, message.reply, packet.exchange, packet.message);
    else this.#takeFrame(caller, message.reply, packet);
  }

  async #answer(caller: string, reply: string, exchange: Uint8Array, message: Uint8Array): Promise<void> {
    try {
      const answer = await this.#deps.guard.answer(caller, message);
      if (answer !== undefined) this.#deps.broker.publish(reply, encodeHandshakePacket(exchange, answer));
    } catch (error) {
      this.#options.failed?.({ method: 'handshake', peer: caller, correlationId: '', error });
    }
  }

  #peer(caller: string): Peer {
    let peer = this.#peers.get(caller);
    if (peer === undefined) {
      peer = { calls: new Map(), budget: new AssemblyBudget(), running: 0 };
      this.#peers.set(caller, peer);
    }
    return peer;
  }

  #takeFrame(caller: string, reply: string, packet: FramePacket): void {
    const key = callKey(packet.sessionId, packet.call);
    const known = this.#peers.get(caller)?.calls.get(key);
    if (known !== undefined) {
      known.take(packet.frame, packet.sealed);
      return;
    }
    const { broker, guard } = this.#deps;
    const accepted = guard.accept(caller, packet.sessionId, packet.call, packet.frame, packet.sealed);
    switch (accepted.kind) {
      case 'no-session':
        try {
          broker.publish(reply, encodeNoSessionPacket(packet.sessionId, packet.call));
        } catch {
          // The caller finds out by silence.
        }
        this.#refuse(caller, Reason.REASON_NO_SESSION, 'a frame of a session that is not known here');
        return;
      case 'used':
        if (packet.frame === 0)
          this.#refuse(caller, Reason.REASON_REPLAY, `call ${packet.call} was taken before`);
        return;
      case 'refused':
        this.#refuse(caller, accepted.reason, accepted.detail);
        return;
      case 'call':
        this.#serve(caller, reply, key, accepted.seal, accepted.plaintext, packet.frame);
    }
  }

  #serve(
    caller: string,
    reply: string,
    key: string,
    seal: CallSeal,
    plaintext: Uint8Array,
    frame: number,
  ): void {
    const peer = this.#peer(caller);
    const stop = new AbortController();
    const channel = new CallChannel({
      seal,
      role: 'callee',
      budget: peer.budget,
      nowMs: () => performance.now(),
      send: (packet) => this.#deps.broker.publish(reply, packet),
      ended: (error) => {
        peer.calls.delete(key);
        if (error !== undefined) stop.abort(error);
      },
    });
    if (frame !== 0) {
      // The number is taken now, so this one answer is its only one; the call's beginning is lost.
      channel.fail(
        refusal(
          Status.UNAVAILABLE,
          Reason.REASON_FRAME_FOREIGN,
          'the first frame of the call was lost; call again',
        ),
      );
      this.#refuse(caller, Reason.REASON_FRAME_FOREIGN, `call ${seal.number} began with frame ${frame}`);
      return;
    }
    if (this.#draining) {
      channel.fail(new RpcError(Status.UNAVAILABLE, 'the peer is stopping; call again later'));
      return;
    }
    if (peer.running >= LIMITS.callsPerCaller) {
      channel.fail(
        refusal(
          Status.RESOURCE_EXHAUSTED,
          Reason.REASON_BUSY,
          `too busy: ${peer.running} calls of ${caller} are under way`,
        ),
      );
      return;
    }
    peer.calls.set(key, channel);
    const open = channel.apply(plaintext);
    if (open === undefined || channel.ended) return;
    const metadata = decodeMetadata(open.metadata);
    const registered = this.#methods.get(open.method);
    if (metadata === undefined)
      channel.fail(
        refusal(Status.INVALID_ARGUMENT, Reason.REASON_MALFORMED, 'the metadata of the call is malformed'),
      );
    else if (registered === undefined) channel.fail(this.#unimplemented(open.method));
    else void this.#run(peer, caller, registered, channel, seal, open, metadata, stop.signal);
  }

  #unimplemented(path: string): RpcError {
    const service = path.slice(1, path.lastIndexOf('/'));
    return new RpcError(
      Status.UNIMPLEMENTED,
      this.#services.has(service)
        ? `method ${path} is not offered here`
        : `service ${service} is not offered here`,
    );
  }

  async #run(
    peer: Peer,
    caller: string,
    { method, handler }: Registered,
    channel: CallChannel,
    seal: CallSeal,
    open: CallOpen,
    metadata: Metadata,
    signal: AbortSignal,
  ): Promise<void> {
    const deadlineAt = open.timeoutMs === 0 ? undefined : Date.now() + open.timeoutMs;
    const callOff =
      deadlineAt === undefined
        ? undefined
        : after(open.timeoutMs, () =>
            channel.fail(
              new RpcError(Status.DEADLINE_EXCEEDED, `the deadline of ${open.timeoutMs} ms passed`),
            ),
          );
    const call: IncomingCall = {
      path: open.method,
      peer: caller,
      metadata,
      deadlineAt,
      signal,
      certificate: undefined,
      read: () => channel.read(),
      header: (one) => channel.header(one),
      respond: (message) => channel.message(message),
      ...(needsEvidence(method)
        ? { evidence: (request: Uint8Array) => judgeEvidence(caller, seal, open, deadlineAt ?? 0, request) }
        : {}),
    };
    peer.running++;
    try {
      const { error, trailer } = await invoke(method, handler, call, this.#options);
      channel.finish(error, trailer);
    } finally {
      callOff?.();
      peer.running--;
      if (this.#draining && this.callsUnderWay === 0) this.#drained?.();
    }
  }
}

function judgeEvidence(
  caller: string,
  seal: CallSeal,
  open: CallOpen,
  deadlineAt: number,
  request: Uint8Array,
): CallEvidenceRecord {
  const requestDigest = createHash('sha256').update(request).digest();
  const verdict = seal.judge(open.evidence, { method: open.method, deadlineAt, requestDigest });
  if (verdict.ok) return verdict.value;
  throw refusal(
    Status.UNAUTHENTICATED,
    Reason.REASON_CALL_EVIDENCE,
    `the evidence of ${caller} for ${open.method} does not hold: ${verdict.detail}`,
  );
}

/** `add` services, then `start`. */
export const createRpcServer = (deps: RpcServerDeps, options: RpcServerOptions): RpcServer =>
  new RpcServer(deps, options);
