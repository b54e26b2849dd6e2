/** Two processes of one node on a broker in memory: who stops, when, and what a hostile broker can do about it (T48). */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { systemRandom } from '../../../src/base/clock.ts';
import {
  createAnswer,
  encodeQuestion,
  INSTANCE_ID_BYTES,
  judgeQuestion,
  NONCE_BYTES,
} from '../../../src/node/instance.ts';
import { InstanceWatch } from '../../../src/node/instance-watch.ts';
import { reasonName } from '../../../src/record/index.ts';
import { rpcInbox } from '../../../src/transport/subject.ts';
import { type Federation, makeFederation, TEST_NOW_MS } from '../../support/authority.ts';
import { type Carried, MemoryBroker } from '../../support/memory-broker.ts';

let federation: Federation;
beforeAll(async () => {
  federation = await makeFederation({ nodes: [{ node: 'XA' }, { node: 'XB' }] });
});
afterAll(() => federation[Symbol.asyncDispose]());

const open: InstanceWatch[] = [];
afterEach(async () => {
  for (const watch of open.splice(0)) await watch[Symbol.asyncDispose]();
});

interface Options {
  readonly startedAtMs?: number;
  readonly everyMs?: number;
}

function instance(broker: MemoryBroker, { startedAtMs = TEST_NOW_MS, everyMs = 3_600_000 }: Options = {}) {
  const { keyring, statement } = federation.of('XA');
  const told = { met: [] as boolean[], alone: 0, disbelieved: [] as string[], failed: [] as unknown[] };
  const watch = new InstanceWatch(broker, {
    network: federation.network,
    net: federation.net,
    self: 'XA',
    startedAtMs,
    everyMs,
    ownStatement: () => statement,
    roster: () => federation.roster,
    sign: (body, key) => keyring.sign('link', 'instance', body, key),
    clock: { nowMs: () => TEST_NOW_MS },
    random: systemRandom,
    found: async (_, wePrevail) => void told.met.push(wePrevail),
    alone: async () => void told.alone++,
    disbelieved: (reason) => void told.disbelieved.push(reasonName(reason)),
    failed: (error) => void told.failed.push(error),
  });
  open.push(watch);
  return {
    watch,
    told,
    begun: watch.begin().then(
      () => 'runs',
      (error) => error.code as string,
    ),
    /** Why it has to stop, at its start or later. */
    stopped: watch.lost.catch((error) => error.code as string),
  };
}

async function eventually(what: string, holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('a node', () => {
  test('alone starts after one look', async () => {
    const broker = new MemoryBroker();
    const { begun, watch, told } = instance(broker);
    expect(watch.isAlone).toBe(false);
    expect(await begun).toBe('runs');
    expect(watch.isAlone).toBe(true);
    expect(broker.carried).toHaveLength(1);
    expect(told).toMatchObject({ met: [], alone: 1, disbelieved: [], failed: [] });
  });

  test('that runs is not joined by a second one, even where that claims to have started before', async () => {
    const broker = new MemoryBroker();
    const first = instance(broker);
    expect(await first.begun).toBe('runs');
    const second = instance(broker, { startedAtMs: TEST_NOW_MS - 60_000 });
    expect(await second.stopped).toBe('NODE_RUNS_ELSEWHERE');
    expect(second.watch.isAlone).toBe(false);
    expect(second.told.met).toContain(false);
    expect(first.watch.isAlone).toBe(true);
    await eventually('the first is told', () => first.told.met.length > 0);
    expect(first.told.met).not.toContain(false);
  });

  test('started several times at once goes on once', async () => {
    for (const delayMs of [0, 1, 100, 190, 250]) {
      const broker = new MemoryBroker();
      const one = instance(broker, { startedAtMs: TEST_NOW_MS });
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      const all = [one, ...[1, 2].map(() => instance(broker, { startedAtMs: TEST_NOW_MS - 1 }))];
      await Promise.all(all.map(({ begun }) => begun));
      await eventually(
        `one is left, ${delayMs} ms apart`,
        () => all.filter(({ watch }) => watch.isAlone).length === 1,
      );
      const left = all.find(({ watch }) => watch.isAlone);
      for (const other of all) if (other !== left) expect(await other.stopped).toBe('NODE_RUNS_ELSEWHERE');
      expect(left?.watch.isAlone).toBe(true);
    }
  });

  test('that could not be seen is found by the next look, and the later one stops at once', async () => {
    const broker = new MemoryBroker();
    broker.deliver = () => [];
    const first = instance(broker, { everyMs: 50 });
    const second = instance(broker, { startedAtMs: TEST_NOW_MS + 1, everyMs: 50 });
    expect(await Promise.all([first.begun, second.begun])).toEqual(['runs', 'runs']);
    const lost = second.watch.lost.catch((error) => error.code);
    broker.deliver = (message) => [message];
    expect(await lost).toBe('NODE_RUNS_ELSEWHERE');
    expect(second.watch.isAlone).toBe(false);
    expect(second.told.met).toContain(false);
    expect(first.watch.isAlone).toBe(true);
  });

  test('sends nothing after the broker was away before it has looked again', async () => {
    const broker = new MemoryBroker();
    const { begun, watch } = instance(broker);
    await begun;
    broker.tell('disconnected');
    expect(watch.isAlone).toBe(false);
    const waited = watch.whenAlone(AbortSignal.timeout(20_000));
    broker.tell('connected');
    expect(watch.isAlone).toBe(false);
    await waited;
    expect(watch.isAlone).toBe(true);
    await expect(watch.whenAlone(AbortSignal.abort())).resolves.toBeUndefined();
  });

  test('takes back nothing while the other still answers, and everything once it does not', async () => {
    const broker = new MemoryBroker();
    const first = instance(broker, { everyMs: 40 });
    await first.begun;
    const second = instance(broker);
    await second.begun;
    const { alone } = first.told;
    await eventually('it is met again', () => first.told.met.length > 3);
    await second.watch[Symbol.asyncDispose]();
    await eventually('it is alone again', () => first.told.alone > alone);
  });
});

describe('a hostile broker', () => {
  const isAnswer = ({ subject }: Carried) => subject.startsWith('_INBOX_');

  test('stops no node by what it has heard before: answers and questions of an earlier process', async () => {
    const broker = new MemoryBroker();
    const earlier = instance(broker);
    await earlier.begun;
    const refused = instance(broker);
    expect(await refused.stopped).toBe('NODE_RUNS_ELSEWHERE');
    const heard = [...broker.carried];
    for (const watch of open.splice(0)) await watch[Symbol.asyncDispose]();

    const node = instance(broker, { everyMs: 30 });
    const inbox = () => broker.carried.findLast(({ reply }) => reply !== undefined)?.reply ?? '';
    for (const one of heard)
      broker.inject(isAnswer(one) ? { ...one, subject: inbox() } : { ...one, reply: inbox() });
    expect(await node.begun).toBe('runs');
    for (const one of heard)
      broker.inject(isAnswer(one) ? { ...one, subject: inbox() } : { ...one, reply: inbox() });
    await eventually('they are refused', () => node.told.disbelieved.includes('REPLAY'));
    expect(node.watch.isAlone).toBe(true);
    expect(node.told.met).toEqual([]);
  });

  test('stops no node by its own words handed back to it', async () => {
    const broker = new MemoryBroker();
    broker.deliver = (message) =>
      message.reply === undefined
        ? [message]
        : [message, message, { ...message, subject: message.reply, reply: undefined }];
    const { begun, watch, told } = instance(broker);
    expect(await begun).toBe('runs');
    expect(watch.isAlone).toBe(true);
    expect(told.met).toEqual([]);
  });

  test('has 20 of its questions answered in a second at most', async () => {
    const broker = new MemoryBroker();
    const first = instance(broker);
    await first.begun;
    await instance(broker).begun;
    // The second's own: what the first asked in turn it does not answer itself.
    const question = broker.carried.filter(({ reply }) => reply !== undefined)[1] as Carried;
    for (const watch of open.splice(1)) await watch[Symbol.asyncDispose]();
    const answered = async (questions: number) => {
      // What was heard in the second before does not count.
      await new Promise((resolve) => setTimeout(resolve, 1_050));
      const before = broker.carried.filter(isAnswer).length;
      for (let count = 0; count < questions; count++) broker.inject(question);
      await new Promise((resolve) => setTimeout(resolve, 700));
      return broker.carried.filter(isAnswer).length - before;
    };
    expect(await answered(20)).toBe(20);
    expect(await answered(21)).toBe(20);
  });

  test('has an answer believed to one of the last 32 questions alone', async () => {
    const believed = async (asks: number) => {
      const broker = new MemoryBroker();
      const node = instance(broker);
      await node.begun;
      const first = broker.carried.find(({ reply }) => reply !== undefined) as Carried;
      const asked = judgeQuestion(first.data);
      if (!asked.ok) throw new Error(asked.detail);
      const { keyring, statement } = federation.of('XA');
      const answer = await createAnswer({
        network: federation.network,
        self: {
          instanceId: systemRandom.bytes(INSTANCE_ID_BYTES),
          startedAtMs: TEST_NOW_MS,
          running: true,
          incarnation: 1,
        },
        statement,
        nonce: asked.value.nonce,
        sign: (body, key) => keyring.sign('link', 'instance', body, key),
      });
      // Each question of another process, not in turn, makes the node ask once more.
      const questions = () => broker.carried.filter(({ reply }) => reply !== undefined).length;
      while (questions() < asks) {
        const before = questions();
        const instanceId = systemRandom.bytes(INSTANCE_ID_BYTES);
        const nonce = systemRandom.bytes(NONCE_BYTES);
        const data = encodeQuestion({ instanceId, nonce, inTurn: false });
        broker.inject({
          subject: first.subject,
          data,
          reply: rpcInbox('XA', 'ab'.repeat(11), 'XA'),
        });
        await eventually('it asks again', () => questions() > before);
        await new Promise((resolve) => setTimeout(resolve, 55));
      }
      broker.inject({ subject: first.reply ?? '', data: answer, reply: undefined });
      await eventually('it is judged', () => node.told.met.length + node.told.disbelieved.length > 0);
      return node.told.met.length > 0 ? 'believed' : node.told.disbelieved[0];
    };
    expect(await Promise.all([believed(32), believed(33)])).toEqual(['believed', 'REPLAY']);
  });
});
