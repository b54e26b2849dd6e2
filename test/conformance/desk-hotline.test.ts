/** A hotline's reports at the desk's API: who sees them, who may scrub and release them, what is kept from whom (R9). */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Desk, DeskCallError } from '../../src/desk/index.ts';
import { ReportState } from '../../src/gen/tocsin/desk/v1/hotline_service.ts';
import { exampleContent } from '../support/contents.ts';
import { clock, deskWorld, type World } from '../unit/desk/desk-world.ts';

let world: World;
let taker: Desk;
let second: Desk;
let controller: Desk;
let customs: Desk;

beforeAll(async () => {
  world = await deskWorld();
  taker = world.as(await world.officer('hotline', 'operator', 'Tomé'));
  second = world.as(await world.officer('hotline', 'operator', 'Sara'));
  controller = world.as(await world.officer('hotline', 'controller', 'Cleo'));
  customs = world.as(await world.officer('customs', 'releaser'));
});
afterAll(() => world[Symbol.asyncDispose]());

async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    if (error instanceof DeskCallError) return error.code;
    throw error;
  }
  return 'none';
}

interface Content {
  readonly facets: Readonly<Record<string, object>>;
}
const example = (facets: object = {}): Content => {
  const content = exampleContent('hotline-report', clock.nowMs()) as unknown as Content;
  return { ...content, facets: { ...content.facets, ...facets } };
};
const without = (content: Content, name: string): Content => {
  const { [name]: _left, ...facets } = content.facets;
  return { ...content, facets };
};

async function taken(by = taker, content = example()): Promise<string> {
  const { draft } = await by.records.createDraft({ contentJson: JSON.stringify(content) });
  await by.records.submitDraft({ draftId: draft?.id ?? '' });
  return draft?.id ?? '';
}
const scrub = (by: Desk, draftId: string, content = without(example(), 'source')) =>
  by.hotline.scrubReport({ draftId, contentJson: JSON.stringify(content) });
const listed = async (by: Desk, draftId: string) =>
  (await by.hotline.listReports({})).reports.find((one) => one.draftId === draftId);

describe('a report at the desk', () => {
  it('is listed by how far the hotline is with it, to the hotline alone', async () => {
    const draftId = await taken();
    expect(await listed(taker, draftId)).toMatchObject({
      state: ReportState.REPORT_STATE_RECEIVED,
      own: true,
      summary: { reportNumber: '7Q4-KM2' },
    });
    expect((await customs.hotline.listReports({})).reports).toEqual([]);
    await scrub(second, draftId);
    expect(await listed(second, draftId)).toMatchObject({
      state: ReportState.REPORT_STATE_SCRUBBED,
      own: false,
      scrubbedByCaller: true,
    });
    const { record } = await controller.records.releaseDraft({ draftId });
    const { reports } = await second.hotline.listReports({});
    const triaged = reports.find((one) => one.headerDigest.equals(record?.headerDigest ?? Buffer.alloc(0)));
    expect(triaged?.state).toBe(ReportState.REPORT_STATE_TRIAGED);
    // What is imminent is to be warned of within ten minutes.
    expect(Number(triaged?.dueAt) - Number(triaged?.changedAt)).toBe(600_000);
  });

  it('is scrubbed by a second officer and released by a third, whatever the roles', async () => {
    const draftId = await taken(controller);
    expect(await codeOf(scrub(controller, draftId, example()))).toBe('FOUR_EYES');
    expect(await codeOf(controller.records.releaseDraft({ draftId }))).toBe('FOUR_EYES');
    await scrub(second, draftId);
    expect(await codeOf(controller.records.releaseDraft({ draftId }))).toBe('FOUR_EYES');
    expect(await codeOf(second.records.releaseDraft({ draftId }))).toBe('REFUSED');
    expect(await codeOf(taker.records.releaseDraft({ draftId }))).toBe('REFUSED');
  });

  it('waits for its scrub before a controller may release it, and is no duty of his until then', async () => {
    const draftId = await taken();
    const isDuty = async () =>
      (await controller.board.listDuties({})).duties.some((duty) => duty.draftId === draftId);
    expect(await isDuty()).toBe(false);
    expect(await codeOf(controller.records.releaseDraft({ draftId }))).toBe('NOT_SCRUBBED');
    await scrub(second, draftId);
    expect(await isDuty()).toBe(true);
  });

  it('keeps what the caller said of himself from the second operator, who cannot change it either', async () => {
    const draftId = await taken();
    expect((await second.records.getDraft({ draftId })).contentJson).not.toContain('market');
    expect(await codeOf(scrub(second, draftId, example()))).toBe('INVALID_REQUEST');
    await scrub(second, draftId);
    expect((await second.records.getDraft({ draftId })).contentJson).not.toContain('market');
    expect((await controller.records.getDraft({ draftId })).contentJson).toContain('saw it pass the market');
  });

  it('keeps that from an operator who drafts its revision, and through it', async () => {
    const draftId = await taken();
    await scrub(second, draftId);
    const { record } = await controller.records.releaseDraft({ draftId });
    const headerDigest = record?.headerDigest ?? Buffer.alloc(0);
    const { draft } = await second.records.reviseRecord({ headerDigest });
    const revision = draft?.id ?? '';
    const { contentJson } = await second.records.getDraft({ draftId: revision });
    expect(contentJson).not.toContain('market');
    const forged = JSON.stringify({
      ...JSON.parse(contentJson),
      facets: { ...JSON.parse(contentJson).facets, source: { statement: 'nothing', risk: 'low' } },
    });
    expect(await codeOf(second.records.updateDraft({ draftId: revision, contentJson: forged }))).toBe(
      'INVALID_REQUEST',
    );
    await second.records.updateDraft({ draftId: revision, contentJson });
    await second.records.submitDraft({ draftId: revision });
    const next = await controller.records.releaseDraft({ draftId: revision });
    const shown = await controller.records.getRecord({
      headerDigest: next.record?.headerDigest ?? Buffer.alloc(0),
    });
    expect(shown.facets.find(({ facet }) => facet === 'source')?.json).toContain('saw it pass the market');
  });

  it('is nothing that another desk group scrubs, or knows of', async () => {
    const draftId = await taken();
    expect(await codeOf(scrub(customs, draftId))).toBe('NOT_FOUND');
  });

  it('is dropped with a reason, and its words go at once', async () => {
    const draftId = await taken();
    await controller.records.discardDraft({ draftId, note: 'a hoax' });
    expect(await listed(taker, draftId)).toMatchObject({
      state: ReportState.REPORT_STATE_DROPPED,
      note: 'a hoax',
    });
    expect((await controller.records.getDraft({ draftId })).contentJson).not.toContain('camiões');
  });

  it('is hinted to be like another of the same night', async () => {
    const draftIds = [await taken(), await taken(second)];
    expect((await listed(taker, draftIds[0] ?? ''))?.similar).toContain(draftIds[1]);
  });
});

describe('a warning at the desk', () => {
  const content = (change: object = {}) => {
    const one = exampleContent('warning', clock.nowMs()) as unknown as Content & { marking: object };
    const summary = { ...one.facets.summary, ...change };
    return { ...one, priority: 'flash', facets: { summary }, deskGroup: 'hotline' };
  };

  it('leaves as a message of CAP, whose update and cancellation refer to what they end', async () => {
    const { draft } = await controller.records.createDraft({ contentJson: JSON.stringify(content()) });
    await controller.records.submitDraft({ draftId: draft?.id ?? '' });
    const first = await controller.records.releaseDraft({ draftId: draft?.id ?? '' });
    const headerDigest = first.record?.headerDigest ?? Buffer.alloc(0);
    const { cap } = await taker.hotline.exportWarning({ headerDigest });
    expect(cap).toContain('<msgType>Alert</msgType>');
    const identifier = /<identifier>([^<]+)</.exec(cap)?.[1] ?? '';
    const { draft: next } = await controller.records.reviseRecord({
      headerDigest,
      contentJson: JSON.stringify(content({ action: 'cancel' })),
    });
    await controller.records.submitDraft({ draftId: next?.id ?? '' });
    const second = await controller.records.releaseDraft({ draftId: next?.id ?? '' });
    const cancelled = await taker.hotline.exportWarning({
      headerDigest: second.record?.headerDigest ?? Buffer.alloc(0),
    });
    expect(cancelled.cap).toContain('<msgType>Cancel</msgType>');
    expect(/<references>([^<]+)</.exec(cancelled.cap)?.[1]).toContain(`,${identifier},`);
  });

  it('is this node’s own, and a warning', async () => {
    const partners = await world.release(world.xb, {
      ...content(),
      deskGroup: 'customs',
      priority: 'immediate',
    });
    await world.deliver(partners);
    expect(await codeOf(customs.hotline.exportWarning({ headerDigest: partners }))).toBe('STATE');
    const draftId = await taken();
    await scrub(second, draftId);
    const { record } = await controller.records.releaseDraft({ draftId });
    const headerDigest = record?.headerDigest ?? Buffer.alloc(0);
    expect(await codeOf(second.hotline.exportWarning({ headerDigest }))).toBe('STATE');
    expect(await codeOf(customs.hotline.exportWarning({ headerDigest }))).toBe('NOT_FOUND');
    expect(await codeOf(taker.hotline.exportWarning({ headerDigest: Buffer.alloc(31) }))).toBe(
      'INVALID_REQUEST',
    );
  });
});
