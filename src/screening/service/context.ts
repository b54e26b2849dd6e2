/** What the parts of the service share. */

import { hex } from '../../base/bytes.ts';
import type { Clock, Random } from '../../base/clock.ts';
import type { DeskGroup, Purpose } from '../../gen/tocsin/record/v1/marking.ts';
import type { AuditEntry, Store, WriteTx } from '../../store/index.ts';
import type { BudgetLimits } from './budget.ts';
import type { KeeperDeps } from './index-keeper.ts';
import type { TellDeps } from './tell.ts';
import type { Searcher } from './viewer.ts';

/** A record that was met, whose originator is told and the searcher is not (R16). */
export interface Referral {
  readonly deskGroup: DeskGroup;
  readonly purpose: Purpose;
  /** When it was asked, milliseconds UTC. */
  readonly at: number;
  readonly headerDigest: Uint8Array;
}

export interface ScreeningDeps extends Omit<KeeperDeps, 'names'>, TellDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  /** Version of the rules of comparison that answers are made by at this moment. */
  readonly rules: string;
  /** Lowest score of a name that is a hit where a question sets none. */
  readonly cut: number;
  /** Tells originators, in a transaction that others wait for as briefly as may be; how many were told. */
  readonly refer: (tx: WriteTx, referrals: readonly Referral[]) => Promise<number>;
  readonly budget?: BudgetLimits;
}

/** An officer who asks, and how his calls are written into the audit trail. */
export interface ScreeningOfficer extends Searcher {
  /** Identity, as in drafts. */
  readonly fingerprint: string;
}
export type Audited = (action: string, subject: string, facts: AuditEntry['detail']) => AuditEntry;

export const newId = (random: Random): string => hex(random.bytes(16));
