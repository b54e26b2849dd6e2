/** From an officer's folder (`officer issue`) to a connected desk. */
import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { fromHex, hex } from '../base/bytes.ts';
import { type Desk, openDesk } from '../desk/index.ts';
import { CliError } from './failure.ts';

const deskFile = z.strictObject({ address: z.string().regex(/^[^\s]+:\d+$/), serverName: z.string().min(1) });

function read(dir: string, name: string): string {
  const path = join(dir, name);
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new CliError(
      'FILE_NOT_FOUND',
      `expected an officer's folder with ${name} at ${dir}; make one with \`tocsin officer issue\``,
      { cause },
    );
  }
}

function readKey(dir: string): string {
  const key = read(dir, 'key.pem');
  const path = join(dir, 'key.pem');
  const mode = statSync(path).mode & 0o777;
  if ((mode & 0o077) !== 0)
    throw new CliError(
      'FILE_INVALID',
      `expected mode 0600 on ${path}, found 0${mode.toString(8)}: run chmod 600, and ask for a new certificate if others could read it`,
    );
  return key;
}

/**
 * The certificate chain. Its end is looked at here too: the node refuses an expired certificate while the connection is
 * made, where the reason is lost on most ways back.
 */
function readCertificate(dir: string): string {
  const pem = read(dir, 'cert.pem');
  const path = join(dir, 'cert.pem');
  let end: number;
  try {
    end = Date.parse(new X509Certificate(pem).validTo);
  } catch (cause) {
    throw new CliError('FILE_INVALID', `${path} is no certificate in PEM`, { cause });
  }
  if (end < Date.now())
    throw new CliError(
      'REFUSED',
      `the officer's certificate ${path} expired on ${new Date(end).toISOString().slice(0, 10)}; ask the administrator for a new one (\`tocsin officer issue\`)`,
    );
  return pem;
}

/** Who works at the desk, and in which world: the options of a verb have this shape. */
export interface AsOfficer {
  /** The officer's folder. */
  readonly officer: string;
  /** Exercise mode; live where absent. */
  readonly exercise?: boolean;
}

/** The desk as this officer; close it, or bind it with `using`. */
export function openOfficerDesk({ officer: dir, exercise }: AsOfficer): Desk {
  let address: unknown;
  try {
    address = JSON.parse(read(dir, 'desk.json'));
  } catch (cause) {
    if (cause instanceof CliError) throw cause;
    throw new CliError('FILE_INVALID', `${join(dir, 'desk.json')} is not JSON`, { cause });
  }
  const desk = deskFile.safeParse(address);
  if (!desk.success)
    throw new CliError(
      'FILE_INVALID',
      `${join(dir, 'desk.json')}: expected {"address": "host:port", "serverName": "…"}`,
    );
  return openDesk({
    ...desk.data,
    ca: read(dir, 'ca.pem'),
    cert: readCertificate(dir),
    key: readKey(dir),
    ...(exercise === true ? { mode: 'exercise' as const } : {}),
  });
}

/** Bytes of a hexadecimal id on the command line; `bytes` is the length expected. */
export function idBytes(text: string, bytes: number, what: string): Uint8Array {
  const id = /^[0-9a-f]*$/i.test(text) && text.length === bytes * 2 ? fromHex(text) : undefined;
  if (id === undefined)
    throw new CliError(
      'USAGE',
      `expected ${what}: ${bytes * 2} hexadecimal digits, got ${JSON.stringify(text.slice(0, 80))}`,
    );
  return id;
}

/** How a record is named on the command line: its id (32 digits) or its header digest (64). */
export function recordReference(
  text: string,
): { readonly headerDigest: Uint8Array } | { readonly recordId: Uint8Array } {
  if (text.length === 32) return { recordId: idBytes(text, 16, 'a record id') };
  return { headerDigest: idBytes(text, 32, 'a record id (32 hexadecimal digits) or header digest (64)') };
}

/** The header digest of a record named by id or digest; the newest revision of an id, whoever its originator is. */
export async function headerDigestOf(desk: Desk, text: string): Promise<Uint8Array> {
  const reference = recordReference(text);
  if ('headerDigest' in reference) return reference.headerDigest;
  const wanted = hex(reference.recordId);
  let cursor = '';
  do {
    const page = await desk.records.listRecords({ pageSize: 500, cursor });
    const found = page.records
      .filter((record) => hex(record.recordId) === wanted)
      .sort((a, b) => b.revision - a.revision)[0];
    if (found !== undefined) return found.headerDigest;
    cursor = page.nextCursor;
  } while (cursor !== '');
  throw new CliError('NOT_FOUND', `no record ${wanted} that this officer may know of`);
}

/** Milliseconds as the desk's int64 carries them, for people. */
export const instant = (ms: bigint | number): string =>
  Number(ms) === 0 ? '–' : new Date(Number(ms)).toISOString().replace('.000Z', 'Z');
