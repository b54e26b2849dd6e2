/** Tables of attachments: which records name which blobs, which blobs lie in the folder, and which are still to come. */
import type { Whole } from './column.ts';

/** A blob that a held facet names. Goes with its facet, so a purge of the facet needs nothing more. */
export interface AttachmentTable {
  header_digest: Uint8Array;
  /** Name of the facet. */
  facet: string;
  /** SHA-256 of the encrypted blob. */
  blob_digest: Uint8Array;
  /** Bytes of the file before encryption. */
  size: Whole;
}

/** A blob that is whole and durable in the folder. */
export interface BlobTable {
  digest: Uint8Array;
  size: Whole;
  stored_at: Whole;
}

/** A blob that an item of a taken manifest disclosed and that is not here yet: its receipt says pending. */
export interface AttachmentWaitTable {
  header_digest: Uint8Array;
  blob_digest: Uint8Array;
  sender: string;
  lane: Whole;
  incarnation: Whole;
  seq: Whole;
  since: Whole;
  attempts: Whole;
  /** Times that whole blobs came which were not what was named. */
  mismatches: Whole;
  next_attempt_at: Whole;
}
