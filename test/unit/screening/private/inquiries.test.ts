/** Two officers' questions to partners: who is asked, what is kept of which partner, and what a node that stopped meanwhile makes of it. */
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hex } from '../../../../src/base/bytes.ts';
import { systemRandom } from '../../../../src/base/clock.ts';
import { Access } from '../../../../src/desk/access.ts';
import { markRead, privateDuties } from '../../../../src/desk/grpc/private-duties.ts';
import { Duty, DutyKind } from '../../../../src/gen/tocsin/desk/v1/board_service.ts';
import {
  PrivateScreeningOutcome,
  PrivateScreeningState,
  PrivateScreenRequest,
} from '../../../../src/gen/tocsin/desk/v1/screening_service.ts';
import { AnswerOutcome, AnswerRefusal } from '../../../../src/gen/tocsin/record/v1/answer.ts';
import { DeskGroup, Purpose } from '../../../../src/gen/tocsin/record/v1/marking.ts';
import { LifecycleError, readQuestion } from '../../../../src/lifecycle/index.ts';
import { baselinePolicy } from '../../../../src/policy/index.ts';
import { createPrivateInquiries, type PrivateInquiries } from '../../../../src/screening/index.ts';
import { PrivateScreeningError } from '../../../../src/screening/private/errors.ts';
import { partnerFailure } from '../../../../src/screening/private/failure.ts';
import { codeOfRefusal } from '../../../../src/screening/private/service.ts';
import { RpcError, Status } from '../../../../src/transport/index.ts';
import { type Federation, makeFederation } from '../../../support/authority.ts';
import { TestNetwork } from '../../../support/exchange-network.ts';
import { DRAFTER } from '../../../support/onward-network.ts';
import { BUDGET, PARTNERS, PRIVATE_NODES, PrivateNode } from '../../../support/private-network.ts';

const NAME = 'Borgatil Ostrog Venskadze';
const [ANSWERED, OPEN, INTERRUPTED] = [
  PrivateScreeningState.PRIVATE_SCREENING_STATE_ANSWERED,
  PrivateScreeningState.PRIVATE_SCREENING_STATE_OPEN,
  PrivateScreeningState.PRIVATE_SCREENING_STATE_INTERRUPTED,
];
const [HIT, NO_HIT, FAILED] = [
  PrivateScreeningOutcome.PRIVATE_SCREENING_OUTCOME_HIT,
  PrivateScreeningOutcome.PRIVATE_SCREENING_OUTCOME_NO_HIT,
  PrivateScreeningOutcome.PRIVATE_SCREENING_OUTCOME_FAILED,
];

let federation: Federation;
let net: TestNetwork;
let [xa, xb, xc]: [PrivateNode, PrivateNode, PrivateNode] = [] as never;
let inquiries: PrivateInquiries;
let headerDigest: Uint8Array;
const failures: unknown[] = [];

beforeAll(async () => {
  federation = await makeFederation({ nodes: PRIVATE_NODES, baselinePolicy: baselinePolicy() });
});
afterAll(() => federation[Symbol.asyncDispose]());
beforeEach(async () => {
  failures.length = 0;
  net = await TestNetwork.create({ nodes: PRIVATE_NODES }, federation);
  [xa, xb, xc] = [new PrivateNode(net, 'XA'), new PrivateNode(net, 'XB'), new PrivateNode(net, 'XC')];
  for (const { node } of [xa, xb, xc])
    for (const other of PARTNERS)
      await node.directory.judgeAndKeep(other, federation.of(other).signedStatement);
  const signed = await xa.node.release('watchlist-entry', {
    edit: (content) => ({ ...content, marking: { ...content.marking, releasableTo: ['XZ'] } }),
  });
  headerDigest = signed.digest;
  xa.more = [{ headerDigest, recordId: signed.header.recordId, names: [NAME], identifiers: [] }];
  await xa.refresh();
  await xc.refresh();
  const { store, clock } = xb.node;
  inquiries = createPrivateInquiries({
    store,
    clock,
    random: systemRandom,
    partners: ['XA', 'XC'],
    asker: xb.asker,
    verify: (question) => xb.taskings.verify(question),
    onFailure: (_, error) => failures.push(error),
  });
});
afterEach(() => net.close());

const officerOf = (name: string) => {
  const officer = {
    fingerprint: name,
    name,
    deskGroup: DeskGroup.DESK_GROUP_POLICE,
    facts: { role: 'officer' },
  };
  return {
    officer,
    audited: (action: string, subject: string, detail: object) => ({
      at: xb.node.clock.nowMs(),
      actor: name,
      action,
      subject,
      detail: { ...officer.facts, ...detail },
    }),
  };
};
const request = (question: object = {}) =>
  inquiries.request({
    ...officerOf('Ada'),
    question: PrivateScreenRequest.fromPartial({ names: [NAME], reason: 'a reason', ...question }),
    purpose: Purpose.PURPOSE_INVESTIGATION,
  });
const approve = (id: string) => inquiries.approve({ ...officerOf('Ben'), id, note: '' });

describe('an approved question', () => {
  it('opens a tasking where there is a hit, in the words of the officer or in some that tell nothing', async () => {
    for (const question of ['Is it he?', '']) {
      const { answers, state } = await approve((await request({ question })).id);
      expect([state, answers.map(({ partner, outcome }) => [partner, outcome])]).toEqual([
        ANSWERED,
        [
          ['XA', HIT],
          ['XC', NO_HIT],
        ],
      ]);
      const [hit] = answers[0]?.hits ?? [];
      expect(hex(hit?.headerDigest ?? Buffer.alloc(0))).toBe(hex(headerDigest));
      const stated = await xb.node.store.read((tx) =>
        readQuestion(tx, hit?.taskingDigest ?? Buffer.alloc(0)),
      );
      expect(stated?.tasking.purpose).toBe(Purpose.PURPOSE_INVESTIGATION);
      if (question !== '') expect(stated?.tasking.question).toBe(question);
      else expect(stated?.tasking.question).not.toMatch(/venskadze/i);
    }
  });

  it('is a duty of the desk that asked once its holder answered about what is not held here, until somebody read it', async () => {
    await net.start();
    const { answers } = await approve((await request({ partners: ['XA'] })).id);
    const taskingDigest = answers[0]?.hits[0]?.taskingDigest ?? Buffer.alloc(0);
    const { store, clock } = xb.node;
    const access = new Access({
      store: store as never,
      policy: xb.node.policy as never,
      node: { clock },
      cutOff: { locks: () => false },
    });
    const session = (deskGroup: DeskGroup) =>
      ({
        ...officerOf('Cleo').officer,
        deskGroup,
        node: 'XB',
        role: 'releaser',
        world: 'live',
        purposes: [],
      }) as never;
    const duties = (deskGroup: DeskGroup = DeskGroup.DESK_GROUP_POLICE, isShown = false) =>
      store.read(async (tx) =>
        (
          await privateDuties(tx, {
            access,
            session: session(deskGroup),
            isShown: async () => isShown,
            none: Duty.fromPartial({}),
          })
        ).map(({ kind, from, title, note }) => ({ kind, from, title, note })),
      );
    expect(await duties()).toEqual([]);
    await net.until('the question is there', async () => (await xa.held(taskingDigest)) !== undefined);
    const answer = await xa.taskings.answer({
      officer: DRAFTER,
      taskingDigest,
      outcome: AnswerOutcome.ANSWER_OUTCOME_FULL,
      refusal: AnswerRefusal.ANSWER_REFUSAL_UNSPECIFIED,
      text: 'He is.',
    });
    await net.until('the answer is there', async () => (await xb.held(answer)) !== undefined);
    const kind = DutyKind.DUTY_KIND_READ_PRIVATE_ANSWER;
    expect(await duties()).toEqual([{ kind, from: 'XA', title: '', note: '' }]);
    // Another desk group asked nothing; what is shown is a duty of its own kind.
    expect(await duties(DeskGroup.DESK_GROUP_CUSTOMS)).toEqual([]);
    expect(await duties(DeskGroup.DESK_GROUP_POLICE, true)).toEqual([]);
    await store.write(async (tx) => {
      const asked = await readQuestion(tx, taskingDigest);
      if (asked !== undefined)
        await markRead(tx, [asked], session(DeskGroup.DESK_GROUP_POLICE), clock.nowMs());
    });
    expect(await duties()).toEqual([]);
  });

  it('keeps what one partner answered where another refuses, spends nothing or is away', async () => {
    net.refuses = ({ peer, name }) => peer === 'XC' && name !== 'getMonthKey';
    const codes = async () => {
      const { answers } = await approve((await request()).id);
      return answers.map(({ partner, outcome, code }) => `${partner} ${outcome} ${code}`);
    };
    expect(await codes()).toEqual([`XA ${HIT} `, `XC ${FAILED} PARTNER_UNREACHABLE`]);
    net.refuses = () => false;
    for (let asked = 1; asked < BUDGET; asked += 1) await approve((await request({ partners: ['XA'] })).id);
    expect(await codes()).toEqual([`XA ${FAILED} BUDGET_SPENT`, `XC ${NO_HIT} `]);
    expect(failures).toEqual([]);
    expect(
      (await xb.audit('private-screening.failed')).map(({ subject, detail }) => [subject, detail.code]),
    ).toEqual([
      ['XA', 'BUDGET_SPENT'],
      ['XC', 'PARTNER_UNREACHABLE'],
    ]);
  });

  it('asks no partner any more that the node no longer names', async () => {
    const { id } = await request();
    const { store, clock } = xb.node;
    const fewer = createPrivateInquiries({
      store,
      clock,
      random: systemRandom,
      partners: ['XC'],
      asker: xb.asker,
      verify: (question) => xb.taskings.verify(question),
      onFailure: (_, error) => failures.push(error),
    });
    const { answers } = await fewer.approve({ ...officerOf('Ben'), id, note: '' });
    expect(answers.map(({ partner, code }) => [partner, code])).toEqual([
      ['XA', 'NOT_OFFERED'],
      ['XC', ''],
    ]);
    expect(await xa.audit('private-screening.evaluated')).toEqual([]);
  });

  it('keeps a hit that was put to its holder, though the node stopped while another partner was asked', async () => {
    const { id } = await request();
    let reached: (() => void) | undefined;
    const another = new Promise<void>((resolve) => {
      reached = resolve;
    });
    const never = createPrivateInquiries({
      store: xb.node.store,
      clock: xb.node.clock,
      random: systemRandom,
      partners: ['XA', 'XC'],
      asker: {
        ask: (inquiry) => {
          if (inquiry.holder === 'XA') return xb.asker.ask(inquiry);
          reached?.();
          return new Promise(() => undefined);
        },
      },
      verify: (question) => xb.taskings.verify(question),
      onFailure: (_, error) => failures.push(error),
    });
    void never.approve({ ...officerOf('Ben'), id, note: '' });
    await another;
    const now = async () =>
      (await inquiries.list({ openOnly: false, limit: 1, reader: 'Ada' })).items.map(
        ({ state, answers }) => ({
          state,
          answers: answers.map(({ partner, outcome, hits }) => [partner, outcome, hits.length]),
        }),
      );
    await expect
      .poll(now, { timeout: 30_000 })
      .toEqual([{ state: PrivateScreeningState.PRIVATE_SCREENING_STATE_ASKING, answers: [['XA', HIT, 1]] }]);
    await inquiries.settle();
    expect(await now()).toEqual([{ state: INTERRUPTED, answers: [['XA', HIT, 1]] }]);
    const day = 86_400_000;
    const [kept] = (await inquiries.list({ openOnly: false, limit: 1, reader: 'Ada' })).items;
    expect(Number(kept?.keptUntil) - xb.node.clock.nowMs()).toBeGreaterThan(80 * day);
  });

  it('is interrupted where the node stopped meanwhile, and one that waits still waits', async () => {
    const [asking, open] = [await request(), await request()];
    const now = xb.node.clock.nowMs();
    await xb.node.store.write((tx) =>
      tx.privateInquiries.decide(asking.id, 'asking', {
        decider: 'Ben',
        deciderName: 'Ben',
        decidedAt: now,
        note: '',
        keptUntil: now + 1_000,
      }),
    );
    expect([await inquiries.settle(), await inquiries.settle()]).toEqual([1, 0]);
    const { items } = await inquiries.list({ openOnly: false, limit: 10, reader: 'Ada' });
    expect(items.map(({ id, state, own }) => [id, state, own])).toEqual([
      [open.id, OPEN, true],
      [asking.id, INTERRUPTED, true],
    ]);
    expect((await xb.audit('private-screening.interrupted')).map(({ subject }) => subject)).toEqual([
      asking.id,
    ]);
    await expect(approve(asking.id)).rejects.toMatchObject({ code: 'NOT_OPEN' });
  });
});

describe('why a partner has not answered', () => {
  it('is a code of ours: of what the partner wrote nothing else is believed or shown', () => {
    const statuses = Object.values(Status);
    fc.assert(
      fc.property(fc.constantFrom(...statuses), fc.string(), (status, text) => {
        const { code, message } = partnerFailure(new RpcError(status, text));
        expect(code).toMatch(/^[A-Z][A-Z_]+$/);
        if (text.trim().length > 8) expect(message).not.toContain(text);
      }),
    );
    const refusal = (status: (typeof statuses)[number], text: string) =>
      codeOfRefusal(new RpcError(status, text));
    expect(refusal(Status.RESOURCE_EXHAUSTED, 'BUDGET_SPENT: expected fewer')).toBe('BUDGET_SPENT');
    // Under another status it is none, and neither is what every object has.
    expect(refusal(Status.UNAVAILABLE, 'BUDGET_SPENT: expected fewer')).toBeUndefined();
    expect(refusal(Status.UNAVAILABLE, 'toString: x')).toBeUndefined();
  });

  it('is told apart by what failed', () => {
    const codes = [
      new RpcError(Status.UNAVAILABLE, 'gone'),
      new RpcError(Status.DEADLINE_EXCEEDED, 'late'),
      new RpcError(Status.CANCELLED, 'late'),
      new RpcError(Status.UNIMPLEMENTED, 'no such method'),
      new RpcError(Status.PERMISSION_DENIED, 'NOT_OFFERED: no'),
      new RpcError(Status.PERMISSION_DENIED, 'suspended'),
      new PrivateScreeningError({ code: 'KEY_CHANGED', message: 'another key' }),
      new LifecycleError({ code: 'NOT_FORWARDABLE', message: 'one of our own' }),
      new Error('a secret of the node'),
    ].map((error) => partnerFailure(error));
    expect(codes.map(({ code }) => code)).toEqual([
      'PARTNER_UNREACHABLE',
      'PARTNER_UNREACHABLE',
      'PARTNER_UNREACHABLE',
      'NOT_OFFERED',
      'NOT_OFFERED',
      'PARTNER_REFUSED',
      'KEY_CHANGED',
      'TASKING_REFUSED',
      'INTERNAL',
    ]);
    expect(codes.at(-1)?.message).not.toContain('secret');
  });
});
