/** Screening at the desk: what is met and explained, what is not told and to whom it is, what comes after an answer. All names are made up. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Desk, DeskCallError } from '../../src/desk/index.ts';
import {
  ScreeningAgreement,
  ScreeningAlertType,
  ScreeningBand,
  ScreeningOutcome,
  type ScreeningResult,
  ScreeningVerdict,
  ScreenResponse,
} from '../../src/gen/tocsin/desk/v1/screening_service.ts';
import { RecallReason } from '../../src/gen/tocsin/record/v1/recall.ts';
import { Tasking, TaskingType } from '../../src/gen/tocsin/record/v1/tasking.ts';
import { exampleContent } from '../support/contents.ts';
import { clock, deskWorld, passTime, type World } from '../unit/desk/desk-world.ts';

const HIT = ScreeningOutcome.SCREENING_OUTCOME_HIT;
const NO_HIT = ScreeningOutcome.SCREENING_OUTCOME_NO_HIT;
const DAY_MS = 86_400_000;

let world: World;
let police: Desk;
let releaser: Desk;
let customs: Desk;
let auditor: Desk;

interface Entry {
  readonly name: string;
  readonly born?: string;
  readonly summary?: object;
  readonly marking?: object;
  readonly facets?: object;
  readonly person?: object;
}

/** An entry on one person, for police and licensing. */
function entryOf({ name, born = '1979-03-12', summary = {}, marking = {}, facets = {}, person = {} }: Entry) {
  const example = exampleContent('watchlist-entry', clock.nowMs()) as Record<string, object> & {
    facets: Record<string, object>;
  };
  const { persons: _, entities: __, attachments: ___, ...others } = example.facets;
  return {
    ...example,
    deskGroup: 'police',
    marking: { ...example.marking, releasableTo: ['sac'], ...marking },
    facets: {
      summary: { ...others.summary, ...summary },
      persons: {
        persons: [
          { ref: 'p1', names: [{ text: name }], born, nationalities: ['XB'], roles: ['broker'], ...person },
        ],
      },
      ...facets,
    },
  };
}

/** Of XB, at XA's desk; of an exercise XA's own. */
async function arrives(entry: Entry): Promise<Buffer> {
  if (entry.marking !== undefined && 'status' in entry.marking)
    return Buffer.from(await world.release(world.xa, entryOf(entry)));
  const digest = await world.release(world.xb, entryOf(entry));
  await world.deliver(digest);
  return Buffer.from(digest);
}

async function ask(desk: Desk, name: string, more: object = {}): Promise<ScreeningResult> {
  const { result } = await desk.screening.screen({ query: { name, ...more } }, { purpose: 'investigation' });
  if (result === undefined) throw new Error('expected a result');
  return result;
}

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => '',
    (error: unknown) => (error instanceof DeskCallError ? error.code : String(error)),
  );

async function setState(digest: Uint8Array, state: 'recalled' | 'expired'): Promise<void> {
  await world.xa.temporary.store.write(async (tx) => {
    await tx.records.setState(digest, state);
    if (state === 'recalled') await tx.purges.purgeFacets(digest);
  });
}

beforeAll(async () => {
  world = await deskWorld({ floor: { nato6x6: 'C3' } });
  police = world.as(await world.officer('police', 'officer'));
  releaser = world.as(await world.officer('police', 'releaser'));
  customs = world.as(await world.officer('customs', 'officer'));
  auditor = world.as(await world.officer('customs', 'auditor'));
});
afterAll(() => world[Symbol.asyncDispose]());

describe('a question', () => {
  it('meets what arrived just before it, says why, and what was not compared', async () => {
    const digest = await arrives({ name: 'Ulrik Vantongeren' });
    const { result, against } = await police.screening.screen(
      { query: { name: 'Ulrick Van Tongeren', born: { year: 1979 } }, reference: 'D-100' },
      { purpose: 'investigation' },
    );
    expect(result).toMatchObject({ outcome: HIT, fault: undefined });
    const [hit] = result?.hits ?? [];
    expect(hit).toMatchObject({
      originator: 'XB',
      kind: 'watchlist-entry',
      facet: 'persons',
      title: 'Ulrik Vantongeren',
      listed: 'Ulrik Vantongeren',
      number: 1,
      knownFalsePositive: false,
    });
    expect(hit?.headerDigest).toEqual(digest);
    expect(hit?.requestedActions.length).toBeGreaterThan(0);
    expect(hit?.band).toBeGreaterThanOrEqual(ScreeningBand.SCREENING_BAND_LOOK);
    const sum = hit?.lines.reduce((points, line) => points + line.points, 0) ?? 0;
    expect(sum).toBeCloseTo(hit?.score ?? -1, 1);
    expect(hit?.lines.map(({ agreement }) => agreement)).toContain(
      ScreeningAgreement.SCREENING_AGREEMENT_BORN,
    );
    expect(hit?.notCompared.map(({ what }) => what)).toContain('country');
    expect(against?.lists).toMatchObject([{ originator: 'XB', entries: 1 }]);
    expect(against?.ruleVersion).not.toBe('');
  });

  it('finds numbers, of a ship by what was typed into the one box', async () => {
    const { facets } = exampleContent('watchlist-entry', clock.nowMs()) as { facets: Record<string, object> };
    await arrives({ name: 'Jorunn Askevold', facets: { entities: facets.entities ?? {} } });
    const { result } = await police.screening.screen({ query: { text: 'IMO 0001016' } });
    expect(result?.hits[0]).toMatchObject({ scheme: 'imo-ship', facet: 'entities', listed: '0001016' });
    expect(result?.hits[0]?.band).toBe(ScreeningBand.SCREENING_BAND_CERTAIN);
    expect(result?.readings.map(({ scheme }) => scheme)).toContain('imo-ship');
    const named = await police.screening.screen({ query: { name: 'Sable Heron' } });
    expect(named.result?.hits[0]).toMatchObject({ listed: 'Sable Heron', facet: 'entities' });
  });

  it('is refused with its fault where it is none; a line at fault holds up no other', async () => {
    expect(await codeOf(police.screening.screen({ query: {} }))).toBe('INVALID_REQUEST');
    expect(await codeOf(police.screening.screen({ query: { name: 'x'.repeat(301) } }))).toBe(
      'INVALID_REQUEST',
    );
    for (const cut of [49, 101])
      expect(await codeOf(police.screening.screen({ query: { name: 'Nobody', cut } }))).toBe(
        'INVALID_REQUEST',
      );
    await police.screening.screen({ query: { name: 'Nobody', cut: 50 } });
    const { results } = await police.screening.screenBatch({
      lines: [{ query: { name: '' } }, { query: { name: 'Ulrik Vantongeren' } }],
    });
    expect(results[0]?.fault?.code).toBe('ONE_OF');
    expect(results[1]?.outcome).toBe(HIT);
  });

  it('is answered line by line in order where many come in a stream', async () => {
    async function* lines() {
      for (let at = 0; at < 1_500; at++)
        yield { query: { name: at === 700 ? 'Ulrik Vantongeren' : `Nobody Whatsoever ${at}` } };
    }
    const answers: { line: number; outcome: number }[] = [];
    for await (const { line, result } of police.screening.screenStream(lines()))
      answers.push({ line, outcome: result?.outcome ?? 0 });
    expect(answers.map(({ line }) => line)).toEqual(Array.from({ length: 1_500 }, (_, at) => at + 1));
    expect(answers.filter(({ outcome }) => outcome === HIT)).toEqual([{ line: 701, outcome: HIT }]);
  });
});

describe('an entry that gives nothing', () => {
  it.each([
    ['is suspended (R15)', { summary: { status: 'suspended' } }],
    ['is delisted (R15)', { summary: { status: 'delisted' } }],
    ['is of an exercise (R21)', { marking: { status: 'EXERCISE' } }],
    ['is not meant for the desk', { marking: { releasableTo: ['sac'], purposes: ['LICENSING'] } }],
  ])('%s', async (what, entry) => {
    const name = `Torvald Quillfeather ${what.slice(3, 8)}`;
    await arrives({ name, ...entry });
    expect(await ask(police, name)).toMatchObject({ outcome: NO_HIT, hits: [], nearestBelow: undefined });
  });

  it('is met in an exercise by a desk that works in one', async () => {
    await arrives({ name: 'Oddvar Brambleton', marking: { status: 'EXERCISE' } });
    const { result } = await police.screening.screen(
      { query: { name: 'Oddvar Brambleton' } },
      { mode: 'exercise', purpose: 'investigation' },
    );
    expect(result?.outcome).toBe(HIT);
    expect((await ask(police, 'Oddvar Brambleton')).outcome).toBe(NO_HIT);
  });

  it('was recalled a moment before', async () => {
    const digest = await arrives({ name: 'Severin Kolbjornsen' });
    expect((await ask(police, 'Severin Kolbjornsen')).outcome).toBe(HIT);
    await setState(digest, 'recalled');
    expect(await ask(police, 'Severin Kolbjornsen')).toMatchObject({ outcome: NO_HIT, hits: [] });
  });

  it('has persons, where customs may not know of them', async () => {
    await arrives({ name: 'Ingvald Marchbanks' });
    const { result } = await customs.screening.screen({ query: { name: 'Ingvald Marchbanks' } });
    expect(result).toMatchObject({ outcome: NO_HIT, hits: [] });
  });

  it('is graded below the floor: a lead, no hit (R22)', async () => {
    const graded = (source: string, information: string) => ({
      assessment: { grading: { scheme: 'nato-6x6', source, information }, proof: 'suspected' },
    });
    await arrives({ name: 'Halvard Underwick', facets: graded('E', '5') });
    await arrives({ name: 'Halvdan Overstone', facets: graded('B', '2') });
    const below = await ask(police, 'Halvard Underwick');
    expect(below.outcome).toBe(NO_HIT);
    expect(below.hits).toMatchObject([{ belowGradingFloor: true, band: ScreeningBand.SCREENING_BAND_LOOK }]);
    expect((await ask(police, 'Halvdan Overstone')).outcome).toBe(HIT);
  });

  it('is of a person who was found not to be the one (redress)', async () => {
    const other = {
      names: [{ text: 'Kasimir Thornbury' }],
      born: '1991-05-02',
      nationalities: ['XC'],
      reference: 'R-12',
      notedAt: '2024-02-13T09:00:00Z',
    };
    await arrives({ name: 'Kasimir Thornbury', person: { notTheSameAs: [other] } });
    expect((await ask(police, 'Kasimir Thornbury')).outcome).toBe(HIT);
    const born = { year: 1991, month: 5, day: 2 };
    expect((await ask(police, 'Kasimir Thornbury', { born })).outcome).toBe(NO_HIT);
  });
});

describe('an entry that is referred (R16)', () => {
  it('gets the answer of no hit, is shown nowhere, and its originator learns who asked', async () => {
    const digest = await arrives({ name: 'Anselm Brockhaus', summary: { screeningMode: 'refer' } });
    const none = await police.screening.screen(
      { query: { name: 'Philibert Nobody' } },
      { purpose: 'investigation' },
    );
    const { result, against } = await police.screening.screen(
      { query: { name: 'Anselm Brockhaus' } },
      { purpose: 'investigation' },
    );
    const bare = (one: typeof none): Uint8Array => {
      const same = { ...one.result, screeningId: '', readings: [] } as ScreeningResult;
      const stated = one.against === undefined ? undefined : { ...one.against, at: 0n };
      return ScreenResponse.encode({ result: same, against: stated }).finish();
    };
    expect(Buffer.from(bare({ result, against }))).toEqual(Buffer.from(bare(none)));
    expect(await codeOf(police.records.getRecord({ headerDigest: digest }))).toBe('NOT_FOUND');
    const before = await world.xa.temporary.store.read((tx) => tx.taskings.about(digest));
    expect(before).toEqual([]);
    await world.screening.settle();
    const { store } = world.xa.temporary;
    const told = await store.read(async (tx) => {
      const [entry] = await tx.taskings.about(digest);
      if (entry === undefined) throw new Error('expected that the originator is told');
      const [facet] = await tx.records.facets(entry.headerDigest);
      const [row] = await tx.outbox.ofRecord(entry.headerDigest);
      const record = await tx.records.byDigest(entry.headerDigest);
      return { tasking: Tasking.decode(facet?.body ?? new Uint8Array()), to: row?.recipient, record };
    });
    expect(told.to).toBe('XB');
    expect(told.tasking.type).toBe(TaskingType.TASKING_TYPE_REFERRED_HIT);
    expect(told.record).toMatchObject({ originator: 'XA', deskGroup: 1 });
    const { rows } = await police.board.listBoard({ kind: 'tasking' });
    expect(rows).toEqual([]);
    await world.screening.settle();
    expect(await store.read((tx) => tx.taskings.about(digest))).toHaveLength(1);
  });
});

describe('what comes after an answer', () => {
  it('a hit whose entry is delisted is withdrawn, and who asked is told so', async () => {
    const digest = await arrives({ name: 'Leopold Featherstane' });
    const { screeningId } = await ask(police, 'Leopold Featherstane');
    await world.screening.settle();
    passTime(60_000);
    await setState(digest, 'recalled');
    expect((await ask(police, 'Leopold Featherstane')).outcome).toBe(NO_HIT);
    await world.screening.settle();
    const { alerts } = await police.screening.listScreeningAlerts({});
    const alert = alerts.find(({ screening }) => screening?.screeningId === screeningId);
    expect(alert?.type).toBe(ScreeningAlertType.SCREENING_ALERT_TYPE_WITHDRAWN);
    expect(alert?.hit).toMatchObject({ title: '', listed: '', originator: 'XB', lines: [] });
    expect(Number(alert?.hit?.withdrawnAt)).toBeGreaterThan(0);
    await police.screening.acknowledgeScreeningAlert({ alertId: alert?.alertId ?? '' });
    const after = await police.screening.listScreeningAlerts({});
    expect(after.alerts.some(({ alertId }) => alertId === alert?.alertId)).toBe(false);
    expect((await customs.screening.listScreeningAlerts({})).alerts).toEqual([]);
  });

  it('a hit is withdrawn too where its originator delists the entry by a revision (R15)', async () => {
    const { xb } = world;
    const entry = { name: 'Balthasar Quillfeather' };
    const digest = await arrives(entry);
    const { screeningId } = await ask(police, entry.name);
    await world.screening.settle();
    passTime(60_000);
    const officer = (name: string) => ({ fingerprint: name, name, deskGroup: 3 }) as never;
    const { draft } = await xb.lifecycle.revise({
      officer: officer('drafter'),
      headerDigest: digest,
      content: entryOf({ ...entry, summary: { status: 'delisted' } }),
    });
    await xb.lifecycle.submit({ officer: officer('drafter'), draftId: draft.id });
    const { record } = await xb.lifecycle.release({ officer: officer('releaser'), draftId: draft.id });
    await xb.ledger.sequence('live');
    await world.deliver(record.headerDigest);
    // As the exchange does when it takes a revision.
    await world.xa.temporary.store.write((tx) => tx.records.supersede([digest]));
    expect((await ask(police, entry.name)).outcome).toBe(NO_HIT);
    await world.screening.settle();
    const { alerts } = await police.screening.listScreeningAlerts({});
    const told = alerts.filter(({ screening }) => screening?.screeningId === screeningId);
    expect(told.map(({ type }) => type)).toEqual([ScreeningAlertType.SCREENING_ALERT_TYPE_WITHDRAWN]);
  });

  it('an entry that arrives later meets the declarations that are kept, once', async () => {
    await police.screening.screen(
      { query: { name: 'Rosamund Elderfield' }, reference: 'D-7', keep: true },
      { purpose: 'investigation' },
    );
    await world.screening.settle();
    await arrives({ name: 'Rosamunde Elderfield' });
    await world.screening.settle();
    await world.screening.settle();
    const { alerts } = await police.screening.listScreeningAlerts({});
    const met = alerts.filter(({ type }) => type === ScreeningAlertType.SCREENING_ALERT_TYPE_NEW_ENTRY);
    expect(met).toMatchObject([
      { screening: { reference: 'D-7', outcome: HIT, openHits: 1 }, hit: { listed: 'Rosamunde Elderfield' } },
    ]);
  });

  it('a pair that was found false does not alert the desk again, until the entry changes', async () => {
    await arrives({ name: 'Barnaby Crossfield' });
    const { screeningId } = await ask(police, 'Barnaby Crossfield');
    const decided = await police.screening.decideHit({
      screeningId,
      hit: 1,
      verdict: ScreeningVerdict.SCREENING_VERDICT_FALSE,
      reason: 'born in another country',
    });
    expect(decided.decision).toMatchObject({ reason: 'born in another country' });
    const again = await ask(police, 'barnaby  crossfield');
    expect(again).toMatchObject({ outcome: NO_HIT, hits: [{ knownFalsePositive: true }] });
    await arrives({ name: 'Barnaby Crossfield', born: '1980-01-01' });
    const changed = await ask(police, 'Barnaby Crossfield');
    expect(changed.outcome).toBe(HIT);
    const { rows } = await auditor.audit.listAudit({ action: 'screening.decided' });
    expect(JSON.parse(rows[0]?.detailJson ?? '{}')).toMatchObject({ verdict: 'false', hit: 1 });
  });

  it('questions without a hit are deleted after a day, others are not', async () => {
    const none = await ask(police, 'Nobody At All');
    const met = await ask(police, 'Ulrik Vantongeren');
    passTime(DAY_MS + 1);
    await world.xa.lifecycle.retain();
    expect(await codeOf(police.screening.getScreening({ screeningId: none.screeningId }))).toBe('NOT_FOUND');
    const { hits } = await police.screening.getScreening(
      { screeningId: met.screeningId },
      { purpose: 'investigation' },
    );
    expect(hits[0]?.listed).toBe('Ulrik Vantongeren');
    passTime(-DAY_MS - 1);
  });
});

describe('what was asked', () => {
  it('is read by the desk group that asked and by auditors, who see nothing of entries', async () => {
    const { screeningId } = await ask(police, 'Ulrik Vantongeren');
    const { screenings } = await releaser.screening.listScreenings({ hitsOnly: true });
    expect(screenings[0]).toMatchObject({ screeningId, query: { name: 'Ulrik Vantongeren' }, openHits: 1 });
    expect((await customs.screening.listScreenings({ hitsOnly: true })).screenings).toEqual([]);
    expect(await codeOf(customs.screening.getScreening({ screeningId }))).toBe('NOT_FOUND');
    const audited = await auditor.screening.getScreening({ screeningId });
    expect(audited.screening?.query?.name).toBe('Ulrik Vantongeren');
    expect(audited.hits[0]).toMatchObject({ listed: '', title: '', lines: [], originator: 'XB' });
  });

  it('is a row of the audit, of a batch one with its lines', async () => {
    const { batchId } = await police.screening.screenBatch({
      lines: [{ query: { name: 'Nobody One' } }, { query: { name: 'Nobody Two' } }],
    });
    const { rows } = await auditor.audit.listAudit({ action: 'screening.batch', subject: batchId });
    expect(JSON.parse(rows[0]?.detailJson ?? '{}')).toMatchObject({ lines: 2, hits: 0 });
    const { screenings } = await police.screening.listScreenings({ batchId });
    expect(screenings).toHaveLength(2);
  });
});

describe('recall through the desk', () => {
  it('of an own entry ends its hits here too', async () => {
    const digest = await world.release(
      world.xa,
      entryOf({ name: 'Magnus Applecross', marking: { purposes: ['INVESTIGATION'] } }),
    );
    expect((await ask(police, 'Magnus Applecross')).outcome).toBe(HIT);
    await world.xa.lifecycle.recall({
      officer: { fingerprint: 'r', name: 'r', deskGroup: 1 },
      headerDigest: digest,
      reason: RecallReason.RECALL_REASON_ERROR,
    } as never);
    expect((await ask(police, 'Magnus Applecross')).outcome).toBe(NO_HIT);
  });
});
