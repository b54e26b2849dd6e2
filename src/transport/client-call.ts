/**
 * One call of a client over all its attempts: its deadline, its cancellation, its requests, and the iterator of its
 * responses. An attempt that finds no session at the peer is followed by another where the method may be repeated.
 */
import { createHash } from 'node:crypto';
import { after } from '../base/async.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import type { CallChannel } from './call.ts';
import { Metadata } from './metadata.ts';
import type { CallClaim, CallSeal, MessageJudge } from './ports.ts';
import { RpcError, refusal, Status } from './status.ts';
import type { OutgoingCall } from './typed-client.ts';

/** A peer that forgets its sessions again and again is not called for ever. */
const ATTEMPTS = 3;

/** What a call needs of its client. */
export interface CallHome {
  begin(call: ClientCall): Promise<CallChannel>;
  renew(seal: CallSeal): void;
  over(call: ClientCall): void;
}

/** One call, over all its attempts. */
export class ClientCall implements AsyncIterableIterator<Uint8Array> {
  readonly path: string;
  readonly metadata: Metadata;
  readonly #call: OutgoingCall;
  readonly #judge: MessageJudge | undefined;
  readonly #home: CallHome;
  readonly #deadlineAt: number | undefined;
  readonly #callOffDeadline: (() => void) | undefined;
  readonly #onAbort = () => this.fail(new RpcError(Status.CANCELLED, 'the call was cancelled'));
  #attempts = 0;
  #channel: CallChannel | undefined;
  #seal: CallSeal | undefined;
  #ready: Promise<CallChannel> | undefined;
  #giveUp: ((error: RpcError) => void) | undefined;
  #noSession = false;
  #over = false;
  #error: RpcError | undefined;

  constructor(call: OutgoingCall, judge: MessageJudge | undefined, home: CallHome) {
    this.path = call.path;
    this.#call = call;
    this.#judge = judge;
    this.#home = home;
    const { deadlineMs, signal, metadata } = call.options;
    this.metadata = new Metadata();
    try {
      this.metadata = Metadata.from(metadata);
    } catch (cause) {
      this.#error = new RpcError(Status.INTERNAL, cause instanceof Error ? cause.message : 'bad metadata', {
        cause,
      });
    }
    if (deadlineMs !== undefined) {
      this.#deadlineAt = Date.now() + deadlineMs;
      this.#callOffDeadline = after(deadlineMs, () =>
        this.fail(new RpcError(Status.DEADLINE_EXCEEDED, `the deadline of ${deadlineMs} ms passed`)),
      );
    }
    signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  begin(): void {
    if (this.#error !== undefined) this.fail(this.#error);
    else if (this.#call.options.signal?.aborted) this.#onAbort();
    else this.#attempt();
  }

  #attempt(): void {
    this.#attempts++;
    this.#noSession = false;
    this.#channel = undefined;
    const ready = new Promise<CallChannel>((resolve, reject) => {
      this.#giveUp = reject;
      this.#home.begin(this).then(resolve, (error: unknown) => {
        const failure =
          error instanceof RpcError
            ? error
            : new RpcError(Status.INTERNAL, 'the call could not begin', { cause: error });
        reject(failure);
        this.#finish(failure);
      });
    });
    ready.catch(() => undefined);
    this.#ready = ready;
  }

  /** False where the call was given up meanwhile. */
  connect(channel: CallChannel, seal: CallSeal): boolean {
    if (this.#over) return false;
    this.#channel = channel;
    this.#seal = seal;
    return true;
  }

  claim(): CallClaim | undefined {
    if (!this.#call.evidence) return undefined;
    const { requests } = this.#call;
    const digest = createHash('sha256');
    if (requests instanceof Uint8Array) digest.update(requests);
    return { method: this.path, deadlineAt: this.#deadlineAt ?? 0, requestDigest: digest.digest() };
  }

  remainingMs(): number {
    if (this.#deadlineAt === undefined) return 0;
    return Math.min(0xffffffff, Math.max(1, Math.ceil(this.#deadlineAt - Date.now())));
  }

  /** Sends the requests. A stream that fails cancels the call; a call that ends stops the stream. */
  async pump(channel: CallChannel): Promise<void> {
    const { requests } = this.#call;
    try {
      if (requests instanceof Uint8Array) {
        await channel.message(requests);
      } else {
        for await (const request of requests) {
          if (channel.ended) return;
          await channel.message(request);
        }
      }
      channel.halfClose();
    } catch (cause) {
      if (channel.ended) return;
      channel.fail(
        cause instanceof RpcError
          ? cause
          : new RpcError(Status.CANCELLED, 'the stream of requests failed', { cause }),
      );
    }
  }

  header(metadata: Metadata): void {
    this.#call.options.onHeader?.(metadata);
  }

  ended(channel: CallChannel, error: RpcError | undefined, trailer: Metadata): void {
    if (this.#channel !== channel || this.#noSession) return;
    if (!this.#over) this.#call.options.onTrailer?.(trailer);
    this.#finish(error);
  }

  /** The peer does not know the session: only this attempt ends, and only a new handshake follows. */
  noSession(channel: CallChannel): void {
    const seal = this.#seal;
    if (this.#over || channel.ended || this.#channel !== channel || seal === undefined) return;
    this.#home.renew(seal);
    const again =
      this.#call.idempotent &&
      this.#call.requests instanceof Uint8Array &&
      !channel.heard &&
      this.#attempts < ATTEMPTS;
    this.#noSession = again;
    channel.abandon(
      refusal(Status.UNAVAILABLE, Reason.REASON_NO_SESSION, 'the peer has lost the link session; call again'),
    );
    if (again) this.#attempt();
  }

  fail(error: RpcError): void {
    if (this.#over) return;
    const channel = this.#channel;
    if (channel !== undefined) {
      channel.fail(error);
    } else {
      this.#ready ??= Promise.reject(error);
      this.#ready.catch(() => undefined);
      this.#giveUp?.(error);
      this.#finish(error);
    }
  }

  #finish(error: RpcError | undefined): void {
    if (this.#over) return;
    this.#over = true;
    this.#error = error;
    this.#callOffDeadline?.();
    this.#call.options.signal?.removeEventListener('abort', this.#onAbort);
    const { requests } = this.#call;
    if (!(requests instanceof Uint8Array)) void stopIteration(requests);
    this.#home.over(this);
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    for (;;) {
      const ready = this.#ready;
      if (ready === undefined) throw this.#error ?? new RpcError(Status.INTERNAL, 'the call has not begun');
      try {
        const channel = await ready;
        const result = await channel.read();
        if (!result.done) this.#judgeResponse(channel, result.value);
        return result;
      } catch (error) {
        // An attempt that found no session is followed by another: read from that one.
        if (this.#ready !== ready) continue;
        throw error;
      }
    }
  }

  #judgeResponse(channel: CallChannel, bytes: Uint8Array): void {
    const verdict = this.#judge?.(this.path, 'response', bytes);
    if (verdict === undefined || verdict.ok) return;
    const error = refusal(Status.INTERNAL, verdict.reason, verdict.detail);
    channel.fail(error);
    throw error;
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#onAbort();
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** Lets go of a stream that is not read any more; a generator that waits hears of it when it goes on. */
async function stopIteration(stream: AsyncIterable<Uint8Array>): Promise<void> {
  if (!('return' in stream) || typeof stream.return !== 'function') return;
  try {
    await stream.return();
  } catch {
    // Its own affair: the call is over.
  }
}
