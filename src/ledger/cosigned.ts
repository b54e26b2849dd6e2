/**
 * Cosignatures of a log's checkpoints: which of them count, and what follows for a leaf. A checkpoint is witnessed(k) when k
 * distinct members, of those that the roster names for its log, cosigned that very tree (design §4).
 */
import { CLOCK_SKEW_MS } from '../base/limits.ts';
import {
  KeyStatement,
  SignedKeyStatement,
  type WitnessAssignment,
} from '../gen/tocsin/record/v1/identity.ts';
import {
  type Checkpoint,
  formatSignatureLine,
  isSignedBy,
  judgeCosignature,
  KEY_TYPE,
  type NoteSignature,
} from '../merkle/index.ts';
import { judgeSigned, netToken, parseLogOrigin, witnessName } from '../record/index.ts';
import type { Cosignature, ReadTx, StoredCheckpoint } from '../store/index.ts';

/** Who may witness one member's logs, and how many are enough. */
export interface WitnessRule {
  /** Node ids. */
  readonly nodes: readonly string[];
  /** Their names in signature lines, in the same order. */
  readonly names: readonly string[];
  /** 0: nothing is ever witnessed. */
  readonly threshold: number;
}

/** What a roster says of a member's logs. */
export function witnessRuleOf(
  roster: { readonly witnesses: readonly WitnessAssignment[] },
  network: Uint8Array,
  node: string,
): WitnessRule {
  const { witnesses = [], threshold = 0 } = roster.witnesses.find((line) => line.node === node) ?? {};
  const net = netToken(network);
  return { nodes: witnesses, names: witnesses.map((one) => witnessName(net, one)), threshold };
}

/** A key that a witness has or had, with the statement that names it. */
export interface WitnessKey {
  /** 1312 bytes. */
  readonly mlDsa44: Uint8Array;
  /** Encoded SignedKeyStatement. */
  readonly statement: Uint8Array;
}

/** Keys out of the statements held of a node, newest first: what was cosigned before a rotation still counts. */
export async function witnessKeysOf(
  tx: ReadTx,
  network: Uint8Array,
  node: string,
): Promise<readonly WitnessKey[]> {
  const keys: WitnessKey[] = [];
  for (const { body } of await tx.directory.statementsOf(node)) {
    const signed = judgeSigned('statement', network, SignedKeyStatement.decode(body).body);
    const key = signed.ok ? KeyStatement.decode(signed.value).witnessKey : undefined;
    if (key) keys.unshift({ mlDsa44: key.mlDsa44, statement: body });
  }
  return keys;
}

/**
 * The cosignatures among the lines of a note that count, one a witness: by a key of its own, over this very checkpoint, at no
 * time ahead of this node's clock (T29). Other lines are ignored, as the note format demands.
 */
export function believedCosignatures(claim: {
  readonly lines: readonly NoteSignature[];
  readonly checkpoint: Checkpoint;
  readonly witnesses: readonly { readonly name: string; readonly keys: readonly Uint8Array[] }[];
  readonly nowMs: number;
}): readonly Cosignature[] {
  const { lines, checkpoint, witnesses, nowMs } = claim;
  const { origin, size } = checkpoint;
  return witnesses.flatMap(({ name, keys }) => {
    for (const mlDsa44 of keys)
      for (const line of lines) {
        if (!isSignedBy(line, name, KEY_TYPE.mlDsa44, mlDsa44)) continue;
        const time = judgeCosignature({ line, checkpoint, mlDsa44 });
        const at = time.ok ? Number(time.value) * 1000 : Number.POSITIVE_INFINITY;
        if (at > nowMs + CLOCK_SKEW_MS) continue;
        return [{ origin, size, witness: name, line: formatSignatureLine(line), at }];
      }
    return [];
  });
}

/**
 * The checkpoint of an own log under which a leaf is best shown: the newest that its witnesses cosigned, else the newest of a
 * tick, else whatever covers it. Undefined while none does.
 */
export async function coveringCheckpoint(
  tx: ReadTx,
  of: {
    readonly origin: string;
    readonly leafIndex: bigint;
    /** The roster's line for the owner of the log. */
    readonly assignment: WitnessAssignment | undefined;
  },
): Promise<StoredCheckpoint | undefined> {
  const { origin, leafIndex, assignment } = of;
  const net = parseLogOrigin(origin)?.net;
  const size =
    net === undefined || assignment === undefined
      ? undefined
      : await tx.ledger.witnessedSize({
          origin,
          witnesses: assignment.witnesses.map((node) => witnessName(net, node)),
          threshold: assignment.threshold,
          which: 'newest',
          from: leafIndex + 1n,
        });
  const witnessed = size === undefined ? undefined : await tx.ledger.checkpoint(origin, size);
  if (witnessed) return witnessed;
  for (const cause of ['tick', undefined] as const) {
    const newest = await tx.ledger.newestCheckpoint(origin, cause);
    if (newest && newest.size > leafIndex) return newest;
  }
  return undefined;
}
