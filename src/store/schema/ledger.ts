/** Tables of the node's own logs and of what it knows of others'. */
import type { ColumnType } from 'kysely';
import type { Maybe, Numbered, Whole } from './column.ts';

export interface LeafTable {
  log: string;
  index: Whole;
  hash: Uint8Array;
  /** Null for a dummy leaf. */
  header_digest: Maybe<Uint8Array>;
}

export interface TreeNodeTable {
  log: string;
  level: Whole;
  index: Whole;
  hash: Uint8Array;
}

export interface CheckpointTable {
  log: string;
  size: Whole;
  root: Uint8Array;
  note: Uint8Array;
  cause: 'tick' | 'urgent';
  at: Whole;
}

export interface PendingLeafTable {
  id: Numbered;
  log: string;
  header_digest: Uint8Array;
  leaf_hash: Uint8Array;
  /** 0 or 1. */
  urgent: Whole;
  at: Whole;
}

export interface KnownLogTable {
  origin: string;
  size: Whole;
  root: Uint8Array;
  note: Uint8Array;
  node: string;
  at: Whole;
  /** 1: proved here to be a part of the newest tied tree of its log. */
  tied: ColumnType<bigint, bigint | number | undefined, bigint | number>;
}

export interface CosignatureTable {
  origin: string;
  size: Whole;
  witness: string;
  line: string;
  at: Whole;
}
