/**
 * The kill points at whole processes: nodes as they are run, behind a real broker, and one operation at a time that fails, seems to
 * fail, or is the last before SIGKILL or SIGSTOP. `steps` strikes the same operations of nodes in memory, deeper and faster.
 */
import { sleep } from '../../src/base/async.ts';
import { type Blow, blowsAt, STEPS, type Strike, strikesOf } from '../support/struck-ports.ts';
import { recoverFrom } from './faults.ts';
import { judgeEnd, untilQuiet } from './play.ts';
import { killPointOf } from './steps.ts';
import type { StrikeSignal } from './struck/orders.ts';
import type { NodeId } from './workload.ts';
import { FaultWorld } from './world.ts';

export interface ProcessBlow extends Strike {
  readonly node: NodeId;
  readonly signal: StrikeSignal;
}

export const isDeath = (blow: Blow): boolean => blow === 'dies-before' || blow === 'dies-after';

export const sayProcessBlow = ({ node, step, blow, signal }: ProcessBlow): string => {
  const point = killPointOf(step, blow);
  const how = isDeath(blow) ? `${signal} ${blow === 'dies-before' ? 'before' : 'after'}` : blow;
  return `${node} ${step}: ${how}${point === undefined ? '' : ` (${point})`}`;
};

/** Every step at the sender or the recipient, whichever makes it first, in every way. */
export const EVERY_PROCESS_BLOW: readonly ProcessBlow[] = STEPS.filter((step) => step !== 'other').flatMap(
  (step) =>
    (['XA', 'XB'] as const).flatMap((node) =>
      blowsAt(step).flatMap((blow) =>
        (isDeath(blow) ? (['SIGKILL', 'SIGSTOP'] as const) : (['SIGKILL'] as const)).map((signal) => ({
          node,
          step,
          nth: 0,
          blow,
          signal,
        })),
      ),
    ),
);

/** More work at most, for a blow that has not fallen. */
const MORE = 4;
const LOOK_MS = 50;
/** Until a blow falls that is to fall. */
const FALLS_MS = 8_000;
const STANDS_STILL_MS = 1_000;
const BETWEEN_LOOKS_MS = 300;

export class ProcessSteps implements AsyncDisposable {
  readonly #world: FaultWorld;

  private constructor(world: FaultWorld) {
    this.#world = world;
  }

  static async found(): Promise<ProcessSteps> {
    return new ProcessSteps(await FaultWorld.found(undefined, { withOrders: true }));
  }

  /** One blow while records go both ways, and what the service manager does; whether it fell. Throws where the nodes do not become quiet. */
  async play(blown: ProcessBlow): Promise<boolean> {
    const world = this.#world;
    const { node, signal } = blown;
    if (!(await world.order(node, { strikes: strikesOf(blown), signal })))
      throw new Error(`${node} takes no order`);
    let fell = false;
    for (let more = 0; !fell && more < MORE; more++) {
      const work = Promise.all([
        world.release('XA', 'bilateral', 1),
        world.release('XA', 'flash', 1),
        world.release('XB', 'bilateral', 1),
      ]);
      const until = performance.now() + FALLS_MS;
      while (!fell && performance.now() < until) {
        await sleep(LOOK_MS);
        fell = world.orders?.hasFallen(node) === true;
      }
      if (fell && isDeath(blown.blow) && signal === 'SIGSTOP') await sleep(STANDS_STILL_MS);
      if (fell) await recoverFrom(world, node);
      await work;
    }
    if (!fell) await recoverFrom(world, node);
    const open = await untilQuiet(world, BETWEEN_LOOKS_MS);
    if (open !== undefined) throw new Error(`${sayProcessBlow(blown)}: not quiet: ${open}`);
    return fell;
  }

  /** Ends the nodes and judges all of what they did. */
  judge(): ReturnType<typeof judgeEnd> {
    return judgeEnd(this.#world);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#world[Symbol.asyncDispose]();
  }
}
