/** Two nodes over mailboxes in memory that lose, repeat and reorder: what design §6 promises of a link. */
import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { concat, hex } from '../../../src/base/bytes.ts';
import { LIMITS } from '../../../src/base/limits.ts';
import { Priority } from '../../../src/gen/tocsin/record/v1/marking.ts';
import { baselinePolicy } from '../../../src/policy/index.ts';
import type { RecordContent } from '../../../src/record/index.ts';
import { type Federation, makeFederation } from '../../support/authority.ts';
import { type NetworkOptions, QUICK, TestNetwork } from '../../support/exchange-network.ts';
import { DELIVER, type Posted } from '../../support/memory-mail.ts';
import { ParcelForge } from '../../support/parcel-forge.ts';
import { compact } from '../../support/temporary-store.ts';

const NODES = [
  { node: 'XA', groups: ['adequate', 'sac'] },
  { node: 'XB', groups: ['adequate', 'sac'] },
];

let federation: Federation;
let network: TestNetwork;

beforeAll(async () => {
  federation = await makeFederation({ nodes: NODES, baselinePolicy: baselinePolicy() });
});
afterAll(() => federation[Symbol.asyncDispose]());
afterEach(() => network.close());

async function pair(options: Omit<NetworkOptions, 'nodes'> = {}) {
  network = await TestNetwork.create({ nodes: NODES, ...options }, federation);
  return { net: network, xa: network.of('XA'), xb: network.of('XB') };
}

const digests = (signed: readonly { digest: Uint8Array }[]) => signed.map(({ digest }) => hex(digest)).sort();

describe('a link', () => {
  test('delivers a record, and closes its row by the signed receipt alone', async () => {
    const { net, xa, xb } = await pair();
    await net.start();
    const signed = await xa.release();
    await net.until('the receipt is in', async () => (await xa.outbox()).receipted === 1);
    expect(await xb.inbox()).toEqual([hex(signed.digest)]);
    const [row] = await xa.store.read((tx) => tx.outbox.ofRecord(signed.digest));
    const receipt = await xa.store.read((tx) => tx.records.byDigest(row?.receiptDigest ?? new Uint8Array()));
    expect(receipt).toMatchObject({ kind: 'receipt', originator: 'XB', origin: 'partner' });
  });

  test('delivers 300 records exactly once through loss, repetition and reordering', async () => {
    const { net, xa, xb } = await pair();
    net.mail.fate = (_mail, index) => ({
      copies: index % 4 === 1 ? 0 : 1 + (index % 3 === 0 ? 1 : 0),
      behind: index % 2,
    });
    await net.start();
    const released = [];
    // Many small parcels, so that many of them meet their fate.
    for (let batch = 0; batch < 10; batch++) {
      released.push(...(await xa.releaseMany(30)));
      await net.until('the batch is on its way', async () => (await xa.waiting()) === 0);
    }
    await net.until('all receipts are in', () => xa.told.delivered === 300, 15_000);
    expect((await xb.inbox()).sort()).toEqual(digests(released));
    expect(await xa.outbox()).toEqual({ receipted: 300 });
    expect([await xa.alarms(), await xb.alarms()]).toEqual([[], []]);
    await net.until('receipts are closed by acknowledgement', async () => (await xb.unclosed()) === 0);
  });

  test('goes on from the store after sender and recipient were restarted at any moment', async () => {
    const { net, xa, xb } = await pair();
    await net.start();
    const released = await xa.releaseMany(40);
    await xa.restart();
    released.push(...(await xa.releaseMany(40)));
    await net.until('something arrived', async () => (await xb.inbox()).length > 0);
    await xb.restart();
    await xa.restart();
    await net.until('all receipts are in', async () => (await xa.outbox()).receipted === 80);
    expect((await xb.inbox()).sort()).toEqual(digests(released));
  });

  test('loses nothing when the broker loses its whole store', async () => {
    const { net, xa, xb } = await pair();
    net.mail.fate = (mail) => (mail.sender === 'XA' ? { copies: 0, behind: 0 } : DELIVER);
    await net.start();
    const released = await xa.releaseMany(20);
    await net.until('it was put', () => net.mail.posted.some((mail) => mail.lane === 1));
    net.mail.fate = () => DELIVER;
    await net.until('all receipts are in', async () => (await xa.outbox()).receipted === 20);
    expect((await xb.inbox()).sort()).toEqual(digests(released));
  });

  test('catches up by itself when the recipient returns', async () => {
    const { net, xa, xb } = await pair();
    await net.start();
    const first = await xa.release();
    await net.until('keys are known', async () => (await xa.outbox()).receipted === 1);
    await xb.stop();
    xb.reachable = false;
    const released = [first, ...(await xa.releaseMany(25))];
    await net.until('it is on its way', async () => (await xa.outbox()).waiting === undefined);
    xb.reachable = true;
    await xb.restart();
    await net.until('all receipts are in', async () => (await xa.outbox()).receipted === 26);
    expect((await xb.inbox()).sort()).toEqual(digests(released));
  });

  test('lets a flash overtake what waits on the other lane', async () => {
    const { net, xa, xb } = await pair();
    // Nothing of lane 1 gets through while the mailbox is full; lane 0 has a mailbox of its own.
    net.mail.outcome = (mail) => (mail.lane === 1 ? 'full' : 'stored');
    await net.start();
    await xa.releaseMany(250);
    const flash = await xa.release('warning', { priority: Priority.PRIORITY_FLASH });
    await net.until('the flash is in', async () => (await xb.inbox()).length === 1);
    expect(await xb.inbox()).toEqual([hex(flash.digest)]);
    net.mail.outcome = () => 'stored';
    await net.until('the rest follows', async () => (await xb.inbox()).length === 251);
  });

  test(`puts at most ${LIMITS.parcelBytes} bytes of items into a parcel, whatever their number`, async () => {
    const { net, xa, xb } = await pair();
    await net.start();
    // A field that nobody knows: any size within what a facet may have.
    const padded = (bytes: number) => ({
      edit: (content: RecordContent) => {
        const summary = content.facets.summary ?? new Uint8Array();
        const pad = new BinaryWriter()
          .uint32((1000 << 3) | 2)
          .bytes(new Uint8Array(bytes))
          .finish();
        return { ...content, facets: { ...content.facets, summary: concat(summary, pad) } };
      },
    });
    // Two fit a parcel with what else there is in it, three would not.
    await xa.commit(Array.from({ length: 4 }, () => xa.assemble('warning', padded(240 * 1024))));
    await net.until('all arrived', async () => xb.told.received === 4);
    expect(xb.told.parcels.filter(({ lane }) => lane === 1).map(({ items }) => items)).toEqual([2, 2]);
    await xa.commit(Array.from({ length: 6 }, () => xa.assemble('warning', padded(150 * 1024))));
    await net.until('all arrived', async () => xb.told.received === 10);
    expect(xb.told.parcels.filter(({ lane }) => lane === 1).map(({ items }) => items)).toEqual([2, 2, 3, 3]);
    for (const { bytes } of net.mail.posted)
      expect(bytes.length).toBeLessThanOrEqual(LIMITS.sealedParcelBytes);
  });

  test('knows a parcel again after a minute, a day, a restart and a compaction of the store, and answers by the old receipt', async () => {
    const { net, xa, xb } = await pair();
    await net.start();
    const signed = await xa.release();
    await net.until('the receipt is in', async () => (await xa.outbox()).receipted === 1);
    const taken = net.mail.posted.find(({ sender, lane }) => sender === 'XA' && lane === 1);
    if (!taken) throw new Error('expected a parcel');
    const receipts = () =>
      xb.store.read(async (tx) => {
        const [own] = (await tx.records.list({ world: 'both', origin: 'own', limit: 10 })).items;
        return tx.outbox.ofRecord(own?.headerDigest ?? new Uint8Array());
      });
    const pass = (ms: number) => {
      net.clock.skewMs += ms;
    };
    const again: readonly (readonly [string, () => Promise<void> | void])[] = [
      ['a minute', () => pass(61_000)],
      ['a day', () => pass(86_400_000)],
      ['a restart', () => xb.restart()],
      ['a compaction', () => compact(xb)],
      [
        'both',
        () =>
          xb
            .stop()
            .then(() => compact(xb))
            .then(() => xb.restart()),
      ],
    ];
    for (const [what, happens] of again) {
      await net.until('no receipt is under way', async () =>
        (await receipts()).every(({ closedAt }) => closedAt),
      );
      const before = { receipts: (await receipts()).length, refused: xb.told.refused.length };
      await happens();
      // A receipt is repeated once a minute at most.
      pass(61_000);
      net.mail.deliver(taken);
      await net.until(`it is refused after ${what}`, () => xb.told.refused.length > before.refused);
      expect(xb.told.refused.at(-1)).toBe('REPLAY');
      expect((await receipts()).length, what).toBe(before.receipts + 1);
      expect(await xb.inbox()).toEqual([hex(signed.digest)]);
    }
    expect(new Set((await receipts()).map(({ headerDigest }) => hex(headerDigest))).size).toBe(1);
    expect([await xa.alarms(), await xb.alarms()]).toEqual([[], []]);
  });

  test('counts a swallowed message id as not delivered', async () => {
    const { net, xa, xb } = await pair();
    let swallowed = 0;
    net.mail.outcome = (mail) => (mail.lane === 1 && swallowed++ < 3 ? 'duplicate' : 'stored');
    await net.start();
    await xa.release();
    await net.until('the receipt is in', async () => (await xa.outbox()).receipted === 1);
    expect(swallowed).toBeGreaterThan(1);
    expect((await xb.inbox()).length).toBe(1);
  });

  test('gives every attempt a message id of its own, and seals the same signed body anew', async () => {
    const { net, xa } = await pair({ options: { ...QUICK, lane: { ...QUICK.lane, resendMs: 60 } } });
    net.mail.fate = (mail, index) => (mail.lane === 1 && index < 6 ? { copies: 0, behind: 0 } : DELIVER);
    await net.start();
    // No backfill comes to help.
    net.of('XB').reachable = false;
    await xa.release();
    await net.until('the receipt is in', async () => (await xa.outbox()).receipted === 1);
    const sent = net.mail.posted.filter((mail) => mail.sender === 'XA' && mail.lane === 1);
    expect(new Set(sent.map((mail) => mail.messageId)).size).toBe(sent.length);
    expect(new Set(sent.map((mail) => hex(mail.bytes))).size).toBe(sent.length);
  });

  test('withdraws in the open what the policy no longer permits', async () => {
    let denied = false;
    const { net, xa, xb } = await pair({
      // Sent again only when the recipient is back: no attempt is under way while the policy changes.
      options: { ...QUICK, lane: { ...QUICK.lane, resendMs: 600_000, resendMaxMs: 600_000 } },
      policyOf: (_node, engine) => ({
        viewFor: (record, partner, atMs) => {
          const view = engine.viewFor(record, partner, atMs);
          return denied
            ? { ...view, receive: { ...view.receive, allowed: false, rule: 'R14', reason: 'no' } }
            : view;
        },
        judgeArrival: (item, atMs) => engine.judgeArrival(item, atMs),
      }),
    });
    await net.start();
    const first = await xa.release();
    await net.until('the first is in', async () => (await xa.outbox()).receipted === 1);
    // Cut off, and its mail lost: what XB does not hold yet, XA may still take back.
    xb.reachable = false;
    const lost: Posted[] = [];
    net.mail.fate = (mail) => {
      if (mail.lane === 1) lost.push(mail);
      return mail.lane === 1 ? { copies: 0, behind: 0 } : DELIVER;
    };
    await xa.release();
    const forge = new ParcelForge(net);
    await net.until('the second manifest was put', async () => {
      const opened = await Promise.all(lost.map((mail) => forge.open(mail)));
      return opened.some(({ manifest }) => manifest.seq === 2n);
    });
    denied = true;
    net.mail.fate = () => DELIVER;
    xb.reachable = true;
    await net.until('it is withdrawn', async () => {
      const states = await xa.outbox();
      return states.withdrawn === 1 && states.receipted === 2;
    });
    expect(await xb.inbox()).toEqual([hex(first.digest)]);
    expect(xb.told.refused).toContain('WITHDRAWN');
  });

  test('never announces what was denied before it was sent', async () => {
    const { net, xa, xb } = await pair({
      policyOf: (_node, engine) => ({
        viewFor: (record, partner, atMs) => {
          const view = engine.viewFor(record, partner, atMs);
          return { ...view, receive: { ...view.receive, allowed: false, rule: 'R20', reason: 'suspended' } };
        },
        judgeArrival: (item, atMs) => engine.judgeArrival(item, atMs),
      }),
    });
    await net.start();
    await xa.release();
    await net.until('the row is closed', async () => (await xa.outbox()).withdrawn === 1);
    expect(net.mail.posted).toEqual([]);
    expect(await xb.inbox()).toEqual([]);
  });

  test('shows its state, and answers a canary', async () => {
    const { net, xa } = await pair();
    await net.start();
    await xa.release();
    await net.until('the receipt is in', async () => (await xa.outbox()).receipted === 1);
    expect(await xa.exchange.ask('XB')).toBe(true);
    const [link] = await xa.exchange.status();
    expect(link).toMatchObject({
      partner: 'XB',
      state: 'up',
      lanes: [{ lane: 0 }, { lane: 1, sentSeq: 1n, waiting: 0 }],
    });
    network.of('XB').reachable = false;
    await net.until('silence is seen', async () => (await xa.exchange.status())[0]?.state === 'silent');
  });
});
