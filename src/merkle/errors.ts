import { TocsinError } from '../base/error.ts';

/**
 * `RANGE`: an index or size outside the tree that was asked about. `NODE_MISSING`: a stored node is absent or no hash,
 * so the store is damaged. `FORMAT`: a caller asked to write what the format cannot hold.
 */
export type MerkleErrorCode = 'RANGE' | 'NODE_MISSING' | 'FORMAT';

/** Misuse by our own code, or a damaged store; never a stranger's fault (those are verdicts). */
export class MerkleError extends TocsinError<MerkleErrorCode> {
  override readonly name = 'MerkleError';
}
