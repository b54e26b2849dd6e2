/**
 * The witnessed-time rule (design §5). A checkpoint's time is its signer's word, so whoever holds a stolen key can date back
 * what he signs. What rests on a key that was taken back counts only where somebody else saw the checkpoint before: this
 * node itself, or as many witnesses of the log as the roster asks for; the checkpoint itself, or a larger tree that it is tied to.
 */
import { equalBytes } from '../base/bytes.ts';
import type { WitnessAssignment } from '../gen/tocsin/record/v1/identity.ts';
import type { Checkpoint } from '../merkle/index.ts';
import { parseLogOrigin, witnessName } from '../record/index.ts';
import type { ReadTx } from '../store/index.ts';

/**
 * Whether a checkpoint, or a tree that is proved to hold all of it, was seen here, or by k witnesses, before the instant from which its key counts no more.
 *
 * @param from milliseconds
 * @param assignment the roster's witnesses of the log; a log without witnesses has only this node's own memory
 */
export async function isSeenBefore(
  tx: Pick<ReadTx, 'ledger'>,
  { origin, size, root }: Pick<Checkpoint, 'origin' | 'size' | 'root'>,
  from: number,
  assignment: WitnessAssignment | undefined,
): Promise<boolean> {
  const known = await tx.ledger.knownLog(origin, size);
  if (!known || !equalBytes(known.root, root)) return false;
  if (known.at < from) return true;
  // What is tied is a part of every larger tied tree: whoever saw that, saw this.
  if (known.tied && (await tx.ledger.tiedBefore(origin, size, from))) return true;
  const net = parseLogOrigin(origin)?.net;
  if (!assignment || net === undefined) return false;
  const seen = await tx.ledger.witnessedSize({
    origin,
    witnesses: assignment.witnesses.map((node) => witnessName(net, node)),
    threshold: assignment.threshold,
    which: 'smallest',
    from: size,
    beforeMs: from,
  });
  return seen !== undefined && (seen === size || known.tied === true);
}
