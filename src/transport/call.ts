/**
 * One call as either side sees it: frames out (numbered, sealed, small parts gathered into one), frames in (strictly in
 * order, or the call fails), messages put together from pieces, credit, liveness, and exactly one end.
 *
 *   caller: open ──half_close──► half closed ──status──► ended      cancel, deadline, lost frame, silence: ended at once
 *   callee: open ──half_close──► reading done ──status sent──► ended
 */
import { LIMITS } from '../base/limits.ts';
import type { CallOpen, Frame } from '../gen/tocsin/exchange/v1/frame.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { decodeFrame } from './codec.ts';
import { type AssemblyBudget, MESSAGE_OVERHEAD_BYTES, ReceiveWindow, SendCredit } from './flow.ts';
import { FrameSender } from './frame-sender.ts';
import { MessageAssembly, PIECE_LEAST_BYTES } from './message-assembly.ts';
import { decodeMetadata, encodeMetadata, Metadata } from './metadata.ts';
import type { CallSeal } from './ports.ts';
import {
  clipText,
  decodeStatusDetails,
  encodeStatusDetails,
  RpcError,
  refusal,
  Status,
  statusCodeOf,
} from './status.ts';

const STATUS_MESSAGE_BYTES = 4096;

export interface CallDeps {
  readonly seal: CallSeal;
  readonly role: 'caller' | 'callee';
  readonly budget: AssemblyBudget;
  readonly nowMs: () => number;
  /** Sends a packet to the peer; may throw where the broker is gone. */
  readonly send: (packet: Uint8Array) => void;
  /** Initial metadata of the callee has come, at most once. */
  readonly header?: (metadata: Metadata) => void;
  /** The call is over, once. `error` is undefined for status OK; `trailer` is the callee's. */
  readonly ended: (error: RpcError | undefined, trailer: Metadata) => void;
}

export interface Liveness {
  /** After this long without a frame of the peer it is asked for one. */
  readonly keepAliveMs: number;
  /** After this long the call has failed. */
  readonly livenessMs: number;
}

/** How often `sweep` is to be called. */
export const sweepEveryMs = ({ keepAliveMs }: Liveness): number => Math.min(1000, keepAliveMs / 2);

export const LIVENESS: Liveness = { keepAliveMs: 10_000, livenessMs: 25_000 };

type ReadResult = IteratorResult<Uint8Array, undefined>;

export class CallChannel {
  readonly #deps: CallDeps;
  readonly #credit = new SendCredit();
  readonly #window: ReceiveWindow;
  readonly #sender: FrameSender;
  readonly #assembly: MessageAssembly;
  #expected = 0;
  readonly #messages: Uint8Array[] = [];
  #reader:
    | { readonly resolve: (result: ReadResult) => void; readonly reject: (error: unknown) => void }
    | undefined;
  #remoteDone = false;
  #headerSeen = false;
  #ended = false;
  #error: RpcError | undefined;
  #heardAt: number;
  #sweepsSincePing: number | undefined;

  constructor(deps: CallDeps) {
    this.#deps = deps;
    this.#heardAt = deps.nowMs();
    this.#window = new ReceiveWindow(deps.budget, (credit) => {
      if (this.#remoteDone || this.#ended) return;
      this.#sender.part().credit += credit;
    });
    this.#assembly = new MessageAssembly(this.#window);
    this.#sender = new FrameSender(deps.seal, deps.send, (cause) =>
      this.abandon(
        new RpcError(Status.UNAVAILABLE, 'a frame of the call could not be sent; call again', { cause }),
      ),
    );
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Whether any frame of the peer has been believed. */
  get heard(): boolean {
    return this.#expected > 0;
  }

  // ── out ──

  open(open: CallOpen): void {
    this.#sender.part().open = open;
  }

  /** The callee's initial metadata: goes out with the next part. */
  header(metadata: Metadata): void {
    if (!this.#ended) this.#sender.part().header = encodeMetadata(metadata);
  }

  /** Sends one message, waiting for credit; one at a time. Rejects with RpcError when the call ends first. */
  async message(bytes: Uint8Array): Promise<void> {
    if (bytes.length > LIMITS.messageBytes)
      throw refusal(
        Status.RESOURCE_EXHAUSTED,
        Reason.REASON_TOO_LARGE,
        `expected a message of at most ${LIMITS.messageBytes} bytes, got ${bytes.length}`,
      );
    let at = 0;
    do {
      const overhead = at === 0 ? MESSAGE_OVERHEAD_BYTES : 0;
      const remaining = bytes.length - at;
      const least = overhead + Math.min(remaining, 2 * PIECE_LEAST_BYTES);
      if (this.#credit.available < least) {
        this.#sender.flush();
        await this.#credit.whenAvailable(least);
      }
      if (this.#ended) throw this.#error ?? new RpcError(Status.CANCELLED, 'the call is over');
      if (this.#sender.room < Math.min(remaining, PIECE_LEAST_BYTES)) this.#sender.flush();
      const size = Math.min(remaining, this.#sender.room, this.#credit.available - overhead);
      this.#sender.piece(at === 0 ? bytes.length : 0, bytes.subarray(at, at + size));
      this.#credit.spend(size + overhead);
      at += size;
    } while (at < bytes.length);
  }

  halfClose(): void {
    if (!this.#ended) this.#sender.part().halfClose = true;
  }

  /** Callee: ends the call with a status; `undefined` = OK. */
  finish(error: RpcError | undefined, trailer: Metadata = new Metadata()): void {
    if (this.#ended) return;
    const details = error === undefined ? new Uint8Array() : encodeStatusDetails(error);
    this.#sender.part().status = {
      code: error?.status ?? Status.OK,
      message: clipText(error?.message ?? '', STATUS_MESSAGE_BYTES),
      details: Buffer.from(details.length > LIMITS.metadataBytes ? new Uint8Array() : details),
      trailer: encodeMetadata(trailer),
    };
    this.#sender.finish();
    this.#end(error, trailer);
  }

  /** Ends the call here and, as far as it can be reached, at the peer: a caller cancels, a callee sends the status. */
  fail(error: RpcError): void {
    if (this.#ended) return;
    if (this.#deps.role === 'callee') {
      this.finish(error, error.metadata);
      return;
    }
    // What is pending was never promised; only an open call needs to hear of its end.
    this.#sender.part().cancel = true;
    this.#sender.finish();
    this.#messages.length = 0;
    this.#end(error, new Metadata());
  }

  /** Ends the call here without a word to the peer, which knows of it already or cannot hear. */
  abandon(error: RpcError): void {
    this.#messages.length = 0;
    this.#end(error, new Metadata());
  }

  /**
   * To be called every `sweepEveryMs`: asks a silent peer for a frame, and fails the call of a vanished one. Patience is
   * counted in sweeps: where this process itself stood still, what came meanwhile is read before the next sweep.
   */
  sweep(liveness: Liveness): void {
    if (this.#ended) return;
    const silentMs = this.#deps.nowMs() - this.#heardAt;
    if (!this.#deps.seal.alive) {
      this.abandon(
        new RpcError(Status.UNAVAILABLE, 'the link session reached its end during the call; call again'),
      );
    } else if (silentMs < liveness.keepAliveMs) {
      return;
    } else if (this.#sweepsSincePing === undefined) {
      this.#sweepsSincePing = 0;
      this.#sender.part().ping = true;
    } else if (
      ++this.#sweepsSincePing >=
      (liveness.livenessMs - liveness.keepAliveMs) / sweepEveryMs(liveness)
    ) {
      this.fail(
        new RpcError(
          Status.UNAVAILABLE,
          `the peer has not been heard for ${Math.round(silentMs)} ms; call again`,
        ),
      );
    }
  }

  // ── in ──

  /** Takes the peer's frame. Anything but its next one fails the call; nothing is skipped over. */
  take(number: number, sealed: Uint8Array): void {
    if (this.#ended) return;
    if (number !== this.#expected) {
      const what =
        number > this.#expected ? 'a frame of the call was lost' : 'a frame of the call came twice';
      this.fail(
        refusal(
          Status.UNAVAILABLE,
          Reason.REASON_FRAME_FOREIGN,
          `${what}: expected frame ${this.#expected}, got ${number}; call again`,
        ),
      );
      return;
    }
    const plaintext = this.#deps.seal.open(number, sealed);
    if (plaintext === undefined) {
      this.fail(
        refusal(
          Status.UNAVAILABLE,
          Reason.REASON_FRAME_FOREIGN,
          `frame ${number} is not the peer's frame of this call; call again`,
        ),
      );
      return;
    }
    this.apply(plaintext);
  }

  /** Applies the next frame's plaintext; the result is the `open` part of a caller's first frame. */
  apply(plaintext: Uint8Array): CallOpen | undefined {
    const from = this.#deps.role === 'caller' ? 'callee' : 'caller';
    const frame = decodeFrame(plaintext, from, this.#expected);
    this.#expected++;
    this.#heardAt = this.#deps.nowMs();
    this.#sweepsSincePing = undefined;
    if (frame === undefined) {
      this.#breach('the frame is malformed');
      return undefined;
    }
    if (frame.header !== undefined) this.#takeHeader(frame.header);
    for (const piece of frame.pieces) if (!this.#ended) this.#takePiece(piece.size, piece.data);
    if (this.#ended) return undefined;
    if (frame.halfClose) this.#takeHalfClose();
    if (frame.credit > 0 && !this.#credit.grant(frame.credit))
      this.#breach('more credit than a call can need');
    if (frame.ping && !this.#ended) this.#sender.part().pong = true;
    if (frame.status !== undefined) this.#takeStatus(frame.status);
    if (frame.cancel) this.abandon(new RpcError(Status.CANCELLED, 'the caller cancelled the call'));
    return frame.open;
  }

  #breach(what: string): void {
    this.fail(
      refusal(Status.INTERNAL, Reason.REASON_MALFORMED, `the peer broke the protocol of calls: ${what}`),
    );
  }

  #takeHeader(wire: NonNullable<Frame['header']>): void {
    const metadata = decodeMetadata(wire);
    if (metadata === undefined || this.#headerSeen) {
      this.#breach('initial metadata is malformed or came twice');
      return;
    }
    this.#headerSeen = true;
    this.#deps.header?.(metadata);
  }

  #takePiece(size: number, data: Uint8Array): void {
    if (this.#remoteDone) {
      this.#breach('a message after the last one');
      return;
    }
    const outcome = this.#assembly.take(size, data);
    switch (outcome.kind) {
      case 'message':
        this.#deliver(outcome.message);
        return;
      case 'breach':
        this.#breach(outcome.what);
        return;
      case 'too-large':
        this.fail(
          refusal(
            Status.RESOURCE_EXHAUSTED,
            Reason.REASON_TOO_LARGE,
            `expected a message of at most ${LIMITS.messageBytes} bytes, ${size} were announced`,
          ),
        );
        return;
      case 'more':
    }
  }

  #deliver(message: Uint8Array): void {
    const reader = this.#reader;
    if (reader === undefined) {
      this.#messages.push(message);
      return;
    }
    this.#reader = undefined;
    this.#window.consume(message.length);
    reader.resolve({ value: message, done: false });
  }

  #takeHalfClose(): void {
    if (this.#remoteDone || this.#assembly.incomplete) {
      this.#breach('the last message is incomplete');
      return;
    }
    this.#remoteDone = true;
    this.#settleReader();
  }

  #takeStatus(wire: NonNullable<Frame['status']>): void {
    const trailer = decodeMetadata(wire.trailer) ?? new Metadata();
    if (wire.code === Status.OK && this.#assembly.incomplete) {
      this.#breach('the last message is incomplete');
      return;
    }
    this.#remoteDone = true;
    if (!this.#headerSeen) {
      this.#headerSeen = true;
      this.#deps.header?.(new Metadata());
    }
    const error =
      wire.code === Status.OK
        ? undefined
        : new RpcError(statusCodeOf(wire.code), wire.message, {
            details: decodeStatusDetails(wire.details),
            metadata: trailer,
          });
    this.#end(error, trailer);
  }

  // ── reading and the end ──

  /** The next message; done after the last. Rejects with RpcError where the call failed. One reader at a time. */
  read(): Promise<ReadResult> {
    const message = this.#messages.shift();
    if (message !== undefined) {
      this.#window.consume(message.length);
      return Promise.resolve({ value: message, done: false });
    }
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
      this.#settleReader();
    });
  }

  #settleReader(): void {
    const reader = this.#reader;
    if (reader === undefined || (!this.#ended && !this.#remoteDone)) return;
    // A caller learns the outcome from the status only; a callee reads until the half-close.
    if (!this.#ended && this.#deps.role === 'caller') return;
    this.#reader = undefined;
    if (this.#ended && this.#error !== undefined) reader.reject(this.#error);
    else reader.resolve({ value: undefined, done: true });
  }

  #end(error: RpcError | undefined, trailer: Metadata): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    this.#sender.close();
    this.#assembly.drop();
    this.#credit.end(() => error ?? new RpcError(Status.CANCELLED, 'the call is over'));
    this.#window.end();
    this.#settleReader();
    this.#deps.ended(error, trailer);
  }
}
