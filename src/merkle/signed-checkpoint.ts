/**
 * Checkpoints as a log signs them (design §4): one note with an Ed25519 note signature (type 0x01) and an ML-DSA-44
 * cosignature of the log itself (type 0x06). Either alone is worth nothing.
 */
import { utf8 } from '../base/bytes.ts';
import { believed, type Disbelieved, disbelieved, type Verdict } from '../base/verdict.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { type Checkpoint, judgeCheckpointText } from './checkpoint.ts';
import { cosignatureMessage, readTimestamped } from './cosignature.ts';
import { isSignedBy, KEY_TYPE, type KeyType, verifySignature } from './key.ts';
import { type Note, type NoteSignature, parseNote } from './note.ts';

/** Both keys of one log. The name of the keys is the log's origin. */
export interface LogKeys {
  readonly origin: string;
  /** Name in the signature lines; the origin where absent. */
  readonly logName?: string;
  /** 32 bytes. */
  readonly ed25519: Uint8Array;
  /** 1312 bytes. */
  readonly mlDsa44: Uint8Array;
}

export interface SignedCheckpoint {
  readonly checkpoint: Checkpoint;
  /** When the log signed, by its own word: seconds since 1970-01-01T00:00:00Z, never 0. */
  readonly timestamp: bigint;
  /** What stood in the note, other parties' signatures included. */
  readonly note: Note;
}

/**
 * Believes a checkpoint that its log signed with Ed25519 *and* ML-DSA-44 (design §4). Lines of other keys are ignored, as
 * the note format demands. CHECKPOINT_INVALID where the origin is another or a signature is missing or repeated,
 * SIGNATURE_INVALID where one of the two does not verify.
 */
export function judgeSignedCheckpoint(
  claim: LogKeys & { readonly note: Uint8Array },
): Verdict<SignedCheckpoint, Reason> {
  const note = parseNote(claim.note);
  if (!note.ok) return note;
  const text = judgeCheckpointText(note.value.text);
  if (!text.ok) return text;
  const checkpoint = text.value;
  if (checkpoint.origin !== claim.origin)
    return invalid(`expected a checkpoint of the log ${claim.origin}, got one of ${checkpoint.origin}`);

  const name = claim.logName ?? claim.origin;
  const classical = onlyLineOf(note.value, name, KEY_TYPE.ed25519, claim.ed25519);
  if (!classical.ok) return classical;
  const postQuantum = onlyLineOf(note.value, name, KEY_TYPE.mlDsa44, claim.mlDsa44);
  if (!postQuantum.ok) return postQuantum;

  const { signature } = classical.value;
  if (!verifySignature(KEY_TYPE.ed25519, claim.ed25519, utf8(note.value.text), signature))
    return disbelieved(Reason.REASON_SIGNATURE_INVALID, "the log's Ed25519 signature does not verify");
  const timestamped = readTimestamped(postQuantum.value.signature);
  if (timestamped === undefined || timestamped.timestamp === 0n)
    return invalid("expected a timestamp and an ML-DSA-44 signature in the log's second line");
  const message = cosignatureMessage({ cosigner: name, timestamp: timestamped.timestamp, checkpoint });
  if (!verifySignature(KEY_TYPE.mlDsa44, claim.mlDsa44, message, timestamped.signature))
    return disbelieved(Reason.REASON_SIGNATURE_INVALID, "the log's ML-DSA-44 signature does not verify");
  return believed({ checkpoint, timestamp: timestamped.timestamp, note: note.value });
}

function onlyLineOf(
  note: Note,
  name: string,
  type: KeyType,
  publicKey: Uint8Array,
): Verdict<NoteSignature, Reason> {
  const [line, ...more] = note.signatures.filter((each) => isSignedBy(each, name, type, publicKey));
  if (line === undefined || more.length > 0)
    return invalid(
      `expected one signature of the log's key of type ${type}, got ${line ? more.length + 1 : 0}`,
    );
  return believed(line);
}

const invalid = (detail: string): Disbelieved<Reason> =>
  disbelieved(Reason.REASON_CHECKPOINT_INVALID, detail);
