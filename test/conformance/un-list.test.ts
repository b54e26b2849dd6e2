import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemRandom } from '../../src/base/clock.ts';
import { DeskGroup } from '../../src/gen/tocsin/record/v1/marking.ts';
import { Persons } from '../../src/gen/tocsin/record/v1/party.ts';
import { importUnList, readUnList } from '../../src/interop/index.ts';
import { createLifecycle } from '../../src/lifecycle/index.ts';
import { temporaryStore } from '../support/temporary-store.ts';

const path = join(process.env.TOCSIN_SHARED ?? '../shared', 'data/public/un-consolidated.xml');
const present = existsSync(path);
if (!present) console.warn(`the real UN list is not at hand (${path}): its test is skipped`);

const officer = { fingerprint: 'aa', name: 'Anna', deskGroup: DeskGroup.DESK_GROUP_LICENSING };
const releaser = { ...officer, fingerprint: 'bb', name: 'Beno' };
const marking = { releasableTo: ['sac'] };
const nowMs = Date.parse('2026-03-02T10:00:00Z');

describe.skipIf(!present)('the real UN list', () => {
  it('is read whole: 730 persons and 273 entities with their aliases and names in their own script', () => {
    const { entries, persons, entities } = readUnList(readFileSync(path), { officer, marking, nowMs });
    expect([persons, entities, entries.length]).toEqual([730, 273, 1003]);
    const types = new Map<number, number>();
    for (const { content } of entries)
      for (const { names } of Persons.decode(content.facets.persons ?? new Uint8Array()).persons)
        for (const { type } of names) types.set(type, (types.get(type) ?? 0) + 1);
    expect(types.get(1)).toBe(730);
    expect(types.get(5)).toBe(336);
    // Good aliases, weak ones, former names; the list repeats a few within an entry.
    const aliases = [2, 3, 4].map((type) => types.get(type) ?? 0);
    expect(aliases.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(2_050);
    expect(aliases.every((count) => count > 0)).toBe(true);
  });

  it('is drafted, released, and unchanged when imported again; half of it is refused', async () => {
    await using under = await temporaryStore();
    const { store } = under;
    const lifecycle = createLifecycle({
      store,
      policy: () => ({ digest: 'p', preview: () => [] }),
      ledger: { enqueue: async () => undefined },
      exchange: { fanout: async () => undefined },
      self: {
        node: 'XA',
        network: new Uint8Array(32),
        logOrigin: () => 'tocsin/0000000000000000/XA/log/live/1',
      },
      clock: { nowMs: () => nowMs },
      random: systemRandom,
    });
    const bytes = readFileSync(path);
    const run = (file: Uint8Array, more: { readonly delist?: boolean } = {}) =>
      importUnList(
        { lifecycle, clock: { nowMs: () => nowMs } },
        { bytes: file, officer, marking, submit: true, ...more },
      );
    await expect(run(bytes.subarray(0, bytes.length / 2))).rejects.toMatchObject({ code: 'XML_MALFORMED' });
    expect(await store.read((tx) => tx.drafts.count({}))).toBe(0);
    expect(await run(bytes)).toMatchObject({ created: 1003, unchanged: 0, changed: 0, vanished: [] });
    let last: unknown;
    for await (const progress of lifecycle.releaseMany({
      officer: releaser,
      filter: { importPrefix: 'un:' },
    }))
      last = progress;
    expect(last).toMatchObject({ done: 1003, total: 1003, refused: 0 });
    expect(
      await store.read((tx) =>
        tx.records.count({ world: 'both', kind: 'watchlist-entry', state: 'released' }),
      ),
    ).toBe(1003);
    expect(await run(bytes)).toMatchObject({ created: 0, unchanged: 1003, changed: 0, vanished: [] });
    // The same list without its entities: more than a fifth is gone, which is no delisting but another file.
    const text = bytes.toString('utf8');
    const persons = Buffer.from(text.replace(/<ENTITIES>[\s\S]*<\/ENTITIES>/, '<ENTITIES></ENTITIES>'));
    await expect(run(persons, { delist: true })).rejects.toMatchObject({
      code: 'DELISTING_TOO_LARGE',
      facts: { gone: 273, released: 1003 },
    });
    // Without its last one.
    const shorter = Buffer.from(
      text.replace(/<ENTITY>(?:(?!<ENTITY>)[\s\S])*<\/ENTITY>\s*<\/ENTITIES>/, '</ENTITIES>'),
    );
    expect(await run(shorter, { delist: true })).toMatchObject({ unchanged: 1002, delisted: 1 });
  });
});
