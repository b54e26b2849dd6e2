/**
 * Key statements in a node's folder: the one in use, and under `statements/` those that it replaced, so that anybody can see
 * since when a key was named, also while the node holds its store.
 */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fromHex } from '../base/bytes.ts';
import { LIMITS } from '../base/limits.ts';
import { KeyStatement, SignedKeyStatement } from '../gen/tocsin/record/v1/identity.ts';
import {
  judgeRosterHistory,
  judgeStatement,
  makeSecretDirectory,
  type VerifiedRoster,
  type VerifiedStatement,
  writeSecret,
} from '../identity/index.ts';
import { judgeMessage, judgeSigned, reasonName } from '../record/index.ts';
import { loadConfig, type NodePaths } from './config.ts';
import { NodeError } from './errors.ts';
import { readRosterHistory, readStatement } from './node-files.ts';

/** What a folder pins, and the statement that speaks for it now. */
export interface FolderIdentity {
  readonly node: string;
  readonly network: Uint8Array;
  readonly roster: VerifiedRoster;
  readonly held: VerifiedStatement;
}

/** Throws NETWORK_MISMATCH where roster or statement of the folder are not believed. */
export function identityOf(paths: NodePaths, nowMs: number): FolderIdentity {
  const config = loadConfig(paths);
  const network = fromHex(config.networkDigest);
  const roster = judgeRosterHistory({ networkDigest: network, history: readRosterHistory(paths) });
  if (!roster.ok)
    throw new NodeError({
      code: 'NETWORK_MISMATCH',
      message: `the roster of this folder is not believed (${reasonName(roster.reason)}): ${roster.detail}`,
    });
  const signed = readStatement(paths);
  const judged = judgeStatement({ network, roster: roster.value, signed, atMs: nowMs });
  // One that has just expired is what a new one follows on.
  const held = judged.ok
    ? judged
    : judgeStatement({ network, roster: roster.value, signed, atMs: lastInstant(network, signed, nowMs) });
  if (!held.ok)
    throw new NodeError({
      code: 'NETWORK_MISMATCH',
      message: `the key statement of this folder is not believed (${reasonName(held.reason)}): ${held.detail}`,
    });
  return { node: config.node, network, roster: roster.value, held: held.value };
}

function lastInstant(network: Uint8Array, signed: SignedKeyStatement, nowMs: number): number {
  const claim = claimOf(network, signed);
  return claim === undefined ? nowMs : Math.min(nowMs, Number(claim.notAfter) - 1);
}

/** What a statement says, unverified. */
function claimOf(network: Uint8Array, signed: SignedKeyStatement): KeyStatement | undefined {
  const body = judgeSigned('statement', network, signed.body);
  if (!body.ok) return undefined;
  const type = 'tocsin.record.v1.KeyStatement';
  const read = judgeMessage(KeyStatement, type, body.value, LIMITS.statementBytes);
  return read.ok ? read.value : undefined;
}

/** Statements that the one in use replaced, as far as the folder kept them, oldest first; the folder's own word. */
export async function earlierStatements(
  paths: NodePaths,
  network: Uint8Array,
): Promise<readonly KeyStatement[]> {
  if (!existsSync(paths.statements)) return [];
  const claims: KeyStatement[] = [];
  for (const name of await readdir(paths.statements)) {
    if (!/^\d{1,20}\.bin$/.test(name)) continue;
    const bytes = new Uint8Array(await readFile(join(paths.statements, name)));
    const type = 'tocsin.record.v1.SignedKeyStatement';
    const signed = judgeMessage(SignedKeyStatement, type, bytes, LIMITS.statementBytes);
    const claim = signed.ok ? claimOf(network, signed.value) : undefined;
    if (claim) claims.push(claim);
  }
  return claims.sort((a, b) => Number(a.sequence - b.sequence));
}

/** Keeps a statement that is about to be replaced. */
export async function keepEarlier(paths: NodePaths, held: VerifiedStatement): Promise<void> {
  await makeSecretDirectory(paths.statements);
  await writeSecret(join(paths.statements, `${held.statement.sequence}.bin`), held.bytes);
}

/** Puts a statement into use: the one before is kept first, then one rename replaces it. Durable on return. */
export async function replaceStatement(
  paths: NodePaths,
  held: VerifiedStatement,
  next: SignedKeyStatement,
): Promise<void> {
  await keepEarlier(paths, held);
  await writeSecret(paths.statement, SignedKeyStatement.encode(next).finish());
}
