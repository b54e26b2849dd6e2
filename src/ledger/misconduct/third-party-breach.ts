/** A record passed on without a right to (R6, R19): the forwarder's own signed line against the originator's marking. */
import { disbelieved, type Verdict } from '../../base/verdict.ts';
import type { ThirdPartyBreach } from '../../gen/tocsin/exchange/v1/misconduct.ts';
import { Reason } from '../../gen/tocsin/record/v1/reason.ts';
import type { Conviction, MisconductTrust } from './trust.ts';

/** FORMAT_UNSUPPORTED: this version does not judge the deed. */
export const judgeThirdPartyBreach = (
  _trust: MisconductTrust,
  _breach: ThirdPartyBreach,
): Verdict<Conviction, Reason> =>
  disbelieved(Reason.REASON_FORMAT_UNSUPPORTED, 'a breach of the third-party rule is not judged here');
