/** Messages of one direction of a call, put together from the pieces that its frames carry, within the credit given. */
import { concat } from '../base/bytes.ts';
import { LIMITS } from '../base/limits.ts';
import { MESSAGE_OVERHEAD_BYTES, type ReceiveWindow } from './flow.ts';

/** A piece that does not finish its message has at least this many bytes, so that pieces cost less than they carry. */
export const PIECE_LEAST_BYTES = 4096;

export type PieceOutcome =
  | { readonly kind: 'message'; readonly message: Uint8Array }
  | { readonly kind: 'more' }
  | { readonly kind: 'too-large' }
  /** The peer broke the protocol. */
  | { readonly kind: 'breach'; readonly what: string };

const breach = (what: string): PieceOutcome => ({ kind: 'breach', what });

export class MessageAssembly {
  readonly #window: ReceiveWindow;
  #current: { readonly size: number; have: number; readonly pieces: Uint8Array[] } | undefined;

  constructor(window: ReceiveWindow) {
    this.#window = window;
  }

  /** A message has begun and not ended. */
  get incomplete(): boolean {
    return this.#current !== undefined;
  }

  take(size: number, data: Uint8Array): PieceOutcome {
    const started = this.#current === undefined;
    if (started && size > LIMITS.messageBytes) return { kind: 'too-large' };
    if (!this.#window.receive(data.length + (started ? MESSAGE_OVERHEAD_BYTES : 0)))
      return breach('more bytes than there was credit for');
    this.#current ??= { size, have: 0, pieces: [] };
    const message = this.#current;
    message.have += data.length;
    message.pieces.push(data);
    if (message.have > message.size || (!started && size !== 0))
      return breach('pieces do not add up to their message');
    if (message.have === message.size) {
      this.#current = undefined;
      return { kind: 'message', message: message.pieces.length === 1 ? data : concat(...message.pieces) };
    }
    if (data.length < PIECE_LEAST_BYTES) return breach('a piece is too small');
    if (started) this.#window.expect(size);
    return { kind: 'more' };
  }

  drop(): void {
    this.#current = undefined;
  }
}
