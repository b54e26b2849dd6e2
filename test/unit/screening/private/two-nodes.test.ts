/** Private screening between nodes whose stores, keys, policies and exchanges are real: what is found, what is logged, what is refused (T40). */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { hex } from '../../../../src/base/bytes.ts';
import { judgeByHeld } from '../../../../src/exchange/index.ts';
import { AnswerOutcome, AnswerRefusal } from '../../../../src/gen/tocsin/record/v1/answer.ts';
import { readQuestion } from '../../../../src/lifecycle/index.ts';
import { baselinePolicy } from '../../../../src/policy/index.ts';
import { judgeSigned } from '../../../../src/record/index.ts';
import { entriesOf, PrivateHolder, privateScreeningHandlers } from '../../../../src/screening/index.ts';
import type { PrivateEntry } from '../../../../src/screening/private/evaluated-set.ts';
import { type Federation, makeFederation } from '../../../support/authority.ts';
import { type CallUnderWay, TestNetwork } from '../../../support/exchange-network.ts';
import { DRAFTER } from '../../../support/onward-network.ts';
import {
  BUDGET,
  by,
  PARTNERS,
  PRIVATE_NODES,
  PrivateNode,
  secretFiles,
} from '../../../support/private-network.ts';
import { temporaryStore } from '../../../support/temporary-store.ts';

const NAME = 'Borgatil Ostrog Venskadze';

let federation: Federation;
let net: TestNetwork;
let [xa, xb, xc]: [PrivateNode, PrivateNode, PrivateNode] = [] as never;
let entry: PrivateEntry;
const asked: CallUnderWay[] = [];

beforeAll(async () => {
  federation = await makeFederation({ nodes: PRIVATE_NODES, baselinePolicy: baselinePolicy() });
});
afterAll(() => federation[Symbol.asyncDispose]());
beforeEach(async () => {
  asked.length = 0;
  net = await TestNetwork.create({ nodes: PRIVATE_NODES }, federation);
  net.refuses = (call) => {
    asked.push(call);
    return false;
  };
  [xa, xb, xc] = [new PrivateNode(net, 'XA'), new PrivateNode(net, 'XB'), new PrivateNode(net, 'XC')];
  // Nobody runs but where records travel: they only know each other.
  for (const { node } of [xa, xb, xc])
    for (const other of PARTNERS)
      await node.directory.judgeAndKeep(other, federation.of(other).signedStatement);
  // Held by XA alone: what XB and XC do not see is what they would screen against.
  const signed = await xa.node.release('watchlist-entry', {
    edit: (content) => ({ ...content, marking: { ...content.marking, releasableTo: ['XZ'] } }),
  });
  entry = {
    headerDigest: signed.digest,
    recordId: signed.header.recordId,
    names: [NAME],
    identifiers: [{ scheme: 'document', country: 'XA', value: 'P 4417/02' }],
  };
  xa.more = [entry];
  await xa.refresh();
});
afterEach(() => net.close());

const refusedWith = (code: string) => expect.objectContaining({ code });
const month = () => new Date(xa.node.clock.nowMs()).toISOString().slice(0, 7);
const element = () => Buffer.from('e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76', 'hex');
const eight = (one: () => Buffer = element) => Array.from({ length: 8 }, one);

describe('an inquiry', () => {
  test('finds an entry that is not held, and asks its holder, who answers', async () => {
    await net.start();
    const { hits, questions } = await xb.ask('XA', 'Venskadze, Borgatil');
    expect(questions).toBe(1);
    expect(hits.map(({ headerDigest }) => hex(headerDigest))).toEqual([hex(entry.headerDigest)]);
    const [hit] = hits;
    if (hit === undefined) throw new Error('expected a hit');
    expect(await xb.held(hit.headerDigest)).toBeUndefined();
    await net.until('the question is there', async () => (await xa.held(hit.tasking)) !== undefined);
    const question = await xa.node.store.read((tx) => readQuestion(tx, hit.tasking));
    expect(question).toMatchObject({ to: 'XA', closed: false });
    const answer = await xa.taskings.answer({
      officer: DRAFTER,
      taskingDigest: hit.tasking,
      outcome: AnswerOutcome.ANSWER_OUTCOME_FULL,
      refusal: AnswerRefusal.ANSWER_REFUSAL_UNSPECIFIED,
      text: 'He is.',
    });
    await net.until('the answer is there', async () => (await xb.held(answer)) !== undefined);
    const read = await xb.node.store.read((tx) => readQuestion(tx, hit.tasking));
    expect(read).toMatchObject({ to: 'XA', closed: true, answers: [{ answer: { text: 'He is.' } }] });
    expect([await xa.node.alarms(), await xb.node.alarms(), xa.failures]).toEqual([[], [], []]);
  });

  test('finds by an identifier alone, and nothing by a name that is not listed or is borne by many', async () => {
    const identifiers = [{ scheme: 'document', country: 'XA', value: 'p441702' }] as const;
    const byNumber = await xb.asker.ask({
      holder: 'XA',
      names: [],
      identifiers,
      by,
      openTasking: xb.openTasking,
    });
    expect(byNumber.hits.map(({ agree }) => agree)).toEqual([['identifier']]);
    for (const name of ['Lomvarsk Trumsovic', 'Mohamed Ali'])
      expect((await xb.ask('XA', name)).hits).toEqual([]);
    await expect(xb.ask('XA', '...')).rejects.toEqual(refusedWith('NOTHING_TO_ASK'));
  });

  test('takes up to 16 names and identifiers of as many', async () => {
    const document = { scheme: 'document', country: 'XA', value: 'P 4417/02' } as const;
    const most = {
      holder: 'XA',
      names: Array(16).fill(NAME),
      identifiers: Array(16).fill(document),
      by,
      openTasking: xb.openTasking,
    };
    // Each key once: a name's eight are a question, the number is another.
    expect(await xb.asker.ask(most)).toMatchObject({ questions: 2, hits: [{}] });
    for (const more of [
      { ...most, names: [...most.names, NAME] },
      { ...most, identifiers: [...most.identifiers, document] },
    ])
      await expect(xb.asker.ask(more)).rejects.toEqual(refusedWith('BATCH_SIZE'));
  });

  test('has one shape whatever the name, and never shows it', async () => {
    for (const name of ['Venskadze', 'Lomvarsk Trumsovic', `Dr. ${NAME}`]) await xb.ask('XA', name);
    const questions = asked.filter(({ name, peer }) => name === 'evaluate' && peer === 'XA');
    expect(questions.map(({ request }) => (request as { elements: unknown[] }).elements.length)).toEqual([
      8, 8, 8,
    ]);
    const elements = questions.flatMap(({ request }) =>
      (request as { elements: Buffer[] }).elements.map(hex),
    );
    expect(new Set(elements).size).toBe(24);
    // A small set comes whole, once.
    expect(asked.filter(({ name }) => name === 'getBucket')).toHaveLength(1);
  });

  test('has its holder asked about hits of 16 entries at most, those with most keys first', async () => {
    const numbers = ['P 4417/02', 'P 9911/07'].map(
      (value) => ({ scheme: 'document', country: 'XA', value }) as const,
    );
    const entryWith = (at: number, identifiers: PrivateEntry['identifiers']): PrivateEntry => ({
      ...entry,
      headerDigest: new Uint8Array(32).fill(at),
      names: [],
      identifiers,
    });
    // A key leads to 16 entries at most, so a holder that lists many lists them under several.
    xa.more = [
      ...numbers.flatMap((number, at) =>
        Array.from({ length: 15 }, (_, one) => entryWith(at * 16 + one + 1, [number])),
      ),
      entryWith(99, numbers),
    ];
    await xa.refresh();
    const told: string[] = [];
    const openTasking = async (_: string, { headerDigest }: { headerDigest: Uint8Array }) => {
      told.push(hex(headerDigest).slice(0, 2));
      return new Uint8Array(32);
    };
    const { hits, more } = await xb.asker.ask({
      holder: 'XA',
      names: [],
      identifiers: numbers,
      by,
      openTasking,
    });
    expect([hits.length, more, told.length, told[0]]).toEqual([16, true, 16, '63']);
    expect(await xb.audit('private-screening.answered')).toMatchObject([{ detail: { hits: 31 } }]);
  });

  test('is asked whole or not at all: what is left of the day is known before anything is spent', async () => {
    await xb.ask('XA', 'Lomvarsk Trumsovic');
    const names = ['Wilfrid Oakenholt', 'Edmund Larkspur', 'Ulrik Vantongeren', 'Aksel Nobodyson'];
    await expect(xb.ask('XA', ...names)).rejects.toEqual(refusedWith('BUDGET_SPENT'));
    expect(await xb.audit('private-screening.asked')).toHaveLength(1);
    expect(await xa.audit('private-screening.evaluated')).toHaveLength(1);
    expect((await xb.ask('XA', NAME)).hits).toHaveLength(1);
  });

  test('is logged by both, one row a question, without the name', async () => {
    await xb.ask('XA', NAME);
    await xb.ask('XA', 'Lomvarsk Trumsovic');
    const [there, here] = [
      await xa.audit('private-screening.evaluated'),
      await xb.audit('private-screening.asked'),
    ];
    expect(there.map(({ subject, detail }) => [subject, detail.used])).toEqual([
      ['XB', 2],
      ['XB', 1],
    ]);
    expect(here.map(({ subject, detail }) => [subject, detail.used])).toEqual([
      ['XA', 2],
      ['XA', 1],
    ]);
    expect(await xb.audit('private-screening.answered')).toMatchObject([
      { detail: { hits: 0 } },
      { detail: { hits: 1, officer: 'Cora' } },
    ]);
    expect(JSON.stringify([...there, ...here].map(({ detail }) => detail))).not.toMatch(
      /venskadze|trumsovic/i,
    );
  });

  test('follows a set that changed: what was withdrawn is no hit any more, what came is one', async () => {
    expect((await xb.ask('XA', NAME)).hits).toHaveLength(1);
    xa.more = [{ ...entry, names: ['Lomvarsk Trumsovic'], identifiers: [] }];
    await xa.refresh();
    expect((await xb.ask('XA', NAME)).hits).toEqual([]);
    expect((await xb.ask('XA', 'Lomvarsk Trumsovic')).hits).toHaveLength(1);
  });
});

describe('a holder', () => {
  test('answers a day’s budget and no more, also after a restart, and logs that it refused', async () => {
    for (let used = 1; used <= BUDGET; used += 1) await xb.ask('XA', NAME);
    await expect(xb.ask('XA', NAME)).rejects.toEqual(refusedWith('RESOURCE_EXHAUSTED'));
    xa.serve(xa.monthKeys());
    await xa.refresh();
    await expect(xb.ask('XA', NAME)).rejects.toEqual(refusedWith('RESOURCE_EXHAUSTED'));
    expect(await xa.audit('private-screening.evaluated')).toHaveLength(BUDGET);
    expect(await xa.audit('private-screening.refused')).toMatchObject([
      { subject: 'XB', detail: { what: 'question' } },
    ]);
    expect((await xc.ask('XA', NAME)).hits).toHaveLength(1);
    net.clock.skewMs += 86_400_000;
    expect((await xb.ask('XA', NAME)).hits).toHaveLength(1);
  });

  test('answers no other month than the present one, and forgets the key of one that is over', async () => {
    const calls = xb.calls('XA');
    const over = '2020-01';
    for (const call of [
      calls.evaluate({ month: over, elements: eight() }),
      calls.getMonthKey({ month: over, holder: '' }),
      calls.getBucket({ month: over, setVersion: Buffer.alloc(16), prefix: 0 }),
    ])
      await expect(call).rejects.toEqual(refusedWith('OUT_OF_RANGE'));
    await expect(calls.evaluate({ month: '2026-13', elements: eight() })).rejects.toEqual(
      refusedWith('INVALID_ARGUMENT'),
    );
    const before = month();
    expect([...xa.files.held.keys()]).toEqual([before]);
    net.clock.skewMs += 32 * 86_400_000;
    await xa.refresh();
    expect([...xa.files.held.keys()]).toEqual([month()]);
    expect(month()).not.toBe(before);
  });

  test('refuses invalid elements and other numbers of them, at no cost of the budget', async () => {
    const calls = xb.calls('XA');
    const bad = [Buffer.alloc(32), Buffer.alloc(32, 0xff), Buffer.alloc(31, 1), Buffer.alloc(0)];
    const requests = [
      ...bad.map((one) => [...eight().slice(1), one]),
      eight().slice(1),
      [...eight(), element()],
      [],
    ];
    for (const elements of requests)
      await expect(calls.evaluate({ month: month(), elements })).rejects.toEqual(
        refusedWith('INVALID_ARGUMENT'),
      );
    expect((await calls.getMonthKey({ month: month(), holder: '' })).used).toBe(0);
    expect((await calls.evaluate({ month: month(), elements: eight() })).elements).toHaveLength(8);
  });

  test('gives nothing to whom it does not offer it', async () => {
    xa.holder = new PrivateHolder(
      { ...holderDeps() },
      { partners: ['XC'], budgetPerDay: BUDGET, rebuildMs: 60_000 },
    );
    const { directory, clock } = xa.node;
    xa.node.privateScreening = privateScreeningHandlers({ holder: xa.holder, directory, clock });
    await expect(xb.ask('XA', NAME)).rejects.toEqual(refusedWith('PERMISSION_DENIED'));
    await expect(xb.calls('XA').evaluate({ month: month(), elements: eight() })).rejects.toEqual(
      refusedWith('PERMISSION_DENIED'),
    );
  });

  test('says that it is not ready, and which bucket there is none of', async () => {
    xa.serve(xa.monthKeys());
    await expect(xb.ask('XA', NAME)).rejects.toEqual(refusedWith('SET_NOT_READY'));
    await xa.refresh();
    const { setVersion } = await xb.calls('XA').getMonthKey({ month: month(), holder: '' });
    await expect(xb.calls('XA').getBucket({ month: month(), setVersion, prefix: 1 })).rejects.toEqual(
      refusedWith('INVALID_ARGUMENT'),
    );
    await expect(
      xb.calls('XA').getBucket({ month: month(), setVersion: Buffer.alloc(16), prefix: 0 }),
    ).rejects.toEqual(refusedWith('FAILED_PRECONDITION'));
  });

  test('that lost the secret of a month announces no second one', async () => {
    await xb.ask('XA', NAME);
    xa.files.held.clear();
    xa.serve(xa.monthKeys());
    await xa.refresh();
    expect(xa.failures).toEqual([refusedWith('EPOCH_KEY_LOST'), refusedWith('EPOCH_KEY_LOST')]);
    await expect(xb.ask('XA', NAME)).rejects.toEqual(refusedWith('UNAVAILABLE'));
  });

  function holderDeps() {
    const { self, store, clock, directory } = xa.node;
    const { network } = directory;
    const entriesFor = async function* () {
      yield entry;
    };
    return { store, clock, network, self, keys: xa.monthKeys(), entriesFor, onFailure: () => undefined };
  }
});

describe('a holder that lies', () => {
  test('with another key later is found out by the key that was seen first', async () => {
    await xb.ask('XA', NAME);
    await using other = await temporaryStore();
    xa.serve(xa.monthKeys(other.store, secretFiles()));
    await xa.refresh();
    await expect(xb.ask('XA', NAME)).rejects.toEqual(refusedWith('KEY_CHANGED'));
    expect(await xb.node.alarms()).toEqual(['PRIVATE_KEY_CHANGED']);
  });

  test('with a key for each asker is found out by what they saw of each other, and both keys prove it', async () => {
    await xb.ask('XA', NAME);
    await using other = await temporaryStore();
    xa.serve(xa.monthKeys(other.store, secretFiles()));
    await xa.refresh();
    await expect(xc.ask('XA', NAME)).rejects.toEqual(refusedWith('KEY_CHANGED'));
    expect(await xc.node.alarms()).toEqual(['PRIVATE_KEY_CHANGED']);
    const seen = [xb, xc].map(async ({ node: { directory, clock, store } }) => {
      const { key } = await xc.calls('XB').getMonthKey({ month: month(), holder: 'XA' });
      const held = await store.read((tx) => tx.privateScreening.keyOf('XA', month()));
      const signature = key?.signature;
      if (!key || !signature || !held) throw new Error('expected both keys');
      expect((await judgeByHeld({ directory, clock }, 'XA', 'private-key', key.body, signature)).ok).toBe(
        true,
      );
      return hex(held.publicKey);
    });
    expect(new Set(await Promise.all(seen)).size).toBe(2);
  });

  test('with a proof for another key than the announced one is not believed', async () => {
    const honest = xa.node.privateScreening;
    await using other = await temporaryStore();
    xa.serve(xa.monthKeys(other.store, secretFiles()));
    await xa.refresh();
    const swapped = xa.node.privateScreening;
    if (!honest || !swapped) throw new Error('expected handlers');
    xa.node.privateScreening = { ...swapped, getMonthKey: honest.getMonthKey };
    await expect(xb.ask('XA', NAME)).rejects.toEqual(refusedWith('PROOF_INVALID'));
  });

  test('with a bucket of another size, or of more lines than are taken, is not believed', async () => {
    const honest = xa.node.privateScreening;
    if (!honest) throw new Error('expected handlers');
    xa.node.privateScreening = { ...honest, getBucket: async () => ({ items: Buffer.alloc(64) }) };
    await expect(xb.ask('XA', NAME)).rejects.toEqual(refusedWith('BUCKET_INVALID'));
    asked.length = 0;
    const announced = await xb.calls('XA').getMonthKey({ month: month(), holder: '' });
    for (const shape of [{ bucketItems: 65_537 }, { prefixBits: 17 }]) {
      xa.node.privateScreening = { ...honest, getMonthKey: async () => ({ ...announced, ...shape }) };
      await expect(xb.ask('XA', NAME)).rejects.toEqual(refusedWith('BUCKET_INVALID'));
    }
    expect(asked.filter(({ name }) => name === 'getBucket')).toEqual([]);
  });

  test('with the key of another, one that nobody signed, or of more bytes than it may have, is not believed', async () => {
    const honest = xa.node.privateScreening;
    if (!honest) throw new Error('expected handlers');
    const foreign = await xb.calls('XC').getMonthKey({ month: month(), holder: '' });
    xa.node.privateScreening = { ...honest, getMonthKey: async () => foreign };
    await expect(xb.ask('XA', NAME)).rejects.toEqual(refusedWith('ANNOUNCEMENT_INVALID'));
    xa.node.privateScreening = honest;
    const own = await xb.calls('XA').getMonthKey({ month: month(), holder: '' });
    const { keyring } = federation.of('XA');
    const signedBody = own.key?.body ?? Buffer.alloc(0);
    for (const [body, isBelieved] of [
      [signedBody, true],
      [padded(signedBody, 512), true],
      [padded(signedBody, 513), false],
    ] as const) {
      const key = { body, signature: await keyring.sign('link', 'private-key', body) };
      xa.node.privateScreening = { ...honest, getMonthKey: async () => ({ ...own, key }) };
      if (isBelieved) expect((await xb.ask('XA', NAME)).hits).toHaveLength(1);
      else await expect(xb.ask('XA', NAME)).rejects.toEqual(refusedWith('ANNOUNCEMENT_INVALID'));
    }
    const unsigned = { ...own, key: { body: signedBody, signature: undefined } };
    xa.node.privateScreening = { ...honest, getMonthKey: async () => unsigned };
    await expect(xb.ask('XA', NAME)).rejects.toEqual(refusedWith('ANNOUNCEMENT_INVALID'));
  });
});

/** A month's key of so many bytes: a field that nobody knows, filled with zeros. */
function padded(body: Buffer, bytes: number): Buffer {
  const read = judgeSigned('private-key', federation.network, body);
  if (!read.ok) throw new Error(read.detail);
  const fill = bytes - read.value.length - 3;
  const header = Buffer.from([0x7a, (fill & 0x7f) | 0x80, fill >>> 7]);
  return Buffer.concat([body, header, Buffer.alloc(fill)]);
}

describe('what may be screened against', () => {
  const names = async (partner: string) => {
    const { store, clock, directory } = xa.node;
    const read = entriesOf({ store, clock, network: directory.network, policy: () => xa.node.policy });
    const found: string[] = [];
    for await (const one of read(partner, new AbortController().signal)) found.push(...one.names);
    return found;
  };
  const release = (partners: string[]) =>
    xa.node.release('watchlist-entry', {
      edit: (content) => ({ ...content, marking: { ...content.marking, releasableTo: partners } }),
    });

  test('are entries that the policy lets the partner receive, with the names of every facet', async () => {
    expect(await names('XB')).toEqual([]);
    await release(['XB']);
    expect((await names('XB')).length).toBeGreaterThan(1);
    expect(await names('XC')).toEqual([]);
  });
});
