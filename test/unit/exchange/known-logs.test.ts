/** Bounds on what heartbeats say of third logs. */
import { expect, test } from 'vitest';
import { systemRandom } from '../../../src/base/clock.ts';
import { JUDGED, judgeKnownLogs, NAMED, sampleLogs } from '../../../src/exchange/known-logs.ts';
import type { PeerCalls } from '../../../src/exchange/ports.ts';
import { baselinePolicy } from '../../../src/policy/index.ts';
import { logOrigin } from '../../../src/record/index.ts';
import { makeFederation } from '../../support/authority.ts';
import { TestNetwork } from '../../support/exchange-network.ts';

const NODES = ['XA', 'XB'].map((node) => ({ node, groups: ['adequate', 'sac'] }));

test(`a heartbeat names ${NAMED} third logs at most, and of one ${JUDGED} entries are looked at`, async () => {
  await using federation = await makeFederation({ nodes: NODES, baselinePolicy: baselinePolicy() });
  await using net = await TestNetwork.create({ nodes: NODES }, federation);
  const { store, directory, ledger, clock } = net.of('XA');
  const logs = Array.from({ length: NAMED + 1 }, (_, n) => ({
    origin: logOrigin(federation.roster.net, `X${String.fromCharCode(67 + (n % 20))}`, 'live', n + 1),
    size: 5n,
    root: Buffer.alloc(32, n),
  }));
  await store.write(async (tx) => {
    for (const [n, log] of logs.entries())
      await tx.ledger.keepKnownLog({ ...log, node: `X${n}`, note: log.root, at: 1, tied: true });
  });
  const named = await store.read((tx) => sampleLogs(tx, systemRandom, 'XB'));
  expect(new Set(named.map(({ origin }) => origin)).size).toBe(NAMED);

  let looked = 0;
  const counting: typeof store = {
    ...store,
    read: (work) => {
      looked += 1;
      return store.read(work);
    },
  };
  const deps = {
    ...{ store: counting, directory, ledger, clock, events: {}, hearsay: new Map<string, number>() },
    callsTo: () => {
      throw new Error('nothing is asked of what is the same');
    },
    onBehind: () => undefined,
  };
  const [log] = logs;
  if (log === undefined) throw new Error('no log');
  const told = (count: number) => Array.from({ length: count }, () => log);
  for (const count of [JUDGED, JUDGED + 1]) {
    looked = 0;
    expect(await judgeKnownLogs(deps, 'XB', told(count))).toEqual([]);
    expect(looked).toBe(JUDGED);
  }
});

test('six third logs of sizes not known here are asked about at most, after one heartbeat', async () => {
  await using federation = await makeFederation({ nodes: NODES, baselinePolicy: baselinePolicy() });
  await using net = await TestNetwork.create({ nodes: NODES }, federation);
  const { store, directory, ledger, clock } = net.of('XA');
  const logs = Array.from({ length: 7 }, (_, n) => ({
    origin: logOrigin(federation.roster.net, 'XC', 'live', n + 1),
    size: 5n,
    root: Buffer.alloc(32, n),
  }));
  await store.write(async (tx) => {
    for (const log of logs)
      await tx.ledger.keepKnownLog({ ...log, node: 'XC', note: log.root, at: 1, tied: true });
  });
  const askedOf = async (count: number) => {
    let asked = 0;
    const calls: Pick<PeerCalls, 'getCheckpoints'> = {
      getCheckpoints: async () => {
        asked += 1;
        return { checkpoints: [] };
      },
    };
    const deps = { store, directory, ledger, clock, events: {}, hearsay: new Map<string, number>() };
    const told = logs.slice(0, count).map((log) => ({ ...log, size: 6n }));
    await judgeKnownLogs(
      { ...deps, callsTo: () => calls as PeerCalls, onBehind: () => undefined },
      'XB',
      told,
    );
    return asked;
  };
  expect([await askedOf(6), await askedOf(7)]).toEqual([6, 6]);
});
