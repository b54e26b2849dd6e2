/**
 * Timestamped ML-DSA-44 cosignatures, type 0x06 (C2SP tlog-cosignature). Witnesses cosign with it, and a log signs its
 * own checkpoints in the same form under its own name.
 */
import { concat, u64be, utf8 } from '../base/bytes.ts';
import { LIMITS } from '../base/limits.ts';
import { believed, disbelieved, type Verdict } from '../base/verdict.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import type { Checkpoint } from './checkpoint.ts';
import { MerkleError } from './errors.ts';
import { KEY_TYPE, verifySignature } from './key.ts';
import type { NoteSignature } from './note.ts';
import { MAX_SIZE } from './tree.ts';

/** Twelve bytes: the label of cosigned messages. */
const LABEL = utf8('subtree/v1\n\0');
const TIMESTAMP_BYTES = 8;

export interface CosignatureSubject {
  /** Name of whoever signs. */
  readonly cosigner: string;
  /** Seconds since 1970-01-01T00:00:00Z. */
  readonly timestamp: bigint;
  readonly checkpoint: Checkpoint;
}

/** The `cosigned_message` of a whole tree: label, cosigner, timestamp, origin, start 0, end = size, root. */
export function cosignatureMessage({ cosigner, timestamp, checkpoint }: CosignatureSubject): Uint8Array {
  return concat(
    LABEL,
    shortString(cosigner),
    u64be(timestamp),
    shortString(checkpoint.origin),
    u64be(0n),
    u64be(checkpoint.size),
    checkpoint.root,
  );
}

/** What follows the key id in a signature line: the timestamp, then the signature. */
export const encodeTimestamped = (timestamp: bigint, signature: Uint8Array): Uint8Array =>
  concat(u64be(timestamp), signature);

/** The parts of a timestamped signature; undefined where it is too short or its timestamp is 2^63 or more. */
export function readTimestamped(
  bytes: Uint8Array,
): { readonly timestamp: bigint; readonly signature: Uint8Array } | undefined {
  if (bytes.length <= TIMESTAMP_BYTES) return undefined;
  const timestamp = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(0);
  return timestamp > MAX_SIZE ? undefined : { timestamp, signature: bytes.slice(TIMESTAMP_BYTES) };
}

/**
 * Believes that `line` is the cosigner's word for the checkpoint; its value is the timestamp in seconds. The caller has
 * matched name and key id. Timestamp 0 would claim nothing about time and is refused (design §8).
 */
export function judgeCosignature(claim: {
  readonly line: NoteSignature;
  readonly checkpoint: Checkpoint;
  /** 1312 bytes. */
  readonly mlDsa44: Uint8Array;
}): Verdict<bigint, Reason> {
  const timestamped = readTimestamped(claim.line.signature);
  if (timestamped === undefined || timestamped.timestamp === 0n)
    return disbelieved(Reason.REASON_MALFORMED, 'expected a timestamp above 0 and an ML-DSA-44 signature');
  const { timestamp, signature } = timestamped;
  const message = cosignatureMessage({
    cosigner: claim.line.name,
    timestamp,
    checkpoint: claim.checkpoint,
  });
  if (!verifySignature(KEY_TYPE.mlDsa44, claim.mlDsa44, message, signature))
    return disbelieved(Reason.REASON_SIGNATURE_INVALID, 'the cosignature does not verify');
  return believed(timestamp);
}

/** `opaque name<1..2^8-1>` of RFC 8446 §3: one length byte, then the bytes. */
function shortString(text: string): Uint8Array {
  const bytes = utf8(text);
  if (bytes.length === 0 || bytes.length > LIMITS.originBytes) {
    throw new MerkleError({
      code: 'FORMAT',
      message: `expected a name of 1 to ${LIMITS.originBytes} bytes, got ${bytes.length}`,
    });
  }
  return concat(Uint8Array.of(bytes.length), bytes);
}
