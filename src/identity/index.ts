/** Who may speak: keys, certificates, key statements, prekeys, rosters. */
export { toPkcs12 } from './authority.ts';
export { certificatesFromPem, certificateToPem } from './certificate.ts';
export { type CertificatePurpose, EXTENDED_KEY_USAGE, judgePath } from './certificate-profile.ts';
export type { VerifiedPath } from './chain.ts';
export { IdentityError, type IdentityErrorCode } from './errors.ts';
export {
  generateHybrid,
  type HybridPrivateKey,
  type HybridPublic,
  hybridFingerprint,
  hybridPublicOf,
  isHybridPublic,
  judgeHybrid,
  signHybrid,
  signInThreadPool,
  verifyRaw,
} from './hybrid.ts';
export {
  type AuthorityOptions,
  authorityPublicKey,
  createAuthority,
  DEVELOPMENT_DOMAIN,
  type IssuedCertificate,
  type IssuingAuthority,
  issueNodeCertificate,
  issueOfficerCertificate,
  issueStatementCertificate,
  type NationalAuthority,
  nodeHost,
  type OfficerDetails,
  type RsaKeySource,
  renewNodeCertificate,
  renewStatementCertificate,
  signCertificateRequest,
} from './issuing.ts';
export {
  KEY_ROLES,
  type KeyRole,
  Keyring,
  type RawAlgorithm,
  STATED_ROLES,
  type StatedKeys,
  type StatedRole,
} from './keyring.ts';
export { deleteSecret, makeSecretDirectory, readSecret, writeSecret } from './keyring-files.ts';
export { type HeldPrekey, type NewPrekey, PrekeyFolder } from './keyring-prekeys.ts';
export {
  type GovernanceSigner,
  promoteGovernanceKey,
  stagedGovernance,
  stageGovernanceKey,
} from './keyring-staged.ts';
export {
  encodeMemberRequest,
  type MemberRequest,
  type MemberRoleToken,
  parseMemberRequest,
  renewedRequest,
  toMember,
} from './member-request.ts';
export {
  DESK_GROUP_TOKENS,
  type DeskGroupToken,
  isDeskGroupToken,
  judgeOfficer,
  OFFICER_ROLES,
  type Officer,
  type OfficerRole,
  officerOf,
  worksIn,
} from './officer.ts';
export {
  createPrekeyBundle,
  judgePrekeyBundle,
  PREKEY_LIFE_MS,
  PREKEY_PUBLIC_BYTES,
  type VerifiedPrekeys,
} from './prekeys.ts';
export { importRawPublicKey, type RawKeyType, rawPublicKey } from './raw-key.ts';
export {
  judgeFirstRoster,
  judgeNextRoster,
  judgeNextRosters,
  judgeRosterHistory,
  judgeRosterVersions,
  type NextRosters,
  rosterSigners,
  UNNAMED_NETWORK,
  type VerifiedRoster,
} from './roster.ts';
export {
  nextRosterPhase,
  ROSTER_GRACE_MS,
  ROSTER_WARNING_MS,
  type RosterPhase,
  rosterPhase,
} from './roster-expiry.ts';
export { judgeRosterFork, type ProvenFork } from './roster-fork.ts';
export { PROGRAM, type ProgramSupport, SUPPORTED_FORMAT, SUPPORTED_SUITES } from './roster-form.ts';
export {
  assembleRoster,
  proposeRoster,
  type RosterContent,
  type RosterProposal,
  signRoster,
} from './roster-proposal.ts';
export {
  type MemberStanding,
  nextStandingChange,
  type StandingSpan,
  type Standings,
  standingAt,
  standingIn,
} from './standing.ts';
export {
  createStatement,
  judgeStatement,
  type StatementContent,
  type StatementSigner,
  type VerifiedStatement,
} from './statement.ts';
export {
  createSuccessor,
  endOfKey,
  isInOverlap,
  type RingKeys,
  replacedKeys,
  type StatementChange,
  statedKeys,
} from './succession.ts';
