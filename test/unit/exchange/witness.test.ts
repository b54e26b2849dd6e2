/** Logs of whole nodes, cosigned by others, tied to one view, and caught where they show two histories. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { hex } from '../../../src/base/bytes.ts';
import { systemRandom } from '../../../src/base/clock.ts';
import {
  collectEvidence,
  createLedger,
  isSeenBefore,
  judgeEvidence,
  judgeMisconduct,
  keepPartnerCheckpoint,
  witnessRuleOf,
} from '../../../src/ledger/index.ts';
import { baselinePolicy } from '../../../src/policy/index.ts';
import { reasonName } from '../../../src/record/index.ts';
import type { StoredCheckpoint } from '../../../src/store/index.ts';
import { RpcError, Status } from '../../../src/transport/index.ts';
import { type Federation, makeFederation } from '../../support/authority.ts';
import { QUICK, TestNetwork, type TestNode } from '../../support/exchange-network.ts';
import { temporaryStore } from '../../support/temporary-store.ts';

const NODES = ['XA', 'XB', 'XC', 'XD'].map((node) => ({ node, groups: ['sac'] }));

/** For what stalls, never for what is slow. */
const STALL_MS = 60_000;

let federation: Federation;
let network: TestNetwork;

beforeAll(async () => {
  const witnesses = [{ node: 'XA', witnesses: ['XB', 'XC'], threshold: 2 }];
  federation = await makeFederation({ nodes: NODES, baselinePolicy: baselinePolicy(), witnesses });
});
afterAll(() => federation[Symbol.asyncDispose]());
afterEach(() => network.close());

const patiently = (what: string, holds: () => Promise<boolean> | boolean) =>
  network.until(what, holds, STALL_MS);

async function four(witness: { limitMs?: number } = {}, heartbeat: object = {}) {
  const options = {
    ...QUICK,
    heartbeat: { ...QUICK.heartbeat, ...heartbeat },
    witness: { leastMs: 100, retryMs: 100, retryMaxMs: 300, lookMs: 300, ...witness },
  };
  network = await TestNetwork.create({ nodes: NODES, options }, federation);
  return {
    net: network,
    xa: network.of('XA'),
    xb: network.of('XB'),
    xc: network.of('XC'),
    xd: network.of('XD'),
  };
}

const liveOf = (node: TestNode): string => node.ledger.origins.live;
const ruleOfXa = () => witnessRuleOf(federation.roster.roster, federation.network, 'XA');

const openAlarms = async (node: TestNode) =>
  (await node.store.read((tx) => tx.alarms.list({ limit: 100, open: true }))).items;

const witnessedSize = (node: TestNode) => {
  const { names: witnesses, threshold } = ruleOfXa();
  return node.store.read((tx) =>
    tx.ledger.witnessedSize({ origin: liveOf(network.of('XA')), witnesses, threshold, which: 'newest' }),
  );
};

async function evidenceAt(node: TestNode, headerDigest: Uint8Array) {
  const { ledger } = node;
  const options = { ledger, network: federation.network, headerDigest };
  const files = await node.store.read((tx) => collectEvidence(tx, options));
  const verdict = judgeEvidence({ files, networkDigest: federation.network });
  if (!verdict.ok) throw new Error(`${reasonName(verdict.reason)}: ${verdict.detail}`);
  return verdict.value;
}

/** Cheap, so that asking often does not keep the nodes from their work. */
async function isWitnessedAt(node: TestNode, headerDigest: Uint8Array): Promise<boolean> {
  const { names: witnesses, threshold } = ruleOfXa();
  const logOrigin = liveOf(network.of('XA'));
  return node.store.read(async (tx) => {
    const [record] = await tx.records.byDigests([headerDigest]);
    if (record?.leafIndex === undefined) return false;
    const query = { origin: logOrigin, witnesses, threshold, which: 'newest' } as const;
    if (node.self === 'XA') return ((await tx.ledger.witnessedSize(query)) ?? 0n) > record.leafIndex;
    const open = await tx.records.unproved({ logOrigin, lacks: 'witnesses', after: 0n, limit: 500 });
    return open.every((one) => one.position !== record.position);
  });
}

/** A second history of XA's log, signed by its own keys: what a copy of its folder would sign. */
async function otherHistory(ticks: number): Promise<readonly StoredCheckpoint[]> {
  const { keyring, statement } = federation.of('XA');
  await using held = await temporaryStore();
  const ledger = createLedger({
    store: held.store,
    keyring,
    origins: { live: statement.statement.logOrigin, exercise: statement.statement.exerciseLogOrigin },
    clock: network.clock,
    random: systemRandom,
    tickMs: 50,
    quota: 1,
  });
  const made: StoredCheckpoint[] = [];
  for (let tick = 0; tick < ticks; tick++) made.push(...(await ledger.sequence('live')));
  return made;
}

/** XD has a view of XA's log; and a checkpoint that XA cannot prove. */
async function withView() {
  const { net, xa, xd } = await four({ limitMs: 300 });
  const other = await otherHistory(3);
  await net.start();
  await patiently('XD has a view', async () => {
    const view = await xd.store.read((tx) => tx.ledger.newestTied(liveOf(xa)));
    return view !== undefined;
  });
  return { xa, xd, far: { ...(other.at(-1) as StoredCheckpoint), size: 1_000_003n } };
}

const keepAt = (node: TestNode, checkpoint: StoredCheckpoint | undefined) => {
  if (!checkpoint) throw new Error('expected a checkpoint');
  const judged = { checkpoint: { ...checkpoint, origin: checkpoint.log }, note: checkpoint.note };
  return node.store.write((tx) => keepPartnerCheckpoint(tx, 'XA', judged, node.clock.nowMs()));
};

describe('a log with witnesses', () => {
  test('has its records signed at once, then witnessed by the threshold, at home and at each recipient', async () => {
    const { net, xa, xb, xd } = await four();
    await net.start();
    const signed = await xa.release();
    await patiently('XD has it', async () => (await xd.inbox()).includes(hex(signed.digest)));
    for (const node of [xa, xb, xd]) {
      await patiently(`it is witnessed at ${node.self}`, () => isWitnessedAt(node, signed.digest));
      expect(await evidenceAt(node, signed.digest)).toMatchObject({
        witnesses: ['XB', 'XC'],
        witnessThreshold: 2,
        warnings: [],
      });
    }
    const [record] = await xd.store.read((tx) => tx.records.byDigests([signed.digest]));
    expect(record?.tied).toBe(true);
    for (const node of [xa, xb, xd]) expect((await openAlarms(node)).map(({ code }) => code)).toEqual([]);
  });

  test('shows who saw a checkpoint before an instant: its witnesses, and this node by what it is tied to', async () => {
    const { net, xa, xd } = await four();
    await net.start();
    const before = net.clock.nowMs() - 1_000;
    const signed = await xa.release();
    await patiently('XD has it witnessed', () => isWitnessedAt(xd, signed.digest));
    const { checkpointSize } = await evidenceAt(xd, signed.digest);
    const assignment = federation.roster.roster.witnesses.find(({ node }) => node === 'XA');
    const ask = (from: number, change: object = {}) =>
      xd.store.read(async (tx) => {
        const known = await tx.ledger.knownLog(liveOf(xa), checkpointSize);
        if (!known) throw new Error('expected the checkpoint to be known');
        return isSeenBefore(tx, { ...known, ...change }, from, assignment);
      });
    const later = net.clock.nowMs() + 60_000;
    expect(await ask(later)).toBe(true);
    expect(await ask(before)).toBe(false);
    expect(await ask(later, { size: 10_000n }), 'a tree not known here').toBe(false);
    expect(await ask(later, { root: new Uint8Array(32) }), 'another root').toBe(false);
  });

  test('raises an alarm where a witness stays away, and takes it back when it returns', async () => {
    const { net, xa, xc, xd } = await four({ limitMs: 400 });
    xc.reachable = false;
    for (const node of net.nodes.values()) node.start();
    await patiently('XA tells', async () =>
      (await openAlarms(xa)).some(({ code }) => code === 'UNWITNESSED'),
    );
    const alarm = (await openAlarms(xa)).find(({ code }) => code === 'UNWITNESSED');
    expect(alarm?.detail).toContain('XC');
    const signed = await xa.release();
    await patiently('it is usable all the same', async () => (await xd.inbox()).includes(hex(signed.digest)));
    await patiently('its recipient tells too', async () =>
      (await openAlarms(xd)).some(({ code, subject }) => code === 'UNWITNESSED' && subject === liveOf(xa)),
    );
    xc.reachable = true;
    for (const node of [xa, xd])
      await patiently(`${node.self} takes it back`, async () =>
        (await openAlarms(node)).every(({ code }) => code !== 'UNWITNESSED'),
      );
  });

  test('is cosigned by members whom the roster names for it, and by no other', async () => {
    const { net, xa } = await four();
    await net.start();
    await patiently('there is a checkpoint', async () => (await witnessedSize(xa)) !== undefined);
    const newest = await xa.store.read((tx) => tx.ledger.newestCheckpoint(liveOf(xa), 'tick'));
    const asked = net
      .of('XD')
      .exchange.witnessHandlers.addCheckpoint(
        { oldSize: 0n, consistencyProof: [], checkpoint: Buffer.from(newest?.note ?? []) },
        { peer: 'XA' } as never,
      );
    await expect(asked).rejects.toSatisfy(
      (error) => error instanceof RpcError && error.status === Status.NOT_FOUND,
    );
  });
});

describe('a log that shows two histories', () => {
  const forkAt = (node: TestNode) => async () =>
    (await openAlarms(node)).some(
      ({ code, subject }) => code === 'LOG_FORK' && subject === liveOf(network.of('XA')),
    );
  const convicts = async (node: TestNode) => {
    const alarm = (await openAlarms(node)).find(({ code }) => code === 'LOG_FORK');
    return judgeMisconduct({ bytes: alarm?.evidence ?? new Uint8Array(), networkDigest: federation.network });
  };

  test('is caught by heartbeats of two partners, with the file that convicts', async () => {
    const { net, xa, xb, xd } = await four();
    await net.start();
    await patiently('XB, its witness, knows its ticks', async () => {
      const sizes = await xb.store.read((tx) => tx.ledger.knownSizes(liveOf(xa), 1_000));
      return sizes.length > 3 && (sizes[0] ?? 0n) > 6n;
    });
    await xa.stop();
    xa.reachable = false;
    // Each was shown another one: as by two copies of XA's folder, of which each reaches one of them.
    const [atXb, atXd] = await Promise.all(
      [xb, xd].map((node) => node.store.read((tx) => tx.ledger.knownSizes(liveOf(xa), 1_000))),
    );
    const size = Math.max(...[...(atXb ?? []), ...(atXd ?? [])].map(Number)) + 1;
    const [toXb, toXd] = [await otherHistory(size), await otherHistory(size)];
    await keepAt(xb, toXb.at(-1));
    await keepAt(xd, toXd.at(-1));
    const told = async () => (await forkAt(xb)()) || (await forkAt(xd)());
    await patiently('one of the two tells', told);
    const teller = (await forkAt(xb)()) ? xb : xd;
    expect(await convicts(teller)).toMatchObject({ ok: true, value: { deed: 'log-fork', culprits: ['XA'] } });
  });

  test('is caught within two ticks, a heartbeat a tick from each partner to each', async () => {
    const HOUR_MS = 3_600_000;
    // Nobody beats by himself after the first round: ticks are counted, not waited for.
    const { net, xa, xb, xc, xd } = await four({}, { recentMs: HOUR_MS, idleMs: HOUR_MS });
    const all = [...net.nodes.values()];
    for (const node of all) node.start();
    await patiently('everyone knows everyone', async () => {
      for (const node of all) for (const peer of all) if (peer !== node) await node.exchange.ask(peer.self);
      return all.every(({ directory }) => all.every(({ self }) => directory.prekeysOf(self) !== undefined));
    });
    await xa.stop();
    xa.reachable = false;
    const TICKS = 12;
    const seen = await Promise.all(
      [xb, xc, xd].map((node) => node.store.read((tx) => tx.ledger.knownSizes(liveOf(xa), 1_000))),
    );
    const first = Math.max(0, ...seen.flat().map(Number)) + 1;
    const [toXb, toXd] = [await otherHistory(first + TICKS + 2), await otherHistory(first + TICKS + 2)];
    // A tick before the partners meet each has its own history; what XD was shown is one tick ahead.
    await keepAt(xb, toXb[first]);
    await keepAt(xd, toXd[first]);
    await keepAt(xd, toXd[first + 1]);
    let asked = 0;
    net.heartbeat = () => void asked++;
    const partners = [xb, xc, xd];
    let ticks = 0;
    while (!(await forkAt(xb)()) && !(await forkAt(xd)()) && ticks < TICKS) {
      ticks++;
      await keepAt(xb, toXb[first + ticks]);
      await keepAt(xd, toXd[first + ticks + 1]);
      for (const node of partners)
        for (const peer of partners)
          if (peer !== node)
            expect(await node.exchange.ask(peer.self), `${node.self} to ${peer.self}`).toBe(true);
    }
    expect(ticks).toBeGreaterThan(0);
    expect(ticks, 'ticks until one of the two tells').toBeLessThanOrEqual(2);
    // Requests and answers of six heartbeats a tick: nothing else was said meanwhile.
    expect(asked).toBe(2 * 6 * ticks);
    const teller = (await forkAt(xb)()) ? xb : xd;
    expect(await convicts(teller)).toMatchObject({ ok: true, value: { deed: 'log-fork', culprits: ['XA'] } });
  });

  test('is caught by its witness, which refuses and keeps the proof', async () => {
    const { net, xa, xb } = await four();
    await net.start();
    await patiently('XB has cosigned', async () => ((await witnessedSize(xa)) ?? 0n) >= 4n);
    const other = await otherHistory(6);
    // Of a size that this witness has seen itself: two roots for it need no further proof.
    let last: StoredCheckpoint | undefined;
    await net.until('XB knows a size of both', async () => {
      const known = new Set(await xb.store.read((tx) => tx.ledger.knownSizes(liveOf(xa), 1_000)));
      last = other.findLast(({ size }) => known.has(size));
      return last !== undefined;
    });
    const answer = net
      .of('XB')
      .exchange.witnessHandlers.addCheckpoint(
        { oldSize: 0n, consistencyProof: [], checkpoint: Buffer.from(last?.note ?? []) },
        { peer: 'XA' } as never,
      );
    // C2SP's order: the old size is wrong first. The note convicts all the same.
    expect((await answer).lastSize).toBeGreaterThan(0n);
    await patiently('XB tells', forkAt(xb));
    expect(await convicts(xb)).toMatchObject({ ok: true, value: { deed: 'log-fork', culprits: ['XA'] } });
  });

  test('is caught by its own proof where a partner was shown a checkpoint of the other one', async () => {
    const { net, xa, xd } = await four();
    const other = await otherHistory(7);
    await net.start();
    await patiently('XD has a view', async () => {
      const view = await xd.store.read((tx) => tx.ledger.newestTied(liveOf(xa)));
      return (view?.size ?? 0n) > 8n;
    });
    const known = new Set(await xd.store.read((tx) => tx.ledger.knownSizes(liveOf(xa), 1_000)));
    const shown = other.find(({ size }) => !known.has(size) && size > 2n && (size & (size - 1n)) !== 0n);
    if (!shown) return expect.unreachable('every size of the other history is known');
    await keepAt(xd, shown);
    await patiently('XD tells', forkAt(xd));
    expect(await convicts(xd)).toMatchObject({ ok: true, value: { deed: 'log-fork', culprits: ['XA'] } });
  });

  test('is an alarm where its owner proves nothing', async () => {
    const { xa, xd, far } = await withView();
    await xa.stop();
    xa.reachable = false;
    await keepAt(xd, far);
    await patiently('XD tells', async () => (await openAlarms(xd)).some(({ code }) => code === 'LOG_UNTIED'));
  });

  test('is no accusation where its owner lost the end of that log and declared a restart', async () => {
    const { xa, xd, far } = await withView();
    await xa.keepCopy();
    xa.reachable = false;
    await keepAt(xd, far);
    const tells = async (code: string) => (await openAlarms(xd)).some((alarm) => alarm.code === code);
    await patiently('XD tells', () => tells('LOG_UNTIED'));
    xa.reachable = true;
    await xa.putBack({ declared: true });
    await patiently('XD takes that back', async () => !(await tells('LOG_UNTIED')));
    expect(await tells('LOG_TAIL_LOST')).toBe(true);
  });
});

test('a store that was put back is found out by what partners hold of its log, before it shows another', async () => {
  const { net, xa, xb } = await four();
  const other = await otherHistory(200);
  await keepAt(xb, other.at(-1));
  await net.start();
  await patiently('XA stops', async () => (await openAlarms(xa)).some(({ code }) => code === 'STORE_BEHIND'));
  expect((await openAlarms(xb)).map(({ code }) => code)).not.toContain('LOG_FORK');
});
