/** Tables of who may speak: rosters, key statements, prekeys; and the node's own facts. */
import type { Maybe, MaybeWhole, Whole } from './column.ts';

export interface MetaTable {
  key: string;
  value: Uint8Array;
}

export interface RosterTable {
  version: Whole;
  /** SHA-256 of the signed bytes. */
  digest: Uint8Array;
  /** Encoded SignedRoster. */
  body: Uint8Array;
}

export interface StatementTable {
  digest: Uint8Array;
  node: string;
  sequence: Whole;
  /** Encoded SignedKeyStatement. */
  body: Uint8Array;
  verified_at: Whole;
}

export interface PrekeyBundleTable {
  node: string;
  sequence: Whole;
  /** Encoded SignedPrekeyBundle. */
  body: Uint8Array;
}

/** Two validly signed rosters of one version: what is held, what rivals it, and which of them the operator chose. */
export interface RosterForkTable {
  version: Whole;
  /** Digest of the one in use when the other was seen. */
  held: Uint8Array;
  rival: Uint8Array;
  /** Encoded SignedRoster of the rival. */
  rival_body: Uint8Array;
  /** Who showed it. */
  shown_by: string;
  at: Whole;
  /** Digest of the one that was chosen; null until then. */
  chosen: Maybe<Uint8Array>;
  resolved_at: MaybeWhole;
}

/** A record that came here after its member was put out, and before that was known here (T16). */
export interface LateRecordTable {
  header_digest: Uint8Array;
  member: string;
  standing: 'suspended' | 'expelled';
  /** From when the standing held. */
  since: Whole;
  /** The version that told it. */
  roster_version: Whole;
  at: Whole;
}
