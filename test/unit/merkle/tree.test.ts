import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../../../src/base/bytes.ts';
import {
  appendLeaves,
  consistencyProof,
  EMPTY_FRONTIER,
  emptyRoot,
  type Frontier,
  frontierAt,
  inclusionProof,
  judgeConsistency,
  judgeInclusion,
  leafHash,
  MerkleError,
  nodeHash,
  type ReadNodes,
  rootOf,
  type TreeNode,
} from '../../../src/merkle/index.ts';

/** RFC 6962 §2.1 as it is written: recursion over the whole list. */
function naiveRoot(leaves: readonly Uint8Array[]): Uint8Array {
  const [first] = leaves;
  if (first === undefined) return emptyRoot();
  if (leaves.length === 1) return first;
  const k = split(leaves.length);
  return nodeHash(naiveRoot(leaves.slice(0, k)), naiveRoot(leaves.slice(k)));
}

const split = (n: number): number => {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
};

/** RFC 6962 §2.1.1. */
function naivePath(m: number, leaves: readonly Uint8Array[]): Uint8Array[] {
  if (leaves.length === 1) return [];
  const k = split(leaves.length);
  return m < k
    ? [...naivePath(m, leaves.slice(0, k)), naiveRoot(leaves.slice(k))]
    : [...naivePath(m - k, leaves.slice(k)), naiveRoot(leaves.slice(0, k))];
}

/** RFC 6962 §2.1.2. */
function naiveProof(m: number, leaves: readonly Uint8Array[], whole: boolean): Uint8Array[] {
  if (m === leaves.length) return whole ? [] : [naiveRoot(leaves)];
  const k = split(leaves.length);
  return m <= k
    ? [...naiveProof(m, leaves.slice(0, k), whole), naiveRoot(leaves.slice(k))]
    : [...naiveProof(m - k, leaves.slice(k), false), naiveRoot(leaves.slice(0, k))];
}

const leavesUpTo = (size: number): Uint8Array[] =>
  Array.from({ length: size }, (_, index) => leafHash(utf8(`leaf ${index}`)));

/** Nodes kept as a store keeps them, and a count of what was read. */
class NodeShelf {
  readonly #nodes = new Map<string, Uint8Array>();
  reads = 0;

  keep(nodes: readonly TreeNode[]): void {
    for (const node of nodes) {
      const key = `${node.level}/${node.index}`;
      if (this.#nodes.has(key)) throw new Error(`node ${key} was written twice`);
      this.#nodes.set(key, node.hash);
    }
  }

  readonly read: ReadNodes = async (ids) => {
    this.reads += ids.length;
    return ids.map(({ level, index }) => this.#nodes.get(`${level}/${index}`) ?? new Uint8Array());
  };
}

function grow(
  leaves: readonly Uint8Array[],
  batches: readonly number[],
): { shelf: NodeShelf; frontier: Frontier } {
  const shelf = new NodeShelf();
  let frontier: Frontier = EMPTY_FRONTIER;
  let at = 0;
  for (const batch of [...batches, leaves.length]) {
    const appended = appendLeaves(frontier, leaves.slice(at, at + batch));
    shelf.keep(appended.nodes);
    frontier = appended.frontier;
    at += batch;
  }
  return { shelf, frontier };
}

const treeAndBatches = fc.record({
  size: fc.integer({ min: 1, max: 70 }),
  batches: fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 6 }),
});

describe('a tree grown by appending', () => {
  it('has the root of the naive tree whatever the batches', () => {
    fc.assert(
      fc.property(treeAndBatches, ({ size, batches }) => {
        const leaves = leavesUpTo(size);
        expect(rootOf(grow(leaves, batches).frontier)).toEqual(naiveRoot(leaves));
      }),
      { numRuns: 60 },
    );
  });

  it('starts with the root of the empty tree', () => {
    expect(rootOf(EMPTY_FRONTIER)).toEqual(emptyRoot());
    expect(appendLeaves(EMPTY_FRONTIER, []).nodes).toEqual([]);
  });

  it('finds the right edge of every past size again', async () => {
    const leaves = leavesUpTo(67);
    const { shelf } = grow(leaves, [3, 10]);
    for (let size = 0; size <= 67; size++) {
      const frontier = await frontierAt(BigInt(size), shelf.read);
      expect(rootOf(frontier)).toEqual(naiveRoot(leaves.slice(0, size)));
    }
  });

  it('writes fewer than two nodes a leaf and reads O(log n) for a proof', async () => {
    const leaves = leavesUpTo(5000);
    const appended = appendLeaves(EMPTY_FRONTIER, leaves);
    expect(appended.nodes.length).toBeLessThan(2 * leaves.length);
    const shelf = new NodeShelf();
    shelf.keep(appended.nodes);
    await inclusionProof(17n, 4999n, shelf.read);
    await consistencyProof(4001n, 4999n, shelf.read);
    expect(shelf.reads).toBeLessThan(60);
  });

  it('does not change the frontier it was given', () => {
    const before = appendLeaves(EMPTY_FRONTIER, leavesUpTo(5)).frontier;
    const kept = [...before.peaks];
    appendLeaves(before, leavesUpTo(3));
    expect(before.peaks).toEqual(kept);
  });
});

describe('proofs from stored nodes', () => {
  it('are those of the RFC recursion and are believed, for every leaf and size', async () => {
    await fc.assert(
      fc.asyncProperty(treeAndBatches, fc.nat(), fc.nat(), async ({ size, batches }, a, b) => {
        const leaves = leavesUpTo(size);
        const { shelf } = grow(leaves, batches);
        const at = 1 + (a % size);
        const index = b % at;
        const proof = await inclusionProof(BigInt(index), BigInt(at), shelf.read);
        expect(proof).toEqual(naivePath(index, leaves.slice(0, at)));
        const leaf = leaves[index] ?? new Uint8Array();
        const root = naiveRoot(leaves.slice(0, at));
        const claim = { leafHash: leaf, index: BigInt(index), size: BigInt(at), proof, root };
        expect(judgeInclusion(claim).ok).toBe(true);
        expect(judgeInclusion({ ...claim, leafHash: leafHash(leaf) }).ok).toBe(false);
        expect(judgeInclusion({ ...claim, proof: [...proof, leaf] }).ok).toBe(false);
        expect(judgeInclusion({ ...claim, index: BigInt(at) }).ok).toBe(false);
      }),
      { numRuns: 80 },
    );
  });

  it('link any two sizes and no others', async () => {
    await fc.assert(
      fc.asyncProperty(treeAndBatches, fc.nat(), fc.nat(), async ({ size, batches }, a, b) => {
        const leaves = leavesUpTo(size);
        const { shelf } = grow(leaves, batches);
        const newer = 1 + (a % size);
        const older = 1 + (b % newer);
        const proof = await consistencyProof(BigInt(older), BigInt(newer), shelf.read);
        expect(proof).toEqual(naiveProof(older, leaves.slice(0, newer), true));
        const claim = {
          oldSize: BigInt(older),
          newSize: BigInt(newer),
          oldRoot: naiveRoot(leaves.slice(0, older)),
          newRoot: naiveRoot(leaves.slice(0, newer)),
          proof,
        };
        expect(judgeConsistency(claim).ok).toBe(true);
        expect(judgeConsistency({ ...claim, oldRoot: emptyRoot() }).ok).toBe(false);
        expect(judgeConsistency({ ...claim, newRoot: emptyRoot() }).ok).toBe(false);
        expect(judgeConsistency({ ...claim, proof: [...proof, emptyRoot()] }).ok).toBe(false);
      }),
      { numRuns: 80 },
    );
  });

  it('tell a fork from an inconsistency', () => {
    const claim = {
      oldSize: 3n,
      newSize: 3n,
      oldRoot: leafHash(utf8('a')),
      newRoot: leafHash(utf8('b')),
      proof: [],
    };
    expect(judgeConsistency(claim)).toMatchObject({ ok: false, reason: 31 });
    expect(judgeConsistency({ ...claim, newSize: 4n })).toMatchObject({ ok: false, reason: 30 });
    expect(judgeConsistency({ ...claim, oldSize: 0n })).toMatchObject({ ok: false, reason: 30 });
  });

  it('need no hash from nowhere: sizes equal or empty', async () => {
    const { shelf } = grow(leavesUpTo(4), []);
    expect(await consistencyProof(0n, 4n, shelf.read)).toEqual([]);
    expect(await consistencyProof(4n, 4n, shelf.read)).toEqual([]);
  });

  it('are not longer than 63 hashes, of 32 bytes each', () => {
    const root = leafHash(utf8('x'));
    const claim = { leafHash: root, index: 0n, size: 2n ** 62n, root };
    expect(judgeInclusion({ ...claim, proof: Array(64).fill(root) }).ok).toBe(false);
    expect(judgeInclusion({ ...claim, size: 2n, proof: [root.slice(1)] }).ok).toBe(false);
    const linked = { oldSize: 1n, newSize: 2n, oldRoot: root, newRoot: root };
    expect(judgeConsistency({ ...linked, proof: [root.slice(1)] }).ok).toBe(false);
  });
});

describe('misuse and damage are thrown', () => {
  const { shelf } = grow(leavesUpTo(4), []);
  it('for indices and sizes outside the tree', async () => {
    await expect(inclusionProof(4n, 4n, shelf.read)).rejects.toMatchObject({ code: 'RANGE' });
    await expect(consistencyProof(5n, 4n, shelf.read)).rejects.toMatchObject({ code: 'RANGE' });
    expect(() => rootOf({ size: 3n, peaks: [] })).toThrow(MerkleError);
    expect(() => appendLeaves({ size: 1n, peaks: [] }, leavesUpTo(1))).toThrow(MerkleError);
    expect(() => appendLeaves({ size: 2n ** 63n - 1n, peaks: [] }, leavesUpTo(1))).toThrow(MerkleError);
  });

  it('for a leaf hash that is none', () => {
    expect(() => appendLeaves(EMPTY_FRONTIER, [new Uint8Array(31)])).toThrow(MerkleError);
  });

  it('for a stored node that is missing', async () => {
    await expect(inclusionProof(0n, 9n, shelf.read)).rejects.toMatchObject({
      code: 'NODE_MISSING',
      retry: 'fatal',
    });
    await expect(frontierAt(9n, shelf.read)).rejects.toMatchObject({ code: 'NODE_MISSING' });
    await expect(frontierAt(3n, async () => [])).rejects.toMatchObject({ code: 'NODE_MISSING' });
  });
});
