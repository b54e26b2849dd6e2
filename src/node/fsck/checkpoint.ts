/** Whether a note is signed by a log's both halves; notes that many records share are judged once. */
import { createHash } from 'node:crypto';
import type { HybridPublicKey } from '../../gen/tocsin/record/v1/identity.ts';
import { judgeSignedCheckpoint } from '../../merkle/index.ts';

export const isBelievedCheckpoint = (
  note: Uint8Array,
  origin: string,
  key: HybridPublicKey | undefined,
): boolean =>
  key !== undefined && judgeSignedCheckpoint({ note, origin, ed25519: key.ed25519, mlDsa44: key.mlDsa44 }).ok;

/** The same, with a memory of what was judged; bounded, since a check goes through stores of any size. */
export function checkpointJudge(): typeof isBelievedCheckpoint {
  const known = new Map<string, boolean>();
  return (note, origin, key) => {
    const id = createHash('sha256')
      .update(note)
      .update(origin)
      .update(key?.ed25519 ?? '')
      .digest('hex');
    const held = known.get(id);
    if (held !== undefined) return held;
    const believed = isBelievedCheckpoint(note, origin, key);
    if (known.size > 10_000) known.clear();
    known.set(id, believed);
    return believed;
  };
}
