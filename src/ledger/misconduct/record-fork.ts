/** Two histories of one record (T14, T28): two headers for one revision, or a revision that supersedes a third. */
import { equalBytes, hex } from '../../base/bytes.ts';
import { believed, disbelieved, type Verdict } from '../../base/verdict.ts';
import type { ProvenHeader, RecordFork } from '../../gen/tocsin/exchange/v1/misconduct.ts';
import { Reason } from '../../gen/tocsin/record/v1/reason.ts';
import { judgeInclusion, leafHash } from '../../merkle/index.ts';
import { judgeHeader, type SignedHeader } from '../../record/index.ts';
import { malformed } from '../evidence-part.ts';
import { type Conviction, judgeNote, type MisconductTrust } from './trust.ts';

export function judgeRecordFork(trust: MisconductTrust, { a, b }: RecordFork): Verdict<Conviction, Reason> {
  const first = judgeProven(trust, a);
  if (!first.ok) return first;
  const second = judgeProven(trust, b);
  if (!second.ok) return second;
  const [one, other] = [first.value.signed, second.value.signed];
  const innocent = (detail: string) => disbelieved(Reason.REASON_PROOF_INVALID, detail);
  if (equalBytes(one.digest, other.digest)) return innocent('the two headers are one');
  if (
    one.header.originator !== other.header.originator ||
    !equalBytes(one.header.recordId, other.header.recordId)
  )
    return innocent('the two headers are of different records');
  const id = hex(one.header.recordId);
  const convicted = (what: string) =>
    believed({
      culprits: [one.header.originator],
      what: `signed two histories of record ${id}: ${what}`,
      at: Math.max(first.value.atMs, second.value.atMs),
    });
  if (one.header.revision === other.header.revision)
    return convicted(`two headers for revision ${one.header.revision}`);
  if (one.header.revision + 1 === other.header.revision && !equalBytes(other.header.supersedes, one.digest))
    return convicted(`revision ${other.header.revision} supersedes another revision ${one.header.revision}`);
  return innocent('the two headers do not contradict each other');
}

/** A header that stands in the log of its originator. */
export function judgeProven(
  trust: MisconductTrust,
  proven: ProvenHeader | undefined,
): Verdict<{ readonly signed: SignedHeader; readonly atMs: number }, Reason> {
  if (!proven?.inclusion) return malformed('expected a header with its inclusion');
  const signed = judgeHeader(trust.network, proven.header);
  if (!signed.ok) return signed;
  const note = judgeNote(trust, proven.inclusion.checkpoint);
  if (!note.ok) return note;
  const { checkpoint, node, atMs } = note.value;
  const { header, bytes } = signed.value;
  if (checkpoint.origin !== header.logOrigin || node !== header.originator)
    return disbelieved(
      Reason.REASON_CHECKPOINT_INVALID,
      'the checkpoint is of another log than the header names',
    );
  const included = judgeInclusion({
    leafHash: leafHash(bytes),
    index: proven.inclusion.index,
    size: checkpoint.size,
    proof: proven.inclusion.proof,
    root: checkpoint.root,
  });
  return included.ok ? believed({ signed: signed.value, atMs }) : included;
}
