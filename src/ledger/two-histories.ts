/** Two signed checkpoints of one log that no single append-only tree has (T27), out of what a log itself has shown. */
import { equalBytes } from '../base/bytes.ts';
import type { Misconduct } from '../gen/tocsin/exchange/v1/misconduct.ts';
import { type Checkpoint, earlierRoot } from '../merkle/index.ts';

/** Of one size, or with the larger tree's own root at the smaller size and the proof from there. */
export interface TwoHistories {
  /** Signed note of the smaller one, or of either. */
  readonly noteA: Uint8Array;
  readonly noteB: Uint8Array;
  readonly rootBAtA?: Uint8Array;
  readonly proof?: readonly Uint8Array[];
}

/** A checkpoint that its log has signed. */
export interface ShownCheckpoint extends Pick<Checkpoint, 'size' | 'root'> {
  readonly note: Uint8Array;
}

/**
 * What a consistency proof between two signed checkpoints of one log proves against it; undefined where they agree, and where
 * the proof proves nothing: that may be anybody's fault.
 */
export function twoHistories(
  one: ShownCheckpoint,
  other: ShownCheckpoint,
  proof: readonly Uint8Array[],
): TwoHistories | undefined {
  const [a, b] = one.size <= other.size ? [one, other] : [other, one];
  if (a.size === b.size) return equalBytes(a.root, b.root) ? undefined : { noteA: a.note, noteB: b.note };
  const root = earlierRoot({ oldSize: a.size, newSize: b.size, newRoot: b.root, proof });
  if (root === undefined || equalBytes(root, a.root)) return undefined;
  return { noteA: a.note, noteB: b.note, rootBAtA: root, proof };
}

/** The deed for a misconduct file. */
export const logForkOf = (fork: TwoHistories): NonNullable<Misconduct['deed']> => ({
  $case: 'logFork',
  value: {
    noteA: Buffer.from(fork.noteA),
    noteB: Buffer.from(fork.noteB),
    rootBAtA: Buffer.from(fork.rootBAtA ?? []),
    proof: (fork.proof ?? []).map((hash) => Buffer.from(hash)),
  },
});
