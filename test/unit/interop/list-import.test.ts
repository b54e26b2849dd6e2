import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { utf8 } from '../../../src/base/bytes.ts';
import { WatchlistStatus, WatchlistSummary } from '../../../src/gen/tocsin/record/v1/watchlist_entry.ts';
import { type ListImport, listImporters } from '../../../src/interop/index.ts';
import { createLifecycle, type Lifecycle } from '../../../src/lifecycle/index.ts';
import type { Store } from '../../../src/store/index.ts';
import { ANNA, MARKING, NOW_MS } from '../../support/listed.ts';
import { temporaryStore } from '../../support/temporary-store.ts';

// Everybody and everything in these lists is invented.
const BENO = { ...ANNA, fingerprint: 'bb', name: 'Beno' };
const table = (ids: readonly number[]) => utf8(`id,name\n${ids.map((id) => `${id},Kelp ${id}\n`).join('')}`);
const upTo = (count: number) => Array.from({ length: count }, (_, at) => at + 1);

describe('importing a newer edition', () => {
  let under: Awaited<ReturnType<typeof temporaryStore>>;
  let store: Store;
  let lifecycle: Lifecycle;
  beforeEach(async () => {
    under = await temporaryStore();
    store = under.store;
    let counter = 0;
    lifecycle = createLifecycle({
      store,
      policy: () => ({ digest: 'p', preview: () => [] }),
      ledger: { enqueue: async () => undefined },
      exchange: { fanout: async () => undefined },
      self: {
        node: 'XA',
        network: new Uint8Array(32),
        logOrigin: () => 'tocsin/0000000000000000/XA/log/live/1',
      },
      clock: { nowMs: () => NOW_MS },
      random: {
        bytes: (size) => {
          counter += 1;
          const bytes = new Uint8Array(size);
          new DataView(bytes.buffer).setUint32(0, counter);
          return bytes;
        },
      },
    });
  });
  afterEach(() => under[Symbol.asyncDispose]());

  const run = (ids: readonly number[], more: Partial<ListImport> = {}) => {
    const importer = listImporters({ lifecycle, clock: { nowMs: () => NOW_MS } }).get('csv');
    if (importer === undefined) throw new Error('expected an importer of tables');
    return importer({
      files: [table(ids)],
      officer: ANNA,
      marking: MARKING,
      submit: true,
      list: 'kelp',
      rows: ids.length,
      ...more,
    });
  };
  async function releaseAll(): Promise<void> {
    for await (const _ of lifecycle.releaseMany({ officer: BENO, filter: { importPrefix: 'csv:' } }));
  }
  const drafts = () => store.read((tx) => tx.drafts.imported('csv:kelp:'));
  const statusOf = async (recordId: Uint8Array) => {
    const facets = await store.read(async (tx) => {
      const record = await tx.records.current('XA', recordId, 'live');
      return record ? tx.records.facets(record.headerDigest, ['summary']) : [];
    });
    return WatchlistSummary.decode(facets[0]?.body ?? new Uint8Array()).status;
  };
  const vanishedIn = async (ids: readonly number[], more: Partial<ListImport> = {}) => {
    const { vanished } = await run(ids, more);
    return vanished.map(({ key }) => key);
  };

  it('reports what the list no longer has, and drafts nothing of it unless asked', async () => {
    await run(upTo(10));
    // Never released: nothing to delist.
    expect((await run(upTo(9), { delist: true })).vanished).toEqual([{ key: 'csv:kelp:10' }]);
    await run(upTo(10));
    await releaseAll();
    const result = await run(upTo(9));
    expect(result).toMatchObject({ unchanged: 9, delisted: 0, draftIds: [] });
    expect(result.vanished).toEqual([{ key: 'csv:kelp:10', recordId: expect.any(Uint8Array) }]);
    expect(await vanishedIn(upTo(9))).toEqual(['csv:kelp:10']);
  });

  it('drafts a revision that is delisted, which a second officer releases; then nothing is left to report', async () => {
    await run(upTo(10));
    await releaseAll();
    expect(await run(upTo(9), { delist: true, dryRun: true })).toMatchObject({ delisted: 1, draftIds: [] });
    const { draftIds, vanished, delisted } = await run(upTo(9), { delist: true });
    expect([draftIds.length, delisted]).toEqual([1, 1]);
    const [draftId = ''] = draftIds;
    await expect(lifecycle.release({ officer: ANNA, draftId })).rejects.toMatchObject({ code: 'FOUR_EYES' });
    const recordId = vanished[0]?.recordId ?? new Uint8Array();
    expect(await statusOf(recordId)).toBe(WatchlistStatus.WATCHLIST_STATUS_ACTIVE);
    const { record } = await lifecycle.release({ officer: BENO, draftId });
    expect(record.revision).toBe(2);
    expect(await statusOf(recordId)).toBe(WatchlistStatus.WATCHLIST_STATUS_DELISTED);
    expect(await run(upTo(9), { delist: true })).toMatchObject({ vanished: [], delisted: 0, draftIds: [] });
  });

  it('does not draft a delisting twice, and drafts again one that was given up', async () => {
    await run(upTo(10));
    await releaseAll();
    const [draftId = ''] = (await run(upTo(9), { delist: true })).draftIds;
    expect(await run(upTo(9), { delist: true })).toMatchObject({ vanished: [], delisted: 0 });
    await lifecycle.discard({ officer: ANNA, draftId });
    expect(await vanishedIn(upTo(9))).toEqual(['csv:kelp:10']);
    expect(await run(upTo(9), { delist: true })).toMatchObject({ delisted: 1 });
  });

  it('lists an entry again that comes back', async () => {
    await run(upTo(10));
    await releaseAll();
    const { vanished } = await run(upTo(9), { delist: true });
    // Not yet released: the same draft is rewritten.
    expect(await run(upTo(10))).toMatchObject({ changed: 1, vanished: [] });
    await run(upTo(9), { delist: true });
    await releaseAll();
    const recordId = vanished[0]?.recordId ?? new Uint8Array();
    expect(await statusOf(recordId)).toBe(WatchlistStatus.WATCHLIST_STATUS_DELISTED);
    expect(await run(upTo(10))).toMatchObject({ changed: 1, created: 0 });
    await releaseAll();
    expect(await statusOf(recordId)).toBe(WatchlistStatus.WATCHLIST_STATUS_ACTIVE);
  });

  it('writes the delisting over an open revision of the entry', async () => {
    await run(upTo(10));
    await releaseAll();
    const renamed = utf8(new TextDecoder().decode(table(upTo(10))).replace('Kelp 10', 'Kelp ten'));
    const [openId] = (await run([], { files: [renamed], rows: 10 })).draftIds;
    expect((await run(upTo(9), { delist: true })).draftIds).toEqual([openId]);
    expect((await drafts()).length).toBe(11);
  });

  it('delists a fifth of what is released at once, and no more unless that is allowed; nothing is drafted then', async () => {
    await run(upTo(10));
    await releaseAll();
    const before = await drafts();
    await expect(run([...upTo(7), 11], { delist: true })).rejects.toMatchObject({
      code: 'DELISTING_TOO_LARGE',
      facts: { gone: 3, released: 10 },
    });
    expect(await drafts()).toEqual(before);
    expect(await run(upTo(7), { delist: true, allowLargeDelisting: true, dryRun: true })).toMatchObject({
      delisted: 3,
    });
    expect(await run(upTo(8), { delist: true })).toMatchObject({ delisted: 2 });
  });

  it('never delists by a file that may be cut short', async () => {
    await run(upTo(10));
    await releaseAll();
    const unstated = { delist: true, allowLargeDelisting: true };
    const importer = listImporters({ lifecycle, clock: { nowMs: () => NOW_MS } }).get('csv');
    const request = { files: [table(upTo(9))], officer: ANNA, marking: MARKING, list: 'kelp', ...unstated };
    await expect(importer?.(request)).rejects.toMatchObject({ code: 'NOT_WHOLE' });
    await expect(run(upTo(9), { ...unstated, rows: 10 })).rejects.toMatchObject({ code: 'NOT_WHOLE' });
    // Another list of the same form has entries of its own.
    expect(await run([77], { list: 'tide', delist: true })).toMatchObject({ created: 1, vanished: [] });
    expect((await drafts()).length).toBe(10);
  });
});
