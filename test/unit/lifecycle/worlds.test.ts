/**
 * An exercise index equal to a live one changes nothing (R21): the same weapons, names and ships, under the same ids and keys, released,
 * revised, recalled and imported in an exercise leave every list, lookup and number of the live world as it was.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Status } from '../../../src/gen/tocsin/record/v1/marking.ts';
import { RecallReason } from '../../../src/gen/tocsin/record/v1/recall.ts';
import { contentFromJson, KINDS, sha256, statedWorld, type World } from '../../../src/record/index.ts';
import type { ReadTx, StoredRecord } from '../../../src/store/index.ts';
import { exampleContent, type Json } from '../../support/contents.ts';
import { ANNA, BENO, type Desk, openDesk, submitted } from './desk.ts';

/** A weapon by its serial, a broker by name, a ship by its number: what indexes are made of. */
const SUBJECTS = ['seizure-notice', 'watchlist-entry', 'warning'] as const;
type Subject = (typeof SUBJECTS)[number];

const contentOf = (subject: Subject, world: World, desk: Desk): { [key: string]: Json } => {
  const content = exampleContent(subject, desk.nowMs) as { [key: string]: Json };
  const marking = content.marking as { [key: string]: Json };
  return {
    ...content,
    deskGroup: 'customs',
    marking: { ...marking, ...(world === 'exercise' && { status: 'exercise' }) },
  };
};

async function release(desk: Desk, content: unknown): Promise<StoredRecord> {
  const draftId = await submitted(desk, content);
  return (await desk.lifecycle.release({ officer: BENO, draftId })).record;
}

const importOf = (desk: Desk, world: World, edition: number, dryRun = false) => {
  const { content } = contentFromJson(contentOf('watchlist-entry', world, desk), {
    deskGroup: ANNA.deskGroup,
    nowMs: desk.nowMs,
  });
  if (!content) throw new Error('the example has faults');
  const entries = [{ key: 'un:1', digest: sha256(new Uint8Array([edition])), content, flags: [] }];
  return desk.lifecycle.importList({ officer: ANNA, prefix: 'un:', entries, note: 'edition', dryRun });
};

/** Everything that a live desk can find out. */
async function liveView(desk: Desk, imported: number): Promise<unknown> {
  const view = await desk.store.read(async (tx) => {
    const { items } = await tx.records.list({ world: 'live', limit: 500 });
    return {
      lists: await Promise.all(
        ['', 'rifle', 'seized', 'broker', 'warning', 'vessel'].map(
          async (text) => (await tx.records.list({ world: 'live', text, limit: 500 })).items,
        ),
      ),
      records: await Promise.all(items.map((record) => lookUp(tx, record))),
      counts: await Promise.all(
        [...KINDS.keys()].map((kind) => tx.records.count({ world: 'live', kind, state: 'released' })),
      ),
      reviews: await Promise.all(
        [...KINDS.keys()].map((kind) => tx.records.reviewsDue(kind, desk.nowMs + 3_650 * 86_400_000)),
      ),
      outbox: await tx.outbox.openIn('live'),
      leaves: await tx.ledger.pendingCount('tocsin/1111111111111111/XA/log/live/1'),
      alarms: (await tx.alarms.list({ limit: 500 })).items,
      drafts: (await tx.drafts.list({ limit: 500 })).items.filter(
        ({ content }) => (statedWorld(JSON.parse(content)) ?? 'live') === 'live',
      ),
    };
  });
  return { ...view, import: await importOf(desk, 'live', imported, true) };
}

const lookUp = async (tx: ReadTx, record: StoredRecord) => ({
  current: await tx.records.current(record.originator, record.recordId, 'live'),
  revisions: await tx.records.revisions(record.originator, record.recordId, 'live'),
  byId: await tx.records.byRecordId(record.recordId, 'live'),
  facets: await tx.records.facets(record.headerDigest),
  recalled: await tx.tombstones.recalledOf([record]),
  quoting: (await tx.drafts.openQuoting(record.headerDigest, record.recordId)).map(({ id, flags }) => [
    id,
    flags,
  ]),
});

/** A record of an exercise with the very id, revision, title and facets of a live one, as a partner could send it. */
async function twin(desk: Desk, of: StoredRecord, revision: number): Promise<void> {
  await desk.store.write(async (tx) => {
    const facets = await tx.records.facets(of.headerDigest);
    const headerDigest = sha256(of.headerDigest, new Uint8Array([revision]));
    if (await tx.records.byDigest(headerDigest)) return;
    const { position: _, supersedes: __, leafIndex: ___, ...rest } = of;
    await tx.records.insert([
      {
        record: { ...rest, headerDigest, revision, status: Status.STATUS_EXERCISE, logOrigin: 'exercise' },
        facets,
      },
    ]);
    await tx.tombstones.set({
      headerDigest: of.headerDigest,
      originator: of.originator,
      recallDigest: headerDigest,
      facets: [],
      purge: true,
      world: 'exercise',
      at: desk.nowMs,
    });
  });
}

const steps = fc.array(
  fc.oneof(
    fc.record({ does: fc.constant('release' as const), subject: fc.constantFrom(...SUBJECTS) }),
    fc.record({ does: fc.constantFrom('revise', 'recall', 'draft-again', 'time' as const) }),
    fc.record({ does: fc.constant('import' as const), edition: fc.integer({ min: 1, max: 3 }) }),
    fc.record({
      does: fc.constant('twin' as const),
      which: fc.nat(8),
      revision: fc.integer({ min: 1, max: 9 }),
    }),
  ),
  { minLength: 1, maxLength: 8 },
);

describe('an exercise', () => {
  it('of what is live, under the same ids and keys, changes no list, lookup or number of the live world', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.boolean(), async (exercise, released) => {
        await using desk = await openDesk();
        const live: StoredRecord[] = [];
        for (const subject of SUBJECTS) live.push(await release(desk, contentOf(subject, 'live', desk)));
        const { draftIds } = await importOf(desk, 'live', 1);
        const [draftId = ''] = draftIds;
        if (released) {
          await desk.lifecycle.submit({ officer: ANNA, draftId });
          live.push((await desk.lifecycle.release({ officer: BENO, draftId })).record);
        }
        const request = { officer: ANNA, requestId: 'request-1' };
        const first = await desk.lifecycle.create({
          ...request,
          content: contentOf('seizure-notice', 'live', desk),
        });
        const before = await liveView(desk, 1);

        const made: StoredRecord[] = [];
        for (const step of exercise) {
          const last = made.at(-1);
          if (step.does === 'release')
            made.push(await release(desk, contentOf(step.subject, 'exercise', desk)));
          else if (step.does === 'twin') {
            const of = live[step.which % live.length];
            if (of) await twin(desk, of, step.revision);
          } else if (step.does === 'import') await importOf(desk, 'exercise', step.edition);
          else if (step.does === 'draft-again') {
            const again = await desk.lifecycle.create({
              ...request,
              content: contentOf('seizure-notice', 'exercise', desk),
            });
            expect(again.draft.id).not.toBe(first.draft.id);
          } else if (step.does === 'revise' && last) {
            const { draft } = await desk.lifecycle.revise({ officer: ANNA, headerDigest: last.headerDigest });
            await desk.lifecycle.submit({ officer: ANNA, draftId: draft.id });
            made.push((await desk.lifecycle.release({ officer: BENO, draftId: draft.id })).record);
          } else if (step.does === 'recall' && last) {
            await desk.lifecycle.recall({
              officer: BENO,
              headerDigest: last.headerDigest,
              reason: RecallReason.RECALL_REASON_ERROR,
              mustPurge: true,
            });
            made.pop();
          }
        }
        expect(await liveView(desk, 1)).toEqual(before);
        const same = await desk.lifecycle.create({
          ...request,
          content: contentOf('seizure-notice', 'live', desk),
        });
        expect(same.draft.id).toBe(first.draft.id);
      }),
      { numRuns: 25 },
    );
  });

  it('raises no alarms: what is late in it stands on its own lists', async () => {
    await using desk = await openDesk();
    const record = await release(desk, contentOf('seizure-notice', 'exercise', desk));
    await desk.lifecycle.recall({
      officer: BENO,
      headerDigest: record.headerDigest,
      reason: RecallReason.RECALL_REASON_ERROR,
      mustPurge: true,
    });
    desk.nowMs += 4 * 86_400_000;
    expect(await desk.lifecycle.checkRecalls()).toBe(0);
    await release(desk, contentOf('watchlist-entry', 'exercise', desk));
    desk.nowMs += 3 * 366 * 86_400_000;
    await desk.lifecycle.retain();
    expect((await desk.store.read((tx) => tx.alarms.list({}))).items).toEqual([]);
  });
});

describe('what officers write', () => {
  it('is of the world of the record that it revises', async () => {
    await using desk = await openDesk();
    for (const world of ['live', 'exercise'] as const) {
      const other = world === 'live' ? 'exercise' : 'live';
      const { headerDigest } = await release(desk, contentOf('seizure-notice', world, desk));
      const revised = desk.lifecycle.revise({
        officer: ANNA,
        headerDigest,
        content: contentOf('seizure-notice', other, desk),
      });
      await expect(revised).rejects.toMatchObject({
        code: 'INVALID',
        faults: [{ code: 'EXERCISE_MISMATCH', path: 'marking.status' }],
      });
      // Nor by changing the draft of a revision afterwards.
      const { draft } = await desk.lifecycle.revise({ officer: ANNA, headerDigest });
      await desk.lifecycle.update({
        officer: ANNA,
        draftId: draft.id,
        content: contentOf('seizure-notice', other, desk),
      });
      await desk.lifecycle.submit({ officer: ANNA, draftId: draft.id });
      await expect(desk.lifecycle.release({ officer: BENO, draftId: draft.id })).rejects.toMatchObject({
        code: 'INVALID',
        faults: [{ code: 'EXERCISE_MISMATCH' }],
      });
      expect((await desk.store.read((tx) => tx.records.byDigest(headerDigest)))?.state).toBe('released');
    }
  });

  it('names no record of the other world: a link of an exercise does not reach into the live one', async () => {
    await using desk = await openDesk();
    for (const world of ['live', 'exercise'] as const) {
      const { headerDigest, recordId } = await release(
        desk,
        contentOf('seizure-notice', world === 'live' ? 'exercise' : 'live', desk),
      );
      const link = exampleContent('link', desk.nowMs) as { facets: { link: { [key: string]: Json } } };
      const marking = (link as unknown as { marking: { [key: string]: Json } }).marking;
      const end = { originator: 'XA', recordId: Buffer.from(recordId).toString('base64') };
      const naming = (from: Json) => ({
        ...link,
        marking: { ...marking, ...(world === 'exercise' && { status: 'exercise' }) },
        facets: { link: { ...link.facets.link, from } },
      });
      const draftId = await submitted(
        desk,
        naming({ ...end, headerDigest: Buffer.from(headerDigest).toString('base64') }),
      );
      await expect(desk.lifecycle.release({ officer: BENO, draftId })).rejects.toMatchObject({
        code: 'INVALID',
        faults: [{ code: 'EXERCISE_MISMATCH' }],
      });
      // An id alone is looked for in the link's own world.
      await release(desk, naming(end));
    }
  });
});
