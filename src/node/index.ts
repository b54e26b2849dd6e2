/** The composition root: founding, joining and running nodes; roster and broker files. */
export { type BackupOptions, type BackupSummary, backupNode, verifyBackup } from './backup.ts';
export { type BrokerSetup, installedBrokerVersion, makeMailboxes, writeBroker } from './broker-setup.ts';
export { loadConfig, type NodeConfig, type NodePaths, parseConfig, pathsOf } from './config.ts';
export { examineNode, type Finding, type Level } from './doctor.ts';
export { verifyStoredAudit } from './duties.ts';
export { NodeError, type NodeErrorCode } from './errors.ts';
export { initNode, issueOfficer, joinNetwork, nodeIdOf } from './founding.ts';
export { examineStore, fsckNode, type StoreFinding } from './fsck.ts';
export { type KeyLine, type KeyState, type KeysReport, type PrekeyLine, reportKeys } from './key-report.ts';
export {
  type ChangedKey,
  type KeysChanged,
  type RevokeOptions,
  type RotateOptions,
  revokeKey,
  rotateKeys,
} from './key-rotation.ts';

export { readRosterHistory, statementIn } from './node-files.ts';
export { type InviteOfficerOptions, inviteOfficer } from './officer-invitations.ts';
export {
  type RevokedOfficer,
  type RevokeOfficerOptions,
  revokeOfficer,
} from './officer-revocations.ts';
export { type Recovered, type RecoverOptions, recoverNode } from './recover.ts';
export { type Renewed, type RenewOptions, renewCertificates } from './renewal.ts';
export { type RestoreOptions, restoreNode } from './restore.ts';
export { type Adopted, type AdoptOptions, adoptIntoFolder } from './roster-adopt.ts';
export { type LineChange, type ProposeNext, proposeNext } from './roster-change.ts';
export { rosterDiff } from './roster-diff.ts';
export {
  believedRoster,
  createNetwork,
  encodeRosterFile,
  mergeSignatures,
  readRosterFile,
  signNewest,
  sketchRoster,
} from './roster-file.ts';
export { type Ready, runNode } from './run.ts';
export { type MoveStoreOptions, moveNodeStore, type StoreMove } from './store-move.ts';
