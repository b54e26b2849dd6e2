/** The frames of one direction of a call on their way out: parts are gathered until the end of the turn, then sealed. */
import type { Frame } from '../gen/tocsin/exchange/v1/frame.ts';
import { emptyFrame, encodeFrame, encodeFramePacket, FRAME_PIECE_BYTES } from './codec.ts';
import type { CallSeal } from './ports.ts';

/** Counted per piece beside its bytes when a frame is filled. */
const PIECE_OVERHEAD_BYTES = 16;

export class FrameSender {
  readonly #seal: CallSeal;
  readonly #send: (packet: Uint8Array) => void;
  readonly #failed: (cause: unknown) => void;
  #pending: Frame | undefined;
  #pieceBytes = 0;
  #scheduled = false;
  #closed = false;

  /** `failed`: a frame could not be sent, which leaves a gap: the call cannot go on. */
  constructor(seal: CallSeal, send: (packet: Uint8Array) => void, failed: (cause: unknown) => void) {
    this.#seal = seal;
    this.#send = send;
    this.#failed = failed;
  }

  /** Bytes of messages that the frame at hand has room for. */
  get room(): number {
    return FRAME_PIECE_BYTES - this.#pieceBytes;
  }

  /** The frame at hand, to be added to; it goes out at the end of this turn, or before. */
  part(): Frame {
    this.#pending ??= emptyFrame();
    if (!this.#scheduled && !this.#closed) {
      this.#scheduled = true;
      queueMicrotask(() => {
        this.#scheduled = false;
        this.flush();
      });
    }
    return this.#pending;
  }

  piece(size: number, data: Uint8Array): void {
    this.part().pieces.push({ size, data: Buffer.from(data.buffer, data.byteOffset, data.length) });
    this.#pieceBytes += data.length + PIECE_OVERHEAD_BYTES;
  }

  flush(): void {
    if (this.#closed) return;
    try {
      this.#sendPending();
    } catch (cause) {
      this.#failed(cause);
    }
  }

  /** Sends what is at hand as the last frame. Where that fails, the peer finds out by silence. */
  finish(): void {
    if (this.#closed) return;
    this.#closed = true;
    try {
      this.#sendPending();
    } catch {
      // The call ends here in the way that was decided, whatever became of the word about it.
    }
  }

  /** Nothing goes out any more. */
  close(): void {
    this.#closed = true;
    this.#pending = undefined;
  }

  #sendPending(): void {
    const frame = this.#pending;
    if (frame === undefined) return;
    this.#pending = undefined;
    this.#pieceBytes = 0;
    const { frame: number, sealed } = this.#seal.seal(encodeFrame(frame));
    this.#send(encodeFramePacket(this.#seal.sessionId, this.#seal.number, number, sealed));
  }
}
