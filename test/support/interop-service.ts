/**
 * The service that gRPC's interop test descriptions are written against (grpc.testing.TestService), with small codecs
 * by hand in the protobuf form of its messages, and an implementation that behaves as they say.
 */
import { BinaryReader, BinaryWriter } from '@bufbuild/protobuf/wire';
import type { Codec, HandlersOf } from '../../src/transport/definition.ts';
import { Metadata, RpcError, type StatusCode } from '../../src/transport/index.ts';

interface EchoStatus {
  readonly code: number;
  readonly message: string;
}

interface SimpleRequest {
  readonly responseSize: number;
  readonly payload: Uint8Array;
  readonly echo: EchoStatus | undefined;
}
interface SimpleResponse {
  readonly payload: Uint8Array;
}
interface StreamingRequest {
  readonly sizes: readonly number[];
  readonly intervalMs: number;
  readonly payload: Uint8Array;
  readonly echo: EchoStatus | undefined;
}

const emptyType: Codec<Record<never, never>> = { encode: () => new BinaryWriter(), decode: () => ({}) };

const bytes = (writer: BinaryWriter, field: number, value: Uint8Array): BinaryWriter =>
  value.length === 0 ? writer : writer.uint32((field << 3) | 2).bytes(value);

function echo(writer: BinaryWriter, value: EchoStatus | undefined): BinaryWriter {
  if (value === undefined) return writer;
  return writer.uint32(0x3a).fork().uint32(0x08).int32(value.code).uint32(0x12).string(value.message).join();
}

interface Parts {
  numbers: number[];
  interval: number;
  payload: Uint8Array;
  echo: EchoStatus | undefined;
}

/** Fields: 2 = a size, 3 = payload, 4 = interval, 7 = status to echo. */
function readParts(input: Uint8Array): Parts {
  const reader = new BinaryReader(input);
  const parts: Parts = { numbers: [], interval: 0, payload: new Uint8Array(), echo: undefined };
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === 2) parts.numbers.push(reader.int32());
    else if (field === 3) parts.payload = reader.bytes();
    else if (field === 4) parts.interval = reader.int32();
    else if (field === 7) {
      const end = reader.uint32() + reader.pos;
      const status = { code: 0, message: '' };
      while (reader.pos < end) {
        const [inner] = reader.tag();
        if (inner === 1) status.code = reader.int32();
        else status.message = reader.string();
      }
      parts.echo = status;
    } else reader.skip(wireType);
  }
  return parts;
}

const simpleRequest: Codec<SimpleRequest> = {
  encode: (m) => echo(bytes(new BinaryWriter().uint32(0x10).int32(m.responseSize), 3, m.payload), m.echo),
  decode: (input) => {
    const { numbers, payload, echo: status } = readParts(input);
    return { responseSize: numbers[0] ?? 0, payload, echo: status };
  },
};
const simpleResponse: Codec<SimpleResponse> = {
  encode: (m) => bytes(new BinaryWriter(), 3, m.payload),
  decode: (input) => ({ payload: readParts(input).payload }),
};
const streamingRequest: Codec<StreamingRequest> = {
  encode: (m) => {
    const writer = new BinaryWriter();
    for (const size of m.sizes) writer.uint32(0x10).int32(size);
    if (m.intervalMs > 0) writer.uint32(0x20).int32(m.intervalMs);
    return echo(bytes(writer, 3, m.payload), m.echo);
  },
  decode: (input) => {
    const { numbers, interval, payload, echo: status } = readParts(input);
    return { sizes: numbers, intervalMs: interval, payload, echo: status };
  },
};
const aggregate: Codec<{ readonly size: number }> = {
  encode: (m) => new BinaryWriter().uint32(0x10).int32(m.size),
  decode: (input) => ({ size: readParts(input).numbers[0] ?? 0 }),
};

const idempotent = { idempotencyLevel: 'IDEMPOTENT' } as const;
const method = <Req, Res, RS extends boolean, SS extends boolean>(
  name: string,
  requestType: Codec<Req>,
  requestStream: RS,
  responseType: Codec<Res>,
  responseStream: SS,
  options: object = {},
) => ({ name, requestType, requestStream, responseType, responseStream, options }) as const;

const offered = {
  emptyCall: method('EmptyCall', emptyType, false, emptyType, false, idempotent),
  unaryCall: method('UnaryCall', simpleRequest, false, simpleResponse, false),
  streamingInputCall: method('StreamingInputCall', streamingRequest, true, aggregate, false),
  streamingOutputCall: method(
    'StreamingOutputCall',
    streamingRequest,
    false,
    simpleResponse,
    true,
    idempotent,
  ),
  fullDuplexCall: method('FullDuplexCall', streamingRequest, true, simpleResponse, true),
  evidenceCall: method('EvidenceCall', simpleRequest, false, simpleResponse, false, {
    idempotencyLevel: 'IDEMPOTENT',
    _unknownFields: { 401368: [Buffer.from([1])] },
  }),
} as const;

/** What the server registers. */
export const TestService = {
  name: 'TestService',
  fullName: 'grpc.testing.TestService',
  methods: offered,
} as const;

/** What a client sees: one method more than is offered. */
export const TestServiceOfClient = {
  ...TestService,
  methods: { ...offered, unimplementedCall: method('UnimplementedCall', emptyType, false, emptyType, false) },
} as const;

export const UnimplementedService = {
  name: 'UnimplementedService',
  fullName: 'grpc.testing.UnimplementedService',
  methods: { unimplementedCall: method('UnimplementedCall', emptyType, false, emptyType, false) },
} as const;

export const ECHO_INITIAL = 'x-grpc-test-echo-initial';
export const ECHO_TRAILING = 'x-grpc-test-echo-trailing-bin';

interface Echoes {
  readonly metadata: Metadata;
  setHeader(metadata: Metadata): void;
  setTrailer(metadata: Metadata): void;
}

function echoMetadata(context: Echoes): Metadata {
  const initial = context.metadata.get(ECHO_INITIAL);
  const trailing = context.metadata.get(ECHO_TRAILING);
  const trailer = new Metadata();
  if (trailing !== undefined) trailer.add(ECHO_TRAILING, trailing);
  context.setTrailer(trailer);
  if (initial !== undefined) context.setHeader(new Metadata().add(ECHO_INITIAL, initial));
  return trailer;
}

function echoStatus(status: EchoStatus | undefined, trailer: Metadata): void {
  if (status === undefined || status.code === 0) return;
  throw new RpcError(status.code as StatusCode, status.message, {
    metadata: trailer,
    details: [
      { typeUrl: 'type.googleapis.com/grpc.testing.Echo', value: new TextEncoder().encode(status.message) },
    ],
  });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}

export interface Observed {
  /** Signals of calls that were aborted, by method. */
  readonly aborted: string[];
  readonly evidence: Array<{ caller: string; method: string }>;
}

/** Handlers, and what they saw. */
export function testHandlers(): { handlers: HandlersOf<typeof TestService>; observed: Observed } {
  const observed: Observed = { aborted: [], evidence: [] };
  const watch = (context: { signal: AbortSignal; method: string }) =>
    context.signal.addEventListener('abort', () => observed.aborted.push(context.method));
  const handlers: HandlersOf<typeof TestService> = {
    emptyCall: async () => ({}),
    unaryCall: async (request, context) => {
      echoStatus(request.echo, echoMetadata(context));
      return { payload: new Uint8Array(request.responseSize) };
    },
    streamingInputCall: async (requests, context) => {
      watch(context);
      let size = 0;
      for await (const request of requests) size += request.payload.length;
      return { size };
    },
    async *streamingOutputCall(request, context) {
      watch(context);
      for (const size of request.sizes) {
        if (request.intervalMs > 0) await pause(request.intervalMs, context.signal);
        yield { payload: new Uint8Array(size) };
      }
    },
    async *fullDuplexCall(requests, context) {
      watch(context);
      const trailer = echoMetadata(context);
      for await (const request of requests) {
        echoStatus(request.echo, trailer);
        for (const size of request.sizes) {
          if (request.intervalMs > 0) await pause(request.intervalMs, context.signal);
          yield { payload: new Uint8Array(size) };
        }
      }
    },
    evidenceCall: async (request, context) => {
      if (context.evidence !== undefined)
        observed.evidence.push({ caller: context.evidence.caller, method: context.evidence.method });
      return { payload: new Uint8Array(request.responseSize) };
    },
  };
  return { handlers, observed };
}
