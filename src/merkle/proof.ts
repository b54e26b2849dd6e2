/**
 * Inclusion and consistency proofs: made from stored perfect subtrees (RFC 6962 §2.1.1, §2.1.2), judged by the iterative
 * algorithms of RFC 9162 §2.1.3.2 and §2.1.4.2, which need nothing but the proof.
 */
import { equalBytes } from '../base/bytes.ts';
import { LIMITS } from '../base/limits.ts';
import { believed, type Disbelieved, disbelieved, type Verdict } from '../base/verdict.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { MerkleError } from './errors.ts';
import { HASH_BYTES, nodeHash } from './hash.ts';
import { foldPeaks, MAX_SIZE, type NodeId, perfectSubtrees, type ReadNodes, readChecked } from './tree.ts';

/** A range of leaves whose hash is one element of a proof. */
interface Range {
  readonly begin: bigint;
  readonly end: bigint;
}

/** Hashes from the leaf's sibling upward, for leaf `index` in the tree of `size` leaves. Throws RANGE for `index >= size`. */
export async function inclusionProof(index: bigint, size: bigint, read: ReadNodes): Promise<Uint8Array[]> {
  if (index < 0n || index >= size || size > MAX_SIZE) {
    throw new MerkleError({ code: 'RANGE', message: `expected a leaf below the size ${size}, got ${index}` });
  }
  const siblings: Range[] = [];
  let begin = 0n;
  let end = size;
  while (end - begin > 1n) {
    const middle = begin + splitAt(end - begin);
    if (index < middle) {
      siblings.push({ begin: middle, end });
      end = middle;
    } else {
      siblings.push({ begin, end: middle });
      begin = middle;
    }
  }
  return hashRanges(siblings.reverse(), read);
}

/**
 * Hashes that show that the first `oldSize` leaves of the tree of `newSize` are the tree of `oldSize`. Empty where the
 * sizes are equal or the old tree is empty: there is nothing to show. Throws RANGE for `oldSize > newSize`.
 */
export async function consistencyProof(
  oldSize: bigint,
  newSize: bigint,
  read: ReadNodes,
): Promise<Uint8Array[]> {
  if (oldSize < 0n || oldSize > newSize || newSize > MAX_SIZE) {
    throw new MerkleError({
      code: 'RANGE',
      message: `expected an old size up to ${newSize}, got ${oldSize}`,
    });
  }
  if (oldSize === 0n || oldSize === newSize) return [];
  const ranges: Range[] = [];
  let begin = 0n;
  let end = newSize;
  while (end !== oldSize) {
    const middle = begin + splitAt(end - begin);
    if (oldSize <= middle) {
      ranges.push({ begin: middle, end });
      end = middle;
    } else {
      ranges.push({ begin, end: middle });
      begin = middle;
    }
  }
  // The old tree itself is known to the verifier; any other subtree that ends at the old size must be told.
  if (begin !== 0n) ranges.push({ begin, end });
  return hashRanges(ranges.reverse(), read);
}

export interface InclusionClaim {
  readonly leafHash: Uint8Array;
  readonly index: bigint;
  readonly size: bigint;
  readonly proof: readonly Uint8Array[];
  readonly root: Uint8Array;
}

/** Believes that `leafHash` is leaf `index` of the tree with `root`; otherwise PROOF_INVALID. */
export function judgeInclusion(claim: InclusionClaim): Verdict<true, Reason> {
  const { proof, root } = claim;
  const refuse = (detail: string): Disbelieved<Reason> =>
    disbelieved(Reason.REASON_PROOF_INVALID, detail, { index: `${claim.index}`, size: `${claim.size}` });
  if (claim.index < 0n || claim.index >= claim.size || claim.size > MAX_SIZE)
    return refuse(`expected a leaf below the size ${claim.size}, got ${claim.index}`);
  if (!wellFormed([claim.leafHash, root])) return refuse('expected a leaf hash and a root of 32 bytes each');
  if (!wellFormed(proof)) return refuse('expected at most 63 hashes of 32 bytes each');
  let index = claim.index;
  let last = claim.size - 1n;
  let hash = claim.leafHash;
  for (const sibling of proof) {
    if (last === 0n) return refuse('the proof is longer than the tree is high');
    if (index & 1n || index === last) {
      hash = nodeHash(sibling, hash);
      while (!(index & 1n) && index !== 0n) {
        index >>= 1n;
        last >>= 1n;
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    index >>= 1n;
    last >>= 1n;
  }
  if (last !== 0n) return refuse('the proof is shorter than the tree is high');
  if (!equalBytes(hash, root)) return refuse('the proof leads to another root than the checkpoint states');
  return believed(true);
}

export interface ConsistencyClaim {
  readonly oldSize: bigint;
  readonly newSize: bigint;
  readonly oldRoot: Uint8Array;
  readonly newRoot: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/**
 * Believes that the tree of `newSize` continues the tree of `oldSize`. Same size with other roots is LOG_FORK; anything
 * else wrong LOG_INCONSISTENT. An old size of 0 is refused: every tree continues the empty one, so a caller that accepts
 * that must say so itself.
 */
export function judgeConsistency(claim: ConsistencyClaim): Verdict<true, Reason> {
  const { oldSize, newSize, oldRoot, newRoot } = claim;
  const facts = { oldSize: `${oldSize}`, newSize: `${newSize}` };
  const refuse = (detail: string): Disbelieved<Reason> =>
    disbelieved(Reason.REASON_LOG_INCONSISTENT, detail, facts);
  if (oldSize <= 0n || oldSize > newSize || newSize > MAX_SIZE)
    return refuse(`expected an old size from 1 to ${newSize}, got ${oldSize}`);
  if (!wellFormed(claim.proof)) return refuse('expected at most 63 hashes of 32 bytes each');
  if (oldSize === newSize) {
    if (claim.proof.length > 0) return refuse('expected no proof between equal sizes');
    if (!equalBytes(oldRoot, newRoot))
      return disbelieved(Reason.REASON_LOG_FORK, `two roots for the size ${oldSize}`, facts);
    return believed(true);
  }
  let index = oldSize - 1n;
  let last = newSize - 1n;
  while (index & 1n) {
    index >>= 1n;
    last >>= 1n;
  }
  // An old tree that is one perfect subtree starts the proof itself; the proof then leaves it out.
  const [first, ...rest] = index === 0n ? [oldRoot, ...claim.proof] : claim.proof;
  if (first === undefined) return refuse('expected a proof, got none');
  const { oldHash, newHash, height } = foldConsistency(first, rest, index, last);
  if (height < 0n) return refuse('the proof is longer than the tree is high');
  if (height > 0n) return refuse('the proof is shorter than the tree is high');
  if (!equalBytes(oldHash, oldRoot)) return refuse('the proof leads to another old root');
  if (!equalBytes(newHash, newRoot)) return refuse('the proof leads to another new root');
  return believed(true);
}

/**
 * The root of the first `oldSize` leaves of a tree, as its own consistency proof tells it: what another root at that size is
 * convicted by. Undefined where the proof does not lead to `newRoot`, and where the old tree is one perfect subtree, whose root
 * a proof leaves out.
 */
export function earlierRoot(claim: Omit<ConsistencyClaim, 'oldRoot'>): Uint8Array | undefined {
  const { oldSize, newSize, newRoot, proof } = claim;
  if (oldSize <= 0n || oldSize >= newSize || !wellFormed(proof)) return undefined;
  let index = oldSize - 1n;
  let last = newSize - 1n;
  while (index & 1n) {
    index >>= 1n;
    last >>= 1n;
  }
  const [first, ...rest] = proof;
  if (index === 0n || first === undefined) return undefined;
  const folded = foldConsistency(first, rest, index, last);
  return folded.height === 0n && equalBytes(folded.newHash, newRoot) ? folded.oldHash : undefined;
}

/** RFC 9162 §2.1.4.2, the loop; a height other than 0 means a proof of another length than the tree asks for. */
function foldConsistency(
  first: Uint8Array,
  rest: readonly Uint8Array[],
  startIndex: bigint,
  startLast: bigint,
) {
  let [index, last, oldHash, newHash] = [startIndex, startLast, first, first];
  for (const sibling of rest) {
    if (last === 0n) return { oldHash, newHash, height: -1n };
    if (index & 1n || index === last) {
      oldHash = nodeHash(sibling, oldHash);
      newHash = nodeHash(sibling, newHash);
      while (!(index & 1n) && index !== 0n) {
        index >>= 1n;
        last >>= 1n;
      }
    } else {
      newHash = nodeHash(newHash, sibling);
    }
    index >>= 1n;
    last >>= 1n;
  }
  return { oldHash, newHash, height: last };
}

/** Leaves in the left part of a tree: the largest power of two below `size` (RFC 6962 §2.1). */
const splitAt = (size: bigint): bigint => 1n << BigInt((size - 1n).toString(2).length - 1);

const wellFormed = (proof: readonly Uint8Array[]): boolean =>
  proof.length <= LIMITS.proofHashes && proof.every((hash) => hash.length === HASH_BYTES);

/** One read for the whole proof: a range that is no perfect subtree itself is folded from several. */
async function hashRanges(ranges: readonly Range[], read: ReadNodes): Promise<Uint8Array[]> {
  const parts = ranges.map(({ begin, end }) => perfectSubtrees(begin, end));
  const ids: NodeId[] = parts.flat();
  const hashes = await readChecked(ids, read);
  let at = 0;
  return parts.map((part) => {
    const folded = foldPeaks(hashes.slice(at, at + part.length));
    at += part.length;
    if (folded === undefined)
      throw new MerkleError({ code: 'RANGE', message: 'expected a range with leaves, got none' });
    return folded;
  });
}
