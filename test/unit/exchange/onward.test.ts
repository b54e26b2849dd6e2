/** Passing on through a hub (design §6, R3): consent, its proof, the disclosure to the originator, and what is refused. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { hex } from '../../../src/base/bytes.ts';
import { BreachReport } from '../../../src/gen/tocsin/record/v1/breach_report.ts';
import { HybridSignature } from '../../../src/gen/tocsin/record/v1/identity.ts';
import { Reason } from '../../../src/gen/tocsin/record/v1/reason.ts';
import { Receipt, ReceiptKind, ReceiptResult } from '../../../src/gen/tocsin/record/v1/receipt.ts';
import { judgeMisconduct } from '../../../src/ledger/index.ts';
import { LifecycleError } from '../../../src/lifecycle/index.ts';
import { baselinePolicy } from '../../../src/policy/index.ts';
import { type Federation, makeFederation } from '../../support/authority.ts';
import { type NetworkOptions, TestNetwork } from '../../support/exchange-network.ts';
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

async function network(options: Omit<NetworkOptions, 'nodes'> = {}): Promise<void> {
  net = await TestNetwork.create({ nodes: HUB_NODES, ...options }, federation);
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

describe('a hub that sends without a right to', () => {
  /** Its program lets everything through. */
  const lawless: NetworkOptions['policyOf'] = (node, engine) =>
    node.self === 'HR'
      ? {
          viewFor: (record, partner, atMs) => {
            const view = engine.viewFor(record, partner, atMs);
            const open = { ...view.receive, allowed: true };
            return {
              ...view,
              receive: open,
              facets: new Map([...view.facets].map(([name]) => [name, open])),
            };
          },
          judgeArrival: (item, atMs) => engine.judgeArrival(item, atMs),
        }
      : engine;

  const smuggle = (digest: Uint8Array, consent?: Uint8Array) =>
    hr.node.store.write(async (tx) => {
      const held = await tx.records.byDigest(digest);
      expect(held?.originator).toBe('XA');
      await tx.outbox.add(
        [
          {
            recipient: 'XB',
            lane: 1,
            action: 1,
            headerDigest: digest,
            facets: ['summary', 'items'],
            audience: { deskGroups: [2], purposes: [2] },
            facetAudiences: [],
            basis: 'R3',
            ...(consent && { consent }),
          },
        ],
        hr.node.clock.nowMs(),
      );
    });

  const alarmAtXa = async () => {
    await net.until('XA has an alarm', async () => (await xa.node.alarms()).length > 0);
    const { items } = await xa.node.store.read((tx) => tx.alarms.list({ limit: 10 }));
    return items;
  };

  test('is refused and reported, also to an originator that is away; what it signed convicts it offline', async () => {
    await network({ policyOf: lawless });
    const digest = await atHub();
    await xa.node.stop();
    await smuggle(digest);
    await net.until('XB has put it aside', async () => {
      const rows = await xb.node.store.read((tx) => tx.inbox.refusals(10));
      return rows.some(({ digest: of }) => of && hex(of) === hex(digest));
    });
    expect(await xb.held(digest)).toBeUndefined();
    expect(await xb.node.refusals()).toEqual(['THIRD_PARTY_BREACH']);
    expect(await xb.node.alarms()).toEqual(['THIRD_PARTY_BREACH']);
    await xa.node.restart();
    const [alarm] = await alarmAtXa();
    expect(alarm).toMatchObject({ code: 'THIRD_PARTY_BREACH', subject: 'HR' });
    const evidence = alarm?.evidence ?? new Uint8Array();
    const verdict = judgeMisconduct({ bytes: evidence, networkDigest: federation.network });
    expect(verdict).toMatchObject({
      ok: true,
      value: { deed: 'third-party-breach', culprits: ['HR'], noticedBy: 'XA' },
    });
    // Nothing of the record itself is in the file.
    const facets = await xa.node.store.read((tx) => tx.records.facets(digest));
    for (const { body, salt } of facets) {
      expect(Buffer.from(evidence).includes(Buffer.from(salt))).toBe(false);
      if (body.length > 8) expect(Buffer.from(evidence).includes(Buffer.from(body))).toBe(false);
    }
  });

  test('cannot hide behind a consent that does not cover what it sends: the file holds it and convicts', async () => {
    await network({ policyOf: lawless });
    const digest = await atHub();
    const consent = await xa.consent({ headerDigest: digest, facets: ['summary'] });
    await holds(hr, consent);
    await smuggle(digest, consent);
    const [alarm] = await alarmAtXa();
    const verdict = judgeMisconduct({
      bytes: alarm?.evidence ?? new Uint8Array(),
      networkDigest: federation.network,
    });
    expect(verdict).toMatchObject({ ok: true, value: { culprits: ['HR'] } });
    expect(verdict.ok && verdict.value.what).toMatch(/does not name the facet items/);
  });

  test('four reports of one parcel are judged, and what came beyond them is kept as a record alone', async () => {
    await network({ policyOf: lawless });
    await smuggle(await atHub());
    expect((await alarmAtXa())[0]?.subject).toBe('HR');
    const proven = await xb.node.store.read(async (tx) => {
      const { items } = await tx.records.list({ world: 'live', kind: 'breach-report' });
      const [facet] = await tx.records.facets(items[0]?.headerDigest ?? new Uint8Array());
      return BreachReport.decode(facet?.body ?? new Uint8Array());
    });
    let reports = 1;
    const judged = async (unproven: number) => {
      await xa.node.store.write(async (tx) => {
        await tx.alarms.clear('THIRD_PARTY_BREACH', 'HR', xa.node.clock.nowMs());
        await tx.alarms.clear('BREACH_UNPROVEN', 'XB', xa.node.clock.nowMs());
      });
      const now = BigInt(xb.node.clock.nowMs());
      const bodies = Array.from({ length: unproven + 1 }, (_, at) => {
        const signature =
          at === unproven ? proven.signature : { ed25519: Buffer.alloc(64), mlDsa44: Buffer.alloc(2420) };
        return BreachReport.encode({ ...proven, at: now - BigInt(at), signature }).finish();
      });
      await xb.node.store.write(async (tx) => {
        for (const body of bodies)
          await xb.node.exchange.state(tx, { kind: 'breach-report', body, to: ['XA'] });
      });
      reports += bodies.length;
      await net.until('XA has them all', async () => {
        const query = { world: 'live', kind: 'breach-report' } as const;
        return (await xa.node.store.read((tx) => tx.records.list(query))).items.length === reports;
      });
      const { items } = await xa.node.store.read((tx) => tx.alarms.list({ open: true }));
      return items.map(({ code }) => code).sort();
    };
    expect(await judged(3)).toEqual(['BREACH_UNPROVEN', 'THIRD_PARTY_BREACH']);
    expect(await judged(4)).toEqual(['BREACH_UNPROVEN']);
  });

  test('a report that its evidence does not bear out accuses its reporter, not the hub', async () => {
    await network();
    const digest = await atHub();
    const record = await xa.node.store.read((tx) => tx.records.byDigest(digest));
    const [sent] = await xa.node.store.read((tx) => tx.links.allOut());
    const manifest = await xa.node.store.read((tx) =>
      tx.links.manifestOut({ recipient: 'HR', lane: 1, incarnation: 1, seq: sent?.seq ?? 1n }),
    );
    const body = BreachReport.encode(
      BreachReport.fromPartial({
        record: Buffer.from(digest),
        header: Buffer.from(record?.header ?? []),
        forwarder: 'HR',
        reason: Reason.REASON_THIRD_PARTY_BREACH,
        // The originator's own: HR signed nothing of the kind.
        manifest: Buffer.from(manifest?.body ?? []),
        manifestDigest: Buffer.from(manifest?.digest ?? []),
        signature: HybridSignature.decode(manifest?.signature ?? new Uint8Array()),
        at: BigInt(xb.node.clock.nowMs()),
      }),
    ).finish();
    await xb.node.store.write((tx) =>
      xb.node.exchange.state(tx, { kind: 'breach-report', body, to: ['XA'] }),
    );
    const alarms = await alarmAtXa();
    expect(alarms.map(({ code, subject }) => `${code} ${subject}`)).toEqual(['BREACH_UNPROVEN XB']);
  });
});

describe('what desks accepted and read', () => {
  test('is told to the originator in one receipt of its kind, who keeps who did it and when', async () => {
    await network();
    const [first, second] = [await atHub({ handling: ['h3'], condition: 'call first' }), await atHub()];
    const due = (headerDigest: Uint8Array, what: 'accepted' | 'read') => ({
      headerDigest,
      originator: 'XA',
      what,
      deskGroup: 7,
      facets: ['summary'],
      at: hr.node.clock.nowMs(),
    });
    await hr.node.store.write(async (tx) => {
      await tx.onward.oweReading(due(first, 'accepted'));
      await tx.onward.oweReading(due(first, 'read'));
      await tx.onward.oweReading(due(second, 'read'));
      // The same desk again: the first time counts.
      await tx.onward.oweReading({ ...due(second, 'read'), at: 1 });
    });
    const told = (digest: Uint8Array) => xa.node.store.read((tx) => tx.onward.readingsOf(digest));
    await net.until(
      'XA knows',
      async () => (await told(first)).length === 2 && (await told(second)).length === 1,
    );
    const [one] = await told(second);
    expect(one).toMatchObject({ node: 'HR', what: 'read', deskGroup: 7, facets: ['summary'] });
    expect(one?.at).toBeGreaterThan(1);
    const receipts = [...(await told(first)), ...(await told(second))].map(
      ({ what, receiptDigest }) => `${what} ${hex(receiptDigest)}`,
    );
    expect(new Set(receipts).size).toBe(2);
    expect(await hr.node.store.read((tx) => tx.onward.readingsDue(10))).toEqual([]);
  });

  test('and took in hand is told by desk group and time, in the world of the record, and by nobody else', async () => {
    await network();
    const [live, drill] = [await atHub(), await atHub({ status: 'exercise' })];
    const due = (headerDigest: Uint8Array) => ({
      headerDigest,
      originator: 'XA',
      what: 'acknowledged' as const,
      deskGroup: 7,
      facets: [],
      at: hr.node.clock.nowMs(),
    });
    await hr.node.store.write(async (tx) => {
      await tx.onward.oweReading(due(live));
      await tx.onward.oweReading(due(drill));
    });
    const told = (digest: Uint8Array) => xa.node.store.read((tx) => tx.onward.readingsOf(digest));
    await net.until('XA knows', async () =>
      [await told(live), await told(drill)].every((words) => words.length === 1),
    );
    const { exercise, live: log } = hr.node.ledger.origins;
    for (const [digest, origin] of [
      [live, log],
      [drill, exercise],
    ] as const) {
      const [one] = await told(digest);
      expect(one).toMatchObject({ node: 'HR', what: 'acknowledged', deskGroup: 7, facets: [] });
      const receipt = await xa.node.store.read((tx) =>
        tx.records.byDigest(one?.receiptDigest ?? new Uint8Array()),
      );
      expect(receipt?.logOrigin).toBe(origin);
    }
    expect(await xb.node.store.read((tx) => tx.onward.readingsOf(live))).toEqual([]);
    expect(await xa.node.alarms()).toEqual([]);
  });

  test('of an exercise is not believed where a live log says it (R21)', async () => {
    await network();
    const drill = await atHub({ status: 'exercise' });
    const atMs = hr.node.clock.nowMs();
    const body = Receipt.encode(
      Receipt.fromPartial({
        kind: ReceiptKind.RECEIPT_KIND_ACKNOWLEDGED,
        at: BigInt(atMs),
        items: [
          {
            headerDigest: Buffer.from(drill),
            result: ReceiptResult.RECEIPT_RESULT_ACCEPTED,
            deskGroup: 7,
            at: BigInt(atMs),
          },
        ],
      }),
    ).finish();
    await hr.node.store.write((tx) => hr.node.exchange.state(tx, { kind: 'receipt', body, to: ['XA'] }));
    await net.until('XA refuses it', async () => (await xa.node.alarms()).includes('RECEIPT_MISMATCH'));
    expect(await xa.node.store.read((tx) => tx.onward.readingsOf(drill))).toEqual([]);
  });

  test('of a record that is not theirs is refused', async () => {
    await network();
    const digest = await atHub();
    await hr.node.store.write((tx) =>
      tx.onward.oweReading({
        headerDigest: digest,
        originator: 'XB',
        what: 'read',
        deskGroup: 7,
        facets: [],
        at: hr.node.clock.nowMs(),
      }),
    );
    await net.until('XB refuses it', async () => (await xb.node.alarms()).includes('RECEIPT_MISMATCH'));
    expect(await xb.node.store.read((tx) => tx.onward.readingsOf(digest))).toEqual([]);
  });
});
