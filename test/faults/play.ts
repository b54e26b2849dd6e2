/** Plays a plan against a world made for it, waits until all is quiet, and has the end judged. */
import { sleep } from '../../src/base/async.ts';
import { nodeDir } from '../../src/cli/demo/federation.ts';
import { tocsin } from '../support/command.ts';
import { seeded } from '../support/crash.ts';
import type { PostgresServer } from '../support/postgres-server.ts';
import { checkEnd, type Ended, type Finding } from './check.ts';
import {
  type FaultName,
  faultOf,
  heldBy,
  NEEDS_CLOCKS,
  NEEDS_FILES,
  NEEDS_ORDERS,
  NEEDS_PATHS,
} from './faults.ts';
import type { Plan, Step } from './plan.ts';
import { NODES } from './workload.ts';
import { FaultWorld } from './world.ts';

export interface Outcome {
  readonly findings: readonly (Finding | { readonly promise: 'run' | 'fsck'; readonly what: string })[];
  readonly released: number;
  readonly recalled: number;
  /** From the end of the last fault until nothing was under way any more. */
  readonly quietMs: number;
  readonly notes: readonly string[];
}

/** Attempts grow to 4 s in these worlds, links are noticed dead after some 30 s. */
const QUIET_WITHIN_MS = 180_000;
/** Longer than a tick and a round of heartbeats: a recall is answered by a record that has to be logged first. */
const BETWEEN_LOOKS_MS = 1_500;

export interface Watching {
  /** Each step as it begins. */
  readonly step?: (line: string) => void;
  /** What the checker is given. */
  readonly ended?: (end: Ended) => void;
}

/** `database`: stores lie on PostgreSQL there. */
export async function play(plan: Plan, watching: Watching = {}, database?: PostgresServer): Promise<Outcome> {
  const has = (those: ReadonlySet<FaultName>) =>
    plan.steps.some((step) => step.do === 'fault' && those.has(step.fault));
  const withClocks = has(NEEDS_CLOCKS);
  const withPaths = has(NEEDS_PATHS);
  const withOrders = has(NEEDS_ORDERS);
  await using world = await FaultWorld.found(database, { withClocks, withOrders, withPaths });
  const findings: { promise: Finding['promise'] | 'run' | 'fsck'; what: string }[] = [];
  const random = seeded(plan.seed ^ 0x5bd1e995);
  const begun = performance.now();
  /** One fault at a time for each target; the next waits. */
  const turns = new Map<string, Promise<void>>();

  const toCome = new Set(plan.steps.filter((step) => step.do === 'release'));

  const takeStep = async (step: Step): Promise<void> => {
    await sleep(Math.max(0, begun + step.atMs - performance.now()));
    watching.step?.(`${String(Math.round(performance.now() - begun)).padStart(6)} ms  ${sayStep(step)}`);
    switch (step.do) {
      case 'release':
        return world.release(step.from, step.variant, step.count).finally(() => toCome.delete(step));
      case 'recall':
        return world.recall(step.from, step.nth, () => [...toCome].some(({ from }) => from === step.from));
      case 'narrow':
        return world.narrow();
      case 'fault': {
        const fault = faultOf(step.fault);
        const targets = heldBy(step.fault, step.target);
        const before = Promise.all(targets.map((target) => turns.get(target)));
        const mine = before.then(async () => {
          await fault.begin(world, step.target, random);
          await sleep(step.forMs);
          await fault.end(world, step.target, random);
        });
        for (const target of targets)
          turns.set(
            target,
            mine.catch(() => undefined),
          );
        return mine;
      }
    }
  };

  const isFault = (step: Step) => step.do === 'fault';
  const run = (steps: readonly Step[]) =>
    Promise.all(
      steps.map((step) =>
        takeStep(step).catch((error: unknown) => {
          findings.push({
            promise: 'run',
            what: `${sayStep(step)}: ${error instanceof Error ? error.message : error}`,
          });
        }),
      ),
    );
  const work = run(plan.steps.filter((step) => !isFault(step)));
  await run(plan.steps.filter(isFault));
  await world.heal();
  const healed = performance.now();
  await work;
  const quiet = await untilQuiet(world);
  if (quiet !== undefined)
    findings.push({
      promise: 'P11',
      what: `not quiet ${QUIET_WITHIN_MS / 1000} s after all faults: ${quiet}`,
    });
  const quietMs = Math.round(performance.now() - healed);
  findings.push(...(await judgeEnd(world, watching)));
  return {
    findings,
    released: world.released.length,
    recalled: world.recalled.size,
    quietMs,
    notes: [
      ...world.notes,
      ...(world.hasDisks ? [] : ['no small disks on this machine: full disks were not played']),
      ...(world.hasFiles || !has(NEEDS_FILES)
        ? []
        : ['stores lie on PostgreSQL: what is done to files of a store was not played']),
      ...(withPaths && world.paths.size === 0
        ? ['no network namespaces on this machine (root, iproute2, nftables): packets were not played']
        : []),
      ...(withClocks && world.clocks === undefined
        ? ['no libfaketime on this machine: clocks were not played']
        : []),
    ],
  };
}

/** Ends the nodes, and has their stores looked at: by fsck, and by the checker. */
export async function judgeEnd(
  world: FaultWorld,
  watching: Pick<Watching, 'ended'> = {},
): Promise<Outcome['findings']> {
  await world.stopNodes();
  const findings: Outcome['findings'][number][] = [];
  for (const id of NODES) {
    const { exitCode, stdout, stderr } = await tocsin([
      'fsck',
      '--dir',
      nodeDir(world.federation.federation, id),
    ]);
    if (exitCode !== 0)
      findings.push({ promise: 'fsck', what: `${id}: ${(stdout + stderr).trim().slice(0, 400)}` });
  }
  const end: Ended = {
    stores: new Map(await Promise.all(NODES.map(async (id) => [id, await world.exportOf(id)] as const))),
    released: world.released,
    recalled: world.recalled,
    recalledAtRisk: world.recalledAtRisk,
    wentBack: world.wentBack,
    daysPassed: world.daysPassed,
  };
  watching.ended?.(end);
  return [...findings, ...checkEnd(end)];
}

/** Waits until no node has anything under way, seen twice in a row; what is still under way where that does not come. */
export async function untilQuiet(
  world: FaultWorld,
  betweenMs = BETWEEN_LOOKS_MS,
): Promise<string | undefined> {
  const until = performance.now() + QUIET_WITHIN_MS;
  let calm = 0;
  for (;;) {
    const open: string[] = [];
    if (await world.tend()) open.push('a node was recovered');
    for (const id of NODES) {
      const { outboxOpen, leavesPending } = await world.ask(id, (desk) => desk.network.getNodeStatus({}));
      if (outboxOpen + leavesPending > 0) open.push(`${id}: ${outboxOpen} to send, ${leavesPending} to log`);
    }
    calm = open.length === 0 ? calm + 1 : 0;
    if (calm > 1) return undefined;
    if (performance.now() > until) return open.join('; ');
    await sleep(betweenMs);
  }
}

export function sayStep(step: Step): string {
  switch (step.do) {
    case 'release':
      return `${step.from} releases ${step.count} (${step.variant})`;
    case 'recall':
      return `${step.from} recalls its release ${step.nth}`;
    case 'narrow':
      return 'XA narrows its policy';
    case 'fault':
      return `${step.fault} of ${step.target} for ${step.forMs} ms`;
  }
}
