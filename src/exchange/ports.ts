/**
 * What the exchange asks of others. The objects of ledger/, policy/, identity/ and transport/ have these shapes; tests
 * join two nodes through a mailbox in memory that has the shape of `MailboxPort`.
 */
import type { Verdict } from '../base/verdict.ts';
import type {
  BackfillRequest,
  BackfillResponse,
  FetchAttachmentRequest,
  FetchAttachmentResponse,
  GetCheckpointsRequest,
  GetCheckpointsResponse,
  GetKeysRequest,
  GetKeysResponse,
  GetRostersRequest,
  GetRostersResponse,
  GiveBackRequest,
  GiveBackResponse,
  HeartbeatRequest,
  HeartbeatResponse,
  ProveLogRequest,
  ProveLogResponse,
} from '../gen/tocsin/exchange/v1/exchange_service.ts';
import type { Audience, FacetAudience } from '../gen/tocsin/exchange/v1/parcel.ts';
import type {
  AddCheckpointRequest,
  AddCheckpointResponse,
} from '../gen/tocsin/exchange/v1/witness_service.ts';
import type { DisclosedFacet } from '../gen/tocsin/record/v1/header.ts';
import type { HybridPublicKey, HybridSignature } from '../gen/tocsin/record/v1/identity.ts';
import type { Reason } from '../gen/tocsin/record/v1/reason.ts';
import type { SignedHeader, SignedType, World } from '../record/index.ts';
import type { ReadTx, WriteTx } from '../store/index.ts';
import type { Lane } from './link.ts';

/**
 * `stored` = it lies in the mailbox (which is no archive). `duplicate` = the broker swallowed it as already seen, so it
 * counts as not delivered. `full` = the mailbox takes nothing now. `unknown` = no answer: it may lie there or not.
 */
export type PutOutcome = 'stored' | 'duplicate' | 'full' | 'unknown';

/** One parcel out of a mailbox. Unacknowledged, it comes again. */
export interface Mail {
  /** From the subject: a claim, bound by the seal and the signature. */
  readonly sender: string;
  readonly lane: Lane;
  readonly bytes: Uint8Array;
  ack(): Promise<void>;
  retryLater(delayMs: number): Promise<void>;
}

/** Store-and-forward between nodes. Keeps no promise but best effort: order, loss and repetition are ours to mend. */
export interface MailboxPort {
  put(mail: {
    readonly recipient: string;
    readonly lane: Lane;
    readonly bytes: Uint8Array;
    readonly messageId: string;
  }): Promise<PutOutcome>;
  /** Hands over mail until the signal aborts, then resolves; at most `maxInFlight` without an answer at once. */
  consume(
    lane: Lane,
    handle: (mail: Mail) => Promise<void>,
    options: { readonly signal: AbortSignal; readonly maxInFlight: number },
  ): Promise<void>;
}

/** The node's own logs. `enqueue` is durable with its transaction; a leaf index follows at the next checkpoint. */
export interface LedgerPort {
  /** Names of the logs of the present incarnation. */
  readonly origins: Readonly<Record<World, string>>;
  enqueue(tx: WriteTx, signed: SignedHeader): Promise<void>;
  /** Proofs of records' leaves in the tree of `atSize` leaves of their log, in the order asked. */
  proofsFor(
    tx: ReadTx,
    headerDigests: readonly Uint8Array[],
    atSize: bigint,
  ): Promise<readonly { readonly index: bigint; readonly proof: readonly Uint8Array[] }[]>;
  /** Of any log that the store holds. */
  consistency(tx: ReadTx, log: string, from: bigint, to: bigint): Promise<readonly Uint8Array[]>;
  newestCheckpoint(
    tx: ReadTx,
    /** A world of the present incarnation, or any origin that the store holds. */
    log: string,
  ): Promise<{ readonly size: bigint; readonly root: Uint8Array; readonly note: Uint8Array } | undefined>;
  /** Told after every checkpoint is durable; returns how to stop. */
  onCheckpoint(listener: () => void): () => void;
}

/** One decision of the policy. */
export interface DecisionPort {
  readonly allowed: boolean;
  readonly rule: string;
  readonly reason: string;
}

/** What one partner may see of one record. */
export interface PartnerView {
  readonly partner: string;
  readonly receive: DecisionPort;
  readonly facets: ReadonlyMap<string, DecisionPort>;
  readonly audience: Audience;
  readonly facetAudiences: readonly FacetAudience[];
  readonly basis: string;
  readonly validUntilMs: number;
}

/** The originator's permission to pass a record on. */
export interface ConsentView {
  readonly facets: readonly string[];
  readonly to: readonly string[];
  readonly expiresMs: number;
}

/** A record with all of its facets that this node holds. */
export interface ShareableRecord {
  readonly signed: SignedHeader;
  readonly facets: readonly DisclosedFacet[];
  /** The consent that a forwarder relies on. */
  readonly consent?: ConsentView;
  /** For a link: whether both of its ends are disclosed to a partner. */
  readonly endsDisclosedTo?: (partner: string) => boolean;
}

export interface PolicyPort {
  viewFor(record: ShareableRecord, partner: string, atMs: number): PartnerView;
  /** The receiver's side: third-party rule, suspended senders, forbidden facets. */
  judgeArrival(
    arrival: {
      readonly signed: SignedHeader;
      readonly sender: string;
      readonly disclosed: readonly string[];
      readonly audience: Audience;
      /** The originator's consent that the sender relies on. */
      readonly consent?: ConsentView;
    },
    atMs: number,
  ): Verdict<true, Reason>;
}

/** The link and witness keys and the prekeys of this node. */
export interface KeyringPort {
  readonly link: HybridPublicKey;
  /** By the link key in use, or by `as`: the one that the statement named beside the signature has. */
  sign(
    role: 'link',
    type: SignedType,
    signedBytes: Uint8Array,
    as?: HybridPublicKey,
  ): Promise<HybridSignature>;
  readonly witness: HybridPublicKey;
  /** Over bytes as they are, without context. */
  signRaw(role: 'witness', algorithm: 'ml-dsa-44', bytes: Uint8Array): Promise<Uint8Array>;
  readonly prekeys: PrekeysPort;
}

export interface HeldPrekey {
  readonly id: Uint8Array;
  readonly suite: number;
  readonly publicKey: Uint8Array;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** Private halves, a file each. `create` is durable on return, so that publishing comes after. */
export interface PrekeysPort {
  list(): Promise<readonly HeldPrekey[]>;
  create(prekey: Omit<HeldPrekey, 'suite'> & { readonly privateKey: Uint8Array }): Promise<unknown>;
  open(id: Uint8Array): Promise<Uint8Array | undefined>;
  delete(id: Uint8Array): Promise<void>;
}

export interface CallLimits {
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
}

/** ExchangeService of one peer, over a link session: whoever answers is the peer. */
export interface PeerCalls {
  heartbeat(request: HeartbeatRequest, limits?: CallLimits): Promise<HeartbeatResponse>;
  giveBack(request: GiveBackRequest, limits?: CallLimits): AsyncIterable<GiveBackResponse>;
  backfill(request: BackfillRequest, limits?: CallLimits): AsyncIterable<BackfillResponse>;
  getKeys(request: GetKeysRequest, limits?: CallLimits): Promise<GetKeysResponse>;
  getRosters(request: GetRostersRequest, limits?: CallLimits): Promise<GetRostersResponse>;
  fetchAttachment(
    request: FetchAttachmentRequest,
    limits?: CallLimits,
  ): AsyncIterable<FetchAttachmentResponse>;
  getCheckpoints(request: GetCheckpointsRequest, limits?: CallLimits): Promise<GetCheckpointsResponse>;
  proveLog(request: ProveLogRequest, limits?: CallLimits): Promise<ProveLogResponse>;
}

/** WitnessService of one peer. */
export interface WitnessCalls {
  addCheckpoint(request: AddCheckpointRequest, limits?: CallLimits): Promise<AddCheckpointResponse>;
}

/** Business events: one call each feeds log and metrics. Names and numbers only, never content. */
export interface ExchangeEvents {
  sent?(event: {
    recipient: string;
    lane: Lane;
    seq: bigint;
    items: number;
    bytes: number;
    attempt: number;
  }): void;
  delivered?(event: { recipient: string; lane: Lane; seq: bigint; items: number; refused: number }): void;
  received?(event: { sender: string; lane: Lane; seq: bigint; accepted: number; refused: number }): void;
  refused?(event: { sender: string; lane: Lane; reason: Reason; detail: string }): void;
  /** Mail that cannot be judged yet, and waits. */
  held?(event: { sender: string; lane: Lane; reason: Reason; detail: string }): void;
  gap?(event: { sender: string; lane: Lane; expected: bigint; got: bigint }): void;
  alarm?(event: { code: string; subject: string; detail: string }): void;
  /** A witness has cosigned a checkpoint of ours. */
  witnessed?(event: { origin: string; size: bigint; witness: string }): void;
  /** Something of ours failed; it is tried again. */
  failed?(event: { what: string; peer: string; error: unknown }): void;
}
