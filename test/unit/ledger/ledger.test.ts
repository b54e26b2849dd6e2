import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLedger, type Ledger, logKeysOf } from '../../../src/ledger/index.ts';
import {
  emptyRoot,
  judgeConsistency,
  judgeInclusion,
  judgeSignedCheckpoint,
  leafHash,
} from '../../../src/merkle/index.ts';
import type { SignedHeader } from '../../../src/record/index.ts';
import type { Store, StoredCheckpoint } from '../../../src/store/index.ts';
import { type TemporaryStore, temporaryStore } from '../../support/temporary-store.ts';
import { countingRandom, headerNamed, MemoryKeyring, ORIGINS, stillClock } from './fixture.ts';

const TICK_MS = 60_000;

describe('the ledger', () => {
  let held: TemporaryStore;
  let keyring: MemoryKeyring;
  let clock: ReturnType<typeof stillClock>;
  let ledger: Ledger;

  const ledgerOn = (store: Pick<Store, 'read' | 'write'>, onFailure?: () => void): Ledger =>
    createLedger({
      store,
      keyring,
      origins: ORIGINS,
      clock,
      random: countingRandom(),
      tickMs: TICK_MS,
      ...(onFailure && { onFailure }),
    });
  const enqueue = (...headers: SignedHeader[]) =>
    held.store.write(async (tx) => {
      for (const header of headers) await ledger.enqueue(tx, header);
    });
  const newest = (log = 'live') => held.store.read((tx) => ledger.newestCheckpoint(tx, log));
  const waiting = () => held.store.read((tx) => tx.ledger.pendingCount(ORIGINS.live));
  const rootAt = async (size: bigint): Promise<Uint8Array> => {
    const checkpoint = await held.store.read((tx) => tx.ledger.checkpoint(ORIGINS.live, size));
    return checkpoint?.root ?? emptyRoot();
  };
  const provenAt = async (header: SignedHeader, size: bigint) => {
    const { index, proof } = await held.store.read((tx) => ledger.proofFor(tx, header.digest, size));
    return judgeInclusion({ leafHash: leafHash(header.bytes), index, size, proof, root: await rootAt(size) });
  };

  /** Runs the loop until the condition holds, then ends it. */
  async function runUntil(condition: () => Promise<boolean>): Promise<void> {
    const stop = new AbortController();
    const running = ledger.run(stop.signal);
    while (!(await condition())) await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    await running;
  }

  beforeEach(async () => {
    held = await temporaryStore();
    keyring = new MemoryKeyring();
    clock = stillClock();
    ledger = ledgerOn(held.store);
  });
  afterEach(() => held[Symbol.asyncDispose]());

  it('signs each batch with both keys of the log and a time in seconds', async () => {
    await enqueue(headerNamed('a'));
    await ledger.sequence('live');
    const checkpoint = await newest();
    const verdict = judgeSignedCheckpoint({
      ...logKeysOf(ORIGINS.live, keyring.log),
      note: checkpoint?.note ?? new Uint8Array(),
    });
    expect(verdict).toMatchObject({
      ok: true,
      value: { checkpoint: { origin: ORIGINS.live, size: 8n }, timestamp: 1_790_000_000n },
    });
  });

  it('proves every record at every later size, and every size to every later one', async () => {
    const headers = Array.from({ length: 23 }, (_, n) => headerNamed(`r${n}`));
    for (const [n, header] of headers.entries()) {
      await enqueue(header);
      if (n % 3 === 2) await ledger.sequence('live');
    }
    await ledger.sequence('live');
    const sizes = [8n, 16n, 24n, 32n, 40n, 48n, 56n, 64n];
    expect((await newest())?.size).toBe(64n);
    for (const header of headers) expect((await provenAt(header, 64n)).ok).toBe(true);
    expect((await provenAt(headers[0] as SignedHeader, 8n)).ok).toBe(true);
    for (const [n, from] of sizes.entries())
      for (const to of sizes.slice(n)) {
        const proof = await held.store.read((tx) => ledger.consistency(tx, 'live', from, to));
        const claim = {
          oldSize: from,
          newSize: to,
          oldRoot: await rootAt(from),
          newRoot: await rootAt(to),
          proof,
        };
        expect(judgeConsistency(claim).ok).toBe(true);
      }
  });

  it('hides one record among dummies: the size says nothing', async () => {
    await ledger.sequence('live');
    await enqueue(headerNamed('only'));
    const [checkpoint] = await ledger.sequence('live');
    expect(checkpoint?.size).toBe(16n);
    const { index } = await held.store.read((tx) => ledger.proofFor(tx, headerNamed('only').digest, 16n));
    expect(index).toBeGreaterThanOrEqual(8n);
  });

  it('grows the batch under load, whole and in one checkpoint', async () => {
    const headers = Array.from({ length: 600 }, (_, n) => headerNamed(`bulk${n}`));
    await enqueue(...headers);
    const made = await ledger.sequence('live');
    expect(made.map(({ size }) => size)).toEqual([600n]);
    expect(await waiting()).toBe(0);
    expect((await provenAt(headers[599] as SignedHeader, 600n)).ok).toBe(true);
    const digests = headers.map(({ digest }) => digest);
    const proofs = await held.store.read((tx) => ledger.proofsFor(tx, digests, 600n));
    const root = await rootAt(600n);
    for (const [n, { index, proof }] of proofs.entries()) {
      const hash = leafHash(headers[n]?.bytes ?? new Uint8Array());
      expect(judgeInclusion({ leafHash: hash, index, size: 600n, proof, root }).ok).toBe(true);
    }
    const unknown = [...digests, headerNamed('nobody').digest];
    await expect(held.store.read((tx) => ledger.proofsFor(tx, unknown, 600n))).rejects.toMatchObject({
      code: 'NOT_IN_LOG',
    });
  });

  it('keeps the live and the exercise log apart', async () => {
    await enqueue(headerNamed('live'), headerNamed('drill', { log: ORIGINS.exercise }));
    const made = await ledger.sequence();
    expect(made.map(({ log }) => log).sort()).toEqual([ORIGINS.exercise, ORIGINS.live]);
    const exercise = await newest('exercise');
    const note = exercise?.note ?? new Uint8Array();
    expect(judgeSignedCheckpoint({ ...logKeysOf(ORIGINS.exercise, keyring.exerciseLog), note }).ok).toBe(
      true,
    );
    expect(judgeSignedCheckpoint({ ...logKeysOf(ORIGINS.exercise, keyring.log), note }).ok).toBe(false);
    expect(judgeSignedCheckpoint({ ...logKeysOf(ORIGINS.live, keyring.exerciseLog), note }).ok).toBe(false);
    expect(await ledger.sequence('exercise')).toEqual([]);
  });

  it('refuses a header of a foreign log, and to say what it does not know', async () => {
    const foreign = headerNamed('x', { log: 'tocsin/0011223344556677/XB/log/live/1' });
    await expect(enqueue(foreign)).rejects.toMatchObject({ code: 'LOG_UNKNOWN' });
    await expect(ledger.sequence('nobody')).rejects.toMatchObject({ code: 'LOG_UNKNOWN' });
    await ledger.sequence('live');
    await enqueue(headerNamed('late'));
    const { digest } = headerNamed('late');
    await expect(held.store.read((tx) => ledger.proofFor(tx, digest, 8n))).rejects.toMatchObject({
      code: 'NOT_IN_LOG',
      retry: 'later',
    });
    await expect(held.store.read((tx) => ledger.consistency(tx, 'live', 4n, 9n))).rejects.toMatchObject({
      code: 'SIZE_UNKNOWN',
    });
    expect(await held.store.read((tx) => ledger.checkpointNote(tx, 'live', 5n))).toBeUndefined();
    expect(await held.store.read((tx) => ledger.checkpointNote(tx, ORIGINS.live, 8n))).toBeInstanceOf(
      Uint8Array,
    );
  });

  it('does not take one header twice', async () => {
    await enqueue(headerNamed('a'));
    await expect(enqueue(headerNamed('a'))).rejects.toMatchObject({ code: 'UNIQUE_VIOLATION' });
  });

  it('leaves headers in line when signing fails, and places them at the next try', async () => {
    await enqueue(headerNamed('a'));
    keyring.failure = new Error('no key');
    await expect(ledger.sequence('live')).rejects.toThrow('no key');
    expect(await waiting()).toBe(1);
    expect(await newest()).toBeUndefined();
    keyring.failure = undefined;
    await ledger.sequence('live');
    expect((await provenAt(headerNamed('a'), 8n)).ok).toBe(true);
  });

  it('leaves no trace of a batch whose commit fails', async () => {
    let failures = 0;
    const failing: Pick<Store, 'read' | 'write'> = {
      read: (work) => held.store.read(work),
      write: (work) =>
        held.store.write(async (tx) => {
          const result = await work(tx);
          if (failures++ === 0) throw new Error('disk');
          return result;
        }),
    };
    ledger = ledgerOn(failing);
    await held.store.write((tx) => ledger.enqueue(tx, headerNamed('a')));
    const seen: StoredCheckpoint[] = [];
    ledger.onCheckpoint((checkpoint) => seen.push(checkpoint));
    await expect(ledger.sequence('live')).rejects.toThrow('disk');
    expect(seen).toEqual([]);
    expect(await newest()).toBeUndefined();
    expect(await waiting()).toBe(1);
    await ledger.sequence('live');
    expect(seen.map(({ size }) => size)).toEqual([8n]);
  });

  it('goes on from the stored tree after a restart', async () => {
    await enqueue(headerNamed('before'));
    await ledger.sequence('live');
    const store = await held.reopen();
    ledger = ledgerOn(store);
    await enqueue(headerNamed('after'));
    await ledger.sequence('live');
    expect((await newest())?.size).toBe(16n);
    expect((await provenAt(headerNamed('before'), 16n)).ok).toBe(true);
    expect((await provenAt(headerNamed('after'), 16n)).ok).toBe(true);
    const proof = await store.read((tx) => ledger.consistency(tx, 'live', 8n, 16n));
    const claim = { oldSize: 8n, newSize: 16n, oldRoot: await rootAt(8n), newRoot: await rootAt(16n), proof };
    expect(judgeConsistency(claim).ok).toBe(true);
  });

  it('never sequences one log twice at once', async () => {
    await enqueue(...Array.from({ length: 5 }, (_, n) => headerNamed(`c${n}`)));
    const made = await Promise.all([
      ledger.sequence('live'),
      ledger.sequence('live'),
      ledger.sequence('live'),
    ]);
    expect(made.flat().map(({ size }) => size)).toEqual([8n, 16n, 24n]);
  });

  it('refuses to sign over a damaged tree', async () => {
    await ledger.sequence('live');
    const damaged: Pick<Store, 'read' | 'write'> = {
      write: (work) => held.store.write(work),
      read: (work) =>
        held.store.read((tx) => {
          const nodes = async (log: string, ids: Parameters<typeof tx.ledger.nodes>[1]) =>
            (await tx.ledger.nodes(log, ids)).map(() => new Uint8Array(32));
          return work({ ...tx, meta: tx.meta, ledger: { ...tx.ledger, nodes } });
        }),
    };
    await expect(ledgerOn(damaged).sequence('live')).rejects.toMatchObject({
      code: 'LOG_DAMAGED',
      retry: 'fatal',
    });
  });

  it('never signs an earlier time than before, whatever the clock does', async () => {
    await ledger.sequence('live');
    clock.ms -= 3_600_000;
    const [second] = await ledger.sequence('live');
    expect(second?.at).toBe(1_790_000_000_000);
  });

  describe('while it runs', () => {
    it('has a first checkpoint at once, of both logs', async () => {
      await runUntil(async () => Boolean((await newest()) && (await newest('exercise'))));
      expect((await newest())?.size).toBe(8n);
    });

    it('closes a checkpoint early for an urgent record alone, charged to its tick', async () => {
      await ledger.sequence('live');
      await enqueue(headerNamed('calm'), headerNamed('flash', { urgent: true }));
      await runUntil(async () => (await newest())?.size === 9n);
      expect(await newest()).toMatchObject({ cause: 'urgent' });
      expect(await waiting()).toBe(1);
      clock.ms += TICK_MS;
      await runUntil(async () => (await newest())?.cause === 'tick');
      expect((await newest())?.size).toBe(16n);
      expect(await waiting()).toBe(0);
    });

    it('is woken by an urgent record, after its commit', async () => {
      const stop = new AbortController();
      const running = ledger.run(stop.signal);
      while (!(await newest())) await new Promise((resolve) => setImmediate(resolve));
      const placed = new Promise<StoredCheckpoint>((resolve) => {
        ledger.onCheckpoint(resolve);
      });
      await enqueue(headerNamed('flash', { urgent: true }));
      expect(await placed).toMatchObject({ cause: 'urgent', size: 9n });
      stop.abort();
      await running;
    });

    it('does not wait for longer than a tick when the clock is set back', async () => {
      await ledger.sequence('live');
      clock.ms -= 10 * TICK_MS;
      const stop = new AbortController();
      const running = ledger.run(stop.signal);
      while (!(await newest('exercise'))) await new Promise((resolve) => setImmediate(resolve));
      stop.abort();
      await running;
      expect((await newest())?.size).toBe(8n);
    });

    it('reports a failure and tries again', async () => {
      const failures: string[] = [];
      ledger = ledgerOn(held.store, () => {
        failures.push('failed');
        keyring.failure = undefined;
      });
      keyring.failure = new Error('busy');
      await runUntil(async () => (await newest()) !== undefined);
      expect(failures.length).toBeGreaterThan(0);
    });

    it('ends with a fatal failure: half a ledger is none', async () => {
      const mismatched = new MemoryKeyring();
      const wrong = createLedger({
        store: held.store,
        keyring: {
          log: keyring.log,
          exerciseLog: keyring.exerciseLog,
          signRaw: (...of) => mismatched.signRaw(...of),
        },
        origins: ORIGINS,
        clock,
        random: countingRandom(),
        tickMs: TICK_MS,
      });
      await expect(wrong.run(new AbortController().signal)).rejects.toMatchObject({
        code: 'CHECKPOINT_UNSOUND',
      });
    });
  });

  it('tells listeners after the commit, until they stop', async () => {
    const seen: bigint[] = [];
    const stop = ledger.onCheckpoint(({ size }) => seen.push(size));
    await ledger.sequence('live');
    stop();
    await ledger.sequence('live');
    expect(seen).toEqual([8n]);
  });
});
