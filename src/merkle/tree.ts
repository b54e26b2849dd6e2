/**
 * The tree as its right edge. A log of any size is appended to, and its root computed, from at most 63 hashes: those of
 * the maximal perfect subtrees, one per set bit of the size. What is stored are the hashes of perfect subtrees only;
 * they never change once written, so every past size stays provable (RFC 6962 §2.1).
 */
import { MerkleError } from './errors.ts';
import { emptyRoot, HASH_BYTES, nodeHash } from './hash.ts';

/** A perfect subtree: leaves `index * 2^level` to `(index + 1) * 2^level`, end excluded. Level 0 are the leaves. */
export interface NodeId {
  readonly level: number;
  readonly index: bigint;
}

/** A perfect subtree with its hash. */
export interface TreeNode extends NodeId {
  readonly hash: Uint8Array;
}

/** Hands out stored hashes, one per id and in the order asked. Ids are always of perfect subtrees within the size asked about. */
export type ReadNodes = (ids: readonly NodeId[]) => Promise<readonly Uint8Array[]>;

/** Right edge of a tree: hashes of its maximal perfect subtrees, largest (leftmost) first. */
export interface Frontier {
  readonly size: bigint;
  readonly peaks: readonly Uint8Array[];
}

/** The tree without leaves. */
export const EMPTY_FRONTIER: Frontier = { size: 0n, peaks: [] };

/** Largest size that a proof of 63 hashes can speak of. */
export const MAX_SIZE = 2n ** 63n - 1n;

/**
 * Appends leaves; the frontier given stays as it was. `nodes` are the perfect subtrees that became complete, leaves
 * included, in the order of their completion: exactly what must be stored, amortised under two a leaf.
 */
export function appendLeaves(
  frontier: Frontier,
  leafHashes: readonly Uint8Array[],
): { readonly frontier: Frontier; readonly nodes: readonly TreeNode[]; readonly root: Uint8Array } {
  const peaks = [...frontier.peaks];
  const nodes: TreeNode[] = [];
  let size = frontier.size;
  for (const leaf of leafHashes) {
    if (leaf.length !== HASH_BYTES) {
      throw new MerkleError({
        code: 'FORMAT',
        message: `expected a leaf hash of 32 bytes, got ${leaf.length}`,
      });
    }
    let node: TreeNode = { level: 0, index: size, hash: leaf };
    nodes.push(node);
    // A set bit of the size is a perfect subtree of that level that waits for its right twin.
    while (node.index & 1n) {
      const left = peaks.pop();
      if (left === undefined) throw brokenFrontier(frontier);
      node = { level: node.level + 1, index: node.index >> 1n, hash: nodeHash(left, node.hash) };
      nodes.push(node);
    }
    peaks.push(node.hash);
    size += 1n;
  }
  if (size > MAX_SIZE)
    throw new MerkleError({ code: 'RANGE', message: `expected a size below 2^63, got ${size}` });
  const next = { size, peaks };
  return { frontier: next, nodes, root: rootOf(next) };
}

/** Root hash of the tree with this right edge. */
export function rootOf(frontier: Frontier): Uint8Array {
  if (frontier.peaks.length !== bitCount(frontier.size)) throw brokenFrontier(frontier);
  return foldPeaks(frontier.peaks) ?? emptyRoot();
}

/** The right edge that the tree had at `size`, from stored nodes. */
export async function frontierAt(size: bigint, read: ReadNodes): Promise<Frontier> {
  const peaks = await readChecked(perfectSubtrees(0n, size), read);
  return { size, peaks };
}

/**
 * The perfect subtrees that the leaves `begin` to `end` (excluded) fall into, leftmost and largest first. `begin` must
 * be where the RFC's recursion cuts a tree, so that each piece is aligned to its own size.
 */
export function perfectSubtrees(begin: bigint, end: bigint): readonly NodeId[] {
  const ids: NodeId[] = [];
  let at = begin;
  while (at < end) {
    const level = (end - at).toString(2).length - 1;
    ids.push({ level, index: at >> BigInt(level) });
    at += 1n << BigInt(level);
  }
  return ids;
}

/** Hash over neighbouring perfect subtrees, leftmost first; undefined for none. */
export function foldPeaks(peaks: readonly Uint8Array[]): Uint8Array | undefined {
  let root: Uint8Array | undefined;
  for (const peak of peaks.toReversed()) root = root === undefined ? peak : nodeHash(peak, root);
  return root;
}

/** Reads and refuses anything but one 32-byte hash per id: a damaged store must not become a wrong proof. */
export async function readChecked(ids: readonly NodeId[], read: ReadNodes): Promise<readonly Uint8Array[]> {
  if (ids.length === 0) return [];
  const hashes = await read(ids);
  if (hashes.length !== ids.length || hashes.some((hash) => hash?.length !== HASH_BYTES)) {
    throw new MerkleError({
      code: 'NODE_MISSING',
      retry: 'fatal',
      message: `expected ${ids.length} stored tree nodes, got others; the store is damaged, restore it`,
      facts: { asked: ids.length, got: hashes.length },
    });
  }
  return hashes;
}

const bitCount = (size: bigint): number => size.toString(2).replaceAll('0', '').length;

const brokenFrontier = (frontier: Frontier): MerkleError =>
  new MerkleError({
    code: 'RANGE',
    message: `expected one perfect subtree per set bit of the size ${frontier.size}, got ${frontier.peaks.length}`,
  });
