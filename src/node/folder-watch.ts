/**
 * Files of the node's folder that may be replaced while it runs: a new key statement, roster, certificate. Whoever puts one
 * there writes it beside its place and renames it, so that what is read is whole. Looked at by their times rather than
 * through notifications, which network file systems and some containers do not deliver.
 */
import { stat } from 'node:fs/promises';
import { sleep } from '../base/async.ts';

/** Takes up what is new in a file; what it throws is told and tried again when the file changes again. */
export type TakeUp = () => Promise<void>;

export class FolderWatch {
  readonly #watched = new Map<string, { readonly takeUp: TakeUp; seen: string }>();
  readonly #options: { readonly everyMs: number; readonly onFailure: (path: string, error: unknown) => void };

  constructor(options: {
    readonly everyMs: number;
    readonly onFailure: (path: string, error: unknown) => void;
  }) {
    this.#options = options;
  }

  /** Changes after this call are taken up; what the file holds now is the caller's business. */
  async watch(path: string, takeUp: TakeUp): Promise<void> {
    this.#watched.set(path, { takeUp, seen: await markOf(path) });
  }

  /** One look at every file. */
  async look(): Promise<void> {
    for (const [path, one] of this.#watched) {
      const now = await markOf(path);
      if (now === one.seen) continue;
      one.seen = now;
      try {
        await one.takeUp();
      } catch (error) {
        this.#options.onFailure(path, error);
      }
    }
  }

  /** Looks until the signal aborts, then resolves. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(this.#options.everyMs, signal).catch(() => undefined);
      if (!signal.aborted) await this.look();
    }
  }
}

/** Changes whenever the file does; empty for no file. */
async function markOf(path: string): Promise<string> {
  try {
    const { mtimeNs, size, ino } = await stat(path, { bigint: true });
    return `${mtimeNs} ${size} ${ino}`;
  } catch {
    return '';
  }
}
