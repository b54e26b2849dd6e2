/** A store of real traffic is moved from SQLite to PostgreSQL and back, and reads the same; whatever goes wrong leaves it where it was. */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { examineStore, moveNodeStore, type StoreFinding } from '../../src/node/index.ts';
import { baselinePolicy } from '../../src/policy/index.ts';
import { type AnyStoreOptions, copyStore, openBlobs, openStore } from '../../src/store/index.ts';
import { makeFederation } from '../support/authority.ts';
import { TestNetwork } from '../support/exchange-network.ts';
import { type PostgresProxy, startPostgresProxy } from '../support/postgres-proxy.ts';
import { type PostgresServer, startPostgresServer } from '../support/postgres-server.ts';

const NODES = ['XA', 'XB'].map((node) => ({ node, groups: ['adequate', 'sac'] }));

let server: PostgresServer;
let proxy: PostgresProxy;
let directory: string;
let network: Uint8Array;
let clock: { nowMs(): number };
/** XA's store as its node left it. */
let original: string;
/** How many records it has. */
let records: number;
let copies = 0;

const fresh = (): string => join(directory, `${copies++}.sqlite`);
/** Another copy of XA's store, and what a test does to it. */
function copied(sql = ''): string {
  const path = fresh();
  copyFileSync(original, path);
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
  return path;
}
const move = (from: string, to: string) => moveNodeStore({ from, to, nowMs: 1 });

async function findings(at: AnyStoreOptions): Promise<readonly StoreFinding[]> {
  const found: StoreFinding[] = [];
  await using store = await openStore(at);
  const blobs = await openBlobs(join(directory, 'blobs'));
  await examineStore({ store, blobs, network, self: 'XA', clock }, (one) => found.push(one));
  return found;
}

beforeAll(async () => {
  server = await startPostgresServer();
  proxy = await startPostgresProxy(server);
  directory = mkdtempSync(join(tmpdir(), 'tocsin-move-'));
  original = fresh();
  await using federation = await makeFederation({ nodes: NODES, baselinePolicy: baselinePolicy() });
  network = federation.network;
  const net = await TestNetwork.create({ nodes: NODES }, federation);
  clock = net.clock;
  const [xa, xb] = [net.of('XA'), net.of('XB')];
  await net.start();
  await xa.releaseMany(3, 'seizure-notice');
  await xb.releaseMany(2);
  const delivered = async () => (await xa.unclosed()) === 0 && (await xb.unclosed()) === 0;
  await net.until('all is delivered', delivered, 60_000);
  await xa.store.write((tx) =>
    tx.audit.append([{ at: 1, actor: 'node', action: 'test.noted', subject: 'Ÿ · 手枪', detail: {} }]),
  );
  records = await xa.store.read((tx) => tx.records.count({ world: 'both' }));
  await xa.stop();
  await xb.stop();
  const copy = new DatabaseSync(join(xa.directoryOnDisk, 'node.sqlite'));
  copy.prepare('vacuum into ?').run(original);
  copy.close();
  await net.close();
});

afterAll(async () => {
  rmSync(directory, { recursive: true, force: true });
  await proxy?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
});

describe('a store that is moved', () => {
  it('reads the same on PostgreSQL and again on SQLite: every table, every root, and its own checks', async () => {
    const [from, url, back] = [copied(), server.newUrl(), fresh()];
    const there = await move(from, url);
    expect(there.logs.length).toBeGreaterThan(0);
    expect(records).toBeGreaterThanOrEqual(5);
    expect(there.tables.find(({ table }) => table === 'record')?.rows).toBe(records);
    expect(await findings({ url })).toEqual([]);
    const again = await move(url, back);
    expect({ ...again, from: '', to: '' }).toEqual({ ...there, from: '', to: '' });
    expect(await findings({ path: back })).toEqual([]);
  });

  it('is closed for good where it was, so that no two stores of one node go on', async () => {
    const [from, url] = [copied(), server.newUrl()];
    await move(from, url);
    await expect(openStore({ path: from })).rejects.toMatchObject({ code: 'STORE_MOVED' });
    await move(url, fresh());
    await expect(openStore({ url })).rejects.toMatchObject({ code: 'STORE_MOVED' });
    await expect(copyStore({ url }, fresh())).rejects.toMatchObject({ code: 'STORE_MOVED' });
  });

  it('goes on counting: no number of a row that once was is given out again', async () => {
    const raise = (at: AnyStoreOptions, subject: string) =>
      openStore(at).then(async (store) => {
        await store.write((tx) => tx.alarms.raise({ at: 1, code: 'TEST', subject, detail: '' }));
        const [newest] = (await store.read((tx) => tx.alarms.list({ limit: 1 }))).items;
        await store[Symbol.asyncDispose]();
        return newest?.id;
      });
    const from = copied(
      "insert into sqlite_sequence select 'alarm', 0; update sqlite_sequence set seq = 500 where name = 'alarm'",
    );
    const [url, back] = [server.newUrl(), fresh()];
    await move(from, url);
    expect(await raise({ url }, 'there')).toBe(501n);
    await move(url, back);
    expect(await raise({ path: back }, 'back')).toBe(502n);
  });

  it('stays where it was when the place has rows, is in use, or is the same', async () => {
    const [from, url] = [copied(), server.newUrl()];
    await move(copied(), url);
    await expect(move(from, url)).rejects.toMatchObject({
      code: 'STORE_UNUSABLE',
      message: expect.stringContaining('STORE_NOT_EMPTY'),
    });
    await using store = await openStore({ path: from });
    await expect(move(from, server.newUrl())).rejects.toMatchObject({
      code: 'STORE_UNUSABLE',
      message: expect.stringContaining('STORE_IN_USE'),
    });
    expect(await store.read((tx) => tx.records.count({ world: 'both' }))).toBe(records);
    await expect(move(from, from)).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
    await expect(move(join(directory, 'nowhere.sqlite'), url)).rejects.toMatchObject({
      code: 'FILE_INVALID',
    });
  });

  it('stays where it was, and the place empty, when its own log is broken or the copy reads otherwise', async () => {
    const broken = copied('update leaf set hash = zeroblob(32) where "index" = 2');
    const schema = 'differs';
    const url = server.urlAt(schema, server.dir, server.port);
    await expect(move(broken, url)).rejects.toMatchObject({
      message: expect.stringContaining('STORE_CORRUPT'),
    });
    const from = copied();
    await server.query(
      `create function ${schema}.other() returns trigger language plpgsql as $$ begin new.title := 'other'; return new; end $$;
       create trigger other before insert on ${schema}.record for each row execute function ${schema}.other()`,
    );
    await expect(move(from, url)).rejects.toMatchObject({
      message: expect.stringContaining('STORE_COPY_DIFFERS'),
    });
    expect(await server.query(`select 1 from ${schema}.record`)).toEqual([]);
    await server.query(`drop trigger other on ${schema}.record`);
    expect((await move(from, url)).tables.find(({ table }) => table === 'record')?.rows).toBe(records);
  });

  it('is where it was or whole in the new place when the line breaks at the last moment', async () => {
    const from = copied();
    for (const how of ['commit-lost', 'answer-lost'] as const) {
      const url = server.urlAt(`cut_${how === 'commit-lost' ? 'before' : 'after'}`, '127.0.0.1', proxy.port);
      // The tables first, so that the next COMMIT is the one of the move.
      await (await openStore({ url }))[Symbol.asyncDispose]();
      const broken = proxy.breakAtCommit(how);
      const outcome = await move(from, url).then(
        () => 'moved',
        (error: Error) => error.message,
      );
      await broken;
      if (how === 'commit-lost') {
        expect(outcome).toContain('STORE_UNAVAILABLE');
        expect(await server.query('select 1 from cut_before.record')).toEqual([]);
        expect(await findings({ path: from })).toEqual([]);
      } else {
        expect(outcome).toBe('moved');
        expect(await findings({ url })).toEqual([]);
        await expect(openStore({ path: from })).rejects.toMatchObject({ code: 'STORE_MOVED' });
      }
    }
  });

  it('is copied into a file for a backup while its node writes to PostgreSQL', async () => {
    const [url, path] = [server.newUrl(), fresh()];
    await move(copied(), url);
    await using store = await openStore({ url });
    let writes = 0;
    let isOver = false;
    const writing = (async () => {
      for (; !isOver; writes += 1) await store.write((tx) => tx.meta.setText(`beside ${writes}`, 'kept'));
    })();
    const { blobs } = await copyStore({ url }, path);
    isOver = true;
    await writing;
    expect(blobs).toEqual([]);
    expect(writes).toBeGreaterThan(0);
    expect(await findings({ path })).toEqual([]);
    await expect(copyStore({ url: server.newUrl() }, fresh())).rejects.toMatchObject({
      code: 'STORE_CANNOT_OPEN',
    });
  });
});
