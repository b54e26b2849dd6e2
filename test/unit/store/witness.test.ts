/** What is kept of cosignatures and of partners' logs: which sizes count as witnessed, and what is forgotten. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sampleRecord } from '../../conformance/store.contract.ts';
import { type TemporaryStore, temporaryStore } from '../../support/temporary-store.ts';

const origin = 'tocsin/0011223344556677/XA/log/live/1';
const DAY_MS = 86_400_000;
const bytes = (fill: number) => new Uint8Array(32).fill(fill);

describe('the store of a witnessed log', () => {
  let held: TemporaryStore;
  beforeEach(async () => {
    held = await temporaryStore();
  });
  afterEach(() => held[Symbol.asyncDispose]());

  const cosign = (...rows: readonly (readonly [size: number, witness: string, at: number])[]) =>
    held.store.write(async (tx) => {
      for (const [size, witness, at] of rows)
        await tx.ledger.keepCosignature({ origin, size: BigInt(size), witness, line: 'a line\n', at });
    });
  const know = (...rows: readonly (readonly [size: number, at: number, tied: boolean])[]) =>
    held.store.write(async (tx) => {
      for (const [size, at, tied] of rows) {
        const [note, root] = [bytes(size), bytes(size)];
        await tx.ledger.keepKnownLog({ origin, size: BigInt(size), root, note, node: 'XA', at, tied });
      }
    });
  const sizesOf = (witness: string) =>
    held.store.read(async (tx) => {
      const sizes: number[] = [];
      for (let size = 1n; size <= 40n; size++)
        if ((await tx.ledger.cosignatures(origin, size)).some((one) => one.witness === witness))
          sizes.push(Number(size));
      return sizes;
    });

  it('counts distinct witnesses of those named, and looks for the newest or the smallest size', async () => {
    await cosign(
      [8, 'b', 10],
      [8, 'c', 20],
      [16, 'b', 30],
      [24, 'b', 40],
      [24, 'c', 90],
      [24, 'stranger', 40],
    );
    const size = (which: 'newest' | 'smallest', change: object = {}) =>
      held.store.read((tx) =>
        tx.ledger.witnessedSize({ origin, witnesses: ['b', 'c'], threshold: 2, which, ...change }),
      );
    expect(await size('newest')).toBe(24n);
    expect(await size('smallest')).toBe(8n);
    expect(await size('smallest', { from: 9n })).toBe(24n);
    expect(await size('newest', { beforeMs: 50 })).toBe(8n);
    expect(await size('newest', { beforeMs: 20 })).toBeUndefined();
    expect(await size('newest', { witnesses: ['b', 'd'] })).toBeUndefined();
    expect(await size('newest', { threshold: 1 })).toBe(24n);
    expect(await size('newest', { threshold: 0 }), 'nothing is witnessed by nobody').toBeUndefined();
    expect(await size('newest', { threshold: 3 })).toBeUndefined();
  });

  it('forgets cosignatures but the newest, the last of every day, and those that count with others', async () => {
    await cosign(
      [1, 'b', 1],
      [2, 'b', 2],
      [3, 'b', DAY_MS + 1],
      [4, 'b', DAY_MS + 2],
      [5, 'b', 2 * DAY_MS],
      [6, 'b', 2 * DAY_MS + 1],
      [1, 'c', 1],
    );
    const prune = (alone: boolean) =>
      held.store.write((tx) => tx.ledger.pruneCosignatures({ origin, witness: 'b', keep: 1, alone }));
    await prune(true);
    expect(await sizesOf('b')).toEqual([1, 2, 4, 6]);
    await prune(false);
    expect(await sizesOf('b')).toEqual([2, 4, 6]);
    expect(await sizesOf('c')).toEqual([1]);
  });

  it('keeps of a known log the newest sizes, the last of every day and what was cosigned', async () => {
    await know([1, 1, true], [2, 2, true], [3, DAY_MS, true], [4, DAY_MS + 1, true], [5, DAY_MS + 2, true]);
    await cosign([3, 'b', 1]);
    await held.store.write((tx) => tx.ledger.pruneKnownLog(origin, 1));
    const sizes = await held.store.read((tx) => tx.ledger.knownSizes(origin, 10));
    expect(sizes).toEqual([5n, 3n, 2n]);
  });

  it('tells this node’s view of a log from what is not tied to it', async () => {
    await know([3, 10, true], [5, 30, false], [9, 20, false]);
    const seen = () =>
      held.store.read(async (tx) => ({
        view: (await tx.ledger.newestTied(origin))?.size,
        untied: (await tx.ledger.untied(origin, 10)).map(({ size }) => size),
        longest: (await tx.ledger.longestUntied(origin))?.size,
        logs: await tx.ledger.untiedLogs(),
      }));
    expect(await seen()).toEqual({ view: 3n, untied: [5n, 9n], longest: 9n, logs: [origin] });
    await held.store.write(async (tx) => {
      await tx.ledger.tieKnownLog(origin, 5n);
      await tx.ledger.tieKnownLog(origin, 9n);
    });
    expect(await seen()).toEqual({ view: 9n, untied: [], longest: undefined, logs: [] });
    const known = (from: bigint, at: number) =>
      held.store.read(async (tx) => (await tx.ledger.tiedBefore(origin, from, at))?.size);
    expect(await known(4n, 21)).toBe(9n);
    expect(await known(4n, 20)).toBeUndefined();
  });

  it('lists partners’ records that are not proved yet, and marks all under one note at once', async () => {
    const record = (number: number, note: number) =>
      sampleRecord(number, {
        origin: 'partner',
        logOrigin: origin,
        leafIndex: BigInt(number),
        proof: new Uint8Array(0),
        checkpoint: bytes(note),
      });
    const records = [
      record(1, 1),
      record(2, 1),
      record(3, 2),
      sampleRecord(4, { logOrigin: origin, leafIndex: 4n }),
    ];
    await held.store.write((tx) => tx.records.insert(records.map((one) => ({ record: one, facets: [] }))));
    const open = (lacks: 'tie' | 'witnesses', after = 0n) =>
      held.store.read(async (tx) =>
        (await tx.records.unproved({ logOrigin: origin, lacks, after, limit: 10 })).map(
          ({ leafIndex }) => leafIndex,
        ),
      );
    expect(await open('tie')).toEqual([1n, 2n, 3n]);
    expect(await held.store.write((tx) => tx.records.tie(origin, bytes(1)))).toBe(2);
    expect(await open('tie')).toEqual([3n]);
    expect(await open('witnesses')).toEqual([1n, 2n, 3n]);
    expect(await held.store.write((tx) => tx.records.witness(origin, bytes(1)))).toBe(2);
    expect(await open('witnesses')).toEqual([3n]);
    const proof = { proof: bytes(9), checkpoint: bytes(3) };
    await held.store.write((tx) => tx.records.setProof(record(3, 2).headerDigest, proof));
    expect(await held.store.write((tx) => tx.records.witness(origin, bytes(3)))).toBe(1);
    expect(await held.store.read((tx) => tx.records.unwitnessedLogs())).toEqual([]);
  });
});
