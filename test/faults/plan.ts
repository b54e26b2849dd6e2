/** Plans of faults: what happens when, out of a seed. A plan is plain JSON, so that a failing one can be kept, cut down and replayed. */
import { type Seeded, seeded } from '../support/crash.ts';
import { FAULT_NAMES, type FaultName, targetsOf } from './faults.ts';
import { NODES, type NodeId, VARIANTS, type Variant } from './workload.ts';

export type Step =
  | {
      readonly do: 'release';
      readonly atMs: number;
      readonly from: NodeId;
      readonly variant: Variant;
      readonly count: number;
    }
  /** Recalls a release of a node, the n-th of those that are out, counted round from 0. */
  | { readonly do: 'recall'; readonly atMs: number; readonly from: NodeId; readonly nth: number }
  /** XA puts its narrower policy in force. */
  | { readonly do: 'narrow'; readonly atMs: number }
  | {
      readonly do: 'fault';
      readonly atMs: number;
      readonly fault: FaultName;
      readonly target: string;
      readonly forMs: number;
    };

export const fault = (atMs: number, name: FaultName, target: string, forMs: number): Step => ({
  do: 'fault',
  atMs,
  fault: name,
  target,
  forMs,
});

export interface Plan {
  readonly seed: number;
  readonly steps: readonly Step[];
}

export interface PlanSize {
  /** Length of the time in which steps begin. */
  readonly spanMs: number;
  readonly faults: number;
  readonly releases: number;
  /** Faults to choose from; all that this machine can do where absent. */
  readonly among?: readonly FaultName[];
}

/** The same plan for the same seed and size. */
export function randomPlan(seed: number, size: PlanSize): Plan {
  const random = seeded(seed);
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  const at = (): number => Math.floor(random() * size.spanMs);
  const among = size.among ?? FAULT_NAMES;
  const steps: Step[] = [];
  for (let n = 0; n < size.releases; n++)
    steps.push({
      do: 'release',
      atMs: at(),
      from: pick(NODES),
      variant: pick(VARIANTS),
      count: 1 + Math.floor(random() * 8),
    });
  for (let n = 0; n < Math.ceil(size.releases / 4); n++)
    steps.push({
      do: 'recall',
      atMs: size.spanMs / 2 + at() / 2,
      from: pick(NODES),
      nth: Math.floor(random() * 4),
    });
  if (random() < 0.5) steps.push({ do: 'narrow', atMs: at() });
  for (let n = 0; n < size.faults; n++) {
    const name = pick(among);
    steps.push(fault(at(), name, pick(targetsOf(name)), 200 + Math.floor(longTailed(random) * 6_000)));
  }
  return { seed, steps: steps.sort((a, b) => a.atMs - b.atMs) };
}

/** Mostly short, now and then long. */
const longTailed = (random: Seeded): number => random() ** 3;

/**
 * The shortest plan found that still fails: parts are left out, in halves at first, and each rest is tried anew (Zeller's ddmin).
 * `fails` plays a plan; it is asked at most `tries` times.
 */
export async function shrink(
  plan: Plan,
  fails: (plan: Plan) => Promise<boolean>,
  tries: number,
): Promise<Plan> {
  let steps = plan.steps;
  let parts = 2;
  let left = tries;
  while (steps.length > 1 && left > 0) {
    const size = Math.ceil(steps.length / parts);
    let smaller: readonly Step[] | undefined;
    for (let at = 0; at < steps.length && left > 0; at += size) {
      const rest = [...steps.slice(0, at), ...steps.slice(at + size)];
      left -= 1;
      if (rest.length > 0 && (await fails({ ...plan, steps: rest }))) {
        smaller = rest;
        break;
      }
    }
    if (smaller !== undefined) {
      steps = smaller;
      parts = Math.max(2, parts - 1);
    } else if (parts >= steps.length) break;
    else parts = Math.min(steps.length, parts * 2);
  }
  return { ...plan, steps };
}
