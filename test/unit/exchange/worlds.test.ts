/** Exercise and live never meet where records arrive (R21): what a sender says of one world changes nothing of the other. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { hex } from '../../../src/base/bytes.ts';
import { systemRandom } from '../../../src/base/clock.ts';
import { ItemAction } from '../../../src/gen/tocsin/exchange/v1/parcel.ts';
import { Disclosure } from '../../../src/gen/tocsin/record/v1/disclosure.ts';
import { Link, LinkRole } from '../../../src/gen/tocsin/record/v1/link.ts';
import { Status } from '../../../src/gen/tocsin/record/v1/marking.ts';
import { Recall, RecallReason, RecallScope } from '../../../src/gen/tocsin/record/v1/recall.ts';
import { baselinePolicy, type PolicyEngine } from '../../../src/policy/index.ts';
import type { RecordContent, SignedHeader, World } from '../../../src/record/index.ts';
import type { ReadTx } from '../../../src/store/index.ts';
import { type Federation, makeFederation } from '../../support/authority.ts';
import { QUICK, TestNetwork, type TestNode } from '../../support/exchange-network.ts';

const NODES = ['XA', 'XB'].map((node) => ({ node, groups: ['adequate', 'sac'] }));

let federation: Federation;
let net: TestNetwork;
let [xa, xb]: [TestNode, TestNode] = [] as never;

beforeAll(async () => {
  federation = await makeFederation({ nodes: NODES, baselinePolicy: baselinePolicy() });
});
afterAll(() => federation[Symbol.asyncDispose]());
afterEach(() => net.close());

/** A program of XA that takes any link for one whose ends are both disclosed. */
const bothEnds = (_node: TestNode, engine: PolicyEngine) => ({
  viewFor: (record: Parameters<PolicyEngine['viewFor']>[0], partner: string, atMs: number) =>
    engine.viewFor({ ...record, endsDisclosedTo: () => true }, partner, atMs),
  judgeArrival: (...args: Parameters<PolicyEngine['judgeArrival']>) => engine.judgeArrival(...args),
});

async function network(): Promise<void> {
  net = await TestNetwork.create({ nodes: NODES, options: QUICK, policyOf: bothEnds }, federation);
  [xa, xb] = [net.of('XA'), net.of('XB')];
  await net.start();
}

const statusOf = (world: World) => (world === 'live' ? Status.STATUS_ACTUAL : Status.STATUS_EXERCISE);

const inWorld =
  (world: World, facets: RecordContent['facets'] = {}) =>
  (content: RecordContent): RecordContent => ({
    ...content,
    marking: { ...content.marking, status: statusOf(world), releasableTo: ['XB'] },
    facets: { ...content.facets, ...facets },
  });

/** A warning of XA, as any program of XA could make it. */
const warning = (world: World, options: Parameters<TestNode['release']>[1] = {}) =>
  xa.release('warning', { edit: inWorld(world), ...options });

const atXb = <Value>(read: (tx: ReadTx) => Promise<Value>): Promise<Value> => xb.store.read(read);

const holds = ({ digest }: SignedHeader) =>
  net.until('XB holds it', async () => (await atXb((tx) => tx.records.byDigest(digest))) !== undefined);

const refusedAs = (digest: Uint8Array, reason: string) =>
  net.until(
    `XB refuses it as ${reason}`,
    async () =>
      (await xb.refusals()).some((one) => one.includes(reason)) &&
      (await atXb((tx) => tx.inbox.refusals(50))).some(
        (one) => hex(one.digest ?? new Uint8Array()) === hex(digest),
      ),
  );

/** What a live desk at XB finds of XA's records. */
const liveView = (id: Uint8Array) =>
  atXb(async (tx) => {
    const { items } = await tx.records.list({ world: 'live', originator: 'XA', kind: 'warning', limit: 500 });
    return {
      items,
      current: await tx.records.current('XA', id, 'live'),
      revisions: await tx.records.revisions('XA', id, 'live'),
      facets: await Promise.all(items.map((one) => tx.records.facets(one.headerDigest))),
      recalled: await tx.tombstones.recalledOf(items),
      count: await tx.records.count({ world: 'live', kind: 'warning' }),
      alarms: (await tx.alarms.list({})).items,
    };
  });

const recallOf = (target: SignedHeader, world: World) =>
  xa.store.write((tx) =>
    xa.exchange.state(tx, {
      kind: 'recall',
      to: ['XB'],
      exercise: world === 'exercise',
      body: Recall.encode(
        Recall.fromPartial({
          target: Buffer.from(target.digest),
          recordId: target.header.recordId,
          scope: RecallScope.RECALL_SCOPE_WHOLE,
          reason: RecallReason.RECALL_REASON_ERROR,
          mustPurge: true,
          deadline: BigInt(xa.clock.nowMs() + 3_600_000),
        }),
      ).finish(),
    }),
  );

describe.each([
  ['exercise', 'live'],
  ['live', 'exercise'],
] as const)('a sender in %s', (mine, other) => {
  test('uses the id of a record of the other world: two records, no fork, nothing superseded', async () => {
    await network();
    const recordId = systemRandom.bytes(16);
    const theirs = await warning(other, { recordId });
    await holds(theirs);
    const twin = await warning(mine, { recordId });
    await holds(twin);
    const higher = await warning(mine, { recordId, revision: 2, supersedes: twin.digest });
    await holds(higher);
    const states = (world: World) =>
      atXb(async (tx) =>
        (await tx.records.revisions('XA', recordId, world)).map(({ headerDigest, state }) => [
          hex(headerDigest),
          state,
        ]),
      );
    expect(await states(other)).toEqual([[hex(theirs.digest), 'released']]);
    expect(await states(mine)).toEqual([
      [hex(twin.digest), 'superseded'],
      [hex(higher.digest), 'released'],
    ]);
    expect(await xb.alarms()).toEqual([]);
  });

  test('does not revise, recall, link or tell of a record of the other world', async () => {
    await network();
    const theirs = await warning(other);
    await holds(theirs);
    const before = await liveView(theirs.header.recordId);
    const exercise = mine === 'exercise';
    const revision = await warning(mine, {
      recordId: theirs.header.recordId,
      revision: 2,
      supersedes: theirs.digest,
    });
    const recall = await recallOf(theirs, mine);
    const link = await xa.release('link', {
      edit: inWorld(mine, {
        link: Link.encode(
          Link.fromPartial({
            from: {
              recordId: theirs.header.recordId,
              originator: 'XA',
              headerDigest: Buffer.from(theirs.digest),
            },
            to: { recordId: theirs.header.recordId, originator: 'XA' },
            role: LinkRole.LINK_ROLE_DUPLICATES,
          }),
        ).finish(),
      }),
    });
    await xa.store.write((tx) =>
      tx.outbox.add(
        [
          {
            recipient: 'XB',
            lane: 1,
            action: ItemAction.ITEM_ACTION_RECORD,
            headerDigest: link.digest,
            facets: ['link'],
            audience: { deskGroups: [], purposes: [] },
            facetAudiences: [],
            basis: 'R2',
          },
        ],
        xa.clock.nowMs(),
      ),
    );
    const disclosure = await xa.store.write((tx) =>
      xa.exchange.state(tx, {
        kind: 'disclosure',
        to: ['XB'],
        exercise,
        body: Disclosure.encode(
          Disclosure.fromPartial({
            record: Buffer.from(theirs.digest),
            recipient: 'XC',
            facets: ['summary'],
            basis: 'R3',
            at: BigInt(xa.clock.nowMs()),
          }),
        ).finish(),
      }),
    );
    for (const digest of [revision.digest, recall, link.digest, disclosure])
      await refusedAs(digest, 'EXERCISE_MISMATCH');
    expect(await liveView(theirs.header.recordId)).toEqual(before);
    expect(await atXb((tx) => tx.records.byDigest(theirs.digest))).toMatchObject({ state: 'released' });
    expect((await atXb((tx) => tx.records.facets(theirs.digest))).length).toBeGreaterThan(0);
  });

  test('recalls what has not come yet: it comes in all the same, if it is of the other world', async () => {
    await network();
    const made = xa.assemble('warning', { edit: inWorld(other) });
    const recall = await recallOf(made.signed, mine);
    await net.until(
      'the recall is taken',
      async () => (await atXb((tx) => tx.records.byDigest(recall))) !== undefined,
    );
    await xa.commit([made]);
    await holds(made.signed);
    expect(await atXb((tx) => tx.records.byDigest(made.signed.digest))).toMatchObject({ state: 'released' });
    expect((await atXb((tx) => tx.records.facets(made.signed.digest))).map(({ facet }) => facet)).toContain(
      'summary',
    );
  });

  test('recalls its own: that is followed, and answered in its own world', async () => {
    await network();
    const own = await warning(mine);
    await holds(own);
    await recallOf(own, mine);
    await net.until(
      'XB deletes it',
      async () => (await atXb((tx) => tx.records.facets(own.digest))).length === 0,
    );
    const receipts = await atXb((tx) =>
      tx.records.list({ world: mine, origin: 'own', kind: 'receipt', limit: 500 }),
    );
    expect(receipts.items.length).toBeGreaterThan(0);
  });
});
