import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { utf8 } from '../../../src/base/bytes.ts';
import { Reason } from '../../../src/gen/tocsin/record/v1/reason.ts';
import { judgePartnerCheckpoint, keepPartnerCheckpoint, logKeysOf } from '../../../src/ledger/index.ts';
import { logSigner } from '../../../src/ledger/log-signer.ts';
import {
  appendLeaves,
  consistencyProof,
  EMPTY_FRONTIER,
  emptyRoot,
  leafHash,
  type ReadNodes,
} from '../../../src/merkle/index.ts';
import { type TemporaryStore, temporaryStore } from '../../support/temporary-store.ts';
import { MemoryKeyring, ORIGINS } from './fixture.ts';

const origin = ORIGINS.live;
const nowMs = 1_790_000_000_000;
const seconds = BigInt(nowMs / 1000);

/** A partner's tree, and a second one that parts from it after four leaves. */
const grown = (fork = false) => {
  const leaves = Array.from({ length: 40 }, (_, n) =>
    leafHash(utf8(`${fork && n >= 4 ? 'fork' : 'leaf'} ${n}`)),
  );
  const { nodes } = appendLeaves(EMPTY_FRONTIER, leaves);
  const read: ReadNodes = async (ids) =>
    ids.map(
      (id) => nodes.find((n) => n.level === id.level && n.index === id.index)?.hash ?? new Uint8Array(),
    );
  return {
    rootAt: (size: number) => appendLeaves(EMPTY_FRONTIER, leaves.slice(0, size)).root,
    proof: (from: number, to: number) => consistencyProof(BigInt(from), BigInt(to), read),
  };
};

describe("a partner's checkpoint", () => {
  let held: TemporaryStore;
  const keyring = new MemoryKeyring();
  const keys = logKeysOf(origin, keyring.log);
  const sign = logSigner(keyring, 'live', origin);
  const honest = grown();
  const forked = grown(true);

  const noteAt = (tree: typeof honest, size: number, timestamp = seconds) =>
    sign({ origin, size: BigInt(size), root: tree.rootAt(size) }, timestamp);
  const judge = (
    note: Uint8Array,
    proof: readonly Uint8Array[] = [],
    from?: { size: bigint; root: Uint8Array },
  ) =>
    held.store.read((tx) => judgePartnerCheckpoint(tx, { note, keys, proof, nowMs, ...(from && { from }) }));
  const keep = async (size: number) => {
    const note = await noteAt(honest, size);
    const checkpoint = { origin, size: BigInt(size), root: honest.rootAt(size) };
    await held.store.write((tx) => keepPartnerCheckpoint(tx, 'XA', { checkpoint, note }, nowMs));
  };

  beforeAll(async () => {
    held = await temporaryStore();
  });
  afterAll(() => held[Symbol.asyncDispose]());

  it('is believed at first sight without a proof, and kept once', async () => {
    expect(await judge(await noteAt(honest, 10))).toMatchObject({
      ok: true,
      value: { checkpoint: { size: 10n } },
    });
    await keep(10);
    await keep(10);
    expect(await held.store.read((tx) => tx.ledger.newestKnownLogs())).toMatchObject([{ origin, size: 10n }]);
  });

  it('is believed again at the same size, and at a smaller one: mail comes late', async () => {
    expect((await judge(await noteAt(honest, 10))).ok).toBe(true);
    expect((await judge(await noteAt(honest, 7))).ok).toBe(true);
  });

  it('is a fork with another root for a size known', async () => {
    expect(await judge(await noteAt(forked, 10))).toMatchObject({
      ok: false,
      reason: Reason.REASON_LOG_FORK,
    });
  });

  it('needs a proof to grow', async () => {
    const note = await noteAt(honest, 20);
    const inconsistent = { ok: false, reason: Reason.REASON_LOG_INCONSISTENT };
    expect(await judge(note)).toMatchObject(inconsistent);
    expect(await judge(note, await honest.proof(9, 20))).toMatchObject(inconsistent);
    expect(await judge(await noteAt(forked, 20), await forked.proof(10, 20))).toMatchObject(inconsistent);
    expect((await judge(note, await honest.proof(10, 20))).ok).toBe(true);
  });

  it('may be proved from an older checkpoint of its own lane', async () => {
    await keep(20);
    const from = { size: 10n, root: honest.rootAt(10) };
    const note = await noteAt(honest, 30);
    expect((await judge(note, await honest.proof(10, 30), from)).ok).toBe(true);
    expect((await judge(note, await honest.proof(20, 30), from)).ok).toBe(false);
    const same = await noteAt(forked, 10);
    expect(await judge(same, [], from)).toMatchObject({ reason: Reason.REASON_LOG_FORK });
  });

  it('is refused from the future, unsigned, or with a root for nothing', async () => {
    const future = await noteAt(honest, 10, seconds + 301n);
    expect(await judge(future)).toMatchObject({ ok: false, reason: Reason.REASON_CLOCK_SKEW });
    expect((await judge(await noteAt(honest, 10, seconds + 299n))).ok).toBe(true);
    expect(await judge(utf8('x'))).toMatchObject({ ok: false, reason: Reason.REASON_MALFORMED });
    const nothing = await sign({ origin, size: 0n, root: honest.rootAt(1) }, seconds);
    expect(await judge(nothing)).toMatchObject({ ok: false, reason: Reason.REASON_CHECKPOINT_INVALID });
    expect((await judge(await sign({ origin, size: 0n, root: emptyRoot() }, seconds))).ok).toBe(true);
  });

  it('is forgotten beyond the newest sizes, unless it was cosigned', async () => {
    const row = { origin: 'other', root: honest.rootAt(1), note: utf8('n'), node: 'XA', at: nowMs };
    await held.store.write(async (tx) => {
      for (let size = 1n; size <= 5n; size++) await tx.ledger.keepKnownLog({ ...row, size });
      await tx.ledger.keepCosignature({ origin: 'other', size: 2n, witness: 'w', line: 'l', at: nowMs });
      await tx.ledger.pruneKnownLog('other', 2);
      await tx.ledger.pruneKnownLog('other', 9);
    });
    const left = await held.store.read((tx) =>
      Promise.all([1n, 2n, 3n, 4n, 5n].map((size) => tx.ledger.knownLog('other', size))),
    );
    expect(left.map((known) => known?.size)).toEqual([undefined, 2n, undefined, 4n, 5n]);
  });
});
