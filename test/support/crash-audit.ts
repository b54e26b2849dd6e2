/** What the stores of two nodes must say after any number of crashes, read from disk once the nodes have ended. */
import { expect } from 'vitest';
import { equalBytes, hex } from '../../src/base/bytes.ts';
import { judgeManifest } from '../../src/exchange/parcel.ts';
import type { Manifest } from '../../src/gen/tocsin/exchange/v1/parcel.ts';
import {
  consistencyProof,
  judgeCheckpointText,
  judgeConsistency,
  parseNote,
} from '../../src/merkle/index.ts';
import { logOrigin, netToken } from '../../src/record/index.ts';
import type { LaneId, ReadTx, Store } from '../../src/store/index.ts';

/** A size of a log with its root, as somebody once saw it. */
export interface SeenLog {
  readonly size: bigint;
  readonly root: Uint8Array;
}

export interface Ends {
  readonly network: Uint8Array;
  readonly sender: string;
  readonly recipient: string;
}

const LANES = [0, 1] as const;

/** The recipient: each record once, one inbox item each, and no number missing in what was taken. */
export async function auditRecipient(store: Store, ends: Ends, digests: ReadonlySet<string>): Promise<void> {
  await store.read(async (tx) => {
    const held = await tx.records.byDigests([...digests].map((digest) => Buffer.from(digest, 'hex')));
    expect(held.map(({ headerDigest }) => hex(headerDigest)).sort()).toEqual([...digests].sort());
    expect(await tx.records.count({ world: 'both', origin: 'partner', kind: 'receipt' })).toBe(0);
    expect(await tx.records.count({ world: 'both', originator: ends.sender })).toBe(digests.size);

    const items = await tx.inbox.after(0, 100_000);
    const arrived = items.map(({ headerDigest }) => hex(headerDigest));
    expect(arrived.length).toBe(digests.size);
    expect(new Set(arrived)).toEqual(digests);

    for (const lane of LANES) await auditChain(tx, ends, lane);
    expect((await tx.alarms.list({})).items).toEqual([]);
    expect(await tx.inbox.quarantined(10)).toEqual([]);
  });
}

/** Numbers from 1 without a gap, each naming the manifest before; checkpoints that only grow, and one log throughout. */
async function auditChain(tx: ReadTx, { network, sender, recipient }: Ends, lane: 0 | 1): Promise<void> {
  const link = await tx.links.in(sender, lane);
  let previous: Uint8Array = new Uint8Array(0);
  let size = 0n;
  for (let seq = 1n; seq <= (link?.seq ?? 0n); seq++) {
    const kept = await tx.links.manifestIn({ sender, incarnation: 1, lane, seq });
    const judged = kept && judgeManifest(network, kept.body);
    if (!judged?.ok) throw new Error(`manifest ${seq} of lane ${lane} is not kept, or not whole`);
    const { manifest, digest } = judged.value;
    expect([manifest.sender, manifest.recipient, manifest.lane, manifest.seq]).toEqual([
      sender,
      recipient,
      lane,
      seq,
    ]);
    expect(equalBytes(manifest.previous, previous), `manifest ${seq} continues the one before`).toBe(true);
    const checkpoint = sizeOf(manifest);
    expect(checkpoint >= size, `the log behind manifest ${seq} did not shrink`).toBe(true);
    [previous, size] = [digest, checkpoint];
  }
  if (link) expect(equalBytes(link.digest, previous)).toBe(true);
}

function sizeOf(manifest: Manifest): bigint {
  const note = parseNote(manifest.checkpoint);
  const checkpoint = note.ok ? judgeCheckpointText(note.value.text) : note;
  if (!checkpoint.ok) throw new Error('a manifest without a checkpoint was taken');
  return checkpoint.value.size;
}

/** The sender: every row answered by a receipt that it holds, nothing under way, numbers without a gap. */
export async function auditSender(
  store: Store,
  { recipient }: Ends,
  digests: ReadonlySet<string>,
): Promise<void> {
  await store.read(async (tx) => {
    expect(await tx.outbox.sizes()).toEqual([]);
    expect(await tx.links.lanesOpen()).toEqual([]);
    expect((await tx.alarms.list({})).items).toEqual([]);
    const receipts = new Set<string>();
    for (const digest of digests) {
      const rows = await tx.outbox.ofRecord(Buffer.from(digest, 'hex'));
      expect(rows.map(({ state }) => state)).toEqual(['receipted']);
      receipts.add(hex(rows[0]?.receiptDigest ?? new Uint8Array(0)));
    }
    for (const digest of receipts) {
      const receipt = await tx.records.byDigest(Buffer.from(digest, 'hex'));
      expect([receipt?.kind, receipt?.originator]).toEqual(['receipt', recipient]);
    }
    for (const lane of LANES) await auditSent(tx, { recipient, lane });
  });
}

async function auditSent(tx: ReadTx, lane: LaneId): Promise<void> {
  const link = await tx.links.out(lane);
  const manifests = await tx.links.manifestsFrom({ ...lane, incarnation: 1, seq: 1n }, 100_000);
  expect(manifests.map(({ seq }) => seq)).toEqual(manifests.map((_, at) => BigInt(at + 1)));
  expect(
    manifests.filter(({ state }) => state !== 'closed').map(({ seq, state }) => `${seq} ${state}`),
  ).toEqual([]);
  expect(link?.seq ?? 0n).toBe(BigInt(manifests.length));
}

/** The own live log: every size that was ever seen is still there with its root, and the newest continues each. */
export async function auditLog(
  store: Store,
  network: Uint8Array,
  node: string,
  seen: readonly SeenLog[],
): Promise<void> {
  const log = logOrigin(netToken(network), node, 'live', 1);
  await store.read(async (tx) => {
    const newest = await tx.ledger.newestCheckpoint(log);
    if (newest === undefined) throw new Error(`${node} has no checkpoint`);
    let before = 0n;
    for (const { size, root } of seen) {
      expect(size >= before, `the log of ${node} fell from ${before} to ${size}`).toBe(true);
      before = size;
      const proof = await consistencyProof(size, newest.size, (ids) => tx.ledger.nodes(log, ids));
      const judged = judgeConsistency({
        oldSize: size,
        newSize: newest.size,
        oldRoot: root,
        newRoot: newest.root,
        proof,
      });
      expect(judged.ok, `the log of ${node} continues its size ${size}`).toBe(true);
    }
    expect(newest.size >= before).toBe(true);
  });
}
