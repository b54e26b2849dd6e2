/** Every kill point at whole processes; the whole table by `npm run faults -- --steps --processes`. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  EVERY_PROCESS_BLOW,
  isDeath,
  type ProcessBlow,
  ProcessSteps,
  sayProcessBlow,
} from './process-steps.ts';
import { killPointOf } from './steps.ts';

/** For each kill point a death that makes it, where there is one: SIGKILL and SIGSTOP, and the two nodes, in turn. */
const SAMPLE = [...Map.groupBy(EVERY_PROCESS_BLOW, ({ step, blow }) => killPointOf(step, blow)).entries()]
  .filter(([point]) => point !== undefined)
  .sort()
  .map(([, blows], at) => {
    const deaths = blows.filter(({ blow }) => isDeath(blow));
    const among = deaths.length > 0 ? deaths : blows;
    return among[(at * 3) % among.length] as ProcessBlow;
  });

let world: ProcessSteps;
beforeAll(async () => {
  world = await ProcessSteps.found();
});
afterAll(() => world[Symbol.asyncDispose]());

describe('between processes a record arrives once, whatever happens to one of them on its way', () => {
  test.for(SAMPLE.map((blown) => [sayProcessBlow(blown), blown] as const))('%s', async ([, blown]) => {
    expect(await world.play(blown)).toBe(true);
  });

  test('and the whole history keeps every promise', async () => {
    expect(await world.judge()).toEqual([]);
  });
});

test('every kill point of the threat model is in the sample', () => {
  const points = SAMPLE.map(({ step, blow }) => killPointOf(step, blow));
  expect(points.sort()).toEqual(['K1', 'K10', 'K2', 'K3', 'K4', 'K5', 'K6', 'K7', 'K8', 'K9']);
});
