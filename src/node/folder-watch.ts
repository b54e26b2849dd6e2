/**
 * Files of the node's folder that may be replaced while it runs: a new key statement, roster, certificate. Whoever puts one
 * there writes it beside its place and renames it, so that what is read is whole. Looked at by their times rather than
 * through notifications, which network file systems and some containers do not deliver.
 */
import { stat } from 'node:fs/promises';
import { SerialRunner, sleep } from '../base/async.ts';
import { TocsinError } from '../base/error.ts';

interface Watched {
  readonly takeUp: () => Promise<void>;
  /** Mark of the file that was taken up, or refused, last. */
  done: string;
  /** Mark of the file of which it was told that it cannot be taken up now. */
  told: string;
}

export class FolderWatch {
  readonly #watched = new Map<string, Watched>();
  /** One look at a file at a time. */
  readonly #turns = new SerialRunner<string>();
  readonly #options: { readonly everyMs: number; readonly onFailure: (path: string, error: unknown) => void };

  constructor(options: {
    readonly everyMs: number;
    readonly onFailure: (path: string, error: unknown) => void;
  }) {
    this.#options = options;
  }

  /**
   * Opens what a file holds, and has every later change taken up. The file is marked before it is opened: one that is put there
   * while the one before is still being read counts as a change.
   *
   * @param takeUp  what it throws is told. Where that says `later`, as on a full disk, it is tried again at every look; else with
   *   the file's next change.
   * @returns what `open` gave; throws what it throws
   */
  async keep<Value>(
    path: string,
    open: () => Value | Promise<Value>,
    takeUp: (opened: Value) => Promise<void>,
  ): Promise<Value> {
    const done = await markOf(path);
    const opened = await open();
    this.#watched.set(path, { takeUp: () => takeUp(opened), done, told: done });
    return opened;
  }

  /** One look at every file. Throws what is fatal. */
  async look(): Promise<void> {
    for (const path of this.#watched.keys()) {
      const failure = await this.#look(path);
      if (failure?.fatal) throw failure.error;
    }
  }

  /** A look at one file, now: what it holds is taken up on return. Throws what taking it up throws, after it was told. */
  async lookAt(path: string): Promise<void> {
    const failure = await this.#look(path);
    if (failure !== undefined) throw failure.error;
  }

  #look(path: string): Promise<{ readonly error: unknown; readonly fatal: boolean } | undefined> {
    return this.#turns.run(path, async () => {
      const one = this.#watched.get(path);
      const now = await markOf(path);
      if (one === undefined || now === one.done) return undefined;
      try {
        await one.takeUp();
        one.done = now;
        return undefined;
      } catch (error) {
        const retry = error instanceof TocsinError ? error.retry : 'no';
        if (retry === 'fatal') return { error, fatal: true };
        if (retry !== 'later') one.done = now;
        if (one.told !== now) this.#options.onFailure(path, error);
        one.told = now;
        return { error, fatal: false };
      }
    });
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
