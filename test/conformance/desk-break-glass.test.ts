/** Break-glass over the real desk (R17, scenario 24): who opens what of a partner's record, for how long, who reads of it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { equalBytes, hex } from '../../src/base/bytes.ts';
import { type Desk, DeskCallError } from '../../src/desk/index.ts';
import {
  BreakGlass,
  BreakGlassStage,
  BreakGlassVerdict,
} from '../../src/gen/tocsin/record/v1/break_glass.ts';
import { verifyAudit } from '../../src/lifecycle/index.ts';
import { BREAK_GLASS } from '../../src/record/index.ts';
import { exampleContent } from '../support/contents.ts';
import { clock, deskWorld, passTime, type World } from '../unit/desk/desk-world.ts';

let world: World;
let border: Desk;
let colleague: Desk;
let customs: Desk;
let auditor: Desk;
let observer: Desk;

const REASON = 'the ship with the cargo sails within the hour';
const MINUTE_MS = 60_000;

beforeAll(async () => {
  world = await deskWorld();
  [border, colleague, customs, auditor, observer] = (
    await Promise.all([
      world.officer('border', 'officer', 'Bruna Border'),
      world.officer('border', 'officer', 'Carlos Colleague'),
      world.officer('customs', 'releaser', 'Rui Releaser'),
      world.officer('customs', 'auditor'),
      world.officer('border', 'observer'),
    ])
  ).map((certificate) => world.as(certificate)) as [Desk, Desk, Desk, Desk, Desk];
});
afterAll(() => world[Symbol.asyncDispose]());

const seizure = (marking: object = {}, more: object = {}) => {
  const content = exampleContent('seizure-notice', clock.nowMs()) as Record<string, object>;
  return {
    ...content,
    ...more,
    marking: { ...content.marking, releasableTo: ['sac'], tlp: 'amber-strict', ...marking },
  };
};

/** A strict seizure of XB's customs, held at XA for its customs alone. */
async function strictSeizure(marking: object = {}): Promise<Uint8Array> {
  const digest = await world.release(world.xb, seizure(marking));
  await world.deliver(digest);
  return digest;
}

const failure = async (call: Promise<unknown>): Promise<DeskCallError> => {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof DeskCallError) return error;
  throw new Error('expected the call to be refused', { cause: error });
};

const facetsShown = async (desk: Desk, headerDigest: Uint8Array): Promise<readonly string[]> =>
  (await desk.records.getRecord({ headerDigest })).facets.map(({ facet }) => facet);

/** What left for the originator about a record. */
const told = (record: Uint8Array): Promise<readonly BreakGlass[]> =>
  world.xa.temporary.store.read(async (tx) => {
    const { items } = await tx.records.list({ world: 'both', kind: BREAK_GLASS, limit: 500 });
    const all: BreakGlass[] = [];
    for (const { headerDigest } of items.toReversed()) {
      const [facet] = await tx.records.facets(headerDigest);
      const said = BreakGlass.decode(facet?.body ?? new Uint8Array());
      if (!equalBytes(said.record, record)) continue;
      const rows = await tx.outbox.ofRecord(headerDigest);
      expect(rows.map(({ recipient, lane }) => [recipient, lane])).toEqual([['XB', 0]]);
      all.push(said);
    }
    return all;
  });

const rows = async (action: string, subject: Uint8Array) =>
  (await auditor.audit.listAudit({ action, subject: hex(subject) })).rows.map(
    ({ detailJson }) => JSON.parse(detailJson) as Record<string, unknown>,
  );

describe('break-glass', () => {
  it('opens the facet named to the officer who states the emergency, and to nobody else', async () => {
    const headerDigest = await strictSeizure();
    expect((await failure(border.records.getRecord({ headerDigest }))).code).toBe('NOT_FOUND');
    const { opening } = await border.breakGlass.openFacets({
      headerDigest,
      facets: ['route'],
      reason: REASON,
    });
    expect(opening).toMatchObject({
      originator: 'XB',
      node: 'XA',
      officer: 'Bruna Border',
      facets: ['route'],
      asked: [],
      reason: REASON,
      readings: 0,
    });
    const shown = await border.records.getRecord({ headerDigest });
    expect(shown.facets.map(({ facet, openUntil }) => [facet, openUntil])).toEqual([
      ['route', opening?.until],
    ]);
    expect(JSON.parse(shown.facets[0]?.json ?? '')).toMatchObject({ place: { unlocode: 'XABRV' } });
    // A title is made of the summary, which is not open.
    expect(shown.record?.title).toBe('');
    expect((await failure(colleague.records.getRecord({ headerDigest }))).code).toBe('NOT_FOUND');
  });

  it('opens reading alone: what is open is not listed, proved, exported or passed on', async () => {
    const headerDigest = await strictSeizure();
    await border.breakGlass.openFacets({ headerDigest, reason: REASON });
    expect((await facetsShown(border, headerDigest)).toSorted()).toEqual(
      expect.arrayContaining(['identifiers', 'items', 'route', 'summary']),
    );
    const { records } = await border.records.listRecords({ pageSize: 500 });
    expect(records.map((record) => hex(record.headerDigest))).not.toContain(hex(headerDigest));
    expect((await failure(border.log.proveRecord({ headerDigest }))).code).toBe('NOT_FOUND');
    const pieces = border.records.exportEvidence({ headerDigest })[Symbol.asyncIterator]();
    expect((await failure(pieces.next())).code).toBe('NOT_FOUND');
    expect((await failure(border.onward.previewForward({ headerDigest, to: ['XC'] }))).code).toBe(
      'NOT_FOUND',
    );
  });

  it('never opens persons, sources, internal notes or attachments, and says which rule', async () => {
    const headerDigest = await strictSeizure();
    await border.breakGlass.openFacets({ headerDigest, reason: REASON });
    const shown = await facetsShown(border, headerDigest);
    for (const facet of ['persons', 'source', 'internal', 'attachments']) {
      expect(shown).not.toContain(facet);
      const refused = await failure(
        border.breakGlass.openFacets({ headerDigest, facets: [facet], reason: REASON }),
      );
      expect(refused).toMatchObject({ code: 'REFUSED', statusName: 'PERMISSION_DENIED' });
      expect(refused.message).toContain('R17');
    }
  });

  it('ends with its time, at the very next read', async () => {
    const headerDigest = await strictSeizure();
    await border.breakGlass.openFacets({ headerDigest, facets: ['route'], reason: REASON, minutes: 10 });
    passTime(10 * MINUTE_MS - 1);
    expect(await facetsShown(border, headerDigest)).toEqual(['route']);
    passTime(1);
    expect((await failure(border.records.getRecord({ headerDigest }))).code).toBe('NOT_FOUND');
  });

  it('names 64 facets at most, each once', async () => {
    const headerDigest = new Uint8Array(32).fill(1);
    const named = async (count: number) => {
      const facets = Array.from({ length: count }, (_, at) => `f${at}`);
      const refused = await failure(border.breakGlass.openFacets({ headerDigest, facets, reason: REASON }));
      return refused.violations.map(({ field, reason }) => `${field} ${reason}`);
    };
    // At the bound it is read on, and no record is found.
    expect(await named(64)).toEqual([]);
    expect(await named(65)).toEqual(['facets COUNT']);
  });

  it('lasts four hours and no longer, and wants a reason that says something', async () => {
    const headerDigest = await strictSeizure();
    const { opening } = await border.breakGlass.openFacets({ headerDigest, reason: REASON });
    expect(Number(opening?.until) - Number(opening?.openedAt)).toBe(4 * 60 * MINUTE_MS);
    const refused = await failure(
      border.breakGlass.openFacets({ headerDigest, reason: 'urgent', minutes: 241 }),
    );
    expect(refused.violations.map(({ field, reason }) => [field, reason])).toEqual([
      ['reason', 'TOO_SHORT'],
      ['minutes', 'TOO_LARGE'],
    ]);
  });

  it('tells the originator on the urgent lane: of the opening at once, and of the reading before it is shown', async () => {
    const headerDigest = await strictSeizure();
    await border.breakGlass.openFacets({ headerDigest, facets: ['route'], reason: REASON });
    const [opened, ...none] = await told(headerDigest);
    expect(none).toEqual([]);
    expect(opened).toMatchObject({
      stage: BreakGlassStage.BREAK_GLASS_STAGE_OPENED,
      officer: 'Bruna Border',
      facets: ['route'],
      reason: REASON,
    });
    await facetsShown(border, headerDigest);
    await facetsShown(border, headerDigest);
    const [, read, ...more] = await told(headerDigest);
    expect(more).toEqual([]);
    expect(read).toMatchObject({ stage: BreakGlassStage.BREAK_GLASS_STAGE_READ, facets: ['route'] });
    passTime(2 * MINUTE_MS);
    await facetsShown(border, headerDigest);
    expect(await told(headerDigest)).toHaveLength(3);
  });

  it('is in the trail with its reason, every reading too, and alarms until it is reviewed', async () => {
    const headerDigest = await strictSeizure();
    const { opening } = await border.breakGlass.openFacets({
      headerDigest,
      facets: ['route'],
      reason: REASON,
    });
    await facetsShown(border, headerDigest);
    await facetsShown(border, headerDigest);
    expect(await rows('break-glass.opened', headerDigest)).toMatchObject([
      { officer: 'Bruna Border', reason: REASON, facets: 'route', role: 'officer', deskGroup: 'border' },
    ]);
    expect(await rows('break-glass.read', headerDigest)).toMatchObject([
      { facets: 'route' },
      { facets: 'route' },
    ]);
    const { alarms } = await auditor.network.getNodeStatus({});
    expect(alarms).toContainEqual(
      expect.objectContaining({ code: 'BREAK_GLASS', subject: hex(opening?.opening ?? new Uint8Array()) }),
    );
    const { network } = world.federation;
    expect((await world.xa.temporary.store.read((tx) => verifyAudit(tx, network))).ok).toBe(true);
  });

  it('answers with the opening that already covers what is asked for', async () => {
    const headerDigest = await strictSeizure();
    const open = () => border.breakGlass.openFacets({ headerDigest, facets: ['route'], reason: REASON });
    const [first, second] = [await open(), await open()];
    expect(hex(second.opening?.opening ?? new Uint8Array())).toBe(
      hex(first.opening?.opening ?? new Uint8Array()),
    );
    expect(await told(headerDigest)).toHaveLength(1);
  });

  it('finds a record that the desk may not know of by originator and id; nothing tells one that is hidden from none', async () => {
    const headerDigest = await strictSeizure();
    const record = await world.xa.temporary.store.read((tx) => tx.records.byDigest(headerDigest));
    const { opening } = await border.breakGlass.openFacets({
      originator: 'XB',
      recordId: record?.recordId ?? new Uint8Array(),
      facets: ['route'],
      reason: REASON,
    });
    expect(hex(opening?.headerDigest ?? new Uint8Array())).toBe(hex(headerDigest));
    const none = await failure(
      border.breakGlass.openFacets({ headerDigest: new Uint8Array(32).fill(9), reason: REASON }),
    );
    const hidden = await failure(
      observer.breakGlass.openFacets({ headerDigest, facets: ['route'], reason: REASON }),
    );
    expect([hidden.code, hidden.message]).toEqual([none.code, none.message]);
  });

  it('does not accept a condition of the originator', async () => {
    const headerDigest = await strictSeizure({ handling: ['h3'], condition: 'call XB before boarding' });
    const refused = await failure(border.breakGlass.openFacets({ headerDigest, reason: REASON }));
    expect(refused).toMatchObject({ code: 'CONDITION_PENDING', statusName: 'FAILED_PRECONDITION' });
    expect(await told(headerDigest)).toEqual([]);
  });

  it('asks for what is not held here, and shows nothing of it', async () => {
    const headerDigest = await strictSeizure({ purposes: ['customs-control', 'border', 'statistics'] });
    const before = await world.xa.temporary.store.read((tx) => tx.records.facets(headerDigest));
    expect(before.map(({ facet }) => facet)).not.toContain('assessment');
    const { opening } = await border.breakGlass.openFacets({
      headerDigest,
      facets: ['route', 'assessment'],
      reason: REASON,
    });
    expect(opening).toMatchObject({ facets: ['route'], asked: ['assessment'] });
    expect(await facetsShown(border, headerDigest)).toEqual(['route']);
  });

  it('is refused where nothing is withheld', async () => {
    const headerDigest = await strictSeizure();
    expect(
      (await failure(customs.breakGlass.openFacets({ headerDigest, facets: ['route'], reason: REASON })))
        .code,
    ).toBe('STATE');
  });
});

describe('openings', () => {
  it('are listed to auditors, and to the desk group that opened; others see none', async () => {
    const headerDigest = await strictSeizure();
    await border.breakGlass.openFacets({ headerDigest, facets: ['route'], reason: REASON });
    await border.records.getRecord({ headerDigest });
    const seen = async (desk: Desk) => (await desk.breakGlass.listOpenings({ headerDigest })).openings;
    for (const desk of [border, colleague, auditor])
      expect(await seen(desk)).toMatchObject([{ officer: 'Bruna Border', readings: 1, reviewer: '' }]);
    expect(await seen(customs)).toEqual([]);
    const { openings, nextCursor } = await auditor.breakGlass.listOpenings({ pageSize: 2 });
    expect(openings).toHaveLength(2);
    const next = await auditor.breakGlass.listOpenings({ pageSize: 2, cursor: nextCursor });
    expect(hex(next.openings[0]?.opening ?? new Uint8Array())).not.toBe(
      hex(openings[1]?.opening ?? new Uint8Array()),
    );
  });

  it('of an own record are reviewed by the desk group that spoke, never by who opened; the alarm ends', async () => {
    const headerDigest = await world.release(world.xa, seizure({ releasableTo: ['XB'] }));
    const { opening } = await border.breakGlass.openFacets({
      headerDigest,
      facets: ['route'],
      reason: REASON,
    });
    const digest = opening?.opening ?? new Uint8Array();
    const review = (
      desk: Desk,
      verdict: BreakGlassVerdict = BreakGlassVerdict.BREAK_GLASS_VERDICT_JUSTIFIED,
    ) => desk.breakGlass.reviewOpening({ opening: digest, verdict, note: 'the ship was stopped' });
    expect((await failure(review(border))).code).toBe('REFUSED');
    expect((await failure(review(auditor))).code).toBe('REFUSED');
    const refused = await failure(review(customs, BreakGlassVerdict.BREAK_GLASS_VERDICT_UNSPECIFIED));
    expect(refused.violations).toMatchObject([{ field: 'verdict' }]);
    expect((await review(customs)).opening).toMatchObject({
      verdict: BreakGlassVerdict.BREAK_GLASS_VERDICT_JUSTIFIED,
      reviewer: 'Rui Releaser',
    });
    const again = await review(customs, BreakGlassVerdict.BREAK_GLASS_VERDICT_NOT_JUSTIFIED);
    expect(again.opening?.verdict).toBe(BreakGlassVerdict.BREAK_GLASS_VERDICT_JUSTIFIED);
    const { alarms } = await auditor.network.getNodeStatus({});
    expect(alarms.map(({ subject }) => subject)).not.toContain(hex(digest));
  });

  it("of a partner's record are not reviewed here", async () => {
    const headerDigest = await strictSeizure();
    const { opening } = await border.breakGlass.openFacets({ headerDigest, reason: REASON });
    const refused = await failure(
      world.as(await world.officer('border', 'releaser')).breakGlass.reviewOpening({
        opening: opening?.opening ?? new Uint8Array(),
        verdict: BreakGlassVerdict.BREAK_GLASS_VERDICT_JUSTIFIED,
        note: 'we think so ourselves',
      }),
    );
    expect(refused.code).toBe('REFUSED');
  });

  it('of an exercise are seen in exercise mode alone', async () => {
    const headerDigest = await world.release(world.xa, seizure({ releasableTo: ['XB'], status: 'exercise' }));
    const mode = { mode: 'exercise' } as const;
    await border.breakGlass.openFacets({ headerDigest, facets: ['route'], reason: REASON }, mode);
    const { openings } = await auditor.breakGlass.listOpenings({ headerDigest }, mode);
    expect(openings).toHaveLength(1);
    expect((await auditor.breakGlass.listOpenings({ headerDigest })).openings).toEqual([]);
    const { alarms } = await auditor.network.getNodeStatus({});
    expect(alarms.map(({ subject }) => subject)).not.toContain(hex(openings[0]?.opening ?? new Uint8Array()));
  });
});
