/** Passing on through a hub (design §6, R3): consent, its proof, the disclosure to the originator, and what is refused. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { hex } from '../../../src/base/bytes.ts';
import { LifecycleError } from '../../../src/lifecycle/index.ts';
import { baselinePolicy } from '../../../src/policy/index.ts';
import { type Federation, makeFederation } from '../../support/authority.ts';
import { TestNetwork } from '../../support/exchange-network.ts';
import { ANALYST, HUB_NODES, OnwardNode, seizureFor } from '../../support/onward-network.ts';

const DAY_MS = 86_400_000;

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

const holds = (node: OnwardNode, digest: Uint8Array, ...facets: readonly string[]) =>
  net.until(`${node.node.self} holds ${facets.join(' ') || 'it'}`, async () => {
    const held = await node.held(digest);
    return held !== undefined && facets.every((name) => held.includes(name));
  });

/** A seizure of XA that HR holds. */
async function atHub(marking = {}): Promise<Uint8Array> {
  const digest = await xa.release(seizureFor(xa.node.clock.nowMs(), marking));
  await holds(hr, digest, 'summary');
  return digest;
}

async function code(work: Promise<unknown>): Promise<string> {
  const failure = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (failure instanceof LifecycleError) return `${failure.code} ${failure.message}`;
  throw failure ?? new Error('expected a refusal');
}

describe('with a consent', () => {
  test('XB gets the facets named and no other, with the consent before them, and XA lists XB as a holder', async () => {
    await network();
    const digest = await atHub();
    const consent = await xa.consent({ headerDigest: digest });
    await holds(hr, consent);
    expect(await xb.held(consent)).toBeUndefined();

    const [forwarded] = await hr.onward.forward({ officer: ANALYST, headerDigest: digest, to: ['XB'] });
    expect(forwarded).toMatchObject({ recipient: 'XB', facets: ['items', 'summary'] });
    await holds(xb, digest, 'summary');
    expect(await xb.held(digest)).toEqual(['items', 'summary']);
    const record = await xb.node.store.read((tx) => tx.records.byDigest(digest));
    expect(record).toMatchObject({ originator: 'XA', origin: 'partner' });
    expect(await xb.held(consent)).toEqual(['onward-consent']);
    expect(await xb.node.alarms()).toEqual([]);

    await net.until('XA lists XB', async () =>
      (await xa.node.store.read((tx) => tx.holders.holdersOf(digest, xa.node.clock.nowMs()))).some(
        ({ node, via }) => node === 'XB' && via === 'HR',
      ),
    );
    const holders = await xa.node.store.read((tx) => tx.holders.holdersOf(digest, xa.node.clock.nowMs()));
    expect(holders.find(({ node }) => node === 'XB')?.facets.toSorted()).toEqual(['items', 'summary']);
    expect(hex(holders.find(({ node }) => node === 'XB')?.consent ?? new Uint8Array())).toBe(hex(consent));
  });

  test('a wider consent lets further facets follow as such; asked for again nothing is sent twice', async () => {
    await network();
    const digest = await atHub();
    await holds(hr, await xa.consent({ headerDigest: digest, facets: ['summary'] }));
    const forward = () => hr.onward.forward({ officer: ANALYST, headerDigest: digest, to: ['XB'] });
    await forward();
    await holds(xb, digest, 'summary');
    expect(await forward()).toMatchObject([{ facets: [], disclosures: [] }]);
    await holds(hr, await xa.consent({ headerDigest: digest, facets: ['summary', 'items', 'route'] }));
    expect(await forward()).toMatchObject([{ facets: ['items', 'route'] }]);
    await holds(xb, digest, 'summary', 'items', 'route');
    expect(await xb.held(digest)).toHaveLength(3);
    await net.until('both disclosures are in', async () => {
      const told = await xa.node.store.read((tx) => tx.holders.disclosuresOf(digest));
      return told.length === 2;
    });
  });

  test('what the consent does not name is refused at the forwarder, by its rule, for all recipients at once', async () => {
    await network();
    const digest = await atHub();
    await holds(hr, await xa.consent({ headerDigest: digest }));
    const refused = await code(
      hr.onward.forward({ officer: ANALYST, headerDigest: digest, to: ['XB'], facets: ['summary', 'route'] }),
    );
    expect(refused).toMatch(/^NOT_PERMITTED XB may not get the facet route: .*\(R3\)/);
    const rows = await hr.node.store.read((tx) => tx.outbox.ofRecord(digest));
    expect(rows).toEqual([]);
  });

  test('an expired one is none: nothing is sent, and the refusal says so', async () => {
    await network();
    const digest = await atHub();
    const expiresMs = hr.node.clock.nowMs() + DAY_MS;
    await holds(hr, await xa.consent({ headerDigest: digest, expiresMs }));
    net.clock.skewMs += 2 * DAY_MS;
    const refused = await code(hr.onward.forward({ officer: ANALYST, headerDigest: digest, to: ['XB'] }));
    expect(refused).toMatch(/^NOT_PERMITTED .*has expired/);
  });
});

describe('without a consent', () => {
  test('the forwarder refuses and names the rule', async () => {
    await network();
    const digest = await atHub();
    expect(await code(hr.onward.forward({ officer: ANALYST, headerDigest: digest, to: ['XB'] }))).toMatch(
      /^NOT_PERMITTED XB may not get it: .*\(R(3|11)\)/,
    );
    const [preview] = await hr.onward.previewForward(digest, ['XB']);
    expect(preview?.grounds[0]?.view.receive).toMatchObject({ allowed: false });
  });

  test('a consent for another record, or by another than its originator, permits nothing', async () => {
    await network();
    const [digest, other] = [await atHub(), await atHub()];
    const consent = await xa.consent({ headerDigest: other });
    await holds(hr, consent);
    expect(await code(hr.onward.forward({ officer: ANALYST, headerDigest: digest, to: ['XB'] }))).toMatch(
      /^NOT_PERMITTED/,
    );
    // HR's own program would refuse; one that lies names the consent of the other record.
    await hr.node.store.write((tx) =>
      tx.outbox.add(
        [
          {
            recipient: 'XB',
            lane: 1,
            action: 1,
            headerDigest: digest,
            facets: ['summary'],
            audience: { deskGroups: [], purposes: [] },
            facetAudiences: [],
            basis: 'R3',
            consent,
          },
        ],
        hr.node.clock.nowMs(),
      ),
    );
    await hr.node.release('warning');
    await net.until('the row is withdrawn before it was announced', async () => {
      const rows = await hr.node.store.read((tx) => tx.outbox.ofRecord(digest));
      return rows.every(({ state }) => state === 'withdrawn');
    });
    expect(await xb.held(digest)).toBeUndefined();
  });
});

test('R19: partners get nothing before the time that the marking sets, all of it after, also over a restart', async () => {
  await network();
  // Less than the week that prekeys live: what is shown here is the waiting, not the renewing of keys.
  const notBefore = xa.node.clock.nowMs() + 3 * DAY_MS;
  const content = seizureFor(xa.node.clock.nowMs(), { notBefore: new Date(notBefore).toISOString() });
  const digest = await xa.release(content);
  const later = await atHub();
  expect(await hr.held(digest)).toBeUndefined();
  const [row] = await xa.node.store.read((tx) => tx.outbox.ofRecord(digest));
  expect(row).toMatchObject({ recipient: 'HR', state: 'waiting', notBefore });
  await xa.node.restart();
  net.clock.skewMs += 3 * DAY_MS;
  await holds(hr, digest, 'summary', 'items');
  expect((await hr.held(digest))?.toSorted()).toEqual((await hr.held(later))?.toSorted());
});
