/** How every link is, for desks and for `doctor`: out of the store, and of what this process has heard. */
import type { ReadTx, Refusal } from '../store/index.ts';
import type { Directory } from './directory.ts';
import type { PeerPulse } from './heartbeat.ts';
import { LANES, type Lane } from './link.ts';
import { barrierOf } from './membership.ts';

export interface LaneStatus {
  readonly lane: Lane;
  /** Number of the newest manifest sent, and the highest that the partner acknowledged; 0 = none. */
  readonly sentSeq: bigint;
  readonly acknowledgedSeq: bigint;
  /** Number of the newest manifest taken; 0 = none. */
  readonly takenSeq: bigint;
  readonly takenAt?: number;
  /** Items that wait to be sent, and that were sent without receipt yet. */
  readonly waiting: number;
  readonly unreceipted: number;
  /** Since when the oldest of both has been there. */
  readonly oldestAt?: number;
  /** Why nothing more is sent, where that is so. */
  readonly halted?: string;
}

/** `up` = answers; `silent` = does not; `unknown` = not asked yet; `halted` = a lane needs a person; else as the roster says. */
export type LinkState = 'up' | 'silent' | 'unknown' | 'halted' | 'suspended' | 'expelled';

export interface LinkStatus {
  readonly partner: string;
  readonly state: LinkState;
  readonly lanes: readonly LaneStatus[];
  /** When the partner was last heard, milliseconds UTC. */
  readonly heardAt?: number;
  readonly heartbeatAgeMs?: number;
  readonly clockDifferenceMs?: number;
  readonly roundTripMs?: number;
  readonly lastRefusal?: Refusal;
}

export interface StatusDeps {
  readonly directory: Directory;
  readonly pulse: (peer: string) => PeerPulse;
  readonly halted: (peer: string, lane: Lane) => string | undefined;
}

export async function linkStatuses(
  deps: StatusDeps,
  tx: ReadTx,
  atMs: number,
): Promise<readonly LinkStatus[]> {
  const { directory } = deps;
  const [sizes, out, taken] = [await tx.outbox.sizes(), await tx.links.allOut(), await tx.links.allIn()];
  const statuses: LinkStatus[] = [];
  for (const { node: partner } of directory.roster().roster.members) {
    if (partner === directory.self) continue;
    const lanes = LANES.map((lane): LaneStatus => {
      const size = sizes.find((one) => one.recipient === partner && one.lane === lane);
      const sent = out.find((one) => one.recipient === partner && one.lane === lane);
      const link = taken.find((one) => one.sender === partner && one.lane === lane);
      const halted = deps.halted(partner, lane) ?? barrierOf(directory, partner, lane, atMs)?.detail;
      return {
        lane,
        sentSeq: sent?.seq ?? 0n,
        acknowledgedSeq: sent?.ackSeq ?? 0n,
        takenSeq: link?.seq ?? 0n,
        waiting: size?.waiting ?? 0,
        unreceipted: size?.sent ?? 0,
        ...(link && { takenAt: link.heardAt }),
        ...(size && { oldestAt: size.oldestAt }),
        ...(halted !== undefined && { halted }),
      };
    });
    const pulse = deps.pulse(partner);
    const [lastRefusal] = await tx.inbox.refusals(1, partner);
    statuses.push({
      partner,
      state: stateOf(deps, partner, pulse, lanes, atMs),
      lanes,
      ...(pulse.heardAt !== undefined && {
        heardAt: pulse.heardAt,
        heartbeatAgeMs: Math.max(0, atMs - pulse.heardAt),
      }),
      ...(pulse.clockDifferenceMs !== undefined && { clockDifferenceMs: pulse.clockDifferenceMs }),
      ...(pulse.roundTripMs !== undefined && { roundTripMs: pulse.roundTripMs }),
      ...(lastRefusal && { lastRefusal }),
    });
  }
  return statuses;
}

function stateOf(
  { directory }: StatusDeps,
  partner: string,
  pulse: PeerPulse,
  lanes: readonly LaneStatus[],
  atMs: number,
): LinkState {
  const standing = directory.roster().standingOf(partner, atMs);
  if (standing === 'suspended' || standing === 'expelled') return standing;
  if (lanes.some((lane) => lane.halted !== undefined)) return 'halted';
  if (pulse.failures > 0) return 'silent';
  return pulse.heardAt === undefined ? 'unknown' : 'up';
}
