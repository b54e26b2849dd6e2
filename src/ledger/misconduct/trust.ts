/**
 * What a judge of misconduct starts from: rosters that follow from the network digest, and key statements that the members'
 * authorities signed. A key convicts by what it signed, whatever time stands in it: a forger of forks would choose a time at
 * which no statement held.
 */
import { equalBytes } from '../../base/bytes.ts';
import { believed, disbelieved, type Verdict } from '../../base/verdict.ts';
import type { KeyStatement, SignedKeyStatement } from '../../gen/tocsin/record/v1/identity.ts';
import { Reason } from '../../gen/tocsin/record/v1/reason.ts';
import { judgeStatement, type VerifiedRoster, type VerifiedStatement } from '../../identity/index.ts';
import {
  judgeCheckpointText,
  judgeSignedCheckpoint,
  type SignedCheckpoint,
  splitNote,
} from '../../merkle/index.ts';
import { isNodeId, parseLogOrigin, sha256 } from '../../record/index.ts';
import { logKeysIn } from '../evidence.ts';
import { claimedStatement, malformed, millisecondsOf, rosterAt } from '../evidence-part.ts';

export interface MisconductTrust {
  /** 32 bytes, got out of band. */
  readonly network: Uint8Array;
  /** Every version of the history, oldest first, each believed. */
  readonly rosters: readonly VerifiedRoster[];
  /** As the file carries them: judged when they are needed. */
  readonly statements: readonly SignedKeyStatement[];
}

/** A deed that is proved. */
export interface Conviction {
  /** Node ids of those whose keys signed it. */
  readonly culprits: readonly string[];
  /** One sentence for people: what was signed that cannot both be honest. No content. */
  readonly what: string;
  /** When, milliseconds, by the culprit's own word; 0 where what it signed states no time. */
  readonly at: number;
}

/** A checkpoint whose log has signed it, and who that is. */
export interface AttributedCheckpoint extends SignedCheckpoint {
  readonly node: string;
  /** Milliseconds, by the log's own word. */
  readonly atMs: number;
}

/**
 * Believes a statement at `atMs`, or, where it did not hold then, at an instant of its own validity: it is asked whose key
 * this is, not whether it still counts.
 */
export function judgeSpeaking(
  { network, rosters }: MisconductTrust,
  signed: SignedKeyStatement,
  atMs: number,
): Verdict<VerifiedStatement, Reason> {
  const claimed = claimedStatement(network, signed);
  if (!claimed) return malformed('expected a key statement of this network');
  const [from, to] = [Number(claimed.notBefore), Number(claimed.notAfter) - 1];
  let verdict: Verdict<VerifiedStatement, Reason> = malformed('expected a roster history');
  for (const at of [Math.min(Math.max(atMs, from), to), to, from]) {
    const roster = rosterAt(rosters, at);
    if (!roster) return verdict;
    verdict = judgeStatement({ network, roster, signed, atMs: at });
    if (verdict.ok) return verdict;
  }
  return verdict;
}

/** The statement with this digest among those of the file. */
export function judgeNamed(
  trust: MisconductTrust,
  node: string,
  digest: Uint8Array,
): Verdict<VerifiedStatement, Reason> {
  const signed = trust.statements.find(({ body }) => equalBytes(sha256(body), digest));
  if (!signed)
    return disbelieved(Reason.REASON_STATEMENT_UNKNOWN, `the file holds no such key statement of ${node}`);
  const judged = judgeSpeaking(trust, signed, 0);
  if (!judged.ok) return judged;
  return judged.value.statement.node === node
    ? judged
    : disbelieved(Reason.REASON_WRONG_SENDER, 'the key statement named is of another node');
}

/** A note of any log of the network, believed by the statement of the file that speaks for the log. */
export function judgeNote(trust: MisconductTrust, note: Uint8Array): Verdict<AttributedCheckpoint, Reason> {
  const halves = splitNote(note);
  if (!halves.ok) return halves;
  const text = judgeCheckpointText(halves.value.text);
  if (!text.ok) return text;
  const { origin } = text.value;
  const owner = parseLogOrigin(origin)?.node;
  if (owner === undefined || !isNodeId(owner))
    return disbelieved(Reason.REASON_CHECKPOINT_INVALID, 'expected a checkpoint of a log of this network');
  let verdict: Verdict<AttributedCheckpoint, Reason> = disbelieved(
    Reason.REASON_STATEMENT_UNKNOWN,
    `the file holds no key statement that speaks for ${origin}`,
  );
  for (const signed of trust.statements) {
    const claimed = claimedStatement(trust.network, signed);
    const keys = claimed?.node === owner ? logKeysIn(claimed, origin) : undefined;
    if (!keys) continue;
    // Cheapest first: a statement whose log key did not sign this note need not be judged.
    const checkpoint = judgeSignedCheckpoint({ ...keys, note });
    if (!checkpoint.ok) {
      verdict = checkpoint;
      continue;
    }
    const atMs = millisecondsOf(checkpoint.value.timestamp);
    const speaking = judgeSpeaking(trust, signed, atMs);
    if (!speaking.ok) {
      verdict = speaking;
      continue;
    }
    return believed({ ...checkpoint.value, node: owner, atMs });
  }
  return verdict;
}

/** A key that a statement must name. */
export function requireKey<Name extends 'linkKey' | 'logKey'>(
  statement: KeyStatement,
  name: Name,
): Verdict<NonNullable<KeyStatement[Name]>, Reason> {
  const key = statement[name];
  return key
    ? believed(key)
    : disbelieved(Reason.REASON_SIGNATURE_INVALID, 'the key statement lacks the key that has to have signed');
}
