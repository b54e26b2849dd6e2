import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Officer } from '../../../src/lifecycle/index.ts';
import { exampleContent, type Json } from '../../support/contents.ts';
import { type Desk, flash, HOT, LINE, openDesk, submitted } from './desk.ts';

const CHIEF: Officer = { ...HOT, fingerprint: 'f105', name: 'Cleo' };

/** The example with another text. */
const report = (text: string): Json => {
  const example = structuredClone(exampleContent('hotline-report')) as {
    facets: { content: { narrative: unknown } };
  };
  example.facets.content.narrative = [{ language: 'pt', text }];
  return example as unknown as Json;
};
const RAW = report('Vi da minha janela na rua da ponte.');
const CLEAN = report('Visto de noite perto da fronteira.');

describe('the scrub of a hotline report', () => {
  let desk: Desk;
  let draftId: string;
  beforeEach(async () => {
    desk = await openDesk();
    draftId = await submitted(desk, RAW, HOT);
  });
  afterEach(() => desk[Symbol.asyncDispose]());

  const scrub = (officer: Officer, content: Json = CLEAN, id = draftId) =>
    desk.lifecycle.scrub({ officer, draftId: id, content });
  const release = (officer: Officer, id = draftId) => desk.lifecycle.release({ officer, draftId: id });

  it('is asked for before a release, also in one of many', async () => {
    await expect(release(CHIEF)).rejects.toMatchObject({ code: 'NOT_SCRUBBED' });
    const codes: string[] = [];
    for await (const { refusal } of desk.lifecycle.releaseMany({ officer: CHIEF, draftIds: [draftId] }))
      if (refusal) codes.push(refusal.code);
    expect(codes).toEqual(['NOT_SCRUBBED']);
    await scrub(LINE);
    expect((await release(CHIEF)).record.kind).toBe('hotline-report');
  });

  it('is not for whoever took the report', async () => {
    await expect(scrub(HOT)).rejects.toMatchObject({ code: 'FOUR_EYES' });
    await expect(release(CHIEF)).rejects.toMatchObject({ code: 'NOT_SCRUBBED' });
  });

  it('is judged by a third officer: neither who took the call nor who scrubbed it releases it', async () => {
    await scrub(LINE);
    await expect(release(LINE)).rejects.toMatchObject({ code: 'FOUR_EYES' });
    await expect(release(HOT)).rejects.toMatchObject({ code: 'FOUR_EYES' });
    await release(CHIEF);
  });

  it('leaves nothing of the former words in the draft and the record', async () => {
    await scrub(LINE);
    const { record } = await release(CHIEF);
    const { draft, facets } = await desk.store.read(async (tx) => ({
      draft: await tx.drafts.byId(draftId),
      facets: await tx.records.facets(record.headerDigest),
    }));
    expect(draft?.content).toContain('perto da fronteira');
    expect(draft?.content).not.toContain('minha janela');
    expect(facets.map(({ body }) => Buffer.from(body).toString('utf8')).join()).not.toContain('minha janela');
  });

  it('ends where the text is changed after it, and is asked for anew', async () => {
    await scrub(LINE);
    await desk.lifecycle.sendBack({ officer: CHIEF, draftId, note: 'the village is still named' });
    await desk.lifecycle.update({ officer: HOT, draftId, content: RAW });
    await desk.lifecycle.submit({ officer: HOT, draftId });
    await expect(release(CHIEF)).rejects.toMatchObject({ code: 'NOT_SCRUBBED' });
    await scrub(LINE);
    await release(CHIEF);
  });

  it('is for reports that wait, and for nothing else', async () => {
    const { draft } = await desk.lifecycle.create({ officer: HOT, content: RAW });
    await expect(scrub(LINE, CLEAN, draft.id)).rejects.toMatchObject({ code: 'NOT_SUBMITTED' });
    await expect(scrub(LINE, CLEAN, 'nothing')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const warning = await submitted(desk, flash(['summary']), HOT);
    await expect(scrub(LINE, flash(['summary']), warning)).rejects.toMatchObject({ code: 'INVALID' });
    await expect(scrub(LINE, flash(['summary']))).rejects.toMatchObject({ code: 'INVALID' });
  });

  it('is not asked of a revision, which is drafted from scrubbed words', async () => {
    await scrub(LINE);
    const { record } = await release(CHIEF);
    const { draft } = await desk.lifecycle.revise({ officer: HOT, headerDigest: record.headerDigest });
    await desk.lifecycle.submit({ officer: HOT, draftId: draft.id });
    expect((await release(CHIEF, draft.id)).record.revision).toBe(2);
  });

  it('leaves the summary alone of a report that is given up', async () => {
    await desk.lifecycle.discard({ officer: CHIEF, draftId, note: 'a hoax: the same words as last week' });
    const draft = await desk.store.read((tx) => tx.drafts.byId(draftId));
    expect(Object.keys(JSON.parse(draft?.content ?? '').facets)).toEqual(['summary']);
    expect(draft).toMatchObject({ state: 'discarded', note: 'a hoax: the same words as last week' });
  });

  it('is a row of the audit trail', async () => {
    await scrub(LINE);
    const { items } = await desk.store.read((tx) => tx.audit.list({ subject: draftId }));
    expect(items.map(({ action, actor }) => `${action} ${actor}`)).toContain(
      `draft.scrubbed ${LINE.fingerprint}`,
    );
  });
});
