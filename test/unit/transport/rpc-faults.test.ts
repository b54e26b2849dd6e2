/** What a broker can do to a call, and what a peer can: every one of them ends as a failed call, never as silence. */
import { afterEach, describe, expect, it } from 'vitest';
import { LIMITS } from '../../../src/base/limits.ts';
import { Reason } from '../../../src/gen/tocsin/record/v1/reason.ts';
import {
  clientOf,
  createRpcClient,
  createRpcServer,
  type Liveness,
  type RefusedPacket,
  RpcError,
  type RpcServerOptions,
  reasonOf,
  Status,
} from '../../../src/transport/index.ts';
import { TestService, TestServiceOfClient, testHandlers } from '../../support/interop-service.ts';
import { type Carried, MemoryBroker } from '../../support/memory-broker.ts';
import { plainGuard } from '../../support/plain-guard.ts';

const net = '0123456789abcdef';
const none = new Uint8Array();
const FRAME_NUMBER_AT = 42;

const stack: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of stack.splice(0)) await one[Symbol.asyncDispose]();
});

function world(
  options: {
    liveness?: Liveness;
    handlers?: object;
    statusOf?: NonNullable<RpcServerOptions['statusOf']>;
  } = {},
) {
  const broker = new MemoryBroker();
  const refused: RefusedPacket[] = [];
  const failures: unknown[] = [];
  const { handlers, observed } = testHandlers();
  const calleeGuard = plainGuard();
  const callerGuard = plainGuard();
  const live = options.liveness === undefined ? {} : { liveness: options.liveness };
  const server = createRpcServer(
    { broker, guard: calleeGuard },
    {
      net,
      self: 'XB',
      ...live,
      refused: (one) => refused.push(one),
      failed: (one) => failures.push(one),
      ...(options.statusOf === undefined ? {} : { statusOf: options.statusOf }),
    },
  );
  server.add(TestService, { ...handlers, ...options.handlers }).start();
  const rpc = createRpcClient({ broker, guard: callerGuard }, { net, self: 'XA', ...live });
  stack.push(rpc, server);
  return {
    broker,
    refused,
    failures,
    observed,
    server,
    rpc,
    calleeGuard,
    callerGuard,
    client: clientOf(TestServiceOfClient, rpc.callerTo('XB')),
  };
}

const isFrame = ({ data }: Carried): boolean => data[1] === 2;
const toCallee = ({ subject }: Carried): boolean => subject.startsWith('tocsin.');
const numberOf = ({ data }: Carried): number => Buffer.from(data).readUInt32BE(FRAME_NUMBER_AT);

async function failureOf(call: Promise<unknown>): Promise<RpcError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof RpcError) return error;
    throw error;
  }
  throw new Error('expected the call to fail');
}

async function drain(stream: AsyncIterable<{ payload: Uint8Array }>): Promise<number> {
  let count = 0;
  for await (const _ of stream) count++;
  return count;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

const streaming = (sizes: number[]) => ({ sizes, payload: none, intervalMs: 0, echo: undefined });
const simple = (responseSize = 0, payload = none) => ({ responseSize, payload, echo: undefined });

describe('a frame', () => {
  it('that is lost on its way to the caller fails the call', async () => {
    const { broker, client } = world();
    broker.deliver = (m) => (isFrame(m) && !toCallee(m) && numberOf(m) === 1 ? [] : [m]);
    const error = await failureOf(drain(client.streamingOutputCall(streaming(Array(10).fill(20_000)))));
    expect([error.code, reasonOf(error)]).toEqual(['UNAVAILABLE', Reason.REASON_FRAME_FOREIGN]);
  });

  it('that is lost on its way to the callee fails the call, by the callee’s own word', async () => {
    const { broker, client } = world();
    broker.deliver = (m) => (isFrame(m) && toCallee(m) && numberOf(m) === 1 ? [] : [m]);
    const error = await failureOf(client.unaryCall(simple(0, new Uint8Array(200_000))));
    expect([error.code, error.message]).toEqual([
      'UNAVAILABLE',
      'a frame of the call was lost: expected frame 1, got 2; call again',
    ]);
  });

  it('that is the first one and lost is answered by the callee', async () => {
    const { broker, client, refused } = world();
    broker.deliver = (m) => (isFrame(m) && toCallee(m) && numberOf(m) === 0 ? [] : [m]);
    const error = await failureOf(client.unaryCall(simple(0, new Uint8Array(200_000))));
    expect(error.message).toBe('the first frame of the call was lost; call again');
    expect(refused.map(({ reason }) => reason)).toContain(Reason.REASON_FRAME_FOREIGN);
  });

  it('that is the last one and lost leaves no silence: the call fails in bounded time', async () => {
    const { broker, client } = world({ liveness: { keepAliveMs: 20, livenessMs: 60 } });
    broker.deliver = (m) => (isFrame(m) && !toCallee(m) ? [] : [m]);
    const error = await failureOf(client.unaryCall(simple()));
    expect([error.code, error.message]).toEqual(['UNAVAILABLE', expect.stringMatching(/has not been heard/)]);
  });

  it('that comes twice fails the call', async () => {
    const { broker, client } = world();
    broker.deliver = (m) => (isFrame(m) && !toCallee(m) && numberOf(m) === 1 ? [m, m] : [m]);
    const error = await failureOf(drain(client.streamingOutputCall(streaming(Array(10).fill(20_000)))));
    expect([error.message, reasonOf(error)]).toEqual([
      expect.stringMatching(/came twice/),
      Reason.REASON_FRAME_FOREIGN,
    ]);
  });

  it('of another call is not taken for the call’s own', async () => {
    const { broker, client } = world();
    let other: Carried | undefined;
    broker.deliver = (m) => {
      if (!isFrame(m) || toCallee(m) || numberOf(m) !== 1) return [m];
      if (other === undefined) {
        other = m;
        return [m];
      }
      // The right place in the right call, but the sealed bytes of the other one.
      const data = Buffer.from(other.data);
      data.set(m.data.subarray(0, 46), 0);
      return [{ ...m, data }];
    };
    const wanted = streaming([20_000, 20_000, 20_000]);
    expect(await drain(client.streamingOutputCall(wanted))).toBe(3);
    const error = await failureOf(drain(client.streamingOutputCall(wanted)));
    expect(reasonOf(error)).toBe(Reason.REASON_FRAME_FOREIGN);
  });

  it('that opens a call is taken once: a replay is refused and reaches no handler', async () => {
    let runs = 0;
    const { broker, client, refused } = world({
      handlers: {
        emptyCall: async () => {
          runs++;
          return {};
        },
      },
    });
    await client.emptyCall({});
    const [first] = broker.carried.filter((m) => isFrame(m) && toCallee(m));
    expect(first).toBeDefined();
    if (first !== undefined) broker.inject(first);
    await until(() => refused.length > 0);
    expect([runs, refused.map(({ reason }) => reason)]).toEqual([1, [Reason.REASON_REPLAY]]);
  });

  it('that is larger than the limit is refused unread', async () => {
    const { broker, refused } = world();
    const data = new Uint8Array(LIMITS.frameBytes + 1).fill(1, 0, 1).fill(2, 1, 2);
    broker.inject({ subject: `tocsin.${net}.rpc.XB.XA`, data, reply: '_INBOX_XA.rpc.t.XB' });
    await until(() => refused.length > 0);
    expect(refused[0]?.reason).toBe(Reason.REASON_TOO_LARGE);
  });
});

describe('a request that names somebody else’s inbox', () => {
  it('gets no answer there', async () => {
    const { broker, refused } = world();
    const subject = `tocsin.${net}.rpc.XB.XA`;
    const foreign = [
      '_INBOX_XC.rpc.t.XB',
      `tocsin.${net}.mail.XC.XB.0`,
      '_INBOX_XA.rpc.t.XC',
      '_INBOX_XA.rpc.>.XB',
      undefined,
    ];
    for (const reply of foreign)
      broker.inject({ subject, data: Uint8Array.of(1, 1, ...Array(20).fill(1)), reply });
    await until(() => refused.length === foreign.length);
    expect(new Set(refused.map(({ reason }) => reason))).toEqual(new Set([Reason.REASON_WRONG_SENDER]));
    expect(broker.carried).toEqual([]);
  });

  it('and mail that was steered to the subscription of calls is not looked at', async () => {
    const { broker, refused, client } = world();
    broker.inject({
      subject: `tocsin.${net}.mail.XB.XA.0`,
      data: Uint8Array.of(1, 2),
      reply: '_INBOX_XA.rpc.t.XB',
    });
    await client.emptyCall({});
    expect(refused).toEqual([]);
  });
});

describe('flow control', () => {
  it('stops a sender whose reader does not read, and loses nothing', async () => {
    const sent = { count: 0 };
    const { client } = world({
      handlers: {
        async *streamingOutputCall() {
          for (; sent.count < 150; sent.count++) yield { payload: new Uint8Array(10_000) };
        },
      },
    });
    const answers = client.streamingOutputCall(streaming([]));
    await answers.next();
    let before = -1;
    while (before !== sent.count) {
      before = sent.count;
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    }
    // One window of 256 KiB on the way and one message in hand; 1.5 MB are to be sent.
    expect(sent.count * 10_000).toBeLessThan(2 * LIMITS.callWindowBytes);
    expect(await drain(answers)).toBe(149);
  });

  it('stops a caller whose handler does not read', async () => {
    let sent = 0;
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { client } = world({
      handlers: {
        streamingInputCall: async (requests: AsyncIterable<{ payload: Uint8Array }>) => {
          await gate;
          let size = 0;
          for await (const { payload } of requests) size += payload.length;
          return { size };
        },
      },
    });
    async function* requests() {
      for (; sent < 150; sent++) yield { ...streaming([]), payload: new Uint8Array(10_000) };
    }
    const call = client.streamingInputCall(requests());
    await until(() => sent > 20);
    for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(sent * 10_000).toBeLessThan(2 * LIMITS.callWindowBytes);
    release();
    expect(await call).toEqual({ size: 1_500_000 });
  });

  it('lets a message pass that is as large as allowed, and none larger, at either end', async () => {
    let received = 0;
    const { client } = world({
      handlers: {
        unaryCall: async ({ payload, responseSize }: { payload: Uint8Array; responseSize: number }) => {
          received = payload.length;
          return { payload: new Uint8Array(responseSize) };
        },
      },
    });
    // Around the payload there are 2 + 1 + 4 bytes of the test message.
    const most = LIMITS.messageBytes - 7;
    await client.unaryCall(simple(0, new Uint8Array(most)));
    expect(received).toBe(most);
    const there = await failureOf(client.unaryCall(simple(0, new Uint8Array(LIMITS.messageBytes + 1))));
    const back = await failureOf(client.unaryCall(simple(LIMITS.messageBytes + 1)));
    for (const error of [there, back])
      expect([error.code, reasonOf(error)]).toEqual(['RESOURCE_EXHAUSTED', Reason.REASON_TOO_LARGE]);
  });
});

describe('a server', () => {
  it('that has as many calls of one caller as allowed says that it is too busy', async () => {
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { client } = world({
      handlers: {
        emptyCall: async () => {
          await gate;
          return {};
        },
      },
    });
    const calls = Array.from({ length: LIMITS.callsPerCaller }, () => client.emptyCall({}));
    const error = await failureOf(client.emptyCall({}));
    expect([error.code, reasonOf(error)]).toEqual(['RESOURCE_EXHAUSTED', Reason.REASON_BUSY]);
    release();
    expect((await Promise.all(calls)).length).toBe(LIMITS.callsPerCaller);
    expect(await client.emptyCall({})).toEqual({});
  });

  it('that drains finishes what is under way and refuses what is new', async () => {
    let release = () => {};
    let begun = false;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { client, server } = world({
      handlers: {
        emptyCall: async () => {
          begun = true;
          await gate;
          return {};
        },
      },
    });
    const underWay = client.emptyCall({});
    await until(() => begun);
    const drained = server.drain(10_000);
    expect((await failureOf(client.emptyCall({}))).code).toBe('UNAVAILABLE');
    release();
    await drained;
    expect(await underWay).toEqual({});
  });

  it('that drains past its grace fails what is left', async () => {
    const { client, server, observed } = world();
    const sleeping = client.streamingOutputCall({ ...streaming([1]), intervalMs: 60_000 });
    await until(() => server.callsUnderWay > 0);
    await server.drain(0);
    expect((await failureOf(drain(sleeping))).code).toBe('UNAVAILABLE');
    expect(observed.aborted).toHaveLength(1);
  });

  it('hides what it did not expect behind a correlation id', async () => {
    const { client, failures } = world({
      handlers: {
        emptyCall: async () => {
          throw new Error('secret of the house');
        },
      },
    });
    const error = await failureOf(client.emptyCall({}));
    expect(error.code).toBe('INTERNAL');
    expect(error.message).not.toContain('secret');
    expect(failures).toEqual([
      expect.objectContaining({
        peer: 'XA',
        error: expect.objectContaining({ message: 'secret of the house' }),
      }),
    ]);
  });

  it('tells why a call failed in 4,096 bytes at most', async () => {
    const told = async (bytes: number) => {
      const statusOf = () => new RpcError(Status.NOT_FOUND, 'x'.repeat(bytes));
      const emptyCall = () => Promise.reject(new Error('no such thing'));
      const { client } = world({ handlers: { emptyCall }, statusOf });
      return (await failureOf(client.emptyCall({}))).message.length;
    };
    expect([await told(4_096), await told(4_097)]).toEqual([4_096, 4_096]);
  });

  it('gives the application’s own errors the status that its table says', async () => {
    const { client } = world({
      handlers: {
        emptyCall: async () => {
          throw new Error('no such thing');
        },
      },
      statusOf: () => new RpcError(Status.NOT_FOUND, 'not found'),
    });
    expect((await failureOf(client.emptyCall({}))).code).toBe('NOT_FOUND');
  });

  it('hands evidence that fits the request to the handler, and refuses any other', async () => {
    const { client, observed, broker } = world();
    await client.evidenceCall(simple(3));
    expect(observed.evidence).toEqual([{ caller: 'XA', method: '/grpc.testing.TestService/EvidenceCall' }]);
    broker.deliver = (m) => {
      if (!isFrame(m) || !toCallee(m)) return [m];
      // The request asks for another size than the evidence was made for.
      const at = Buffer.from(m.data).lastIndexOf(Buffer.from([0x10, 0x03]));
      return [{ ...m, data: at < 0 ? m.data : m.data.with(at + 1, 4) }];
    };
    const error = await failureOf(client.evidenceCall(simple(3)));
    expect([error.code, reasonOf(error)]).toEqual(['UNAUTHENTICATED', Reason.REASON_CALL_EVIDENCE]);
  });
});

describe('a session that the callee has lost', () => {
  it('is made anew and an idempotent call repeated', async () => {
    const { client, calleeGuard, callerGuard } = world();
    await client.emptyCall({});
    calleeGuard.forget();
    expect(await client.emptyCall({})).toEqual({});
    expect(callerGuard.handshakes).toBe(2);
  });

  it('fails a call that may not be repeated, and the next one goes through', async () => {
    const { client, calleeGuard } = world();
    await client.emptyCall({});
    calleeGuard.forget();
    const error = await failureOf(client.unaryCall(simple()));
    expect([error.code, reasonOf(error)]).toEqual(['UNAVAILABLE', Reason.REASON_NO_SESSION]);
    expect((await client.unaryCall(simple())).payload.length).toBe(0);
  });

  it('again and again is not followed for ever', async () => {
    const { client, calleeGuard, callerGuard, broker } = world();
    broker.deliver = (m) => {
      if (isFrame(m)) calleeGuard.forget();
      return [m];
    };
    expect((await failureOf(client.emptyCall({}))).code).toBe('UNAVAILABLE');
    expect(callerGuard.handshakes).toBe(3);
  });
});

describe('a connection', () => {
  it('that is lost fails the calls under way at both ends at once; new ones fail until it is back', async () => {
    const { client, broker, observed, server } = world();
    const sleeping = client.streamingOutputCall({ ...streaming([1]), intervalMs: 60_000 });
    await until(() => server.callsUnderWay > 0);
    broker.tell('disconnected');
    expect((await failureOf(drain(sleeping))).code).toBe('UNAVAILABLE');
    expect(observed.aborted).toHaveLength(1);
    expect((await failureOf(client.emptyCall({}))).code).toBe('UNAVAILABLE');
    broker.tell('connected');
    expect(await client.emptyCall({})).toEqual({});
  });

  it('to a peer that is not there fails at once', async () => {
    const { rpc } = world();
    const error = await failureOf(clientOf(TestServiceOfClient, rpc.callerTo('XC')).emptyCall({}));
    expect([error.code, error.message]).toEqual([
      'UNAVAILABLE',
      'XC is not connected to the broker; call again later',
    ]);
  });

  it('over which a caller vanished lets its handlers go', async () => {
    const { broker, client, observed } = world({ liveness: { keepAliveMs: 20, livenessMs: 60 } });
    let cut = false;
    broker.deliver = (m) => (cut ? [] : [m]);
    const answers = client.streamingOutputCall({ ...streaming([1]), intervalMs: 60_000 });
    const failed = failureOf(drain(answers));
    await until(() => broker.carried.some((m) => isFrame(m) && toCallee(m)));
    await new Promise((resolve) => setImmediate(resolve));
    cut = true;
    expect((await failed).code).toBe('UNAVAILABLE');
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        if (observed.aborted.length === 0) return;
        clearInterval(timer);
        resolve();
      }, 5);
    });
  });

  it('that is idle is kept by asking, however long the handler takes', async () => {
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { client, broker } = world({
      liveness: { keepAliveMs: 10, livenessMs: 40 },
      handlers: {
        emptyCall: async () => {
          await gate;
          return {};
        },
      },
    });
    const call = client.emptyCall({});
    call.catch(() => undefined);
    // More than four lives of a silent call.
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(broker.carried.length).toBeGreaterThan(8);
    release();
    expect(await call).toEqual({});
  });
});

describe('a client', () => {
  it('that drains finishes its calls and begins none', async () => {
    const { client, rpc } = world();
    const call = client.streamingOutputCall({ ...streaming([1]), intervalMs: 10 });
    const drained = rpc.drain(10_000);
    expect((await failureOf(client.emptyCall({}))).code).toBe('UNAVAILABLE');
    expect(await drain(call)).toBe(1);
    await drained;
  });

  it('with bad metadata, or cancelled before it begins, fails without a word on the broker', async () => {
    const { client, broker } = world();
    expect((await failureOf(client.emptyCall({}, { metadata: { 'a b': 'x' } }))).code).toBe('INTERNAL');
    expect((await failureOf(client.emptyCall({}, { signal: AbortSignal.abort() }))).code).toBe('CANCELLED');
    expect(broker.carried).toEqual([]);
  });

  it('keeps its deadline while the handshake has no answer', async () => {
    const { client, broker } = world();
    broker.deliver = () => [];
    expect((await failureOf(client.emptyCall({}, { deadlineMs: 20 }))).code).toBe('DEADLINE_EXCEEDED');
  });
});
