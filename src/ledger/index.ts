/** The stateful log: sequencing, partners' checkpoints, witnessing, evidence. */

export {
  believedCosignatures,
  coveringCheckpoint,
  type WitnessKey,
  type WitnessRule,
  witnessKeysOf,
  witnessRuleOf,
} from './cosigned.ts';
export { LedgerError, type LedgerErrorCode } from './errors.ts';
export {
  buildEvidence,
  type EvidenceCosignature,
  type EvidenceFiles,
  type EvidenceInput,
  type EvidenceRecord,
  logKeysIn,
} from './evidence.ts';
export { type CollectOptions, collectEvidence } from './evidence-collect.ts';
export { type EvidenceReceipt, type EvidenceReport, judgeEvidence } from './evidence-judge.ts';
export type { EndedKey, LaterKnowledge } from './evidence-later.ts';
export { claimedTime } from './evidence-part.ts';
export { createLedger, type LeafProof, type Ledger, type LedgerOptions, type LogName } from './ledger.ts';
export { isNoteOf, type LogKeyring, type LogRole, logKeysOf } from './log-signer.ts';
export { type Accusation, encodeMisconduct } from './misconduct/accuse.ts';
export {
  type Deed,
  isMisconduct,
  judgeMisconduct,
  MISCONDUCT_BYTES,
  type MisconductReport,
} from './misconduct/judge.ts';
export { statementOfNote } from './note-statement.ts';
export { judgePartnerCheckpoint, keepPartnerCheckpoint, type PartnerCheckpointClaim } from './partner.ts';

export { isSeenBefore } from './revoked-key.ts';

export { dummyLeafOf } from './sequencer.ts';

export { logForkOf, type ShownCheckpoint, type TwoHistories, twoHistories } from './two-histories.ts';
export {
  type AddCheckpoint,
  createWitness,
  type Witness,
  type WitnessAnswer,
  type WitnessDeps,
  type WitnessedLog,
} from './witness.ts';
