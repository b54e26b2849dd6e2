import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hex } from '../../../src/base/bytes.ts';
import { judgeFacets, judgeHeader } from '../../../src/record/index.ts';
import { exampleContent } from '../../support/contents.ts';
import { ANNA, BENO, type Desk, flash, HOT, LINE, openDesk, seizure, submitted } from './desk.ts';

const DAY_MS = 86_400_000;

describe('a release', () => {
  let desk: Desk;
  beforeEach(async () => {
    desk = await openDesk();
  });
  afterEach(() => desk[Symbol.asyncDispose]());

  const release = (draftId: string, officer = BENO) => desk.lifecycle.release({ officer, draftId });

  it('commits record, facets, leaf, outbox and audit together', async () => {
    desk.nowMs += 31_000;
    const { record, recipients, countersignDueAt } = await release(await submitted(desk));
    expect(recipients).toEqual(['XB', 'XC']);
    expect(countersignDueAt).toBeUndefined();
    expect(record).toMatchObject({ originator: 'XA', revision: 1, origin: 'own', state: 'released' });
    expect(record.released % 60_000).toBe(0);
    const judged = judgeHeader(new Uint8Array(32).fill(0x11), record.header);
    if (!judged.ok) throw new Error(judged.detail);
    const kept = await desk.store.read(async (tx) => ({
      facets: await tx.records.facets(record.headerDigest),
      outbox: await tx.outbox.ofRecord(record.headerDigest),
      audit: await tx.audit.list({ subject: hex(record.headerDigest) }),
      pending: await tx.ledger.pending(record.logOrigin, 10),
    }));
    const disclosable = kept.facets
      .filter(({ facet }) => facet !== 'source' && facet !== 'internal')
      .map(({ facet, salt, body }) => ({ facet, salt: Buffer.from(salt), body: Buffer.from(body) }));
    expect(judgeFacets(judged.value, disclosable)).toMatchObject({ ok: true });
    expect(kept.facets.length).toBe(judged.value.header.commitments.length);
    expect(kept.outbox).toHaveLength(2);
    expect(kept.pending).toHaveLength(1);
    expect(kept.audit.items[0]).toMatchObject({
      action: 'record.released',
      actor: 'be02',
      detail: { policy: 'p1' },
    });
  });

  it('needs a second officer', async () => {
    const draftId = await submitted(desk);
    await expect(release(draftId, ANNA)).rejects.toMatchObject({ code: 'FOUR_EYES' });
    await release(draftId);
  });

  it('needs a submitted draft, and answers the same record when asked again', async () => {
    const { draft } = await desk.lifecycle.create({ officer: ANNA, content: seizure() });
    await expect(release(draft.id)).rejects.toMatchObject({ code: 'NOT_SUBMITTED' });
    await expect(release('nothing')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await desk.lifecycle.submit({ officer: ANNA, draftId: draft.id });
    const [first, second] = await Promise.all([release(draft.id), release(draft.id)]);
    expect(hex(second.record.headerDigest)).toBe(hex(first.record.headerDigest));
    expect(await desk.store.read((tx) => tx.records.count({ world: 'both' }))).toBe(1);
  });

  it('writes nothing when a part of it fails', async () => {
    const draftId = await submitted(desk);
    desk.failFanout = true;
    await expect(release(draftId)).rejects.toThrow('the way out is closed');
    const left = await desk.store.read(async (tx) => ({
      records: await tx.records.count({ world: 'both' }),
      draft: (await tx.drafts.byId(draftId))?.state,
    }));
    expect(left).toEqual({ records: 0, draft: 'submitted' });
    desk.failFanout = false;
    await release(draftId);
  });

  it('follows the policies in force at its commit', async () => {
    const draftId = await submitted(desk);
    desk.onPreview = () => {
      desk.onPreview = undefined;
      desk.policyDigest = 'p2';
      desk.partners = ['XB'];
    };
    expect((await release(draftId)).recipients).toEqual(['XB']);
    expect(desk.previews).toBe(2);
  });

  it('judges the content again: time may have overtaken it', async () => {
    const draftId = await submitted(desk);
    desk.nowMs += 40 * 366 * DAY_MS;
    await expect(release(draftId)).rejects.toMatchObject({ code: 'INVALID' });
  });

  it('keeps local kinds at home', async () => {
    const draftId = await submitted(desk, exampleContent('hotline-report'), HOT);
    const third = { ...HOT, fingerprint: 'f105', name: 'Cleo' };
    await desk.lifecycle.scrub({ officer: LINE, draftId, content: exampleContent('hotline-report') });
    const { record, recipients } = await release(draftId, third);
    expect(record.kind).toBe('hotline-report');
    expect(recipients).toEqual([]);
    expect(desk.previews).toBe(0);
  });

  it('signs exercises in the log of exercises', async () => {
    const content = { ...seizure(), marking: { releasableTo: ['sac'], status: 'exercise' } };
    const { record } = await release(await submitted(desk, content));
    expect(record.logOrigin).toContain('/log/exercise/');
  });

  it('lets a hotline’s flash of summaries out on one signature, to be countersigned within a day', async () => {
    const draftId = await submitted(desk, flash(['summary']), HOT);
    const { record, countersignDueAt } = await release(draftId, HOT);
    expect(countersignDueAt).toBe(desk.nowMs + DAY_MS);
    const open = () => desk.store.read((tx) => tx.alarms.list({ open: true }));
    expect((await open()).items.map(({ code }) => code)).toEqual(['COUNTERSIGN_DUE']);
    expect(await desk.lifecycle.checkCountersigns()).toBe(0);
    desk.nowMs += DAY_MS;
    expect(await desk.lifecycle.checkCountersigns()).toBe(1);
    expect(await desk.lifecycle.checkCountersigns()).toBe(0);
    expect((await open()).items.map(({ code }) => code)).toContain('COUNTERSIGN_OVERDUE');
    const countersign = (officer: typeof HOT) =>
      desk.lifecycle.countersign({ officer, headerDigest: record.headerDigest });
    await expect(countersign(HOT)).rejects.toMatchObject({ code: 'FOUR_EYES' });
    await countersign(LINE);
    await countersign(LINE);
    await expect(countersign(BENO)).rejects.toMatchObject({ code: 'NOT_DUE' });
    expect((await open()).items).toEqual([]);
    expect((await release(draftId, LINE)).countersignDueAt).toBeUndefined();
  });

  it('lets nothing else out on one signature', async () => {
    const more = await submitted(desk, flash(['summary', 'items']), HOT);
    await expect(release(more, HOT)).rejects.toMatchObject({ code: 'FOUR_EYES' });
    const slow = await submitted(desk, { ...(flash(['summary']) as object), priority: 'immediate' }, HOT);
    await expect(release(slow, HOT)).rejects.toMatchObject({ code: 'FOUR_EYES' });
    const elsewhere = await submitted(desk, flash(['summary']), ANNA);
    await expect(release(elsewhere, ANNA)).rejects.toMatchObject({ code: 'FOUR_EYES' });
    const { record } = await release(more, LINE);
    await expect(
      desk.lifecycle.countersign({ officer: HOT, headerDigest: record.headerDigest }),
    ).rejects.toMatchObject({ code: 'NOT_DUE' });
  });

  it('of many goes on after a refusal and tells how far it is', async () => {
    const firstId = await submitted(desk);
    const first = await desk.store.read((tx) => tx.drafts.byId(firstId));
    if (!first) throw new Error('expected a draft');
    const ids = Array.from({ length: 205 }, (_, n) => `copy-${n}`);
    await desk.store.write((tx) => tx.drafts.insert(ids.map((id) => ({ ...first, id }))));
    const own = await submitted(desk, seizure(), BENO);
    const { draft } = await desk.lifecycle.create({ officer: ANNA, content: seizure() });
    const progress = [];
    const all = [...ids.slice(0, 100), own, draft.id, 'nothing', ...ids.slice(100)];
    for await (const step of desk.lifecycle.releaseMany({ officer: BENO, draftIds: all }))
      progress.push(step);
    expect(progress[0]).toEqual({ done: 0, total: 208, refused: 0 });
    expect(progress.at(-1)).toMatchObject({ done: 208, total: 208, refused: 3 });
    expect(progress.flatMap(({ refusal }) => (refusal ? [refusal.code] : [])).sort()).toEqual([
      'FOUR_EYES',
      'NOT_FOUND',
      'NOT_SUBMITTED',
    ]);
    expect(await desk.store.read((tx) => tx.records.count({ world: 'both' }))).toBe(205);
    const again = [];
    for await (const step of desk.lifecycle.releaseMany({
      officer: ANNA,
      filter: { kind: 'seizure-notice' },
    }))
      again.push(step);
    // Beno's own draft, and the one that the others were copied from; the copies are released.
    expect(again.at(-1)).toMatchObject({ done: 2, total: 2, refused: 1 });
  });
});
