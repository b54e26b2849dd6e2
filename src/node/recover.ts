/**
 * Raising a node's incarnation (design §5): after a restore, or where its store is behind what partners hold of it. Explicit
 * trust: it is a command with the authority's keys at hand, never something that a running node does by itself.
 *
 * Numbers are never used twice, also where this folder does not know the newest ones: keys may have been rotated, or the
 * same backup restored before, since it was made. So incarnation and sequence are not counted up but taken from the clock
 * (tens of seconds, seconds since 1970), above what is known here; and the log, link and witness keys are new, so that
 * nothing which was signed meanwhile, by whomever held the old ones, can be confused with what follows.
 *
 * Order: the new keys and the statement are written beside the folder's own, then a mark, then each is moved to its place.
 * Before the mark nothing has changed; after it the next start, or the next call, moves what is left.
 */
import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fromHex } from '../base/bytes.ts';
import { type KeyStatement, SignedKeyStatement } from '../gen/tocsin/record/v1/identity.ts';
import {
  createSuccessor,
  judgeRosterHistory,
  judgeStatement,
  Keyring,
  makeSecretDirectory,
  type VerifiedStatement,
  writeSecret,
} from '../identity/index.ts';
import { emptyRoot } from '../merkle/index.ts';
import { reasonName } from '../record/index.ts';
import type { ReadTx } from '../store/index.ts';
import { loadConfig, type NodePaths, pathsOf } from './config.ts';
import { NodeError } from './errors.ts';
import { loadAuthority } from './founding.ts';
import { keepEarlier } from './key-statements.ts';
import { openNodeStore, readRosterHistory, readStatement } from './node-files.ts';

const DAY_MS = 86_400_000;
const STATEMENT_DAYS = 365;
/** Roles whose keys are made anew; the governance key is pinned in the roster and stays. */
const RENEWED = ['log', 'exercise-log', 'link', 'witness'] as const;

const stageOf = (paths: NodePaths) => {
  const dir = join(paths.dir, 'recovery');
  return { dir, keys: join(dir, 'keys'), statement: join(dir, 'statement.bin'), mark: join(dir, 'ready') };
};

export interface Recovered {
  readonly node: string;
  readonly incarnation: number;
  readonly sequence: bigint;
  /** How far the log that ended is declared. */
  readonly closed: readonly { readonly origin: string; readonly size: bigint }[];
}

export interface RecoverOptions {
  readonly dir: string;
  /** Folder of the national authority, where it is not the node's own. */
  readonly authority?: string;
  readonly nowMs: number;
}

/**
 * Makes the statement of a higher incarnation over new keys and puts it into the folder of a node that does not run. Throws
 * STORE_UNUSABLE (it runs), NOT_INITIALISED (no authority at hand), NETWORK_MISMATCH (nobody would believe it).
 */
export async function recoverNode(options: RecoverOptions): Promise<Recovered> {
  const paths = pathsOf(options.dir);
  const config = loadConfig(paths);
  const { nowMs } = options;
  const authority = await loadAuthority(
    options.authority === undefined ? paths : { ...paths, authority: options.authority },
  );
  await finishRecovery(paths);
  const network = fromHex(config.networkDigest);
  await using store = await openNodeStore(paths, config, () => undefined);
  const roster = judgeRosterHistory({ networkDigest: network, history: readRosterHistory(paths) });
  if (!roster.ok)
    throw new NodeError({
      code: 'NETWORK_MISMATCH',
      message: `the roster of this folder is not believed (${reasonName(roster.reason)}): ${roster.detail}`,
    });
  const believe = (signed: SignedKeyStatement, atMs: number): VerifiedStatement => {
    const judged = judgeStatement({ network, roster: roster.value, signed, atMs });
    if (judged.ok) return judged.value;
    throw new NodeError({
      code: 'NETWORK_MISMATCH',
      message: `no partner would believe the key statement (${reasonName(judged.reason)}): ${judged.detail}`,
    });
  };
  const { held, revocations, closedLogs } = await store.read(async (tx) => {
    const rows = await tx.directory.statementsOf(config.node);
    const known = rows.map((row) => believe(SignedKeyStatement.decode(row.body), row.verifiedAt));
    const own = readStatement(paths);
    // The folder's own file may be newer than a store that was rolled back.
    const filed = believe(own, nowMs);
    const last = known.at(-1);
    const newest = last && last.statement.sequence > filed.statement.sequence ? last : filed;
    return {
      held: newest,
      // What an earlier statement took back stays so, also where it came back from a partner.
      revocations: [...known, filed].flatMap((one) => one.statement.revocations),
      closedLogs: await closingOf(tx, newest),
    };
  });
  const { statement } = held;
  const stage = stageOf(paths);
  await rm(stage.dir, { recursive: true, force: true });
  await makeSecretDirectory(stage.dir);
  const keyring = await Keyring.create(stage.keys);
  const signed = await createSuccessor(
    {
      network,
      held,
      keyring,
      change: {
        incarnation: Math.max(statement.incarnation + 1, Math.floor(nowMs / 10_000)),
        sequence: max(statement.sequence + 1n, BigInt(Math.floor(nowMs / 1_000))),
        closedLogs,
        revocations,
        notBeforeMs: nowMs,
        notAfterMs: nowMs + STATEMENT_DAYS * DAY_MS,
      },
    },
    authority,
  );
  const made = believe(signed, nowMs);
  await keepEarlier(paths, held);
  await writeSecret(stage.statement, SignedKeyStatement.encode(signed).finish());
  await writeSecret(stage.mark, `${made.statement.incarnation}\n`);
  await finishRecovery(paths);
  return {
    node: config.node,
    incarnation: made.statement.incarnation,
    sequence: made.statement.sequence,
    closed: closedLogs,
  };
}

/** Moves to their places what a recovery had ready when it was interrupted; removes one that was not ready. */
export async function finishRecovery(paths: NodePaths): Promise<void> {
  const stage = stageOf(paths);
  if (!existsSync(stage.dir)) return;
  if (existsSync(stage.mark)) {
    for (const role of RENEWED)
      if (existsSync(join(stage.keys, `${role}.pem`)))
        await rename(join(stage.keys, `${role}.pem`), join(paths.keys, `${role}.pem`));
    if (existsSync(stage.statement)) await rename(stage.statement, paths.statement);
    // The mark goes before the rest: without it what is left of the folder says nothing.
    await rm(stage.mark);
  }
  await rm(stage.dir, { recursive: true, force: true });
}

/**
 * Where the logs that end are declared closed: at the highest checkpoint that a witness cosigned, else that a partner was
 * shown. A store that was rolled back may have signed more since, which nobody saw.
 */
async function closingOf(tx: ReadTx, { statement }: VerifiedStatement): Promise<KeyStatement['closedLogs']> {
  const shown = (await tx.links.allOut()).map((link) => link.checkpointSize);
  const closed: KeyStatement['closedLogs'] = [];
  for (const [origin, most] of [
    [statement.logOrigin, shown.reduce(max, 0n)],
    [statement.exerciseLogOrigin, undefined],
  ] as const) {
    const checkpoint = await tx.recovery.closing(origin, most);
    closed.push({
      origin,
      size: checkpoint?.size ?? 0n,
      root: Buffer.from(checkpoint?.root ?? emptyRoot()),
    });
  }
  return closed;
}

const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);
