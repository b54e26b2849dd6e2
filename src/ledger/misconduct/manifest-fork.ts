/** Two manifests under one number of one lane (T28), or one that does not follow from the one before. */
import { equalBytes } from '../../base/bytes.ts';
import { LIMITS } from '../../base/limits.ts';
import { believed, disbelieved, type Verdict } from '../../base/verdict.ts';
import type { ManifestFork } from '../../gen/tocsin/exchange/v1/misconduct.ts';
import { Manifest } from '../../gen/tocsin/exchange/v1/parcel.ts';
import type { HybridSignature } from '../../gen/tocsin/record/v1/identity.ts';
import { Reason } from '../../gen/tocsin/record/v1/reason.ts';
import { judgeHybrid } from '../../identity/index.ts';
import { isNodeId, judgeMessage, judgeSigned, sha256 } from '../../record/index.ts';
import { malformed } from '../evidence-part.ts';
import { type Conviction, judgeNamed, judgeNote, type MisconductTrust, requireKey } from './trust.ts';

export function judgeManifestFork(trust: MisconductTrust, fork: ManifestFork): Verdict<Conviction, Reason> {
  const a = judgeSignedManifest(trust, fork.manifestA, fork.signatureA);
  if (!a.ok) return a;
  const b = judgeSignedManifest(trust, fork.manifestB, fork.signatureB);
  if (!b.ok) return b;
  const [first, second] = [a.value.manifest, b.value.manifest];
  const innocent = (detail: string) => disbelieved(Reason.REASON_PROOF_INVALID, detail);
  if (equalBytes(a.value.digest, b.value.digest)) return innocent('the two manifests are one');
  if (
    first.sender !== second.sender ||
    first.recipient !== second.recipient ||
    first.incarnation !== second.incarnation ||
    first.lane !== second.lane
  )
    return innocent('the two manifests are of different lanes or incarnations');
  const lane = `lane ${first.lane} to ${first.recipient}`;
  const convicted = (what: string) =>
    believed({ culprits: [first.sender], what, at: Math.max(a.value.atMs, b.value.atMs) });
  if (first.seq === second.seq) return convicted(`signed two manifests under number ${first.seq} of ${lane}`);
  if (first.seq + 1n === second.seq && !equalBytes(second.previous, a.value.digest))
    return convicted(`signed manifest ${second.seq} of ${lane} as following another manifest ${first.seq}`);
  return innocent('the two manifests do not contradict each other');
}

export interface JudgedManifest {
  readonly manifest: Manifest;
  readonly digest: Uint8Array;
  /** Milliseconds of the checkpoint that it carries, by its sender's word; 0 where that cannot be told. */
  readonly atMs: number;
}

/** A manifest that the link key of its sender signed, by the statement that it names. */
export function judgeSignedManifest(
  trust: MisconductTrust,
  bytes: Uint8Array,
  signature: HybridSignature | undefined,
): Verdict<JudgedManifest, Reason> {
  const body = judgeSigned('manifest', trust.network, bytes);
  if (!body.ok) return body;
  const read = judgeMessage(Manifest, 'tocsin.exchange.v1.Manifest', body.value, LIMITS.messageBytes);
  if (!read.ok) return read;
  const { sender, statementDigest, checkpoint, incarnation } = read.value;
  if (!isNodeId(sender)) return malformed('expected a manifest that names its sender');
  const statement = judgeNamed(trust, sender, statementDigest);
  if (!statement.ok) return statement;
  // Numbers are of one incarnation; a manifest of another than its statement's was never a valid one.
  if (statement.value.statement.incarnation !== incarnation)
    return disbelieved(
      Reason.REASON_STATEMENT_STALE,
      'the manifest and its key statement differ in incarnation',
    );
  const key = requireKey(statement.value.statement, 'linkKey');
  if (!key.ok) return key;
  const signed = judgeHybrid('manifest', bytes, signature, key.value);
  if (!signed.ok) return signed;
  const note = judgeNote(trust, checkpoint);
  return believed({ manifest: read.value, digest: sha256(bytes), atMs: note.ok ? note.value.atMs : 0 });
}
