/** How records move durably between nodes. */
export type { AlarmCode } from './alarms.ts';
export { judgeMember } from './arrival.ts';
export { consentIn, consentsAbout, type HeldConsent, isAbout } from './consents.ts';
export type { ControlRecord } from './control-record.ts';
export type { CutOffState } from './cut-off.ts';
export { Directory, type DirectoryDeps } from './directory.ts';
export { ExchangeError, type ExchangeErrorCode } from './errors.ts';
export { createExchange, type Exchange, type ExchangeDeps } from './exchange.ts';
export type { FanoutRecord } from './fanout.ts';
export type { FollowUp } from './follow-up.ts';
export { sentTo } from './forwarding.ts';
export type { PeerPulse } from './heartbeat.ts';
export type { Lane } from './link.ts';
export { judgeByHeld } from './link-signature.ts';
export { DEFAULT_OPTIONS, type ExchangeOptions, type PartialOptions } from './options.ts';
export { judgeManifest, judgeSkip } from './parcel.ts';
export type {
  CallLimits,
  ConsentView,
  ExchangeEvents,
  KeyringPort,
  LedgerPort,
  Mail,
  MailboxPort,
  PartnerView,
  PeerCalls,
  PolicyPort,
  PutOutcome,
  WitnessCalls,
} from './ports.ts';
export { overdueSubject, RECALL_OVERDUE, recallRow } from './purge-receipt.ts';
export type { RecoveryState } from './recovery.ts';
export type { ExchangeHandlers } from './service.ts';
export type { LaneStatus, LinkState, LinkStatus } from './status.ts';
export { breakGlassAlarm } from './take-break-glass.ts';
export { flagDrafts, followOwnRecall, RECALL, withdrawWaiting } from './take-recall.ts';
export { answerIn, closes, taskingIn } from './taskings.ts';
export { type WitnessHandlers, witnessHandlers } from './witness-service.ts';
export { otherWorldNamed, worldOfHeader, worldOfRecord } from './worlds.ts';
