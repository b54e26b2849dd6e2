/**
 * Private screening between real processes, over a real broker: what nobody approved leaves no node; a hit is put to its holder, who
 * answers; a miss says so; what a day allows is spent; a partner that takes no part, or is away, costs nobody the others' answers. Both
 * sides' audit trails tell it, and neither holds the name. All names are made up.
 */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeDir, officerDir } from '../../src/cli/demo/federation.ts';
import { openOfficerDesk } from '../../src/cli/desk-access.ts';
import { DutyKind } from '../../src/gen/tocsin/desk/v1/board_service.ts';
import {
  type PrivateScreening,
  PrivateScreeningOutcome,
  PrivateScreeningState,
  ScreeningOutcome,
} from '../../src/gen/tocsin/desk/v1/screening_service.ts';
import { AnswerOutcome } from '../../src/gen/tocsin/record/v1/answer.ts';
import { Purpose } from '../../src/gen/tocsin/record/v1/marking.ts';
import { TaskingType } from '../../src/gen/tocsin/record/v1/tasking.ts';
import { tocsin } from '../support/command.ts';
import { exampleContent } from '../support/contents.ts';
import { eventually, TestFederation, TWO_STATES } from '../support/federation.ts';

const THIRD = { ...TWO_STATES[1], id: 'XC', name: 'Cerania', country: 'XC' } as (typeof TWO_STATES)[number];
const BUDGET = 3;
/** In a facet that XB's own policy withholds from everybody. */
const LISTED = 'Borgatil Ostrog Venskadze';
/** In an entry that XA is not to receive. */
const NOT_FOR_XA = 'Lomvarsk Quillon Trumsovic';

const NO_HIT = PrivateScreeningOutcome.PRIVATE_SCREENING_OUTCOME_NO_HIT;
const FAILED = PrivateScreeningOutcome.PRIVATE_SCREENING_OUTCOME_FAILED;

let federation: TestFederation;
let entry: Uint8Array;

function entryOf(name: string, releasableTo: readonly string[]) {
  const example = exampleContent('watchlist-entry', Date.now()) as { facets: { summary: object } };
  return {
    ...example,
    deskGroup: 'police',
    marking: { releasableTo, purposes: ['INVESTIGATION'], handling: ['H1'] },
    facets: {
      summary: example.facets.summary,
      persons: {
        persons: [{ ref: 'p1', names: [{ text: name }], nationalities: ['XB'], roles: ['broker'] }],
      },
    },
  };
}

beforeAll(async () => {
  federation = await TestFederation.found({
    cast: [...TWO_STATES, THIRD],
    settings: {
      exchange: { heartbeatMs: 1_000, idleHeartbeatMs: 2_000, resendMs: 1_000, resendMaxMs: 4_000 },
      screening: { private: { partners: ['XA', 'XB', 'XC'], budgetPerDay: BUDGET, rebuildMs: 10_000 } },
    },
  });
  const homeOf = (id: string) => nodeDir(federation.federation, id);
  appendFileSync(
    join(homeOf('XB'), 'policy', 'national.cedar'),
    '\n@id("XB-names") @reason("names of persons are shown to nobody")\nforbid (principal, action == Action::"disclose", resource) when { context.facet.name == "persons" };\n',
  );
  // XC takes no part, though XA names it.
  const config = join(homeOf('XC'), 'node.yaml');
  const text = readFileSync(config, 'utf8');
  writeFileSync(config, text.replace(/^screening:\n(?: .*\n)+/m, ''));
  expect(readFileSync(config, 'utf8')).not.toContain('private');
  await federation.startAll();
  entry = await federation.release('XB', entryOf(LISTED, ['XA', 'XC']));
  await federation.release('XB', entryOf(NOT_FOR_XA, ['XC']));
  // What partners may screen against is evaluated when a node starts.
  await federation.signal('XB', 'SIGTERM');
  await federation.startNode('XB');
});
afterAll(() => federation?.[Symbol.asyncDispose]());

const REASON = 'applies for a broker licence';

async function request(name: string, partners: readonly string[] = ['XB']): Promise<PrivateScreening> {
  const { screening } = await federation
    .desk('XA')
    .screening.privateScreen({ names: [name], partners, reason: REASON }, { purpose: 'investigation' });
  if (screening === undefined) throw new Error('expected a question that is kept');
  return screening;
}

async function approve(id: string): Promise<PrivateScreening> {
  const { screening } = await federation
    .desk('XA', 'police', 'releaser')
    .screening.decidePrivateScreening({ id, approve: true }, { timeoutMs: 60_000 });
  if (screening === undefined) throw new Error('expected what came of it');
  return screening;
}

/** Asks XB until it has evaluated what it lists, which spends nothing. */
const ask = (name: string) =>
  eventually('XB is ready', async () => {
    const asked = await approve((await request(name)).id);
    const [answer] = asked.answers;
    return answer?.code === 'SET_NOT_READY' || answer?.code === 'PARTNER_UNREACHABLE' ? undefined : answer;
  });

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'none',
    (error: unknown) => Reflect.get(error as object, 'code'),
  );

/** Rows of private screening in a node's audit trail, the oldest first. */
async function trail(id: string, action = 'private-screening.') {
  using desk = openOfficerDesk({ officer: officerDir(federation.federation, id, 'police', 'auditor') });
  const { rows } = await desk.audit.listAudit({ action, pageSize: 500 });
  return rows
    .map(({ action: what, subject, detailJson }) => ({
      what: what.replace('private-screening.', ''),
      subject,
      detail: JSON.parse(detailJson) as Record<string, unknown>,
      detailJson,
    }))
    .toReversed();
}

describe('a question to partners in private', () => {
  it('leaves no node before a second officer approved it', async () => {
    const { id, state, own, question } = await request(LISTED, []);
    expect([state, own, question?.partners]).toEqual([
      PrivateScreeningState.PRIVATE_SCREENING_STATE_OPEN,
      true,
      ['XB', 'XC'],
    ]);
    // The officer who asked may not approve; a releaser may, but never what he asked himself.
    const officer = federation.desk('XA').screening;
    const releaser = federation.desk('XA', 'police', 'releaser').screening;
    expect(await codeOf(officer.decidePrivateScreening({ id, approve: true }))).toBe('REFUSED');
    const { screening } = await releaser.privateScreen({ names: [LISTED], reason: REASON });
    expect(await codeOf(releaser.decidePrivateScreening({ id: screening?.id ?? '', approve: true }))).toBe(
      'FOUR_EYES',
    );
    for (const one of [id, screening?.id ?? '']) {
      const { screening: declined } = await releaser.decidePrivateScreening({
        id: one,
        approve: false,
        note: 'not needed',
      });
      expect(declined?.state).toBe(PrivateScreeningState.PRIVATE_SCREENING_STATE_DECLINED);
      expect(await codeOf(releaser.decidePrivateScreening({ id: one, approve: true }))).not.toBe('none');
    }
    expect(await codeOf(officer.privateScreen({ names: [LISTED], reason: '' }))).toBe('INVALID_REQUEST');
    expect((await trail('XA')).map(({ what }) => what)).toEqual([
      'requested',
      'requested',
      'declined',
      'declined',
    ]);
    expect((await trail('XB')).map(({ what }) => what)).toEqual([]);
  });

  it('finds what this node is not shown, asks its holder, and reads the answer; a partner that takes no part says so', async () => {
    await eventually('the entry is here, without its names', async () => {
      const { result } = await federation.desk('XA').screening.screen({ query: { name: LISTED } });
      expect(result?.outcome).toBe(ScreeningOutcome.SCREENING_OUTCOME_NO_HIT);
      const { records } = await federation.desk('XA').records.listRecords({});
      return records.some(({ headerDigest }) => Buffer.from(headerDigest).equals(entry)) || undefined;
    });
    // Until XB is ready; this name spends the first of the day's questions.
    expect(await ask('Wilfrid Quarrington Oakenholt')).toMatchObject({
      partner: 'XB',
      outcome: NO_HIT,
      hits: [],
    });

    const as = (post: 'officer' | 'releaser') => ['--officer', federation.officer('XA', 'police', post)];
    const json = async (...args: readonly string[]) => {
      const ran = await tocsin(['--json', 'screen', 'private', ...args]);
      expect({ args, exitCode: ran.exitCode, stderr: ran.stderr }).toEqual({ args, exitCode: 0, stderr: '' });
      return JSON.parse(ran.stdout) as { id: string; state: string; answers: Record<string, unknown>[] };
    };
    const asked = await json(
      ...['ask', 'Venskadze,', 'Borgatil', '--reason', REASON, '--purpose', 'investigation'],
      ...['--question', 'He stands before our desk. Is it he?', ...as('officer')],
    );
    expect(asked.state).toBe('open');
    const { answers } = await json('approve', asked.id, '--note', 'needed', ...as('releaser'));
    expect(answers).toMatchObject([
      { partner: 'XB', outcome: 'hit', code: '', questions: 1, hits: [{}] },
      { partner: 'XC', outcome: 'failed', code: 'NOT_OFFERED', hits: [] },
    ]);

    const [tasking] = await eventually('the question is before XB', async () => {
      const { taskings } = await federation
        .desk('XB')
        .tasking.listTaskings({ headerDigest: Buffer.from(entry) });
      return taskings.length > 0 ? taskings : undefined;
    });
    expect(tasking).toMatchObject({
      from: 'XA',
      to: 'XB',
      type: TaskingType.TASKING_TYPE_VERIFY_HIT,
      question: 'He stands before our desk. Is it he?',
      purpose: Purpose.PURPOSE_INVESTIGATION,
      closed: false,
    });
    await federation.desk('XB').tasking.answerTasking({
      taskingDigest: tasking?.headerDigest ?? Buffer.alloc(0),
      outcome: AnswerOutcome.ANSWER_OUTCOME_FULL,
      text: 'It is he.',
    });
    const dutiesOf = async (role: 'officer' | 'releaser') =>
      (await federation.desk('XA', 'police', role).board.listDuties({})).duties;
    const [duty] = await eventually('that it answered is a duty at XA', async () => {
      const duties = await dutiesOf('officer');
      return duties.length > 0 ? duties : undefined;
    });
    // The entry is here, without its names: an answer about it is read like any other.
    expect(duty).toMatchObject({ kind: DutyKind.DUTY_KIND_READ_ANSWER, from: 'XB' });
    const read = await eventually('XA reads the answer', async () => {
      const { screenings } = await federation.desk('XA').screening.listPrivateScreenings({});
      const [hit] = screenings.find(({ id }) => id === asked.id)?.answers[0]?.hits ?? [];
      return hit?.tasking?.closed ? hit : undefined;
    });
    expect(read.taskingDigest).toEqual(tasking?.headerDigest);
    expect(Buffer.from(entry).equals(read.headerDigest)).toBe(true);
    expect(read.tasking?.answers).toMatchObject([{ text: 'It is he.' }]);
    expect(await dutiesOf('officer')).toEqual([]);
    const listed = await tocsin(['screen', 'private', 'list', ...as('officer')]);
    expect(listed.stdout).toMatch(/XB {2}HIT \(pair, .*\): a lead[\s\S]*answered full: It is he\./);
    expect(listed.stdout).toMatch(/XC {2}no answer, NOT_OFFERED: /);
  });

  it('meets nothing that the policy of the holder keeps from this node', async () => {
    expect(await ask(NOT_FOR_XA)).toMatchObject({ partner: 'XB', outcome: NO_HIT, code: '', hits: [] });
  });

  it('is refused once the day’s questions are asked, and both trails tell all of it, without a name', async () => {
    expect(await ask('Someone Entirely Different')).toMatchObject({
      partner: 'XB',
      outcome: FAILED,
      code: 'BUDGET_SPENT',
      hits: [],
    });
    const [here, there] = [await trail('XA'), await trail('XB')];
    expect(there.map(({ what, subject }) => `${what} ${subject}`)).toEqual([
      'evaluated XA',
      'evaluated XA',
      'evaluated XA',
      'refused XA',
    ]);
    const ofOne = (what: string, subject?: string) =>
      here.filter((row) => row.what === what && (subject === undefined || row.subject === subject));
    expect(ofOne('asked', 'XB')).toHaveLength(BUDGET + 1);
    expect(ofOne('answered', 'XB').map(({ detail }) => detail.hits)).toEqual([0, 1, 0]);
    expect(ofOne('failed', 'XC').map(({ detail }) => detail.code)).toEqual(['NOT_OFFERED']);
    expect(ofOne('failed', 'XB').at(-1)?.detail.code).toBe('BUDGET_SPENT');
    const hit = ofOne('answered', 'XB').find(({ detail }) => detail.hits === 1)?.detail;
    const approved = ofOne('approved', String(hit?.inquiry));
    expect(approved.map(({ detail }) => [detail.askedBy, detail.note, detail.officer])).toEqual([
      ['Arvenia police officer', 'needed', 'Arvenia police releaser'],
    ]);
    expect((await trail('XA', 'tasking.asked')).map(({ subject }) => subject)).toEqual([
      Buffer.from(entry).toString('hex'),
    ]);
    for (const { detailJson } of [...here, ...there]) expect(detailJson).not.toMatch(/venskadze|trumsovic/i);
    for (const id of ['XA', 'XB']) expect(federation.log(id)).not.toMatch(/venskadze|trumsovic/i);
  });

  it('is refused where the node takes no part', async () => {
    const { screening } = federation.desk('XC');
    expect(await codeOf(screening.privateScreen({ names: [LISTED], reason: REASON }))).toBe(
      'PRIVATE_SCREENING_OFF',
    );
    expect((await screening.getScreeningStatus({})).privatePartners).toEqual([]);
    expect((await federation.desk('XA').screening.getScreeningStatus({})).privatePartners).toEqual([
      'XB',
      'XC',
    ]);
  });

  it('says of each partner why it has not answered: one is away, one takes no part', async () => {
    await federation.signal('XB', 'SIGTERM');
    const { answers } = await approve((await request(LISTED, [])).id);
    expect(answers.map(({ partner, outcome, code }) => [partner, outcome, code])).toEqual([
      ['XB', FAILED, 'PARTNER_UNREACHABLE'],
      ['XC', FAILED, 'NOT_OFFERED'],
    ]);
  });
});
