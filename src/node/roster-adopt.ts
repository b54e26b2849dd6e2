/**
 * Puts a signed roster version into a node's folder, judged as the running node will judge it, which takes it up from there
 * within seconds and passes it on to its partners. Works on files alone, so it serves a stopped node as well.
 */
import { existsSync } from 'node:fs';
import { equalBytes, fromHex, hex } from '../base/bytes.ts';
import type { RosterHistory } from '../gen/tocsin/record/v1/identity.ts';
import {
  hybridFingerprint,
  judgeNextRosters,
  judgeRosterVersions,
  promoteGovernanceKey,
  stagedGovernance,
  type VerifiedRoster,
  writeSecret,
} from '../identity/index.ts';
import { reasonName, sha256 } from '../record/index.ts';
import { loadConfig, type NodePaths } from './config.ts';
import { NodeError } from './errors.ts';
import { readRosterHistory } from './node-files.ts';
import { rosterDiff } from './roster-diff.ts';
import { believedRoster, encodeRosterFile } from './roster-file.ts';

export interface Adopted {
  readonly before: VerifiedRoster;
  readonly roster: VerifiedRoster;
  readonly diff: readonly string[];
  /** The governance key that waited in the folder is the one in use from now on. */
  readonly promotedKey: boolean;
}

export interface AdoptOptions {
  readonly paths: NodePaths;
  /** The newer versions, alone or behind those in use. */
  readonly signed: RosterHistory;
  /** Digest of the version that the governments agreed on where two of one number are signed. */
  readonly resolve?: Uint8Array;
  readonly nowMs: number;
}

const mismatch = (message: string): NodeError => new NodeError({ code: 'NETWORK_MISMATCH', message });

/**
 * Throws NETWORK_MISMATCH where the versions do not follow from the one in the folder, are not signed by the threshold of both
 * governments, have expired, or contradict the one in use without `resolve`. Nothing is written then.
 */
export async function adoptIntoFolder(options: AdoptOptions): Promise<Adopted> {
  const { paths, nowMs } = options;
  const network = fromHex(loadConfig(paths).networkDigest);
  const held = readRosterHistory(paths);
  const before = believedRoster(held, network);
  const offered = wholeHistory(held, options.signed, network);
  const rival = divergence(held, offered);
  if (rival !== undefined && options.resolve === undefined)
    throw mismatch(
      `two rosters of version ${rival.version} are signed: ${hex(rival.held)} is in use here, the file holds ${hex(rival.offered)}. Settle by voice with the other governments which of them holds, then repeat with --resolve and its digest`,
    );
  const roster =
    options.resolve === undefined
      ? nextOf(before, offered, nowMs)
      : chosen(offered, network, options.resolve, nowMs);
  const versions = offered.rosters.slice(0, Number(roster.version));
  if (options.resolve !== undefined)
    await writeSecret(paths.rosterChoice, `${JSON.stringify({ digest: hex(options.resolve) })}\n`);
  await writeSecret(paths.rosterHistory, encodeRosterFile({ rosters: versions }));
  return {
    before,
    roster,
    diff: rosterDiff(before.roster, roster.roster),
    promotedKey: await promote(paths, roster),
  };
}

/** A file of the new versions alone continues what the folder holds. */
function wholeHistory(held: RosterHistory, signed: RosterHistory, network: Uint8Array): RosterHistory {
  const [first] = signed.rosters;
  if (first !== undefined && equalBytes(sha256(first.body), network)) return signed;
  return { rosters: [...held.rosters, ...signed.rosters] };
}

function divergence(held: RosterHistory, offered: RosterHistory) {
  const at = held.rosters.findIndex((one, index) => {
    const other = offered.rosters[index];
    return other !== undefined && !equalBytes(one.body, other.body);
  });
  const [mine, theirs] = [held.rosters[at], offered.rosters[at]];
  return mine && theirs
    ? { version: at + 1, held: sha256(mine.body), offered: sha256(theirs.body) }
    : undefined;
}

function nextOf(before: VerifiedRoster, offered: RosterHistory, nowMs: number): VerifiedRoster {
  const newer = offered.rosters.slice(Number(before.version));
  if (newer.length === 0)
    throw mismatch(`the file holds no version above ${before.version}, which is in use here`);
  const { versions, fault } = judgeNextRosters({ current: before, signed: newer, atMs: nowMs });
  const roster = versions.at(-1);
  if (roster === undefined || fault !== undefined)
    throw mismatch(
      `version ${before.version + BigInt(versions.length + 1)} is not believed${fault === undefined ? '' : ` (${reasonName(fault.reason)}): ${fault.detail}`}`,
    );
  return roster;
}

/** The history that leads to, or over, the version agreed on; its newest version is what comes into use. */
function chosen(
  offered: RosterHistory,
  networkDigest: Uint8Array,
  digest: Uint8Array,
  nowMs: number,
): VerifiedRoster {
  const versions = judgeRosterVersions({ networkDigest, history: offered });
  if (!versions.ok)
    throw mismatch(`the roster is not believed (${reasonName(versions.reason)}): ${versions.detail}`);
  const newest = versions.value.at(-1);
  if (newest === undefined || !versions.value.some((one) => equalBytes(one.digest, digest)))
    throw mismatch(`the file holds no version with the digest ${hex(digest)}`);
  if (newest.isExpired(nowMs))
    throw mismatch('an expired roster is never adopted: sign a version that holds');
  return newest;
}

async function promote(paths: NodePaths, roster: VerifiedRoster): Promise<boolean> {
  if (!existsSync(paths.keys)) return false;
  const staged = await stagedGovernance(paths.keys);
  const listed =
    staged !== undefined &&
    roster.roster.governance.some(
      ({ key }) =>
        key !== undefined && equalBytes(hybridFingerprint(key), hybridFingerprint(staged.governance)),
    );
  if (listed) await promoteGovernanceKey(paths.keys);
  return listed;
}
