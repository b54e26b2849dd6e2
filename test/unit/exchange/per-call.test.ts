/** What one call gives of the numbers that a peer asks for again: a bounded part, and the rest on the next call. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { u32be } from '../../../src/base/bytes.ts';
import { baselinePolicy } from '../../../src/policy/index.ts';
import { sha256 } from '../../../src/record/index.ts';
import { type Federation, makeFederation } from '../../support/authority.ts';
import { QUICK, TestNetwork } from '../../support/exchange-network.ts';

const NODES = [
  { node: 'XA', groups: ['adequate', 'sac'] },
  { node: 'XB', groups: ['adequate', 'sac'] },
];
/** One more than a call gives. */
const PARCELS = 513;

let federation: Federation;
let network: TestNetwork;

beforeAll(async () => {
  federation = await makeFederation({ nodes: NODES, baselinePolicy: baselinePolicy() });
  const options = { ...QUICK, lane: { ...QUICK.lane, parcelItems: 1 } };
  network = await TestNetwork.create({ nodes: NODES, options }, federation);
  await network.start();
  const [xa, xb] = [network.of('XA'), network.of('XB')];
  await xa.release();
  await network.until('keys are known', () => xa.told.delivered === 1);
  // Further numbers with what the first one says: what a call brings is counted, not judged.
  const lane = { recipient: 'XB', lane: 1, incarnation: 1, seq: 1n } as const;
  const sent = await xa.store.read((tx) => tx.links.manifestOut(lane));
  const held = await xb.store.read((tx) => tx.links.manifestIn({ ...lane, sender: 'XA' }));
  if (!sent || !held) throw new Error('expected manifest 1 at both ends');
  const digestOf = (seq: number) => sha256(u32be(seq));
  await xa.store.write(async (tx) => {
    for (let seq = 2; seq <= PARCELS; seq++)
      await tx.links.addManifest({ ...sent, seq: BigInt(seq), digest: digestOf(seq) });
  });
  await xb.store.write(async (tx) => {
    for (let seq = 2; seq <= PARCELS; seq++)
      await tx.links.takeManifest({ ...held, seq: BigInt(seq), digest: digestOf(seq) });
  });
});
afterAll(async () => {
  await network.close();
  await federation[Symbol.asyncDispose]();
});

const context = (peer: string) => ({ peer, signal: new AbortController().signal }) as never;

async function count(answers: AsyncIterable<unknown>): Promise<number> {
  let found = 0;
  for await (const _ of answers) found += 1;
  return found;
}

describe('a call', () => {
  test('for numbers that are missing brings 512 at most', async () => {
    const { backfill } = network.of('XA').exchange.handlers;
    const from = (fromSeq: bigint) =>
      count(backfill({ lane: 1, incarnation: 1, fromSeq, toSeq: 0n }, context('XB')));
    expect(await from(2n)).toBe(512);
    expect(await from(1n)).toBe(512);
    expect(await from(513n)).toBe(1);
  });

  test('by a partner that was restored brings 512 of its manifests at most', async () => {
    const [xa, xb] = [network.of('XA'), network.of('XB')];
    await xa.keepCopy();
    await xa.putBack({ declared: true });
    const { giveBack } = xb.exchange.handlers;
    const given = (afterSeq: bigint) =>
      count(giveBack({ lane: 1, incarnation: 2, afterIncarnation: 1, afterSeq }, context('XA')));
    await network.until('XB knows of it', () => xb.directory.statementOf('XA')?.statement.incarnation === 2);
    expect(await given(1n)).toBe(512);
    expect(await given(0n)).toBe(512);
    expect(await given(512n)).toBe(1);
  });
});
