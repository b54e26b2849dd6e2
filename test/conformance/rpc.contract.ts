/**
 * What a gRPC transport has to do, after gRPC's interop test descriptions
 * (https://github.com/grpc/grpc/blob/master/doc/interop-test-descriptions.md). Run against every transport of ours.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Caller, clientOf, type Metadata, RpcError, Status } from '../../src/transport/index.ts';
import {
  ECHO_INITIAL,
  ECHO_TRAILING,
  type Observed,
  TestServiceOfClient,
  UnimplementedService,
} from '../support/interop-service.ts';

export interface RpcHarness extends AsyncDisposable {
  readonly caller: Caller;
  readonly observed: Observed;
}

const LARGE_REQUEST = 271_828;
const LARGE_RESPONSE = 314_159;
const none = new Uint8Array();

async function* streamOf<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  for (const item of items) yield item;
}

async function failureOf(call: Promise<unknown>): Promise<RpcError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof RpcError) return error;
    throw error;
  }
  throw new Error('expected the call to fail');
}

async function drain(stream: AsyncIterable<{ payload: Uint8Array }>): Promise<number[]> {
  const sizes: number[] = [];
  for await (const { payload } of stream) sizes.push(payload.length);
  return sizes;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** A queue of requests that a test fills as it goes. */
function channelOf<Item>() {
  const items: Item[] = [];
  let wake: (() => void) | undefined;
  let closed = false;
  return {
    send(item: Item) {
      items.push(item);
      wake?.();
    },
    close() {
      closed = true;
      wake?.();
    },
    async *stream(): AsyncGenerator<Item> {
      for (;;) {
        const item = items.shift();
        if (item !== undefined) yield item;
        else if (closed) return;
        else await new Promise<void>((resolve) => (wake = () => resolve()));
      }
    },
  };
}

export function rpcContract(name: string, start: () => Promise<RpcHarness>): void {
  describe(`gRPC interop cases over ${name}`, () => {
    let harness: RpcHarness;
    const client = () => clientOf(TestServiceOfClient, harness.caller);
    const request = (sizes: number[], payload = none, intervalMs = 0) => ({
      sizes,
      payload,
      intervalMs,
      echo: undefined,
    });

    beforeAll(async () => {
      harness = await start();
    });
    afterAll(() => harness?.[Symbol.asyncDispose]());

    it('empty_unary: an empty message comes back', async () => {
      expect(await client().emptyCall({})).toEqual({});
    });

    it('large_unary: 271,828 bytes go and 314,159 come back', async () => {
      const payload = new Uint8Array(LARGE_REQUEST);
      const response = await client().unaryCall({ responseSize: LARGE_RESPONSE, payload, echo: undefined });
      expect(response.payload.length).toBe(LARGE_RESPONSE);
    });

    it('client_streaming: four messages are added up', async () => {
      const sizes = [27_182, 8, 1828, 45_904];
      const requests = streamOf(sizes.map((size) => request([], new Uint8Array(size))));
      expect(await client().streamingInputCall(requests)).toEqual({ size: 74_922 });
    });

    it('server_streaming: four messages come in order', async () => {
      const sizes = [31_415, 9, 2653, 58_979];
      expect(await drain(client().streamingOutputCall(request(sizes)))).toEqual(sizes);
    });

    it('ping_pong: each answer comes before the next question is sent', async () => {
      const questions = channelOf<ReturnType<typeof request>>();
      const answers = client().fullDuplexCall(questions.stream());
      for (const [payload, size] of [
        [27_182, 31_415],
        [8, 9],
        [1828, 2653],
        [45_904, 58_979],
      ] as const) {
        questions.send(request([size], new Uint8Array(payload)));
        expect((await answers.next()).value?.payload.length).toBe(size);
      }
      questions.close();
      expect((await answers.next()).done).toBe(true);
    });

    it('empty_stream: no messages either way end well', async () => {
      expect(await drain(client().fullDuplexCall(streamOf([])))).toEqual([]);
    });

    it('custom_metadata: initial and trailing metadata come back, -bin as bytes', async () => {
      const trailing = Uint8Array.of(0xab, 0xab, 0xab);
      const metadata = { [ECHO_INITIAL]: 'test_initial_metadata_value', [ECHO_TRAILING]: trailing };
      const seen: Metadata[] = [];
      const options = {
        metadata,
        onHeader: (header: Metadata) => seen.push(header),
        onTrailer: (trailer: Metadata) => seen.push(trailer),
      };
      await client().unaryCall({ responseSize: 1, payload: none, echo: undefined }, options);
      await drain(client().fullDuplexCall(streamOf([request([5])]), options));
      expect(seen.map((one) => [one.get(ECHO_INITIAL), one.get(ECHO_TRAILING)])).toEqual([
        ['test_initial_metadata_value', undefined],
        [undefined, trailing],
        ['test_initial_metadata_value', undefined],
        [undefined, trailing],
      ]);
    });

    it('status_code_and_message: the status of the handler, with its details and trailer, is what the caller gets', async () => {
      const echo = { code: Status.UNKNOWN, message: 'test status message' };
      const metadata = { [ECHO_TRAILING]: Uint8Array.of(7) };
      const unary = await failureOf(
        client().unaryCall({ responseSize: 0, payload: none, echo }, { metadata }),
      );
      const duplex = await failureOf(
        drain(client().fullDuplexCall(streamOf([{ ...request([]), echo }]), { metadata })),
      );
      for (const error of [unary, duplex]) {
        expect([error.status, error.message]).toEqual([2, 'test status message']);
        expect(error.metadata.get(ECHO_TRAILING)).toEqual(Uint8Array.of(7));
        expect(error.details.map(({ typeUrl }) => typeUrl)).toEqual([
          'type.googleapis.com/grpc.testing.Echo',
        ]);
        expect(Buffer.from(error.details[0]?.value ?? none).toString()).toBe('test status message');
      }
    });

    it('every failing status code comes through as itself', async () => {
      const codes = Object.values(Status).filter((code) => code !== Status.OK);
      const errors = await Promise.all(
        codes.map((code) =>
          failureOf(
            client().unaryCall({ responseSize: 0, payload: none, echo: { code, message: `code ${code}` } }),
          ),
        ),
      );
      expect(errors.map(({ status }) => status)).toEqual(codes);
    });

    it('special_status_message: white space and characters beyond the BMP survive', async () => {
      const message = '\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n';
      const error = await failureOf(
        client().unaryCall({ responseSize: 0, payload: none, echo: { code: Status.UNKNOWN, message } }),
      );
      expect(error.message).toBe(message);
    });

    it('unimplemented_method and unimplemented_service: UNIMPLEMENTED', async () => {
      expect((await failureOf(client().unimplementedCall({}))).status).toBe(Status.UNIMPLEMENTED);
      const other = clientOf(UnimplementedService, harness.caller);
      expect((await failureOf(other.unimplementedCall({}))).status).toBe(Status.UNIMPLEMENTED);
    });

    it('cancel_after_begin: the caller gets CANCELLED and the handler is told', async () => {
      const before = harness.observed.aborted.length;
      const stop = new AbortController();
      const questions = channelOf<ReturnType<typeof request>>();
      const answers = client().fullDuplexCall(questions.stream(), { signal: stop.signal });
      questions.send(request([1]));
      await answers.next();
      const waiting = failureOf(
        client().streamingInputCall(channelOf<ReturnType<typeof request>>().stream(), {
          signal: stop.signal,
        }),
      );
      stop.abort();
      expect((await waiting).status).toBe(Status.CANCELLED);
      await until(() => harness.observed.aborted.length > before);
    });

    it('cancel_after_first_response: the stream ends with CANCELLED', async () => {
      const before = harness.observed.aborted.length;
      const stop = new AbortController();
      const questions = channelOf<ReturnType<typeof request>>();
      const answers = client().fullDuplexCall(questions.stream(), { signal: stop.signal });
      questions.send(request([31_415], new Uint8Array(27_182)));
      expect((await answers.next()).value?.payload.length).toBe(31_415);
      stop.abort();
      expect((await failureOf(drain(answers))).status).toBe(Status.CANCELLED);
      await until(() => harness.observed.aborted.length > before);
    });

    it('leaving a stream early cancels it', async () => {
      const before = harness.observed.aborted.length;
      for await (const { payload } of client().streamingOutputCall(request([9, 9, 9, 9], none, 20))) {
        expect(payload.length).toBe(9);
        break;
      }
      await until(() => harness.observed.aborted.length > before);
    });

    it('timeout_on_sleeping_server: DEADLINE_EXCEEDED at the caller, and the handler is told', async () => {
      const before = harness.observed.aborted.length;
      const questions = channelOf<ReturnType<typeof request>>();
      questions.send(request([9], new Uint8Array(27_182), 60_000));
      const answers = client().fullDuplexCall(questions.stream(), { deadlineMs: 60 });
      expect((await failureOf(drain(answers))).status).toBe(Status.DEADLINE_EXCEEDED);
      await until(() => harness.observed.aborted.length > before);
    });

    it('many calls at once keep their answers apart', async () => {
      const sizes = Array.from({ length: 100 }, (_, index) => index * 100);
      const responses = await Promise.all(
        sizes.map((responseSize) => client().unaryCall({ responseSize, payload: none, echo: undefined })),
      );
      expect(responses.map(({ payload }) => payload.length)).toEqual(sizes);
    });
  });
}
