/** What the clock deletes, and whom it reminds (R13). */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sampleRecord } from '../../conformance/store.contract.ts';
import { ANNA, BENO, type Desk, openDesk, submitted } from './desk.ts';

const DAY = 86_400_000;
const salt = new Uint8Array(32).fill(5);
const facet = (name: string) => ({ facet: name, salt, body: new Uint8Array(20).fill(7) });

let desk: Desk;
beforeEach(async () => {
  desk = await openDesk();
});
afterEach(() => desk[Symbol.asyncDispose]());

const keep = (
  number: number,
  changes: Parameters<typeof sampleRecord>[1],
  facets = ['summary', 'persons'],
) => {
  const record = sampleRecord(number, {
    released: desk.nowMs,
    reviewBy: desk.nowMs + 100 * DAY,
    expires: desk.nowMs + 200 * DAY,
    ...changes,
  });
  return desk.store
    .write((tx) => tx.records.insert([{ record, facets: facets.map(facet) }]))
    .then(() => record.headerDigest);
};

const held = (digest: Uint8Array) =>
  desk.store.read(async (tx) => ({
    state: (await tx.records.byDigest(digest))?.state,
    facets: (await tx.records.facets(digest)).map(({ facet: name }) => name),
    header: (await tx.records.byDigest(digest))?.header.length,
  }));

const alarms = () =>
  desk.store.read(async (tx) =>
    (await tx.alarms.list({ open: true })).items
      .filter(({ code }) => code.startsWith('REVIEW'))
      .map(({ code, subject }) => `${code} ${subject}`),
  );

describe('retention', () => {
  it('deletes what is past its end, own and partners’, and leaves the header', async () => {
    const over = await keep(1, { expires: desk.nowMs + DAY });
    const theirs = await keep(2, { expires: desk.nowMs + DAY, origin: 'partner', originator: 'XB' });
    const lasting = await keep(3, {});
    const old = await keep(4, { expires: desk.nowMs + DAY, state: 'superseded' });
    expect(await desk.lifecycle.retain()).toEqual({ expired: 0, facets: 0 });
    desk.nowMs += DAY;
    expect(await desk.lifecycle.retain()).toEqual({ expired: 3, facets: 0 });
    for (const digest of [over, theirs, old])
      expect(await held(digest)).toEqual({ state: 'expired', facets: [], header: 100 });
    expect(await held(lasting)).toMatchObject({ state: 'released', facets: ['persons', 'summary'] });
    expect(await desk.lifecycle.retain()).toEqual({ expired: 0, facets: 0 });
  });

  it('ends a record whose review is 30 days overdue, not a day before', async () => {
    const digest = await keep(1, {});
    desk.nowMs += 129 * DAY;
    await desk.lifecycle.retain();
    expect((await held(digest)).state).toBe('released');
    desk.nowMs += DAY;
    await desk.lifecycle.retain();
    expect(await held(digest)).toMatchObject({ state: 'expired', facets: [] });
  });

  it('deletes single facets before their record: persons of a seizure after five years', async () => {
    const digest = await keep(1, { reviewBy: desk.nowMs + 8_000 * DAY, expires: desk.nowMs + 9_000 * DAY });
    desk.nowMs += 1_826 * DAY;
    expect(await desk.lifecycle.retain()).toEqual({ expired: 0, facets: 0 });
    desk.nowMs += DAY;
    expect(await desk.lifecycle.retain()).toEqual({ expired: 0, facets: 1 });
    expect(await held(digest)).toMatchObject({ state: 'released', facets: ['summary'] });
  });

  it('takes the bytes that a recall without deletion left, and keeps the recall', async () => {
    const digest = await keep(1, { state: 'recalled', expires: desk.nowMs + DAY });
    desk.nowMs += DAY;
    await desk.lifecycle.retain();
    expect(await held(digest)).toMatchObject({ state: 'recalled', facets: [] });
  });

  it('takes what a draft kept of a released content with it', async () => {
    const draftId = await submitted(desk);
    const { record } = await desk.lifecycle.release({ officer: BENO, draftId });
    desk.nowMs = record.expires;
    await desk.lifecycle.retain();
    const draft = await desk.store.read((tx) => tx.drafts.byId(draftId));
    expect(JSON.parse(draft?.content ?? '').facets).toEqual({});
  });

  it('works through many in batches of their own, and an interrupted round is taken up by the next', async () => {
    const records = Array.from({ length: 130 }, (_, number) => ({
      record: sampleRecord(number + 1, { released: desk.nowMs, expires: desk.nowMs, reviewBy: desk.nowMs }),
      facets: [facet('summary')],
    }));
    await desk.store.write((tx) => tx.records.insert(records));
    const stop = new AbortController();
    stop.abort();
    expect(await desk.lifecycle.retain(stop.signal)).toEqual({ expired: 50, facets: 0 });
    await desk.restart();
    expect(await desk.lifecycle.retain()).toEqual({ expired: 80, facets: 0 });
    expect(await desk.store.read((tx) => tx.records.count({ state: 'expired', world: 'live' }))).toBe(130);
  });
});

describe('reviewers', () => {
  it('are reminded by one alarm a kind and day, then told that the review is overdue, until none is left', async () => {
    await keep(1, {});
    await keep(2, {});
    const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);
    const due = day(desk.nowMs + 100 * DAY);
    desk.nowMs += 85 * DAY;
    await desk.lifecycle.retain();
    expect(await alarms()).toEqual([]);
    desk.nowMs += 2 * DAY;
    await desk.lifecycle.retain();
    expect(await alarms()).toEqual([`REVIEW_DUE seizure-notice/${due}`]);
    desk.nowMs += 14 * DAY;
    await desk.lifecycle.retain();
    expect(await alarms()).toEqual([`REVIEW_OVERDUE seizure-notice/${due}`]);
    desk.nowMs += 30 * DAY;
    await desk.lifecycle.retain();
    expect(await alarms()).toEqual([]);
  });
});

describe('a recall at the originator', () => {
  const entry = async () => {
    const draftId = await submitted(desk, undefined, ANNA);
    return (await desk.lifecycle.release({ officer: BENO, draftId })).record;
  };
  const REASON_ERROR = 1;

  it('refuses unknown facets, a deadline in the past, itself as recipient, and no reason', async () => {
    const record = await entry();
    const ask = (changes: object) =>
      desk.lifecycle.recall({
        officer: BENO,
        headerDigest: record.headerDigest,
        reason: REASON_ERROR,
        mustPurge: true,
        ...changes,
      });
    await expect(ask({ facets: ['secrets'] })).rejects.toMatchObject({ code: 'INVALID' });
    await expect(ask({ deadlineMs: desk.nowMs })).rejects.toMatchObject({ code: 'INVALID' });
    await expect(ask({ recipients: ['XA'] })).rejects.toMatchObject({ code: 'INVALID' });
    await expect(ask({ reason: 0 })).rejects.toMatchObject({ code: 'INVALID' });
    await expect(ask({ headerDigest: salt })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('takes the waiting rows back, marks the record and says so in the audit trail', async () => {
    const record = await entry();
    await desk.lifecycle.recall({
      officer: BENO,
      headerDigest: record.headerDigest,
      reason: REASON_ERROR,
      mustPurge: true,
    });
    const rows = await desk.store.read((tx) => tx.outbox.ofRecord(record.headerDigest));
    expect(rows.map(({ state }) => state)).toEqual(['withdrawn', 'withdrawn']);
    expect((await held(record.headerDigest)).state).toBe('recalled');
    const audit = await desk.store.read((tx) => tx.audit.list({ limit: 1 }));
    expect(audit.items).toMatchObject([{ actor: BENO.fingerprint, action: 'record.recalled' }]);
    await expect(
      desk.lifecycle.revise({ officer: ANNA, headerDigest: record.headerDigest }),
    ).rejects.toMatchObject({ code: 'SUPERSEDED' });
  });
});
