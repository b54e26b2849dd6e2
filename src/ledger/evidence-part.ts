/**
 * One record of a bundle, judged: the bundle's own, or a receipt. Statement → log keys → checkpoint → inclusion →
 * commitments; each step names what it refuses.
 */
import { concat } from '../base/bytes.ts';
import { CLOCK_SKEW_MS, LIMITS } from '../base/limits.ts';
import { believed, type Disbelieved, disbelieved, type Verdict } from '../base/verdict.ts';
import type { DisclosedFacet } from '../gen/tocsin/record/v1/header.ts';
import { KeyStatement, SignedKeyStatement } from '../gen/tocsin/record/v1/identity.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { judgeStatement, type VerifiedRoster, type VerifiedStatement } from '../identity/index.ts';
import {
  judgeInclusion,
  judgeSignedCheckpoint,
  leafHash,
  parseNote,
  parseTlogProof,
  readTimestamped,
  type SignedCheckpoint,
  type TlogProof,
} from '../merkle/index.ts';
import { judgeFacets, judgeHeader, judgeMessage, judgeSigned, type SignedHeader } from '../record/index.ts';
import { FACET_FILE, FILE, logKeysIn } from './evidence.ts';

/** What a judge of bundles starts from: everything that was believed before the record itself. */
export interface EvidenceTrust {
  readonly network: Uint8Array;
  /** Every version, oldest first. */
  readonly rosters: readonly VerifiedRoster[];
  /** Clock of whoever judges; without it no time counts as the future. */
  readonly nowMs: number | undefined;
}

export interface ProvenRecord {
  readonly signed: SignedHeader;
  readonly statement: VerifiedStatement;
  /** As they lie in the statement file. */
  readonly chain: readonly Uint8Array[];
  readonly place: TlogProof;
  readonly checkpoint: SignedCheckpoint;
  /** When the log signed, by its own word, milliseconds. */
  readonly atMs: number;
  /** In the order of the header's commitments. */
  readonly facets: readonly DisclosedFacet[];
}

/** Claimed seconds as milliseconds. Beyond the year 2255 no time is meant, and the number stays exact. */
export const millisecondsOf = (seconds: bigint): number => Math.min(Number(seconds), 9_000_000_000) * 1000;

/** A `timestamped_signature` of ML-DSA-44: 8 bytes and 2,420. */
const COSIGNATURE_BYTES = 2428;

/** Judges the files of one record, named as in a bundle without prefix. Unknown names are the caller's to report. */
export function judgePart(
  files: ReadonlyMap<string, Uint8Array>,
  trust: EvidenceTrust,
): Verdict<ProvenRecord, Reason> {
  const [header, proof, statementFile] = [FILE.header, FILE.proof, FILE.statement].map((name) =>
    files.get(name),
  );
  if (!header || !proof || !statementFile)
    return malformed(`expected ${FILE.header}, ${FILE.proof} and ${FILE.statement}`);
  const signed = judgeHeader(trust.network, header);
  if (!signed.ok) return signed;
  const place = parseTlogProof(proof);
  if (!place.ok) return place;
  // Nothing vouches for extra data, and nobody of ours writes it.
  if (place.value.extra) return malformed('expected a proof file without extra data');
  const carried = readExactly(
    SignedKeyStatement,
    'tocsin.record.v1.SignedKeyStatement',
    statementFile,
    LIMITS.statementBytes,
  );
  if (!carried.ok) return carried;

  const believedAt = judgeSpeaker(signed.value, place.value.checkpoint, carried.value, trust);
  if (!believedAt.ok) return believedAt;
  const { statement, checkpoint } = believedAt.value;
  const inclusion = judgeInclusion({
    leafHash: leafHash(signed.value.bytes),
    index: place.value.index,
    size: checkpoint.checkpoint.size,
    proof: place.value.proof,
    root: checkpoint.checkpoint.root,
  });
  if (!inclusion.ok) return inclusion;
  const facets = facetsIn(files, signed.value);
  if (!facets.ok) return facets;
  const committed = judgeFacets(signed.value, facets.value);
  if (!committed.ok) return committed;
  return believed({
    signed: signed.value,
    statement,
    chain: carried.value.chain,
    place: place.value,
    checkpoint,
    atMs: millisecondsOf(checkpoint.timestamp),
    facets: facets.value,
  });
}

/**
 * Who speaks, and did they sign this checkpoint? The statement is judged at the checkpoint's time, by the roster then in
 * force, so that evidence outlives keys, certificates and memberships (design §5).
 */
function judgeSpeaker(
  signed: SignedHeader,
  note: Uint8Array,
  carried: SignedKeyStatement,
  trust: EvidenceTrust,
): Verdict<{ readonly statement: VerifiedStatement; readonly checkpoint: SignedCheckpoint }, Reason> {
  const { logOrigin, originator } = signed.header;
  const atMs = claimedTime(note, logOrigin);
  if (!atMs.ok) return atMs;
  const roster = rosterAt(trust.rosters, atMs.value);
  const statement = roster
    ? judgeStatement({ network: trust.network, roster, signed: carried, atMs: atMs.value })
    : malformed('expected a roster history');
  if (!statement.ok) {
    // The time was the checkpoint's claim. If that is forged, say so, rather than blame the statement's validity.
    const forged = isAboutTime(statement) ? judgeByClaimedKeys(note, logOrigin, carried, trust) : undefined;
    return forged ?? statement;
  }
  if (statement.value.statement.node !== originator)
    return disbelieved(Reason.REASON_WRONG_SENDER, "the key statement is of another node than the record's");
  const keys = logKeysIn(statement.value.statement, logOrigin);
  if (!keys)
    return disbelieved(Reason.REASON_CHECKPOINT_INVALID, 'the key statement does not speak for the log');
  const checkpoint = judgeSignedCheckpoint({ ...keys, note });
  if (!checkpoint.ok) return checkpoint;
  if (trust.nowMs !== undefined && atMs.value > trust.nowMs + CLOCK_SKEW_MS)
    return disbelieved(Reason.REASON_CLOCK_SKEW, "the checkpoint's time lies in the future");
  return believed({ statement: statement.value, checkpoint: checkpoint.value });
}

const isAboutTime = ({ reason }: Disbelieved<Reason>): boolean =>
  reason === Reason.REASON_EXPIRED ||
  reason === Reason.REASON_CLOCK_SKEW ||
  reason === Reason.REASON_CERTIFICATE_INVALID ||
  reason === Reason.REASON_NOT_A_MEMBER;

function judgeByClaimedKeys(
  note: Uint8Array,
  logOrigin: string,
  carried: SignedKeyStatement,
  { network }: EvidenceTrust,
): Disbelieved<Reason> | undefined {
  const claimed = claimedStatement(network, carried);
  const keys = claimed && logKeysIn(claimed, logOrigin);
  const checkpoint = keys && judgeSignedCheckpoint({ ...keys, note });
  return checkpoint && !checkpoint.ok && checkpoint.reason === Reason.REASON_SIGNATURE_INVALID
    ? checkpoint
    : undefined;
}

/** What a statement says, unverified: good for nothing but telling which of two things is forged. */
export function claimedStatement(network: Uint8Array, carried: SignedKeyStatement): KeyStatement | undefined {
  const body = judgeSigned('statement', network, carried.body);
  if (!body.ok) return undefined;
  const claimed = judgeMessage(
    KeyStatement,
    'tocsin.record.v1.KeyStatement',
    body.value,
    LIMITS.statementBytes,
  );
  return claimed.ok ? claimed.value : undefined;
}

/** The time in the log's ML-DSA-44 line, not verified here: milliseconds. CHECKPOINT_INVALID where there is no such line. */
export function claimedTime(bytes: Uint8Array, logOrigin: string): Verdict<number, Reason> {
  const note = parseNote(bytes);
  if (!note.ok) return note;
  const line = note.value.signatures.find(
    ({ name, signature }) => name === logOrigin && signature.length === COSIGNATURE_BYTES,
  );
  const time = line && readTimestamped(line.signature)?.timestamp;
  if (time === undefined)
    return disbelieved(
      Reason.REASON_CHECKPOINT_INVALID,
      "expected the log's ML-DSA-44 signature on the checkpoint",
    );
  return believed(millisecondsOf(time));
}

/** The roster in force at an instant: the newest issued before it. */
export function rosterAt(rosters: readonly VerifiedRoster[], atMs: number): VerifiedRoster | undefined {
  return rosters.findLast(({ roster }) => Number(roster.issued) <= atMs + CLOCK_SKEW_MS) ?? rosters[0];
}

/** Facet files as pairs, in the order of the header; salt without bytes or the reverse is MALFORMED. */
function facetsIn(
  files: ReadonlyMap<string, Uint8Array>,
  { header }: SignedHeader,
): Verdict<readonly DisclosedFacet[], Reason> {
  const names = new Set<string>();
  for (const file of files.keys()) {
    const [, name] = FACET_FILE.exec(file) ?? [];
    if (name !== undefined) names.add(name);
  }
  const order = header.commitments.map(({ facet }) => facet);
  const facets: DisclosedFacet[] = [];
  for (const facet of [...names].sort((a, b) => order.indexOf(a) - order.indexOf(b))) {
    const body = files.get(`facets/${facet}.bin`);
    const salt = files.get(`facets/${facet}.salt`);
    if (!body || !salt) return malformed(`expected both facets/${facet}.bin and facets/${facet}.salt`);
    facets.push({ facet, salt: Buffer.from(salt), body: Buffer.from(body) });
  }
  return believed(facets);
}

/** What the generated codecs offer. */
interface Codec<Message> {
  decode(bytes: Uint8Array): Message;
  encode(message: Message): { finish(): Uint8Array };
}

/** A message whose bytes are its one encoding: no unknown field, no other order, nothing that no signature covers. */
export function readExactly<Message>(
  codec: Codec<Message>,
  typeName: string,
  bytes: Uint8Array,
  maxBytes: number,
): Verdict<Message, Reason> {
  const read = judgeMessage<Message>(codec, typeName, bytes, maxBytes);
  if (!read.ok) return read;
  return Buffer.compare(concat(codec.encode(read.value).finish()), bytes) === 0
    ? read
    : malformed(`expected the plain encoding of ${typeName}`);
}

export const malformed = (detail: string): Disbelieved<Reason> =>
  disbelieved(Reason.REASON_MALFORMED, detail);
