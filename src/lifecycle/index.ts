/** From draft to signed record and its revisions: four eyes, one transaction, an audit row for every step. */
export { type Attached, type AttachFile, judgeAttachable } from './attach.ts';
export { type AuditStanding, anchorAudit, runAuditAnchor, verifyAudit } from './audit-anchor.ts';
export { type AuditFileDeps, type AuditFileReport, exportAudit, judgeAuditFile } from './audit-file.ts';

export { type BreakGlassDesk, createBreakGlass, type OpenFacets } from './break-glass.ts';
export type { ConsentTerms } from './consent.ts';
export { flagsOf, type LifecycleDeps } from './context.ts';
export type { CreateDraft, DraftResult, OnDraft } from './draft.ts';
export { LifecycleError, type LifecycleErrorCode } from './errors.ts';
export type { ImportEntry, ImportRequest, ImportResult, VanishedEntry } from './imports.ts';
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
  ACTIVITIES,
  type OfficerActivity,
  type OfficerDay,
} from './oversight/activity.ts';
export type { Overdue, OverdueList, OverdueWhat } from './oversight/overdue.ts';
export { createOversight, OVERSIGHT_ENTRIES, type Oversight, SAMPLE_MOST } from './oversight/oversight.ts';
export type { Replayed } from './oversight/replay.ts';
export { type JudgedReport, judgeReport } from './oversight/report.ts';
export type { Sample } from './oversight/sample.ts';
export {
  createPolicyFollower,
  type Followed,
  type PolicyFollower,
  type PolicyFollowerDeps,
} from './policy-follower.ts';
export { createPolicyHistory, type PolicyHistory } from './policy-history.ts';
export {
  createPolicyProposals,
  type OnProposal,
  type PolicyProposals,
  type PolicyProposalsDeps,
  type ProposePolicy,
} from './policy-proposals.ts';
export type {
  FanoutPort,
  FollowUpChange,
  FollowUpPort,
  LedgerPort,
  NationalPolicyPort,
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
export { scrubOf } from './scrub.ts';
export {
  type AskedQuestion,
  createTaskings,
  readQuestion,
  type Taskings,
  type TaskingsDeps,
} from './taskings.ts';
