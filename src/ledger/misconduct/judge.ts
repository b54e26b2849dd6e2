/**
 * Judges a misconduct file offline, from the network digest alone: rosters → key statements → signatures → contradiction. The
 * file is a stranger's: whoever made it is believed in nothing, and a file that does not convict convicts nobody.
 */
import { equalBytes } from '../../base/bytes.ts';
import { LIMITS } from '../../base/limits.ts';
import { believed, disbelieved, type Verdict } from '../../base/verdict.ts';
import { Misconduct } from '../../gen/tocsin/exchange/v1/misconduct.ts';
import { Reason } from '../../gen/tocsin/record/v1/reason.ts';
import { judgeRosterVersions } from '../../identity/index.ts';
import { judgeMessage } from '../../record/index.ts';
import { malformed } from '../evidence-part.ts';
import { judgeLogFork } from './log-fork.ts';
import { judgeManifestFork } from './manifest-fork.ts';
import { judgeRecordFork } from './record-fork.ts';
import { judgeRosterFork } from './roster-fork.ts';
import { judgeStatementFork } from './statement-fork.ts';
import { judgeThirdPartyBreach } from './third-party-breach.ts';
import type { Conviction, MisconductTrust } from './trust.ts';

/** Format of misconduct files written and read here. */
export const MISCONDUCT_FORMAT = 1;
/** A file carries the whole history of rosters, and what was signed beside it. */
export const MISCONDUCT_BYTES = LIMITS.rosterHistoryBytes + LIMITS.messageBytes;
const MAX_STATEMENTS = 64;

export type Deed =
  | 'log-fork'
  | 'record-fork'
  | 'manifest-fork'
  | 'third-party-breach'
  | 'roster-fork'
  | 'statement-fork';

/** What a believed file proves. */
export interface MisconductReport extends Conviction {
  readonly deed: Deed;
  /** Who made the file and when, milliseconds, by its maker's word: not proved. */
  readonly noticedBy: string;
  readonly noticedAt: number;
}

/**
 * MALFORMED, TOO_LARGE and FORMAT_UNSUPPORTED for the file; WRONG_NETWORK and ROSTER_… for its history; the reasons of
 * statements, checkpoints, manifests and headers for what was signed; PROOF_INVALID where everything is genuine and nothing
 * contradicts.
 */
export function judgeMisconduct(claim: {
  readonly bytes: Uint8Array;
  /** 32 bytes, got out of band. */
  readonly networkDigest: Uint8Array;
}): Verdict<MisconductReport, Reason> {
  const { bytes, networkDigest } = claim;
  if (networkDigest.length !== 32)
    return disbelieved(Reason.REASON_WRONG_NETWORK, 'expected a network digest of 32 bytes');
  const read = judgeMessage(Misconduct, 'tocsin.exchange.v1.Misconduct', bytes, MISCONDUCT_BYTES);
  if (!read.ok) return read;
  const file = read.value;
  if (file.format !== MISCONDUCT_FORMAT)
    return disbelieved(
      Reason.REASON_FORMAT_UNSUPPORTED,
      `expected a misconduct file of format ${MISCONDUCT_FORMAT}, got ${file.format}`,
    );
  if (!equalBytes(file.network, networkDigest))
    return disbelieved(Reason.REASON_WRONG_NETWORK, 'the file is of another network');
  if (file.statements.length > MAX_STATEMENTS)
    return disbelieved(Reason.REASON_TOO_LARGE, `expected at most ${MAX_STATEMENTS} key statements`);
  if (!file.rosterHistory) return malformed('expected a roster history');
  const rosters = judgeRosterVersions({ networkDigest, history: file.rosterHistory });
  if (!rosters.ok) return rosters;
  const trust: MisconductTrust = {
    network: networkDigest,
    rosters: rosters.value,
    statements: file.statements,
  };
  const [deed, verdict] = judgeDeed(trust, file.deed);
  if (!verdict.ok) return verdict;
  return believed({
    ...verdict.value,
    deed,
    noticedBy: file.noticedBy,
    noticedAt: Number(file.noticedAt),
  });
}

/** Whether bytes have the form of a misconduct file of a network; not whether it convicts. */
export function isMisconduct(bytes: Uint8Array, networkDigest: Uint8Array): boolean {
  const read = judgeMessage(Misconduct, 'tocsin.exchange.v1.Misconduct', bytes, MISCONDUCT_BYTES);
  return (
    read.ok &&
    read.value.format === MISCONDUCT_FORMAT &&
    read.value.deed !== undefined &&
    equalBytes(read.value.network, networkDigest)
  );
}

function judgeDeed(
  trust: MisconductTrust,
  deed: Misconduct['deed'],
): readonly [Deed, Verdict<Conviction, Reason>] {
  switch (deed?.$case) {
    case 'logFork':
      return ['log-fork', judgeLogFork(trust, deed.value)];
    case 'recordFork':
      return ['record-fork', judgeRecordFork(trust, deed.value)];
    case 'manifestFork':
      return ['manifest-fork', judgeManifestFork(trust, deed.value)];
    case 'thirdPartyBreach':
      return ['third-party-breach', judgeThirdPartyBreach(trust, deed.value)];
    case 'rosterFork':
      return ['roster-fork', judgeRosterFork(trust, deed.value)];
    case 'statementFork':
      return ['statement-fork', judgeStatementFork(trust, deed.value)];
    case undefined:
      return ['log-fork', malformed('expected a deed')];
  }
}
