/** Two rosters of one version: those who signed both have broken the governance. */
import { disbelieved, type Verdict } from '../../base/verdict.ts';
import type { RosterFork } from '../../gen/tocsin/exchange/v1/misconduct.ts';
import { Reason } from '../../gen/tocsin/record/v1/reason.ts';
import type { Conviction, MisconductTrust } from './trust.ts';

/** FORMAT_UNSUPPORTED: this version does not judge the deed. */
export const judgeRosterFork = (_trust: MisconductTrust, _fork: RosterFork): Verdict<Conviction, Reason> =>
  disbelieved(Reason.REASON_FORMAT_UNSUPPORTED, 'a fork of the roster is not judged here');
