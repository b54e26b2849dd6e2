/**
 * A node's folder in one sealed file (design §5): the store as of one moment, attachments, keys, roster, statement, policy.
 * Never the prekeys: a copy of them would open parcels of long ago, which their deletion is to prevent. The authority's keys
 * only where asked: whoever has them is the state.
 */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { chmod, mkdtemp, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { parseDocument } from 'yaml';
import { hex, textOf, utf8 } from '../base/bytes.ts';
import { systemRandom } from '../base/clock.ts';
import { LIMITS } from '../base/limits.ts';
import { KeyStatement, SignedKeyStatement } from '../gen/tocsin/record/v1/identity.ts';
import { judgeMessage, judgeSigned } from '../record/index.ts';
import { openFile, sealFile } from '../seal/index.ts';
import { copyStore } from '../store/index.ts';
import { type ArchiveEntry, invalid, isEntryName, packEntries, unpackEntries } from './backup-archive.ts';
import { inNode, loadConfig, type NodePaths, parseConfig, pathsOf } from './config.ts';
import { NodeError } from './errors.ts';
import { storeOptions } from './store-place.ts';

/** Names within a backup that every one has. */
export const STORE_ENTRY = 'store.sqlite';
const REQUIRED = [
  'node.yaml',
  STORE_ENTRY,
  'statement.bin',
  'roster-history.bin',
  'tls.pem',
  'authority-root.pem',
  'member.json',
  'keys/log.pem',
  'keys/exercise-log.pem',
  'keys/link.pem',
  'keys/witness.pem',
  'keys/governance.pem',
  'keys/tls.key.pem',
  'keys/broker.nk',
];
const BLOB = /^blobs\/([0-9a-f]{64})$/;
const SMALL_BYTES = 4 * 1024 * 1024;

export interface BackupSummary {
  readonly node: string;
  /** Network digest, hexadecimal. */
  readonly network: string;
  readonly incarnation: number;
  /** Of the key statement. */
  readonly sequence: string;
  readonly files: number;
  readonly attachments: number;
  readonly bytes: number;
  /** Whether the national authority's keys are in it. */
  readonly authority: boolean;
}

export interface BackupOptions {
  readonly dir: string;
  /** File to write; must not exist. */
  readonly to: string;
  readonly passphrase: string;
  readonly withAuthority: boolean;
}

/**
 * Writes a backup of a node that may run meanwhile; under its name only when it is whole and was read back. Throws ALREADY_EXISTS,
 * FILE_INVALID, what the store throws, and PASSPHRASE_WEAK.
 */
export async function backupNode(options: BackupOptions): Promise<BackupSummary> {
  const paths = pathsOf(options.dir);
  const config = loadConfig(paths);
  const to = resolve(options.to);
  if (existsSync(to))
    throw new NodeError({ code: 'ALREADY_EXISTS', message: `${to} is there already: choose another file` });
  // Beside the target, so that the copy of the store lies where backups may lie, and the last step is a rename.
  const work = await mkdtemp(join(dirname(to), '.tocsin-backup-'));
  try {
    await chmod(work, 0o700);
    const copy = join(work, STORE_ENTRY);
    const { blobs } = await copyStore(await storeOptions(paths, config), copy);
    const names = await smallFiles(paths, config, options.withAuthority);
    const settings = join(work, 'node.yaml');
    await writeFile(settings, withoutServer(await readFile(paths.config, 'utf8')), { mode: 0o600 });
    const entries = async function* (): AsyncGenerator<ArchiveEntry> {
      for (const name of names)
        yield await entryOf(name, name === 'node.yaml' ? settings : join(paths.dir, name));
      yield await entryOf(STORE_ENTRY, copy);
      for (const digest of blobs) {
        const path = join(paths.blobs, hex(digest));
        // Purged since the copy was made: it stays away.
        if (existsSync(path)) yield await entryOf(`blobs/${hex(digest)}`, path);
      }
    };
    const made = join(work, 'sealed');
    const file = await open(made, 'wx', 0o600);
    try {
      for await (const piece of sealFile(options.passphrase, packEntries(entries()), systemRandom))
        await file.writeFile(piece);
      await file.sync();
    } finally {
      await file.close();
    }
    const summary = await verifyBackup(made, options.passphrase);
    await rename(made, to);
    return summary;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Opens the whole of a backup and writes nothing. Throws BACKUP_INVALID, PASSPHRASE_WRONG, FILE_DAMAGED, FILE_FOREIGN. */
export function verifyBackup(path: string, passphrase: string): Promise<BackupSummary> {
  return readBackup(path, passphrase, async () => undefined);
}

/**
 * Reads a backup to its end and hands each file's pieces to `sink`; what the sink kept counts only when this resolves. Throws
 * as `verifyBackup`.
 */
export async function readBackup(
  path: string,
  passphrase: string,
  sink: (name: string) => Promise<((piece: Uint8Array) => Promise<void>) | undefined>,
  finished: (name: string) => Promise<void> = async () => undefined,
): Promise<BackupSummary> {
  const seen = new Map<string, Uint8Array>();
  let [files, attachments, total, authority] = [0, 0, 0, false];
  for await (const { name, size, bytes } of unpackEntries(openFile(passphrase, createReadStream(path)))) {
    assertKnown(name);
    const write = await sink(name);
    const hash = createHash('sha256');
    const small: Uint8Array[] = [];
    const isSmall = name === 'node.yaml' || name === 'statement.bin';
    if (isSmall && size > SMALL_BYTES) throw invalid(`${name} is too large`);
    for await (const piece of bytes) {
      hash.update(piece);
      if (isSmall) small.push(piece);
      await write?.(piece);
    }
    await finished(name);
    const blob = BLOB.exec(name)?.[1];
    if (blob !== undefined && hash.digest('hex') !== blob)
      throw invalid('an attachment is not what it is named');
    if (blob === undefined) files += 1;
    else attachments += 1;
    total += size;
    authority ||= name.startsWith('authority/');
    seen.set(name, isSmall ? Buffer.concat(small) : new Uint8Array(0));
  }
  const missing = REQUIRED.filter((name) => !seen.has(name));
  if (missing.length > 0) throw invalid(`it lacks ${missing.join(', ')}`);
  const { node, networkDigest } = parseConfig(
    textOf(seen.get('node.yaml') ?? utf8('')),
    'node.yaml of the backup',
  );
  const { incarnation, sequence } = statementIn(seen.get('statement.bin') ?? utf8(''), node, networkDigest);
  return {
    node,
    network: networkDigest,
    incarnation,
    sequence: String(sequence),
    files,
    attachments,
    bytes: total,
    authority,
  };
}

/** What the statement says; whether it is believed is for whoever restores, at its time and under its roster. */
function statementIn(bytes: Uint8Array, node: string, network: string): KeyStatement {
  const signed = judgeMessage(
    SignedKeyStatement,
    'tocsin.record.v1.SignedKeyStatement',
    bytes,
    LIMITS.statementBytes,
  );
  const body = signed.ok ? judgeSigned('statement', Buffer.from(network, 'hex'), signed.value.body) : signed;
  const statement = body.ok
    ? judgeMessage(KeyStatement, 'tocsin.record.v1.KeyStatement', body.value, LIMITS.statementBytes)
    : body;
  if (!statement.ok) throw invalid(`its key statement is none of this network (${statement.detail})`);
  if (statement.value.node !== node)
    throw invalid(`its key statement is of ${statement.value.node}, not ${node}`);
  return statement.value;
}

/** A closed set of places: nothing that a later version would run or read by itself. */
function assertKnown(name: string): void {
  const isKnown =
    REQUIRED.includes(name) ||
    BLOB.test(name) ||
    /^(?:keys|authority)\/[a-z0-9.-]+\.(?:pem|nk)$/.test(name) ||
    /^statements\/\d{1,20}\.bin$/.test(name) ||
    /^policy\//.test(name) ||
    /^statements\/[0-9]+\.bin$/.test(name) ||
    /^[a-z0-9-]+\.(?:pem|json|bin|cedar|crt)$/.test(name);
  if (!isKnown) throw invalid(`it has a file that no node has: ${name}`);
}

/**
 * A backup holds its store as a file: what is restored runs on that, wherever the node ran. Naming the server would start a restored
 * node on what lies there now.
 */
function withoutServer(text: string): string {
  const document = parseDocument(text);
  if (!document.delete('store')) return text;
  return document.toString();
}

/** Every file but the store, blobs and prekeys, by its name within the folder. */
async function smallFiles(
  paths: NodePaths,
  config: ReturnType<typeof loadConfig>,
  withAuthority: boolean,
): Promise<readonly string[]> {
  const wanted = [
    paths.config,
    paths.statement,
    paths.rosterHistory,
    paths.rosterChoice,
    paths.revokedOfficers,
    paths.tlsCertificate,
    paths.authorityRoot,
    paths.memberRequest,
    paths.revokedOfficers,
    inNode(paths, config.broker.ca),
    inNode(paths, config.nationalPolicy),
    ...(await filesIn(paths.keys)),
    ...(await filesIn(paths.statements)),
    ...(await filesIn(join(paths.dir, 'policy'))),
    ...(withAuthority ? await filesIn(paths.authority) : []),
  ];
  // The password of a server opens more than this node's past, and is not needed to restore it.
  const password = config.store?.passwordFile && inNode(paths, config.store.passwordFile);
  const names = new Set<string>();
  for (const path of wanted) {
    if (!existsSync(path) || path === password) continue;
    const name = relative(paths.dir, path).split(sep).join('/');
    if (name.startsWith('..') || !isEntryName(name))
      throw new NodeError({
        code: 'FILE_INVALID',
        message: `${path} lies outside the node's folder, or has a name that a backup cannot hold: move it into ${paths.dir}`,
      });
    names.add(name);
  }
  const missing = REQUIRED.filter((name) => name !== STORE_ENTRY && !names.has(name));
  if (missing.length > 0)
    throw new NodeError({
      code: 'FILE_INVALID',
      message: `${paths.dir} lacks ${missing.join(', ')}: a backup without it could not be restored`,
    });
  return [...names].sort();
}

/** Regular files right in a folder: `keys/prekeys` is a folder, and stays away. */
async function filesIn(dir: string): Promise<readonly string[]> {
  if (!existsSync(dir)) return [];
  const found = await readdir(dir, { withFileTypes: true });
  // A name that begins with a point is a secret half written.
  return found.filter((one) => one.isFile() && !one.name.startsWith('.')).map((one) => join(dir, one.name));
}

async function entryOf(name: string, path: string): Promise<ArchiveEntry> {
  return { name, size: (await stat(path)).size, bytes: createReadStream(path) };
}
