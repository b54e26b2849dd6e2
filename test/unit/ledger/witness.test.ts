import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { textOf, utf8 } from '../../../src/base/bytes.ts';
import { Reason } from '../../../src/gen/tocsin/record/v1/reason.ts';
import { createWitness, logKeysOf, type Witness, type WitnessDeps } from '../../../src/ledger/index.ts';
import { logSigner } from '../../../src/ledger/log-signer.ts';
import {
  appendLeaves,
  consistencyProof,
  EMPTY_FRONTIER,
  emptyRoot,
  judgeCosignature,
  judgeSignedCheckpoint,
  leafHash,
  parseSignatureLines,
  type ReadNodes,
} from '../../../src/merkle/index.ts';
import { type TemporaryStore, temporaryStore } from '../../support/temporary-store.ts';
import { keyPair, MemoryKeyring, ORIGINS, signWith, stillClock } from './fixture.ts';

const origin = ORIGINS.live;
const name = 'tocsin/0011223344556677/XB/witness';
const seconds = 1_790_000_000n;
const keyring = new MemoryKeyring();
const sign = logSigner(keyring, 'live', origin);
const witnessKey = keyPair();
const leaves = Array.from({ length: 20 }, (_, n) => leafHash(utf8(`leaf ${n}`)));
const { nodes } = appendLeaves(EMPTY_FRONTIER, leaves);
const read: ReadNodes = async (ids) =>
  ids.map((id) => nodes.find((n) => n.level === id.level && n.index === id.index)?.hash ?? new Uint8Array());
const rootAt = (size: number) => appendLeaves(EMPTY_FRONTIER, leaves.slice(0, size)).root;
const noteAt = (size: number) => sign({ origin, size: BigInt(size), root: rootAt(size) }, seconds);

describe('a witness', () => {
  let held: TemporaryStore;
  let clock: ReturnType<typeof stillClock>;
  let witness: Witness;

  const witnessWith = (changes: Partial<WitnessDeps> = {}): Witness =>
    createWitness({
      store: held.store,
      clock,
      name,
      mlDsa44: () => witnessKey.publicKey.mlDsa44,
      sign: async (message) => signWith(witnessKey.mlDsa44, message),
      logOf: async (asked) =>
        asked === origin
          ? {
              node: 'XA',
              judge: (note) => judgeSignedCheckpoint({ ...logKeysOf(origin, keyring.log), note }),
            }
          : undefined,
      ...changes,
    });
  const ask = async (from: number, to: number, using = witness) =>
    using.addCheckpoint({
      oldSize: BigInt(from),
      proof: await consistencyProof(BigInt(from), BigInt(to), read),
      checkpoint: await noteAt(to),
    });
  /** Time of a cosignature that verifies. */
  const timeOf = (cosignatures: Uint8Array, size: number): bigint => {
    const lines = parseSignatureLines(textOf(cosignatures));
    const [line] = lines.ok ? lines.value : [];
    if (!line || line.name !== name) throw new Error('expected a line of the witness');
    const checkpoint = { origin, size: BigInt(size), root: rootAt(size) };
    const time = judgeCosignature({ line, checkpoint, mlDsa44: witnessKey.publicKey.mlDsa44 });
    if (!time.ok) throw new Error(time.detail);
    return time.value;
  };

  beforeEach(async () => {
    held = await temporaryStore();
    clock = stillClock();
    witness = witnessWith();
  });
  afterEach(() => held[Symbol.asyncDispose]());

  it('cosigns a log as it grows, and the same size again', async () => {
    for (const [from, to] of [
      [0, 5],
      [5, 12],
      [12, 12],
    ] as const) {
      const answer = await ask(from, to);
      if (answer.status !== 200) throw new Error(`refused: ${answer.status}`);
      expect(timeOf(answer.cosignatures, to)).toBe(seconds);
    }
  });

  it('says which size it last cosigned where the old size is another', async () => {
    expect(await ask(3, 5)).toEqual({ status: 409, lastSize: 0n });
    await ask(0, 5);
    expect(await ask(0, 12)).toEqual({ status: 409, lastSize: 5n });
    expect(await ask(4, 12)).toEqual({ status: 409, lastSize: 5n });
  });

  it('refuses in the order of C2SP', async () => {
    const reason = expect.any(Number);
    const checkpoint = await noteAt(5);
    const other = await sign({ origin: 'another', size: 1n, root: rootAt(1) }, seconds).catch(
      () => undefined,
    );
    expect(other).toBeUndefined();
    expect(await witness.addCheckpoint({ oldSize: 0n, proof: [], checkpoint: utf8('x') })).toMatchObject({
      status: 400,
    });
    expect(
      await witnessWith({ logOf: async () => undefined }).addCheckpoint({
        oldSize: 0n,
        proof: [],
        checkpoint,
      }),
    ).toMatchObject({ status: 404, reason });
    const forged = utf8(textOf(checkpoint).replace('\n5\n', '\n6\n'));
    expect(await witness.addCheckpoint({ oldSize: 0n, proof: [], checkpoint: forged })).toMatchObject({
      status: 403,
      reason: Reason.REASON_SIGNATURE_INVALID,
    });
    expect(await witness.addCheckpoint({ oldSize: 6n, proof: [], checkpoint })).toMatchObject({
      status: 400,
    });
    expect(
      await witness.addCheckpoint({ oldSize: 0n, proof: new Array(64).fill(rootAt(1)), checkpoint }),
    ).toMatchObject({ status: 400, reason: Reason.REASON_TOO_LARGE });
    expect(await witness.addCheckpoint({ oldSize: 0n, proof: [rootAt(1)], checkpoint })).toMatchObject({
      status: 422,
    });
    const nothing = await sign({ origin, size: 0n, root: rootAt(1) }, seconds);
    expect(await witness.addCheckpoint({ oldSize: 0n, proof: [], checkpoint: nothing })).toMatchObject({
      status: 422,
      reason: Reason.REASON_CHECKPOINT_INVALID,
    });
    const empty = await sign({ origin, size: 0n, root: emptyRoot() }, seconds);
    expect(await witness.addCheckpoint({ oldSize: 0n, proof: [], checkpoint: empty })).toMatchObject({
      status: 200,
    });
  });

  it('refuses a tree that does not continue the one it cosigned', async () => {
    await ask(0, 5);
    expect(
      await witness.addCheckpoint({ oldSize: 5n, proof: [], checkpoint: await noteAt(12) }),
    ).toMatchObject({
      status: 422,
      reason: Reason.REASON_LOG_INCONSISTENT,
    });
    const fork = await sign({ origin, size: 5n, root: rootAt(4) }, seconds);
    expect(await witness.addCheckpoint({ oldSize: 5n, proof: [], checkpoint: fork })).toMatchObject({
      status: 422,
      reason: Reason.REASON_LOG_FORK,
    });
  });

  it('refuses a root that contradicts what the node saw elsewhere', async () => {
    await held.store.write((tx) =>
      tx.ledger.keepKnownLog({ origin, size: 5n, root: rootAt(4), note: utf8('n'), node: 'XA', at: 1 }),
    );
    expect(await ask(0, 5)).toMatchObject({ status: 422, reason: Reason.REASON_LOG_FORK });
    expect(await ask(0, 6)).toMatchObject({ status: 200 });
  });

  it('answers two requests at once as if one came later: nothing is rolled back', async () => {
    await ask(0, 5);
    const [first, second] = await Promise.all([ask(5, 8), ask(5, 12)]);
    expect([first.status, second.status]).toEqual([200, 409]);
    expect(await held.store.read((tx) => tx.ledger.newestCosignature(origin, name))).toMatchObject({
      size: 8n,
    });
  });

  it('does not even cosign when another process got in between', async () => {
    const other = witnessWith();
    const slow = witnessWith({
      sign: async (message) => {
        await ask(0, 12, other);
        return signWith(witnessKey.mlDsa44, message);
      },
    });
    expect(await ask(0, 5, slow)).toEqual({ status: 409, lastSize: 12n });
  });

  it('never goes back in time, and never says 0', async () => {
    await ask(0, 5);
    clock.ms = 0;
    const answer = await ask(5, 12);
    expect(answer.status === 200 && timeOf(answer.cosignatures, 12)).toBe(seconds);
  });

  it('gives no answer that is not durable', async () => {
    const failing = witnessWith({
      store: { read: (work) => held.store.read(work), write: () => Promise.reject(new Error('disk')) },
    });
    await expect(ask(0, 5, failing)).rejects.toThrow('disk');
    expect(await ask(0, 6)).toMatchObject({ status: 200 });
  });

  it('remembers after a restart, and stops where its memory is damaged', async () => {
    await ask(0, 5);
    const store = await held.reopen();
    witness = witnessWith({ store });
    expect(await ask(0, 12)).toEqual({ status: 409, lastSize: 5n });
    await store.write((tx) =>
      tx.ledger.keepCosignature({ origin, size: 9n, witness: name, line: 'l', at: 1 }),
    );
    await expect(ask(5, 12)).rejects.toMatchObject({ code: 'LOG_DAMAGED' });
  });
});
