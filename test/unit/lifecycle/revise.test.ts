import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hex } from '../../../src/base/bytes.ts';
import { DeskGroup } from '../../../src/gen/tocsin/record/v1/marking.ts';
import { endsDisclosed } from '../../../src/lifecycle/link-ends.ts';
import { contentFromJson, RECORD_ID_BYTES } from '../../../src/record/index.ts';
import { exampleContent } from '../../support/contents.ts';
import { ANNA, BENO, type Desk, openDesk, seizure, submitted } from './desk.ts';

describe('a revision', () => {
  let desk: Desk;
  beforeEach(async () => {
    desk = await openDesk();
  });
  afterEach(() => desk[Symbol.asyncDispose]());

  const released = async () =>
    (await desk.lifecycle.release({ officer: BENO, draftId: await submitted(desk) })).record;

  const revise = (headerDigest: Uint8Array, content?: unknown) =>
    desk.lifecycle.revise({ officer: ANNA, headerDigest, ...(content !== undefined && { content }) });

  async function releaseRevision(headerDigest: Uint8Array) {
    const { draft } = await revise(headerDigest);
    await desk.lifecycle.submit({ officer: ANNA, draftId: draft.id });
    return (await desk.lifecycle.release({ officer: BENO, draftId: draft.id })).record;
  }

  it('keeps the record id, counts on, names and supersedes the one before', async () => {
    const first = await released();
    const second = await releaseRevision(first.headerDigest);
    expect(hex(second.recordId)).toBe(hex(first.recordId));
    expect(second).toMatchObject({ revision: 2, state: 'released', supersedes: first.headerDigest });
    expect((await desk.store.read((tx) => tx.records.byDigest(first.headerDigest)))?.state).toBe(
      'superseded',
    );
    const facets = await desk.store.read((tx) =>
      tx.records.facetsOf([first.headerDigest, second.headerDigest]),
    );
    const [a, b] = [facets.get(hex(first.headerDigest)) ?? [], facets.get(hex(second.headerDigest)) ?? []];
    expect(b.map(({ body }) => hex(body))).toEqual(a.map(({ body }) => hex(body)));
    for (const [index, facet] of a.entries())
      expect(hex(facet.salt)).not.toBe(hex(b[index]?.salt ?? facet.salt));
  });

  it('builds on the newest revision alone', async () => {
    const first = await released();
    const second = await releaseRevision(first.headerDigest);
    await expect(revise(first.headerDigest)).rejects.toMatchObject({ code: 'SUPERSEDED' });
    await expect(revise(new Uint8Array(32))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await releaseRevision(second.headerDigest);
  });

  it('of a partner’s record is refused', async () => {
    const { position: _, ...own } = await released();
    const partners = {
      ...own,
      headerDigest: new Uint8Array(32).fill(9),
      origin: 'partner',
      originator: 'XB',
    } as const;
    await desk.store.write((tx) => tx.records.take(partners, []));
    await expect(revise(partners.headerDigest)).rejects.toMatchObject({ code: 'NOT_OWN' });
  });

  it('is open once at a time, and answered again to its drafter', async () => {
    const first = await released();
    const { draft } = await revise(first.headerDigest);
    expect((await revise(first.headerDigest)).draft.id).toBe(draft.id);
    await expect(revise(first.headerDigest, { ...seizure(), priority: 'flash' })).rejects.toMatchObject({
      code: 'REVISION_OPEN',
      facts: { draft: draft.id },
    });
    await expect(
      desk.lifecycle.revise({ officer: BENO, headerDigest: first.headerDigest }),
    ).rejects.toMatchObject({ code: 'REVISION_OPEN' });
  });

  it('cannot be released once another one was', async () => {
    const first = await released();
    const { draft } = await revise(first.headerDigest);
    await desk.lifecycle.submit({ officer: ANNA, draftId: draft.id });
    const meanwhile = {
      ...first,
      headerDigest: new Uint8Array(32).fill(8),
      revision: 2,
      supersedes: first.headerDigest,
    };
    const { position: _, ...record } = meanwhile;
    await desk.store.write(async (tx) => {
      await tx.records.insert([{ record, facets: [] }]);
      await tx.records.supersede([first.headerDigest]);
    });
    await expect(desk.lifecycle.release({ officer: BENO, draftId: draft.id })).rejects.toMatchObject({
      code: 'SUPERSEDED',
    });
  });

  it('keeps its kind, and takes new defaults for instants that have passed', async () => {
    const first = await released();
    await expect(revise(first.headerDigest, exampleContent('warning', desk.nowMs))).rejects.toMatchObject({
      code: 'INVALID',
    });
    desk.nowMs = first.reviewBy + 1_000;
    const { draft } = await revise(first.headerDigest);
    expect(Date.parse(JSON.parse(draft.content).reviewBy)).toBeGreaterThan(desk.nowMs);
  });

  it('of links goes to those alone who hold both ends', async () => {
    const first = await released();
    const ref = (recordId: Uint8Array, originator: string) => ({
      recordId: Buffer.from(recordId).toString('base64'),
      originator,
    });
    const { content } = contentFromJson(
      {
        kind: 'link',
        marking: { releasableTo: ['sac'] },
        facets: {
          link: {
            from: ref(first.recordId, 'XA'),
            to: ref(new Uint8Array(RECORD_ID_BYTES).fill(5), 'XC'),
            role: 'supports',
          },
        },
      },
      { deskGroup: DeskGroup.DESK_GROUP_HUB, nowMs: desk.nowMs },
    );
    if (!content) throw new Error('expected content');
    const disclosed = await desk.store.read((tx) => endsDisclosed(tx, content));
    expect(['XB', 'XC', 'XD'].map((partner) => disclosed?.(partner))).toEqual([false, true, false]);
  });
});
