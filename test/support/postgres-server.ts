/**
 * A real PostgreSQL server in a scratch folder, reached by a socket in that folder and by nobody else; gone with its folder. It
 * refuses to run as root, so root runs it as another user.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';

const START_MS = 60_000;

/** Folder of the newest installed server's programs; Debian keeps each version in its own. */
function programs(): string {
  const base = '/usr/lib/postgresql';
  const versions = existsSync(base) ? readdirSync(base).map(Number).filter(Number.isInteger) : [];
  const newest = versions
    .sort((one, other) => other - one)
    .find((version) => existsSync(join(base, String(version), 'bin', 'initdb')));
  if (newest !== undefined) return join(base, String(newest), 'bin');
  const dir = (process.env.PATH ?? '').split(':').find((one) => existsSync(join(one, 'initdb')));
  if (dir === undefined)
    throw new Error('expected a PostgreSQL server (initdb) on this machine: apt install postgresql');
  return dir;
}

interface User {
  readonly uid: number;
  readonly gid: number;
}

/** Whom the server runs as: us, or for root the user of Debian's package, or nobody. */
function serverUser(): User | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    try {
      const id = (flag: string) =>
        Number(execFileSync('id', [flag, name], { stdio: ['ignore', 'pipe', 'ignore'] }));
      return { uid: id('-u'), gid: id('-g') };
    } catch {
      // The next one.
    }
  }
  throw new Error('expected a user other than root to run PostgreSQL as: postgres or nobody');
}

export interface PostgresServer extends AsyncDisposable {
  /** Folder of the socket. */
  readonly dir: string;
  readonly port: number;
  /** URL of a schema of its own, which does not exist yet. */
  newUrl(): string;
  /** URL of a schema by way of another address, as of a proxy. */
  urlAt(schema: string, host: string, port: number): string;
  /** Deletes all rows of a schema, if there is one. */
  empty(schema: string): Promise<void>;
  /** Runs one statement as the owner of everything. */
  query(sql: string): Promise<readonly Record<string, unknown>[]>;
  /** Ends the server's processes: `SIGQUIT` as a crash, `SIGINT` in order. */
  stop(signal?: 'SIGINT' | 'SIGQUIT' | 'SIGKILL'): Promise<void>;
  start(): Promise<void>;
}

export async function startPostgresServer(
  settings: Readonly<Record<string, string>> = {},
): Promise<PostgresServer> {
  const bin = programs();
  const user = serverUser();
  const dir = mkdtempSync(join(tmpdir(), 'tocsin-pg-'));
  const as = {
    ...(user && { uid: user.uid, gid: user.gid }),
    cwd: dir,
    env: { PATH: process.env.PATH, LC_ALL: 'C' },
  };
  if (user) chownSync(dir, user.uid, user.gid);
  const data = join(dir, 'data');
  // Also names the socket; only a server that listens on TCP too has to have one of its own.
  const port = Number(settings.port ?? 5432);
  let child: ChildProcess | undefined;
  let output = '';
  let schemas = 0;

  const query = async (sql: string) => {
    const client = new pg.Client({ host: dir, port, user: 'tocsin', database: 'postgres' });
    client.on('error', () => undefined);
    await client.connect();
    try {
      const { rows } = await client.query(sql);
      return rows as readonly Record<string, unknown>[];
    } finally {
      await client.end();
    }
  };
  const start = async () => {
    const options = {
      listen_addresses: '',
      unix_socket_directories: dir,
      unix_socket_permissions: '0777',
      max_connections: '60',
      shared_buffers: '32MB',
      max_wal_size: '256MB',
      autovacuum: 'off',
      ...settings,
    };
    const started = spawn(
      join(bin, 'postgres'),
      ['-D', data, ...Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      { ...as, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    child = started;
    const collect = (chunk: Buffer) => {
      output = `${output}${chunk}`.slice(-10_000);
    };
    started.stdout.on('data', collect);
    started.stderr.on('data', collect);
    const until = Date.now() + START_MS;
    for (;;) {
      try {
        await query('select 1');
        return;
      } catch (error) {
        if (started.exitCode !== null) throw new Error(`postgres refused to start:\n${output}`);
        if (Date.now() > until) throw new Error(`postgres did not answer: ${String(error)}\n${output}`);
        await wait(20);
      }
    }
  };
  const stop = async (signal: NodeJS.Signals = 'SIGINT') => {
    const ending = child;
    if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return;
    const ended = new Promise((resolve) => ending.once('exit', resolve));
    ending.kill(signal);
    await ended;
  };
  try {
    // Not flushed: what a power cut would leave of a scratch folder does not matter. The server itself does flush.
    execFileSync(
      join(bin, 'initdb'),
      ['-D', data, '-N', '-A', 'trust', '-U', 'tocsin', '-E', 'UTF8', '--no-locale', '--no-instructions'],
      { ...as, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    await start();
  } catch (error) {
    await stop('SIGQUIT');
    rmSync(dir, { recursive: true, force: true });
    throw error;
  }
  const urlAt = (schema: string, host: string, at: number) => {
    const given = new URLSearchParams({
      host,
      port: String(at),
      user: 'tocsin',
      options: `-csearch_path=${schema}`,
    });
    return `postgres:///postgres?${given}`;
  };
  return {
    dir,
    port,
    newUrl: () => urlAt(`s${schemas++}`, dir, port),
    urlAt,
    async empty(schema) {
      const tables = await query(
        `select tablename from pg_tables where schemaname = '${schema}' and tablename not in ('migration', 'store_writer')`,
      );
      // References are not looked at meanwhile, so the order does not matter.
      const deletes = tables.map(({ tablename }) => `delete from ${schema}.${String(tablename)}`);
      await query(['set session_replication_role = replica', ...deletes].join('; '));
    },
    query,
    stop,
    start,
    [Symbol.asyncDispose]: async () => {
      await stop('SIGQUIT');
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
