/** Questions to originators at the desk: who may ask, who may answer, what is refused, and what then waits for whom. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Desk, DeskCallError } from '../../src/desk/index.ts';
import { DutyKind } from '../../src/gen/tocsin/desk/v1/board_service.ts';
import { AnswerOutcome, AnswerRefusal } from '../../src/gen/tocsin/record/v1/answer.ts';
import { Purpose } from '../../src/gen/tocsin/record/v1/marking.ts';
import { TaskingType } from '../../src/gen/tocsin/record/v1/tasking.ts';
import { exampleContent } from '../support/contents.ts';
import { clock, deskWorld, type World } from '../unit/desk/desk-world.ts';

let world: World;
let officer: Desk;
let auditor: Desk;
let observer: Desk;
let border: Desk;
let ours: Uint8Array;
let theirs: Uint8Array;

const content = () => {
  const example = exampleContent('seizure-notice', clock.nowMs()) as Record<string, object>;
  return { ...example, deskGroup: 'customs', marking: { ...example.marking, releasableTo: ['sac'] } };
};

beforeAll(async () => {
  world = await deskWorld();
  officer = world.as(await world.officer('customs', 'officer'));
  auditor = world.as(await world.officer('customs', 'auditor'));
  observer = world.as(await world.officer('customs', 'observer'));
  border = world.as(await world.officer('border', 'officer'));
  ours = await world.release(world.xa, content());
  theirs = await world.release(world.xb, content());
  await world.deliver(theirs);
});
afterAll(() => world[Symbol.asyncDispose]());

const question = (terms: object = {}) => ({
  headerDigest: Buffer.from(theirs),
  type: TaskingType.TASKING_TYPE_VERIFY_HIT,
  question: 'Is it the one with the welded frame?',
  purpose: Purpose.PURPOSE_CUSTOMS_CONTROL,
  ...terms,
});

async function failure(work: Promise<unknown>): Promise<{ code: string; paths: readonly string[] }> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof DeskCallError)) throw error ?? new Error('expected a refusal');
  return { code: error.code, paths: error.violations.map(({ field }) => field) };
}
const dutiesOf = async (desk: Desk, kind: DutyKind) =>
  (await desk.board.listDuties({})).duties.filter((duty) => duty.kind === kind);

describe('asking the originator', () => {
  it('is signed, listed with its clock, and open until it is answered', async () => {
    const { taskingDigest, due } = await officer.tasking.askOriginator(question());
    const { taskings } = await officer.tasking.listTaskings({ headerDigest: Buffer.from(theirs) });
    expect(taskings).toMatchObject([
      { from: 'XA', to: 'XB', question: question().question, due, closed: false, answers: [] },
    ]);
    expect(Buffer.from(taskings[0]?.headerDigest ?? [])).toEqual(Buffer.from(taskingDigest));
  });

  it('says every field that is wrong at once', async () => {
    const wrong = question({
      question: '  ',
      type: TaskingType.TASKING_TYPE_UNSPECIFIED,
      purpose: Purpose.PURPOSE_UNSPECIFIED,
      legalBasis: 'x'.repeat(501),
      due: 1n,
    });
    expect(await failure(officer.tasking.askOriginator(wrong))).toEqual({
      code: 'INVALID_REQUEST',
      paths: ['question', 'legal_basis', 'type', 'purpose', 'due'],
    });
    const longest = question({ question: 'x'.repeat(2_000), legalBasis: 'x'.repeat(500) });
    expect((await officer.tasking.askOriginator(longest)).taskingDigest).toHaveLength(32);
    const longer = question({ question: 'x'.repeat(2_001) });
    expect((await failure(officer.tasking.askOriginator(longer))).paths).toEqual(['question']);
  });

  it('for a purpose that the desk group has not is refused', async () => {
    const other = question({ purpose: Purpose.PURPOSE_LICENSING });
    expect((await failure(officer.tasking.askOriginator(other))).paths).toEqual(['purpose']);
  });

  it('is not for auditors, and there is nobody to ask about an own record', async () => {
    expect((await failure(auditor.tasking.askOriginator(question()))).code).toBe('NOT_FOUND');
    expect(['NOT_FOUND', 'REFUSED']).toContain(
      (await failure(observer.tasking.askOriginator(question()))).code,
    );
    const own = question({ headerDigest: Buffer.from(ours) });
    expect((await failure(officer.tasking.askOriginator(own))).code).toBe('REFUSED');
  });
});

describe('answering what a partner asks', () => {
  it('waits for the desk group that spoke and no other, and is done by one answer', async () => {
    const taskingDigest = Buffer.from(await world.askFromXb(ours, 'Whose is it?'));
    expect(await dutiesOf(officer, DutyKind.DUTY_KIND_ANSWER)).toMatchObject([
      { from: 'XB', note: 'Whose is it?', headerDigest: Buffer.from(ours) },
    ]);
    expect(await dutiesOf(border, DutyKind.DUTY_KIND_ANSWER)).toEqual([]);
    const answer = { taskingDigest, outcome: AnswerOutcome.ANSWER_OUTCOME_FULL, text: 'Ours.' };
    expect((await failure(border.tasking.answerTasking(answer))).code).toBe('REFUSED');
    expect((await failure(auditor.tasking.answerTasking(answer))).code).toBe('NOT_FOUND');
    await officer.tasking.answerTasking(answer);
    expect(await dutiesOf(officer, DutyKind.DUTY_KIND_ANSWER)).toEqual([]);
    expect((await failure(officer.tasking.answerTasking(answer))).code).toBe('SUPERSEDED');
  });

  it('with a refusal says its reason alone', async () => {
    const taskingDigest = Buffer.from(await world.askFromXb(ours, 'Who told you?'));
    const outcome = AnswerOutcome.ANSWER_OUTCOME_REFUSED;
    const refusal = AnswerRefusal.ANSWER_REFUSAL_SAFETY;
    const answer = (terms: object) => officer.tasking.answerTasking({ taskingDigest, outcome, ...terms });
    expect((await failure(answer({ text: 'because' }))).paths).toEqual(['refusal', 'text']);
    expect((await failure(answer({ outcome: AnswerOutcome.ANSWER_OUTCOME_FULL, refusal }))).paths).toEqual([
      'refusal',
    ]);
    expect(
      (await failure(answer({ outcome: AnswerOutcome.ANSWER_OUTCOME_FULL, text: 'x'.repeat(4_001) }))).paths,
    ).toEqual(['text']);
    await answer({ refusal });
    const { taskings } = await officer.tasking.listTaskings({ headerDigest: Buffer.from(ours) });
    expect(taskings[0]?.answers).toMatchObject([{ outcome, refusal, text: '' }]);
  });

  it('is of 4,000 characters at most', async () => {
    const taskingDigest = Buffer.from(await world.askFromXb(ours, 'In full, please?'));
    const answer = (length: number) =>
      officer.tasking.answerTasking({
        taskingDigest,
        outcome: AnswerOutcome.ANSWER_OUTCOME_FULL,
        text: 'x'.repeat(length),
      });
    expect((await failure(answer(4_001))).paths).toEqual(['text']);
    expect((await answer(4_000)).answerDigest).toHaveLength(32);
  });

  it('is not possible for what we asked ourselves, or for what is no question', async () => {
    const { taskingDigest } = await officer.tasking.askOriginator(question());
    const outcome = AnswerOutcome.ANSWER_OUTCOME_NEGATIVE;
    for (const digest of [taskingDigest, Buffer.from(ours), Buffer.alloc(32, 7)])
      expect((await failure(officer.tasking.answerTasking({ taskingDigest: digest, outcome }))).code).toBe(
        'NOT_FOUND',
      );
  });
});

it('questions are told of a record 200 at most', async () => {
  const asked = await world.release(world.xa, content());
  const told = async () =>
    (await officer.tasking.listTaskings({ headerDigest: Buffer.from(asked) })).taskings.length;
  for (let count = 0; count < 200; count += 1) await world.askFromXb(asked, `Question ${count}?`);
  expect(await told()).toBe(200);
  await world.askFromXb(asked, 'One more?');
  expect(await told()).toBe(200);
});
