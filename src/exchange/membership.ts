/**
 * What a member's standing, and the age of the roster, mean for the exchange. Rules are pure; what follows from a standing for
 * what waits and what was taken is written in the transaction that makes the roster the one in use, or, where the standing
 * begins later, in the first look after that instant.
 */
import { sleep } from '../base/async.ts';
import type { Clock } from '../base/clock.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import {
  nextRosterPhase,
  nextStandingChange,
  rosterPhase,
  type StandingSpan,
  type VerifiedRoster,
} from '../identity/index.ts';
import type { Store, StoredFork, WriteTx } from '../store/index.ts';
import { type Alarm, raise } from './alarms.ts';
import type { Lane } from './link.ts';
import type { ExchangeEvents } from './ports.ts';

/**
 * Kinds that pass between a suspended member and the others: recalls protect people, receipts tell what became of them
 * (R20).
 */
export const SPARED: ReadonlySet<string> = new Set(['recall', 'receipt']);

/** Why nothing goes to a node on a lane now, or is taken from it. */
export interface Barrier {
  readonly reason: Reason;
  readonly detail: string;
}

/** Who takes part, as the directory knows it. */
interface MembershipView {
  roster(): VerifiedRoster;
  openFork(): StoredFork | undefined;
  formatOf(node: string): number | undefined;
}

const day = (ms: bigint | number): string => new Date(Number(ms)).toISOString().slice(0, 10);

/**
 * What bars a lane between this node and another: two rosters, the other's standing, its format, an age of the roster at
 * which only lane 0 flows. A suspended member's lanes stay open: what passes is decided item by item.
 */
export function barrierOf(
  directory: MembershipView,
  node: string,
  lane: Lane,
  atMs: number,
): Barrier | undefined {
  const roster = directory.roster();
  const fork = directory.openFork();
  if (fork)
    return {
      reason: Reason.REASON_ROSTER_FORK,
      detail: `two rosters of version ${fork.version} are signed: \`tocsin network adopt --resolve\` chooses one`,
    };
  const standing = roster.standingOf(node, atMs);
  if (standing !== 'active' && standing !== 'suspended')
    return {
      reason: Reason.REASON_NOT_A_MEMBER,
      detail: `${node} is ${standing ?? 'not in the roster'}`,
    };
  const format = directory.formatOf(node);
  if (format !== undefined && format < roster.roster.minimumFormat)
    return {
      reason: Reason.REASON_FORMAT_UNSUPPORTED,
      detail: `${node} speaks format ${format}, the roster demands ${roster.roster.minimumFormat}: it has to update its program`,
    };
  if (lane === 1 && rosterPhase(roster.roster, atMs) === 'lapsed')
    return {
      reason: Reason.REASON_ROSTER_LAPSED,
      detail: `the roster expired on ${day(roster.roster.expires)}: only the urgent lane flows until the governments sign the next one`,
    };
  return undefined;
}

interface Settling {
  readonly self: string;
  /** The version in use so far. */
  readonly before: VerifiedRoster;
  readonly roster: VerifiedRoster;
  readonly atMs: number;
}

/**
 * What waits for members that are out is withdrawn, with the reason; what came of a member while it was out and nobody here
 * knew is marked (T16). Returns what people have to be told.
 */
export async function settleMembership(tx: WriteTx, settling: Settling): Promise<readonly Alarm[]> {
  const { self, before, roster, atMs } = settling;
  const alarms: Alarm[] = [];
  for (const [member, spans] of roster.standings) {
    if (member === self) continue;
    await withdrawFrom(tx, roster, member, atMs);
    const known = before.standings.get(member) ?? [];
    let marked = 0;
    for (const [index, span] of spans.entries()) {
      if (span.standing === 'active' || span.fromMs > atMs || knew(known, span)) continue;
      marked += await tx.membership.markLate(
        {
          member,
          standing: span.standing,
          since: Math.max(0, span.fromMs),
          until: Math.min(spans[index + 1]?.fromMs ?? atMs, atMs),
          spared: span.standing === 'suspended' ? [...SPARED] : ['receipt'],
        },
        roster.version,
        atMs,
      );
    }
    if (marked > 0)
      alarms.push({
        code: 'RECORDS_LATE',
        subject: member,
        detail: `${marked} records of ${member} came here after it was put out and before roster version ${roster.version} told so: they are marked`,
      });
  }
  return alarms;
}

/** A span that was known before was judged by when its records came. */
const knew = (known: readonly StandingSpan[], span: StandingSpan): boolean =>
  known.some(({ fromMs, standing }) => fromMs === span.fromMs && standing === span.standing);

/** A suspended member still gets recalls; who is expelled gets nothing, not even what is under way again. */
async function withdrawFrom(
  tx: WriteTx,
  roster: VerifiedRoster,
  member: string,
  atMs: number,
): Promise<number> {
  switch (roster.standingOf(member, atMs)) {
    case 'suspended':
      return tx.outbox.withdrawFrom(member, Reason.REASON_SUSPENDED, [...SPARED], ['waiting'], atMs);
    case 'expelled':
      return tx.outbox.withdrawFrom(member, Reason.REASON_NOT_A_MEMBER, [], ['waiting', 'sent'], atMs);
    default:
      return 0;
  }
}

export interface MembershipOptions {
  /** Longest time between two looks at the clock, which may have been set. */
  readonly lookMs: number;
}

export interface MembershipDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly directory: MembershipView & { readonly self: string; tellStandings(atMs: number): void };
  readonly events: ExchangeEvents;
  /** Standings or the service changed: lanes look again. */
  readonly onChange: () => void;
}

const PHASE_ALARMS = {
  expiring: 'ROSTER_EXPIRING',
  expired: 'ROSTER_EXPIRED',
  lapsed: 'ROSTER_LAPSED',
} as const;

/** Looks at every instant at which a standing or the roster's phase changes, and at what the clock may have skipped. */
export class Membership {
  readonly #deps: MembershipDeps;
  readonly #options: MembershipOptions;
  #seen = '';

  constructor(deps: MembershipDeps, options: MembershipOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  /** Looks until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, directory, events } = this.#deps;
    while (!signal.aborted) {
      try {
        await this.look();
      } catch (error) {
        events.failed?.({ what: 'membership', peer: '', error });
      }
      const atMs = clock.nowMs();
      const roster = directory.roster();
      const next = Math.min(nextStandingChange(roster.standings, atMs), nextRosterPhase(roster.roster, atMs));
      await sleep(Math.max(1, Math.min(next - atMs, this.#options.lookMs)), signal).catch(() => undefined);
    }
  }

  /** One look; writes only where something changed since the last one. */
  async look(): Promise<void> {
    const { store, clock, directory, events } = this.#deps;
    const atMs = clock.nowMs();
    const roster = directory.roster();
    const phase = rosterPhase(roster.roster, atMs);
    const standings = roster.roster.members.map(({ node }) => `${node} ${roster.standingOf(node, atMs)}`);
    const seen = [roster.version, phase, directory.openFork()?.version ?? '', ...standings].join(' ');
    if (seen === this.#seen) return;
    const { self } = directory;
    const alarms: Alarm[] = [];
    if (phase !== 'valid')
      alarms.push({ code: PHASE_ALARMS[phase], subject: self, detail: sayPhase(roster, phase) });
    const own = sayStanding(roster, self, atMs);
    if (own) alarms.push({ code: 'OWN_STANDING', subject: self, detail: own });
    const fresh = await store.write(async (tx) => {
      for (const { node } of roster.roster.members)
        if (node !== self) await withdrawFrom(tx, roster, node, atMs);
      const raised = new Set(alarms.map(({ code }) => code));
      for (const code of [...Object.values(PHASE_ALARMS), 'OWN_STANDING'] as const)
        if (!raised.has(code)) await tx.alarms.clear(code, self, atMs);
      const found: Alarm[] = [];
      for (const alarm of alarms) if (await raise(tx, alarm, atMs)) found.push(alarm);
      return found;
    });
    this.#seen = seen;
    for (const alarm of fresh) events.alarm?.(alarm);
    directory.tellStandings(atMs);
    this.#deps.onChange();
  }
}

/** Partners refuse what a member sends that is out: it must not have to guess why. */
function sayStanding(roster: VerifiedRoster, self: string, atMs: number): string | undefined {
  switch (roster.standingOf(self, atMs)) {
    case 'active':
      return undefined;
    case 'suspended':
      return `roster version ${roster.version} suspends this node: partners take recalls of it, and send it recalls, nothing else`;
    case 'pending':
      return `roster version ${roster.version} admits this node from a later instant on`;
    default:
      return `roster version ${roster.version} does not list this node as a member: no partner serves it`;
  }
}

function sayPhase({ roster }: VerifiedRoster, phase: 'expiring' | 'expired' | 'lapsed'): string {
  const until = day(roster.expires);
  switch (phase) {
    case 'expiring':
      return `the roster expires on ${until}: the governments have to sign the next version`;
    case 'expired':
      return `the roster expired on ${until}: no new members; full service goes on for 30 days, then only the urgent lane`;
    case 'lapsed':
      return `the roster expired on ${until}, more than 30 days ago: only the urgent lane flows until the next version is adopted`;
  }
}
