/** Keys replaced and taken back between nodes in memory: what an overlap permits, and what its end does (design §5). */
import { afterEach, describe, expect, test } from 'vitest';
import { hex } from '../../../src/base/bytes.ts';
import { SignedKeyStatement } from '../../../src/gen/tocsin/record/v1/identity.ts';
import { Priority } from '../../../src/gen/tocsin/record/v1/marking.ts';
import { statedKeys } from '../../../src/identity/index.ts';
import { collectEvidence, isNoteOf, judgeEvidence, logKeysOf } from '../../../src/ledger/index.ts';
import { examineStore, type StoreFinding } from '../../../src/node/index.ts';
import { baselinePolicy } from '../../../src/policy/index.ts';
import { witnessName } from '../../../src/record/index.ts';
import { makeFederation } from '../../support/authority.ts';
import { TestNetwork, type TestNode } from '../../support/exchange-network.ts';
import type { Posted } from '../../support/memory-mail.ts';
import { follow, rotate } from '../../support/rotating.ts';

const NODES = [
  { node: 'XA', groups: ['adequate', 'sac'] },
  { node: 'XB', groups: ['adequate', 'sac'] },
];

let network: TestNetwork;
afterEach(() => network[Symbol.asyncDispose]());

/** Keyrings change here, so every test has a federation of its own. */
async function pair() {
  const witnesses = NODES.map(({ node }) => ({
    node,
    witnesses: NODES.map((one) => one.node).filter((one) => one !== node),
    threshold: 1,
  }));
  const federation = await makeFederation({ nodes: NODES, baselinePolicy: baselinePolicy(), witnesses });
  network = await TestNetwork.create({ nodes: NODES }, federation);
  const [xa, xb] = [network.of('XA'), network.of('XB')];
  for (const node of [xa, xb]) follow(node);
  await network.start();
  return { net: network, xa, xb };
}

const refusals = (told: readonly string[]) => told.filter((reason) => reason !== 'REPLAY');

describe('with an overlap', () => {
  test('keys of both sides change under load: each record is receipted once, nothing is refused', async () => {
    const { net, xa, xb } = await pair();
    const released: string[] = [];
    for (let round = 0; round < 4; round++) {
      for (const node of [xa, xb])
        released.push(...(await node.releaseMany(10)).map(({ digest }) => hex(digest)));
      released.push(hex((await xa.release('warning', { priority: Priority.PRIORITY_FLASH })).digest));
      if (round < 3)
        await Promise.all([rotate(xa, { overlapMs: 60_000 }), rotate(xb, { overlapMs: 60_000 })]);
    }
    await net.until('all receipts are in', () => xa.told.delivered === 44 && xb.told.delivered === 40);
    expect([...(await xa.inbox()), ...(await xb.inbox())].sort()).toEqual(released.sort());
    expect([refusals(xa.told.refused), refusals(xb.told.refused)]).toEqual([[], []]);
    expect([await xa.alarms(), await xb.alarms()]).toEqual([[], []]);
    await net.until('each knows the newest statement of the other', () =>
      [xa, xb].every((node) =>
        [xa, xb].every((other) => node.directory.statementOf(other.self)?.statement.sequence === 4n),
      ),
    );
    await net.until('prekeys are offered by the new link key', () => {
      const bundle = xb.directory.prekeysOf('XA')?.bundle;
      return bundle !== undefined && hex(bundle.statementDigest) === hex(xa.directory.own().digest);
    });
  });

  test('the newest checkpoint of both logs is signed by the new keys at once, of the same tree', async () => {
    const { xa } = await pair();
    await xa.ledger.sequence();
    const newest = () =>
      xa.store.read(async (tx) => ({
        live: await xa.ledger.newestCheckpoint(tx, 'live'),
        exercise: await xa.ledger.newestCheckpoint(tx, 'exercise'),
      }));
    await xa.stop();
    const before = await newest();
    const { statement } = await rotate(xa, { overlapMs: 60_000 });
    const after = await newest();
    const keys = statedKeys(statement);
    const { live, exercise } = after;
    if (!live || !exercise) throw new Error('no checkpoint');
    expect(live.size).toBe(before.live?.size);
    expect(live.root).toEqual(before.live?.root);
    expect(isNoteOf(live.note, logKeysOf(statement.logOrigin, keys.log))).toBe(true);
    expect(isNoteOf(exercise.note, logKeysOf(statement.exerciseLogOrigin, keys['exercise-log']))).toBe(true);
    await xa.ledger.signAgain();
    expect(await newest()).toEqual(after);
  });

  test('a witness goes on under its new key, without a restart', async () => {
    const { net, xa, xb } = await pair();
    const origin = xa.ledger.origins.live;
    const witness = witnessName(net.federation.roster.net, 'XB');
    const cosigned = (node: TestNode, from: bigint) =>
      node.store.read((tx) =>
        tx.ledger.witnessedSize({ origin, witnesses: [witness], threshold: 1, which: 'smallest', from }),
      );
    await xa.release();
    await net.until('it is witnessed', async () => (await cosigned(xa, 1n)) !== undefined);
    await rotate(xb, { overlapMs: 60_000 });
    const size = await xa.store.read(async (tx) => (await tx.ledger.newestCheckpoint(origin))?.size ?? 0n);
    await xa.release();
    await net.until('so is what came after', async () => (await cosigned(xa, size + 1n)) !== undefined);
  });

  test('a record that was carried on to a checkpoint of the new key leaves a store that fsck finds in order', async () => {
    const { net, xa, xb } = await pair();
    net.refuses = ({ name }) => name === 'addCheckpoint';
    const { digest } = await xa.release();
    await net.until('it is receipted', async () => (await xa.outbox()).receipted === 1);
    const { statement } = await rotate(xa, { overlapMs: 60_000 });
    net.refuses = () => false;
    const keys = logKeysOf(statement.logOrigin, statedKeys(statement).log);
    await net.until('XB proves it by the new key', async () => {
      const held = await xb.store.read((tx) => tx.records.byDigest(digest));
      return held?.checkpoint !== undefined && isNoteOf(held.checkpoint, keys);
    });
    for (const { store, blobs, self } of [xa, xb]) {
      const findings: StoreFinding[] = [];
      const { clock, federation } = net;
      await examineStore({ store, blobs, network: federation.network, self, clock }, (found) => {
        findings.push(found);
      });
      expect(findings).toEqual([]);
    }
  });

  test('mail that waited is taken by the statement that it names', async () => {
    const { net, xa, xb } = await pair();
    await xb.stop();
    const { digest } = await xa.release();
    await net.until('it lies in the mailbox', () => net.mail.backlog('XB', 1) > 0);
    await rotate(xa, { overlapMs: 600_000 });
    await xb.restart();
    await net.until('the receipt is in', async () => (await xa.outbox()).receipted === 1);
    expect(await xb.inbox()).toEqual([hex(digest)]);
    expect(refusals(xb.told.refused)).toEqual([]);
  });
});

test('a log whose key is taken back since before what witnesses saw proves its records by the new key at once', async () => {
  const { net, xa } = await pair();
  const origin = xa.ledger.origins.live;
  const witnesses = [witnessName(net.federation.roster.net, 'XB')];
  const { digest } = await xa.release();
  const witnessedSize = () =>
    xa.store.read((tx) => tx.ledger.witnessedSize({ origin, witnesses, threshold: 1, which: 'newest' }));
  await net.until('it is witnessed', async () => {
    const [record] = await xa.store.read((tx) => tx.records.byDigests([digest]));
    return record?.leafIndex !== undefined && ((await witnessedSize()) ?? 0n) > record.leafIndex;
  });
  // What the new key signs next is not witnessed yet.
  net.refuses = ({ name }) => name === 'addCheckpoint';
  const seen = (await witnessedSize()) ?? 0n;
  await net.until('the log goes on', async () => {
    const newest = await xa.store.read((tx) => tx.ledger.newestCheckpoint(origin));
    return (newest?.size ?? 0n) > seen;
  });
  await rotate(xa, { roles: ['log'], overlapMs: -3_600_000 });
  const { network: networkDigest } = net.federation;
  const files = await xa.store.read((tx) =>
    collectEvidence(tx, { ledger: xa.ledger, network: networkDigest, headerDigest: digest }),
  );
  expect(judgeEvidence({ files, networkDigest })).toMatchObject({ ok: true });
});

describe('after it', () => {
  test('mail signed by the old link key is refused as KEY_REVOKED, and its content comes under the new one, once', async () => {
    const { net, xa, xb } = await pair();
    await xb.stop();
    const released = await xa.releaseMany(3);
    await net.until('it lies in the mailbox', () => net.mail.backlog('XB', 1) > 0);
    await rotate(xa, { overlapMs: -1 });
    await net.until('it waits again', async () => (await xa.unclosed()) === 3);
    await xb.restart();
    await net.until('the receipts are in', async () => (await xa.outbox()).receipted === 3);
    expect((await xb.inbox()).sort()).toEqual(released.map(({ digest }) => hex(digest)).sort());
    expect(await xb.refusals()).toContain('KEY_REVOKED');
  });

  test('what was taken before, and only its receipt is late, is receipted all the same', async () => {
    const { net, xa, xb } = await pair();
    const lost: Posted[] = [];
    net.mail.fate = (mail) => {
      if (mail.sender !== 'XB') return { copies: 1, behind: 0 };
      lost.push(mail);
      return { copies: 0, behind: 0 };
    };
    const { digest } = await xa.release();
    await net.until('it is taken', async () => (await xb.inbox()).length === 1);
    await rotate(xa, { overlapMs: -1 });
    await net.until('its receipt was lost', () => lost.length > 0);
    net.mail.fate = () => ({ copies: 1, behind: 0 });
    await net.until('the receipt is in', async () => (await xa.outbox()).receipted === 1);
    expect(await xb.inbox()).toEqual([hex(digest)]);
  });

  test('a bundle of prekeys by the old link key is sealed to no more', async () => {
    const { net, xa, xb } = await pair();
    xa.reachable = false;
    const old = xb.directory.prekeysOf('XA');
    expect(old).toBeDefined();
    await rotate(xa, { roles: ['link'], overlapMs: -1 });
    await xb.directory.judgeAndKeep('XA', SignedKeyStatement.decode(xa.directory.own().bytes));
    expect(xb.directory.prekeysOf('XA')).toBeUndefined();
    xa.reachable = true;
    await net.until('the new one is fetched', () => {
      const bundle = xb.directory.prekeysOf('XA')?.bundle;
      return bundle !== undefined && bundle.sequence > (old?.bundle.sequence ?? 0n);
    });
  });
});
