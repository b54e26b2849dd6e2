/**
 * Where a PostgreSQL store is: a URL as libpq knows it, without a password. Parsed here and not by the driver, which would take
 * a misspelt `sslmode` for none: what is not known is refused, and a server on another machine needs a verified certificate.
 */
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { isAbsolute } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import { storeError } from '../errors.ts';

export interface PostgresPlace {
  /** Host name or address, or the folder of a Unix socket, which begins with `/`. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  /** Schema that holds the tables; each node has its own. */
  readonly schema: string;
  /** Absent: not encrypted, which is for sockets and this very machine. */
  readonly tls?: TlsFiles;
}

/** PEM files by their paths: the authority that the server's certificate is of, and what we show it. */
interface TlsFiles {
  readonly sslrootcert?: string;
  readonly sslcert?: string;
  readonly sslkey?: string;
}

const DEFAULT_PORT = 5432;
const PARAMETERS = new Set([
  'host',
  'port',
  'user',
  'dbname',
  'options',
  'sslmode',
  'sslrootcert',
  'sslcert',
  'sslkey',
]);
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/;
const SEARCH_PATH = /^-c ?search_path=([a-z_][a-z0-9_]{0,62})$/;

const refuse = (expected: string): never => {
  // Never the URL itself: whoever puts a password into it against advice must not find it in a log.
  throw storeError('STORE_CANNOT_OPEN', `the URL of the store is wrong: expected ${expected}`);
};

export const isPostgresUrl = (text: string): boolean => /^postgres(?:ql)?:\/\//.test(text);

/** Reads `postgres://user@host:port/database?sslmode=…`; throws STORE_CANNOT_OPEN, which never repeats the URL. */
export function postgresPlace(url: string): PostgresPlace {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    return refuse('postgres://user@host/database, or postgres:///database?host=/socket/folder');
  }
  if (!isPostgresUrl(url)) return refuse('postgres:// at its start');
  if (parsed.password !== '') return refuse('no password in it; give the file that holds it');
  const given = parsed.searchParams;
  for (const key of given.keys()) {
    if (key === 'password') return refuse('no password in it; give the file that holds it');
    if (!PARAMETERS.has(key) || given.getAll(key).length > 1)
      return refuse(`each of ${[...PARAMETERS].join(', ')} once at most`);
  }
  const host = given.get('host') ?? decoded(parsed.hostname);
  const database = given.get('dbname') ?? decoded(parsed.pathname.slice(1));
  const port = Number(given.get('port') ?? (parsed.port === '' ? DEFAULT_PORT : parsed.port));
  if (host === '') return refuse('a host or the folder of a socket');
  if (database === '' || database.includes('/')) return refuse('the name of one database');
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return refuse('a port from 1 to 65535');
  const options = given.get('options');
  const schema = options === null ? 'public' : SEARCH_PATH.exec(options)?.[1];
  if (schema === undefined)
    return refuse('options=-csearch_path=<schema>, its name in small letters, digits and _');
  const tls = tlsFilesOf(given, host);
  return {
    host,
    port,
    user: given.get('user') ?? (parsed.username === '' ? userInfo().username : decoded(parsed.username)),
    database,
    schema,
    ...(tls && { tls }),
  };
}

/** Where the store of a URL is, for people: never who. Throws STORE_CANNOT_OPEN for what is no such URL. */
export function describePostgres(url: string): string {
  const { host, port, database, schema } = postgresPlace(url);
  return `PostgreSQL, database ${database}${schema === 'public' ? '' : `, schema ${schema}`} at ${host}${host.startsWith('/') ? '' : `:${port}`}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return refuse('well-formed percent signs');
  }
}

function tlsFilesOf(given: URLSearchParams, host: string): TlsFiles | undefined {
  const near = host.startsWith('/') || LOOPBACK.test(host);
  const mode = given.get('sslmode') ?? (near ? 'disable' : 'verify-full');
  if (mode === 'disable') {
    if (!near) return refuse('sslmode=verify-full for a server on another machine: rows are not encrypted');
    return undefined;
  }
  if (mode !== 'verify-full')
    return refuse('sslmode=verify-full, or disable on this machine; the others believe any server');
  if (host.startsWith('/')) return refuse('no sslmode for a socket');
  const files: Partial<Record<keyof TlsFiles, string>> = {};
  for (const key of ['sslrootcert', 'sslcert', 'sslkey'] as const) {
    const path = given.get(key);
    if (path === null) continue;
    if (!isAbsolute(path)) return refuse(`an absolute path as ${key}`);
    files[key] = path;
  }
  return files;
}

/** What the connection is encrypted with; undefined where it is not. Throws STORE_CANNOT_OPEN where a file is missing. */
export function tlsOf({ tls, host }: PostgresPlace): ConnectionOptions | undefined {
  if (tls === undefined) return undefined;
  const file = (key: keyof TlsFiles): Buffer | undefined => {
    const path = tls[key];
    if (path === undefined) return undefined;
    try {
      return readFileSync(path);
    } catch {
      return refuse(`a readable file as ${key}`);
    }
  };
  const [ca, cert, key] = [file('sslrootcert'), file('sslcert'), file('sslkey')];
  return {
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    // A server name is no address (RFC 6066); the certificate is compared with the host either way.
    ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }),
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
  };
}
