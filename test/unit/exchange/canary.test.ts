/** Records about nothing between two whole nodes: what they show, and that nobody is shown them. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { baselinePolicy } from '../../../src/policy/index.ts';
import { type Federation, makeFederation } from '../../support/authority.ts';
import { QUICK, TestNetwork } from '../../support/exchange-network.ts';

const NODES = [
  { node: 'XA', groups: ['sac'] },
  { node: 'XB', groups: ['sac'] },
];
const HOUR_MS = 3_600_000;

let federation: Federation;
let network: TestNetwork;

beforeAll(async () => {
  federation = await makeFederation({ nodes: NODES, baselinePolicy: baselinePolicy() });
});
afterAll(() => federation[Symbol.asyncDispose]());
afterEach(() => network.close());

async function pair(canary: { everyMs: number; lateMs: number }) {
  network = await TestNetwork.create({ nodes: NODES, options: { ...QUICK, canary } }, federation);
  return { net: network, xa: network.of('XA'), xb: network.of('XB') };
}

test('a canary goes the whole way and comes back receipted, and the partner shows it to nobody', async () => {
  const { net, xa, xb } = await pair({ everyMs: HOUR_MS, lateMs: HOUR_MS });
  await net.start();
  const trip = await xa.exchange.canary('XB', 10_000);
  expect(trip?.tookMs).toBeGreaterThan(0);
  expect(await xa.outbox()).toEqual({ receipted: 1 });
  expect(await xb.inbox()).toEqual([]);
});

test('canaries go out by themselves, one at a time', async () => {
  const { net, xa } = await pair({ everyMs: 200, lateMs: HOUR_MS });
  await net.start();
  await net.until('two came back', async () => ((await xa.outbox()).receipted ?? 0) >= 2);
  expect(await xa.alarms()).toEqual([]);
});

test('one that gets no receipt is told to people, and taken back when it gets it', async () => {
  const { net, xa, xb } = await pair({ everyMs: HOUR_MS, lateMs: 300 });
  const openAlarms = async () =>
    (await xa.store.read((tx) => tx.alarms.list({ limit: 10, open: true }))).items.map(({ code }) => code);
  await net.start();
  net.mail.fate = ({ recipient }) => ({ copies: recipient === 'XB' ? 0 : 1, behind: 0 });
  // Else the partner would ask for what its mailbox lacks as soon as a heartbeat tells of it.
  xb.reachable = false;
  expect(await xa.exchange.canary('XB', 200), 'none came in time').toBeUndefined();
  await net.until('the alarm is raised', async () => (await openAlarms()).includes('CANARY_LATE'));
  await xa.exchange.canary('XB', 0);
  const { sent = 0, waiting = 0 } = await xa.outbox();
  expect(sent + waiting, 'no second one while the first is under way').toBe(1);
  net.mail.fate = () => ({ copies: 1, behind: 0 });
  xb.reachable = true;
  await net.until('it is cleared', async () => !(await openAlarms()).includes('CANARY_LATE'), 15_000);
});
