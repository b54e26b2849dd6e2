/** What the check of a store found, and what every part of it needs. */
import { hex } from '../../base/bytes.ts';
import type { Directory } from '../../exchange/index.ts';
import type { Blobs, ReadTx } from '../../store/index.ts';

export type FindingCode =
  | 'LEAF_GAP'
  | 'LEAF_WRONG'
  | 'DUMMY_WRONG'
  | 'NODE_WRONG'
  | 'NODE_MISSING'
  | 'CHECKPOINT_WRONG'
  | 'CHECKPOINT_UNSIGNED'
  | 'LOG_UNCOVERED'
  | 'PENDING_WRONG'
  | 'KNOWN_LOG_WRONG'
  | 'HEADER_WRONG'
  | 'RECORD_UNLIKE_HEADER'
  | 'RECORD_UNLOGGED'
  | 'RECORD_DOUBLED'
  | 'PROOF_WRONG'
  | 'FACET_WRONG'
  | 'TOMBSTONE_BROKEN'
  | 'HOLDER_UNFOUNDED'
  | 'MANIFEST_WRONG'
  | 'CHAIN_BROKEN'
  | 'LINK_WRONG'
  | 'OUTBOX_WRONG'
  | 'INBOX_WRONG'
  | 'AUDIT_BROKEN'
  | 'STATEMENT_WRONG'
  | 'ROSTER_WRONG'
  | 'META_WRONG'
  | 'BLOB_MISSING'
  | 'BLOB_WRONG'
  | 'BLOB_UNKNOWN';

export interface Finding {
  readonly code: FindingCode;
  /** A log and index, a header digest, a lane: enough to find the row. No record content. */
  readonly subject: string;
  readonly detail: string;
}

export interface FsckDeps {
  readonly tx: ReadTx;
  readonly network: Uint8Array;
  readonly self: string;
  /** Who may speak, as the store holds it. */
  readonly directory: Pick<Directory, 'statementBy' | 'statementOf'>;
  readonly blobs: Blobs;
}

export const finding = (code: FindingCode, subject: string, detail: string): Finding => ({
  code,
  subject,
  detail,
});

/** A header digest as people look for it. */
export const short = (digest: Uint8Array): string => hex(digest).slice(0, 16);
