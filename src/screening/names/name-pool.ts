/**
 * Threads that search one index together: for batches, so that a manifest of thousands of lines is answered by all cores and the node
 * goes on meanwhile. They share the arrays of the index; what is added or removed counts from the next batch on.
 */
import { Worker } from 'node:worker_threads';
import type { Equivalences } from './equivalence.ts';
import { refuse } from './errors.ts';
import type { NameAnswer, NameQuery } from './party.ts';
import type { AnswersMessage, PoolMessage } from './pool-worker.ts';
import type { Segment } from './segment.ts';

/** Queries handed to a thread at once: few enough that all threads end about together. */
const PIECE = 64;

interface Task {
  readonly queries: readonly NameQuery[];
  readonly done: (answers: readonly NameAnswer[]) => void;
  readonly failed: (cause: unknown) => void;
}

/** What threads share of an index. */
export interface SharedIndex {
  readonly segments: readonly Segment[];
  readonly equivalences: Equivalences;
}

export class NamePool implements AsyncDisposable {
  readonly #index: SharedIndex;
  readonly #workers: Worker[];
  readonly #free: Worker[] = [];
  readonly #waiting: Task[] = [];
  readonly #running = new Map<Worker, Task>();
  readonly #numbers = new WeakMap<Segment, number>();
  #nextNumber = 1;
  /** What each thread was last given. */
  readonly #given = new Map<Worker, string>();
  #closed = false;

  constructor(index: SharedIndex, threads: number) {
    this.#index = index;
    this.#workers = Array.from({ length: threads }, () => this.#start());
  }

  /** Answers in the order of the queries. Throws NameError WORKER_ENDED where a thread ended meanwhile. */
  async search(queries: readonly NameQuery[]): Promise<readonly NameAnswer[]> {
    const pieces: Promise<readonly NameAnswer[]>[] = [];
    for (let from = 0; from < queries.length; from += PIECE) {
      const piece = queries.slice(from, from + PIECE);
      pieces.push(new Promise((done, failed) => this.#waiting.push({ queries: piece, done, failed })));
    }
    this.#hand();
    return (await Promise.all(pieces)).flat();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    const ended = refuse('WORKER_ENDED', 'the threads that search were ended; ask again after the start');
    for (const { failed } of this.#waiting.splice(0)) failed(ended);
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #start(): Worker {
    const worker = new Worker(new URL('./pool-worker.ts', import.meta.url), {
      workerData: this.#index.equivalences.classes,
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
    worker.unref();
    worker.on('message', (message: AnswersMessage) => {
      const task = this.#running.get(worker);
      this.#running.delete(worker);
      this.#free.push(worker);
      task?.done(message.answers);
      this.#hand();
    });
    worker.on('error', (cause) => this.#ended(worker, cause));
    worker.on('exit', () => this.#ended(worker, undefined));
    this.#free.push(worker);
    return worker;
  }

  /** A thread that ends takes its queries with it; another takes its place. */
  #ended(worker: Worker, cause: unknown): void {
    const at = this.#workers.indexOf(worker);
    if (at < 0) return;
    const free = this.#free.indexOf(worker);
    if (free >= 0) this.#free.splice(free, 1);
    const task = this.#running.get(worker);
    this.#running.delete(worker);
    this.#given.delete(worker);
    task?.failed(cause ?? refuse('WORKER_ENDED', 'a thread that searched has ended; ask again'));
    if (this.#closed) this.#workers.splice(at, 1);
    else this.#workers[at] = this.#start();
    this.#hand();
  }

  #hand(): void {
    while (this.#waiting.length > 0 && this.#free.length > 0 && !this.#closed) {
      const worker = this.#free.pop() as Worker;
      const task = this.#waiting.shift() as Task;
      this.#running.set(worker, task);
      this.#give(worker);
      this.#send(worker, { kind: 'queries', task: 0, queries: task.queries });
    }
  }

  /** Gives a thread the segments as they are now, where they are others than it has. */
  #give(worker: Worker): void {
    const segments = this.#index.segments.map((segment) => ({
      number: this.#numberOf(segment),
      arrays: segment.arrays,
    }));
    const key = segments.map(({ number }) => number).join();
    if (this.#given.get(worker) === key) return;
    this.#given.set(worker, key);
    this.#send(worker, { kind: 'segments', segments });
  }

  #numberOf(segment: Segment): number {
    const known = this.#numbers.get(segment);
    if (known !== undefined) return known;
    const number = this.#nextNumber++;
    this.#numbers.set(segment, number);
    return number;
  }

  #send(worker: Worker, message: PoolMessage): void {
    worker.postMessage(message);
  }
}
