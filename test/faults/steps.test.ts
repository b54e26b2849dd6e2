/** The kill points K1 to K10 and the other failures at each durable step: a sample here, all of them by `npm run faults -- --steps`. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BLOWS } from '../support/struck-ports.ts';
import { faultsOf, type Played, StepWorld, sampleOf, sayBlow, tableOf } from './steps.ts';

const SAMPLE = sampleOf(4);

let world: StepWorld;
beforeAll(async () => {
  world = await StepWorld.found();
});
afterAll(() => world[Symbol.asyncDispose]());

describe('a record arrives once, with dense numbers and closed receipts, whatever happens at a step of its way', () => {
  const played: Played[] = [];

  test('also without a blow', async () => {
    const round = await world.play();
    expect(faultsOf(round)).toEqual([]);
  });

  test.for(SAMPLE.map((blown) => [sayBlow(blown), blown] as const))('%s', async ([, blown]) => {
    const round = await world.play(blown);
    played.push(round);
    expect(faultsOf(round)).toEqual([]);
  });

  test('and the whole history of the two nodes keeps every promise', () => {
    expect(world.judge()).toEqual([]);
    const cells = tableOf(played)
      .join('\n')
      .match(/\d\/\d/g);
    expect(cells).toEqual(SAMPLE.map(() => '1/1'));
  });
});

test('every kill point of the threat model is in the sample, and every kind of blow', () => {
  const named = new Set(SAMPLE.flatMap((blown) => sayBlow(blown).match(/K\d+/g) ?? []));
  expect([...named].sort()).toEqual(['K1', 'K10', 'K2', 'K3', 'K4', 'K5', 'K6', 'K7', 'K8', 'K9']);
  expect(new Set(SAMPLE.map(({ blow }) => blow))).toEqual(new Set(BLOWS));
});
