/**
 * How many leaves a tick adds (design §4). The size of a log is public to every partner, so it must not tell how much is
 * sent to others: each tick adds a quota, whatever is real in it. A busier time doubles the quota, a calm day lowers it.
 */
import { textOf, utf8 } from '../base/bytes.ts';

export interface Schedule {
  /** Leaves a tick. */
  readonly quota: number;
  /** When the quota last changed or was last exceeded, milliseconds. */
  readonly at: number;
}

/** A calm day: so long without exceeding, and the quota is halved. */
const DAY_MS = 86_400_000;
/** The quota grows to so many times its base. Beyond, padding costs more than it hides: batches simply grow. */
const MAX_DOUBLINGS = 4;

export interface TickLoad {
  /** Headers in line. */
  readonly waiting: number;
  /** Leaves that urgent checkpoints added since the last tick. */
  readonly charged: number;
  readonly baseQuota: number;
  readonly nowMs: number;
}

/**
 * The schedule after this tick and the leaves that it adds: never fewer than what waits, so that nothing is held back,
 * and at least one, so that every tick has its checkpoint.
 */
export function planTick(
  before: Schedule | undefined,
  load: TickLoad,
): { readonly schedule: Schedule; readonly leaves: number } {
  const { baseQuota, nowMs } = load;
  const current = before ?? { quota: baseQuota, at: nowMs };
  const used = load.waiting + load.charged;
  const ceiling = baseQuota * 2 ** MAX_DOUBLINGS;
  let schedule: Schedule = { ...current, quota: clamp(current.quota, baseQuota, ceiling) };
  if (used > schedule.quota) {
    schedule = { quota: clamp(schedule.quota * 2, baseQuota, ceiling), at: nowMs };
  } else if (schedule.quota > baseQuota && nowMs - schedule.at >= DAY_MS) {
    schedule = { quota: clamp(Math.floor(schedule.quota / 2), baseQuota, ceiling), at: nowMs };
  }
  return { schedule, leaves: Math.max(1, load.waiting, schedule.quota - load.charged) };
}

export const encodeSchedule = ({ quota, at }: Schedule): Uint8Array => utf8(`${quota} ${at}`);

/** Undefined for what is no schedule: the log then starts at its base quota again, which loses nothing. */
export function readSchedule(bytes: Uint8Array | undefined): Schedule | undefined {
  const [, quota, at] = bytes === undefined ? [] : (/^(\d{1,7}) (\d{1,16})$/.exec(textOf(bytes)) ?? []);
  return quota === undefined || at === undefined ? undefined : { quota: Number(quota), at: Number(at) };
}

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));
