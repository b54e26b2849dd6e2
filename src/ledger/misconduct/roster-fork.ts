/** Two rosters of one version: those who signed both have broken the governance. */
import { believed, type Verdict } from '../../base/verdict.ts';
import type { RosterFork } from '../../gen/tocsin/exchange/v1/misconduct.ts';
import type { Reason } from '../../gen/tocsin/record/v1/reason.ts';
import { judgeRosterFork as judgeFork } from '../../identity/index.ts';
import { malformed } from '../evidence-part.ts';
import type { Conviction, MisconductTrust } from './trust.ts';

/** The history of the file ends with the version that both claim to follow. */
export function judgeRosterFork(trust: MisconductTrust, { a, b }: RosterFork): Verdict<Conviction, Reason> {
  const before = trust.rosters.at(-1);
  if (!before || !a || !b) return malformed('expected two rosters and the version before them');
  const fork = judgeFork({ before, a, b });
  if (!fork.ok) return fork;
  const { version, signedBoth } = fork.value;
  const at = Math.max(...[fork.value.a, fork.value.b].map(({ roster }) => Number(roster.issued)));
  const both =
    signedBoth.length > 0
      ? `signed two rosters of version ${version}`
      : `two rosters of version ${version} are signed, each by a threshold of other governments`;
  return believed({ culprits: signedBoth, what: both, at });
}
