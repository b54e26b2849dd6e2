/**
 * Checkpoints (C2SP tlog-checkpoint) of exactly three lines: origin, size, root. Extension lines are refused: the
 * ML-DSA-44 signature does not cover them, so they would be a place to write what only half the keys vouch for.
 */
import { base64 } from '../base/bytes.ts';
import { believed, type Disbelieved, disbelieved, type Verdict } from '../base/verdict.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { MerkleError } from './errors.ts';
import { HASH_BYTES } from './hash.ts';
import { isKeyName, strictBase64 } from './note.ts';
import { MAX_SIZE } from './tree.ts';

/** What a log states at one size. */
export interface Checkpoint {
  /** Name of the log: no space, no plus, at most LIMITS.originBytes. */
  readonly origin: string;
  /** Leaves. */
  readonly size: bigint;
  /** 32 bytes. */
  readonly root: Uint8Array;
}

/** The three lines. Throws FORMAT for what a checkpoint cannot hold. */
export function encodeCheckpoint({ origin, size, root }: Checkpoint): string {
  if (!isKeyName(origin) || size < 0n || size > MAX_SIZE || root.length !== HASH_BYTES) {
    throw new MerkleError({
      code: 'FORMAT',
      message: 'expected an origin without space or plus, a size below 2^63 and a root of 32 bytes',
      facts: { size: `${size}` },
    });
  }
  return `${origin}\n${size}\n${base64(root)}\n`;
}

/** The checkpoint in a note's text: CHECKPOINT_EXTENSION for further lines, CHECKPOINT_INVALID for anything else. */
export function judgeCheckpointText(text: string): Verdict<Checkpoint, Reason> {
  const lines = text.split('\n');
  const [origin, size, encodedRoot, end, ...more] = lines;
  if (origin === undefined || size === undefined || encodedRoot === undefined || end === undefined)
    return invalid('expected three lines: origin, size, root');
  if (end !== '' || more.length > 0)
    return disbelieved(Reason.REASON_CHECKPOINT_EXTENSION, 'expected three lines, got extension lines');
  if (!isKeyName(origin)) return invalid('expected an origin of at most 255 bytes without space or plus');
  if (!/^(0|[1-9][0-9]{0,18})$/.test(size) || BigInt(size) > MAX_SIZE)
    return invalid('expected a decimal size below 2^63 without leading zeroes');
  const root = strictBase64(encodedRoot);
  if (root?.length !== HASH_BYTES) return invalid('expected a root of 32 bytes in canonical base64');
  return believed({ origin, size: BigInt(size), root });
}

const invalid = (detail: string): Disbelieved<Reason> =>
  disbelieved(Reason.REASON_CHECKPOINT_INVALID, detail);
