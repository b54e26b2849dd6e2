/** Break-glass between nodes (R17): the originator is told of opening and reading, and tells its review; lies are refused. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { hex } from '../../../src/base/bytes.ts';
import {
  BreakGlass,
  BreakGlassStage,
  BreakGlassVerdict,
} from '../../../src/gen/tocsin/record/v1/break_glass.ts';
import { DeskGroup } from '../../../src/gen/tocsin/record/v1/marking.ts';
import { Reason } from '../../../src/gen/tocsin/record/v1/reason.ts';
import { LifecycleError, type Officer } from '../../../src/lifecycle/index.ts';
import { baselinePolicy } from '../../../src/policy/index.ts';
import { BREAK_GLASS } from '../../../src/record/index.ts';
import { type Federation, makeFederation } from '../../support/authority.ts';
import { TestNetwork } from '../../support/exchange-network.ts';
import { HUB_NODES, OnwardNode, seizureFor } from '../../support/onward-network.ts';

const REASON = 'the ship with the cargo sails within the hour';
const HOUR_MS = 3_600_000;

const opener: Officer = {
  fingerprint: 'ab'.repeat(32),
  name: 'Bruna Border',
  deskGroup: DeskGroup.DESK_GROUP_BORDER,
};
const reviewer: Officer = {
  fingerprint: 'cd'.repeat(32),
  name: 'Rui Releaser',
  deskGroup: DeskGroup.DESK_GROUP_CUSTOMS,
};

let federation: Federation;
let net: TestNetwork;
let [xa, hr, xb]: [OnwardNode, OnwardNode, OnwardNode] = [] as never;

beforeAll(async () => {
  federation = await makeFederation({ nodes: HUB_NODES, baselinePolicy: baselinePolicy() });
});
afterAll(() => federation[Symbol.asyncDispose]());
afterEach(() => net.close());

async function network(): Promise<void> {
  net = await TestNetwork.create({ nodes: HUB_NODES }, federation);
  [xa, hr, xb] = [new OnwardNode(net, 'XA'), new OnwardNode(net, 'HR'), new OnwardNode(net, 'XB')];
  await net.start();
}

/** A seizure of XA that XB holds. */
async function atXb(marking = {}): Promise<Uint8Array> {
  const digest = await xa.release(seizureFor(xa.node.clock.nowMs(), { releasableTo: ['XB'], ...marking }));
  await net.until('XB holds it', async () => (await xb.held(digest)) !== undefined);
  return digest;
}

const open = (headerDigest: Uint8Array, more: object = {}) =>
  xb.breakGlass.open({
    officer: opener,
    headerDigest,
    facets: ['route'],
    asked: [],
    reason: REASON,
    lastsMs: 4 * HOUR_MS,
    ...more,
  });

const openingAt = (node: OnwardNode, opening: Uint8Array) =>
  node.node.store.read((tx) => tx.breakGlass.openingOf(opening));

const auditAt = async (node: OnwardNode, record: Uint8Array) =>
  (await node.node.store.read((tx) => tx.audit.list({ subject: hex(record), limit: 100 }))).items
    .filter(({ action }) => action.startsWith('break-glass.'))
    .map(({ action, actor }) => [action, actor])
    .toReversed();

const openAlarms = async (node: OnwardNode) =>
  (await node.node.store.read((tx) => tx.alarms.list({ open: true, code: 'BREAK_GLASS' }))).items;

/** What a node that lies would send: its own program states it of whatever it likes. */
const claim = (from: OnwardNode, to: string, said: Partial<BreakGlass>) =>
  from.node.store.write((tx) =>
    from.node.exchange.state(tx, {
      kind: BREAK_GLASS,
      to: [to],
      body: BreakGlass.encode(
        BreakGlass.fromPartial({
          officer: 'Liar',
          certificate: Buffer.alloc(32, 3),
          deskGroup: DeskGroup.DESK_GROUP_BORDER,
          at: BigInt(from.node.clock.nowMs()),
          ...said,
        }),
      ).finish(),
    }),
  );

const refusalsAt = (node: OnwardNode) => node.node.store.read((tx) => tx.inbox.refusals(50));

describe('break-glass', () => {
  test('is known at both ends: opening, reading, review; the alarm stands until the review, and each step is audited', async () => {
    await network();
    const record = await atXb();
    const opened = await open(record);
    await net.until('XA is told', async () => (await openingAt(xa, opened.opening)) !== undefined);
    expect(await openingAt(xa, opened.opening)).toEqual(opened);
    for (const node of [xa, xb]) {
      const [alarm] = await openAlarms(node);
      expect(alarm).toMatchObject({ subject: hex(opened.opening) });
      expect(alarm?.detail).toContain('Bruna Border at XB opened route');
    }

    await xb.breakGlass.read({ officer: opener, openings: [opened], facets: ['route', 'summary'] });
    await net.until(
      'XA is told of the reading',
      async () => (await openingAt(xa, opened.opening))?.readings === 1,
    );

    const reviewed = await xa.breakGlass.review({
      officer: reviewer,
      opening: opened.opening,
      verdict: BreakGlassVerdict.BREAK_GLASS_VERDICT_NOT_JUSTIFIED,
      note: 'the ship had been stopped the day before',
    });
    await net.until(
      'XB is told of the review',
      async () => (await openingAt(xb, opened.opening))?.review !== undefined,
    );
    expect(await openingAt(xb, opened.opening)).toEqual(reviewed);
    for (const node of [xa, xb]) expect(await openAlarms(node)).toEqual([]);

    const steps = ['break-glass.opened', 'break-glass.read', 'break-glass.reviewed'];
    expect((await auditAt(xb, record)).map(([action]) => action)).toEqual(steps);
    expect(await auditAt(xa, record)).toEqual([
      [steps[0], 'XB'],
      [steps[1], 'XB'],
      [steps[2], reviewer.fingerprint],
    ]);
  });

  test('reaches an originator that is away when it is back', async () => {
    await network();
    const record = await atXb();
    await xa.node.stop();
    const opened = await open(record, { asked: ['price'] });
    await xa.node.restart();
    await net.until('XA is told', async () => (await openingAt(xa, opened.opening)) !== undefined);
    expect(await openingAt(xa, opened.opening)).toMatchObject({ asked: ['price'], reason: REASON });
  });

  test('of a record of the hub is told to its originator and to nobody else', async () => {
    await network();
    const record = await atXb({ releasableTo: ['XB', 'HR'] });
    const opened = await open(record);
    await net.until('XA is told', async () => (await openingAt(xa, opened.opening)) !== undefined);
    expect(await openingAt(hr, opened.opening)).toBeUndefined();
    expect(await hr.held(opened.opening)).toBeUndefined();
  });

  test('opens class O at most and for four hours at most, whoever asks', async () => {
    await network();
    const record = await atXb();
    for (const wrong of [
      { facets: ['persons'] },
      { facets: ['route', 'source'] },
      { asked: ['internal'] },
      { facets: [] },
      { lastsMs: 4 * HOUR_MS + 1 },
      { lastsMs: 0 },
    ])
      await expect(open(record, wrong)).rejects.toMatchObject({ code: 'INVALID' });
    expect(await openAlarms(xb)).toEqual([]);
    await expect(open(new Uint8Array(32))).rejects.toBeInstanceOf(LifecycleError);
  });

  test('is not reviewed by who opened it', async () => {
    await network();
    const own = await xa.release(seizureFor(xa.node.clock.nowMs(), { releasableTo: ['XB'] }));
    const opened = await xa.breakGlass.open({
      officer: opener,
      headerDigest: own,
      facets: ['route'],
      asked: [],
      reason: REASON,
      lastsMs: HOUR_MS,
    });
    const word = {
      opening: opened.opening,
      verdict: BreakGlassVerdict.BREAK_GLASS_VERDICT_JUSTIFIED,
      note: 'so I say',
    };
    await expect(xa.breakGlass.review({ ...word, officer: opener })).rejects.toMatchObject({
      code: 'FOUR_EYES',
    });
    await expect(xa.breakGlass.review({ ...word, officer: reviewer })).resolves.toBeDefined();
  });
});

describe('what a partner claims', () => {
  test('of a record that is not ours, of an opening that is not its own, or as another originator, is refused', async () => {
    await network();
    const record = await atXb({ releasableTo: ['XB', 'HR'] });
    const opened = await open(record);
    await net.until('XA is told', async () => (await openingAt(xa, opened.opening)) !== undefined);
    const opening = Buffer.from(opened.opening);
    const claims = [
      await claim(xb, 'XA', {
        stage: BreakGlassStage.BREAK_GLASS_STAGE_OPENED,
        record: Buffer.alloc(32, 8),
        facets: ['route'],
        reason: REASON,
        until: BigInt(xb.node.clock.nowMs() + HOUR_MS),
      }),
      await claim(hr, 'XA', {
        stage: BreakGlassStage.BREAK_GLASS_STAGE_READ,
        record: Buffer.from(record),
        opening,
        facets: ['route'],
      }),
      await claim(hr, 'XB', {
        stage: BreakGlassStage.BREAK_GLASS_STAGE_REVIEWED,
        record: Buffer.from(record),
        opening,
        verdict: BreakGlassVerdict.BREAK_GLASS_VERDICT_JUSTIFIED,
      }),
      // Five hours: against the rules of its kind.
      await claim(xb, 'XA', {
        stage: BreakGlassStage.BREAK_GLASS_STAGE_OPENED,
        record: Buffer.from(record),
        facets: ['route'],
        reason: REASON,
        until: BigInt(xb.node.clock.nowMs() + 5 * HOUR_MS),
      }),
    ].map((digest) => hex(digest));
    await net.until('all are refused', async () => {
      const refused = [...(await refusalsAt(xa)), ...(await refusalsAt(xb))];
      return claims.every((digest) =>
        refused.some(
          (one) =>
            hex(one.digest ?? new Uint8Array()) === digest && one.reason === Reason.REASON_RECORD_INVALID,
        ),
      );
    });
    expect(await openingAt(xa, opened.opening)).toMatchObject({ readings: 0 });
    expect((await openingAt(xb, opened.opening))?.review).toBeUndefined();
    expect(await openAlarms(xa)).toHaveLength(1);
  });

  test('that it opened what no emergency opens is kept, and the alarm says so', async () => {
    await network();
    const record = await atXb();
    await claim(xb, 'XA', {
      stage: BreakGlassStage.BREAK_GLASS_STAGE_OPENED,
      record: Buffer.from(record),
      facets: ['persons'],
      reason: REASON,
      until: BigInt(xb.node.clock.nowMs() + HOUR_MS),
    });
    await net.until('XA is told', async () => (await openAlarms(xa)).length === 1);
    expect((await openAlarms(xa))[0]?.detail).toContain('R17 permits none of persons');
  });
});
