/** A partner's log that does not go on, or of which an old state is shown (T29). */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { LogFreshness } from '../../../src/exchange/log-freshness.ts';
import { baselinePolicy } from '../../../src/policy/index.ts';
import { type Federation, makeFederation } from '../../support/authority.ts';
import { QUICK, TestNetwork, type TestNode } from '../../support/exchange-network.ts';

const NODES = ['XA', 'XB', 'XC'].map((node) => ({ node, groups: ['sac'] }));
const STALE_MS = 30 * 60_000;

let federation: Federation;
let network: TestNetwork;
beforeAll(async () => {
  // A witness is shown every tick; here nobody is one.
  federation = await makeFederation({ nodes: NODES, baselinePolicy: baselinePolicy(), witnesses: [] });
});
afterAll(() => federation[Symbol.asyncDispose]());
afterEach(() => network.close());

async function three(freshness = {}) {
  const witness = { leastMs: 50, lookMs: 100 };
  network = await TestNetwork.create({ nodes: NODES, options: { ...QUICK, witness, freshness } }, federation);
  await network.start();
  const [xa, xb] = [network.of('XA'), network.of('XB')];
  const origin = xa.ledger.origins.live;
  await network.until(
    'XB knows the log of XA',
    async () => (await xb.store.read((tx) => tx.ledger.newestTied(origin))) !== undefined,
  );
  return { xa, xb, origin };
}

const stale = async (node: TestNode, origin: string) => {
  const { items } = await node.store.read((tx) =>
    tx.alarms.list({ code: 'STALE_LOG', open: true, limit: 50 }),
  );
  return items.find(({ subject }) => subject === origin);
};

describe('a log of a partner', () => {
  test('is stale when no checkpoint younger than the limit is known, and no longer when one is', async () => {
    const { xb, origin } = await three();
    for (const node of network.nodes.values()) await node.stop();
    const clock = { ms: network.clock.nowMs(), nowMs: () => clock.ms };
    const told: string[] = [];
    const events = { alarm: ({ code }: { code: string }) => void told.push(code) };
    const { store, directory } = xb;
    const freshness = new LogFreshness({ store, directory, clock, events }, { staleMs: STALE_MS, lookMs: 1 });
    const lookAfter = async (ms: number) => {
      clock.ms += ms;
      await freshness.look();
      return (await stale(xb, origin)) !== undefined;
    };
    expect(await lookAfter(0)).toBe(false);
    expect(await lookAfter(STALE_MS - 1_000)).toBe(false);
    // Checkpoints carry whole seconds.
    expect(await lookAfter(2_000), 'past the limit').toBe(true);
    expect(told).toContain('STALE_LOG');
    expect((await stale(xb, origin))?.detail).toContain(
      'the newest checkpoint of XA known here was signed at',
    );
    const toldSoFar = told.length;
    expect(await lookAfter(60_000), 'it stays').toBe(true);
    expect(told, 'once').toHaveLength(toldSoFar);
    expect(await lookAfter(-STALE_MS), 'the clock was put right').toBe(false);

    // What this process missed while it did not run is no fault of the log.
    const later = new LogFreshness({ store, directory, clock, events }, { staleMs: STALE_MS, lookMs: 1 });
    clock.ms += 5 * STALE_MS;
    await later.look();
    expect(await stale(xb, origin), 'just started').toBeUndefined();
    clock.ms += STALE_MS;
    await later.look();
    expect(await stale(xb, origin), 'it had its time').toBeDefined();
  });

  test('that a partner never shows is stale though it is heard', async () => {
    network = await TestNetwork.create({ nodes: NODES }, federation);
    const xb = network.of('XB');
    const { signedStatement, statement } = federation.of('XC');
    const { store, directory } = xb;
    expect(await directory.judgeAndKeep('XC', signedStatement)).toMatchObject({ ok: true });
    const origin = statement.statement.logOrigin;
    const clock = { ms: network.clock.nowMs(), nowMs: () => clock.ms };
    const freshness = new LogFreshness(
      { store, directory, clock, events: {} },
      { staleMs: STALE_MS, lookMs: 1 },
    );
    await freshness.look();
    clock.ms += STALE_MS;
    await freshness.look();
    expect(await stale(xb, origin), 'it has not begun yet').toBeUndefined();
    freshness.heard('XC');
    await freshness.look();
    clock.ms += STALE_MS;
    await freshness.look();
    expect((await stale(xb, origin))?.detail).toContain('XC shows no checkpoint of its log');
  });

  test('is stale where an old head of it is shown again and again, validly signed', async () => {
    const { xa, xb, origin } = await three({ staleMs: STALE_MS, lookMs: 50 });
    // Mail carries checkpoints too: none is under way any more.
    await network.until('all is receipted', async () =>
      (await Promise.all([...network.nodes.values()].map((node) => node.unclosed()))).every(
        (open) => open === 0,
      ),
    );
    const head = await xb.store.read((tx) => tx.ledger.newestTied(origin));
    if (!head) return expect.unreachable('XA has shown a head');
    // XA, and whoever speaks of its log, shows the head of now for ever; its heartbeats go on.
    const old = { origin, size: head.size, root: Buffer.from(head.root) };
    network.heartbeat = (from, claims) => {
      if (from === 'XA') claims.ownLogs = claims.ownLogs.map((log) => (log.origin === origin ? old : log));
      claims.logs = claims.logs.filter((log) => log.origin !== origin);
    };
    // What was asked for before that is answered by now: the view stays as it is over several heartbeats.
    const known = async () => (await xb.store.read((tx) => tx.ledger.newestTied(origin)))?.size;
    const heardSince = (atMs: number) =>
      network.until('XA is heard', () => (xb.exchange.pulse('XA').heardAt ?? 0) > atMs + 800);
    for (let before: bigint | undefined; before !== (await known()); ) {
      before = await known();
      await heardSince(network.clock.nowMs());
    }
    network.clock.skewMs += STALE_MS + 60_000;
    const jumpedAt = network.clock.nowMs();
    const signsOn = async () =>
      ((await xa.store.read((tx) => tx.ledger.newestCheckpoint(origin, 'tick')))?.at ?? 0) > jumpedAt;
    await network.until('XA signs on', signsOn);
    await network.until('XB tells', async () => (await stale(xb, origin)) !== undefined);
    await heardSince(jumpedAt);
    expect(await stale(xb, origin)).toBeDefined();
    network.heartbeat = () => undefined;
    await network.until('XB takes it back', async () => (await stale(xb, origin)) === undefined);
  });
});
