/** Two histories of one log (T27): two roots for one size, or two sizes that no single tree has. */
import { equalBytes } from '../../base/bytes.ts';
import { believed, disbelieved, type Verdict } from '../../base/verdict.ts';
import type { LogFork } from '../../gen/tocsin/exchange/v1/misconduct.ts';
import { Reason } from '../../gen/tocsin/record/v1/reason.ts';
import { HASH_BYTES, judgeConsistency } from '../../merkle/index.ts';
import { malformed } from '../evidence-part.ts';
import { type Conviction, judgeNote, type MisconductTrust } from './trust.ts';

export function judgeLogFork(trust: MisconductTrust, fork: LogFork): Verdict<Conviction, Reason> {
  const a = judgeNote(trust, fork.noteA);
  if (!a.ok) return a;
  const b = judgeNote(trust, fork.noteB);
  if (!b.ok) return b;
  const [first, second] = [a.value.checkpoint, b.value.checkpoint];
  const innocent = (detail: string) => disbelieved(Reason.REASON_PROOF_INVALID, detail);
  if (first.origin !== second.origin) return innocent('the two checkpoints are of different logs');
  const convicted = (what: string) =>
    believed({
      culprits: [a.value.node],
      what: `signed two histories of ${first.origin}: ${what}`,
      at: Math.max(a.value.atMs, b.value.atMs),
    });
  if (first.size === second.size) {
    if (fork.rootBAtA.length > 0 || fork.proof.length > 0)
      return malformed('expected no proof between checkpoints of one size');
    return equalBytes(first.root, second.root)
      ? innocent('the two checkpoints state one root for one size')
      : convicted(`two roots for size ${first.size}`);
  }
  if (first.size > second.size) return malformed('expected the smaller checkpoint first');
  if (fork.rootBAtA.length !== HASH_BYTES)
    return malformed("expected the larger tree's root at the smaller size");
  if (equalBytes(fork.rootBAtA, first.root))
    return innocent('the larger checkpoint continues the smaller one');
  // A root binds its whole tree, so what leads to it from another prefix excludes this one.
  const linked = judgeConsistency({
    oldSize: first.size,
    newSize: second.size,
    oldRoot: fork.rootBAtA,
    newRoot: second.root,
    proof: fork.proof,
  });
  if (!linked.ok) return linked;
  if (first.size === 0n) return innocent('every log continues the empty one');
  return convicted(`size ${second.size} does not continue size ${first.size}`);
}
