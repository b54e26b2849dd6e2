/** A copy of the store as of one moment, whether a node runs on it or not. */
import { copySqlite } from './dialect/sqlite-copy.ts';
import { openStore } from './store.ts';

export interface StoreCopy {
  /** Digests of the attachments that count as of the copy, oldest first. */
  readonly blobs: readonly Uint8Array[];
}

/**
 * Writes one committed state of the store to a new file, read back and checked whole. A running node goes on beside it. What
 * was deleted is not in the copy. Throws StoreError: STORE_CANNOT_OPEN, STORE_CORRUPT, STORE_FULL, STORE_BUSY.
 */
export async function copyStore(path: string, to: string): Promise<StoreCopy> {
  copySqlite(path, to);
  await using store = await openStore({ path: to });
  return { blobs: await store.read((tx) => tx.attachments.allHeld()) };
}
