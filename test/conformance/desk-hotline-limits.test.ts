/** Bounds of what one call about a hotline answers, each at the bound and above. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Desk } from '../../src/desk/index.ts';
import type { NewRecord, StoredFacet } from '../../src/store/index.ts';
import { exampleContent } from '../support/contents.ts';
import { clock, deskWorld, type World } from '../unit/desk/desk-world.ts';

let world: World;
let operator: Desk;
let second: Desk;
let controller: Desk;
beforeAll(async () => {
  world = await deskWorld();
  operator = world.as(await world.officer('hotline', 'operator', 'Tomé'));
  second = world.as(await world.officer('hotline', 'operator', 'Sara'));
  controller = world.as(await world.officer('hotline', 'controller', 'Cleo'));
});
afterAll(() => world[Symbol.asyncDispose]());

const store = () => world.xa.temporary.store;
const report = () => exampleContent('hotline-report', clock.nowMs()) as { readonly facets: object };

async function taken(): Promise<string> {
  const { draft } = await operator.records.createDraft({ contentJson: JSON.stringify(report()) });
  await operator.records.submitDraft({ draftId: draft?.id ?? '' });
  return draft?.id ?? '';
}

const digestOf = (number: number): Uint8Array => {
  const digest = new Uint8Array(32).fill(0xd1);
  new DataView(digest.buffer).setUint32(0, number);
  return digest;
};

/** Copies of a record under digests of their own, as a store holds many. */
async function copies(
  headerDigest: Uint8Array,
  count: number,
  change: (number: number) => Partial<NewRecord>,
): Promise<void> {
  await store().write(async (tx) => {
    const found = await tx.records.byDigest(headerDigest);
    if (found === undefined) throw new Error('expected the record');
    const { position: _position, ...record } = found;
    const facets: readonly StoredFacet[] = await tx.records.facets(headerDigest);
    await tx.records.insert(
      Array.from({ length: count }, (_, number) => ({
        record: { ...record, headerDigest: digestOf(number), ...change(number) },
        facets,
      })),
    );
  });
}

describe('a hotline’s queue', () => {
  it('lists 250 drafts at most, and says that there are more', async () => {
    const first = await store().read(async (tx) => tx.drafts.byId(await taken()));
    if (first === undefined) throw new Error('expected a draft');
    const more = async (from: number, to: number) => {
      const ids = Array.from({ length: to - from }, (_, at) => `copy-${from + at}`);
      await store().write((tx) => tx.drafts.insert(ids.map((id) => ({ ...first, id }))));
      return operator.hotline.listReports({});
    };
    const atBound = await more(1, 250);
    expect([atBound.reports.length, atBound.more]).toEqual([250, false]);
    const above = await more(250, 251);
    expect([above.reports.length, above.more]).toEqual([250, true]);
    await store().write(async (tx) => {
      for (const { id } of (await tx.drafts.list({ limit: 500 })).items)
        await tx.drafts.change(id, 'submitted', { state: 'released' }, Date.now());
    });
  });

  it('lists 250 records at most, and says that there are more', async () => {
    const draftId = await taken();
    const { source: _kept, ...facets } = report().facets as Readonly<Record<string, object>>;
    await second.hotline.scrubReport({ draftId, contentJson: JSON.stringify({ ...report(), facets }) });
    const { record } = await controller.records.releaseDraft({ draftId });
    const digest = record?.headerDigest ?? Buffer.alloc(0);
    const apart = (number: number) => ({ recordId: digestOf(number).subarray(0, 16) });
    await copies(digest, 249, apart);
    const atBound = await operator.hotline.listReports({});
    expect([atBound.reports.length, atBound.more]).toEqual([250, false]);
    await copies(digest, 1, () => ({ headerDigest: digestOf(249), recordId: digestOf(249).subarray(0, 16) }));
    const above = await operator.hotline.listReports({});
    expect([above.reports.length, above.more]).toEqual([250, true]);
  });
});

describe('a CAP message', () => {
  it('refers to 64 earlier ones at most, the newest', async () => {
    const first = await world.release(world.xa, {
      ...(exampleContent('warning', clock.nowMs()) as object),
      deskGroup: 'customs',
    });
    // Each of them supersedes the one before: numbers from 1000, so that no copy is another's.
    await copies(first, 65, (number) => ({
      headerDigest: digestOf(1_000 + number),
      revision: number + 2,
      supersedes: number === 0 ? first : digestOf(999 + number),
      state: 'superseded',
    }));
    const references = async (number: number) => {
      const { cap } = await controller.hotline.exportWarning({ headerDigest: digestOf(1_000 + number) });
      return (/<references>([^<]+)</.exec(cap)?.[1] ?? '').split(' ');
    };
    expect(await references(63)).toHaveLength(64);
    expect((await references(63)).at(-1)).toMatch(/\.1,/);
    expect(await references(64)).toHaveLength(64);
    expect((await references(64)).at(-1)).toMatch(/\.2,/);
  });
});
