/** The node's own logs, made again from the bytes of their leaves: tree, checkpoints, signatures, the line before the log. */
import { equalBytes } from '../../base/bytes.ts';
import type { HybridPublicKey } from '../../gen/tocsin/record/v1/identity.ts';
import { dummyLeafOf } from '../../ledger/index.ts';
import {
  appendLeaves,
  EMPTY_FRONTIER,
  type Frontier,
  judgeSignedCheckpoint,
  leafHash,
  rootOf,
  type TreeNode,
} from '../../merkle/index.ts';
import { parseLogOrigin } from '../../record/index.ts';
import type { ReadTx, RowOf } from '../../store/index.ts';
import { type Finding, type FsckDeps, finding, short } from './finding.ts';

/** Keys that our statements name for a log: it keeps its name when its key is rotated. */
export type LogKeysOf = (origin: string) => Promise<readonly HybridPublicKey[]>;

export async function* checkLogs(deps: FsckDeps, keysOf: LogKeysOf): AsyncGenerator<Finding> {
  const { tx } = deps;
  const checkpoints = new Map<string, RowOf<'checkpoint'>[]>();
  for await (const row of tx.inspect.rows('checkpoint'))
    checkpoints.set(row.log, [...(checkpoints.get(row.log) ?? []), row]);
  const trees = new Map<string, Tree>();
  let tree: Tree | undefined;
  for await (const leaf of tx.inspect.rows('leaf')) {
    if (tree?.log !== leaf.log) {
      if (tree) yield* tree.end();
      tree = new Tree(leaf.log, checkpoints.get(leaf.log) ?? []);
      trees.set(leaf.log, tree);
    }
    yield* checkLeaf(tx, leaf);
    yield* tree.add(leaf);
  }
  if (tree) yield* tree.end();
  for (const [log, rows] of checkpoints) {
    if (!trees.has(log) && rows.some(({ size }) => size > 0n))
      yield finding('LOG_UNCOVERED', log, 'there are checkpoints of a log that has no leaves');
    const keys = await keysOf(log);
    for (const { size, root, note } of rows) {
      const believed = keys.some(({ ed25519, mlDsa44 }) => {
        const judged = judgeSignedCheckpoint({ note, origin: log, ed25519, mlDsa44 });
        if (!judged.ok) return false;
        const { checkpoint } = judged.value;
        return checkpoint.size === size && equalBytes(checkpoint.root, root);
      });
      if (!believed)
        yield finding(
          'CHECKPOINT_UNSIGNED',
          `${log} ${size}`,
          'its note does not say it, or no key of ours signed it',
        );
    }
  }
  yield* checkNodes(tx, trees);
  yield* checkPending(deps);
}

/** One log as its leaves make it, compared with its checkpoints in passing. */
class Tree {
  readonly log: string;
  /** Perfect subtrees above the leaves, by level and index: what has to be stored. */
  readonly nodes = new Map<string, Uint8Array>();
  readonly #checkpoints: readonly RowOf<'checkpoint'>[];
  #frontier: Frontier = EMPTY_FRONTIER;
  #at = 0;
  #broken = false;

  constructor(log: string, checkpoints: readonly RowOf<'checkpoint'>[]) {
    this.log = log;
    this.#checkpoints = checkpoints;
  }

  *add({ index, hash }: RowOf<'leaf'>): Generator<Finding> {
    if (this.#broken) return;
    if (index !== this.#frontier.size || hash.length !== 32) {
      this.#broken = true;
      yield finding('LEAF_GAP', `${this.log} ${this.#frontier.size}`, `the next leaf there is ${index}`);
      return;
    }
    const { frontier, nodes } = appendLeaves(this.#frontier, [hash]);
    this.#frontier = frontier;
    for (const node of nodes) if (node.level > 0) this.nodes.set(keyOf(node), node.hash);
    yield* this.#compare();
  }

  *end(): Generator<Finding> {
    if (this.#broken) return;
    const newest = this.#checkpoints.at(-1)?.size ?? 0n;
    if (newest !== this.#frontier.size)
      yield finding(
        'LOG_UNCOVERED',
        this.log,
        `it has ${this.#frontier.size} leaves, its newest checkpoint covers ${newest}`,
      );
  }

  *#compare(): Generator<Finding> {
    const { size } = this.#frontier;
    for (let row = this.#checkpoints[this.#at]; row && row.size <= size; row = this.#checkpoints[this.#at]) {
      this.#at += 1;
      if (row.size === size && !equalBytes(row.root, rootOf(this.#frontier)))
        yield finding(
          'CHECKPOINT_WRONG',
          `${this.log} ${size}`,
          'its root is not that of the leaves below it',
        );
    }
  }
}

const keyOf = ({ level, index }: Pick<TreeNode, 'index'> & { readonly level: number | bigint }): string =>
  `${level} ${index}`;

async function* checkLeaf(tx: ReadTx, leaf: RowOf<'leaf'>): AsyncGenerator<Finding> {
  const subject = `${leaf.log} ${leaf.index}`;
  if (leaf.header_digest === null) {
    const made = await dummyLeafOf(tx, leaf.log, leaf.index);
    if (made === undefined || !equalBytes(made, leaf.hash))
      yield finding('DUMMY_WRONG', subject, 'a leaf of nothing that our secret did not make');
    return;
  }
  const record = await tx.records.byDigest(leaf.header_digest);
  if (!record) {
    yield finding('LEAF_WRONG', subject, `there is no record ${short(leaf.header_digest)}`);
    return;
  }
  if (!equalBytes(leafHash(record.header), leaf.hash) || record.logOrigin !== leaf.log)
    yield finding('LEAF_WRONG', subject, `it is not the header of record ${short(leaf.header_digest)}`);
  if (record.leafIndex !== leaf.index)
    yield finding('LEAF_WRONG', subject, `record ${short(leaf.header_digest)} says that its leaf is another`);
}

async function* checkNodes(tx: ReadTx, trees: ReadonlyMap<string, Tree>): AsyncGenerator<Finding> {
  for await (const { log, level, index, hash } of tx.inspect.rows('tree_node')) {
    const key = keyOf({ level, index });
    const nodes = trees.get(log)?.nodes;
    const made = nodes?.get(key);
    if (made === undefined || !equalBytes(made, hash))
      yield finding('NODE_WRONG', `${log} ${key}`, 'a tree node that the leaves do not make');
    nodes?.delete(key);
  }
  for (const [log, { nodes }] of trees)
    for (const key of nodes.keys())
      yield finding('NODE_MISSING', `${log} ${key}`, 'a tree node that proofs need is not there');
}

async function* checkPending({ tx, self }: FsckDeps): AsyncGenerator<Finding> {
  for await (const row of tx.inspect.rows('pending_leaf')) {
    const record = await tx.records.byDigest(row.header_digest);
    const fits =
      record !== undefined &&
      record.originator === self &&
      record.leafIndex === undefined &&
      record.logOrigin === row.log &&
      parseLogOrigin(row.log)?.node === self &&
      equalBytes(leafHash(record.header), row.leaf_hash);
    if (!fits)
      yield finding(
        'PENDING_WRONG',
        short(row.header_digest),
        'it waits for a leaf, but no such record of ours does',
      );
  }
}
