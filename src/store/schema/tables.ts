/** Every table by its name. */
import type { AccountTable, InvitationTable, PasskeyTable, WebSessionTable } from './account.ts';
import type { AttachmentTable, AttachmentWaitTable, BlobTable } from './attachment.ts';
import type { BreakGlassTable } from './break-glass.ts';
import type {
  InboxItemTable,
  LinkInTable,
  LinkOutTable,
  ManifestInTable,
  ManifestOutTable,
  OutboxTable,
  QuarantineTable,
  RefusalTable,
} from './exchange.ts';
import type {
  CheckpointTable,
  CosignatureTable,
  KnownLogTable,
  LeafTable,
  PendingLeafTable,
  TreeNodeTable,
} from './ledger.ts';
import type {
  LateRecordTable,
  MetaTable,
  PrekeyBundleTable,
  RosterForkTable,
  RosterTable,
  StatementTable,
} from './membership.ts';
import type { AnswerTable, ConsentTable, ReadingDueTable, ReadingTable, TaskingTable } from './onward.ts';
import type { PolicyHistoryTable, PolicyProposalTable } from './policy.ts';
import type { PrivateInquiryTable, PrivateKeyTable, PrivateUseTable } from './private-screening.ts';
import type { DisclosureTable, RecallNoticeTable, TombstoneTable } from './recall.ts';
import type { CountersignTable, DraftTable, FacetTable, NoteTable, RecordTable } from './record.ts';
import type { RecoveryTable } from './recovery.ts';
import type {
  FalsePositiveTable,
  RecordChangeTable,
  ScreeningAlertTable,
  ScreeningHitTable,
  ScreeningListsTable,
  ScreeningTable,
} from './screening.ts';
import type { AlarmTable, AuditTable } from './supervision.ts';

export interface Schema {
  meta: MetaTable;
  roster: RosterTable;
  roster_fork: RosterForkTable;
  late_record: LateRecordTable;
  statement: StatementTable;
  prekey_bundle: PrekeyBundleTable;
  note: NoteTable;
  record: RecordTable;
  facet: FacetTable;
  draft: DraftTable;
  countersign: CountersignTable;
  leaf: LeafTable;
  tree_node: TreeNodeTable;
  checkpoint: CheckpointTable;
  pending_leaf: PendingLeafTable;
  known_log: KnownLogTable;
  cosignature: CosignatureTable;
  outbox: OutboxTable;
  manifest_out: ManifestOutTable;
  link_out: LinkOutTable;
  link_in: LinkInTable;
  manifest_in: ManifestInTable;
  inbox_item: InboxItemTable;
  refusal: RefusalTable;
  quarantine: QuarantineTable;
  disclosure: DisclosureTable;
  recall_notice: RecallNoticeTable;
  tombstone: TombstoneTable;
  alarm: AlarmTable;
  audit: AuditTable;
  break_glass: BreakGlassTable;
  consent: ConsentTable;
  policy_history: PolicyHistoryTable;
  policy_proposal: PolicyProposalTable;
  private_inquiry: PrivateInquiryTable;
  private_key: PrivateKeyTable;
  private_use: PrivateUseTable;
  reading_due: ReadingDueTable;
  reading: ReadingTable;
  tasking: TaskingTable;
  answer: AnswerTable;
  recovery: RecoveryTable;
  attachment: AttachmentTable;
  blob: BlobTable;
  attachment_wait: AttachmentWaitTable;
  account: AccountTable;
  passkey: PasskeyTable;
  invitation: InvitationTable;
  web_session: WebSessionTable;
  record_change: RecordChangeTable;
  screening_lists: ScreeningListsTable;
  screening: ScreeningTable;
  screening_hit: ScreeningHitTable;
  false_positive: FalsePositiveTable;
  screening_alert: ScreeningAlertTable;
}
