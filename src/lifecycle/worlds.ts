/** Exercise and live never meet in what officers write (R21): a revision, a link, a consent is of the world of its record. */
import { hex } from '../base/bytes.ts';
import { worldOfRecord } from '../exchange/index.ts';
import { type RecordContent, subjectsOf, worldOf } from '../record/index.ts';
import type { ReadTx, StoredRecord } from '../store/index.ts';
import { type LifecycleError, refuse } from './errors.ts';

export const otherWorld = (path: string, what: string): LifecycleError =>
  refuse('INVALID', `exercise and live never meet: ${what} (R21)`, {
    faults: [{ path, code: 'EXERCISE_MISMATCH', message: `expected one world: ${what}` }],
  });

/** Judges content about to be released against what this node holds. Throws INVALID with the fault EXERCISE_MISMATCH. */
export async function checkWorlds(
  tx: ReadTx,
  content: RecordContent,
  before: StoredRecord | undefined,
): Promise<void> {
  const world = worldOf(content.marking.status);
  if (before && worldOfRecord(before) !== world)
    throw otherWorld('marking.status', 'a revision is of the world of its record');
  const facets = Object.entries(content.facets).map(([facet, body]) => ({ facet, body }));
  for (const digest of subjectsOf(content.kind, facets)) {
    const record = await tx.records.byDigest(digest);
    if (record && worldOfRecord(record) !== world)
      throw otherWorld(
        'facets',
        `the record ${hex(digest).slice(0, 16)} that it names is of the other world`,
      );
  }
}
