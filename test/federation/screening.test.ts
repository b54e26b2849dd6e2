/**
 * Screening across two nodes with real processes: what XB releases alerts at XA in the next question, is ready again after a restart,
 * and gives nothing once it is recalled; who met what XB has referred, XB's desk reads. All names are made up.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ScreeningAlertType, ScreeningOutcome } from '../../src/gen/tocsin/desk/v1/screening_service.ts';
import { DeskGroup, Purpose } from '../../src/gen/tocsin/record/v1/marking.ts';
import { RecallReason } from '../../src/gen/tocsin/record/v1/recall.ts';
import { TaskingType } from '../../src/gen/tocsin/record/v1/tasking.ts';
import { exampleContent } from '../support/contents.ts';
import { eventually, TestFederation } from '../support/federation.ts';

const HIT = ScreeningOutcome.SCREENING_OUTCOME_HIT;

let federation: TestFederation;

beforeAll(async () => {
  federation = await TestFederation.found();
  await federation.startAll();
});
afterAll(() => federation?.[Symbol.asyncDispose]());

function entryOf(name: string, summary: object = {}) {
  const example = exampleContent('watchlist-entry', Date.now()) as { facets: { summary: object } };
  return {
    ...example,
    deskGroup: 'police',
    marking: { releasableTo: ['XA'], purposes: ['INVESTIGATION'], handling: ['H1'] },
    facets: {
      summary: { ...example.facets.summary, ...summary },
      persons: {
        persons: [{ ref: 'p1', names: [{ text: name }], nationalities: ['XB'], roles: ['broker'] }],
      },
    },
  };
}

async function ask(name: string) {
  const { result, against } = await federation
    .desk('XA')
    .screening.screen({ query: { name } }, { purpose: 'investigation' });
  return { result, entries: against?.lists.find(({ originator }) => originator === 'XB')?.entries ?? 0 };
}

const asked = (what: string, name: string, is: (outcome: number | undefined) => boolean) =>
  eventually(what, async () => {
    const { result } = await ask(name);
    return is(result?.outcome) ? result : undefined;
  });

describe('an entry of a partner', () => {
  it('alerts once it is here, is ready after a restart, and is withdrawn with its recall', async () => {
    await eventually('the index is ready', async () => {
      const { ready } = await federation.desk('XA').screening.getScreeningStatus({});
      return ready || undefined;
    });
    const digest = await federation.release('XB', entryOf('Wilfrid Oakenholt'));
    const met = await asked('the entry alerts', 'Wilfrid Oakenholt', (outcome) => outcome === HIT);
    expect(met.hits[0]).toMatchObject({ originator: 'XB', title: 'Wilfrid Oakenholt' });

    await federation.signal('XA', 'SIGTERM');
    expect(existsSync(join(federation.dir, 'nodes', 'xa', 'screening-index.bin'))).toBe(true);
    await federation.startNode('XA');
    await asked('it alerts after a restart', 'Wilfrid Oakenholt', (outcome) => outcome === HIT);

    await federation.desk('XB', 'police', 'releaser').recalls.recall({
      headerDigest: Buffer.from(digest),
      reason: RecallReason.RECALL_REASON_DELISTED,
    });
    await asked('it gives nothing any more', 'Wilfrid Oakenholt', (outcome) => outcome !== HIT);
    const alert = await eventually('the past hit is withdrawn', async () => {
      const { alerts } = await federation.desk('XA').screening.listScreeningAlerts({});
      return alerts.find(({ type }) => type === ScreeningAlertType.SCREENING_ALERT_TYPE_WITHDRAWN);
    });
    expect(alert.hit).toMatchObject({ originator: 'XB', title: '', listed: '' });
  });

  it('that is referred gives no hit, and its desk reads who asked, when and for what', async () => {
    const digest = await federation.release('XB', entryOf('Edmund Larkspur', { screeningMode: 'refer' }));
    await eventually('the entry is here', async () => {
      const { entries } = await ask('Nobody Whatsoever');
      return entries > 0 || undefined;
    });
    const { result } = await ask('Edmund Larkspur');
    expect(result).toMatchObject({ outcome: ScreeningOutcome.SCREENING_OUTCOME_NO_HIT, hits: [] });
    const [told] = await eventually('XB is told', async () => {
      const { taskings } = await federation
        .desk('XB')
        .tasking.listTaskings({ headerDigest: Buffer.from(digest) });
      return taskings.length > 0 ? taskings : undefined;
    });
    expect(told).toMatchObject({
      from: 'XA',
      deskGroup: DeskGroup.DESK_GROUP_POLICE,
      type: TaskingType.TASKING_TYPE_REFERRED_HIT,
      purpose: Purpose.PURPOSE_INVESTIGATION,
      closed: true,
    });
    expect((await federation.desk('XB').board.listDuties({})).duties).toEqual([]);
  });
});
