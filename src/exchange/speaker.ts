/**
 * Under which of our own key statements a manifest speaks. Its link signature and the checkpoints in it have to be by the keys
 * of one statement; around a rotation the newest checkpoint may still be by the keys before, which an overlap permits.
 */

import type { VerifiedStatement } from '../identity/index.ts';
import { isNoteOf, logKeysOf } from '../ledger/index.ts';
import type { Directory } from './directory.ts';

/** Statements looked back: within one overlap nobody rotates more often. */
const LOOK_BACK = 4;

/** Our statement in use and those before it whose keys may still count, newest first. */
export async function ownSpeakers(directory: Directory, atMs: number): Promise<readonly VerifiedStatement[]> {
  const speakers: VerifiedStatement[] = [];
  let next: VerifiedStatement | undefined = directory.own();
  const { incarnation } = next.statement;
  while (next && next.statement.incarnation === incarnation && speakers.length < LOOK_BACK) {
    if (!hasEnded(directory, next, atMs)) speakers.push(next);
    const { predecessor } = next.statement;
    // Most nodes have never rotated, or long ago: nothing is read for them.
    if (predecessor.length === 0 || directory.own().statement.revocations.length === 0) break;
    next = await directory.statementBy(predecessor);
  }
  return speakers;
}

/** Whether a key that manifests rest on was taken back, or its overlap is over. */
export function hasEnded(
  directory: Pick<Directory, 'isRevoked'>,
  { statement }: VerifiedStatement,
  atMs: number,
): boolean {
  const { node, linkKey, logKey, exerciseLogKey } = statement;
  return [linkKey, logKey, exerciseLogKey].some((key) => directory.isRevoked(node, key, atMs));
}

/** The newest of them whose log keys signed these notes; undefined until the log has signed again. */
export function speakerOf(
  speakers: readonly VerifiedStatement[],
  notes: { readonly live: Uint8Array; readonly exercise: Uint8Array | undefined },
): VerifiedStatement | undefined {
  return speakers.find(({ statement }) => {
    const { logKey, exerciseLogKey, logOrigin, exerciseLogOrigin } = statement;
    return (
      logKey !== undefined &&
      exerciseLogKey !== undefined &&
      isNoteOf(notes.live, logKeysOf(logOrigin, logKey)) &&
      (!notes.exercise || isNoteOf(notes.exercise, logKeysOf(exerciseLogOrigin, exerciseLogKey)))
    );
  });
}
