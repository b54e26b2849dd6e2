/**
 * Flow control by credit, in bytes, for each direction of a call. A sender begins with one window of credit; the receiver
 * grants more as its application *reads*, so an application that does not read stops the sender, and nothing grows.
 * A message larger than the window needs room of its own to be put together: the receiver reserves it whole, from a budget
 * per peer, before granting it, so that half-received messages never wait for one another.
 */
import { LIMITS } from '../base/limits.ts';

/** What a message counts beside its bytes, so that empty ones are bounded too. */
export const MESSAGE_OVERHEAD_BYTES = 64;

export const messageCost = (size: number): number => size + MESSAGE_OVERHEAD_BYTES;

/** The sender's side. */
export class SendCredit {
  #available: number = LIMITS.callWindowBytes;
  #waiting:
    | { readonly least: number; readonly resolve: () => void; readonly reject: (error: unknown) => void }
    | undefined;
  #over: (() => unknown) | undefined;

  get available(): number {
    return this.#available;
  }

  /** Resolves when at least `least` bytes may be sent; rejects when the call ends first. One waiter at a time. */
  whenAvailable(least: number): Promise<void> {
    if (this.#over !== undefined) return Promise.reject(this.#over());
    if (this.#available >= least) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiting = { least, resolve, reject };
    });
  }

  spend(bytes: number): void {
    this.#available -= bytes;
  }

  /** False where the peer grants more than any call can need: a breach of the protocol. */
  grant(bytes: number): boolean {
    this.#available += bytes;
    if (this.#available > LIMITS.callWindowBytes + messageCost(LIMITS.messageBytes)) return false;
    const waiting = this.#waiting;
    if (waiting !== undefined && this.#available >= waiting.least) {
      this.#waiting = undefined;
      waiting.resolve();
    }
    return true;
  }

  /** `error` is asked for only where somebody waits: most calls end with nobody waiting. */
  end(error: () => unknown): void {
    this.#over = error;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.reject(error());
  }
}

/** Room for large messages, shared by all calls with one peer; first come, first served. */
export class AssemblyBudget {
  #free: number = LIMITS.assemblyBytesPerPeer;
  readonly #waiting: Array<{ readonly bytes: number; readonly granted: () => void; withdrawn: boolean }> = [];

  /** Calls `granted`, now or later, once the room is there. The result gives it back, or withdraws the wish. */
  reserve(bytes: number, granted: () => void): () => void {
    const wish = { bytes, granted, withdrawn: false };
    let held = false;
    this.#waiting.push({
      bytes,
      granted: () => {
        held = true;
        granted();
      },
      get withdrawn() {
        return wish.withdrawn;
      },
    });
    this.#serve();
    return () => {
      if (wish.withdrawn) return;
      wish.withdrawn = true;
      if (held) this.#free += bytes;
      this.#serve();
    };
  }

  #serve(): void {
    for (;;) {
      const [first] = this.#waiting;
      if (first === undefined) return;
      if (!first.withdrawn) {
        if (first.bytes > this.#free) return;
        this.#free -= first.bytes;
      }
      this.#waiting.shift();
      if (!first.withdrawn) first.granted();
    }
  }
}

/** The receiver's side. */
export class ReceiveWindow {
  readonly #budget: AssemblyBudget;
  readonly #send: (credit: number) => void;
  #granted: number = LIMITS.callWindowBytes;
  #received = 0;
  #consumed = 0;
  #extra = 0;
  readonly #release: Array<() => void> = [];

  /** `send` tells the peer of further credit. */
  constructor(budget: AssemblyBudget, send: (credit: number) => void) {
    this.#budget = budget;
    this.#send = send;
  }

  /** Counts arrived bytes; false where the peer sent more than it was granted. */
  receive(bytes: number): boolean {
    this.#received += bytes;
    return this.#received <= this.#granted;
  }

  /** A message of this size has begun: makes room where the window alone will not do. */
  expect(size: number): void {
    const extra = messageCost(size) - LIMITS.callWindowBytes;
    if (extra <= 0) return;
    const release = this.#budget.reserve(extra, () => {
      this.#extra += extra;
      this.#grantDue(0);
    });
    this.#release.push(() => {
      release();
      this.#extra = Math.max(0, this.#extra - extra);
    });
  }

  /** The application has read a message of this size. */
  consume(size: number): void {
    if (messageCost(size) > LIMITS.callWindowBytes) this.#release.shift()?.();
    this.#consumed += messageCost(size);
    this.#grantDue(LIMITS.callWindowBytes / 2);
  }

  /** The call is over: gives back what was reserved. */
  end(): void {
    for (const release of this.#release.splice(0)) release();
  }

  #grantDue(atLeast: number): void {
    const due = this.#consumed + LIMITS.callWindowBytes + this.#extra - this.#granted;
    if (due <= atLeast) return;
    this.#granted += due;
    this.#send(due);
  }
}
