/** What a transaction offers: every repository, as readers in a read, as readers and writers in a write. */
import type { Kysely } from 'kysely';
import { type AccountsReader, type AccountsWriter, accountsReader, accountsWriter } from './accounts.ts';
import { type AlarmsReader, type AlarmsWriter, alarmsReader, alarmsWriter } from './alarms.ts';
import {
  type AttachmentsReader,
  type AttachmentsWriter,
  attachmentsReader,
  attachmentsWriter,
} from './attachments.ts';
import { type AuditReader, type AuditWriter, auditReader, auditWriter } from './audit.ts';
import {
  type BreakGlassReader,
  type BreakGlassWriter,
  breakGlassReader,
  breakGlassWriter,
} from './break-glass.ts';
import { type DirectoryReader, type DirectoryWriter, directoryReader, directoryWriter } from './directory.ts';
import { type DraftsReader, type DraftsWriter, draftsReader, draftsWriter } from './drafts.ts';
import { type DutiesReader, type DutiesWriter, dutiesReader, dutiesWriter } from './duties.ts';
import { type HoldersReader, type HoldersWriter, holdersReader, holdersWriter } from './holders.ts';
import { type InboxReader, type InboxWriter, inboxReader, inboxWriter } from './inbox.ts';
import { type Inspection, inspection } from './inspect.ts';
import { type LedgerReader, type LedgerWriter, ledgerReader, ledgerWriter } from './ledger.ts';
import { type LinksReader, type LinksWriter, linksReader, linksWriter } from './links.ts';
import {
  type MembershipReader,
  type MembershipWriter,
  membershipReader,
  membershipWriter,
} from './membership.ts';
import { type MetaReader, type MetaWriter, metaReader, metaWriter } from './meta.ts';
import { type OnwardReader, type OnwardWriter, onwardReader, onwardWriter } from './onward.ts';
import { type OutboxReader, type OutboxWriter, outboxReader, outboxWriter } from './outbox.ts';
import { type OversightReader, oversightReader } from './oversight.ts';
import {
  type PolicyHistoryReader,
  type PolicyHistoryWriter,
  policyHistoryReader,
  policyHistoryWriter,
} from './policy-history.ts';
import {
  type PolicyProposalsReader,
  type PolicyProposalsWriter,
  policyProposalsReader,
  policyProposalsWriter,
} from './policy-proposals.ts';
import {
  type PrivateInquiriesReader,
  type PrivateInquiriesWriter,
  privateInquiriesReader,
  privateInquiriesWriter,
} from './private-inquiries.ts';
import {
  type PrivateScreeningReader,
  type PrivateScreeningWriter,
  privateScreeningReader,
  privateScreeningWriter,
} from './private-screening.ts';
import { type PurgesWriter, purgesWriter } from './purge.ts';
import {
  type RecordChangesReader,
  type RecordChangesWriter,
  recordChangesReader,
  recordChangesWriter,
} from './record-changes.ts';
import { type RecordsReader, type RecordsWriter, recordsReader, recordsWriter } from './records.ts';
import { type RecoveryReader, type RecoveryWriter, recoveryReader, recoveryWriter } from './recovery.ts';
import type { Schema } from './schema/tables.ts';
import {
  type ScreeningsReader,
  type ScreeningsWriter,
  screeningsReader,
  screeningsWriter,
} from './screenings.ts';
import { type TaskingsReader, type TaskingsWriter, taskingsReader, taskingsWriter } from './taskings.ts';
import {
  type TombstonesReader,
  type TombstonesWriter,
  tombstonesReader,
  tombstonesWriter,
} from './tombstones.ts';
import type { WriteHooks } from './unit-of-work.ts';

/** Reads one committed state from its first query to its last. Not to be kept beyond the callback. */
export interface ReadTx {
  readonly records: RecordsReader;
  readonly drafts: DraftsReader;
  readonly duties: DutiesReader;
  readonly ledger: LedgerReader;
  readonly outbox: OutboxReader;
  readonly inbox: InboxReader;
  readonly links: LinksReader;
  readonly holders: HoldersReader;
  readonly tombstones: TombstonesReader;
  readonly directory: DirectoryReader;
  readonly audit: AuditReader;
  readonly alarms: AlarmsReader;
  readonly breakGlass: BreakGlassReader;
  readonly attachments: AttachmentsReader;
  readonly onward: OnwardReader;
  readonly taskings: TaskingsReader;
  readonly policyProposals: PolicyProposalsReader;
  readonly policyHistory: PolicyHistoryReader;
  readonly privateInquiries: PrivateInquiriesReader;
  readonly privateScreening: PrivateScreeningReader;
  readonly oversight: OversightReader;
  readonly membership: MembershipReader;
  readonly meta: MetaReader;
  readonly recovery: RecoveryReader;
  readonly accounts: AccountsReader;
  readonly recordChanges: RecordChangesReader;
  readonly screenings: ScreeningsReader;
  readonly inspect: Inspection;
}

/** Reads and writes; everything or nothing. Also takes the place of a ReadTx. Not to be kept beyond the callback. */
export interface WriteTx {
  readonly records: RecordsWriter;
  readonly drafts: DraftsWriter;
  readonly duties: DutiesWriter;
  readonly ledger: LedgerWriter;
  readonly outbox: OutboxWriter;
  readonly inbox: InboxWriter;
  readonly links: LinksWriter;
  readonly holders: HoldersWriter;
  readonly tombstones: TombstonesWriter;
  readonly directory: DirectoryWriter;
  readonly audit: AuditWriter;
  readonly alarms: AlarmsWriter;
  readonly breakGlass: BreakGlassWriter;
  readonly attachments: AttachmentsWriter;
  readonly onward: OnwardWriter;
  readonly taskings: TaskingsWriter;
  readonly policyProposals: PolicyProposalsWriter;
  readonly policyHistory: PolicyHistoryWriter;
  readonly privateInquiries: PrivateInquiriesWriter;
  readonly privateScreening: PrivateScreeningWriter;
  readonly oversight: OversightReader;
  readonly membership: MembershipWriter;
  readonly meta: MetaWriter;
  readonly purges: PurgesWriter;
  readonly recovery: RecoveryWriter;
  readonly accounts: AccountsWriter;
  readonly recordChanges: RecordChangesWriter;
  readonly screenings: ScreeningsWriter;
  readonly inspect: Inspection;
  /** Wakes others once this write is durable: runs after COMMIT, before the write's promise resolves. Must not throw. */
  afterCommit(hook: () => void): void;
}

type Repositories = Omit<WriteTx, 'afterCommit' | 'purges'>;
type Factories<Tx> = { readonly [Name in keyof Tx]: (db: Kysely<Schema>) => Tx[Name] };

const READERS: Factories<ReadTx> = {
  records: recordsReader,
  drafts: draftsReader,
  duties: dutiesReader,
  ledger: ledgerReader,
  outbox: outboxReader,
  inbox: inboxReader,
  links: linksReader,
  holders: holdersReader,
  tombstones: tombstonesReader,
  directory: directoryReader,
  audit: auditReader,
  alarms: alarmsReader,
  breakGlass: breakGlassReader,
  attachments: attachmentsReader,
  onward: onwardReader,
  taskings: taskingsReader,
  policyProposals: policyProposalsReader,
  policyHistory: policyHistoryReader,
  privateInquiries: privateInquiriesReader,
  privateScreening: privateScreeningReader,
  oversight: oversightReader,
  membership: membershipReader,
  meta: metaReader,
  recovery: recoveryReader,
  accounts: accountsReader,
  recordChanges: recordChangesReader,
  screenings: screeningsReader,
  inspect: inspection,
};

const WRITERS: Factories<Repositories> = {
  records: recordsWriter,
  drafts: draftsWriter,
  duties: dutiesWriter,
  ledger: ledgerWriter,
  outbox: outboxWriter,
  inbox: inboxWriter,
  links: linksWriter,
  holders: holdersWriter,
  tombstones: tombstonesWriter,
  directory: directoryWriter,
  audit: auditWriter,
  alarms: alarmsWriter,
  breakGlass: breakGlassWriter,
  attachments: attachmentsWriter,
  onward: onwardWriter,
  taskings: taskingsWriter,
  policyProposals: policyProposalsWriter,
  policyHistory: policyHistoryWriter,
  privateInquiries: privateInquiriesWriter,
  privateScreening: privateScreeningWriter,
  oversight: oversightReader,
  membership: membershipWriter,
  meta: metaWriter,
  recovery: recoveryWriter,
  accounts: accountsWriter,
  recordChanges: recordChangesWriter,
  screenings: screeningsWriter,
  inspect: inspection,
};

/** Repositories are made when first used: most transactions touch two or three. */
function lazily<Tx extends object>(factories: Factories<Tx>, db: Kysely<Schema>): Tx {
  const tx = {};
  for (const name of Object.keys(factories) as (keyof Tx)[]) {
    let made: Tx[keyof Tx] | undefined;
    Object.defineProperty(tx, name, {
      enumerable: true,
      get: () => {
        made ??= factories[name](db);
        return made;
      },
    });
  }
  return tx as Tx;
}

export const readTx = (db: Kysely<Schema>): ReadTx => lazily(READERS, db);

export const writeTx = (db: Kysely<Schema>, hooks: WriteHooks): WriteTx =>
  Object.defineProperties(lazily(WRITERS, db), {
    afterCommit: { value: hooks.afterCommit },
    purges: { value: purgesWriter(db, hooks.scrubAfterCommit) },
  }) as WriteTx;
