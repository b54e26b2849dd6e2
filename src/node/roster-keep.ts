/**
 * Writes rosters that were fetched from partners back to the folder's roster file, whole: what an administrator proposes the
 * next version on, backs up and hands to a new member is what is in use, and a store made anew starts from it.
 */
import { equalBytes, hex } from '../base/bytes.ts';
import type { Directory } from '../exchange/index.ts';
import type { RosterHistory } from '../gen/tocsin/record/v1/identity.ts';
import { writeSecret } from '../identity/index.ts';
import type { NodePaths } from './config.ts';
import type { Logger } from './logger.ts';
import { readRosterHistory } from './node-files.ts';
import { encodeRosterFile } from './roster-file.ts';

/** Whether every version of one history is the other's too, and the other goes on. */
const isContinued = (file: RosterHistory, inUse: RosterHistory): boolean =>
  file.rosters.length < inUse.rosters.length &&
  file.rosters.every((one, index) => {
    const other = inUse.rosters[index];
    return other !== undefined && equalBytes(one.body, other.body);
  });

/**
 * Writes the history in use into the folder where that goes on from what the file holds; whether it did. A file that holds
 * more, or another line of versions, is somebody's work that waits to be judged: it is left alone.
 */
export async function keepRosterFile(
  directory: Pick<Directory, 'rosterHistory' | 'openFork'>,
  paths: NodePaths,
): Promise<boolean> {
  if (directory.openFork() !== undefined) return false;
  const inUse = await directory.rosterHistory();
  if (!isContinued(readRosterHistory(paths), inUse)) return false;
  await writeSecret(paths.rosterHistory, encodeRosterFile(inUse));
  return true;
}

/** Keeps the file in step from now on; the first time at once, since a crash may have come between. */
export async function keepRosterFileInStep(
  directory: Directory,
  paths: NodePaths,
  logger: Pick<Logger, 'info' | 'error'>,
): Promise<void> {
  let turn: Promise<unknown> = Promise.resolve();
  const keep = () => {
    turn = turn
      .then(() => keepRosterFile(directory, paths))
      .then((written) => {
        if (written)
          logger.info(
            { version: String(directory.roster().version), digest: hex(directory.roster().digest) },
            'the roster file of the folder follows the roster in use',
          );
      })
      .catch((error: unknown) =>
        logger.error({ path: paths.rosterHistory, error }, 'the roster file cannot follow the roster in use'),
      );
    return turn;
  };
  directory.onRoster(() => void keep());
  await keep();
}
