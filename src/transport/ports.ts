/**
 * What the transport needs of others: a broker that carries bytes, mailboxes that keep them, and a guard that protects
 * the frames between two nodes. Whoever has these shapes will do.
 */
import type { Verdict } from '../base/verdict.ts';
import type { Reason } from '../gen/tocsin/record/v1/reason.ts';

/** A message as the broker delivers it. Nothing in it is authenticated. */
export interface BrokerMessage {
  readonly subject: string;
  readonly reply: string | undefined;
  readonly data: Uint8Array;
  /** The broker's word that nobody listens on the subject that named this one as its reply. */
  readonly noResponders: boolean;
}

/**
 * - `connected` first connection or a new one after a loss
 * - `disconnected` frames may be lost from here on; the broker port reconnects by itself, without end
 * - `slow-consumer` the broker dropped messages to us
 * - `refused` a publish or subscription lacks the permission named in `detail`
 * - `closed` for good: fatal
 */
export interface BrokerStatus {
  readonly type: 'connected' | 'disconnected' | 'slow-consumer' | 'refused' | 'closed';
  readonly detail: string;
}

export interface Closing {
  close(): void;
}

/** At-most-once delivery, in order per publisher and subject as long as the connection lasts. */
export interface Broker {
  readonly connected: boolean;
  /** Largest payload that the broker takes, bytes. */
  readonly maxPayload: number;
  /** Throws TransportError: BROKER_DISCONNECTED (nothing was sent), BROKER_CLOSED, PAYLOAD_TOO_LARGE. */
  publish(subject: string, data: Uint8Array, reply?: string): void;
  /** Calls `handle` for each message, one after the other; `handle` must not throw. Survives reconnects. */
  subscribe(subject: string, handle: (message: BrokerMessage) => void): Closing;
  /** Resolves when the broker has everything published so far. */
  flush(): Promise<void>;
  onStatus(listener: (status: BrokerStatus) => void): Closing;
}

/**
 * - `stored` the broker took it (no receipt: design §1.3)
 * - `duplicate` it had this message id within its window; NOT a sign that it still holds the message
 * - `full` the recipient's mailbox takes no more of ours now
 * - `unknown` no answer: it may or may not be there
 */
export type PutResult = 'stored' | 'duplicate' | 'full' | 'unknown';

export interface StoredMessage {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly redelivered: boolean;
  /** Removes it from the mailbox. The broker's confirmation is not awaited: a lost one means a redelivery. */
  ack(): void;
  retryLater(delayMs: number): void;
}

export interface ConsumeOptions {
  readonly signal: AbortSignal;
  /** Messages handed out and not yet settled. */
  readonly maxInFlight: number;
  /** An error of a handler, whose message comes again, or of the broker; for the log. */
  readonly failed?: (error: unknown) => void;
}

/** Kept messages of one stream. */
export interface MailBroker {
  put(subject: string, data: Uint8Array, messageId: string): Promise<PutResult>;
  /** Runs until the signal aborts, across reconnects. Each message is handed out until it is acknowledged. */
  consume(
    stream: string,
    durable: string,
    handle: (message: StoredMessage) => Promise<void>,
    options: ConsumeOptions,
  ): Promise<void>;
  /** Messages not yet handed out. Throws TransportError when the broker does not say. */
  backlog(stream: string, durable: string): Promise<number>;
}

/** Carries one message of a handshake to the peer and resolves with its answer; rejects when none comes in time. */
export type HandshakeCarrier = (message: Uint8Array) => Promise<Uint8Array>;

/** What a caller signs, and a callee can prove, of one call. */
export interface CallClaim {
  /** `/package.Service/Method`. */
  readonly method: string;
  /** Milliseconds UTC; 0 = none. */
  readonly deadlineAt: number;
  /** SHA-256 of the encoded request; of nothing for a stream of requests. */
  readonly requestDigest: Uint8Array;
}

/** A verified CallEvidence. */
export interface CallEvidenceRecord extends CallClaim {
  readonly caller: string;
  /** Encoded SignedCallEvidence: what is kept, and what proves it to others. */
  readonly signed: Uint8Array;
  /** Digest of the caller's key statement that the signature was judged by. */
  readonly statementDigest: Uint8Array;
}

/**
 * Protects the frames of one call in both directions. A frame is bound to session, direction, call and frame number.
 * `seal` never seals two frames under one number.
 */
export interface CallSeal {
  /** Number of the call in its session, never used twice. */
  readonly number: bigint;
  readonly sessionId: Uint8Array;
  /** Seals the next frame; `frame` = 0, 1, 2 … Throws when the session is over. */
  seal(plaintext: Uint8Array): { readonly frame: number; readonly sealed: Uint8Array };
  /** Opens a frame: undefined where it is not the peer's frame of this call with this number, or the session is over. */
  open(frame: number, sealed: Uint8Array): Uint8Array | undefined;
  /** False once the session is over: the call has failed. */
  readonly alive: boolean;
  /** Caller: the encoded SignedCallEvidence. */
  sign(claim: CallClaim): Promise<Uint8Array>;
  /** Callee: judges the caller's evidence against what it was really asked. `deadlineAt` may differ by the clock skew. */
  judge(evidence: Uint8Array, claim: CallClaim): Verdict<CallEvidenceRecord, Reason>;
}

/** What becomes of the first frame of a call at its callee. */
export type AcceptedCall =
  | { readonly kind: 'call'; readonly seal: CallSeal; readonly plaintext: Uint8Array }
  /** The number was taken before: a replay where `frame` is 0, else a late frame of a call that is over. */
  | { readonly kind: 'used' }
  /** No such session with this peer: it must make a new one. */
  | { readonly kind: 'no-session' }
  | { readonly kind: 'refused'; readonly reason: Reason; readonly detail: string };

export interface FrameGuard {
  /**
   * Caller: begins a call to `peer` in a session with it, which is made by a handshake where none stands. Throws
   * RpcError-like errors of the carrier, or GuardRefusal where the peer cannot be believed.
   */
  begin(peer: string, carry: HandshakeCarrier): Promise<CallSeal>;
  /** Caller: the peer does not know the session (an unauthenticated hint): calls from now on use a new one. */
  renew(peer: string, sessionId: Uint8Array): void;
  /** Callee: answers one handshake message; undefined = no answer. Bounded in time and memory whatever comes. */
  answer(peer: string, message: Uint8Array): Promise<Uint8Array | undefined>;
  /** Callee: authenticates a frame of a call not yet known and, only then, takes its number for ever. */
  accept(peer: string, sessionId: Uint8Array, call: bigint, frame: number, sealed: Uint8Array): AcceptedCall;
}

/** Judges the bytes of a message before the lax generated decoder sees them. `path` = `/package.Service/Method`. */
export type MessageJudge = (
  path: string,
  side: 'request' | 'response',
  bytes: Uint8Array,
) => Verdict<unknown, Reason>;
