/**
 * A node's folder is lost and made again out of its backup (design §5): real processes, real broker. The backup is taken while
 * the node runs, and is hours older than the loss.
 */
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hex } from '../../src/base/bytes.ts';
import { tocsin } from '../support/command.ts';
import { exampleContent } from '../support/contents.ts';
import { eventually, TestFederation } from '../support/federation.ts';
import { startPostgresServer } from '../support/postgres-server.ts';

const FORKS = ['LOG_FORK', 'RECORD_FORK', 'EQUIVOCATION', 'CHAIN_BROKEN', 'LOG_INCONSISTENT'];

describe('a backup', () => {
  let federation: TestFederation;
  let vault: string;
  let sealed: string;
  let passphrase: string;
  const folder = (id: string) => join(federation.dir, 'nodes', id.toLowerCase());

  const release = async (id: string, times: number): Promise<readonly string[]> => {
    const content = exampleContent('seizure-notice') as Record<string, unknown>;
    const made: string[] = [];
    for (let n = 0; n < times; n++)
      made.push(
        hex(
          await federation.release(id, {
            ...content,
            deskGroup: 'police',
            marking: { releasableTo: ['sac'] },
          }),
        ),
      );
    return made;
  };
  const holdsAll = (id: string, digests: readonly string[]) =>
    eventually(
      `${id} holds ${digests.length} records`,
      async () => {
        const page = await federation
          .desk(id)
          .records.listRecords({ pageSize: 100 })
          .catch(() => undefined);
        const now = new Set(page?.records.map((record) => hex(record.headerDigest)));
        return digests.every((digest) => now.has(digest)) ? true : undefined;
      },
      240_000,
    );
  const backup = (to: string, ...more: string[]) =>
    tocsin(['backup', '--dir', folder('XA'), '--to', to, '--passphrase-file', passphrase, ...more, '--json']);
  const restore = (file: string, to: string, ...more: string[]) =>
    tocsin(['restore', file, '--dir', to, '--passphrase-file', passphrase, ...more, '--json']);
  const before: string[] = [];
  const after: string[] = [];

  beforeAll(async () => {
    federation = await TestFederation.found();
    vault = join(federation.dir, 'vault');
    mkdirSync(vault, { mode: 0o700 });
    sealed = join(vault, 'xa.backup');
    passphrase = join(vault, 'passphrase');
    writeFileSync(passphrase, 'six words drawn at random\n', { mode: 0o600 });
    await federation.startAll();
    for (const id of federation.nodes) before.push(...(await release(id, 2)));
    for (const id of federation.nodes) await holdsAll(id, before);
  });

  afterAll(async () => {
    await federation?.[Symbol.asyncDispose]();
  });

  it('is taken while the node runs, in one file for its owner alone, without prekeys and without a readable word', async () => {
    const [record] = (await federation.desk('XA').records.listRecords({ pageSize: 1 })).records;
    const title = record?.title ?? '';
    expect(title.length).toBeGreaterThan(8);
    const plain = ['store.sqlite', 'store.sqlite-wal'].map((file) => readFileSync(join(folder('XA'), file)));
    expect(plain.some((bytes) => bytes.includes(title))).toBe(true);
    const made = await backup(sealed);
    expect(made.exitCode, made.stderr).toBe(0);
    expect(JSON.parse(made.stdout)).toMatchObject({ node: 'XA', incarnation: 1, authority: false });
    expect(statSync(sealed).mode & 0o777).toBe(0o600);
    const bytes = readFileSync(sealed);
    expect(bytes.includes(title)).toBe(false);
    expect(bytes.includes('PRIVATE KEY')).toBe(false);
    expect(bytes.includes('SQLite format')).toBe(false);
    // Nothing is left beside it, and no second one takes its place.
    expect(readdirSync(vault).sort()).toEqual(['passphrase', 'xa.backup']);
    const again = await backup(sealed);
    expect(again.stderr).toContain('ALREADY_EXISTS');
    expect(readFileSync(sealed).equals(bytes)).toBe(true);
  });

  it('is verified whole, and refused where anything of it is not as it was', async () => {
    const verify = (file: string, secret = passphrase) =>
      tocsin(['backup', 'verify', file, '--passphrase-file', secret]);
    const good = await verify(sealed);
    expect(good.exitCode, good.stderr).toBe(0);

    const target = join(federation.dir, 'nodes', 'never');
    const other = join(vault, 'other');
    writeFileSync(other, 'another six words entirely\n', { mode: 0o600 });
    const cut = join(vault, 'cut');
    copyFileSync(sealed, cut);
    truncateSync(cut, statSync(cut).size - 20_000);
    const flipped = join(vault, 'flipped');
    const bytes = readFileSync(sealed);
    const at = Math.floor(bytes.length / 2);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(flipped, bytes, { mode: 0o600 });
    for (const [file, secret, code] of [
      [sealed, other, 'PASSPHRASE_WRONG'],
      [cut, passphrase, 'FILE_DAMAGED'],
      [flipped, passphrase, 'FILE_DAMAGED'],
      [join(folder('XA'), 'node.yaml'), passphrase, 'FILE_FOREIGN'],
    ] as const) {
      const checked = await verify(file, secret);
      expect(checked.exitCode).not.toBe(0);
      expect(checked.stderr).toContain(code);
      const restored = await tocsin(['restore', file, '--dir', target, '--passphrase-file', secret]);
      expect(restored.exitCode).not.toBe(0);
      expect(restored.stderr).toContain(code);
    }
    const open = join(vault, 'open');
    writeFileSync(open, 'six words drawn at random\n', { mode: 0o644 });
    expect((await verify(sealed, open)).stderr).toContain('SECRET_PERMISSIONS');
    // A whole backup without the authority's keys at hand: no incarnation, no folder.
    const orphan = await restore(sealed, target);
    expect(orphan.stderr).toContain('NOT_INITIALISED');
    expect(existsSync(target)).toBe(false);
    expect(readdirSync(join(federation.dir, 'nodes')).filter((name) => name.startsWith('.'))).toEqual([]);
    rmSync(cut);
    rmSync(flipped);
  });

  it('brings a lost node back: another incarnation, and everything that partners hold or had sent', async () => {
    for (const id of federation.nodes) after.push(...(await release(id, 3)));
    for (const id of federation.nodes) await holdsAll(id, [...before, ...after]);
    await federation.signal('XA', 'SIGKILL');
    cpSync(join(folder('XA'), 'authority'), join(vault, 'authority'), { recursive: true });
    const occupied = await restore(sealed, folder('XA'), '--authority', join(vault, 'authority'));
    expect(occupied.stderr).toContain('ALREADY_EXISTS');
    rmSync(folder('XA'), { recursive: true });

    const restored = await restore(sealed, folder('XA'), '--authority', join(vault, 'authority'));
    expect(restored.exitCode, restored.stderr).toBe(0);
    expect(JSON.parse(restored.stdout).incarnation).toBeGreaterThan(1);
    expect(existsSync(join(folder('XA'), 'keys', 'prekeys'))).toBe(false);
    expect(existsSync(join(folder('XA'), 'authority'))).toBe(false);
    expect(statSync(join(folder('XA'), 'keys')).mode & 0o077).toBe(0);
    await federation.startNode('XA');
    await holdsAll('XA', [...before, ...after]);

    const next = [...(await release('XA', 1)), ...(await release('XB', 1))];
    for (const id of federation.nodes) await holdsAll(id, [...before, ...after, ...next]);
    for (const id of federation.nodes) {
      const { alarms } = await federation.desk(id).network.getNodeStatus({});
      expect(alarms.filter(({ code }) => FORKS.includes(code))).toEqual([]);
    }
  });

  it('is of one kind wherever the store is: moved to PostgreSQL, a node goes on, and is restored out of a file', async () => {
    await using database = await startPostgresServer();
    const url = database.newUrl();
    const said = async (args: readonly string[]) => {
      const ran = await tocsin([...args, '--json']);
      expect(ran.exitCode, ran.stderr).toBe(0);
      return JSON.parse(ran.stdout) as Record<string, unknown>;
    };
    const config = join(folder('XB'), 'node.yaml');
    const file = join(folder('XB'), 'store.sqlite');
    const running = await tocsin(['store', 'migrate', '--from', file, '--to', url]);
    expect(running.stderr).toContain('STORE_IN_USE');
    await federation.signal('XB', 'SIGTERM');
    const moved = await said(['store', 'migrate', '--from', file, '--to', url]);
    expect(moved.logs).toEqual(
      expect.arrayContaining([expect.objectContaining({ log: expect.stringContaining('/XB/log/live/') })]),
    );
    // On its old store the node cannot be started any more: partners would see its log fork.
    const old = await tocsin(['node', 'run', '--dir', folder('XB')]);
    expect(old.stderr).toContain('STORE_MOVED');

    writeFileSync(config, `${readFileSync(config, 'utf8').trimEnd()}\nstore: { url: '${url}' }\n`);
    await federation.startNode('XB');
    const next = [...(await release('XB', 1)), ...(await release('XA', 1))];
    for (const id of federation.nodes) await holdsAll(id, next);
    const seen = (await tocsin(['doctor', '--dir', folder('XB'), '--json'])).stdout;
    expect(seen).toMatch(/in use: the node is running.*PostgreSQL, database postgres, schema s0 at/);
    const made = join(vault, 'xb.backup');
    await said(['backup', '--dir', folder('XB'), '--to', made, '--passphrase-file', passphrase]);
    await federation.signal('XB', 'SIGTERM');
    await said(['fsck', '--dir', folder('XB')]);

    const again = join(federation.dir, 'nodes', 'xb-again');
    const authority = join(folder('XB'), 'authority');
    const restored = await restore(made, again, '--authority', authority);
    expect(restored.exitCode, restored.stderr).toBe(0);
    expect(readFileSync(join(again, 'node.yaml'), 'utf8')).not.toContain('postgres');
    await said(['fsck', '--dir', again]);
  });
});
