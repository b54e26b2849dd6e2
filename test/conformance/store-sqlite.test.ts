import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { openStore } from '../../src/store/index.ts';
import { failingDisk } from '../support/failing-disk.ts';
import { temporaryStore } from '../support/temporary-store.ts';
import { describeStore, sampleRecord } from './store.contract.ts';

describeStore('SQLite', () => temporaryStore());

describe('the SQLite file', () => {
  it('refuses a second copy of the node, and frees it when the first ends', async () => {
    await using under = await temporaryStore();
    await expect(openStore({ path: under.path })).rejects.toMatchObject({ code: 'STORE_IN_USE' });
    await under.reopen();
  });

  it('refuses a copy in another process', async () => {
    await using under = await temporaryStore();
    const index = new URL('../../src/store/index.ts', import.meta.url).href;
    const script = `import { openStore } from ${JSON.stringify(index)};
      openStore({ path: ${JSON.stringify(under.path)} }).then(() => console.log('opened'), (e) => console.log(e.code));`;
    const said = execFileSync(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script],
      { encoding: 'utf8' },
    );
    expect(said.trim()).toBe('STORE_IN_USE');
  });

  it('holds every write that resolved before its process was killed, and frees its lock', async () => {
    await using under = await temporaryStore();
    await under.store[Symbol.asyncDispose]();
    const index = new URL('../../src/store/index.ts', import.meta.url).href;
    const script = `import { openStore } from ${JSON.stringify(index)};
      const store = await openStore({ path: ${JSON.stringify(under.path)} });
      for (let n = 0; ; n += 1) {
        await Promise.all([0, 1, 2].map((k) => store.write((tx) => tx.meta.setText('key ' + (3 * n + k), 'kept'))));
        console.log(3 * n + 2);
      }`;
    const child = spawn(process.execPath, [
      '--disable-warning=ExperimentalWarning',
      '--input-type=module',
      '-e',
      script,
    ]);
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.length > 200) child.kill('SIGKILL');
    });
    await once(child, 'close');
    const last = Number(said.slice(0, said.lastIndexOf('\n')).split('\n').at(-1));
    expect(last).toBeGreaterThan(20);
    const store = await under.reopen();
    const kept = await store.read((tx) =>
      Promise.all(Array.from({ length: last + 1 }, (_, n) => tx.meta.getText(`key ${n}`))),
    );
    expect(kept.every((value) => value === 'kept')).toBe(true);
  });

  it('is readable by its owner only', async () => {
    await using under = await temporaryStore();
    await under.store.write((tx) => tx.meta.setText('node', 'XA'));
    for (const suffix of ['', '-wal', '.lock'])
      expect(statSync(`${under.path}${suffix}`).mode & 0o077, suffix).toBe(0);
  });

  it('refuses a damaged file and one that is no database', async () => {
    await using under = await temporaryStore();
    await under.store.write((tx) =>
      tx.records.insert(Array.from({ length: 500 }, (_, n) => ({ record: sampleRecord(n), facets: [] }))),
    );
    await under.reopen();
    await under.store[Symbol.asyncDispose]();
    const sound = readFileSync(under.path);
    const damaged = Uint8Array.from(sound);
    damaged.fill(0xa5, 20_000, 90_000);
    writeFileSync(under.path, damaged);
    await expect(openStore({ path: under.path })).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
    writeFileSync(under.path, 'this is a letter, not a database. '.repeat(300));
    await expect(openStore({ path: under.path })).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
    writeFileSync(under.path, sound);
    await under.reopen();
  });

  it('refuses a directory that is not there', async () => {
    await expect(openStore({ path: '/nowhere/at/all/node.sqlite' })).rejects.toMatchObject({
      code: 'STORE_CANNOT_OPEN',
    });
  });

  it('leaves alone a schema newer than it knows', async () => {
    await using under = await temporaryStore();
    await under.store[Symbol.asyncDispose]();
    const other = new DatabaseSync(under.path);
    other.exec("insert into migration (version, name) values (999, 'later')");
    other.close();
    await expect(openStore({ path: under.path })).rejects.toMatchObject({ code: 'STORE_TOO_NEW' });
    const again = new DatabaseSync(under.path);
    again.exec('delete from migration where version = 999');
    again.close();
    await under.reopen();
  });

  it('says that the disk is full, keeps nothing by half, and goes on when there is room', async () => {
    await using under = await temporaryStore({ maxBytes: 1_000_000 });
    await under.store.write((tx) => tx.meta.setText('before', 'kept'));
    const small = under.store.write((tx) => tx.meta.setText('beside', 'shares the commit'));
    const large = under.store.write(async (tx) => {
      await tx.meta.setText('half', 'written first');
      await tx.meta.set('large', new Uint8Array(3_000_000));
    });
    const [beside, failed] = await Promise.allSettled([small, large]);
    expect(failed).toMatchObject({ reason: { code: 'STORE_FULL', retry: 'later' } });
    const kept = await under.store.read(async (tx) => ({
      before: await tx.meta.getText('before'),
      beside: await tx.meta.getText('beside'),
      half: await tx.meta.getText('half'),
    }));
    expect(kept.before).toBe('kept');
    expect(kept.half).toBeUndefined();
    expect(kept.beside !== undefined).toBe(beside.status === 'fulfilled');
    const roomy = await under.reopen({ maxBytes: 20_000_000 });
    await roomy.write((tx) => tx.meta.set('large', new Uint8Array(3_000_000)));
  });

  it('that another program holds is waited for; past the wait it is busy, nothing is kept by half, and it goes on', async () => {
    await using under = await temporaryStore();
    /** Holds the database as a program of an administrator could; resolves once it does. */
    const hold = async (ms: number) => {
      const script = `const { DatabaseSync } = require('node:sqlite');
        const database = new DatabaseSync(process.argv[1]);
        database.exec('begin immediate');
        console.log('held');
        setTimeout(() => database.exec('rollback'), Number(process.argv[2]));`;
      const flags = ['--disable-warning=ExperimentalWarning', '-e', script];
      const child = spawn(process.execPath, [...flags, under.path, String(ms)]);
      await once(child.stdout, 'data');
      return { ended: once(child, 'close') };
    };
    const short = await hold(700);
    await under.store.write((tx) => tx.meta.setText('waited', 'kept'));
    await short.ended;

    const long = await hold(6_000);
    await expect(under.store.write((tx) => tx.meta.setText('busy', 'half'))).rejects.toMatchObject({
      code: 'STORE_BUSY',
      retry: 'later',
    });
    // What others committed is read all the while.
    expect(await under.store.read((tx) => tx.meta.getText('waited'))).toBe('kept');
    await under.store.write((tx) => tx.meta.setText('after', 'kept'));
    expect(await under.store.read((tx) => tx.meta.getText('busy'))).toBeUndefined();
    expect(await under.store.read((tx) => tx.meta.getText('after'))).toBe('kept');
    await long.ended;
  });

  it('whose file system turns read-only fails with a word, is not opened until it can be written, and then holds all that it had confirmed', async ({
    skip,
  }) => {
    const disk = failingDisk();
    if (typeof disk === 'string') return skip(`this machine has no disk that could fail: ${disk}`);
    using mounted = disk;
    const path = join(mounted.folder, 'node.sqlite');
    const confirmed: string[] = [];
    const store = await openStore({ path });
    try {
      for (let n = 0; n < 20; n += 1) {
        await store.write((tx) => tx.meta.setText(`key ${n}`, 'kept'));
        confirmed.push(`key ${n}`);
      }
      mounted.turnReadOnly();
      const write = () => store.write((tx) => tx.meta.setText('lost', 'never confirmed'));
      await expect(write()).rejects.toMatchObject({ code: 'STORE_IO', retry: 'fatal' });
      await expect(write()).rejects.toMatchObject({ code: 'STORE_IO' });
      // Nothing is believed until it is opened again.
      await expect(store.read((tx) => tx.meta.getText('key 0'))).rejects.toMatchObject({ code: 'STORE_IO' });
    } finally {
      await store[Symbol.asyncDispose]();
    }
    await expect(openStore({ path })).rejects.toMatchObject({ code: 'STORE_CANNOT_OPEN', retry: 'no' });
    mounted.mountAgain();
    await using again = await openStore({ path });
    const kept = await again.read((tx) => Promise.all(confirmed.map((key) => tx.meta.getText(key))));
    expect(kept).toEqual(confirmed.map(() => 'kept'));
    expect(await again.read((tx) => tx.meta.getText('lost'))).toBeUndefined();
    await again.write((tx) => tx.meta.setText('lost', 'now'));
  });

  it('shows an edited, removed or inserted audit row', async () => {
    await using under = await temporaryStore();
    const entry = (n: number) => ({ at: n, actor: 'aa', action: 'read', subject: `r${n}`, detail: {} });
    await under.store.write((tx) => tx.audit.append([1, 2, 3, 4].map(entry)));
    const head = await under.store.read((tx) => tx.audit.head());
    expect(head?.seq).toBe(4n);
    for (const [sql, undo] of [
      ["update audit set actor = 'bb' where seq = 3", "update audit set actor = 'aa' where seq = 3"],
      ['update audit set seq = 9 where seq = 4', 'update audit set seq = 4 where seq = 9'],
    ] as const) {
      const other = new DatabaseSync(under.path);
      other.exec(sql);
      expect(await under.store.read((tx) => tx.audit.verify())).toMatchObject({ reason: 'AUDIT_BROKEN' });
      other.exec(undo);
      other.close();
    }
    expect(await under.store.read((tx) => tx.audit.verify())).toMatchObject({ ok: true });
  });
});
