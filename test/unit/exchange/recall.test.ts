/** Recalls between whole nodes: every holder deletes and says so, whoever brought the recall, whenever it came. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { hex, utf8 } from '../../../src/base/bytes.ts';
import { systemRandom } from '../../../src/base/clock.ts';
import { ItemAction } from '../../../src/gen/tocsin/exchange/v1/parcel.ts';
import { Disclosure } from '../../../src/gen/tocsin/record/v1/disclosure.ts';
import { RecallReason } from '../../../src/gen/tocsin/record/v1/recall.ts';
import { WarningItems } from '../../../src/gen/tocsin/record/v1/warning.ts';
import { createLifecycle } from '../../../src/lifecycle/index.ts';
import { baselinePolicy, type PolicyEngine } from '../../../src/policy/index.ts';
import type { SignedHeader } from '../../../src/record/index.ts';
import { type Federation, makeFederation } from '../../support/authority.ts';
import { QUICK, TestNetwork, type TestNode } from '../../support/exchange-network.ts';
import { DELIVER } from '../../support/memory-mail.ts';
import { compact } from '../../support/temporary-store.ts';

const NODES = ['XA', 'XB', 'HR'].map((node) => ({ node, groups: ['adequate', 'sac'] }));
const OFFICER = { fingerprint: 'aa01', name: 'Anna', deskGroup: 2 } as const;
const HOUR = 3_600_000;

let federation: Federation;
let net: TestNetwork;
let xa: TestNode;
let xb: TestNode;
let hr: TestNode;
/** Senders that ignore every policy while it is set: what happens after a breach is what recalls are for. */
let lawless = false;

const lawlessly = (_node: TestNode, engine: PolicyEngine) => ({
  viewFor: (...args: Parameters<PolicyEngine['viewFor']>) => {
    const view = engine.viewFor(...args);
    if (!lawless) return view;
    const yes = { ...view.receive, allowed: true };
    const names = args[0].signed.header.commitments.map(({ facet }) => facet);
    return { ...view, receive: yes, facets: new Map(names.map((name) => [name, yes])) };
  },
  judgeArrival: (...args: Parameters<PolicyEngine['judgeArrival']>) =>
    lawless ? ({ ok: true, value: true } as const) : engine.judgeArrival(...args),
});

beforeAll(async () => {
  federation = await makeFederation({ nodes: NODES, baselinePolicy: baselinePolicy() });
});
afterAll(() => federation[Symbol.asyncDispose]());
beforeEach(async () => {
  lawless = false;
  net = await TestNetwork.create({ nodes: NODES, options: QUICK, policyOf: lawlessly }, federation);
  [xa, xb, hr] = [net.of('XA'), net.of('XB'), net.of('HR')];
  await net.start();
});
afterEach(() => net.close());

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

type RecallRequest = Parameters<ReturnType<typeof lifecycleOf>['recall']>[0];

const recall = (signed: SignedHeader, changes: Partial<RecallRequest> = {}) =>
  lifecycleOf(xa).recall({
    officer: OFFICER,
    headerDigest: signed.digest,
    reason: RecallReason.RECALL_REASON_ERROR,
    mustPurge: true,
    ...changes,
  });

const to =
  (...nodes: string[]) =>
  (content: Parameters<NonNullable<NonNullable<Parameters<TestNode['release']>[1]>['edit']>>[0]) => ({
    ...content,
    marking: { ...content.marking, releasableTo: nodes },
  });

const held = (node: TestNode, signed: SignedHeader) =>
  node.store.read(async (tx) => ({
    record: await tx.records.byDigest(signed.digest),
    facets: (await tx.records.facets(signed.digest)).map(({ facet }) => facet),
  }));

const holders = (signed: SignedHeader) =>
  xa.store.read((tx) => tx.holders.holdersOf(signed.digest, xa.clock.nowMs()));

const states = async (signed: SignedHeader) =>
  (await holders(signed))
    .map(({ node, via, state }) => `${node}${via ? ` via ${via}` : ''}: ${state}`)
    .sort();

const released = async (...nodes: string[]): Promise<SignedHeader> => {
  const signed = await xa.release('warning', { edit: to(...nodes) });
  await net.until('it is delivered', async () => {
    const known = await holders(signed);
    return known.length === nodes.length && known.every(({ state }) => state === 'holds');
  });
  return signed;
};

const allPurged = (signed: SignedHeader) =>
  net.until('all have deleted it', async () =>
    (await holders(signed)).every(({ state }) => state === 'purged'),
  );

/** Whether the bytes lie anywhere in the files of a node's store. */
const inFiles = (node: TestNode, needle: Uint8Array): string[] => {
  const directory = node.directoryOnDisk;
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => readFileSync(path).includes(Buffer.from(needle)));
};

/** Passes a record on without a right to, and lets the originator know of it as a disclosure would. */
async function passOn(signed: SignedHeader, disclose: boolean): Promise<void> {
  lawless = true;
  const facets = (await held(hr, signed)).facets;
  await hr.store.write((tx) =>
    tx.outbox.add(
      [
        {
          recipient: 'XB',
          lane: 1,
          action: ItemAction.ITEM_ACTION_RECORD,
          headerDigest: signed.digest,
          facets,
          audience: { deskGroups: [2], purposes: [...(signed.header.marking?.purposes ?? [])] },
          facetAudiences: [],
          basis: 'R3',
        },
      ],
      hr.clock.nowMs(),
    ),
  );
  await hr.release('warning', { edit: to('XB') });
  await net.until('it was passed on', async () => (await held(xb, signed)).record !== undefined);
  lawless = false;
  if (!disclose) return;
  await xa.store.write((tx) =>
    tx.holders.noteDisclosure({
      headerDigest: signed.digest,
      recipient: 'XB',
      forwarder: 'HR',
      facets,
      basis: 'R3',
      disclosureDigest: systemRandom.bytes(32),
      at: xa.clock.nowMs(),
    }),
  );
}

const disclosureOf = (signed: SignedHeader, recipient: string): Uint8Array =>
  Disclosure.encode(
    Disclosure.fromPartial({
      record: Buffer.from(signed.digest),
      recipient,
      facets: ['summary'],
      basis: 'R3',
      at: BigInt(hr.clock.nowMs()),
    }),
  ).finish();

describe('a recall of a whole record', () => {
  test('deletes bytes and salts at every holder, keeps header and proof, and brings a signed receipt each', async () => {
    const signed = await released('XB', 'HR');
    const before = await held(xb, signed);
    expect(before.facets).toContain('summary');
    const [stated] = await recall(signed);
    expect([...(stated?.asked ?? [])].sort()).toEqual(['HR', 'XB']);
    await allPurged(signed);
    for (const node of [xb, hr]) {
      const { record, facets } = await held(node, signed);
      expect(facets).toEqual([]);
      expect(record).toMatchObject({ state: 'recalled', title: 'warning' });
      expect(record?.header).toEqual(before.record?.header);
      expect(record?.proof).toBeDefined();
    }
    const [holder] = (await holders(signed)).filter(({ node }) => node === 'XB');
    const receipt = await xa.store.read((tx) =>
      tx.records.byDigest(holder?.receiptDigest ?? new Uint8Array()),
    );
    expect(receipt).toMatchObject({ kind: 'receipt', originator: 'XB' });
    expect(holder?.recalls).toMatchObject([{ copies: 1 }]);
    expect([...(holder?.recalls[0]?.purgedFacets ?? [])].sort()).toEqual(before.facets);
  });

  test('leaves nothing of the content in any file of the holder’s store', async () => {
    const canary = 'zq7-canary-of-a-recalled-facet-zq7';
    const signed = await xa.release('warning', {
      edit: (content) => {
        const items = WarningItems.decode(content.facets.items ?? new Uint8Array());
        const [first] = items.weapons;
        if (!first) throw new Error('the example of a warning has no weapon');
        first.model = canary;
        return {
          ...to('XB')(content),
          facets: { ...content.facets, items: WarningItems.encode(items).finish() },
        };
      },
    });
    await net.until('it is delivered', async () => (await states(signed)).includes('XB: holds'));
    const salts = await xb.store.read((tx) => tx.records.facets(signed.digest));
    expect(inFiles(xb, utf8(canary))).not.toEqual([]);
    await recall(signed);
    await allPurged(signed);
    // The journal is emptied after the COMMIT that the receipt came from, before the next write.
    await xb.store.write((tx) => tx.meta.set('test', new Uint8Array(1)));
    const gone = () => {
      expect(inFiles(xb, utf8(canary))).toEqual([]);
      for (const { salt } of salts) expect(inFiles(xb, salt)).toEqual([]);
    };
    gone();
    // Compaction moves pages about and leaves free ones, in the journal too.
    compact(xb);
    gone();
    await xb.restart();
    gone();
  });

  test('takes back what still waits without a word to its recipient', async () => {
    await xa.stop();
    const made = xa.assemble('warning', { edit: to('XB') });
    await xa.commit([made]);
    const [stated] = await recall(made.signed);
    expect(stated?.asked).toEqual([]);
    const rows = await xa.store.read((tx) => tx.outbox.ofRecord(made.signed.digest));
    expect(rows.map(({ state }) => state)).toEqual(['withdrawn']);
    expect(await states(made.signed)).toEqual([]);
    await xa.restart();
    const later = await released('XB');
    expect(await xb.inbox()).toEqual([hex(later.digest)]);
  });

  test('tells the watchers of the inbox, and flags drafts that build on it', async () => {
    const signed = await released('XB');
    await xb.store.write((tx) =>
      tx.drafts.insert([
        {
          id: 'd1',
          kind: 'link',
          content: JSON.stringify({
            facets: { link: { to: Buffer.from(signed.digest).toString('base64') } },
          }),
          state: 'draft',
          drafter: 'aa',
          drafterName: 'Officer A',
          deskGroup: 2,
          note: '',
          flags: '[]',
          createdAt: 1,
          updatedAt: 1,
        },
      ]),
    );
    await recall(signed);
    await allPurged(signed);
    const items = await xb.store.read((tx) => tx.inbox.ofRecord(signed.digest));
    expect(items.map(({ action }) => action)).toEqual([
      ItemAction.ITEM_ACTION_RECORD,
      ItemAction.ITEM_ACTION_WITHDRAWN,
    ]);
    const draft = await xb.store.read((tx) => tx.drafts.byId('d1'));
    expect(JSON.parse(draft?.flags ?? '')).toMatchObject([{ code: 'BUILDS_ON_RECALLED' }]);
  });

  test('asked for again it is the same recall', async () => {
    const signed = await released('XB');
    const [first] = await recall(signed);
    const [second] = await recall(signed);
    expect(hex(second?.recallDigest ?? signed.digest)).toBe(hex(first?.recallDigest ?? new Uint8Array()));
  });

  test('reaches all revisions that anybody may hold', async () => {
    const first = await released('XB');
    const second = await xa.release('warning', {
      edit: to('XB'),
      recordId: first.header.recordId,
      revision: 2,
      supersedes: first.digest,
    });
    await net.until('the revision is there', async () => (await states(second)).includes('XB: holds'));
    const stated = await recall(second);
    expect(stated.map(({ revision }) => revision)).toEqual([1, 2]);
    await allPurged(first);
    await allPurged(second);
    expect((await held(xb, first)).facets).toEqual([]);
  });

  test('of a partner’s record is refused: only its originator recalls', async () => {
    const signed = await released('XB');
    await expect(
      lifecycleOf(xb).recall({
        officer: OFFICER,
        headerDigest: signed.digest,
        reason: RecallReason.RECALL_REASON_ERROR,
        mustPurge: true,
      }),
    ).rejects.toMatchObject({ code: 'NOT_OWN' });
  });
});

describe('the originator’s own copy', () => {
  test('stays for a correction where the reason permits, and goes where the content may not be kept', async () => {
    const [kept, gone] = [await released('XB'), await released('XB')];
    await recall(kept);
    await recall(gone, { reason: RecallReason.RECALL_REASON_UNLAWFUL });
    expect((await held(xa, kept)).facets).not.toEqual([]);
    expect((await held(xa, gone)).facets).toEqual([]);
    for (const signed of [kept, gone]) expect((await held(xa, signed)).record?.state).toBe('recalled');
  });
});

describe('a recall of single facets', () => {
  test('deletes those, leaves the record in force with the others, and never sends them again', async () => {
    const signed = await released('XB');
    const before = (await held(xb, signed)).facets;
    await recall(signed, { facets: ['items'] });
    await net.until('it is answered', async () => (await states(signed)).includes('XB: holds'));
    const after = await held(xb, signed);
    expect(after.facets).toEqual(before.filter((name) => name !== 'items'));
    expect(after.record?.state).toBe('released');
    // The originator still holds the facet; a new row for it goes out without it.
    expect((await held(xa, signed)).facets).toContain('items');
    const row = (await xa.store.read((tx) => tx.outbox.ofRecord(signed.digest)))[0];
    if (!row) throw new Error('no row');
    await xa.store.write((tx) =>
      tx.outbox.add([{ ...row, action: ItemAction.ITEM_ACTION_FACETS, facets: ['items'] }], xa.clock.nowMs()),
    );
    await xa.release('warning', { edit: to('XB') });
    await net.until('nothing waits', async () => (await xa.waiting()) === 0);
    const rows = await xa.store.read((tx) => tx.outbox.ofRecord(signed.digest));
    expect(rows.map(({ state }) => state)).toEqual(['receipted', 'withdrawn']);
    expect((await held(xb, signed)).facets).not.toContain('items');
  });
});

describe('with a forwarder between', () => {
  test('that is dead, the third party deletes directly, and the forwarder when it returns', async () => {
    const signed = await released('HR');
    await passOn(signed, true);
    await hr.stop();
    hr.reachable = false;
    await recall(signed);
    await net.until('the third party has deleted it', async () =>
      (await states(signed)).includes('XB via HR: purged'),
    );
    expect((await held(xb, signed)).facets).toEqual([]);
    expect(await states(signed)).toContain('HR: recall-asked');
    hr.reachable = true;
    await hr.restart();
    await allPurged(signed);
    expect((await held(hr, signed)).facets).toEqual([]);
  });

  test('that told nobody, the recall still reaches the third party, and the originator learns of it', async () => {
    const signed = await released('HR');
    await passOn(signed, false);
    await recall(signed);
    await net.until('the third party has answered', async () =>
      (await xa.alarms()).includes('HOLDER_UNDISCLOSED'),
    );
    expect((await held(xb, signed)).facets).toEqual([]);
  });

  test('that tells of a holder only after the recall, the recall goes there too', async () => {
    const signed = await released('HR');
    await recall(signed);
    await allPurged(signed);
    const disclosed = await hr.store.write((tx) =>
      hr.exchange.state(tx, {
        kind: 'disclosure',
        to: ['XA'],
        body: disclosureOf(signed, 'XB'),
      }),
    );
    expect(disclosed).toHaveLength(32);
    await net.until('the late holder was asked', async () =>
      (await states(signed)).includes('XB via HR: purged'),
    );
    const stones = await xb.store.read((tx) => tx.tombstones.of(signed.digest));
    expect(stones).toHaveLength(1);
  });
});

describe('late arrivals', () => {
  test('the recall wins over its target, which comes after it', async () => {
    net.mail.fate = (mail) =>
      mail.lane === 1 && mail.recipient === 'XB' ? { copies: 0, behind: 0 } : DELIVER;
    // Nor does XB fetch what it hears to be missing before the recall is here.
    net.refuses = ({ self, name }) => self === 'XB' && name === 'backfill';
    const signed = await xa.release('warning', { edit: to('XB') });
    await net.until('it is on its way', async () => (await states(signed)).includes('XB: sent'));
    await recall(signed);
    await net.until('the recall is answered', async () => (await states(signed)).includes('XB: purged'));
    expect((await held(xb, signed)).record).toBeUndefined();
    net.mail.fate = () => DELIVER;
    net.refuses = () => false;
    await net.until('the parcel is closed', async () => (await xa.unclosed()) === 0);
    const { record, facets } = await held(xb, signed);
    expect(facets).toEqual([]);
    expect(record?.state ?? 'recalled').toBe('recalled');
    expect(await xb.inbox()).not.toContain(hex(signed.digest));
  });
});

describe('past the deadline', () => {
  test('every holder without a receipt raises an alarm, which its receipt clears', async () => {
    const signed = await released('XB');
    await xb.stop();
    xb.reachable = false;
    const [stated] = await recall(signed, { deadlineMs: xa.clock.nowMs() + HOUR });
    const lifecycle = lifecycleOf(xa);
    expect(await lifecycle.checkRecalls()).toBe(0);
    // Time passes for all: one clock ahead alone would sign what nobody takes.
    for (const node of [xa, xb, hr]) node.clock.skewMs = 2 * HOUR;
    expect(await lifecycle.checkRecalls()).toBe(1);
    expect(await lifecycle.checkRecalls()).toBe(0);
    expect(await states(signed)).toEqual(['XB: overdue']);
    const open = () => xa.store.read((tx) => tx.alarms.list({ code: 'RECALL_OVERDUE', open: true }));
    expect((await open()).items).toMatchObject([
      { subject: `${hex(stated?.recallDigest ?? signed.digest)}/XB` },
    ]);
    xb.reachable = true;
    await xb.restart();
    await allPurged(signed);
    expect((await open()).items).toEqual([]);
  });
});
