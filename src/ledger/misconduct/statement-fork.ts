/** Two key statements of one node under one sequence: its authority told different members different keys. */
import { equalBytes } from '../../base/bytes.ts';
import { believed, disbelieved, type Verdict } from '../../base/verdict.ts';
import type { StatementFork } from '../../gen/tocsin/exchange/v1/misconduct.ts';
import { Reason } from '../../gen/tocsin/record/v1/reason.ts';
import { malformed } from '../evidence-part.ts';
import { type Conviction, judgeSpeaking, type MisconductTrust } from './trust.ts';

export function judgeStatementFork(
  trust: MisconductTrust,
  { a, b }: StatementFork,
): Verdict<Conviction, Reason> {
  if (!a || !b) return malformed('expected two key statements');
  const first = judgeSpeaking(trust, a, 0);
  if (!first.ok) return first;
  const second = judgeSpeaking(trust, b, 0);
  if (!second.ok) return second;
  const [one, other] = [first.value.statement, second.value.statement];
  const innocent = (detail: string) => disbelieved(Reason.REASON_PROOF_INVALID, detail);
  if (equalBytes(first.value.digest, second.value.digest)) return innocent('the two key statements are one');
  if (one.node !== other.node) return innocent('the two key statements are of different nodes');
  if (one.sequence !== other.sequence) return innocent('the two key statements have different sequences');
  return believed({
    culprits: [one.node],
    what: `the national authority signed two key statements under sequence ${one.sequence}`,
    at: Math.max(Number(one.notBefore), Number(other.notBefore)),
  });
}
