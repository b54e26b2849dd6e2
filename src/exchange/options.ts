/** Times and bounds of the exchange. The defaults are the product's; tests shorten them. */
import { LIMITS } from '../base/limits.ts';
import type { AttachmentOptions } from './attachment-fetch.ts';
import type { BackfillOptions } from './backfill.ts';
import type { CanaryOptions } from './canary.ts';
import type { CutOffOptions } from './cut-off.ts';
import type { HeartbeatOptions } from './heartbeat.ts';
import type { InboxOptions } from './inbox.ts';
import type { LogFreshnessOptions } from './log-freshness.ts';
import type { LogProofsOptions } from './log-proofs.ts';
import type { MembershipOptions } from './membership.ts';
import type { LaneOptions } from './outbox.ts';
import { OWN_KEYS_DEFAULTS, type OwnKeysOptions } from './own-keys.ts';
import type { WitnessingOptions } from './witnessing.ts';

export interface ExchangeOptions {
  readonly lane: LaneOptions;
  readonly inbox: InboxOptions & { readonly maxInFlight: number };
  readonly backfill: BackfillOptions;
  readonly heartbeat: HeartbeatOptions;
  readonly ownKeys: OwnKeysOptions & {
    /** Between two looks at most: a timer does not see that the clock was set, or that the machine slept. */
    readonly lookMs: number;
  };
  readonly canary: CanaryOptions;
  readonly membership: MembershipOptions;
  readonly attachment: AttachmentOptions;
  readonly witness: WitnessingOptions & LogProofsOptions;
  readonly freshness: LogFreshnessOptions;
  readonly cutOff: CutOffOptions;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

export const DEFAULT_OPTIONS: ExchangeOptions = {
  lane: {
    window: 8,
    parcelItems: LIMITS.parcelItems,
    retryMs: SECOND,
    resendMs: 15 * SECOND,
    resendMaxMs: 10 * MINUTE,
    graceMs: 2 * SECOND,
    // A receipt waits for the recipient's next checkpoint, a minute at most, and travels back.
    receiptLateMs: 3 * MINUTE,
    skipAfter: 3,
  },
  inbox: { holdMs: 500, holdMaxMs: MINUTE, patience: 20, behindMs: 10 * MINUTE, maxInFlight: 32 },
  backfill: { pauseMs: SECOND, callMs: 5 * MINUTE },
  heartbeat: {
    recentMs: MINUTE,
    idleMs: 10 * MINUTE,
    leastMs: SECOND,
    callMs: 10 * SECOND,
    trafficMs: 10 * MINUTE,
    quietMs: 2 * SECOND,
    silentMs: 30 * MINUTE,
  },
  ownKeys: { ...OWN_KEYS_DEFAULTS, lookMs: MINUTE },
  canary: { everyMs: 60 * MINUTE, lateMs: 15 * MINUTE },
  membership: { lookMs: MINUTE },
  attachment: {
    bytesPerSecond: 4 * 1024 * 1024,
    callMs: 5 * MINUTE,
    retryMs: 5 * SECOND,
    retryMaxMs: 10 * MINUTE,
    lateMs: 60 * MINUTE,
    giveUpMs: 7 * 24 * 60 * MINUTE,
  },
  // Fifteen ticks: longer than a witness takes to start again, shorter than an officer's shift.
  witness: {
    callMs: 10 * SECOND,
    leastMs: SECOND,
    retryMs: 5 * SECOND,
    retryMaxMs: MINUTE,
    lookMs: MINUTE,
    limitMs: 15 * MINUTE,
  },
  // Three heartbeats of a quiet link: one may be lost.
  freshness: { staleMs: 30 * MINUTE, lookMs: MINUTE },
  // R14.
  cutOff: { afterMs: 72 * 60 * MINUTE, lookMs: MINUTE },
};

/** Groups given in part are completed from the defaults. */
export function optionsWith(given: PartialOptions): ExchangeOptions {
  return {
    lane: { ...DEFAULT_OPTIONS.lane, ...given.lane },
    inbox: { ...DEFAULT_OPTIONS.inbox, ...given.inbox },
    backfill: { ...DEFAULT_OPTIONS.backfill, ...given.backfill },
    heartbeat: { ...DEFAULT_OPTIONS.heartbeat, ...given.heartbeat },
    ownKeys: { ...DEFAULT_OPTIONS.ownKeys, ...given.ownKeys },
    canary: { ...DEFAULT_OPTIONS.canary, ...given.canary },
    membership: { ...DEFAULT_OPTIONS.membership, ...given.membership },
    attachment: { ...DEFAULT_OPTIONS.attachment, ...given.attachment },
    witness: { ...DEFAULT_OPTIONS.witness, ...given.witness },
    freshness: { ...DEFAULT_OPTIONS.freshness, ...given.freshness },
    cutOff: { ...DEFAULT_OPTIONS.cutOff, ...given.cutOff },
  };
}

export type PartialOptions = { readonly [Group in keyof ExchangeOptions]?: Partial<ExchangeOptions[Group]> };
