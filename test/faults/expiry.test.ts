/**
 * What ends while records are under way: prekeys, a key statement, the roster. Clocks of whole nodes pass a year; their
 * administrators do what the alarms say, one of them late. The broker's clock cannot be set: certificates that it judges are
 * renewed in `unit/node/renewal`.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nodeDir } from '../../src/cli/demo/federation.ts';
import { tocsin } from '../support/command.ts';
import { eventually } from '../support/federation.ts';
import { Clocks } from './clocks.ts';
import { judgeEnd, untilQuiet } from './play.ts';
import { NODES, type NodeId } from './workload.ts';
import { FaultWorld } from './world.ts';

const DAY_MS = 86_400_000;
/** Days of founding until statements and the roster end; certificates of nodes have a day more. */
const YEAR = 365;

let world: FaultWorld;
const canRun = Clocks.in('/tmp') !== undefined;
const dir = (id: NodeId) => nodeDir(world.federation.federation, id);
const passUntil = (day: number) => world.clocks?.pass(day * DAY_MS - (world.clocks?.passedMs ?? 0));

const run = async (id: NodeId, ...args: readonly string[]): Promise<void> => {
  const ran = await tocsin(args, { env: world.federation.environment(id) });
  expect(ran.exitCode, `${args.join(' ')}\n${ran.stderr}`).toBe(0);
};

const alarmsAt = async (id: NodeId): Promise<readonly string[]> => {
  const { alarms } = await world.ask(id, (desk) => desk.network.getNodeStatus({}));
  return alarms.map(({ code, subject }) => `${code} ${subject}`);
};
const untilAlarm = (id: NodeId, alarm: string, is = true) =>
  eventually(`${id}: ${alarm} ${is ? 'comes' : 'goes'}`, async () =>
    (await alarmsAt(id)).includes(alarm) === is ? true : undefined,
  );

const waitingAt = async (id: NodeId): Promise<number> =>
  (await world.ask(id, (desk) => desk.network.getNodeStatus({}))).outboxOpen;

describe.skipIf(!canRun)('in a year of a network', () => {
  beforeAll(async () => {
    world = await FaultWorld.found(undefined, { withClocks: true, officerDays: 400 });
  });
  afterAll(async () => world?.[Symbol.asyncDispose]());

  test('people are told 30 days ahead what will end, and records flow on', async () => {
    passUntil(YEAR - 25);
    await Promise.all(NODES.map((id) => world.release(id, 'open', 2)));
    for (const id of NODES)
      for (const alarm of [
        'CREDENTIAL_ENDING key statement',
        'CREDENTIAL_ENDING certificate',
        `ROSTER_EXPIRING ${id}`,
      ])
        await untilAlarm(id, alarm);
    expect(await untilQuiet(world)).toBeUndefined();
  });

  test('a statement that ends in mid-flight holds up what its node sends and gets, and nothing of it is lost', async () => {
    for (const id of ['XA', 'XC'] as const) await run(id, 'keys', 'rotate', '--dir', dir(id));
    for (const id of ['XA', 'XC'] as const) await untilAlarm(id, 'CREDENTIAL_ENDING key statement', false);
    const flow = Promise.all([
      world.release('XA', 'bilateral', 4),
      world.release('XB', 'bilateral', 4),
      world.release('XC', 'open', 2),
    ]);
    passUntil(YEAR + 0.5);
    await flow;
    await untilAlarm('XB', 'CREDENTIAL_ENDED key statement');
    await world.release('XA', 'flash', 2);
    await world.release('XB', 'flash', 2);
    expect(await waitingAt('XB')).toBeGreaterThan(0);

    await run('XB', 'keys', 'rotate', '--dir', dir('XB'));
    await untilAlarm('XB', 'CREDENTIAL_ENDED key statement', false);
    expect(await untilQuiet(world)).toBeUndefined();
  });

  test('a roster that ended carries on for its grace, and the next one ends the alarm everywhere', async () => {
    for (const id of NODES) await untilAlarm(id, `ROSTER_EXPIRED ${id}`);
    const flow = Promise.all(NODES.map((id) => world.release(id, 'open', 3)));
    const next = join(world.federation.dir, 'roster-2.bin');
    const digest = world.federation.federation.networkDigest;
    await run(
      'XA',
      'network',
      'propose',
      join(dir('XA'), 'roster-history.bin'),
      '--network-digest',
      digest,
      '--out',
      next,
    );
    for (const id of ['XA', 'XB'] as const) await run(id, 'network', 'sign', next, '--dir', dir(id));
    await run('XA', 'network', 'adopt', next, '--dir', dir('XA'));
    for (const id of NODES) await untilAlarm(id, `ROSTER_EXPIRED ${id}`, false);
    await flow;
    expect(await untilQuiet(world)).toBeUndefined();
  });

  test('and the whole year keeps every promise', async () => {
    expect(world.notes).toEqual([]);
    expect(await judgeEnd(world)).toEqual([]);
  });
});
