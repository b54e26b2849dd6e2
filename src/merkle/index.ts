/** Merkle trees, checkpoints and their signatures, without state, clock or randomness. */

export {
  type Checkpoint,
  encodeCheckpoint,
  judgeCheckpointText,
} from './checkpoint.ts';
export {
  type CosignatureSubject,
  cosignatureMessage,
  encodeTimestamped,
  judgeCosignature,
  readTimestamped,
} from './cosignature.ts';
export { MerkleError, type MerkleErrorCode } from './errors.ts';
export { emptyRoot, HASH_BYTES, leafHash, nodeHash } from './hash.ts';
export {
  isSignedBy,
  KEY_TYPE,
  type KeyType,
  keyId,
  parseVerifierKey,
  type VerifierKey,
  verifierKey,
  verifySignature,
} from './key.ts';
export {
  formatNote,
  formatSignatureLine,
  isKeyName,
  type Note,
  type NoteSignature,
  parseNote,
  parseSignatureLines,
  splitNote,
  strictText,
} from './note.ts';
export {
  type ConsistencyClaim,
  consistencyProof,
  earlierRoot,
  type InclusionClaim,
  inclusionProof,
  judgeConsistency,
  judgeInclusion,
} from './proof.ts';
export { judgeSignedCheckpoint, type LogKeys, type SignedCheckpoint } from './signed-checkpoint.ts';
export { formatTlogProof, parseTlogProof, type TlogProof } from './tlog-proof.ts';
export {
  appendLeaves,
  EMPTY_FRONTIER,
  type Frontier,
  frontierAt,
  MAX_SIZE,
  type NodeId,
  type ReadNodes,
  rootOf,
  type TreeNode,
} from './tree.ts';
