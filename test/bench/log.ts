/** The log: what a batch saves, and whether a record costs the same however long the log is. */
import { systemClock, systemRandom } from '../../src/base/clock.ts';
import { createLedger, type LeafProof, type Ledger } from '../../src/ledger/index.ts';
import { appendLeaves, type Frontier, judgeInclusion, leafHash } from '../../src/merkle/index.ts';
import type { SignedHeader } from '../../src/record/index.ts';
import type { Store } from '../../src/store/index.ts';
import { type Federation, makeFederation } from '../support/authority.ts';
import { temporaryStore } from '../support/temporary-store.ts';
import { headersOf } from './headers.ts';
import { type Bench, perSecond } from './runner.ts';

const HEADERS = 2_000;
const BATCH = 500;
/** A checkpoint a record is slow: fewer of them say the same. */
const SINGLE = 50;
const LENGTHS = [1_000, 10_000, 100_000] as const;
/** With `--large`. */
const LARGE = 1_000_000;
const AT_LEAST = `at ${LENGTHS[0].toLocaleString('en')} leaves`;
const PROOFS = 1_000;

interface Log {
  readonly store: Store;
  readonly ledger: Ledger;
}

/** A ledger over a store of its own, grown to `length` leaves by batches that nobody waits for. */
async function openLog(stack: AsyncDisposableStack, federation: Federation, length: number): Promise<Log> {
  const { keyring, statement } = federation.of('XA');
  const { store } = stack.use(await temporaryStore());
  const origins = { live: statement.statement.logOrigin, exercise: statement.statement.exerciseLogOrigin };
  const ledger = createLedger({
    store,
    keyring,
    origins,
    clock: systemClock,
    random: systemRandom,
    tickMs: 60_000,
    quota: 1,
  });
  if (length > 0) await grow(store, ledger, origins.live, length);
  return { store, ledger };
}

/** Writes all leaves but the last under a checkpoint without signatures; a real batch then continues it. */
async function grow(store: Store, ledger: Ledger, log: string, length: number): Promise<void> {
  let frontier: Frontier = { size: 0n, peaks: [] };
  while (frontier.size < BigInt(length)) {
    const count = Math.min(5_000, length - Number(frontier.size));
    const from = frontier.size;
    const hashes = Array.from({ length: count }, () => leafHash(systemRandom.bytes(32)));
    const appended = appendLeaves(frontier, hashes);
    await store.write((tx) =>
      tx.ledger.append({
        checkpoint: {
          log,
          size: appended.frontier.size,
          root: appended.root,
          note: new Uint8Array(0),
          cause: 'tick',
          at: systemClock.nowMs(),
        },
        leaves: hashes.map((hash, offset) => ({ level: 0, index: from + BigInt(offset), hash })),
        nodes: appended.nodes.filter(({ level }) => level > 0),
      }),
    );
    frontier = appended.frontier;
  }
  await ledger.sequence('live');
}

async function sequence(
  { store, ledger }: Log,
  headers: readonly SignedHeader[],
  batch: number,
): Promise<void> {
  for (let from = 0; from < headers.length; from += batch) {
    const some = headers.slice(from, from + batch);
    await store.write(async (tx) => {
      for (const signed of some) await ledger.enqueue(tx, signed);
    });
    await ledger.sequence('live');
  }
}

/** Proofs of leaves spread over the whole log, as an evidence bundle has them, and their judging. */
async function proofRows(
  log: Log,
  headers: readonly SignedHeader[],
  least: Log,
  few: readonly SignedHeader[],
) {
  const at = async ({ store, ledger }: Log) => {
    const newest = await store.read((tx) => ledger.newestCheckpoint(tx, 'live'));
    if (!newest) throw new Error('expected a checkpoint');
    return newest;
  };
  const prove = async ({ store, ledger }: Log, of: readonly SignedHeader[]) => {
    const { size } = await at({ store, ledger });
    return store.read(async (tx) => {
      const made: LeafProof[] = [];
      for (const { digest } of of) made.push(await ledger.proofFor(tx, digest, size));
      return made;
    });
  };
  const { size, root } = await at(log);
  const proofs = await prove(log, headers);
  const judge = () => {
    for (const [place, { index, proof }] of proofs.entries()) {
      const hash = leafHash(headers[place]?.bytes ?? new Uint8Array());
      if (!judgeInclusion({ leafHash: hash, index, size, proof, root }).ok)
        throw new Error('expected the proof to hold');
    }
  };
  return {
    prove: perSecond(headers.length, () => prove(log, headers)),
    proveAtLeast: perSecond(few.length, () => prove(least, few)),
    verify: perSecond(proofs.length, judge),
    hash: perSecond(proofs.length, () => {
      for (const { bytes } of headers) leafHash(bytes);
    }),
  };
}

export const logBench: Bench = {
  name: 'log',
  async open(stack, { large }) {
    const federation = stack.use(await makeFederation({ nodes: [{ node: 'XA' }] }));
    const origin = federation.of('XA').statement.statement.logOrigin;
    const rate = (log: Log, count: number, batch: number) => async () => {
      const headers = headersOf(origin, count);
      return perSecond(count, () => sequence(log, headers, batch))();
    };
    // A log of its own for each batch size: batches of 500 raise the number of dummies that a tick adds.
    const [batched, single] = [await openLog(stack, federation, 0), await openLog(stack, federation, 0)];
    const lengths = large ? [...LENGTHS, LARGE] : LENGTHS;
    const logs: { readonly length: number; readonly log: Log }[] = [];
    for (const length of lengths) logs.push({ length, log: await openLog(stack, federation, length) });
    const [shortest, ...longer] = logs;
    const longest = logs.at(-1);
    if (!shortest || !longest) throw new Error('expected a log of each length');
    const added = async ({ log }: { readonly log: Log }) => {
      const headers = headersOf(origin, PROOFS);
      await sequence(log, headers, BATCH);
      return headers;
    };
    const proofs = await proofRows(longest.log, await added(longest), shortest.log, await added(shortest));
    return [
      {
        id: 'batches',
        what: `records sequenced, checkpoints of ${BATCH} signed twice`,
        unit: '/s',
        ours: rate(batched, HEADERS, BATCH),
        against: [{ name: 'a checkpoint a record', measure: rate(single, SINGLE, 1) }],
      },
      ...longer.map(({ length, log }) => ({
        id: `at-${length}`,
        what: `records sequenced at ${length.toLocaleString('en')} leaves`,
        unit: '/s',
        ours: rate(log, HEADERS, BATCH),
        against: [{ name: AT_LEAST, measure: rate(shortest.log, HEADERS, BATCH) }],
      })),
      {
        id: 'prove',
        what: `inclusion proofs out of the store at ${longest.length.toLocaleString('en')} leaves`,
        unit: '/s',
        ours: proofs.prove,
        against: [{ name: AT_LEAST, measure: proofs.proveAtLeast }],
      },
      {
        id: 'verify',
        what: `inclusion proofs judged at ${longest.length.toLocaleString('en')} leaves`,
        unit: '/s',
        ours: proofs.verify,
        against: [{ name: 'one SHA-256 of a leaf', measure: proofs.hash }],
      },
    ];
  },
};
