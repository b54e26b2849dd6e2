/** A policy that changes while records are under way or held (design §3, §6): facets follow, or are taken back unsent. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Wake } from '../../../src/base/async.ts';
import { ItemAction } from '../../../src/gen/tocsin/exchange/v1/parcel.ts';
import { Reason } from '../../../src/gen/tocsin/record/v1/reason.ts';
import { createPolicyFollower } from '../../../src/lifecycle/index.ts';
import { baselinePolicy, createPolicyEngine, type PolicyEngine } from '../../../src/policy/index.ts';
import type { SignedHeader } from '../../../src/record/index.ts';
import { type Federation, makeFederation } from '../../support/authority.ts';
import { QUICK, TestNetwork, type TestNode } from '../../support/exchange-network.ts';

const NODES = ['XA', 'XB', 'XC'].map((node) => ({ node, groups: ['adequate', 'sac'] }));

/** A national policy that keeps one facet of every record from a node. */
const keeps = (facet: string, node: string): string =>
  `@id("N1-${facet}") @reason("not now") forbid (principal, action == Action::"disclose", resource)
   when { principal.node == "${node}" && context.facet.name == "${facet}" };`;

let federation: Federation;
let net: TestNetwork;
let xa: TestNode;
let xb: TestNode;
let engine: PolicyEngine;

const putInForce = (national: string): void => {
  engine = createPolicyEngine({
    baseline: baselinePolicy(),
    national,
    self: 'XA',
    roster: federation.roster,
  });
};

beforeAll(async () => {
  federation = await makeFederation({ nodes: NODES, baselinePolicy: baselinePolicy() });
});
afterAll(() => federation[Symbol.asyncDispose]());
beforeEach(async () => {
  net = await TestNetwork.create(
    {
      nodes: NODES,
      options: QUICK,
      policyOf: (node, own) => ({
        viewFor: (...args) => (node.self === 'XA' ? engine : own).viewFor(...args),
        judgeArrival: (...args) => own.judgeArrival(...args),
      }),
    },
    federation,
  );
  [xa, xb] = [net.of('XA'), net.of('XB')];
  putInForce('');
  await net.start();
});
afterEach(() => net.close());

const follower = () =>
  createPolicyFollower({
    store: xa.store,
    policy: () => engine,
    exchange: xa.exchange,
    self: { node: 'XA', network: federation.network },
    clock: xa.clock,
    changed: new Wake(),
  });

/** Releases under the policy in force, to XB alone. */
async function release(): Promise<SignedHeader> {
  const made = xa.assemble('warning', {
    edit: (content) => ({ ...content, marking: { ...content.marking, releasableTo: ['XB'] } }),
  });
  await xa.store.write(async (tx) => {
    const { signed, facets } = made;
    const { header } = signed;
    await tx.records.insert([
      {
        facets,
        record: {
          headerDigest: signed.digest,
          recordId: header.recordId,
          revision: 1,
          originator: 'XA',
          kind: header.kind,
          schemaVersion: header.schemaVersion,
          deskGroup: header.deskGroup,
          priority: header.priority,
          tlp: header.marking?.tlp ?? 0,
          status: header.marking?.status ?? 0,
          released: Number(header.released),
          expires: Number(header.expires),
          reviewBy: Number(header.reviewBy),
          header: signed.bytes,
          origin: 'own',
          state: 'released',
          logOrigin: header.logOrigin,
          title: 'a warning',
          committedAt: xa.clock.nowMs(),
        },
      },
    ]);
    await xa.ledger.enqueue(tx, signed);
    await xa.exchange.fanout(tx, made, engine.preview(made, xa.clock.nowMs()));
  });
  return made.signed;
}

const held = (node: TestNode, { digest }: SignedHeader) =>
  node.store.read(async (tx) => (await tx.records.facets(digest)).map(({ facet }) => facet));

const rows = async ({ digest }: SignedHeader) =>
  (await xa.store.read((tx) => tx.outbox.ofRecord(digest))).map(
    ({ recipient, action, state, resultReason, facets }) => ({
      recipient,
      action,
      state,
      resultReason,
      facets,
    }),
  );

const arrived = (signed: SignedHeader, facet: string) =>
  net.until(`${facet} is at XB`, async () => (await held(xb, signed)).includes(facet));

const { ITEM_ACTION_RECORD: RECORD, ITEM_ACTION_FACETS: FACETS } = ItemAction;

describe('a wider policy', () => {
  test('lets the facet follow to whoever holds the record, as facets, once, and to nobody else', async () => {
    putInForce(keeps('items', 'XB'));
    const signed = await release();
    await net.until('it is delivered', async () =>
      (await rows(signed)).every((row) => row.state === 'receipted'),
    );
    expect(await held(xb, signed)).not.toContain('items');

    putInForce('');
    expect(await follower().follow()).toEqual({ records: 1, facets: 1, withdrawn: 0 });
    await arrived(signed, 'items');
    await net.until('it is receipted', async () =>
      (await rows(signed)).every((row) => row.state === 'receipted'),
    );
    expect((await rows(signed)).map(({ recipient, action }) => ({ recipient, action }))).toEqual([
      { recipient: 'XB', action: RECORD },
      { recipient: 'XB', action: FACETS },
    ]);
    expect((await rows(signed))[1]?.facets).toEqual(['items']);
    // Followed to its end: neither this process nor the next looks at the records again.
    expect(await follower().follow()).toEqual({ records: 0, facets: 0, withdrawn: 0 });
    const audit = await xa.store.read((tx) => tx.audit.list({ action: 'record.followed-up', limit: 10 }));
    expect(audit.items).toMatchObject([{ actor: 'node', detail: { recipient: 'XB', followed: 'items' } }]);
  });

  test('does not bring back what was recalled meanwhile', async () => {
    putInForce(keeps('items', 'XB'));
    const signed = await release();
    await net.until('it is delivered', async () =>
      (await rows(signed)).every((row) => row.state === 'receipted'),
    );
    await xa.store.write((tx) => tx.records.setState(signed.digest, 'recalled'));
    putInForce('');
    expect(await follower().follow()).toEqual({ records: 0, facets: 0, withdrawn: 0 });
  });

  test('that came while the node was down, or was followed only in part, is followed by the next round', async () => {
    putInForce(keeps('items', 'XB'));
    expect(await follower().follow()).toMatchObject({ records: 0 });
    const signed = await release();
    await net.until('it is delivered', async () =>
      (await rows(signed)).every((row) => row.state === 'receipted'),
    );
    putInForce('');
    // Stopped after its first batch: nothing says that the policy was followed to its end.
    await follower().follow(AbortSignal.abort());
    await xa.restart();
    await follower().follow();
    await arrived(signed, 'items');
    expect((await rows(signed)).filter(({ action }) => action === FACETS)).toHaveLength(1);
  });
});

describe('a narrower policy', () => {
  const waitingRelease = async (): Promise<SignedHeader> => {
    // Nothing goes out: what is queued waits.
    await xa.stop();
    return release();
  };

  test('takes the facet out of what waits, without a word to its recipient; the rest arrives', async () => {
    const signed = await waitingRelease();
    putInForce(keeps('items', 'XB'));
    expect(await follower().follow()).toEqual({ records: 1, facets: 0, withdrawn: 1 });
    await xa.restart();
    await net.until('the rest is delivered', async () =>
      (await rows(signed)).some((row) => row.state === 'receipted'),
    );
    expect(await rows(signed)).toMatchObject([
      { action: RECORD, state: 'withdrawn', resultReason: Reason.REASON_WITHDRAWN },
      { action: RECORD, state: 'receipted' },
    ]);
    expect(await held(xb, signed)).toContain('summary');
    expect(await held(xb, signed)).not.toContain('items');
  });

  test('does so at the sealing too, before any round has looked', async () => {
    const signed = await waitingRelease();
    putInForce(keeps('items', 'XB'));
    await xa.restart();
    await net.until('the rest is delivered', async () =>
      (await rows(signed)).some((row) => row.state === 'receipted'),
    );
    expect(await held(xb, signed)).toContain('summary');
    expect(await held(xb, signed)).not.toContain('items');
    // Not announced, so not taken back in the open either.
    expect((await rows(signed)).map(({ action }) => action)).toEqual([RECORD, RECORD]);
  });

  test('takes back the record as a whole; widened again, it goes out after all', async () => {
    const signed = await waitingRelease();
    putInForce(
      '@id("N2") @reason("not now") forbid (principal, action == Action::"receive", resource) when { principal.node == "XB" };',
    );
    expect(await follower().follow()).toMatchObject({ records: 1 });
    expect(await rows(signed)).toMatchObject([{ state: 'withdrawn', resultReason: Reason.REASON_WITHDRAWN }]);
    putInForce('');
    await follower().follow();
    await xa.restart();
    await arrived(signed, 'items');
  });

  test('leaves alone what its recipient holds: only a recall deletes', async () => {
    const signed = await release();
    await arrived(signed, 'items');
    await net.until('it is receipted', async () =>
      (await rows(signed)).every((row) => row.state === 'receipted'),
    );
    putInForce(keeps('items', 'XB'));
    expect(await follower().follow()).toEqual({ records: 0, facets: 0, withdrawn: 0 });
    expect(await held(xb, signed)).toContain('items');
  });
});
