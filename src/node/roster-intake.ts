/** What the folder's roster file means for the node that uses the folder: newer versions, a fork, the operator's choice. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { z } from 'zod';
import { fromHex } from '../base/bytes.ts';
import type { Directory } from '../exchange/index.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { reasonName } from '../record/index.ts';
import type { NodePaths } from './config.ts';
import { NodeError } from './errors.ts';
import { readRosterHistory } from './node-files.ts';

const choice = z.strictObject({ digest: z.string().regex(/^[0-9a-f]{64}$/) });

/**
 * Judges what the file holds beyond, or instead of, the versions in use. Throws NETWORK_MISMATCH where it is not believed. Two
 * signed rosters of one version are no reason to stop the desk: the exchange stops, and the alarm says what to do.
 */
export async function takeUpRosters(directory: Directory, paths: NodePaths): Promise<void> {
  if (!existsSync(paths.rosterHistory)) return;
  const chosen = readChoice(paths);
  const verdict = await directory.offerRosters(readRosterHistory(paths), 'the file in the folder', chosen);
  if (verdict.ok) {
    // Made for one fork: it must not settle the next one by itself.
    if (chosen) rmSync(paths.rosterChoice, { force: true });
    return;
  }
  if (verdict.reason === Reason.REASON_ROSTER_FORK && !chosen) return;
  throw new NodeError({
    code: 'NETWORK_MISMATCH',
    message: `${paths.rosterHistory} holds a roster that is not believed (${reasonName(verdict.reason)}): ${verdict.detail}; put the file before it back`,
  });
}

function readChoice({ rosterChoice }: NodePaths): Uint8Array | undefined {
  if (!existsSync(rosterChoice)) return undefined;
  try {
    return fromHex(choice.parse(JSON.parse(readFileSync(rosterChoice, 'utf8'))).digest);
  } catch (cause) {
    throw new NodeError({
      code: 'FILE_INVALID',
      message: `${rosterChoice} is no choice between two rosters: run \`tocsin network adopt --resolve\` again`,
      cause,
    });
  }
}
