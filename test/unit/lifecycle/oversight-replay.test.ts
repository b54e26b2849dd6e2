/** What a decision depended on besides the record counts as it did: the consent relied on, who held the ends of a link. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { RecallReason } from '../../../src/gen/tocsin/record/v1/recall.ts';
import { createOversight, type Replayed } from '../../../src/lifecycle/index.ts';
import { baselinePolicy } from '../../../src/policy/index.ts';
import { type Federation, makeFederation } from '../../support/authority.ts';
import { exampleContent, type Json } from '../../support/contents.ts';
import { TestNetwork } from '../../support/exchange-network.ts';
import { ANALYST, HUB_NODES, OnwardNode, RELEASER, seizureFor } from '../../support/onward-network.ts';

const DAY_MS = 86_400_000;

let federation: Federation;
let net: TestNetwork;
let [xa, hr]: [OnwardNode, OnwardNode] = [] as never;

beforeAll(async () => {
  federation = await makeFederation({ nodes: HUB_NODES, baselinePolicy: baselinePolicy() });
});
afterAll(() => federation[Symbol.asyncDispose]());
afterEach(() => net.close());

async function network(): Promise<void> {
  net = await TestNetwork.create({ nodes: HUB_NODES }, federation);
  [xa, hr] = [new OnwardNode(net, 'XA'), new OnwardNode(net, 'HR')];
  for (const { node } of [xa, hr])
    await node.store.write((tx) =>
      tx.policyHistory.note({
        since: node.clock.nowMs() - DAY_MS,
        digest: node.policy.digest,
        national: '',
        rosterVersion: federation.roster.version,
        rosterDigest: federation.roster.digest,
        program: '1',
      }),
    );
  await net.start();
}

/** Every disclosure of a node, decided once more. */
async function replayed({ node }: OnwardNode): Promise<readonly Replayed[]> {
  const oversight = createOversight({
    store: node.store,
    clock: node.clock,
    self: { node: node.self, network: federation.network },
    signer: { keyring: federation.of(node.self).keyring, statement: () => new Uint8Array() },
  });
  const until = node.clock.nowMs() + 1;
  const query = { world: 'live', from: until - 100 * DAY_MS, until, seed: 's', count: 100 } as const;
  return (await oversight.sample(query)).disclosures;
}

const of = async (node: OnwardNode, digest: Uint8Array, recipient: string) =>
  (await replayed(node)).find(
    (one) => Buffer.from(digest).equals(one.headerDigest) && one.recipient === recipient,
  )?.outcome;

const holds = (node: OnwardNode, digest: Uint8Array) =>
  net.until(`${node.node.self} holds it`, async () => (await node.held(digest)) !== undefined);

describe('a record passed on under a consent', () => {
  it('is the same while the consent lasts and when it is over', async () => {
    await network();
    const digest = await xa.release(seizureFor(xa.node.clock.nowMs()));
    await holds(hr, digest);
    const consent = await xa.consent({
      headerDigest: digest,
      expiresMs: xa.node.clock.nowMs() + 2 * DAY_MS,
    });
    await holds(hr, consent);
    await hr.onward.forward({ officer: ANALYST, headerDigest: digest, to: ['XB'] });
    expect(await of(hr, digest, 'XB')).toMatchObject({ verdict: 'same', permitted: ['summary', 'items'] });
    expect(await of(xa, digest, 'HR')).toMatchObject({ verdict: 'same' });

    // Over since: it counts as it did.
    net.clock.skewMs += 3 * DAY_MS;
    expect(await of(hr, digest, 'XB')).toMatchObject({ verdict: 'same' });
  });

  it('is the same after the consent was taken back: it counts as it did', async () => {
    await network();
    const digest = await xa.release(seizureFor(xa.node.clock.nowMs()));
    await holds(hr, digest);
    const consent = await xa.consent({ headerDigest: digest });
    await holds(hr, consent);
    await hr.onward.forward({ officer: ANALYST, headerDigest: digest, to: ['XB'] });
    await holds(new OnwardNode(net, 'XB'), digest);
    expect(await of(hr, digest, 'XB')).toMatchObject({ verdict: 'same' });
    await xa.lifecycle.withdrawConsent({
      officer: RELEASER,
      headerDigest: consent,
      reason: RecallReason.RECALL_REASON_ERROR,
    });
    await net.until('HR knows', async () => {
      const held = await hr.node.store.read((tx) => tx.records.byDigest(consent));
      return held?.state !== 'released';
    });
    expect(await of(hr, digest, 'XB')).toMatchObject({ verdict: 'same', permitted: ['summary', 'items'] });
  });

  it('differs where no consent was relied on', async () => {
    await network();
    const digest = await xa.release(seizureFor(xa.node.clock.nowMs()));
    await holds(hr, digest);
    await holds(hr, await xa.consent({ headerDigest: digest }));
    await hr.onward.forward({ officer: ANALYST, headerDigest: digest, to: ['XB'] });
    const [row] = (await hr.node.store.read((tx) => tx.outbox.ofRecord(digest))).filter(
      ({ recipient }) => recipient === 'XB',
    );
    if (row === undefined) throw new Error('expected a row for XB');
    const { consent: _, ...without } = row;
    net.clock.skewMs += 60_000;
    await hr.node.store.write((tx) => tx.outbox.add([without], hr.node.clock.nowMs()));
    const outcomes = (await replayed(hr)).filter(({ recipient }) => recipient === 'XB');
    expect(outcomes.map(({ outcome }) => outcome.verdict).toSorted()).toEqual(['differs', 'same']);
    expect(outcomes.find(({ outcome }) => outcome.verdict === 'differs')?.outcome).toMatchObject({
      receive: { allowed: false },
      permitted: [],
      wider: ['record'],
    });
  });
});

describe('a link', () => {
  it('is the same for who held both ends when it was disclosed, and differs for who got an end later', async () => {
    await network();
    const nowMs = xa.node.clock.nowMs();
    const ends: Json[] = [];
    for (let end = 0; end < 2; end += 1) {
      const digest = await xa.release(seizureFor(nowMs));
      const record = await xa.node.store.read((tx) => tx.records.byDigest(digest));
      ends.push({
        originator: 'XA',
        recordId: Buffer.from(record?.recordId ?? []).toString('base64'),
      });
    }
    net.clock.skewMs += 60_000;
    const [from = {}, to = {}] = ends;
    const example = exampleContent('link', xa.node.clock.nowMs()) as {
      readonly marking: object;
      readonly facets: { readonly link: object };
    };
    const link = await xa.release({
      ...example,
      deskGroup: 'customs',
      marking: { ...example.marking, releasableTo: ['sac'], purposes: ['threat-analysis', 'investigation'] },
      facets: { link: { ...example.facets.link, from, to } },
    });
    const rows = await xa.node.store.read((tx) => tx.outbox.ofRecord(link));
    expect(rows.map(({ recipient }) => recipient)).toContain('HR');
    expect(await of(xa, link, 'HR')).toMatchObject({ verdict: 'same' });

    // One that went out before its ends did was not to; what was sent since does not mend it.
    const [row] = rows;
    if (row === undefined) throw new Error('expected the link in the outbox');
    const before = nowMs - 60_000;
    await xa.node.store.write((tx) => tx.outbox.add([row], before));
    const early = (await replayed(xa)).find(({ at }) => at === before);
    expect(early?.outcome).toMatchObject({ verdict: 'differs', receive: { allowed: false } });
  });
});
