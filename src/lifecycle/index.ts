/** From draft to signed record and its revisions: four eyes, one transaction, an audit row for every step. */
export { type Attached, type AttachFile, judgeAttachable } from './attach.ts';
export { type AuditStanding, anchorAudit, runAuditAnchor, verifyAudit } from './audit-anchor.ts';
export { type AuditFileDeps, type AuditFileReport, exportAudit, judgeAuditFile } from './audit-file.ts';

export { type BreakGlassDesk, createBreakGlass, type OpenFacets } from './break-glass.ts';
export type { ConsentTerms } from './consent.ts';
export { flagsOf, type LifecycleDeps } from './context.ts';
export type { CreateDraft, DraftResult, OnDraft } from './draft.ts';
export { LifecycleError, type LifecycleErrorCode } from './errors.ts';
export type { ImportEntry, ImportRequest, ImportResult } from './imports.ts';
export { createLifecycle, type Lifecycle, type LifecycleOptions } from './lifecycle.ts';
export {
  createOnward,
  type Forwarded,
  type ForwardPreview,
  type ForwardView,
  type Onward,
  type OnwardDeps,
} from './onward.ts';
export {
  createPolicyFollower,
  type Followed,
  type PolicyFollower,
  type PolicyFollowerDeps,
} from './policy-follower.ts';
export type {
  FanoutPort,
  FollowUpChange,
  FollowUpPort,
  LedgerPort,
  Officer,
  OwnRecord,
  PolicyPort,
  SelfPort,
} from './ports.ts';
export { RECALL_WITHIN_MS, type RecallRequest, type StatedRecall } from './recall.ts';
export type { Refusal, ReleaseResult } from './release.ts';
export type { ReleaseMany, ReleaseProgress } from './release-many.ts';
export type { Retained } from './retention.ts';
export type { Revise } from './revise.ts';
