/** What a running node reads of its folder: the store, the roster history and the key statement, each fault with its file and remedy. */
import { readFileSync } from 'node:fs';
import { equalBytes, hex } from '../base/bytes.ts';
import { TocsinError } from '../base/error.ts';
import { LIMITS } from '../base/limits.ts';
import { type RosterHistory, SignedKeyStatement } from '../gen/tocsin/record/v1/identity.ts';
import { judgeMessage } from '../record/index.ts';
import { openStore, type Store } from '../store/index.ts';
import type { NodeConfig, NodePaths } from './config.ts';
import { NodeError } from './errors.ts';
import { believedRoster, readRosterFile, storedRosters } from './roster-file.ts';
import { describeStore, storeOptions } from './store-place.ts';

/** Throws FILE_INVALID, naming the file and `remedy`. */
export function readNodeFile(path: string, remedy: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (cause) {
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    throw new NodeError({
      code: 'FILE_INVALID',
      message: `${path} ${isMissing ? 'is missing' : 'cannot be read'}: ${remedy}`,
      cause,
    });
  }
}

export const readNodeText = (path: string, remedy: string): string =>
  new TextDecoder().decode(readNodeFile(path, remedy));

/** The statement that `node join` made; judged by whoever uses it. */
export function readStatement(paths: NodePaths): SignedKeyStatement {
  const remedy = 'restore it from a backup';
  return statementIn(readNodeFile(paths.statement, remedy), paths.statement, remedy);
}

/** A key statement out of a file's bytes, unjudged; `source` and `remedy` are for the message. Throws FILE_INVALID. */
export function statementIn(bytes: Uint8Array, source: string, remedy: string): SignedKeyStatement {
  const signed = judgeMessage(
    SignedKeyStatement,
    'tocsin.record.v1.SignedKeyStatement',
    bytes,
    LIMITS.statementBytes,
  );
  if (!signed.ok)
    throw new NodeError({
      code: 'FILE_INVALID',
      message: `${source} is no key statement (${signed.detail}): ${remedy}`,
    });
  return signed.value;
}

export function readRosterHistory(paths: NodePaths): RosterHistory {
  const bytes = readNodeFile(paths.rosterHistory, 'restore it, or get the roster from another member');
  try {
    return readRosterFile(bytes);
  } catch (cause) {
    if (!(cause instanceof NodeError)) throw cause;
    throw new NodeError({ code: cause.code, message: `${paths.rosterHistory}: ${cause.message}`, cause });
  }
}

/** Opens the node's store. Throws STORE_UNUSABLE, which says where it is, with the store's own code in the message. */
export async function openNodeStore(
  paths: NodePaths,
  config: NodeConfig,
  onHookError: (error: unknown) => void,
): Promise<Store> {
  try {
    return await openStore({ ...(await storeOptions(paths, config)), onHookError });
  } catch (cause) {
    if (!(cause instanceof TocsinError)) throw cause;
    throw new NodeError({
      code: 'STORE_UNUSABLE',
      message: `${describeStore(paths, config)}: ${cause.message} (${cause.code})`,
      retry: cause.retry === 'later' ? 'later' : 'no',
      cause,
    });
  }
}

/**
 * Puts the roster that `node join` wrote into a store that holds none yet. It is judged first: a store once filled with
 * another network's roster would have to be thrown away. Throws NETWORK_MISMATCH.
 */
export async function seedStore(store: Store, paths: NodePaths, networkDigest: Uint8Array): Promise<void> {
  const held = await store.read((tx) => tx.directory.rosters());
  const first = held.find(({ version }) => version === 1n);
  if (first !== undefined && !equalBytes(first.digest, networkDigest))
    throw new NodeError({
      code: 'NETWORK_MISMATCH',
      message: `the store is of the network ${hex(first.digest)}: put that digest into ${paths.config} again, or join another network in another folder`,
    });
  if (held.length > 0) return;
  const history = readRosterHistory(paths);
  believedRoster(history, networkDigest);
  await store.write(async (tx) => {
    for (const row of storedRosters(history)) await tx.directory.keepRoster(row);
  });
}
