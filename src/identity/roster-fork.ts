/** Two rosters of one version: the governments told different members different things. Proved by their own signatures. */
import { equalBytes } from '../base/bytes.ts';
import { believed, disbelieved, type Verdict } from '../base/verdict.ts';
import type { SignedRoster } from '../gen/tocsin/record/v1/identity.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { judgeSuccessor, rosterSigners, type VerifiedRoster } from './roster.ts';
import { PROGRAM, type ProgramSupport } from './roster-form.ts';

export interface ProvenFork {
  readonly version: bigint;
  readonly a: VerifiedRoster;
  readonly b: VerifiedRoster;
  /** Members whose governance keys signed both. Empty where the threshold is so low that two groups fit. */
  readonly signedBoth: readonly string[];
}

/**
 * Judges two rosters that both claim to follow `before`. The reasons of a successor where one of them is not validly signed;
 * PROOF_INVALID where they are one.
 */
export function judgeRosterFork(options: {
  readonly before: VerifiedRoster;
  readonly a: SignedRoster;
  readonly b: SignedRoster;
  readonly program?: ProgramSupport;
}): Verdict<ProvenFork, Reason> {
  const { before, program = PROGRAM } = options;
  const a = judgeSuccessor(before, options.a, program);
  if (!a.ok) return a;
  const b = judgeSuccessor(before, options.b, program);
  if (!b.ok) return b;
  if (a.value === before || b.value === before || equalBytes(a.value.digest, b.value.digest))
    return disbelieved(Reason.REASON_PROOF_INVALID, 'expected two different rosters of one version');
  const signers = (signed: SignedRoster, { roster }: VerifiedRoster): readonly string[] => {
    const { own, previous } = rosterSigners(signed, roster, before.roster);
    return [...own, ...previous];
  };
  const second = new Set(signers(options.b, b.value));
  const signedBoth = [...new Set(signers(options.a, a.value))].filter((member) => second.has(member)).sort();
  return believed({ version: a.value.version, a: a.value, b: b.value, signedBoth });
}
