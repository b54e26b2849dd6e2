/** Who has a record in hand: what a partner's desk tells its originator, and what an originator is shown of its partners (J3). */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Desk } from '../../src/desk/index.ts';
import { DutyKind } from '../../src/gen/tocsin/desk/v1/board_service.ts';
import { ReadingKind } from '../../src/gen/tocsin/desk/v1/onward_service.ts';
import { ProgressState } from '../../src/gen/tocsin/desk/v1/record_service.ts';
import { DeskGroup } from '../../src/gen/tocsin/record/v1/marking.ts';
import { exampleContent } from '../support/contents.ts';
import { clock, deskWorld, passTime, type World } from '../unit/desk/desk-world.ts';

let world: World;
beforeAll(async () => {
  world = await deskWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

const content = (kind: string, change: object) => ({
  ...(exampleContent(kind, clock.nowMs()) as object),
  ...change,
});

/** Of XB, in XA's inbox. */
async function arrive(kind: string, marking: object = {}): Promise<Uint8Array> {
  const digest = await world.release(
    world.xb,
    content(kind, { marking: { releasableTo: ['XA'], ...marking } }),
  );
  await world.deliver(digest);
  return digest;
}

async function lastPosition(desk: Desk): Promise<bigint> {
  let position = 0n;
  for await (const { entry } of desk.inbox.watchInbox({}))
    if (entry?.$case === 'item') position = entry.value.position;
  return position;
}

const nameOf = (state: ProgressState): string =>
  Object.entries(ProgressState).find(([, value]) => value === state)?.[0] ?? '';

describe('an acknowledgement', () => {
  it('tells the originator of a warning which desk group has it in hand and when, and not who', async () => {
    const [police, customs] = [
      world.as(await world.officer('police', 'officer', 'Petra Private')),
      world.as(await world.officer('customs', 'officer', 'Carl Private')),
    ];
    const { store } = world.xa.temporary;
    const owed = () => store.read((tx) => tx.onward.readingsDue(100));
    await arrive('seizure-notice');
    const before = await owed();
    await police.inbox.acknowledgeItem({ position: await lastPosition(police) });
    // Other kinds keep it to themselves, unless their marking asks who reads them.
    expect(await owed()).toEqual(before);
    const warning = await arrive('warning');
    const position = await lastPosition(police);
    const mark = await police.inbox.acknowledgeItem({ position });
    await police.inbox.acknowledgeItem({ position });
    await customs.inbox.acknowledgeItem({ position });
    const due = (await owed()).slice(before.length);
    expect(due.map(({ id: _id, ...one }) => one)).toEqual(
      [DeskGroup.DESK_GROUP_POLICE, DeskGroup.DESK_GROUP_CUSTOMS].map((deskGroup) => ({
        headerDigest: due[0]?.headerDigest,
        originator: 'XB',
        what: 'acknowledged',
        deskGroup,
        facets: [],
        at: Number(mark.acknowledgedAt),
      })),
    );
    expect(Buffer.from(due[0]?.headerDigest ?? []).equals(warning)).toBe(true);
    expect(
      JSON.stringify(due, (_key, value) => (typeof value === 'bigint' ? `${value}` : value)),
    ).not.toContain('Private');
  });

  it('shows of an own warning how far each partner is, and who is late', async () => {
    const customs = world.as(await world.officer('customs', 'officer'));
    const headerDigest = Buffer.from(
      await world.release(
        world.xa,
        content('warning', {
          deskGroup: 'customs',
          priority: 'flash',
          marking: { releasableTo: ['XB', 'XC'] },
        }),
      ),
    );
    const { store } = world.xa.temporary;
    const progress = async () =>
      (await customs.records.getRecord({ headerDigest })).progress.map(
        ({ node, state, overdue }) => `${node} ${nameOf(state)} ${overdue}`,
      );
    expect(await progress()).toEqual(['XB PROGRESS_STATE_SENT false', 'XC PROGRESS_STATE_SENT false']);
    const rows = await store.read((tx) => tx.outbox.ofRecord(headerDigest));
    const receiptDigest = new Uint8Array(32).fill(5);
    await store.write((tx) =>
      tx.outbox.close(
        rows.map(({ id }) => ({ id, state: 'receipted' as const, receiptDigest })),
        clock.nowMs(),
      ),
    );
    passTime(20 * 60_000);
    expect(await progress()).toEqual(['XB PROGRESS_STATE_RECEIVED true', 'XC PROGRESS_STATE_RECEIVED true']);
    const ringUp = async (desk: Desk) =>
      (await desk.board.listDuties({})).duties.filter(({ kind }) => kind === DutyKind.DUTY_KIND_RING_UP);
    expect(await ringUp(customs)).toMatchObject([
      { headerDigest, recordKind: 'warning', from: 'XB, XC', dueAt: BigInt(clock.nowMs() - 5 * 60_000) },
    ]);
    const police = world.as(await world.officer('police', 'officer'));
    expect(await ringUp(police)).toEqual([]);
    const at = clock.nowMs();
    await store.write((tx) =>
      tx.onward.noteReading({
        headerDigest,
        node: 'XB',
        what: 'acknowledged',
        deskGroup: DeskGroup.DESK_GROUP_BORDER,
        facets: [],
        at,
        receiptDigest,
      }),
    );
    expect(await progress()).toEqual([
      'XB PROGRESS_STATE_ACKNOWLEDGED false',
      'XC PROGRESS_STATE_RECEIVED true',
    ]);
    expect((await ringUp(customs)).map(({ from }) => from)).toEqual(['XC']);
    const { readings } = await customs.onward.listReadings({ headerDigest });
    expect(readings).toMatchObject([
      { node: 'XB', kind: ReadingKind.READING_KIND_ACKNOWLEDGED, accepted: false, at: BigInt(at) },
    ]);
  });
});
