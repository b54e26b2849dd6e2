/** The folder of blobs and the rows that speak of it, brought together after a crash and after purges. */
import { hex } from '../base/bytes.ts';
import type { Blobs } from './blobs.ts';
import type { Store } from './store.ts';

const PORTION = 200;

/**
 * At start, before anything is written to the folder: removes files that no row knows and unfinished ones that nothing waits
 * for. Rows whose file is gone are forgotten, with an alarm each; their digests.
 */
export async function sweepBlobs(store: Store, blobs: Blobs, nowMs: number): Promise<readonly Uint8Array[]> {
  const { held, waits } = await store.read(async (tx) => ({
    held: await tx.attachments.allHeld(),
    waits: await tx.attachments.allWaits(),
  }));
  const awaited = waits.map(({ blobDigest }) => blobDigest);
  const lost = await blobs.sweep(held, awaited);
  if (lost.length > 0)
    await store.write(async (tx) => {
      await tx.attachments.forget(lost);
      for (const digest of lost)
        await tx.alarms.raise({
          at: nowMs,
          code: 'ATTACHMENT_LOST',
          subject: hex(digest),
          detail: 'an attachment is gone from the folder blobs; restore the folder from a backup',
        });
    });
  return lost;
}

/**
 * Removes the bytes that neither a held facet nor an open draft names. To be called after purges, and now and then. The row
 * goes first; the file goes in a transaction of its own that looks again, so that a blob fetched anew meanwhile stays.
 */
export async function removeUnnamed(store: Store, blobs: Blobs): Promise<number> {
  let removed = 0;
  for (;;) {
    const unnamed = await store.read((tx) => tx.attachments.unnamed(PORTION));
    if (unnamed.length === 0) return removed;
    await store.write(async (tx) => {
      const still = new Set((await tx.attachments.unnamed(PORTION)).map(hex));
      await tx.attachments.forget(unnamed.filter((digest) => still.has(hex(digest))));
    });
    await store.write(async (tx) => {
      const held = await tx.attachments.held(unnamed);
      const gone = unnamed.filter((digest) => !held.has(hex(digest)));
      await blobs.remove(gone);
      removed += gone.length;
    });
  }
}
