/**
 * The folder of attachments of a running node: what a crash left is mended at start, and bytes that no record and no draft
 * names any more are removed as soon as the purge is durable. Their key went with the facet that held it, in its transaction.
 */
import { Wake } from '../base/async.ts';
import { hex } from '../base/bytes.ts';
import type { Clock } from '../base/clock.ts';
import { type Blobs, openBlobs, removeUnnamed, type Store, sweepBlobs } from '../store/index.ts';
import type { NodePaths } from './config.ts';
import type { Logger } from './logger.ts';

/** Purges wake it; this is for drafts given up, and for what an error left. */
const SWEEP_MS = 30_000;

export interface AttachmentFolder {
  readonly blobs: Blobs;
  /** Removes bytes that nothing names any more until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

export async function openAttachments(
  paths: NodePaths,
  store: Store,
  clock: Clock,
  logger: Logger,
): Promise<AttachmentFolder> {
  const blobs = await openBlobs(paths.blobs);
  const lost = await sweepBlobs(store, blobs, clock.nowMs());
  for (const digest of lost) logger.error({ blob: hex(digest) }, 'an attachment is gone from the folder');
  return {
    blobs,
    async run(signal) {
      const wake = new Wake();
      const stop = store.onPurged(() => wake.wake());
      try {
        while (!signal.aborted) {
          await removeUnnamed(store, blobs);
          await wake.wait(SWEEP_MS, signal).catch(() => undefined);
        }
      } finally {
        stop();
      }
    },
  };
}
