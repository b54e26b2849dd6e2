/** Stores that are put back to an earlier state, between whole nodes: found out, declared, or a fork (design §5, R14, T43). */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { equalBytes, hex } from '../../../src/base/bytes.ts';
import { systemRandom } from '../../../src/base/clock.ts';
import { judgeManifest } from '../../../src/exchange/parcel.ts';
import { ExchangeServiceDefinition } from '../../../src/gen/tocsin/exchange/v1/exchange_service.ts';
import type { Manifest } from '../../../src/gen/tocsin/exchange/v1/parcel.ts';
import { SignedKeyStatement } from '../../../src/gen/tocsin/record/v1/identity.ts';
import { RecallReason } from '../../../src/gen/tocsin/record/v1/recall.ts';
import { judgeMisconduct } from '../../../src/ledger/index.ts';
import { createLifecycle } from '../../../src/lifecycle/index.ts';
import { examineStore, type StoreFinding } from '../../../src/node/index.ts';
import { baselinePolicy } from '../../../src/policy/index.ts';
import type { SignedHeader } from '../../../src/record/index.ts';
import type { ManifestIn } from '../../../src/store/index.ts';
import { clientOf, Status } from '../../../src/transport/index.ts';
import { type Federation, makeFederation } from '../../support/authority.ts';
import { TestNetwork, type TestNode } from '../../support/exchange-network.ts';

const NODES = ['XA', 'XB', 'XC'].map((node) => ({ node, groups: ['adequate', 'sac'] }));
const OFFICER = { fingerprint: 'aa01', name: 'Anna', deskGroup: 2 } as const;
const FORKS = ['LOG_FORK', 'RECORD_FORK', 'EQUIVOCATION', 'CHAIN_BROKEN', 'LOG_INCONSISTENT'];

let federation: Federation;
let net: TestNetwork;
let xa: TestNode;
let xb: TestNode;
let xc: TestNode;

beforeAll(async () => {
  federation = await makeFederation({ nodes: NODES, baselinePolicy: baselinePolicy() });
});
afterAll(() => federation[Symbol.asyncDispose]());
beforeEach(async () => {
  net = await TestNetwork.create({ nodes: NODES }, federation);
  [xa, xb, xc] = [net.of('XA'), net.of('XB'), net.of('XC')];
  await net.start();
});
afterEach(() => net.close());

/** Generous: the machine may be busy with other things. */
const until = (what: string, holds: () => Promise<boolean> | boolean) => net.until(what, holds, 50_000);

const lifecycleOf = (node: TestNode) =>
  createLifecycle({
    store: node.store,
    policy: () => node.policy,
    ledger: node.ledger,
    exchange: node.exchange,
    self: {
      node: node.self,
      network: federation.network,
      logOrigin: (world) => node.ledger.origins[world],
    },
    clock: node.clock,
    random: systemRandom,
  });

const recall = (node: TestNode, signed: SignedHeader) =>
  lifecycleOf(node).recall({
    officer: OFFICER,
    headerDigest: signed.digest,
    reason: RecallReason.RECALL_REASON_COURT_ORDER,
    mustPurge: true,
  });

const held = (node: TestNode, { digest }: SignedHeader) =>
  node.store.read(async (tx) => ({
    state: (await tx.records.byDigest(digest))?.state,
    facets: (await tx.records.facets(digest)).length,
  }));

const holds = (node: TestNode, ...records: readonly SignedHeader[]) =>
  until(`${node.self} holds ${records.length} records`, async () =>
    (await Promise.all(records.map((one) => held(node, one)))).every(({ state }) => state !== undefined),
  );

const isRecalled = (node: TestNode, signed: SignedHeader) =>
  until(`${node.self} follows a recall`, async () => (await held(node, signed)).state === 'recalled');

const forks = async (): Promise<readonly string[]> =>
  (await Promise.all([xa, xb, xc].map((node) => node.alarms())))
    .flat()
    .filter((code) => FORKS.includes(code));

/** Everything that a node took from XA on a lane, in order. */
const takenFromXa = (node: TestNode, lane: 0 | 1): Promise<readonly ManifestIn[]> =>
  node.store.read((tx) =>
    tx.links.takenAfter({ sender: 'XA', incarnation: 0, lane, seq: 0n, below: 1_000_000 }, 10_000),
  );

const sizeOf = (node: TestNode, log: string): Promise<bigint> =>
  node.store.read(async (tx) => (await tx.ledger.newestCheckpoint(log))?.size ?? 0n);

const isWhole = () => until('XA is whole', () => xa.exchange.recovery().waitingFor.length === 0);

describe('a store that was put back, whose node was simply started', () => {
  test('uses no number twice: it is found out first, and its log stands still', async () => {
    const before = await xa.release();
    await holds(xb, before);
    await xa.keepCopy();
    await holds(xb, ...(await xa.releaseMany(3)));
    const taken = [...(await takenFromXa(xb, 0)), ...(await takenFromXa(xb, 1))].length;
    await xa.putBack({ declared: false });

    const late = await xa.release();
    await until('it knows', () => xa.exchange.behind() !== undefined);
    expect(await xa.alarms()).toContain('STORE_BEHIND');
    expect(xa.exchange.behind()).toContain('tocsin node recover');
    // Whatever XB sends is taken all the same: recalls must not wait for the operator.
    await recall(xb, await xb.release());
    await holds(xa, await xb.release());
    expect((await held(xb, late)).state).toBeUndefined();
    expect([...(await takenFromXa(xb, 0)), ...(await takenFromXa(xb, 1))]).toHaveLength(taken);
    expect(await forks()).toEqual([]);
  });

  test('loses nothing that partners signed about what it lost: receipts of parcels and of recalls wait until it is back', async () => {
    await holds(xb, await xa.release());
    await until('the first is receipted', async () => (await xa.unclosed()) === 0);
    await xa.keepCopy();
    net.mail.outcome = ({ sender, recipient }) => (sender === 'XB' && recipient === 'XA' ? 'full' : 'stored');
    const [target, ...lost] = await xa.releaseMany(3);
    if (target === undefined) throw new Error('nothing was released');
    await holds(xb, target, ...lost);
    const [stated] = await recall(xa, target);
    await isRecalled(xb, target);
    await until('XB has made its receipts', async () => (await receiptsOf(xb, 'XB')).size > 2);
    const signed = await receiptsOf(xb, 'XB');
    await xa.putBack({ declared: false });
    net.mail.outcome = () => 'stored';

    await until('a parcel waits', () =>
      xa.told.failures.some((told) => told.includes('waits until our store')),
    );
    expect(await xa.alarms()).toContain('STORE_BEHIND');
    await xa.keepCopy();
    await xa.putBack({ declared: true });
    await isWhole();
    await until('XA has all receipts', async () => isAmong(signed, await receiptsOf(xa, 'XB')));
    await holds(xa, target, ...lost);
    await until('the recall is answered', async () => {
      const asked = await xa.store.read((tx) =>
        tx.holders.noticesOf(stated?.recallDigest ?? new Uint8Array()),
      );
      return asked.some(({ holder, closedAt }) => holder === 'XB' && closedAt !== undefined);
    });
    await until('all is receipted', async () => (await xa.unclosed()) === 0);
    expect(await xa.alarms()).not.toContain('RECEIPT_MISMATCH');
    expect(await xa.refusals()).not.toContain('RECORD_INVALID');
    expect(await forks()).toEqual([]);
  });

  test('shows nothing of its log before it knows: what it went on with would convict it', async () => {
    await holds(xb, await xa.release());
    await xa.keepCopy();
    await holds(xb, ...(await xa.releaseMany(3)));
    const origin = xa.ledger.origins.live;
    const size = await sizeOf(xa, origin);
    net.refuses = ({ name }) => name === 'heartbeat';
    net.mail.outcome = ({ recipient }) => (recipient === 'XA' ? 'full' : 'stored');
    await xa.putBack({ declared: false });
    // As with no partner in reach: it goes on by itself, past the size that it showed before.
    await until('its log went on', async () => (await sizeOf(xa, origin)) > size);
    const asked = clientOf(ExchangeServiceDefinition, net.caller('XB', 'XA'));
    const question = { origin, size, knownSize: size, headerDigests: [] };
    await expect(asked.proveLog(question)).rejects.toMatchObject({ status: Status.UNAVAILABLE });
    await expect(asked.getCheckpoints({ origin, size: 0n })).rejects.toMatchObject({
      status: Status.UNAVAILABLE,
    });

    net.refuses = () => false;
    net.mail.outcome = () => 'stored';
    await until('it knows', () => xa.exchange.behind() !== undefined);
    await expect(asked.proveLog(question)).rejects.toMatchObject({ status: Status.UNAVAILABLE });
    // What was being signed at that moment is finished.
    await holds(xa, await xb.release());
    const stood = await sizeOf(xa, origin);
    await holds(xa, await xb.release());
    expect(await sizeOf(xa, origin)).toBe(stood);
    expect(await forks()).toEqual([]);
  });

  test('is convicted of a fork where it goes on all the same: two bodies under one number', async () => {
    await holds(xb, await xa.release());
    await xa.keepCopy();
    // It hears nothing of what it is held to, by any way: so it does what a node does that hides its past.
    xc.reachable = false;
    net.mail.outcome = ({ recipient }) => (recipient === 'XA' ? 'full' : 'stored');
    net.refuses = ({ self, name }) => self === 'XA' && name === 'addCheckpoint';
    net.heartbeat = (from, claims) => {
      if (from !== 'XA') claims.taken = claims.logs = [];
    };
    await holds(xb, await xa.release());
    await xa.putBack({ declared: false });
    const other = await xa.release();

    let evidence: Uint8Array | undefined;
    await until('XB holds the proof', async () => {
      const { items } = await xb.store.read((tx) => tx.alarms.list({ limit: 50 }));
      evidence = items.find(({ code }) => code === 'EQUIVOCATION' || code === 'LOG_FORK')?.evidence;
      return evidence !== undefined;
    });
    const judged = judgeMisconduct({
      bytes: evidence ?? new Uint8Array(),
      networkDigest: federation.network,
    });
    expect(judged.ok ? judged.value.culprits : judged.detail).toEqual(['XA']);
    expect((await held(xb, other)).state).toBeUndefined();
    expect(await xb.alarms()).not.toContain('INCARNATION_RAISED');
  });
});

describe('a store that was put back, whose node declared a restart', () => {
  test('leaves no parcel open that was under way when the copy was made: its records go out under new numbers', async () => {
    await holds(xb, await xa.release());
    await until('the first is receipted', async () => (await xa.unclosed()) === 0);
    xb.reachable = false;
    net.mail.outcome = ({ recipient }) => (recipient === 'XB' ? 'full' : 'stored');
    const underWay = await xa.release();
    const open = async () =>
      (await xa.store.read((tx) => tx.links.open({ recipient: 'XB', lane: 0 }))).concat(
        await xa.store.read((tx) => tx.links.open({ recipient: 'XB', lane: 1 })),
      );
    await until('a parcel is numbered', async () => (await open()).length > 0);
    await xa.keepCopy();
    await xa.putBack({ declared: true });
    net.mail.outcome = () => 'stored';
    xb.reachable = true;
    await isWhole();
    await holds(xb, underWay);
    await until('all is receipted', async () => (await xa.unclosed()) === 0);
    await until('nothing is open', async () => (await open()).length === 0);
    expect(await forks()).toEqual([]);
  });

  test('has everything again that partners held or had sent; no number is used twice, nobody calls it a fork', async () => {
    const before = [await xa.release(), await xb.release(), await xc.release()];
    for (const node of [xa, xb, xc]) await holds(node, ...before);
    await xa.keepCopy();
    const after = [...(await xa.releaseMany(3)), ...(await xb.releaseMany(2)), await xc.release()];
    for (const node of [xa, xb, xc]) await holds(node, ...after);
    const earlier = await Promise.all([takenFromXa(xb, 0), takenFromXa(xb, 1)]);
    await xa.putBack({ declared: true });
    await isWhole();
    await holds(xa, ...before, ...after);

    const next = await xa.releaseMany(2);
    for (const node of [xb, xc]) await holds(node, ...next);
    await until('all is receipted', async () => (await xa.unclosed()) === 0);
    for (const lane of [0, 1] as const) {
      const now = await takenFromXa(xb, lane);
      const [old, fresh] = [0, 1].map((which) => now.filter((one) => one.incarnation - 1 === which));
      // What the earlier incarnation had sent stands as it was, and XA has every one of its manifests again.
      expect(old?.slice(0, earlier[lane].length).map(({ digest }) => hex(digest))).toEqual(
        earlier[lane].map(({ digest }) => hex(digest)),
      );
      for (const { digest, seq } of old ?? []) {
        const own = await xa.store.read((tx) =>
          tx.links.manifestOut({ recipient: 'XB', lane, incarnation: 1, seq }),
        );
        expect(own && equalBytes(own.digest, digest)).toBe(true);
      }
      // Numbers of the new one begin at 1 and have no hole; the first names the last that was known before.
      expect(fresh?.map(({ seq }) => Number(seq))).toEqual(fresh?.map((_, at) => at + 1));
      const [first] = fresh ?? [];
      if (first && old?.length)
        expect(hex(manifestOf(first).previous)).toBe(hex(old.at(-1)?.digest ?? new Uint8Array()));
    }
    for (const node of [xa, xb, xc]) expect(await doubled(node)).toEqual([]);
    expect(await forks()).toEqual([]);
    expect(await xb.alarms()).toContain('INCARNATION_RAISED');
    expect(await xa.alarms()).not.toContain('STORE_BEHIND');
  });

  test('has the place of a record back that its own log lost, in a store that fsck finds in order', async () => {
    await holds(xb, await xa.release());
    await xa.stop();
    const made = xa.assemble('warning');
    await xa.commit([made]);
    await xa.keepCopy();
    await holds(xb, made.signed);
    await xa.putBack({ declared: true });
    await isWhole();
    await until('all is receipted', async () => (await xa.unclosed()) === 0);
    const findings: StoreFinding[] = [];
    const { store, blobs, self, clock } = xa;
    await examineStore({ store, blobs, network: federation.network, self, clock }, (found) => {
      findings.push(found);
    });
    expect(findings).toEqual([]);
    const kept = await store.read((tx) => tx.records.byDigest(made.signed.digest));
    expect([kept?.state, kept?.leafIndex !== undefined]).toEqual(['released', true]);
  });

  test('reads nothing before recalls are replayed: those of partners, and its own', async () => {
    const [own, others] = [await xa.release(), await xb.release()];
    for (const node of [xa, xb, xc]) await holds(node, own, others);
    await xa.keepCopy();
    const late = await xa.release();
    await holds(xb, late);
    await holds(xc, late);
    await recall(xb, others);
    await recall(xa, own);
    await recall(xa, late);
    await isRecalled(xa, others);
    await isRecalled(xc, own);
    await isRecalled(xb, late);
    await until('all is receipted', async () => (await xa.unclosed()) === 0);
    xb.reachable = false;
    await xa.putBack({ declared: true });
    expect((await held(xa, others)).state).toBe('released');
    expect((await held(xa, own)).state).toBe('released');

    await until('XC has answered', () => xa.exchange.recovery().waitingFor.join() === 'XB');
    expect(await xa.alarms()).toContain('CATCHING_UP');
    xb.reachable = true;
    await isWhole();
    // At this very moment, not eventually: the desk opens now.
    expect(await held(xa, others)).toEqual({ state: 'recalled', facets: 0 });
    expect(await held(xa, own)).toEqual({ state: 'recalled', facets: 0 });
    expect(await held(xa, late)).toEqual({ state: 'recalled', facets: 0 });
    expect(await forks()).toEqual([]);
  });

  test('waits for a recall that its partner has queued and not numbered yet', async () => {
    const others = await xb.release();
    await holds(xa, others);
    await xa.keepCopy();
    // XB answers, and sends nothing: its log stands still, so what it queues gets neither a leaf nor a number.
    await xb.stop();
    await recall(xb, others);
    let answered = 0;
    net.heartbeat = (from) => {
      if (from === 'XB') answered += 1;
    };
    await xa.putBack({ declared: true });
    const declared = SignedKeyStatement.decode(xa.directory.own().bytes);
    expect(await xb.directory.judgeAndKeep('XA', declared)).toMatchObject({ ok: true });
    await until('XB has given back', async () => {
      const all = await xa.store.read((tx) => tx.recovery.all());
      return all.some(({ partner, history }) => partner === 'XB' && history);
    });
    // XC owes nothing; that it is asked last on a busy machine must not count.
    await until('XC has answered', () => xa.exchange.recovery().waitingFor.join() === 'XB');
    const given = answered;
    await until('XB has answered since', () => answered > given + 3);
    expect(xa.exchange.recovery().waitingFor).toEqual(['XB']);
    expect((await held(xa, others)).state).toBe('released');

    await xb.restart();
    await isWhole();
    expect((await held(xa, others)).state).toBe('recalled');
  });

  test('goes on after a kill in the middle of it', async () => {
    await holds(xb, await xa.release());
    await xa.keepCopy();
    const after = await xa.releaseMany(4);
    await holds(xb, ...after);
    xb.reachable = false;
    await xa.putBack({ declared: true });
    await until('XC has answered', () => xa.exchange.recovery().waitingFor.join() === 'XB');
    await xa.restart();
    expect(xa.exchange.recovery().waitingFor).toEqual(['XB']);
    xb.reachable = true;
    await isWhole();
    await holds(xa, ...after);
    expect(await forks()).toEqual([]);
  });
});

/** Digests of the receipts that a node holds of an originator. */
async function receiptsOf(node: TestNode, originator: string): Promise<ReadonlySet<string>> {
  const { items } = await node.store.read((tx) =>
    tx.records.list({ world: 'both', kind: 'receipt', originator, limit: 500 }),
  );
  return new Set(items.map(({ headerDigest }) => hex(headerDigest)));
}

const isAmong = (some: ReadonlySet<string>, all: ReadonlySet<string>): boolean =>
  some.size > 0 && some.isSubsetOf(all);

/** Records that a node holds in two versions under one id and revision. */
async function doubled(node: TestNode): Promise<readonly string[]> {
  const seen = new Set<string>();
  const twice: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await node.store.read((tx) =>
      tx.records.list({ world: 'both', limit: 500, ...(cursor !== undefined && { cursor }) }),
    );
    for (const { originator, recordId, revision } of page.items) {
      const key = `${originator} ${hex(recordId)} ${revision}`;
      if (seen.has(key)) twice.push(key);
      seen.add(key);
    }
    cursor = page.next;
  } while (cursor !== undefined);
  return twice;
}

function manifestOf({ body }: ManifestIn): Manifest {
  const judged = judgeManifest(federation.network, body);
  if (!judged.ok) throw new Error(judged.detail);
  return judged.value.manifest;
}
