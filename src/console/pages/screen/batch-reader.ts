/**
 * The page's end of the worker that reads and writes batch files (worker/batch-worker.ts): calls with answers, and an end to all of
 * them at once. A worker holds one file.
 */
import type {
  BatchAnswer,
  BatchCall,
  BatchDuties,
  BatchDuty,
  BatchFault,
  BatchRequest,
} from '../../worker/batch-messages.ts';

/** Written in by the build: its name has the digest of its content; see deploy/console.js. */
declare const TOCSIN_BATCH_WORKER: string;

/**
 * Why a file is not read or written: a code of screening/batch, `READER_NOT_STARTED` where the browser runs no worker,
 * `READER_FAILED` where it broke off.
 */
export class BatchReaderError extends Error {
  override readonly name = 'BatchReaderError';
  readonly code: string;
  readonly facts: BatchFault['facts'];

  constructor({ code, message, facts }: BatchFault) {
    super(message);
    this.code = code;
    this.facts = facts;
  }
}

interface Waiting {
  readonly resolve: (told: never) => void;
  readonly reject: (error: unknown) => void;
}

/** Ends with `end`, which is harmless when called twice; calls that wait for an answer then reject with an AbortError. */
export class BatchReader {
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #isReady = false;
  #fault: unknown;
  #nextId = 1;

  constructor() {
    try {
      const worker = new Worker(`/${TOCSIN_BATCH_WORKER}`, { type: 'module' });
      worker.addEventListener('message', ({ data }: MessageEvent<BatchAnswer>) => this.#take(data));
      // Of a script that does not load or that the policy about content refuses, browsers say no more than that.
      worker.addEventListener('error', (event) => {
        event.preventDefault();
        this.#close(this.#broken(event.message));
      });
      worker.addEventListener('messageerror', () => this.#close(this.#broken()));
      this.#worker = worker;
    } catch (error) {
      this.#close(this.#broken(error instanceof Error ? error.message : String(error)));
    }
  }

  /** Throws BatchReaderError, AbortError. */
  call<Duty extends BatchDuty>(
    duty: Duty,
    given: BatchDuties[Duty]['given'],
  ): Promise<BatchDuties[Duty]['told']> {
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise((resolve, reject) => {
      if (this.#worker === undefined) {
        reject(this.#fault);
        return;
      }
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, ...({ duty, given } as BatchCall) } satisfies BatchRequest);
    });
  }

  /** Nobody waits any more: whatever the worker is at ends at once, and the file is gone from memory. */
  end(): void {
    this.#close(new DOMException('the file was given up', 'AbortError'));
  }

  #take(answer: BatchAnswer): void {
    if (answer.kind === 'ready') {
      this.#isReady = true;
      return;
    }
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (answer.kind === 'told') waiting?.resolve(answer.told as never);
    else waiting?.reject(new BatchReaderError(answer.fault));
  }

  #broken(said?: string): BatchReaderError {
    const why = said === undefined || said === '' ? '' : `: ${said}`;
    return new BatchReaderError(
      this.#isReady
        ? {
            code: 'READER_FAILED',
            message: `expected the reader of files to answer, it broke off${why}`,
            facts: {},
          }
        : {
            code: 'READER_NOT_STARTED',
            message: `expected the browser to start the reader of files, it did not${why}`,
            facts: {},
          },
    );
  }

  #close(fault: unknown): void {
    if (this.#fault !== undefined) return;
    this.#fault = fault;
    this.#worker?.terminate();
    this.#worker = undefined;
    for (const { reject } of this.#waiting.values()) reject(fault);
    this.#waiting.clear();
  }
}
