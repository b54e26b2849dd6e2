/** Tables of who may speak: rosters, key statements, prekeys; and the node's own facts. */
import type { Whole } from './column.ts';

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
