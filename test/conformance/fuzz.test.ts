/** A short run of the fuzzer with one seed, so that a change that breaks a parser is seen at once. More: `npm run fuzz`. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runTarget } from '../fuzz/run.ts';
import { Scene } from '../fuzz/scene.ts';
import { TARGETS } from '../fuzz/targets/list.ts';

const SEED = 20_260_115;
/** By number, not by time: what is shown must not depend on how busy the machine is. */
const INPUTS = 80;
const PLAIN = 12;
const SLACK = 10;

let scene: Scene;
beforeAll(async () => {
  scene = new Scene();
  await scene.federation();
});
afterAll(() => scene[Symbol.asyncDispose]());

describe('strangers\u2019 bytes are refused with a typed error or read, and nothing else', () => {
  it.each(TARGETS.map((target) => [target.name, target] as const))('%s', async (_name, target) => {
    const inputs = target.quick ?? INPUTS;
    const tally = await runTarget(target, scene, {
      seed: SEED,
      inputs,
      plain: Math.min(PLAIN, Math.floor(inputs / 3)),
      slack: SLACK,
    });
    expect(tally.found.map(({ what, detail, index }) => `${what} at ${index}: ${detail}`)).toEqual([]);
    // A fuzzer whose inputs are all refused at the first check shows little.
    expect(tally.accepted).toBeGreaterThan(0);
    if (target.total !== true) expect(tally.refused).toBeGreaterThan(0);
  });
});
