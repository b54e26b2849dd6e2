/** Rosters between whole nodes: how versions come into force, what a standing means for what waits and what comes, forks. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { hex } from '../../../src/base/bytes.ts';
import { systemRandom } from '../../../src/base/clock.ts';
import { HELD_OF_ONE } from '../../../src/exchange/inbox.ts';
import { ExchangeServiceDefinition } from '../../../src/gen/tocsin/exchange/v1/exchange_service.ts';
import { MemberStatus, type SignedRoster } from '../../../src/gen/tocsin/record/v1/identity.ts';
import { Priority } from '../../../src/gen/tocsin/record/v1/marking.ts';
import { RecallReason } from '../../../src/gen/tocsin/record/v1/recall.ts';
import {
  createStatement,
  Keyring,
  ROSTER_GRACE_MS,
  ROSTER_WARNING_MS,
  type VerifiedRoster,
} from '../../../src/identity/index.ts';
import { judgeMisconduct } from '../../../src/ledger/index.ts';
import { createLifecycle } from '../../../src/lifecycle/index.ts';
import { baselinePolicy } from '../../../src/policy/index.ts';
import { reasonName, type SignedHeader } from '../../../src/record/index.ts';
import { clientOf } from '../../../src/transport/index.ts';
import { type Federation, makeFederation, TEST_NOW_MS } from '../../support/authority.ts';
import { QUICK, TestNetwork, type TestNode } from '../../support/exchange-network.ts';
import { DELIVER } from '../../support/memory-mail.ts';
import { ParcelForge } from '../../support/parcel-forge.ts';
import { type NextRoster, nextVersion, type Signer } from '../../support/roster-line.ts';

// Several rounds of whole nodes a test: the limit is for stalls.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const NODES = ['XA', 'XB', 'XC'].map((node) => ({ node, groups: ['adequate', 'sac'] }));
const {
  MEMBER_STATUS_ACTIVE: ACTIVE,
  MEMBER_STATUS_SUSPENDED: SUSPENDED,
  MEMBER_STATUS_EXPELLED: EXPELLED,
} = MemberStatus;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const OPTIONS = { ...QUICK, inbox: { ...QUICK.inbox, behindMs: 300 } };

let federation: Federation;
let net: TestNetwork;
let xa: TestNode;
let xb: TestNode;
let xc: TestNode;

beforeAll(async () => {
  federation = await makeFederation({ nodes: NODES, baselinePolicy: baselinePolicy() });
});
afterAll(() => federation[Symbol.asyncDispose]());
beforeEach(() => open());
afterEach(() => net.close());

async function open(more: Partial<Parameters<typeof TestNetwork.create>[0]> = {}): Promise<void> {
  net = await TestNetwork.create({ nodes: NODES, options: OPTIONS, ...more }, federation);
  [xa, xb, xc] = [net.of('XA'), net.of('XB'), net.of('XC')];
}

const next = (
  changes: NextRoster,
  signers: readonly (string | Signer)[] = ['XA', 'XB'],
  before = federation.roster,
) => nextVersion(federation, before, changes, signers);

const adopt = async (node: TestNode, ...signed: readonly SignedRoster[]): Promise<string> => {
  const verdict = await node.directory.adoptRosters(signed);
  return verdict.ok ? 'believed' : reasonName(verdict.reason);
};

const to =
  (...nodes: string[]) =>
  (content: Parameters<NonNullable<NonNullable<Parameters<TestNode['release']>[1]>['edit']>>[0]) => ({
    ...content,
    marking: { ...content.marking, releasableTo: nodes },
  });

const rowsOf = (node: TestNode, signed: SignedHeader) =>
  node.store.read((tx) => tx.outbox.ofRecord(signed.digest));

const stateOf = async (node: TestNode, signed: SignedHeader, recipient: string): Promise<string> => {
  const row = (await rowsOf(node, signed)).find((one) => one.recipient === recipient);
  return row === undefined
    ? 'none'
    : [row.state, ...(row.resultReason ? [reasonName(row.resultReason)] : [])].join(' ');
};

const delivered = async (from: TestNode, ...nodes: string[]): Promise<SignedHeader> => {
  const signed = await from.release('warning', { edit: to(...nodes) });
  await net.until('it is delivered', async () => {
    const rows = await rowsOf(from, signed);
    return rows.length === nodes.length && rows.every(({ state }) => state === 'receipted');
  });
  return signed;
};

const everybodyUses = (version: bigint, ...nodes: readonly TestNode[]) =>
  net.until(`everybody uses version ${version}`, () =>
    nodes.every(({ directory }) => directory.roster().version === version),
  );

const openAlarms = (node: TestNode, code: string) =>
  node.store.read(async (tx) => (await tx.alarms.list({ code, open: true })).items);

const recall = (node: TestNode, signed: SignedHeader) =>
  createLifecycle({
    store: node.store,
    policy: () => node.policy,
    ledger: node.ledger,
    exchange: node.exchange,
    self: { node: node.self, network: federation.network, logOrigin: (world) => node.ledger.origins[world] },
    clock: node.clock,
    random: systemRandom,
  }).recall({
    officer: { fingerprint: 'aa01', name: 'Anna', deskGroup: 2 },
    headerDigest: signed.digest,
    reason: RecallReason.RECALL_REASON_ERROR,
    mustPurge: true,
  });

const facetsHeld = (node: TestNode, signed: SignedHeader) =>
  node.store.read(async (tx) => (await tx.records.facets(signed.digest)).length);

describe('a new version', () => {
  test('needs the threshold of the old and of the new governance keys, and partners fetch it by themselves', async () => {
    await net.start();
    const dir = await mkdtemp(join(tmpdir(), 'tocsin-next-key-'));
    const renewed = await Keyring.create(join(dir, 'keys'));
    const governance = federation.roster.roster.governance.flatMap((one) =>
      one.member === 'XC' ? [{ ...one, key: renewed.governance }] : one.member === 'XA' ? [one] : [],
    );
    const make = (...signers: (string | Signer)[]) =>
      nextVersion(federation, federation.roster, { governance, threshold: 2 }, signers).then(
        ({ signed }) => signed,
        (error: Error) => error.message,
      );
    const byNew: Signer = { member: 'XC', keyring: renewed };
    const byOld: Signer = { member: 'XB', byPrevious: true };
    // Who governs from now on may not appoint itself; who governed may not hand over to who does not agree.
    expect(await make('XA', byNew)).toMatch(/ROSTER_THRESHOLD.*2 distinct members by previous/);
    expect(await make('XA', byOld)).toMatch(/ROSTER_THRESHOLD.*2 distinct members by own/);
    const signed = await make('XA', byNew, byOld);
    if (typeof signed === 'string') throw new Error(signed);
    const short: SignedRoster = {
      ...signed,
      signatures: signed.signatures.filter(({ member }) => member !== 'XB'),
    };
    expect(await adopt(xa, short)).toBe('ROSTER_THRESHOLD');
    expect(xa.directory.roster().version).toBe(1n);
    expect(await adopt(xa, signed)).toBe('believed');
    await everybodyUses(2n, xb, xc);
    expect(await adopt(xb, federation.signedRoster)).toBe('ROSTER_ROLLBACK');
    await delivered(xa, 'XB', 'XC');
    await rm(dir, { recursive: true, force: true });
  });

  test('is what a node that was away opens with, without its partners', async () => {
    await net.start();
    const { signed } = await next({ threshold: 1 });
    expect(await adopt(xa, signed)).toBe('believed');
    await everybodyUses(2n, xb);
    xa.reachable = xc.reachable = false;
    await xb.restart();
    expect(xb.directory.roster().version).toBe(2n);
  });
});

describe('a suspended member', () => {
  const suspend = () => next({ standings: { XC: [SUSPENDED, xa.clock.nowMs()] } });

  test('gets nothing new, but recalls; what waits for it is withdrawn with the reason', async () => {
    await net.start();
    const before = await delivered(xa, 'XB', 'XC');
    xc.reachable = false;
    net.mail.outcome = (mail) => (mail.recipient === 'XC' ? 'unknown' : 'stored');
    await xa.stop();
    const waits = xa.assemble('warning', { edit: to('XB', 'XC') });
    await xa.commit([waits]);
    expect(await adopt(xa, (await suspend()).signed)).toBe('believed');
    expect(await stateOf(xa, waits.signed, 'XC')).toBe('withdrawn SUSPENDED');
    expect(await stateOf(xa, waits.signed, 'XB')).toBe('waiting');
    xc.reachable = true;
    net.mail.outcome = () => 'stored';
    await xa.restart();
    await everybodyUses(2n, xb, xc);
    const after = await xa.release('warning', { edit: to('XB', 'XC') });
    await recall(xa, before);
    await net.until('the recall is followed', async () => (await facetsHeld(xc, before)) === 0);
    await net.until('the purge receipt is here', async () => {
      const holders = await xa.store.read((tx) => tx.holders.holdersOf(before.digest, xa.clock.nowMs()));
      return holders.every(({ state }) => state === 'purged');
    });
    await net.until('the others go on', async () => (await stateOf(xa, after, 'XB')) === 'receipted');
    expect(await stateOf(xa, after, 'XC')).toBe('none');
    const held = [await xc.store.read((tx) => tx.records.byDigest(after.digest))];
    held.push(await xc.store.read((tx) => tx.records.byDigest(waits.signed.digest)));
    expect(held).toEqual([undefined, undefined]);
  });

  test('of it nothing is taken but recalls, each item with its own result, until it is reinstated', async () => {
    await net.start();
    const before = await delivered(xc, 'XA', 'XB');
    const { signed, roster } = await suspend();
    // The suspended one does not know yet, as if it did not want to.
    xc.reachable = false;
    expect(await adopt(xa, signed)).toBe('believed');
    await everybodyUses(2n, xb);
    const refused = await xc.release('warning', { edit: to('XA') });
    await net.until('it is refused', async () => (await xa.refusals()).includes('SUSPENDED'));
    expect(await xa.inbox()).not.toContain(hex(refused.digest));
    // The refusal itself comes under the newer roster: it waits until that is fetched.
    xc.reachable = true;
    await everybodyUses(2n, xc);
    await net.until('it learns why', async () => (await stateOf(xc, refused, 'XA')) === 'refused SUSPENDED');
    await net.until('it is told of itself', async () => (await openAlarms(xc, 'OWN_STANDING')).length === 1);
    expect((await openAlarms(xc, 'OWN_STANDING'))[0]?.detail).toMatch(/version 2 suspends this node/);
    await recall(xc, before);
    await net.until('its recall is followed', async () => (await facetsHeld(xa, before)) === 0);
    const { signed: third } = await next(
      { standings: { XC: [ACTIVE, xa.clock.nowMs()] } },
      ['XA', 'XB'],
      roster,
    );
    expect(await adopt(xa, third)).toBe('believed');
    await everybodyUses(3n, xb, xc);
    await delivered(xc, 'XA', 'XB');
    await delivered(xa, 'XC');
    await net.until('its own alarm is over', async () => (await openAlarms(xc, 'OWN_STANDING')).length === 0);
  });

  test('from a later instant on serves in full until then', async () => {
    await net.start();
    const { signed } = await next({ standings: { XC: [SUSPENDED, xa.clock.nowMs() + HOUR] } });
    expect(await adopt(xa, signed)).toBe('believed');
    await everybodyUses(2n, xb, xc);
    await delivered(xa, 'XC');
    await delivered(xc, 'XA');
    xa.clock.skewMs = 2 * HOUR;
    const late = await xc.release('warning', { edit: to('XA') });
    await net.until('it is refused', async () => /SUSPENDED/.test(await stateOf(xc, late, 'XA')));
    xa.clock.skewMs = 0;
  });
});

describe('an expelled member', () => {
  const expel = (fromMs: number) => next({ standings: { XC: [EXPELLED, fromMs] } });

  test('gets nothing more, not even what is under way or a receipt, and nothing of it is taken', async () => {
    await net.start();
    const kept = await delivered(xa, 'XB', 'XC');
    // XA takes a record of XC, whose receipt is still owed; a record of XA is under way.
    net.mail.fate = (mail) => (mail.recipient === 'XC' ? { copies: 0, behind: 0 } : DELIVER);
    xc.reachable = false;
    const taken = await xc.release('warning', { edit: to('XA') });
    const underWay = await xa.release('warning', { edit: to('XC') });
    await net.until('both are sent', async () => (await stateOf(xa, underWay, 'XC')) === 'sent');
    await net.until('it is taken', async () => (await xa.inbox()).includes(hex(taken.digest)));
    expect(await adopt(xa, (await expel(xa.clock.nowMs())).signed)).toBe('believed');
    net.mail.fate = () => DELIVER;
    xc.reachable = true;
    expect(await stateOf(xa, underWay, 'XC')).toBe('withdrawn NOT_A_MEMBER');
    const toIt = await xa.store.read((tx) => tx.outbox.sizes());
    expect(toIt.filter(({ recipient }) => recipient === 'XC')).toEqual([]);
    const posted = () =>
      net.mail.posted.filter(({ sender, recipient }) => sender === 'XA' && recipient === 'XC');
    const before = posted().length;
    const late = await xc.release('warning', { edit: to('XA') });
    await net.until('it is refused', async () => (await xa.refusals()).includes('NOT_A_MEMBER'));
    await delivered(xa, 'XB');
    expect(posted()).toHaveLength(before);
    expect(await xa.inbox()).not.toContain(hex(late.digest));
    // Who holds what of ours is not forgotten with the membership.
    const holders = await xa.store.read((tx) => tx.holders.holdersOf(kept.digest, xa.clock.nowMs()));
    expect(holders.map(({ node }) => node).sort()).toEqual(['XB', 'XC']);
    const maybe = await xa.store.read((tx) => tx.holders.holdersOf(underWay.digest, xa.clock.nowMs()));
    expect(maybe.map(({ node, state }) => `${node} ${state}`)).toEqual(['XC sent']);
    const asked = clientOf(ExchangeServiceDefinition, net.caller('XC', 'XA')).getRosters(
      { aboveVersion: 0n },
      { deadlineMs: 5_000 },
    );
    await expect(asked).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
  });

  test('what came of it after the instant and before anybody here knew is marked late, the rest is not', async () => {
    await net.start();
    const before = await delivered(xc, 'XA');
    xa.clock.skewMs += 5_000;
    const from = xa.clock.nowMs();
    xa.clock.skewMs += 5_000;
    const late = await delivered(xc, 'XA');
    const others = await delivered(xb, 'XA');
    expect(await adopt(xa, (await expel(from)).signed)).toBe('believed');
    const marks = await xa.store.read((tx) => tx.membership.lateRecordsOf('XC'));
    expect(marks.map(({ headerDigest }) => hex(headerDigest))).toEqual([hex(late.digest)]);
    expect(marks[0]).toMatchObject({ standing: 'expelled', since: from, rosterVersion: 2n });
    const some = await xa.store.read((tx) => tx.membership.lateRecords([before.digest, others.digest]));
    expect(some).toEqual([]);
    expect((await openAlarms(xa, 'RECORDS_LATE')).map(({ subject }) => subject)).toEqual(['XC']);
    xa.clock.skewMs = 0;
  });
});

/** A parcel of XA to XB on its way, that claims a roster which nobody has; its honest copies do not come through. */
async function claimsNewerRoster() {
  await net.start();
  const forge = new ParcelForge(net);
  net.mail.fate = (mail) =>
    mail.sender === 'XA' && mail.recipient === 'XB' ? { copies: 0, behind: 0 } : DELIVER;
  const signed = await xa.release('warning', { edit: to('XB') });
  const posted = () =>
    net.mail.posted.findLast(({ sender, recipient }) => sender === 'XA' && recipient === 'XB');
  await net.until('it is sent', () => posted() !== undefined);
  const mail = posted();
  if (!mail) throw new Error('nothing was posted');
  const content = await forge.sign(await forge.open(mail), { rosterVersion: 9n });
  return { signed, mail, forge, content };
}

describe('a partner with a newer roster', () => {
  test('its parcels wait until the roster was fetched, and none is refused', async () => {
    await net.close();
    // None is sent again while it waits: the second would be refused, rightly.
    const lane = { ...OPTIONS.lane, resendMs: 60_000, resendMaxMs: 60_000 };
    await open({ options: { ...OPTIONS, lane } });
    await net.start();
    const held: string[] = [];
    net.mail.fate = (mail) =>
      mail.recipient === 'XB' && mail.sender === 'XA' ? { copies: 0, behind: 0 } : DELIVER;
    const { signed } = await next({ threshold: 1 });
    xb.reachable = false;
    expect(await adopt(xa, signed)).toBe('believed');
    await everybodyUses(2n, xc);
    net.mail.fate = () => DELIVER;
    const first = await xa.release('warning', { edit: to('XB') });
    await net.until(
      'it is long waited for',
      async () => (await openAlarms(xb, 'ROSTER_BEHIND')).length === 1,
    );
    held.push(...(await xb.inbox()));
    expect(held).not.toContain(hex(first.digest));
    expect(await xb.refusals()).toEqual([]);
    xb.reachable = true;
    await net.until('it is taken', async () => (await xb.inbox()).includes(hex(first.digest)));
    expect(xb.directory.roster().version).toBe(2n);
    expect(await openAlarms(xb, 'ROSTER_BEHIND')).toEqual([]);
    expect(await xb.refusals()).toEqual([]);
  });

  test('that it cannot show, its parcels wait with an alarm, and other senders do not wait with it', async () => {
    const { signed, mail, forge, content } = await claimsNewerRoster();
    net.mail.deliver({ ...mail, bytes: await forge.seal(content) });
    await net.until('people are told', async () => (await openAlarms(xb, 'ROSTER_CLAIM')).length === 1);
    const [alarm] = await openAlarms(xb, 'ROSTER_CLAIM');
    expect(alarm?.subject).toBe('XA');
    expect(alarm?.evidence?.length).toBeGreaterThan(1_000);
    await delivered(xc, 'XB');
    net.mail.fate = () => DELIVER;
    // The number was not consumed: the honest manifest takes it.
    await net.until('the honest copy is taken', async () => (await xb.inbox()).includes(hex(signed.digest)));
  });
});

test(`a sender of whom ${HELD_OF_ONE} parcels wait for a roster fills no mailbox: the next is put aside, and fetched when it can be judged`, async () => {
  const { signed, mail, forge, content } = await claimsNewerRoster();
  const offered: string[] = [];
  for (let n = 0; n <= HELD_OF_ONE; n++)
    offered.push(await net.mail.offer({ ...mail, bytes: await forge.seal(content) }));
  expect(offered).toEqual([...Array.from({ length: HELD_OF_ONE }, () => 'later'), 'acknowledged']);
  expect(await xb.refusals()).toEqual([]);
  net.mail.fate = () => DELIVER;
  await net.until('the honest copy is taken', async () => (await xb.inbox()).includes(hex(signed.digest)));
});

describe('two rosters of one version', () => {
  let a: { signed: SignedRoster; roster: VerifiedRoster };
  let b: typeof a;

  beforeEach(async () => {
    a = await next({ threshold: 1 }, ['XA', 'XB']);
    b = await next({ networkName: 'Another' }, ['XB', 'XC']);
  });
  const isStopped = (...nodes: readonly TestNode[]) =>
    net.until('both have stopped', () => nodes.every(({ directory }) => directory.openFork() !== undefined));

  test('stop the exchange, with evidence that convicts who signed both, offline', async () => {
    expect(await adopt(xa, a.signed)).toBe('believed');
    expect(await adopt(xb, b.signed)).toBe('believed');
    await net.start();
    await isStopped(xa, xb);
    for (const node of [xa, xb]) {
      const [alarm] = await openAlarms(node, 'ROSTER_FORK');
      expect(alarm?.subject).toBe('version 2');
      expect(alarm?.detail).toContain('signed by both: XB');
      const verdict = judgeMisconduct({
        bytes: alarm?.evidence ?? new Uint8Array(),
        networkDigest: federation.network,
      });
      expect(verdict).toMatchObject({ ok: true, value: { deed: 'roster-fork', culprits: ['XB'] } });
    }
    const signed = await xa.release('warning', { edit: to('XB', 'XC') });
    const links = await xa.exchange.status();
    expect(links.map(({ state }) => state)).toEqual(['halted', 'halted']);
    expect(links[0]?.lanes.every(({ halted }) => halted?.includes('adopt --resolve'))).toBe(true);
    await xa.restart();
    expect(xa.directory.openFork()?.version).toBe(2n);
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect((await rowsOf(xa, signed)).map(({ state }) => state)).toEqual(['waiting', 'waiting']);
    expect(net.mail.posted.filter(({ sender }) => sender === 'XA')).toEqual([]);
  });

  test('the operator’s choice resolves, and what waited flows', async () => {
    expect(await adopt(xa, a.signed)).toBe('believed');
    expect(await adopt(xb, b.signed)).toBe('believed');
    await net.start();
    await isStopped(xa, xb);
    const waited = await xa.release('warning', { edit: to('XB') });
    const history = { rosters: [federation.signedRoster, b.signed] };
    const wrong = await xa.directory.offerRosters(history, 'the operator', new Uint8Array(32));
    expect(wrong.ok ? 'believed' : reasonName(wrong.reason)).toBe('ROSTER_FORK');
    expect(xa.directory.openFork()).toBeDefined();
    // Each of the two operators says so at his own node.
    for (const node of [xa, xb, xc]) {
      const chosen = await node.directory.offerRosters(history, 'the operator', b.roster.digest);
      expect(chosen.ok).toBe(true);
      expect(hex(node.directory.roster().digest)).toBe(hex(b.roster.digest));
    }
    await net.until('it is delivered', async () => (await stateOf(xa, waited, 'XB')) === 'receipted');
    // Also the one under the name of a partner that kept to the other until it was told.
    for (const node of [xa, xb])
      await net.until('no alarm is left', async () => (await openAlarms(node, 'ROSTER_FORK')).length === 0);
    const { signed: third } = await next({ threshold: 2 }, ['XA', 'XB'], b.roster);
    expect(await adopt(xa, third)).toBe('believed');
    await everybodyUses(3n, xb, xc);
  });

  test('chosen before the other was ever shown, whoever shows it later stops nobody', async () => {
    expect(await adopt(xa, a.signed)).toBe('believed');
    expect(await adopt(xb, a.signed)).toBe('believed');
    const history = { rosters: [federation.signedRoster, b.signed] };
    const chosen = await xa.directory.offerRosters(history, 'the operator', b.roster.digest);
    expect(chosen.ok).toBe(true);
    expect(xa.directory.isRejectedRoster(a.roster.digest)).toBe(true);
    await net.start();
    await isStopped(xb);
    await net.until('it is told who is behind', async () =>
      (await openAlarms(xa, 'ROSTER_FORK')).some(({ subject }) => subject === 'XB'),
    );
    expect(xa.directory.openFork()).toBeUndefined();
    expect((await xb.directory.offerRosters(history, 'the operator', b.roster.digest)).ok).toBe(true);
    await delivered(xb, 'XA');
  });

  test('of which one lacks signatures are no fork: nothing stops', async () => {
    expect(await adopt(xa, a.signed)).toBe('believed');
    await net.start();
    await everybodyUses(2n, xb, xc);
    const forged: SignedRoster = {
      body: b.signed.body,
      signatures: b.signed.signatures.filter(({ member }) => member === 'XC'),
    };
    const history = { rosters: [federation.signedRoster, forged] };
    const verdict = await xa.directory.offerRosters(history, 'XC');
    expect(verdict.ok ? 'believed' : reasonName(verdict.reason)).toBe('ROSTER_THRESHOLD');
    expect(xa.directory.openFork()).toBeUndefined();
    await delivered(xa, 'XB', 'XC');
  });
});

describe('a roster that asks for more than a program speaks', () => {
  const NEWER = { program: { suites: [1, 2], format: 2 } };

  const restate = async (node: TestNode, format: number): Promise<void> => {
    const { keyring, authority, statement } = federation.of(node.self);
    const signed = await createStatement(
      {
        network: federation.network,
        node: node.self,
        incarnation: 1,
        sequence: 2n,
        predecessor: statement.digest,
        notBeforeMs: TEST_NOW_MS - HOUR,
        notAfterMs: TEST_NOW_MS + 100 * DAY,
        keyring,
        kinds: [...statement.statement.kinds],
        format,
      },
      authority,
    );
    expect((await node.directory.judgeAndKeep(node.self, signed)).ok).toBe(true);
  };

  test('is not adopted there, which says so itself; the others refuse it with the reason until it is updated', async () => {
    await net.close();
    let old = true;
    await open({ programOf: (node) => (node === 'XC' && old ? undefined : NEWER) });
    for (const node of [xa, xb]) await restate(node, 2);
    await net.start();
    await delivered(xc, 'XA');
    const { signed } = await nextVersion(
      federation,
      federation.roster,
      { minimumFormat: 2 },
      ['XA', 'XB'],
      NEWER.program,
    );
    expect(await adopt(xa, signed)).toBe('believed');
    await everybodyUses(2n, xb);
    await net.until('it says so', async () => (await openAlarms(xc, 'ROSTER_UNSUPPORTED')).length === 1);
    expect((await openAlarms(xc, 'ROSTER_UNSUPPORTED'))[0]?.detail).toMatch(/format 2.*update the program/);
    expect(xc.directory.roster().version).toBe(1n);
    const late = await xc.release('warning', { edit: to('XA') });
    await net.until('it is refused', async () => (await xa.refusals()).includes('FORMAT_UNSUPPORTED'));
    expect(await xa.inbox()).not.toContain(hex(late.digest));
    const link = (await xa.exchange.status()).find(({ partner }) => partner === 'XC');
    expect(link).toMatchObject({ state: 'halted' });
    expect(link?.lanes[1]?.halted).toMatch(/speaks format 1, the roster demands 2/);
    await delivered(xa, 'XB');
    // Its program is updated.
    old = false;
    await xc.stop();
    await restate(xc, 2);
    await xc.restart();
    await everybodyUses(2n, xc);
    await net.until('what waited is taken', async () => (await xa.inbox()).includes(hex(late.digest)));
    await net.until(
      'its alarm is over',
      async () => (await openAlarms(xc, 'ROSTER_UNSUPPORTED')).length === 0,
    );
  });

  test('a parcel of a suite that the roster does not name is a downgrade', async () => {
    await net.close();
    await open({ programOf: () => NEWER });
    await net.start();
    const { signed } = await nextVersion(
      federation,
      federation.roster,
      { requiredSuites: [2] },
      ['XA', 'XB'],
      NEWER.program,
    );
    expect(await adopt(xb, signed)).toBe('believed');
    const parcel = await xa.release('warning', { edit: to('XB') });
    await net.until('it is refused', async () => (await xb.refusals()).includes('DOWNGRADE'));
    expect(await xb.inbox()).not.toContain(hex(parcel.digest));
  });
});

describe('an ageing roster', () => {
  test('warns ahead, serves in full for its grace, then only the urgent lane, until the next one is adopted', async () => {
    await using young = await makeFederation({ nodes: NODES, baselinePolicy: baselinePolicy() });
    await net.close();
    net = await TestNetwork.create({ nodes: NODES, options: OPTIONS }, young);
    [xa, xb, xc] = [net.of('XA'), net.of('XB'), net.of('XC')];
    const expiresMs = TEST_NOW_MS + ROSTER_WARNING_MS + DAY;
    const second = await nextVersion(young, young.roster, { expiresMs }, ['XA', 'XB']);
    for (const node of [xa, xb, xc]) expect(await adopt(node, second.signed)).toBe('believed');
    await net.start();
    await delivered(xa, 'XB');
    const phases = async () =>
      (await xa.store.read((tx) => tx.alarms.list({ open: true }))).items
        .map(({ code }) => code)
        .filter((code) => /^ROSTER_EXP|^ROSTER_LAPSED/.test(code));
    expect(await phases()).toEqual([]);
    const jump = async (toMs: number) => {
      for (const node of [xa, xb, xc]) await node.stop();
      xa.clock.skewMs = toMs - TEST_NOW_MS;
      for (const node of [xa, xb, xc]) await node.restart();
    };
    const phase = (code: string) =>
      net.until(`it says ${code}`, async () => (await phases()).join() === code);

    await jump(expiresMs - ROSTER_WARNING_MS + HOUR);
    await phase('ROSTER_EXPIRING');
    await delivered(xa, 'XB');

    await jump(expiresMs + HOUR);
    await phase('ROSTER_EXPIRED');
    await delivered(xa, 'XB', 'XC');

    await jump(expiresMs + ROSTER_GRACE_MS + HOUR);
    await phase('ROSTER_LAPSED');
    const waits = await xa.release('warning', { edit: to('XB') });
    const urgent = await xa.release('warning', { edit: to('XB'), priority: Priority.PRIORITY_FLASH });
    await net.until(
      'the urgent one is delivered',
      async () => (await stateOf(xa, urgent, 'XB')) === 'receipted',
    );
    expect(await stateOf(xa, waits, 'XB')).toBe('waiting');
    const [link] = await xa.exchange.status();
    expect(link?.lanes.map(({ halted }) => halted?.includes('only the urgent lane flows'))).toEqual([
      undefined,
      true,
    ]);

    // An expired version is never adopted; the next one that holds brings everything back.
    const stale = await nextVersion(young, second.roster, { expiresMs: expiresMs + DAY }, ['XA', 'XB']);
    expect(await adopt(xa, stale.signed)).toBe('EXPIRED');
    const third = await nextVersion(young, second.roster, { expiresMs: expiresMs + 300 * DAY }, ['XA', 'XB']);
    expect(await adopt(xa, third.signed)).toBe('believed');
    await everybodyUses(3n, xb, xc);
    await net.until('what waited is delivered', async () => (await stateOf(xa, waits, 'XB')) === 'receipted');
    expect(await phases()).toEqual([]);
  });
});
