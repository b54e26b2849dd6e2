/** Tells the input that a parser does not come back from, and ends the process: nothing else can, while it is busy. */
import { writeSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { Worker, workerData } from 'node:worker_threads';

interface Watch {
  /** Number of the target, number of the input; changed before each. */
  readonly place: Int32Array;
  readonly names: readonly string[];
  readonly seed: number;
  readonly limitMs: number;
}

/** Starts watching; `place` holds the numbers of target and input. */
export function startWatchdog(watch: Watch): Worker {
  const worker = new Worker(new URL(import.meta.url), { workerData: watch });
  worker.unref();
  return worker;
}

async function watchFor({ place, names, seed, limitMs }: Watch): Promise<never> {
  let last = '';
  let since = performance.now();
  for (;;) {
    await setTimeout(500);
    const [target = -1, index = -1] = place;
    const now = `${target} ${index}`;
    if (now !== last || target < 0) {
      last = now;
      since = performance.now();
    } else if (performance.now() - since > limitMs) {
      writeSync(
        2,
        `FOUND ${names[target]}: no answer within ${limitMs / 1000} s\n      again: npm run fuzz -- --target ${names[target]} --seed ${seed} --index ${index}\n0 passed, 1 failed\n`,
      );
      process.kill(process.pid, 'SIGKILL');
    }
  }
}

if (workerData !== null && typeof workerData === 'object' && 'limitMs' in workerData)
  await watchFor(workerData as Watch);
