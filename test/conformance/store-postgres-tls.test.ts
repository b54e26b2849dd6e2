/** A node's store on PostgreSQL over TCP, as on another machine: TLS whose certificate is verified in full, a password by SCRAM. */
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../src/cli/demo/free-port.ts';
import { loadConfig, pathsOf } from '../../src/node/config.ts';
import { describeStore, storeOptions } from '../../src/node/store-place.ts';
import { openStore, type Store } from '../../src/store/index.ts';
import { type PostgresServer, startPostgresServer } from '../support/postgres-server.ts';
import { certificatesFor, type ServerCertificate } from '../support/tls-certificates.ts';

const PASSWORD = 'quellmar-7f3a-brava-0c';
const ROLE = 'station';
const [NAME, OTHER_NAME] = ['localhost', 'db.tocsin.test'];

let server: PostgresServer;
let dir: string;
let certificates: ReadonlyMap<string, ServerCertificate>;

/** A file of the server's own, for its user alone. */
function give(name: string, text: string): string {
  const path = join(server.dir, 'data', name);
  const { uid, gid } = statSync(join(server.dir, 'data'));
  writeFileSync(path, text, { mode: 0o600 });
  chownSync(path, uid, gid);
  return path;
}

/** The server shows this certificate from now on. */
async function show(certificate: ServerCertificate | undefined): Promise<void> {
  if (certificate === undefined) throw new Error('expected a certificate');
  give('server.crt', certificate.chain);
  give('server.key', certificate.key);
  await server.query('select pg_reload_conf()');
}

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'tocsin-store-tls-'));
  certificates = await certificatesFor([NAME, OTHER_NAME]);
  server = await startPostgresServer({ listen_addresses: '127.0.0.1', port: String(await freePort()) });
  give('pg_hba.conf', 'local all all trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n');
  for (const setting of [
    "ssl_cert_file = 'server.crt'",
    "ssl_key_file = 'server.key'",
    "password_encryption = 'scram-sha-256'",
    "log_directory = 'told'",
    "log_statement = 'all'",
    'log_connections = on',
    'logging_collector = on',
  ])
    await server.query(`alter system set ${setting}`);
  give('server.crt', certificates.get(NAME)?.chain ?? '');
  give('server.key', certificates.get(NAME)?.key ?? '');
  await server.query('alter system set ssl = on');
  await server.query(`create role ${ROLE} login`);
  await server.query(`grant create on database postgres to ${ROLE}`);
  await server.query(`set log_statement = 'none'; alter role ${ROLE} password '${PASSWORD}'`);
  // The collector of the log begins with the server.
  await server.stop();
  await server.start();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true, force: true });
});

interface Folder {
  readonly password?: string | undefined;
  readonly mode?: number;
  readonly ca?: string | undefined;
  readonly query?: string;
}

let folders = 0;
/** The folder of a node whose store is there, with its password in a file. */
function folder({ password = PASSWORD, mode = 0o600, ca, query = 'sslmode=verify-full' }: Folder = {}) {
  const paths = pathsOf(join(dir, `node-${folders++}`));
  mkdirSync(join(paths.dir, 'keys'), { recursive: true });
  const authority = join(paths.dir, 'db-ca.pem');
  writeFileSync(authority, ca ?? certificates.get(NAME)?.ca ?? '');
  const secret = join(paths.dir, 'keys', 'store-password');
  writeFileSync(secret, `${password}\n`);
  chmodSync(secret, mode);
  const root = query.includes('verify-full') ? `&sslrootcert=${authority}` : '';
  const url = `postgres://${ROLE}@${NAME}:${server.port}/postgres?${query}${root}&options=-csearch_path%3D${ROLE}`;
  writeFileSync(
    paths.config,
    `node: XA
networkDigest: '${'ab'.repeat(32)}'
broker: { servers: ['tls://localhost:4222'], ca: broker-ca.pem, serverName: broker.tocsin.test }
desk: {}
store: { url: '${url}', passwordFile: keys/store-password }
`,
  );
  return { paths, config: loadConfig(paths) };
}

async function open(options: Folder = {}): Promise<Store> {
  const { paths, config } = folder(options);
  return openStore({ ...(await storeOptions(paths, config)), patienceMs: 2_000 });
}

/** The error of a store that is not opened, and all that anybody could print of it. */
async function refusal(options: Folder = {}): Promise<{ readonly error: unknown; readonly printed: string }> {
  try {
    await using _ = await open(options);
  } catch (error) {
    const printed = `${inspect(error, { depth: 20, showHidden: true })} ${JSON.stringify(error)} ${String(error)}`;
    return { error, printed };
  }
  throw new Error('expected the store not to be opened');
}

describe('a store on another machine', () => {
  it('is reached over TLS by a password that is proved with SCRAM', async () => {
    await using store = await open();
    await store.write((tx) => tx.meta.setText('over', 'tls'));
    expect(await store.read((tx) => tx.meta.getText('over'))).toBe('tls');
    const links = await server.query(
      `select a.usename, s.ssl, s.version from pg_stat_activity a join pg_stat_ssl s using (pid) where a.application_name = 'tocsin'`,
    );
    expect(links.length).toBeGreaterThan(0);
    for (const link of links)
      expect(link).toMatchObject({
        usename: ROLE,
        ssl: true,
        version: expect.stringMatching(/^TLSv1\.[23]$/),
      });
    const [role] = await server.query(`select rolpassword from pg_authid where rolname = '${ROLE}'`);
    expect(String(role?.rolpassword)).toMatch(/^SCRAM-SHA-256\$/);
  });

  it('is not opened where the server shows a certificate of another name', async () => {
    await show(certificates.get(OTHER_NAME));
    try {
      const { error } = await refusal();
      expect(error).toMatchObject({
        code: 'STORE_CANNOT_OPEN',
        retry: 'no',
        facts: { engineCode: 'ERR_TLS_CERT_ALTNAME_INVALID' },
      });
    } finally {
      await show(certificates.get(NAME));
    }
    await (await open())[Symbol.asyncDispose]();
  });

  it('is not opened where the certificate is of another authority, also one of the same names', async () => {
    const impostor = (await certificatesFor([NAME, OTHER_NAME], 1)).get(NAME);
    await show(impostor);
    try {
      const { error } = await refusal();
      expect(error).toMatchObject({ code: 'STORE_CANNOT_OPEN', retry: 'no' });
      // No fault of the server: whoever trusts that authority is let in.
      await (await open({ ca: impostor?.ca }))[Symbol.asyncDispose]();
    } finally {
      await show(certificates.get(NAME));
    }
  });

  it('is not opened without encryption, with another password, or with one that others can read', async () => {
    expect((await refusal({ query: 'sslmode=disable' })).error).toMatchObject({
      code: 'STORE_CANNOT_OPEN',
      facts: { engineCode: '28000' },
    });
    expect((await refusal({ password: `${PASSWORD}x` })).error).toMatchObject({
      code: 'STORE_CANNOT_OPEN',
      facts: { engineCode: '28P01' },
    });
    expect((await refusal({ mode: 0o644 })).error).toMatchObject({ code: 'SECRET_PERMISSIONS' });
  });

  it('never has its password told: not in an error, in what people are shown, or in the log of the server', async () => {
    const wrong = `${PASSWORD}-of-yesterday`;
    await show(certificates.get(OTHER_NAME));
    const distrusted = await refusal();
    await show(certificates.get(NAME));
    const refused = [
      distrusted,
      await refusal({ password: wrong }),
      await refusal({ query: 'sslmode=disable' }),
      await refusal({ mode: 0o644 }),
    ];
    for (const { printed } of refused) expect(printed).not.toContain(PASSWORD);
    const { paths, config } = folder();
    expect(`${describeStore(paths, config)} ${inspect(config, { depth: 20 })}`).not.toContain(PASSWORD);
    await using store = await open();
    expect(inspect(store, { depth: 20 })).not.toContain(PASSWORD);
    const told = join(server.dir, 'data', 'told');
    const log = readdirSync(told)
      .map((file) => readFileSync(join(told, file), 'utf8'))
      .join('');
    expect(log).toContain(`user=${ROLE}`);
    expect(log).toContain('statement:');
    expect(log).not.toContain(PASSWORD);
  });
});
