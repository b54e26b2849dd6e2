import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore, type Store, type StoreError } from '../../src/store/index.ts';
import { type PostgresProxy, startPostgresProxy } from '../support/postgres-proxy.ts';
import { type PostgresServer, startPostgresServer } from '../support/postgres-server.ts';
import { describeStore } from './store.contract.ts';

let server: PostgresServer;
let proxy: PostgresProxy;
beforeAll(async () => {
  server = await startPostgresServer();
  proxy = await startPostgresProxy(server);
});
afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

describeStore('PostgreSQL', async () => {
  const url = server.urlAt('contract', server.dir, server.port);
  // Making all tables anew for each test would take longer than the tests.
  await server.empty('contract');
  let store = await openStore({ url });
  return {
    get store() {
      return store;
    },
    async reopen() {
      await store[Symbol.asyncDispose]();
      store = await openStore({ url });
      return store;
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
});

const set = (store: Store, key: string, value = 'kept') => store.write((tx) => tx.meta.setText(key, value));
const get = (store: Store, key: string) => store.read((tx) => tx.meta.getText(key));

describe('the PostgreSQL database', () => {
  const schema = 'faults';
  const url = () => server.urlAt(schema, '127.0.0.1', proxy.port);
  const open = (patienceMs = 20_000) => openStore({ url: url(), patienceMs });

  it('refuses a second writer, and frees the lock when the first ends', async () => {
    {
      await using store = await open();
      await set(store, 'first');
      await expect(open()).rejects.toMatchObject({ code: 'STORE_IN_USE', retry: 'no' });
    }
    await using again = await open();
    expect(await get(again, 'first')).toBe('kept');
  });

  it('keeps two nodes apart that share a database by their schemas', async () => {
    await using one = await open();
    await using other = await openStore({ url: server.newUrl() });
    await set(one, 'apart');
    expect(await get(other, 'apart')).toBeUndefined();
  });

  it('tells a write whose COMMIT was answered into a broken line that it is kept', async () => {
    await using store = await open();
    const broken = proxy.breakAtCommit('answer-lost');
    await set(store, 'answer', 'lost');
    await broken;
    expect(await get(store, 'answer')).toBe('lost');
    await set(store, 'answer', 'goes on');
    expect(await get(store, 'answer')).toBe('goes on');
  });

  it('tells the writes of a COMMIT that never arrived that nothing is kept, and goes on', async () => {
    await using store = await open();
    const broken = proxy.breakAtCommit('commit-lost');
    const keys = ['never a', 'never b', 'never c'];
    const outcomes = await Promise.allSettled(keys.map((key) => set(store, key)));
    await broken;
    expect(outcomes[0]).toMatchObject({ reason: { code: 'STORE_UNAVAILABLE', retry: 'later' } });
    // Those that shared its COMMIT have shared its fate; a machine under load may have begun another one meanwhile.
    const kept = await store.read((tx) => Promise.all(keys.map((key) => tx.meta.getText(key))));
    expect(kept.map((value) => value !== undefined)).toEqual(
      outcomes.map(({ status }) => status === 'fulfilled'),
    );
    await set(store, 'never a', 'again');
    expect(await get(store, 'never a')).toBe('again');
  });

  it('ends its own lost connection, which still holds the lock, before it reads what became of COMMIT', async () => {
    await using store = await open();
    const broken = proxy.breakAtCommit('half-open');
    await set(store, 'half', 'open');
    await broken;
    expect(await get(store, 'half')).toBe('open');
    await set(store, 'half', 'goes on');
  });

  it('says that the outcome is unknown while the server stays away, and believes nothing until it is opened again', async () => {
    {
      await using store = await open(300);
      const broken = proxy.breakAtCommit('answer-lost').then(() => proxy.cut());
      await expect(set(store, 'unknown')).rejects.toMatchObject({
        code: 'STORE_OUTCOME_UNKNOWN',
        retry: 'fatal',
      });
      await broken;
      await expect(set(store, 'after')).rejects.toMatchObject({ code: 'STORE_OUTCOME_UNKNOWN' });
      await expect(get(store, 'unknown')).rejects.toMatchObject({ code: 'STORE_OUTCOME_UNKNOWN' });
      proxy.mend();
    }
    await using store = await open();
    expect(await get(store, 'unknown')).toBe('kept');
  });

  it('waits for a server that is away for a moment, and fails with a word where it stays away', async () => {
    await using store = await open(1_000);
    await set(store, 'before');
    proxy.cut();
    // Whether the broken line is seen before or by these: nothing of them is kept.
    await expect(set(store, 'cut')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retry: 'later' });
    await expect(get(store, 'before')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    const [writing, reading] = [set(store, 'meanwhile'), get(store, 'before')];
    setTimeout(() => proxy.mend(), 300);
    await writing;
    expect(await reading).toBe('kept');
    expect(await get(store, 'cut')).toBeUndefined();
  });

  it('stops where the database lacks what it had confirmed', async () => {
    await using store = await open();
    await set(store, 'confirmed');
    await server.query(`update ${schema}.store_writer set batch = batch - 1`);
    proxy.cut();
    proxy.mend();
    const code = () => set(store, 'next').then(String, (error: StoreError) => error.code);
    await expect.poll(code).toBe('STORE_WENT_BACK');
    await expect(get(store, 'confirmed')).rejects.toMatchObject({ code: 'STORE_WENT_BACK' });
  });

  it('does not commit beside a writer that took its place', async () => {
    await using store = await open();
    await set(store, 'mine');
    await server.query(`update ${schema}.store_writer set writer = 'somebody else'`);
    await expect(set(store, 'theirs')).rejects.toMatchObject({ code: 'STORE_WENT_BACK', retry: 'fatal' });
    expect(await server.query(`select 1 from ${schema}.meta where key = 'theirs'`)).toEqual([]);
  });

  it('holds every write that resolved before the server crashed, and goes on after it', async () => {
    await using store = await open();
    const resolved: number[] = [];
    let isOver = false;
    const writing = (async () => {
      for (let n = 0; !isOver; n += 1) {
        try {
          await set(store, `crash ${n}`);
          resolved.push(n);
        } catch (error) {
          expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE' });
        }
      }
    })();
    await expect.poll(() => resolved.length, { timeout: 30_000 }).toBeGreaterThan(20);
    await server.stop('SIGQUIT');
    await server.start();
    const before = resolved.length;
    await expect.poll(() => resolved.length, { timeout: 30_000 }).toBeGreaterThan(before + 5);
    isOver = true;
    await writing;
    const kept = await store.read((tx) => Promise.all(resolved.map((n) => tx.meta.getText(`crash ${n}`))));
    expect(kept.every((value) => value === 'kept')).toBe(true);
  });

  it('refuses a server that does not flush', async () => {
    const reload = async (sql: string, wanted: string) => {
      await server.query(sql);
      await server.query('select pg_reload_conf()');
      await expect.poll(async () => (await server.query('show fsync'))[0]?.fsync).toBe(wanted);
    };
    await reload('alter system set fsync = off', 'off');
    await expect(open()).rejects.toMatchObject({ code: 'STORE_NOT_DURABLE', facts: { setting: 'fsync' } });
    await reload('alter system reset fsync', 'on');
    await server.query('alter role tocsin set synchronous_commit = off');
    // A user's own habit is not the store's: it asks for what it needs.
    await using store = await open();
    await set(store, 'flushed');
    await server.query('alter role tocsin reset synchronous_commit');
  });

  it('orders all text by its bytes, whatever the language of the server', async () => {
    await using _store = await open();
    const columns = await server.query(
      `select table_name, column_name from information_schema.columns
        where table_schema = '${schema}' and data_type = 'text' and collation_name is distinct from 'C'`,
    );
    expect(columns).toEqual([]);
  });

  it('leaves alone a schema newer than it knows', async () => {
    await (await open())[Symbol.asyncDispose]();
    await server.query(`insert into ${schema}.migration values (999, 'later')`);
    await expect(open()).rejects.toMatchObject({ code: 'STORE_TOO_NEW' });
    await server.query(`delete from ${schema}.migration where version = 999`);
  });

  it('repeats neither rows nor the server in an error', async () => {
    await using store = await open();
    const failing = store.write((tx) =>
      tx.drafts.insert([1, 2].map(() => ({ ...DRAFT, note: 'a secret note' }))),
    );
    const error = await failing.then(
      () => undefined,
      (thrown: Error) => thrown,
    );
    expect(error).toMatchObject({ code: 'UNIQUE_VIOLATION', facts: { engineCode: '23505' } });
    expect(error?.cause).toBeUndefined();
    expect(JSON.stringify({ ...error, message: error?.message })).not.toMatch(/secret|draft-1/);
  });
});

const DRAFT = {
  id: 'draft-1',
  kind: 'seizure-notice',
  content: '{}',
  state: 'draft',
  drafter: 'aa',
  drafterName: 'Officer A',
  deskGroup: 2,
  note: '',
  flags: '[]',
  createdAt: 1,
  updatedAt: 1,
} as const;
