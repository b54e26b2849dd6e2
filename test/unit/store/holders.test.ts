import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ItemAction } from '../../../src/gen/tocsin/exchange/v1/parcel.ts';
import { Status } from '../../../src/gen/tocsin/record/v1/marking.ts';
import type { OutboxEntry } from '../../../src/store/index.ts';
import { sampleRecord } from '../../conformance/store.contract.ts';
import { type TemporaryStore, temporaryStore } from '../../support/temporary-store.ts';

const bytes = (fill: number): Uint8Array => new Uint8Array(32).fill(fill);
const record = sampleRecord(1);
const target = record.headerDigest;

const row = (recipient: string, changes: Partial<OutboxEntry> = {}): OutboxEntry => ({
  recipient,
  lane: 1,
  action: ItemAction.ITEM_ACTION_RECORD,
  headerDigest: target,
  facets: ['summary', 'persons'],
  audience: { deskGroups: [], purposes: [] },
  facetAudiences: [],
  basis: 'R5',
  ...changes,
});

describe('who holds what', () => {
  let temporary: TemporaryStore;
  beforeEach(async () => {
    temporary = await temporaryStore();
    await temporary.store.write((tx) => tx.records.insert([{ record, facets: [] }]));
  });
  afterEach(() => temporary[Symbol.asyncDispose]());

  const holders = (nowMs = 0) => temporary.store.read((tx) => tx.holders.holdersOf(target, nowMs));

  /** Sends to XB, and, with `receipt`, lets it answer. */
  const send = (receipt?: Uint8Array) =>
    temporary.store.write(async (tx) => {
      await tx.outbox.add([row('XB')], 100);
      const [queued] = await tx.outbox.ofRecord(target);
      await tx.outbox.markSent([queued?.id ?? 0], 1, 1n);
      if (receipt)
        await tx.outbox.close([{ id: queued?.id ?? 0, state: 'receipted', receiptDigest: receipt }], 200);
    });

  it('a recipient whose row still waits was told nothing and holds nothing', async () => {
    await temporary.store.write((tx) => tx.outbox.add([row('XB')], 100));
    expect(await holders()).toEqual([]);
  });

  it('a row put back in the queue after a refusal still names a holder: the refused parcel was in its hands', async () => {
    await temporary.store.write(async (tx) => {
      await tx.outbox.add([row('XB')], 100);
      const [queued] = await tx.outbox.ofRecord(target);
      await tx.outbox.markSent([queued?.id ?? 0], 1, 1n);
      await tx.outbox.close(
        [{ id: queued?.id ?? 0, state: 'refused', resultReason: 36, receiptDigest: bytes(9) }],
        150,
      );
      expect(await tx.outbox.offerAgain('XB', 36, ['seizure-notice'])).toBe(1);
    });
    expect(await holders()).toMatchObject([{ node: 'XB', state: 'sent' }]);
  });

  it('sent becomes holds with the receipt of its delivery', async () => {
    await send();
    expect(await holders()).toMatchObject([
      { node: 'XB', state: 'sent', since: 100, facets: ['summary', 'persons'], recalls: [] },
    ]);
  });

  it('holds names the receipt', async () => {
    await send(bytes(9));
    expect(await holders()).toMatchObject([
      { node: 'XB', state: 'holds', since: 200, receiptDigest: bytes(9) },
    ]);
  });

  it('what a forwarder disclosed is another holder, with its consent and its way', async () => {
    await send(bytes(9));
    const entry = {
      headerDigest: target,
      recipient: 'XG',
      forwarder: 'HR',
      facets: ['summary'],
      basis: 'R3',
      consent: bytes(3),
      disclosureDigest: bytes(4),
      at: 300,
    };
    expect(await temporary.store.write((tx) => tx.holders.noteDisclosure(entry))).toBe(true);
    expect(await temporary.store.write((tx) => tx.holders.noteDisclosure(entry))).toBe(false);
    expect(await holders()).toMatchObject([
      { node: 'XB', state: 'holds' },
      { node: 'XG', via: 'HR', state: 'holds', since: 300, facets: ['summary'], consent: bytes(3) },
    ]);
    expect(await temporary.store.read((tx) => tx.holders.disclosuresUnder(bytes(3)))).toEqual([entry]);
  });

  it('a recall is asked, then overdue, then closed by the receipt of the deletion', async () => {
    await send(bytes(9));
    const notice = {
      recallDigest: bytes(5),
      holder: 'XB',
      target,
      facets: [],
      mustPurge: true,
      deadline: 1_000,
      askedAt: 500,
    };
    await temporary.store.write((tx) => tx.holders.noteRecall([notice, notice]));
    expect(await holders(999)).toMatchObject([{ state: 'recall-asked', since: 500 }]);
    expect(await holders(1_000)).toMatchObject([{ state: 'overdue', since: 1_000 }]);
    expect(await temporary.store.read((tx) => tx.holders.overdue(999, 10))).toEqual([]);
    expect(await temporary.store.read((tx) => tx.holders.overdue(1_000, 10))).toEqual([notice]);
    const receipt = { receiptDigest: bytes(6), purgedFacets: ['summary'], copies: 2, at: 1_100 };
    const close = () => temporary.store.write((tx) => tx.holders.closeRecall(bytes(5), 'XB', receipt));
    expect(await close()).toBe(true);
    expect(await close()).toBe(false);
    expect(await holders(2_000)).toMatchObject([
      { state: 'purged', since: 1_100, facets: [], receiptDigest: bytes(6) },
    ]);
    expect(await temporary.store.read((tx) => tx.holders.overdue(2_000, 10))).toEqual([]);
  });

  it('after single facets are recalled and deleted it holds the others', async () => {
    await send(bytes(9));
    await temporary.store.write(async (tx) => {
      await tx.holders.noteRecall([
        {
          recallDigest: bytes(5),
          holder: 'XB',
          target,
          facets: ['persons'],
          mustPurge: true,
          deadline: 1_000,
          askedAt: 500,
        },
      ]);
      await tx.holders.closeRecall(bytes(5), 'XB', {
        receiptDigest: bytes(6),
        purgedFacets: ['persons'],
        copies: 1,
        at: 600,
      });
    });
    expect(await holders(2_000)).toMatchObject([{ state: 'holds', facets: ['summary'] }]);
  });

  it('a tombstone counts only where its setter is the originator of the record', async () => {
    const stone = {
      headerDigest: target,
      recallDigest: bytes(5),
      facets: [],
      purge: true,
      world: 'live' as const,
      at: 1,
    };
    await temporary.store.write(async (tx) => {
      await tx.tombstones.set({ ...stone, originator: 'XZ' });
      await tx.tombstones.set({ ...stone, originator: 'XZ' });
    });
    const recalled = (status: Status = Status.STATUS_ACTUAL) =>
      temporary.store.read((tx) =>
        tx.tombstones.recalledOf([{ headerDigest: target, originator: 'XA', status }]),
      );
    expect((await recalled()).size).toBe(0);
    await temporary.store.write(async (tx) => {
      await tx.tombstones.set({ ...stone, originator: 'XA', recallDigest: bytes(6), facets: ['persons'] });
    });
    expect([...(await recalled()).values()]).toEqual([{ whole: false, facets: new Set(['persons']) }]);
    // The recall is a live one: it takes nothing of an exercise (R21).
    expect((await recalled(Status.STATUS_EXERCISE)).size).toBe(0);
  });
});
