/**
 * What became of the key that a bundle rests on: by later statements of the originator, out of the bundle or known to whoever
 * judges. A key that ended leaves standing only what others saw before (design §5); who shows evidence may have left the
 * statement out, so a judge who knows one brings it along.
 */
import { equalBytes } from '../base/bytes.ts';
import { LIMITS } from '../base/limits.ts';
import { believed, disbelieved, type Verdict } from '../base/verdict.ts';
import { SignedKeyStatement } from '../gen/tocsin/record/v1/identity.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { endOfKey, judgeStatement } from '../identity/index.ts';
import type { Checkpoint } from '../merkle/index.ts';
import { type EvidenceFiles, FILE, logKeysIn } from './evidence.ts';
import {
  claimedStatement,
  type EvidenceTrust,
  type ProvenRecord,
  readExactly,
  rosterAt,
} from './evidence-part.ts';

/** A cosignature of the record's checkpoint that verified. */
export interface Cosigned {
  readonly node: string;
  /** When, by the word of the witness, milliseconds. */
  readonly atMs: number;
}

export interface LaterKnowledge {
  /** Statements of the originator that whoever judges got elsewhere. */
  readonly statements?: readonly SignedKeyStatement[];
  /** When whoever judges saw a checkpoint himself, milliseconds; undefined where he did not. */
  readonly seenAt?: (checkpoint: Checkpoint) => number | undefined;
}

/** How the key that signed the checkpoint ended. */
export interface EndedKey {
  /** Milliseconds. */
  readonly from: number;
  readonly reason: string;
}

/**
 * KEY_REVOKED where a later statement ends the key and nothing shows that the checkpoint was there before; how it ended where
 * something does; undefined where it has not ended.
 */
export function judgeLater(
  files: EvidenceFiles,
  record: ProvenRecord,
  cosigned: readonly Cosigned[],
  threshold: number,
  trust: EvidenceTrust,
  known: LaterKnowledge,
): Verdict<EndedKey | undefined, Reason> {
  const file = files.get(FILE.laterStatement);
  const carried = file && readExactly(SignedKeyStatement, TYPE, file, LIMITS.statementBytes);
  if (carried && !carried.ok) return carried;
  let ended: EndedKey | undefined;
  for (const signed of [...(carried ? [carried.value] : []), ...(known.statements ?? [])]) {
    const end = endBy(signed, record, trust);
    // One that is no statement of this originator says nothing; in the bundle it would be a byte that nothing vouches for.
    if (!end.ok) {
      if (carried && signed === carried.value) return end;
      continue;
    }
    if (end.value && (!ended || end.value.from < ended.from)) ended = end.value;
  }
  if (!ended) return believed(undefined);
  const { from } = ended;
  const early = new Set(cosigned.filter(({ atMs }) => atMs < from).map(({ node }) => node));
  const seenAt = known.seenAt?.(record.checkpoint.checkpoint);
  if ((threshold > 0 && early.size >= threshold) || (seenAt !== undefined && seenAt < from))
    return believed(ended);
  return disbelieved(
    Reason.REASON_KEY_REVOKED,
    `the key that signed the checkpoint counts no more since ${new Date(from).toISOString()} (${ended.reason.slice(0, 120)}); to stand, the checkpoint has to be cosigned before by ${threshold} witnesses of the log, which ${early.size} did`,
    { from: String(from) },
  );
}

const TYPE = 'tocsin.record.v1.SignedKeyStatement';

function endBy(
  signed: SignedKeyStatement,
  { statement, signed: header }: ProvenRecord,
  trust: EvidenceTrust,
): Verdict<EndedKey | undefined, Reason> {
  const claim = claimedStatement(trust.network, signed);
  // Judged when it began to hold: what it takes back stays so when it has expired itself.
  const atMs = Number(claim?.notBefore ?? 0n);
  const roster = rosterAt(trust.rosters, atMs);
  if (!claim || !roster)
    return disbelieved(Reason.REASON_MALFORMED, 'expected a later key statement of the originator');
  const judged = judgeStatement({ network: trust.network, roster, signed, atMs });
  if (!judged.ok) return judged;
  const later = judged.value;
  if (later.statement.node !== statement.statement.node)
    return disbelieved(Reason.REASON_WRONG_SENDER, 'the later key statement is of another node');
  if (equalBytes(later.digest, statement.digest) || later.statement.sequence <= statement.statement.sequence)
    return believed(undefined);
  const key = logKeysIn(statement.statement, header.header.logOrigin);
  const from = key && endOfKey(later.statement, key);
  if (from === undefined) return believed(undefined);
  const reason = later.statement.revocations.find((one) => Number(one.from) === from)?.reason ?? '';
  return believed({ from, reason });
}
