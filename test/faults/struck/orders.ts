/** How a strike is ordered of a node that runs as a process, and what it says of it: files beside each other. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sleep } from '../../../src/base/async.ts';
import type { Strike } from '../../support/struck-ports.ts';

/** What `dies-before` and `dies-after` mean: its end, or that it stands still there. */
export type StrikeSignal = 'SIGKILL' | 'SIGSTOP';

export interface Ordered {
  readonly strikes: readonly Strike[];
  readonly signal: StrikeSignal;
}

/** `taken`: the order was read · `fell`: the blow has fallen. */
export const placesOf = (file: string) => ({ taken: `${file}.taken`, fell: `${file}.fell` });

const PROGRAM = new URL('./program.ts', import.meta.url).href;
const TAKEN_MS = 10_000;
const LOOK_MS = 10;

/** Orders to the nodes of one world. */
export class Orders {
  readonly #dir: string;
  readonly #given = new Map<string, Ordered>();

  constructor(dir: string) {
    this.#dir = join(dir, 'orders');
    mkdirSync(this.#dir, { recursive: true });
  }

  /** For a process that is to take orders. */
  environment(node: string): Readonly<Record<string, string>> {
    return { NODE_OPTIONS: `--import ${PROGRAM}`, TOCSIN_TEST_ORDERS: this.#file(node) };
  }

  /** Resolves when the node has taken the order; false where it does not, as one that stands still. */
  async give(node: string, pid: number, ordered: Ordered | undefined): Promise<boolean> {
    const file = this.#file(node);
    const { taken } = placesOf(file);
    rmSync(taken, { force: true });
    this.#given.delete(node);
    if (ordered === undefined) rmSync(file, { force: true });
    else {
      writeFileSync(file, JSON.stringify(ordered));
      this.#given.set(node, ordered);
    }
    process.kill(pid, 'SIGUSR2');
    const until = performance.now() + TAKEN_MS;
    while (!existsSync(taken)) {
      if (performance.now() > until) return false;
      await sleep(LOOK_MS);
    }
    return true;
  }

  hasFallen(node: string): boolean {
    return this.#given.has(node) && existsSync(placesOf(this.#file(node)).fell);
  }

  /** Whether the node ends by what has fallen: killed, or by itself, as where its disk failed at a COMMIT. */
  isEnding(node: string): boolean {
    const given = this.#given.get(node);
    const last = given?.strikes.at(-1);
    if (given === undefined || last === undefined || !this.hasFallen(node)) return false;
    return last.blow === 'persisted'
      ? last.step !== 'put'
      : last.blow !== 'failed' && given.signal === 'SIGKILL';
  }

  #file(node: string): string {
    return join(this.#dir, `${node.toLowerCase()}.json`);
  }
}
