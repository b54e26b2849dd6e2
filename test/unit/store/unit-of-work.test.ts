import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Engine, Session } from '../../../src/store/dialect/engine.ts';
import { openSqlite } from '../../../src/store/dialect/sqlite.ts';
import { storeError } from '../../../src/store/errors.ts';
import { UnitOfWork } from '../../../src/store/unit-of-work.ts';

interface Faulty extends AsyncDisposable {
  readonly unit: UnitOfWork;
  readonly commits: () => number;
  readonly hookErrors: unknown[];
}

/** The real engine with a COMMIT that may fail: `before` = nothing was kept, `after` = it was kept nevertheless. */
async function faulty(fault: { kind?: 'before' | 'after'; error?: Error } = {}): Promise<Faulty> {
  const directory = mkdtempSync(join(tmpdir(), 'tocsin-unit-'));
  const engine = openSqlite({ path: join(directory, 'node.sqlite') });
  await engine.writer.execute('create table meta (key text primary key, value blob not null) strict');
  let commits = 0;
  const real = engine.writer;
  const writer: Session = {
    get inTransaction() {
      return real.inTransaction;
    },
    begin: () => real.begin(),
    rollback: () => real.rollback(),
    savepoint: () => real.savepoint(),
    releaseSavepoint: () => real.releaseSavepoint(),
    rollbackToSavepoint: () => real.rollbackToSavepoint(),
    handle: () => real.handle(),
    execute: (...statements) => real.execute(...statements),
    scalar: (sql) => real.scalar(sql),
    commit: async () => {
      commits += 1;
      if (fault.kind === 'before') throw fault.error;
      await real.commit();
      if (fault.kind === 'after') throw fault.error;
    },
  };
  const faultyEngine: Engine = { ...engine, writer };
  const hookErrors: unknown[] = [];
  const unit = new UnitOfWork(faultyEngine, (error) => hookErrors.push(error));
  return {
    unit,
    commits: () => commits,
    hookErrors,
    async [Symbol.asyncDispose]() {
      await unit.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

const set = (unit: UnitOfWork, key: string) =>
  unit.write((db) =>
    db
      .insertInto('meta')
      .values({ key, value: new Uint8Array([1]) })
      .execute(),
  );

const keys = (unit: UnitOfWork) =>
  unit.read(async (db) => (await db.selectFrom('meta').select('key').execute()).map(({ key }) => key));

describe('the unit of work', () => {
  it('commits writes of one moment together', async () => {
    await using under = await faulty();
    await Promise.all(Array.from({ length: 100 }, (_, n) => set(under.unit, `key ${n}`)));
    expect(under.commits()).toBeLessThan(20);
    expect(await keys(under.unit)).toHaveLength(100);
  });

  it('fails every write of a commit that fails, and goes on when it may be tried again', async () => {
    const fault: { kind?: 'before' | 'after'; error?: Error } = {
      kind: 'before',
      error: storeError('STORE_FULL', 'no space', { retry: 'later' }),
    };
    await using under = await faulty(fault);
    const outcomes = await Promise.allSettled([set(under.unit, 'a'), set(under.unit, 'b')]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['rejected', 'rejected']);
    expect(await keys(under.unit)).toEqual([]);
    delete fault.kind;
    await set(under.unit, 'a');
    expect(await keys(under.unit)).toEqual(['a']);
  });

  it('refuses all further work when a commit failed and may yet be kept', async () => {
    await using under = await faulty({
      kind: 'after',
      error: storeError('STORE_IO', 'the disk failed', { retry: 'fatal' }),
    });
    await expect(set(under.unit, 'a')).rejects.toMatchObject({ code: 'STORE_IO', retry: 'fatal' });
    await expect(set(under.unit, 'b')).rejects.toMatchObject({ code: 'STORE_IO' });
    await expect(keys(under.unit)).rejects.toMatchObject({ code: 'STORE_IO' });
  });

  it('reports a hook that throws and keeps the write', async () => {
    await using under = await faulty();
    const answer = await under.unit.write(async (_db, { afterCommit }) => {
      afterCommit(() => {
        throw new Error('hook');
      });
      return 7;
    });
    expect(answer).toBe(7);
    expect(under.hookErrors).toHaveLength(1);
  });

  it('finishes what is under way before it closes', async () => {
    await using under = await faulty();
    const writing = set(under.unit, 'last');
    const closing = under.unit.close();
    await expect(set(under.unit, 'late')).rejects.toMatchObject({ code: 'STORE_CLOSED' });
    await writing;
    await closing;
  });

  it('gives up a transaction of its own making', async () => {
    await using under = await faulty();
    const own = under.unit.write((db) => db.transaction().execute(async () => 1));
    await expect(own).rejects.toMatchObject({ code: 'NESTED_TRANSACTION' });
  });
});
