/** Keeping everything durably: one database per node, all or nothing, in order. */
export type {
  AccountChange,
  AccountsReader,
  AccountsWriter,
  Invitation,
  StoredAccount,
  StoredPasskey,
  WebSession,
} from './accounts.ts';
export type { AlarmQuery, AlarmsReader, AlarmsWriter, NewAlarm, StoredAlarm } from './alarms.ts';
export {
  type AttachmentsReader,
  type AttachmentsWriter,
  type AttachmentWait,
  blobsNamed,
  type NamedBlob,
  type WaitKey,
} from './attachments.ts';
export {
  AUDIT_RECORD_DIGITS,
  type AuditEntry,
  type AuditHead,
  type AuditQuery,
  type AuditReader,
  type AuditRow,
  type AuditWriter,
  auditRecords,
  continueAudit,
  type StoredAuditEntry,
} from './audit.ts';
export { type Blanked, blankItem } from './blank.ts';
export { removeUnnamed, sweepBlobs } from './blob-sweep.ts';
export { type BlobPart, type Blobs, type FinishedBlob, type NewBlob, openBlobs } from './blobs.ts';
export type {
  BreakGlassQuery,
  BreakGlassReader,
  BreakGlassReview,
  BreakGlassWriter,
  Opening,
  StoredOpening,
} from './break-glass.ts';
export { copyStore, type StoreCopy } from './copy.ts';
export { describePostgres, isPostgresUrl } from './dialect/postgres-url.ts';
export type {
  DirectoryReader,
  DirectoryWriter,
  StoredPrekeys,
  StoredRoster,
  StoredStatement,
} from './directory.ts';
export type { DraftChange, DraftQuery, DraftsReader, DraftsWriter, StoredDraft } from './drafts.ts';
export type { CountersignDuty, DutiesReader, DutiesWriter } from './duties.ts';
export { StoreError, type StoreErrorCode } from './errors.ts';
export type {
  DisclosureEntry,
  Holder,
  HolderState,
  HoldersReader,
  HoldersWriter,
  RecallNotice,
} from './holders.ts';
export type {
  InboxEntry,
  InboxItem,
  InboxReader,
  InboxWriter,
  Quarantined,
  QuarantineEntry,
  Refusal,
  RefusalEntry,
} from './inbox.ts';
export type { InspectedTable, Inspection, RowOf } from './inspect.ts';
export type {
  CheckpointCause,
  Cosignature,
  KnownLog,
  LedgerReader,
  LedgerWriter,
  PendingLeaf,
  StoredCheckpoint,
} from './ledger.ts';
export type {
  LinkIn,
  LinkOut,
  LinksReader,
  LinksWriter,
  ManifestIn,
  ManifestKey,
  ManifestOut,
  OpenManifest,
} from './links.ts';
export type { LateRecord, StoredFork } from './membership.ts';
export type { MetaReader, MetaWriter } from './meta.ts';
export type { OnwardReader, OnwardWriter, Reading, ReadingDue, ReadingTold } from './onward.ts';
export type {
  LaneId,
  OutboxEntry,
  OutboxReader,
  OutboxRow,
  OutboxWriter,
  QueueSize,
  RowClosing,
} from './outbox.ts';
export type {
  DisclosureQuery,
  DisclosureRow,
  OverdueReview,
  OversightReader,
  UnreceiptedRecall,
} from './oversight.ts';
export type { PolicyHistoryReader, PolicyHistoryWriter, PolicyOfTime } from './policy-history.ts';
export type {
  NewPolicyProposal,
  PolicyDecision,
  PolicyProposalQuery,
  PolicyProposalsReader,
  PolicyProposalsWriter,
  StoredPolicyProposal,
} from './policy-proposals.ts';
export type {
  InquiryDecision,
  NewPrivateInquiry,
  PrivateInquiriesReader,
  PrivateInquiriesWriter,
  PrivateInquiryQuery,
  StoredPrivateInquiry,
} from './private-inquiries.ts';
export type {
  PrivateMonthKey,
  PrivateScreeningReader,
  PrivateScreeningWriter,
  PrivateSpending,
} from './private-screening.ts';
export type { Purged, PurgesWriter } from './purge.ts';
export type { RecordChange, RecordChangesReader, RecordChangesWriter } from './record-changes.ts';
export type { NewRecord, StoredFacet, StoredRecord } from './record-row.ts';
export type { RecordQuery, RecordsReader, RecordsWriter, RecordWorld } from './records.ts';
export type { Recovering, RecoveryReader, RecoveryWriter } from './recovery.ts';
export type { Page } from './row.ts';
export type { AccountState, SignInMethod } from './schema/account.ts';
export type { OutboxState } from './schema/exchange.ts';
export type { PolicyProposalState } from './schema/policy.ts';
export type { PrivateInquiryState } from './schema/private-screening.ts';
export type { DraftState, RecordOrigin, RecordState } from './schema/record.ts';
export type {
  FalsePositive,
  NewHit,
  NewScreening,
  ScreeningQueryRows,
  ScreeningsReader,
  ScreeningsWriter,
  StoredAlert,
  StoredHit,
  StoredScreening,
} from './screenings.ts';
export { type AnyStoreOptions, openStore, type Store, type StoreOptions } from './store.ts';
export type { AnswerEntry, PlacedAnswer, TaskingEntry, TaskingsReader, TaskingsWriter } from './taskings.ts';
export type { Recalled, Tombstone, TombstonesReader, TombstonesWriter } from './tombstones.ts';
export type { ReadTx, WriteTx } from './transaction.ts';
export { type LogDigest, type Moved, moveStore, type TableDigest } from './transfer.ts';
