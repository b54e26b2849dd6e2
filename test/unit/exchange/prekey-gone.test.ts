/** The life of prekeys: made ahead, deleted for good, and what becomes of parcels sealed to one that is gone (design §5). */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { hex } from '../../../src/base/bytes.ts';
import { CLOCK_SKEW_MS } from '../../../src/base/limits.ts';
import { OwnKeys } from '../../../src/exchange/own-keys.ts';
import { GonePrekeys } from '../../../src/exchange/prekey-gone.ts';
import { Keyring } from '../../../src/identity/index.ts';
import { baselinePolicy } from '../../../src/policy/index.ts';
import { reasonName, type SignedHeader } from '../../../src/record/index.ts';
import { type Federation, makeFederation } from '../../support/authority.ts';
import { QUICK, TestNetwork } from '../../support/exchange-network.ts';

const NODES = [
  { node: 'XA', groups: ['adequate', 'sac'] },
  { node: 'XB', groups: ['adequate', 'sac'] },
];
const DAY_MS = 86_400_000;

let network: TestNetwork;
let federation: Federation;
afterEach(() => network[Symbol.asyncDispose]());

async function pair() {
  federation = await makeFederation({ nodes: NODES, baselinePolicy: baselinePolicy() });
  network = await TestNetwork.create({ nodes: NODES }, federation);
  return { net: network, xa: network.of('XA'), xb: network.of('XB') };
}

async function losePrekeys(node: string): Promise<void> {
  const { prekeys } = federation.of(node).keyring;
  for (const { id } of await prekeys.list()) await prekeys.delete(id);
}

describe('parcels sealed to prekeys that are gone', () => {
  test('are sealed again, the same bodies, and taken once; nothing is lost', async () => {
    const { net, xa, xb } = await pair();
    await net.start();
    await xb.stop();
    const released = await xa.releaseMany(5);
    await net.until('they lie in the mailbox', () => net.mail.backlog('XB', 1) > 0);
    const before = xa.directory.prekeysOf('XB');
    await losePrekeys('XB');
    await xb.restart();
    await net.until('the receipts are in', async () => (await xa.outbox()).receipted === 5);
    expect((await xb.inbox()).sort()).toEqual(released.map(({ digest }) => hex(digest)).sort());
    expect(await xb.refusals()).toContain('PREKEY_GONE');
    await net.until('the bundle in use is the new one', () => {
      const bundle = xa.directory.prekeysOf('XB')?.bundle;
      return bundle !== undefined && bundle.sequence > (before?.bundle.sequence ?? 0n);
    });
    const manifests = await xa.store.read((tx) => tx.links.open({ recipient: 'XB', lane: 1 }));
    expect(manifests).toEqual([]);
  });

  test('are told by a signed notice, which alone makes the sender forget the bundle', async () => {
    const { xa, xb } = await pair();
    const keyringOf = (node: string) => federation.of(node).keyring;
    for (const [node, of] of [
      [xa, 'XB'],
      [xb, 'XA'],
    ] as const) {
      await node.directory.judgeAndKeep(of, federation.of(of).signedStatement);
      await node.directory.judgeAndKeepPrekeys(of, federation.of(of).signedPrekeys);
    }
    let refreshed = 0;
    const keys = {
      refresh: async () => {
        refreshed++;
        return true;
      },
    };
    const clock = xa.clock;
    const at = (node: typeof xa, keyring = keyringOf(node.self)) =>
      new GonePrekeys({ directory: node.directory, keyring, keys, clock });
    const told = at(xb);
    const id = hex(federation.of('XB').prekey.id);
    expect([told.note('XA', id), told.note('XA', id), told.note('XZ', id)]).toEqual([true, false, false]);
    const notice = await told.notice('XA');
    if (!notice) throw new Error('no notice');

    const reasons: string[] = [];
    const forged = at(xb, keyringOf('XA'));
    forged.note('XA', id);
    const byAnother = await forged.notice('XA');
    if (!byAnother) throw new Error('no notice');
    const late = new GonePrekeys({
      directory: xb.directory,
      keyring: keyringOf('XB'),
      keys,
      clock: { nowMs: () => clock.nowMs() - 2 * CLOCK_SKEW_MS },
    });
    late.note('XA', id);
    const old = await late.notice('XA');
    for (const [peer, signed] of [
      ['XB', byAnother],
      ['XB', { ...notice, signature: undefined }],
      ['XB', old ?? notice],
    ] as const) {
      const verdict = await at(xa).learn(peer, signed);
      reasons.push(verdict.ok ? 'believed' : reasonName(verdict.reason));
    }
    expect(reasons).toEqual(['SIGNATURE_INVALID', 'SIGNATURE_INVALID', 'CLOCK_SKEW']);
    const toItself = await at(xb).learn('XB', notice);
    expect(toItself.ok ? 'believed' : reasonName(toItself.reason)).toBe('WRONG_DESTINATION');
    expect(xa.directory.prekeysOf('XB')).toBeDefined();

    refreshed = 0;
    expect((await at(xa).learn('XB', notice)).ok).toBe(true);
    expect(xa.directory.prekeysOf('XB')).toBeUndefined();
    expect(refreshed).toBe(1);
    told.told('XA', notice);
    expect(await told.notice('XA')).toBeUndefined();
  });
});

describe('own prekeys', () => {
  test('are made ahead, always offer one to seal to, and are deleted when nothing can lie in a mailbox any more', async () => {
    const { xa } = await pair();
    const root = await mkdtemp(join(tmpdir(), 'tocsin-prekeys-'));
    try {
      const keyring = await Keyring.create(join(root, 'keys'));
      const start = xa.clock.nowMs();
      let nowMs = start;
      // Signed by the node's own link key, opened by a ring of its own, so that only these prekeys are in the folder.
      const signer = federation.of('XA').keyring;
      const ring = {
        link: signer.link,
        witness: signer.witness,
        signRaw: signer.signRaw.bind(signer),
        sign: signer.sign.bind(signer),
        prekeys: keyring.prekeys,
      };
      const options = { lifeMs: 7 * DAY_MS, mailboxAgeMs: 14 * DAY_MS };
      xa.clock.skewMs = 0;
      const clock = { nowMs: () => nowMs };
      const own = new OwnKeys({ directory: xa.directory, keyring: ring, clock }, options);
      const seen = new Map<string, number>();
      for (let day = 0; day < 60; day++) {
        nowMs = start + day * DAY_MS;
        xa.clock.skewMs = day * DAY_MS;
        const next = await own.tend();
        expect(next).toBeGreaterThan(nowMs);
        const held = await keyring.prekeys.list();
        for (const { id, notBeforeMs, notAfterMs } of held) {
          seen.set(hex(id), notAfterMs);
          expect(notAfterMs - notBeforeMs).toBeLessThanOrEqual(7 * DAY_MS);
          expect(notAfterMs + 14 * DAY_MS + CLOCK_SKEW_MS).toBeGreaterThan(nowMs);
        }
        const bundle = xa.directory.prekeysOf('XA');
        // One to seal to now, and one that takes over before it ends.
        expect(bundle?.current(nowMs)).toBeDefined();
        expect(held.some(({ notBeforeMs }) => notBeforeMs > nowMs)).toBe(true);
        for (const [id, notAfterMs] of seen) {
          const isOver = notAfterMs + 14 * DAY_MS + CLOCK_SKEW_MS <= nowMs;
          const key = await own.privateKeyOf(Buffer.from(id, 'hex'));
          expect(key === undefined, `prekey that ended ${(nowMs - notAfterMs) / DAY_MS} days ago`).toBe(
            isOver,
          );
        }
      }
      expect(seen.size).toBeGreaterThan(7);
      expect((await readdir(join(root, 'keys', 'prekeys'))).length).toBeLessThan(seen.size);
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  });
});

describe('a clock that is set three weeks ahead while everything runs', () => {
  test('leaves nobody without prekeys: new ones are made, and records arrive', async () => {
    federation = await makeFederation({ nodes: NODES, baselinePolicy: baselinePolicy() });
    const options = { ...QUICK, ownKeys: { lookMs: 100 } };
    network = await TestNetwork.create({ nodes: NODES, options }, federation);
    const [xa, xb] = [network.of('XA'), network.of('XB')];
    await network.start();
    const arrives = ({ digest }: SignedHeader) =>
      network.until('it is there', async () => (await xb.inbox()).includes(hex(digest)));
    await arrives(await xa.release());
    await network.until('it is receipted', async () => (await xa.unclosed()) === 0);
    const before = xb.directory.prekeysOf('XB')?.bundle.sequence ?? 0n;
    network.clock.skewMs += 21 * DAY_MS;
    await arrives(await xa.release());
    expect(xb.directory.prekeysOf('XB')?.bundle.sequence).toBeGreaterThan(before);
  });
});
