/** Calls of 1 KB: ours, sealed, beside grpc-js over TLS and beside what others do over NATS without any security. */
import { type Caller, callerOfGrpc, clientOf } from '../../src/transport/index.ts';
import { makeFederation } from '../support/authority.ts';
import { TestServiceOfClient } from '../support/interop-service.ts';
import { startNatsServer } from '../support/nats-server.ts';
import { NODES, overBroker, overHttp, plainStream, plainUnary, STREAM_BYTES } from './rpc-ends.ts';
import { peer, type RoundOfCalls, rawNats, roundOf } from './rpc-peers.ts';
import { type Bench, type Measure, perSecond } from './runner.ts';

const BYTES = 1_024;
const MANY = { calls: 5_000, inFlight: 100, bytes: BYTES };
const ONE = { calls: 300, inFlight: 1, bytes: BYTES };
const STREAMED = 10_000;

const many =
  (round: RoundOfCalls): Measure =>
  async () => [MANY.calls / (await round(MANY)).seconds];

const one =
  (round: RoundOfCalls): Measure =>
  async () =>
    (await round(ONE)).each;

function unaryOver(caller: Caller): RoundOfCalls {
  const client = clientOf(TestServiceOfClient, caller);
  return roundOf((bytes) => {
    const request = { responseSize: bytes, payload: Buffer.alloc(bytes, 7), echo: undefined };
    return () => client.unaryCall(request);
  });
}

/** Reads a stream to its end; messages a second. */
const streamed = (open: () => AsyncIterable<unknown>): Measure =>
  perSecond(STREAMED, async () => {
    let count = 0;
    for await (const _message of open()) count += 1;
    if (count !== STREAMED) throw new Error(`expected ${STREAMED} messages, got ${count}`);
  });

function streamOver(caller: Caller): Measure {
  const client = clientOf(TestServiceOfClient, caller);
  const sizes = Array.from({ length: STREAMED }, () => STREAM_BYTES);
  const request = { sizes, intervalMs: 0, payload: new Uint8Array(), echo: undefined };
  return streamed(() => client.streamingOutputCall(request));
}

export const rpcBench: Bench = {
  name: 'rpc',
  async open(stack) {
    const federation = stack.use(await makeFederation({ nodes: NODES.map((node) => ({ node })) }));
    const http = await overHttp(stack, federation);
    const httpCaller = callerOfGrpc(http);
    const [overTls, overPlain] = [
      await overBroker(stack, federation, true),
      await overBroker(stack, federation, false),
    ];
    const open = stack.use(await startNatsServer(({ host, port }) => `listen: "${host}:${port}"\n`));
    const others: readonly (readonly [string, RoundOfCalls])[] = [
      ['grpc-js over TLS, alone', roundOf((bytes) => () => plainUnary(http, Buffer.alloc(bytes, 7)))],
      ['grpc-js over TLS, our handlers', unaryOver(httpCaller)],
      ['raw NATS, no security', await rawNats(stack, open.url)],
      ['Moleculer over NATS, no security', await peer(stack, 'moleculer', open.url)],
      ['NestJS over NATS, no security', await peer(stack, 'nestjs', open.url)],
    ];
    const beside = (measureOf: (round: RoundOfCalls) => Measure) =>
      others.map(([name, round]) => ({ name, measure: measureOf(round) }));
    const unary = `unary calls of 1 KB, ${MANY.inFlight} in flight, sealed`;
    return [
      {
        id: 'unary-tls',
        what: `${unary}, broker over TLS`,
        unit: '/s',
        ours: many(unaryOver(overTls)),
        against: beside(many),
      },
      {
        id: 'unary-plain',
        what: `${unary}, broker without TLS`,
        unit: '/s',
        ours: many(unaryOver(overPlain)),
        against: beside(many),
      },
      {
        id: 'one-tls',
        what: 'one unary call of 1 KB at a time, sealed, broker over TLS',
        unit: 'ms',
        show: ['median', 'p99'],
        ours: one(unaryOver(overTls)),
        against: beside(one),
      },
      {
        id: 'stream-tls',
        what: `${STREAMED.toLocaleString('en')} streamed messages of 1 KB, sealed, broker over TLS`,
        unit: '/s',
        ours: streamOver(overTls),
        against: [
          { name: 'grpc-js over TLS, alone', measure: streamed(() => plainStream(http, STREAMED)) },
          { name: 'grpc-js over TLS, our handlers', measure: streamOver(httpCaller) },
        ],
      },
    ];
  },
};
