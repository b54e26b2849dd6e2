/**
 * How much each officer read, searched, previewed and exported, day by day, and which days stand out. A day stands out where a
 * count is above median + 6 · s over all officer-days of the same desk group in the period, s being 1.4826 times the median
 * absolute deviation (which for a normal distribution estimates the standard deviation) and at least 1, so that one call more
 * than a quiet desk's median is no finding. Both are moved little by the very days that are looked for, unlike mean and standard
 * deviation. With fewer than five officer-days there is no usual day to compare with, and none stands out.
 * Source: Hampel (1974), The influence curve and its role in robust estimation; Leys et al. (2013), J. Exp. Soc. Psychol. 49(4).
 */
import type { World } from '../../record/index.ts';
import type { ReadTx, StoredAuditEntry } from '../../store/index.ts';

export const ACTIVITIES = ['reads', 'searches', 'previews', 'exports'] as const;
export type Activity = (typeof ACTIVITIES)[number];

/** Actions of the audit trail by what they count as. */
const ACTIVITY_OF: ReadonlyMap<string, Activity> = new Map([
  ['record.read', 'reads'],
  ['record.compared', 'reads'],
  ['attachment.read', 'reads'],
  ['record.searched', 'searches'],
  ['screening.asked', 'searches'],
  ['screening.batch', 'searches'],
  ['record.previewed', 'previews'],
  ['draft.previewed', 'previews'],
  ['record.exported', 'exports'],
  ['warning.exported', 'exports'],
  ['alarm.exported', 'exports'],
  ['audit.exported', 'exports'],
  ['oversight.exported', 'exports'],
]);

export interface OfficerDay {
  /** Fingerprint of the certificate, or the account's identity. */
  readonly officer: string;
  readonly name: string;
  /** As the audit trail says it. */
  readonly deskGroup: string;
  /** Whole days since 1970-01-01 UTC. */
  readonly day: number;
  readonly counts: Readonly<Record<Activity, number>>;
  /** The hour of the day (UTC) with most of them, and how many. */
  readonly busiestHour: number;
  readonly inBusiestHour: number;
  /** Counts that stand out, each with what it would have had to exceed. */
  readonly outliers: readonly {
    readonly activity: Activity;
    readonly count: number;
    readonly bound: number;
  }[];
}

export interface OfficerActivity {
  /** Days that stand out first, then the newest. */
  readonly days: readonly OfficerDay[];
  /** There are more officer-days than are listed; all count for the rule. */
  readonly more: boolean;
}

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const PAGE = 500;
const SPREADS = 6;
const TO_SPREAD = 1.4826;
const LEAST_SPREAD = 1;
const LEAST_DAYS = 5;

interface Tally {
  readonly officer: string;
  readonly name: string;
  readonly deskGroup: string;
  readonly day: number;
  readonly counts: Record<Activity, number>;
  readonly hours: number[];
}

/** Over rows from `from` to before `until`, milliseconds; at most `limit` officer-days are listed. */
export async function officerActivity(
  tx: ReadTx,
  world: World,
  from: number,
  until: number,
  limit: number,
): Promise<OfficerActivity> {
  const tallies = new Map<string, Tally>();
  for (const action of ACTIVITY_OF.keys()) {
    let cursor: string | undefined;
    do {
      const page = await tx.audit.list({
        action,
        since: from,
        until,
        limit: PAGE,
        ...(cursor !== undefined && { cursor }),
      });
      for (const row of page.items) count(tallies, row, world);
      cursor = page.next;
    } while (cursor !== undefined);
  }
  const days = judged([...tallies.values()]).sort(
    (a, b) =>
      Number(b.outliers.length > 0) - Number(a.outliers.length > 0) ||
      b.day - a.day ||
      (a.officer < b.officer ? -1 : 1),
  );
  return { days: days.slice(0, limit), more: days.length > limit };
}

function count(tallies: Map<string, Tally>, row: StoredAuditEntry, world: World): void {
  const activity = ACTIVITY_OF.get(row.action);
  const { officer, deskGroup, mode } = row.detail;
  if (activity === undefined || typeof officer !== 'string' || typeof deskGroup !== 'string') return;
  if ((mode === 'exercise') !== (world === 'exercise')) return;
  const day = Math.floor(row.at / DAY_MS);
  const key = `${row.actor} ${deskGroup} ${day}`;
  const tally = tallies.get(key) ?? {
    officer: row.actor,
    name: officer,
    deskGroup,
    day,
    counts: { reads: 0, searches: 0, previews: 0, exports: 0 },
    hours: Array.from({ length: 24 }, () => 0),
  };
  tallies.set(key, tally);
  // A batch is as many questions as it has lines.
  const times = row.action === 'screening.batch' ? Number(row.detail.lines) : 1;
  tally.counts[activity] += times;
  const hour = Math.floor((row.at % DAY_MS) / HOUR_MS);
  tally.hours[hour] = (tally.hours[hour] ?? 0) + times;
}

function judged(tallies: readonly Tally[]): OfficerDay[] {
  const bounds = new Map(
    [...Map.groupBy(tallies, ({ deskGroup }) => deskGroup)].map(([deskGroup, group]) => [
      deskGroup,
      new Map(ACTIVITIES.map((activity) => [activity, boundOf(group.map(({ counts }) => counts[activity]))])),
    ]),
  );
  return tallies.map(({ hours, ...tally }) => {
    const inBusiestHour = Math.max(...hours);
    return {
      ...tally,
      busiestHour: hours.indexOf(inBusiestHour),
      inBusiestHour,
      outliers: ACTIVITIES.flatMap((activity) => {
        const bound = bounds.get(tally.deskGroup)?.get(activity);
        const found = tally.counts[activity];
        return bound !== undefined && found > bound ? [{ activity, count: found, bound }] : [];
      }),
    };
  });
}

/** What a count must exceed to stand out; undefined where there is too little to compare with. */
export function boundOf(counts: readonly number[]): number | undefined {
  if (counts.length < LEAST_DAYS) return undefined;
  const middle = medianOf(counts);
  const deviation = medianOf(counts.map((each) => Math.abs(each - middle)));
  return middle + SPREADS * Math.max(LEAST_SPREAD, TO_SPREAD * deviation);
}

function medianOf(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  const [low = 0, high = 0] = [sorted[Math.ceil(half) - 1], sorted[Math.floor(half)]];
  return (low + high) / 2;
}
