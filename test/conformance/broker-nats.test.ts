/** The broker port over a real nats-server: permissions, mailboxes, reconnection. */
import { connect, NatsError, nkeyAuthenticator } from 'nats';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { Reason } from '../../src/gen/tocsin/record/v1/reason.ts';
import {
  ADMINISTRATOR_INBOX,
  type BrokerStatus,
  brokerWarnings,
  clientOf,
  connectBroker,
  createRpcClient,
  createRpcServer,
  describeBroker,
  inboxPrefix,
  type Mail,
  mailStream,
  type NatsBroker,
  newBrokerUser,
  openMailbox,
  openPresence,
  type RefusedPacket,
  serverConfiguration,
  setUpMailboxes,
} from '../../src/transport/index.ts';
import { TestService, TestServiceOfClient, testHandlers } from '../support/interop-service.ts';
import { type NatsServer, startNatsServer } from '../support/nats-server.ts';
import { plainGuard } from '../support/plain-guard.ts';

const net = '0123456789abcdef';
const NODES = ['XA', 'XB', 'XC'];
const LIMITS_OF_TEST = { maxPerSubject: 3, maxAckPending: 64 };

let stack: AsyncDisposableStack;
let server: NatsServer;
let administrator: NatsBroker;
let operator: NatsBroker;
const users = new Map([...NODES, 'administrator', 'operator'].map((name) => [name, newBrokerUser()]));
const publicKey = (name: string): string => users.get(name)?.publicKey ?? '';

const connectAs = (name: string, prefix = inboxPrefix(name)): Promise<NatsBroker> =>
  connectBroker({
    servers: [server.url],
    inboxPrefix: prefix,
    name,
    nkeySeed: users.get(name)?.seed ?? '',
    reconnectDelayMs: 50,
    requestTimeoutMs: 1000,
  });

beforeAll(async () => {
  stack = new AsyncDisposableStack();
  server = stack.use(
    await startNatsServer(({ host, port, storeDir, version }) =>
      serverConfiguration({
        members: NODES.map((node) => ({ node, brokerUser: publicKey(node) })),
        net,
        host,
        port,
        storeDir,
        serverVersion: version,
        adminUser: publicKey('administrator'),
        operatorUser: publicKey('operator'),
      }),
    ),
  );
  administrator = stack.use(await connectAs('administrator', ADMINISTRATOR_INBOX));
  operator = stack.use(await connectAs('operator', '_INBOX_operator'));
  await setUpMailboxes(administrator, net, NODES, LIMITS_OF_TEST);
});
afterAll(() => stack?.disposeAsync());

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** Runs a consumer until `count` mails were handled. */
async function take(
  broker: NatsBroker,
  node: string,
  lane: 0 | 1,
  count: number,
  handle: (mail: Mail) => Promise<void> = (mail) => mail.ack(),
): Promise<Mail[]> {
  const stop = new AbortController();
  const mails: Mail[] = [];
  const consuming = openMailbox({ broker, net, self: node }).consume(
    lane,
    async (mail) => {
      mails.push(mail);
      await handle(mail);
      if (mails.length >= count) stop.abort();
    },
    { signal: stop.signal },
  );
  await consuming;
  await broker.flush();
  return mails;
}

describe('a mailbox', () => {
  const put = (broker: NatsBroker, self: string, recipient: string, text: string, messageId = text) =>
    openMailbox({ broker, net, self }).put({
      recipient,
      lane: 1,
      bytes: new TextEncoder().encode(text),
      messageId,
    });

  it('keeps mail until it is taken, tells a repetition, refuses more than it holds, and counts what waits', async () => {
    await using xa = await connectAs('XA');
    await using xb = await connectAs('XB');
    const mailbox = openMailbox({ broker: xb, net, self: 'XB' });
    expect(await put(xa, 'XA', 'XB', 'a1')).toBe('stored');
    expect(await put(xa, 'XA', 'XB', 'a1')).toBe('duplicate');
    expect(await put(xa, 'XA', 'XB', 'a2')).toBe('stored');
    expect(await put(xa, 'XA', 'XB', 'a3')).toBe('stored');
    expect(await put(xa, 'XA', 'XB', 'a4')).toBe('full');
    // One sender's full mailbox is nobody else's.
    await using xc = await connectAs('XC');
    expect(await put(xc, 'XC', 'XB', 'c1')).toBe('stored');
    expect([await mailbox.backlog(1), await mailbox.backlog(0)]).toEqual([4, 0]);
    const mails = await take(xb, 'XB', 1, 4);
    expect(mails.map(({ sender, lane, redelivered }) => [sender, lane, redelivered])).toEqual([
      ['XA', 1, false],
      ['XA', 1, false],
      ['XA', 1, false],
      ['XC', 1, false],
    ]);
    expect(await mailbox.backlog(1)).toBe(0);
    expect(await put(xa, 'XA', 'XB', 'a4')).toBe('stored');
    await take(xb, 'XB', 1, 1);
  });

  it('hands mail out again that was put off, or whose handler failed', async () => {
    await using xa = await connectAs('XA');
    await using xb = await connectAs('XB');
    await put(xa, 'XA', 'XB', 'again');
    const seen: boolean[] = [];
    await take(xb, 'XB', 1, 2, async (mail) => {
      seen.push(mail.redelivered);
      if (mail.redelivered) await mail.ack();
      else await mail.retryLater(20);
    });
    expect(seen).toEqual([false, true]);
  });

  it('survives a killed server, and a consumer goes on by itself', async () => {
    await using xa = await connectAs('XA');
    await using xb = await connectAs('XB');
    const stop = new AbortController();
    const texts: string[] = [];
    const consuming = openMailbox({ broker: xb, net, self: 'XB' }).consume(
      1,
      async (mail) => {
        texts.push(new TextDecoder().decode(mail.bytes));
        await mail.ack();
      },
      { signal: stop.signal },
    );
    await put(xa, 'XA', 'XB', 'before');
    await until(() => texts.includes('before'));
    const states: BrokerStatus['type'][] = [];
    xa.onStatus(({ type }) => states.push(type));
    await server.stop('SIGKILL');
    await until(() => !xa.connected);
    expect(await put(xa, 'XA', 'XB', 'while down')).toBe('unknown');
    expect(() => xa.publish(`tocsin.${net}.presence.XA`, new Uint8Array())).toThrow(
      expect.objectContaining({ code: 'BROKER_DISCONNECTED', retry: 'later' }),
    );
    await server.start();
    await until(() => xa.connected && xb.connected);
    expect(states).toEqual(['disconnected', 'connected']);
    await until(async () => (await put(xa, 'XA', 'XB', 'after', `after ${Math.random()}`)) === 'stored');
    await until(() => texts.includes('after'));
    stop.abort();
    await consuming;
    await until(() => administrator.connected && operator.connected);
  });
});

describe('the stream of the mailboxes', () => {
  const putTo = (broker: NatsBroker, text: string, messageId = text) =>
    openMailbox({ broker, net, self: 'XA' }).put({
      recipient: 'XB',
      lane: 0,
      bytes: new TextEncoder().encode(text),
      messageId,
    });

  it('that is deleted and made anew takes and hands out mail again by itself, the ids of before included', async () => {
    await using xa = await connectAs('XA');
    await using xb = await connectAs('XB');
    const stop = new AbortController();
    const texts: string[] = [];
    const failed: unknown[] = [];
    const consuming = openMailbox({ broker: xb, net, self: 'XB' }).consume(
      0,
      async (mail) => {
        texts.push(new TextDecoder().decode(mail.bytes));
        await mail.ack();
      },
      { signal: stop.signal, failed: (error) => failed.push(error) },
    );
    expect(await putTo(xa, 'before')).toBe('stored');
    await until(() => texts.includes('before'));
    await administrator.api(`STREAM.DELETE.${mailStream(net)}`);
    // Nobody takes it, and nobody says that it is kept.
    expect(await putTo(xa, 'meanwhile')).toBe('unknown');
    await expect(openMailbox({ broker: xb, net, self: 'XB' }).backlog(0)).rejects.toMatchObject({
      code: 'BROKER_REFUSED',
    });
    expect([xa.connected, xb.connected]).toEqual([true, true]);
    await setUpMailboxes(administrator, net, NODES, LIMITS_OF_TEST);
    expect(await putTo(xa, 'meanwhile')).toBe('stored');
    expect(await putTo(xa, 'before')).toBe('stored');
    await until(() => texts.length === 3);
    expect(texts).toEqual(['before', 'meanwhile', 'before']);
    expect(failed.every((error) => error instanceof Error)).toBe(true);
    stop.abort();
    await consuming;
  }, 120_000);

  it('that keeps mail for too short a time takes it again under the id of the next attempt', async () => {
    await using xa = await connectAs('XA');
    await using xb = await connectAs('XB');
    const backlog = () => openMailbox({ broker: xb, net, self: 'XB' }).backlog(0);
    await administrator.api(`STREAM.DELETE.${mailStream(net)}`);
    await setUpMailboxes(administrator, net, NODES, { ...LIMITS_OF_TEST, maxAgeMs: 120_000 });
    await administrator.api(`STREAM.UPDATE.${mailStream(net)}`, {
      ...Reflect.get(await administrator.api(`STREAM.INFO.${mailStream(net)}`), 'config'),
      max_age: 200_000_000,
      duplicate_window: 200_000_000,
    });
    expect(await putTo(xa, 'aged', 'aged 1')).toBe('stored');
    await until(async () => (await backlog()) === 0);
    await setUpMailboxes(administrator, net, NODES, LIMITS_OF_TEST);
    expect(await putTo(xa, 'aged', 'aged 2')).toBe('stored');
    expect(await take(xb, 'XB', 0, 1)).toHaveLength(1);
  });
});

describe('calls over a killed server', () => {
  it('fail at once, and go through again when it is back', async () => {
    await using xa = await connectAs('XA');
    await using xb = await connectAs('XB');
    const { handlers } = testHandlers();
    await using callee = createRpcServer({ broker: xb, guard: plainGuard() }, { net, self: 'XB' })
      .add(TestService, handlers)
      .start();
    // The broker must know the subscription before another connection calls.
    await xb.flush();
    await using rpc = createRpcClient({ broker: xa, guard: plainGuard() }, { net, self: 'XA' });
    const client = clientOf(TestServiceOfClient, rpc.callerTo('XB'));
    const sleeping = client.streamingOutputCall({
      sizes: [1],
      intervalMs: 60_000,
      payload: new Uint8Array(),
      echo: undefined,
    });
    await until(() => callee.callsUnderWay === 1);
    await server.stop('SIGKILL');
    await expect(sleeping.next()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await until(() => callee.callsUnderWay === 0);
    await server.start();
    await until(() => xa.connected && xb.connected && administrator.connected && operator.connected);
    await until(() =>
      client.emptyCall({}).then(
        () => true,
        () => false,
      ),
    );
  });
});

describe('a clock that is set back by hours', () => {
  afterEach(() => vi.useRealTimers());

  it('keeps nobody from the broker: a lost connection is dialled at the usual pace', async () => {
    await using xa = await connectAs('XA');
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 10 * 3_600_000 });
    await server.stop('SIGKILL');
    await until(() => !xa.connected);
    await server.start();
    await until(() => xa.connected && administrator.connected && operator.connected);
    await xa.flush();
  });
});

describe('a member', () => {
  it('may use its own subjects and no others: the broker refuses, and says so', async () => {
    await using xa = await connectAs('XA');
    const refused: string[] = [];
    xa.onStatus(({ type, detail }) => {
      if (type === 'refused') refused.push(detail);
    });
    const forbidden = [
      `tocsin.${net}.rpc.XB.XC`,
      `tocsin.${net}.mail.XB.XC.0`,
      `tocsin.${net}.log.XB`,
      '_INBOX_XB.rpc.t.XA',
      `$JS.API.STREAM.PURGE.${mailStream(net)}`,
      `$JS.API.STREAM.INFO.${mailStream(net)}`,
      `$JS.API.CONSUMER.MSG.NEXT.${mailStream(net)}.XB_0`,
    ];
    for (const subject of forbidden) xa.publish(subject, new Uint8Array());
    const subscriptions = [
      `tocsin.${net}.mail.>`,
      `tocsin.${net}.rpc.XB.*`,
      '_INBOX_XB.>',
      '_INBOX.>',
      '>',
      '$SYS.>',
      '$JS.>',
    ];
    for (const subject of subscriptions) xa.subscribe(subject, () => {});
    await xa.flush();
    await until(() => refused.length >= forbidden.length + subscriptions.length);
    expect(new Set(refused)).toEqual(
      new Set([
        ...forbidden.map((one) => `publish ${one}`),
        ...subscriptions.map((one) => `subscription ${one}`),
      ]),
    );
  });

  it('gets around no refusal by a queue group: neither with others, nor with the recipient itself', async () => {
    // As a program of its own would: the port of a broker knows no queue groups.
    const xa = await connect({
      servers: server.url,
      authenticator: nkeyAuthenticator(utf8(users.get('XA')?.seed ?? '')),
      ignoreClusterUpdates: true,
      reconnect: false,
    });
    await using xb = await connectAs('XB');
    try {
      const calls = `tocsin.${net}.rpc.XB.*`;
      const subjects = [calls, `tocsin.${net}.mail.>`, `$JS.ACK.>`, '_INBOX_XB.>', '$SYS.>', '>'];
      const outcomes = subjects.map(async (subject) => {
        try {
          for await (const _ of xa.subscribe(subject, { queue: 'workers' })) return `${subject} was heard`;
          return `${subject} ended`;
        } catch (error) {
          return error instanceof NatsError ? `${subject} ${error.code}` : String(error);
        }
      });
      expect(await Promise.all(outcomes)).toEqual(
        subjects.map((subject) => `${subject} PERMISSIONS_VIOLATION`),
      );
      const heard: string[] = [];
      xb.subscribe(calls, ({ subject }) => heard.push(subject));
      await xb.flush();
      await using xc = await connectAs('XC');
      for (let n = 0; n < 20; n += 1) xc.publish(`tocsin.${net}.rpc.XB.XC`, Uint8Array.of(n));
      await xc.flush();
      await until(() => heard.length === 20);
    } finally {
      await xa.close();
    }
  });

  it('tells everyone that it is there, and hears the others', async () => {
    await using xa = await connectAs('XA');
    await using xb = await connectAs('XB');
    const heard: string[] = [];
    openPresence({ broker: xb, net, self: 'XB' }).watch('presence', ({ node, bytes }) =>
      heard.push(`${node} ${[...bytes]}`),
    );
    await xb.flush();
    openPresence({ broker: xa, net, self: 'XA' }).publish('presence', Uint8Array.of(7));
    await until(() => heard.length > 0);
    expect(heard).toEqual(['XA 7']);
  });

  it('as the confused deputy of another answers into no mailbox', async () => {
    await using xb = await connectAs('XB');
    const refused: RefusedPacket[] = [];
    const { handlers } = testHandlers();
    await using callee = createRpcServer(
      { broker: xb, guard: plainGuard() },
      { net, self: 'XB', refused: (one) => refused.push(one) },
    )
      .add(TestService, handlers)
      .start();
    const misled: string[] = [];
    operator.subscribe(`tocsin.${net}.mail.>`, ({ subject }) => misled.push(subject));
    await xb.flush();
    operator.publish(
      `tocsin.${net}.rpc.XB.XA`,
      Uint8Array.of(1, 1, ...Array(20).fill(1)),
      `tocsin.${net}.mail.XC.XB.0`,
    );
    await until(() => refused.length > 0);
    await callee.drain(0);
    await operator.flush();
    expect([refused[0]?.reason, misled]).toEqual([Reason.REASON_WRONG_SENDER, []]);
  });
});

describe('the broker', () => {
  it('is set up again without change', async () => {
    await setUpMailboxes(administrator, net, NODES, LIMITS_OF_TEST);
    const info = await administrator.api(`STREAM.INFO.${mailStream(net)}`);
    expect(Reflect.get(info, 'state')).toMatchObject({ consumer_count: 2 * NODES.length });
  });

  it('says its version, and what is wrong with it', () => {
    expect(describeBroker(administrator).version).toBe(server.version);
    expect(brokerWarnings('2.9.10')).toHaveLength(2);
    expect(brokerWarnings('2.11.16')).toHaveLength(1);
    expect(brokerWarnings('2.14.2')).toHaveLength(1);
    expect(['2.12.12', '2.13.1', '2.14.3', '3.0.0'].flatMap((version) => brokerWarnings(version))).toEqual(
      [],
    );
    expect(brokerWarnings('')).toHaveLength(1);
  });

  it('that never comes is waited for no longer than wished', async () => {
    const failing = connectBroker({
      servers: ['127.0.0.1:1'],
      inboxPrefix: '_INBOX_XA',
      name: 'XA',
      firstConnectTimeoutMs: 50,
    });
    await expect(failing).rejects.toMatchObject({ code: 'BROKER_DISCONNECTED' });
    await expect(
      connectBroker({ servers: [server.url], inboxPrefix: '_INBOX_XA', name: 'XA', nkeySeed: 'SUx' }),
    ).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' });
  });

  it('is not asked for a user or node that is none', () => {
    const options = { net, host: '127.0.0.1', port: 4222, storeDir: '/x', adminUser: publicKey('XC') };
    const wrong = [
      { ...options, members: [{ node: 'xa', brokerUser: publicKey('XA') }] },
      { ...options, members: [{ node: 'XA', brokerUser: 'nkey" }' }] },
      { ...options, members: [{ node: 'XA', brokerUser: publicKey('XC') }] },
    ];
    for (const one of wrong)
      expect(() => serverConfiguration(one)).toThrow(
        expect.objectContaining({ code: 'CONFIGURATION_INVALID' }),
      );
  });
});
