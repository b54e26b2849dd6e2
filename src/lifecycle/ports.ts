/** What the life cycle asks of others. The objects of policy/, ledger/ and exchange/ have these shapes. */
import type { DisclosedFacet } from '../gen/tocsin/record/v1/header.ts';
import type { DeskGroup } from '../gen/tocsin/record/v1/marking.ts';
import type { SignedHeader, World } from '../record/index.ts';
import type { WriteTx } from '../store/index.ts';

/** A record of our own with every facet that it has. */
export interface OwnRecord {
  readonly signed: SignedHeader;
  readonly facets: readonly DisclosedFacet[];
  /** For a record of kind `link`: whether both of its ends are disclosed to the partner. */
  readonly endsDisclosedTo?: (partner: string) => boolean;
}

/** Policies and roster in force. */
export interface PolicyPort<View> {
  /** Changes whenever policies or roster change: views made under another digest no longer count. */
  readonly digest: string;
  /** What each partner would see, itself excepted. */
  preview(record: OwnRecord, atMs: number): readonly View[];
}

/** The node's log. */
export interface LedgerPort {
  /** Puts the header into the queue of leaves, durably with the transaction. */
  enqueue(tx: WriteTx, signed: SignedHeader): Promise<void>;
}

/** The way out. */
export interface FanoutPort<View> {
  /** Queues the record for every partner that a view lets receive it, durably with the transaction. */
  fanout(tx: WriteTx, record: OwnRecord, views: readonly View[]): Promise<unknown>;
}

/** What a changed policy queued, and took out of the queue, for one partner. */
export interface FollowUpChange {
  readonly recipient: string;
  /** Facets that follow. */
  readonly followed: readonly string[];
  /** Facets that waited and are no longer permitted. */
  readonly withdrawn: readonly string[];
  /** Whether the partner may still learn of the record. */
  readonly permitted: boolean;
}

/** The way out for records that are under way already. */
export interface FollowUpPort<View> {
  /** Queues what the views permit and a recipient has not got, takes back what waits and is not permitted; durably with the transaction. */
  followUp(tx: WriteTx, record: OwnRecord, views: readonly View[]): Promise<readonly FollowUpChange[]>;
}

/** The state's own policy in its place: what counts, and how another comes to count. */
export interface NationalPolicyPort {
  /** As of now, after a look at its file. */
  standing(): Promise<{
    /** Over all policies in force and the roster. */
    readonly digest: string;
    /** Text of the national policy in force. */
    readonly national: string;
    /** The file holds another text, which cannot be put in force. */
    readonly fileDiffers: boolean;
  }>;
  /** Every fault of a text. */
  check(text: string): readonly {
    readonly severity: 'error' | 'warning';
    readonly code: string;
    readonly line: number;
    readonly message: string;
  }[];
  /** Writes the file durably, and resolves once the text is in force. Rejects where it is not. */
  putInForce(text: string): Promise<void>;
}

/** Who this node is. */
export interface SelfPort {
  readonly node: string;
  /** Network digest, 32 bytes. */
  readonly network: Uint8Array;
  /** Origin of the log that signs the records of that world, in the present incarnation. */
  logOrigin(world: World): string;
}

/** An officer, as the certificate names him. Whether his role may do a thing at all is the desk's policy. */
export interface Officer {
  /** Fingerprint of the certificate. */
  readonly fingerprint: string;
  readonly name: string;
  readonly deskGroup: DeskGroup;
  /** What every audit row of the officer's call says besides: role, purpose, mode. */
  readonly facts?: Readonly<Record<string, string>>;
}
