/**
 * The only way to the database. Writes queue up and share one transaction (group commit), each in a savepoint of its
 * own; reads run beside them on connections of their own and see what is committed. Knows no table.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Kysely } from 'kysely';
import type { Engine, Session } from './dialect/engine.ts';
import { StoreError, storeError } from './errors.ts';
import type { Schema } from './schema/tables.ts';

/** Writes that share one transaction at most, and for how long the first of them may wait for the rest. */
const BATCH_WRITES = 256;
const BATCH_MS = 25;

/** What a write is given besides its queries. */
export interface WriteHooks {
  /** Runs after the COMMIT that holds this write, before its promise resolves; never if it fails. */
  afterCommit(hook: () => void): void;
  /** What this write deletes is overwritten and the engine's journal emptied after its COMMIT, before any later write. */
  scrubAfterCommit(): void;
}

type Work<Result> = (db: Kysely<Schema>, hooks: WriteHooks) => Promise<Result>;

interface Job {
  readonly work: Work<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

interface Done {
  readonly job: Job;
  readonly value: unknown;
  readonly hooks: readonly (() => void)[];
}

export class UnitOfWork {
  readonly #engine: Engine;
  readonly #onHookError: (error: unknown) => void;
  readonly #inside = new AsyncLocalStorage<{ active: boolean }>();
  readonly #jobs: Job[] = [];
  readonly #idleReaders: Session[];
  readonly #waitingReads: Array<(session: Session) => void> = [];
  #draining: Promise<void> | undefined;
  #readsUnderWay = 0;
  #closed = false;
  /** Set when the disk failed at COMMIT: whether the writes are kept is known only after the store is opened again. */
  #broken: StoreError | undefined;
  #whenReadsEnd: (() => void) | undefined;
  /** Deleted bytes still lie in the journal. */
  #scrubAsked = false;

  constructor(engine: Engine, onHookError: (error: unknown) => void) {
    this.#engine = engine;
    this.#onHookError = onHookError;
    this.#idleReaders = [...engine.readers];
  }

  write<Result>(work: Work<Result>): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      this.#refuseUnusable();
      this.#jobs.push({ work, resolve: resolve as (value: unknown) => void, reject });
      // The drain must not inherit the caller's context: it serves everybody.
      this.#draining ??= this.#inside.exit(() => this.#drain());
    });
  }

  async read<Result>(work: (db: Kysely<Schema>) => Promise<Result>): Promise<Result> {
    this.#refuseUnusable();
    this.#readsUnderWay += 1;
    const session = await this.#reader();
    try {
      await session.begin();
      try {
        return await this.#within(session, (db) => work(db));
      } finally {
        if (session.inTransaction) await session.rollback();
      }
    } finally {
      this.#handBack(session);
      this.#readsUnderWay -= 1;
      if (this.#readsUnderWay === 0) this.#whenReadsEnd?.();
    }
  }

  async #reader(): Promise<Session> {
    return (
      this.#idleReaders.pop() ??
      (await new Promise<Session>((resolve) => {
        this.#waitingReads.push(resolve);
      }))
    );
  }

  #handBack(session: Session): void {
    const next = this.#waitingReads.shift();
    if (next) next(session);
    else this.#idleReaders.push(session);
  }

  /**
   * Empties the journal of what was deleted. A reader in the middle of its transaction would hold the journal's old pages,
   * and waiting for it inside the engine would stop this very process: so all readers are taken first. Where another
   * program holds the database it is tried again after the next write.
   */
  async #scrub(): Promise<void> {
    const readers: Session[] = [];
    try {
      for (const _ of this.#engine.readers) readers.push(await this.#reader());
      this.#scrubAsked = !(await this.#engine.scrub());
    } catch (error) {
      // Whatever is wrong with the disk shows at the next COMMIT; the deletion itself is durable.
      this.#onHookError(error);
    } finally {
      for (const reader of readers) this.#handBack(reader);
    }
  }

  /** Takes no further work, waits for what is under way, and closes the engine. Harmless when called twice. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#draining;
    if (this.#readsUnderWay > 0)
      await new Promise<void>((resolve) => {
        this.#whenReadsEnd = resolve;
      });
    await this.#engine.close();
  }

  #refuseUnusable(): void {
    if (this.#inside.getStore()?.active)
      throw storeError(
        'NESTED_TRANSACTION',
        'the store was used inside one of its own transactions; use the transaction given, or afterCommit',
      );
    if (this.#closed) throw storeError('STORE_CLOSED', 'the store is closed');
    if (this.#broken) throw this.#broken;
  }

  async #drain(): Promise<void> {
    for (;;) {
      // One turn of the event loop first: writes of the same turn share a commit, and a busy store starves nobody.
      await new Promise<void>((resolve) => setImmediate(resolve));
      const first = this.#jobs.shift();
      if (!first) break;
      await this.#batch(first);
      if (this.#scrubAsked) await this.#scrub();
    }
    // In the same step as the empty queue was seen: a later write starts a new drain.
    this.#draining = undefined;
  }

  /** One transaction: the first write and those that queue up behind it. */
  async #batch(first: Job): Promise<void> {
    const session = this.#engine.writer;
    try {
      if (this.#broken) throw this.#broken;
      await session.begin();
    } catch (error) {
      this.#note(error);
      first.reject(error);
      return;
    }
    const done: Done[] = [];
    const startedAt = performance.now();
    for (let job: Job | undefined = first; job; job = this.#next(done.length, startedAt)) {
      const failure = await this.#run(session, job, done);
      if (failure !== undefined && !session.inTransaction) {
        // The engine gave up the whole transaction (disk full): what the others wrote in it is gone as well.
        for (const each of done) each.job.reject(failure);
        return;
      }
    }
    await this.#commit(session, done);
  }

  #next(count: number, startedAt: number): Job | undefined {
    if (count >= BATCH_WRITES || performance.now() - startedAt >= BATCH_MS) return undefined;
    return this.#jobs.shift();
  }

  /** Runs one write in its savepoint; its failure, already reported to its caller, or undefined. */
  async #run(session: Session, job: Job, done: Done[]): Promise<unknown> {
    const hooks: Array<() => void> = [];
    try {
      await session.savepoint();
      const afterCommit = (hook: () => void) => {
        hooks.push(hook);
      };
      let scrub = false;
      const scrubAfterCommit = () => {
        scrub = true;
      };
      const value = await this.#within(session, (db) => job.work(db, { afterCommit, scrubAfterCommit }));
      await session.releaseSavepoint();
      this.#scrubAsked ||= scrub;
      done.push({ job, value, hooks });
      return undefined;
    } catch (error) {
      let failure = error;
      try {
        if (session.inTransaction) await session.rollbackToSavepoint();
      } catch (second) {
        failure = second;
        if (session.inTransaction) await session.rollback();
      }
      job.reject(error);
      return failure ?? new Error('a write failed without an error');
    }
  }

  async #commit(session: Session, done: readonly Done[]): Promise<void> {
    try {
      if (done.length === 0) {
        await session.rollback();
        return;
      }
      await session.commit();
    } catch (error) {
      this.#note(error);
      try {
        if (session.inTransaction) await session.rollback();
      } catch {
        // The commit's own error says more, and every write of this batch gets it.
      }
      for (const each of done) each.job.reject(error);
      return;
    }
    for (const { job, value, hooks } of done) {
      for (const hook of hooks) {
        try {
          hook();
        } catch (error) {
          this.#onHookError(error);
        }
      }
      job.resolve(value);
    }
  }

  /** After a fatal error nothing is believed until the store is opened again. */
  #note(error: unknown): void {
    if (error instanceof StoreError && error.retry === 'fatal') this.#broken ??= error;
  }

  async #within<Result>(session: Session, work: (db: Kysely<Schema>) => Promise<Result>): Promise<Result> {
    const handle = session.handle();
    const mark = { active: true };
    try {
      return await this.#inside.run(mark, async () => work(handle.db));
    } finally {
      mark.active = false;
      handle.close();
    }
  }
}
