/** Questions to the originator of a record, and its answers: between nodes whose exchange, logs and stores are real. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Answer, AnswerOutcome, AnswerRefusal } from '../../../src/gen/tocsin/record/v1/answer.ts';
import { Priority, Purpose } from '../../../src/gen/tocsin/record/v1/marking.ts';
import { Reason } from '../../../src/gen/tocsin/record/v1/reason.ts';
import { Tasking, TaskingType } from '../../../src/gen/tocsin/record/v1/tasking.ts';
import { LifecycleError, readQuestion } from '../../../src/lifecycle/index.ts';
import { baselinePolicy } from '../../../src/policy/index.ts';
import { type Federation, makeFederation } from '../../support/authority.ts';
import { TestNetwork } from '../../support/exchange-network.ts';
import { ANALYST, DRAFTER, HUB_NODES, OnwardNode, seizureFor } from '../../support/onward-network.ts';

const HOUR_MS = 3_600_000;

let federation: Federation;
let net: TestNetwork;
let [xa, hr, xb]: [OnwardNode, OnwardNode, OnwardNode] = [] as never;
let seizure: Uint8Array;

beforeAll(async () => {
  federation = await makeFederation({ nodes: HUB_NODES, baselinePolicy: baselinePolicy() });
});
afterAll(() => federation[Symbol.asyncDispose]());
beforeEach(async () => {
  net = await TestNetwork.create({ nodes: HUB_NODES }, federation);
  [xa, hr, xb] = [new OnwardNode(net, 'XA'), new OnwardNode(net, 'HR'), new OnwardNode(net, 'XB')];
  await net.start();
  seizure = await xa.release(seizureFor(xa.node.clock.nowMs()));
  await holds(hr, seizure);
});
afterEach(() => net.close());

const holds = (node: OnwardNode, digest: Uint8Array) =>
  net.until(`${node.node.self} holds it`, async () => (await node.held(digest)) !== undefined);

const question = (priority: Priority = Priority.PRIORITY_PRIORITY) => ({
  officer: ANALYST,
  headerDigest: seizure,
  type: TaskingType.TASKING_TYPE_VERIFY_HIT,
  question: 'Does the rifle with the welded frame have a second serial?',
  purpose: Purpose.PURPOSE_THREAT_ANALYSIS,
  legalBasis: 'Regional agreement, article 7',
  priority,
});
const reply = (
  taskingDigest: Uint8Array,
  terms: Partial<Parameters<OnwardNode['taskings']['answer']>[0]> = {},
) =>
  xa.taskings.answer({
    officer: DRAFTER,
    taskingDigest,
    outcome: AnswerOutcome.ANSWER_OUTCOME_FULL,
    refusal: AnswerRefusal.ANSWER_REFUSAL_UNSPECIFIED,
    text: 'Yes: under the stock.',
    ...terms,
  });
const read = (node: OnwardNode, digest: Uint8Array) => node.node.store.read((tx) => readQuestion(tx, digest));
const open = (node: OnwardNode) => node.node.store.read((tx) => tx.taskings.open(10));

async function codeOf(work: Promise<unknown>): Promise<string> {
  const failure = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (failure instanceof LifecycleError) return failure.code;
  throw failure ?? new Error('expected a refusal');
}

describe('a question to an originator', () => {
  test('reaches it alone, waits there with its clock, and is closed by the answer at both ends', async () => {
    const { digest, dueMs } = await hr.taskings.ask(question());
    await holds(xa, digest);
    expect(await xb.held(digest)).toBeUndefined();
    expect(await read(xa, digest)).toMatchObject({
      to: 'XA',
      closed: false,
      tasking: { question: question().question, legalBasis: question().legalBasis, due: BigInt(dueMs) },
    });
    expect(await open(xa)).toMatchObject([{ due: dueMs }]);

    const said = await reply(digest);
    await holds(hr, said);
    for (const node of [xa, hr]) {
      expect(await read(node, digest)).toMatchObject({
        closed: true,
        answers: [{ answer: { outcome: AnswerOutcome.ANSWER_OUTCOME_FULL, text: 'Yes: under the stock.' } }],
      });
      expect(await open(node)).toEqual([]);
    }
    expect(await hr.node.alarms()).toEqual([]);
    expect(await xa.node.alarms()).toEqual([]);
  });

  test('is due in 8 hours where it is urgent, in 7 days where it is not', async () => {
    for (const [priority, hours] of [
      [Priority.PRIORITY_FLASH, 8],
      [Priority.PRIORITY_IMMEDIATE, 8],
      [Priority.PRIORITY_PRIORITY, 168],
      [Priority.PRIORITY_ROUTINE, 168],
    ] as const) {
      const before = hr.node.clock.nowMs();
      const { dueMs } = await hr.taskings.ask(question(priority));
      expect(dueMs).toBeGreaterThanOrEqual(before + hours * HOUR_MS);
      expect(dueMs).toBeLessThanOrEqual(hr.node.clock.nowMs() + hours * HOUR_MS);
    }
  });

  test('about what is not held here is asked of who lists it, and of nobody about what is our own', async () => {
    const { type: _, ...asked } = question();
    const unseen = { ...asked, to: 'XA', headerDigest: seizure, recordId: new Uint8Array(16) };
    expect(await codeOf(xa.taskings.verify(unseen))).toBe('NOT_FORWARDABLE');
    expect(await codeOf(xa.taskings.verify({ ...unseen, to: 'HR' }))).toBe('NOT_FORWARDABLE');
    expect(await xb.held(seizure)).toBeUndefined();
    const held = await xa.node.store.read((tx) => tx.records.byDigest(seizure));
    const { digest } = await xb.taskings.verify({ ...unseen, recordId: held?.recordId ?? unseen.recordId });
    await holds(xa, digest);
    expect(await read(xa, digest)).toMatchObject({ to: 'XA', closed: false });
    expect(await read(xb, digest)).toMatchObject({ to: 'XA', closed: false, answers: [] });
    await holds(xb, await reply(digest));
    expect(await read(xb, digest)).toMatchObject({ closed: true });
    expect(await open(xb)).toEqual([]);
  });

  test('stays open after a partial answer, and takes no second one after it is closed', async () => {
    const { digest } = await hr.taskings.ask(question());
    await holds(xa, digest);
    await reply(digest, { outcome: AnswerOutcome.ANSWER_OUTCOME_PARTIAL, text: 'We are looking.' });
    expect(await open(xa)).toHaveLength(1);
    const last = await reply(digest, {
      outcome: AnswerOutcome.ANSWER_OUTCOME_REFUSED,
      refusal: AnswerRefusal.ANSWER_REFUSAL_INVESTIGATION,
      text: '',
    });
    await holds(hr, last);
    expect((await read(hr, digest))?.answers.map(({ answer }) => answer.outcome)).toEqual([
      AnswerOutcome.ANSWER_OUTCOME_PARTIAL,
      AnswerOutcome.ANSWER_OUTCOME_REFUSED,
    ]);
    expect(await codeOf(reply(digest))).toBe('SUPERSEDED');
  });

  test('is not asked about what is our own, is not there, or is for a consent', async () => {
    const own = await xa.release(seizureFor(xa.node.clock.nowMs()));
    expect(await codeOf(xa.taskings.ask({ ...question(), headerDigest: own }))).toBe('NOT_FORWARDABLE');
    expect(await codeOf(xb.taskings.ask(question()))).toBe('NOT_FOUND');
    const type = TaskingType.TASKING_TYPE_CONSENT_ONWARD;
    expect(await codeOf(hr.taskings.ask({ ...question(), type }))).toBe('INVALID');
  });

  test('for a consent is closed by the consent, or by a refusal that says its reason', async () => {
    const ask = (facets: readonly string[]) =>
      hr.onward.askConsent({
        officer: ANALYST,
        headerDigest: seizure,
        facets,
        to: ['XB'],
        question: 'XB made them',
        evidence: false,
        dueMs: hr.node.clock.nowMs() + HOUR_MS,
      });
    const [given, refused] = [await ask(['summary']), await ask(['route'])];
    await holds(xa, given);
    await holds(xa, refused);
    expect(await codeOf(reply(given))).toBe('INVALID');
    await holds(hr, await xa.consent({ headerDigest: seizure, facets: ['summary'] }));
    expect((await read(hr, given))?.closed).toBe(true);
    expect((await read(hr, refused))?.closed).toBe(false);
    const said = await reply(refused, {
      outcome: AnswerOutcome.ANSWER_OUTCOME_REFUSED,
      refusal: AnswerRefusal.ANSWER_REFUSAL_LAW,
      text: '',
    });
    await holds(hr, said);
    expect((await read(hr, refused))?.closed).toBe(true);
  });
});

describe('what a stranger sends', () => {
  const refusalsAt = (node: OnwardNode, count: number) =>
    net.until('it is refused', async () => {
      // A parcel that is sent again because its acknowledgement was late is a replay, and no refusal of what it says.
      const refused = await node.node.store.read((tx) => tx.inbox.refusals(10));
      return refused.filter(({ reason }) => reason !== Reason.REASON_REPLAY).length === count;
    });

  test('an answer by another than who was asked is refused, and so is one to no question of ours', async () => {
    const { digest } = await hr.taskings.ask(question());
    await holds(xa, digest);
    const forged = (tasking: Uint8Array) =>
      Answer.encode({
        tasking: Buffer.from(tasking),
        record: Buffer.from(seizure),
        outcome: AnswerOutcome.ANSWER_OUTCOME_NEGATIVE,
        refusal: AnswerRefusal.ANSWER_REFUSAL_UNSPECIFIED,
        text: 'let it go',
      }).finish();
    await xb.node.store.write((tx) =>
      xb.node.exchange.state(tx, { kind: 'answer', body: forged(digest), to: ['HR'] }),
    );
    await refusalsAt(hr, 1);
    await xb.node.store.write((tx) =>
      xb.node.exchange.state(tx, { kind: 'answer', body: forged(seizure), to: ['XA'] }),
    );
    await refusalsAt(xa, 1);
    expect(await read(hr, digest)).toMatchObject({ closed: false, answers: [] });
  });

  test('a question about what is not ours is refused', async () => {
    const body = Tasking.encode({
      type: TaskingType.TASKING_TYPE_INFORMATION,
      record: Buffer.from(seizure),
      recordId: Buffer.alloc(16, 1),
      facets: [],
      to: [],
      question: 'What do you know?',
      due: BigInt(xb.node.clock.nowMs() + HOUR_MS),
      purpose: Purpose.PURPOSE_INVESTIGATION,
      legalBasis: '',
    }).finish();
    for (const to of ['XA', 'HR'])
      await xb.node.store.write((tx) => xb.node.exchange.state(tx, { kind: 'tasking', body, to: [to] }));
    await refusalsAt(xa, 1);
    await refusalsAt(hr, 1);
    expect(await open(xa)).toEqual([]);
    expect(await open(hr)).toEqual([]);
  });
});
