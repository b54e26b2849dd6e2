import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ANNA, BENO, type Desk, openDesk, seizure, submitted } from './desk.ts';

describe('a draft', () => {
  let desk: Desk;
  beforeEach(async () => {
    desk = await openDesk();
  });
  afterEach(() => desk[Symbol.asyncDispose]());

  it('is kept over a restart with content, note and drafter', async () => {
    const { draft } = await desk.lifecycle.create({
      officer: ANNA,
      content: seizure(),
      note: 'look at the plates',
    });
    await desk.restart();
    const kept = await desk.store.read((tx) => tx.drafts.byId(draft.id));
    expect(kept).toEqual(draft);
    expect(kept).toMatchObject({ state: 'draft', drafter: 'aa01', note: 'look at the plates' });
    expect(JSON.parse(kept?.content ?? '')).toMatchObject({ kind: 'seizure-notice' });
  });

  it('is refused with every fault at once', async () => {
    const content = { ...seizure(), priority: 'now', marking: { tlp: 'pink' }, nonsense: 1 };
    await expect(desk.lifecycle.create({ officer: ANNA, content })).rejects.toMatchObject({
      code: 'INVALID',
      faults: expect.arrayContaining([
        expect.objectContaining({ path: 'nonsense' }),
        expect.objectContaining({ path: 'priority' }),
        expect.objectContaining({ path: 'marking.tlp' }),
      ]),
    });
    for (const bad of [null, 'text', [], {}, { kind: 'unheard-of', facets: {} }])
      await expect(desk.lifecycle.create({ officer: ANNA, content: bad })).rejects.toMatchObject({
        code: 'INVALID',
      });
    expect(await desk.store.read((tx) => tx.drafts.count({}))).toBe(0);
  });

  it('is not made of kinds that only the node states', async () => {
    for (const kind of ['receipt', 'disclosure', 'recall'])
      await expect(
        desk.lifecycle.create({ officer: ANNA, content: { kind, facets: {} } }),
      ).rejects.toMatchObject({ code: 'NOT_DRAFTABLE' });
  });

  it('is answered again for the same request of the same officer', async () => {
    const request = { officer: ANNA, content: seizure(), requestId: 'r-1' };
    const first = await desk.lifecycle.create(request);
    expect((await desk.lifecycle.create(request)).draft.id).toBe(first.draft.id);
    expect((await desk.lifecycle.create({ ...request, officer: BENO })).draft.id).not.toBe(first.draft.id);
    const other = { ...seizure(), kind: 'hotline-report' };
    await expect(desk.lifecycle.create({ ...request, content: other })).rejects.toMatchObject({
      code: 'INVALID',
    });
    expect(await desk.store.read((tx) => tx.drafts.count({}))).toBe(2);
  });

  it('is changed by its drafter alone, and only until it is submitted', async () => {
    const { draft } = await desk.lifecycle.create({ officer: ANNA, content: seizure() });
    const update = (officer = ANNA) =>
      desk.lifecycle.update({ officer, draftId: draft.id, content: { ...seizure(), priority: 'priority' } });
    await expect(update(BENO)).rejects.toMatchObject({ code: 'NOT_DRAFTER' });
    await update();
    expect((await desk.store.read((tx) => tx.drafts.byId(draft.id)))?.content).toContain('PRIORITY_PRIORITY');
    await desk.lifecycle.submit({ officer: ANNA, draftId: draft.id });
    await expect(update()).rejects.toMatchObject({ code: 'NOT_EDITABLE' });
  });

  it('goes back with a note, is changed and submitted again', async () => {
    const draftId = await submitted(desk);
    await expect(desk.lifecycle.sendBack({ officer: BENO, draftId, note: ' ' })).rejects.toMatchObject({
      code: 'NOTE_REQUIRED',
    });
    const back = await desk.lifecycle.sendBack({ officer: BENO, draftId, note: 'which lorry?' });
    expect(back).toMatchObject({ state: 'draft', note: 'which lorry?' });
    await expect(desk.lifecycle.sendBack({ officer: BENO, draftId, note: 'again' })).rejects.toMatchObject({
      code: 'NOT_SUBMITTED',
    });
    await desk.lifecycle.update({ officer: ANNA, draftId, content: seizure() });
    expect((await desk.lifecycle.submit({ officer: ANNA, draftId })).state).toBe('submitted');
    expect((await desk.lifecycle.submit({ officer: ANNA, draftId })).state).toBe('submitted');
  });

  it('is discarded once and then left alone', async () => {
    const draftId = await submitted(desk);
    await desk.lifecycle.discard({ officer: ANNA, draftId });
    expect((await desk.lifecycle.discard({ officer: ANNA, draftId })).state).toBe('discarded');
    await expect(desk.lifecycle.submit({ officer: ANNA, draftId })).rejects.toMatchObject({
      code: 'NOT_EDITABLE',
    });
    await expect(desk.lifecycle.release({ officer: BENO, draftId })).rejects.toMatchObject({
      code: 'NOT_SUBMITTED',
    });
    await expect(desk.lifecycle.discard({ officer: ANNA, draftId: 'none' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  it('leaves an audit row for every step', async () => {
    const draftId = await submitted(desk);
    await desk.lifecycle.sendBack({ officer: BENO, draftId, note: 'no' });
    await desk.lifecycle.discard({ officer: ANNA, draftId });
    const { items } = await desk.store.read((tx) => tx.audit.list({ subject: draftId }));
    expect(items.map(({ action, actor }) => [action, actor])).toEqual([
      ['draft.discarded', 'aa01'],
      ['draft.sent-back', 'be02'],
      ['draft.submitted', 'aa01'],
      ['draft.created', 'aa01'],
    ]);
    expect(await desk.store.read((tx) => tx.audit.verify())).toMatchObject({ ok: true });
  });
});
