/**
 * The check of everything that a node's store promises. It trusts no index and no earlier run: the logs are made again from the
 * bytes of their leaves, records are held against what was signed, links against their manifests. It writes nothing.
 */
import { fromHex, hex } from '../base/bytes.ts';
import { type Clock, systemClock } from '../base/clock.ts';
import { Directory, ExchangeError } from '../exchange/index.ts';
import type { HybridPublicKey } from '../gen/tocsin/record/v1/identity.ts';
import type { VerifiedStatement } from '../identity/index.ts';
import { parseLogOrigin } from '../record/index.ts';
import { type Blobs, openBlobs, type Store } from '../store/index.ts';
import { loadConfig, pathsOf } from './config.ts';
import { type Finding, finding } from './fsck/finding.ts';
import { checkBlobs, checkTrust } from './fsck/folder.ts';
import { checkLinks } from './fsck/links.ts';
import { checkLogs, type LogKeysOf } from './fsck/log.ts';
import { checkRecords } from './fsck/records.ts';
import { openNodeStore } from './node-files.ts';

export type { Finding as StoreFinding } from './fsck/finding.ts';

interface ExamineOptions {
  readonly store: Store;
  readonly blobs: Blobs;
  readonly network: Uint8Array;
  readonly self: string;
  readonly clock: Clock;
}

/** Hands every finding to `found` as it comes. Reads one state of the store from beginning to end. */
export async function examineStore(
  { store, blobs, network, self, clock }: ExamineOptions,
  found: (finding: Finding) => void,
): Promise<void> {
  const directory = await Directory.open({ store, clock, network, self }).catch((error: unknown) => {
    if (error instanceof ExchangeError) return error;
    throw error;
  });
  if (directory instanceof ExchangeError) {
    found(finding('ROSTER_WRONG', 'roster', `${directory.message}; nothing else can be checked without it`));
    return;
  }
  const verified = await verifiedStatements(store, directory);
  const statementBy = async (digest: Uint8Array) => verified.get(hex(digest));
  await store.read(async (tx) => {
    const keys = new Map<string, readonly HybridPublicKey[]>();
    const keysOf: LogKeysOf = async (origin) => {
      const known = keys.get(origin);
      if (known) return known;
      const parsed = parseLogOrigin(origin);
      const named: HybridPublicKey[] = [];
      for (const row of parsed ? await tx.directory.statementsOf(parsed.node) : []) {
        const statement = (await statementBy(row.digest))?.statement;
        if (statement?.logOrigin === origin && statement.logKey) named.push(statement.logKey);
        if (statement?.exerciseLogOrigin === origin && statement.exerciseLogKey)
          named.push(statement.exerciseLogKey);
      }
      keys.set(origin, named);
      return named;
    };
    const known = { statementBy, statementOf: (node: string) => directory.statementOf(node) };
    const deps = { tx, network, self, directory: known, blobs };
    for (const check of [
      () => checkTrust(deps, keysOf),
      () => checkLogs(deps, keysOf),
      () => checkRecords(deps),
      () => checkLinks(deps),
      () => checkBlobs(deps),
    ])
      for await (const one of check()) found(one);
  });
}

/** By digest, those that hold: looked up before the one read of the check, for the directory reads older ones from the store by itself. */
async function verifiedStatements(
  store: Store,
  directory: Directory,
): Promise<ReadonlyMap<string, VerifiedStatement>> {
  const digests = await store.read(async (tx) => {
    const found: Uint8Array[] = [];
    for await (const { digest } of tx.inspect.rows('statement')) found.push(digest);
    return found;
  });
  const verified = new Map<string, VerifiedStatement>();
  for (const digest of digests) {
    // What is no statement at all is a finding of checkTrust.
    const statement = await directory.statementBy(digest).catch(() => undefined);
    if (statement) verified.set(hex(digest), statement);
  }
  return verified;
}

/** Checks the store of a node that does not run. Throws what `loadConfig` throws and STORE_UNUSABLE. */
export async function fsckNode(dir: string, found: (finding: Finding) => void): Promise<void> {
  const paths = pathsOf(dir);
  const config = loadConfig(paths);
  await using store = await openNodeStore(paths, config, () => undefined);
  const blobs = await openBlobs(paths.blobs);
  const network = fromHex(config.networkDigest);
  await examineStore({ store, blobs, network, self: config.node, clock: systemClock }, found);
}
