/** A node that hears nobody for three days: personal facets stay closed until recalls are here (R14, domain scenario 21). */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemRandom } from '../../../src/base/clock.ts';
import { MemberStatus } from '../../../src/gen/tocsin/record/v1/identity.ts';
import { RecallReason } from '../../../src/gen/tocsin/record/v1/recall.ts';
import { createLifecycle } from '../../../src/lifecycle/index.ts';
import { baselinePolicy } from '../../../src/policy/index.ts';
import type { SignedHeader } from '../../../src/record/index.ts';
import { type Federation, makeFederation, TEST_NOW_MS } from '../../support/authority.ts';
import { QUICK, TestNetwork, type TestNode } from '../../support/exchange-network.ts';
import { DELIVER } from '../../support/memory-mail.ts';
import { nextVersion } from '../../support/roster-line.ts';

const NODES = ['XA', 'XC', 'XD'].map((node) => ({ node, groups: ['adequate', 'sac'] }));
const HOUR_MS = 3_600_000;

let federation: Federation;
let net: TestNetwork;
let xa: TestNode;
let xc: TestNode;
let xd: TestNode;

beforeAll(async () => {
  federation = await makeFederation({ nodes: NODES, baselinePolicy: baselinePolicy() });
});
afterAll(() => federation[Symbol.asyncDispose]());
beforeEach(async () => {
  net = await TestNetwork.create({ nodes: NODES, options: { ...QUICK, cutOff: { lookMs: 20 } } }, federation);
  [xa, xc, xd] = [net.of('XA'), net.of('XC'), net.of('XD')];
  await net.start();
});
afterEach(() => net.close());

const until = (what: string, holds: () => Promise<boolean> | boolean) => net.until(what, holds, 60_000);

const stateAtXd = async ({ digest }: SignedHeader) =>
  (await xd.store.read((tx) => tx.records.byDigest(digest)))?.state;

const heldByXd = async (): Promise<SignedHeader> => {
  const signed = await xa.release();
  await until('XD holds it', async () => (await stateAtXd(signed)) === 'released');
  return signed;
};

const recall = ({ digest }: SignedHeader) =>
  createLifecycle({
    store: xa.store,
    policy: () => xa.policy,
    ledger: xa.ledger,
    exchange: xa.exchange,
    self: {
      node: 'XA',
      network: federation.network,
      logOrigin: (world) => xa.ledger.origins[world],
    },
    clock: xa.clock,
    random: systemRandom,
  }).recall({
    officer: { fingerprint: 'aa01', name: 'Anna', deskGroup: 2 },
    headerDigest: digest,
    reason: RecallReason.RECALL_REASON_ERROR,
    mustPurge: true,
  });

/** Nothing reaches XD, nothing leaves it, and what was under way has ended. */
async function cut(): Promise<void> {
  xd.reachable = false;
  net.mail.fate = (mail) =>
    mail.recipient === 'XD' || mail.sender === 'XD' ? { copies: 0, behind: 0 } : DELIVER;
  await until('both ends notice', () =>
    [xa, xc].every(
      ({ self, exchange }) => exchange.pulse('XD').failures > 0 && xd.exchange.pulse(self).failures > 0,
    ),
  );
}

function mend(): void {
  net.mail.fate = () => DELIVER;
  xd.reachable = true;
}

const locks = (originator: string, ...senders: string[]) => xd.exchange.locks(originator, senders);

const openAlarms = () =>
  xd.store.read(async (tx) => (await tx.alarms.list({ code: 'CUT_OFF', open: true })).items);

const audited = () =>
  xd.store.read(async (tx) =>
    (await tx.audit.list({ subject: 'XD', limit: 50 })).items.map(({ action }) => action).reverse(),
  );

describe('a node that hears nobody', () => {
  test('for 71 hours locks nothing, for five days what is of partners, until recalls queued meanwhile are here', async () => {
    const signed = await heldByXd();
    expect([locks('XA'), locks('XC', 'XA'), locks('XD')]).toEqual([false, false, false]);
    await cut();
    net.clock.skewMs += 71 * HOUR_MS;
    expect(locks('XA')).toBe(false);
    // XA has not heard XD since it started: its recall is queued, and in no sequence that a heartbeat could name.
    await xa.restart();
    await recall(signed);
    net.clock.skewMs += 49 * HOUR_MS;
    expect([locks('XA'), locks('XC'), locks('XD')]).toEqual([true, true, false]);
    await until('people are told', async () => (await openAlarms()).length === 1);
    expect((await openAlarms())[0]).toMatchObject({ subject: 'XD', detail: expect.stringContaining('R14') });
    expect(xd.exchange.cutOff()).toMatchObject({ isCutOff: true });
    expect(await stateAtXd(signed)).toBe('released');

    mend();
    await until('XA is caught up with', () => !locks('XA'));
    // At this very moment, not eventually: from now on it is read.
    expect(await stateAtXd(signed)).toBe('recalled');
    await until('nobody is waited for', async () => (await openAlarms()).length === 0);
    expect(xd.exchange.cutOff()).toMatchObject({ isCutOff: false, waitingFor: [] });
    expect(await audited()).toEqual(['reads.locked', 'reads.unlocked']);
  });

  test('stays locked over restarts and a clock that is set back, and opens partner by partner', async () => {
    await cut();
    net.clock.skewMs += 80 * HOUR_MS;
    await xd.restart();
    net.clock.skewMs -= 70 * HOUR_MS;
    expect([locks('XA'), locks('XC')]).toEqual([true, true]);
    await xd.restart();
    expect([locks('XA'), locks('XC')]).toEqual([true, true]);

    xc.reachable = false;
    mend();
    await until('XA is caught up with', () => !locks('XA'));
    expect(xd.exchange.cutOff()).toMatchObject({ isCutOff: false, waitingFor: ['XC'] });
    // What XC passed on may have been recalled by way of XC.
    expect([locks('XC'), locks('XA', 'XC')]).toEqual([true, true]);
    await xd.restart();
    expect([locks('XA'), locks('XC')]).toEqual([false, true]);
    xc.reachable = true;
    await until('XC is caught up with', () => !locks('XC'));
  });

  test('whose clock is set back before it locks cannot tell for how long, and locks', async () => {
    await cut();
    net.clock.skewMs += 60 * HOUR_MS;
    await xd.restart();
    expect(locks('XA')).toBe(false);
    net.clock.skewMs -= 40 * HOUR_MS;
    expect(locks('XA')).toBe(true);
    await xd.restart();
    expect(locks('XA')).toBe(true);
    mend();
    await until('partners open it', () => !locks('XA') && !locks('XC'));
  });

  test('does not wait for ever: not for a partner as silent for as long again, nor for one that is suspended', async () => {
    await cut();
    net.clock.skewMs += 80 * HOUR_MS;
    expect(locks('XC')).toBe(true);
    xc.reachable = false;
    mend();
    const heard = () =>
      until('XA is heard', () => net.clock.nowMs() - xd.exchange.cutOff().heardAt < HOUR_MS);
    await heard();
    await until('XA is caught up with', () => !locks('XA'));
    net.clock.skewMs += 37 * HOUR_MS;
    await heard();
    expect(locks('XC')).toBe(true);
    net.clock.skewMs += 37 * HOUR_MS;
    await heard();
    expect(locks('XC')).toBe(false);
    await until('nobody is waited for', async () => (await openAlarms()).length === 0);

    await cut();
    net.clock.skewMs += 80 * HOUR_MS;
    mend();
    await until('XA is caught up with', () => !locks('XA'));
    expect(locks('XC')).toBe(true);
    const { signed } = await nextVersion(
      federation,
      federation.roster,
      { standings: { XC: [MemberStatus.MEMBER_STATUS_SUSPENDED, TEST_NOW_MS] } },
      ['XA', 'XD'],
    );
    expect(await xd.directory.adoptRosters([signed])).toMatchObject({ ok: true });
    expect(locks('XC')).toBe(false);
    expect(xd.exchange.cutOff().waitingFor).toEqual([]);
  });
});
