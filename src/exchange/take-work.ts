/** What the items of one manifest share while they are taken, and what they leave for the end of the transaction. */
import { hex } from '../base/bytes.ts';
import type { Checkpoint } from '../merkle/index.ts';
import type { DisclosureEntry, InboxEntry, OutboxEntry, WriteTx } from '../store/index.ts';
import type { Alarm } from './alarms.ts';
import type { TakenReport } from './breach.ts';
import type { HeldConsent } from './consents.ts';
import type { PurgeAnswer } from './purge-receipt.ts';
import type { Receipted } from './receipts.ts';
import type { Shelf } from './shelf.ts';
import type { TakenTasking } from './taskings.ts';

export interface TakeWork {
  readonly tx: WriteTx;
  readonly shelf: Shelf;
  readonly sender: string;
  readonly self: string;
  readonly network: Uint8Array;
  /** Ours. */
  readonly incarnation: number;
  /** What is about nothing of ours may be about what our store lost. */
  readonly isBehind: boolean;
  readonly atMs: number;
  readonly alarms: Alarm[];
  readonly receipts: Receipted[];
  readonly inbox: InboxEntry[];
  /** Consents taken, to be found by the record that they are about. */
  readonly consents: HeldConsent[];
  /** Questions and answers taken, to be found by what they are about. */
  readonly taskings: TakenTasking[];
  /** What forwarders say they passed on of our records. */
  readonly disclosures: DisclosureEntry[];
  /** What recipients report of our records. */
  readonly reports: TakenReport[];
  /** Recalls followed, to be answered. */
  readonly purges: PurgeAnswer[];
  /** Recalls for those who got their target from here. */
  readonly passedOn: OutboxEntry[];
  /** Checkpoints of this parcel that are tied to what is known of their logs. */
  readonly tied: Set<string>;
}

/** A checkpoint among those of one parcel. */
export const checkpointKey = ({ origin, size, root }: Checkpoint): string => `${origin} ${size} ${hex(root)}`;
