/**
 * The same services over HTTP/2 with grpc-js: handlers become a grpc-js service, a grpc-js client becomes a Caller. The
 * only import of grpc-js in this folder. Every method goes as a stream of bytes, as on the wire.
 */
import * as grpc from '@grpc/grpc-js';
import {
  type AnyHandler,
  type HandlersOf,
  type MethodDefinition,
  methodPath,
  type ServiceDefinition,
} from './definition.ts';
import { TransportError } from './errors.ts';
import { invoke, type ServiceOptions } from './invoke.ts';
import { Metadata } from './metadata.ts';
import type { MessageJudge } from './ports.ts';
import {
  clipText,
  decodeStatusDetails,
  encodeStatusDetails,
  RpcError,
  refusal,
  Status,
  statusCodeOf,
} from './status.ts';
import type { Caller } from './typed-client.ts';

const DETAILS_KEY = 'grpc-status-details-bin';
/** Headers of HTTP/2 clients are small; grpc-js refuses larger ones anyway. */
const MESSAGE_BYTES = 2048;

const asIs = (bytes: Buffer): Buffer => bytes;
const toBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);

function toGrpc(metadata: Metadata): grpc.Metadata {
  const out = new grpc.Metadata();
  for (const [key, value] of metadata.entries())
    out.add(key, typeof value === 'string' ? value : toBuffer(value));
  return out;
}

/** What ours can hold of theirs; `grpc-` keys and the client's own (`user-agent`) stay outside. */
function fromGrpc(theirs: grpc.Metadata): Metadata {
  const out = new Metadata();
  for (const key of Object.keys(theirs.getMap())) {
    if (key.startsWith('grpc-') || key === 'user-agent' || key.startsWith(':')) continue;
    for (const value of theirs.get(key))
      try {
        out.add(key, typeof value === 'string' ? value : new Uint8Array(value));
      } catch {
        // Not a value that a call over the broker could carry: handlers see the same over both.
      }
  }
  return out;
}

export interface GrpcService {
  readonly definition: grpc.ServiceDefinition;
  readonly implementation: grpc.UntypedServiceImplementation;
}

/** For `server.addService(service.definition, service.implementation)`. */
export function grpcService<Definition extends ServiceDefinition>(
  service: Definition,
  handlers: HandlersOf<Definition>,
  options: ServiceOptions = {},
): GrpcService {
  const definition: Record<string, grpc.MethodDefinition<Buffer, Buffer>> = {};
  const implementation: grpc.UntypedServiceImplementation = {};
  for (const [name, method] of Object.entries(service.methods)) {
    const handler: unknown = Reflect.get(handlers, name);
    if (typeof handler !== 'function')
      throw new TransportError(
        'DEFINITION_INVALID',
        `expected a handler for ${methodPath(service, method)}, got none`,
      );
    const path = methodPath(service, method);
    definition[method.name] = {
      path,
      requestStream: true,
      responseStream: true,
      requestSerialize: asIs,
      requestDeserialize: asIs,
      responseSerialize: asIs,
      responseDeserialize: asIs,
      originalName: name,
    };
    const bound = handler.bind(handlers) as AnyHandler;
    implementation[method.name] = (stream: grpc.ServerDuplexStream<Buffer, Buffer>) =>
      void serve(path, method, bound, stream, options);
  }
  return { definition, implementation };
}

async function serve(
  path: string,
  method: MethodDefinition,
  handler: AnyHandler,
  stream: grpc.ServerDuplexStream<Buffer, Buffer>,
  options: ServiceOptions,
): Promise<void> {
  const stop = new AbortController();
  const over = () => stop.abort(new RpcError(Status.CANCELLED, 'the call is over'));
  stream.on('cancelled', over);
  // Stream errors of a vanished client arrive here too, and must not end the process.
  stream.on('error', over);
  const requests = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>;
  const deadline = stream.getDeadline();
  const deadlineAt = deadline instanceof Date ? deadline.getTime() : deadline;
  const { error, trailer } = await invoke(
    method,
    handler,
    {
      path,
      peer: stream.getPeer(),
      metadata: fromGrpc(stream.metadata),
      deadlineAt: Number.isFinite(deadlineAt) ? deadlineAt : undefined,
      signal: stop.signal,
      certificate: stream.getAuthContext().sslPeerCertificate?.raw,
      read: async () => {
        const next = await requests.next();
        return next.done ? { value: undefined, done: true } : { value: next.value, done: false };
      },
      header: (metadata) => stream.sendMetadata(toGrpc(metadata)),
      respond: (message) => write(stream, message, stop.signal),
    },
    options,
  );
  if (stop.signal.aborted) return;
  if (error === undefined) {
    stream.end(toGrpc(trailer));
    return;
  }
  const metadata = toGrpc(trailer);
  const details = encodeStatusDetails(error);
  if (details.length > 0) metadata.set(DETAILS_KEY, toBuffer(details));
  stream.emit('error', { code: error.status, details: clipText(error.message, MESSAGE_BYTES), metadata });
}

interface Writable {
  write(chunk: Buffer): boolean;
  once(event: 'drain', listener: () => void): unknown;
  removeListener(event: 'drain', listener: () => void): unknown;
}

/** Writes, and waits for the reader where it is behind. */
function write(stream: Writable, message: Uint8Array, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.reject(signal.reason);
  if (stream.write(toBuffer(message))) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const drained = () => {
      signal.removeEventListener('abort', aborted);
      resolve();
    };
    const aborted = () => {
      stream.removeListener('drain', drained);
      reject(signal.reason);
    };
    stream.once('drain', drained);
    signal.addEventListener('abort', aborted, { once: true });
  });
}

/** Calls over a grpc-js client (`new grpc.Client(address, credentials)`); whoever made it closes it. */
export function callerOfGrpc(client: grpc.Client, options: { readonly judge?: MessageJudge } = {}): Caller {
  return {
    start: ({ path, requests, options: call }) => {
      const stop = new AbortController();
      let failure: RpcError | undefined;
      let metadata = new grpc.Metadata();
      try {
        metadata = toGrpc(Metadata.from(call.metadata));
      } catch (cause) {
        failure = new RpcError(Status.INTERNAL, cause instanceof Error ? cause.message : 'bad metadata', {
          cause,
        });
      }
      const stream = client.makeBidiStreamRequest<Buffer, Buffer>(
        path,
        asIs,
        asIs,
        metadata,
        call.deadlineMs === undefined ? {} : { deadline: Date.now() + call.deadlineMs },
      );
      const cancel = () => stream.cancel();
      if (failure !== undefined || call.signal?.aborted) cancel();
      call.signal?.addEventListener('abort', cancel, { once: true });
      stream.on('metadata', (received: grpc.Metadata) => call.onHeader?.(fromGrpc(received)));
      stream.on('status', (status: grpc.StatusObject) => {
        call.signal?.removeEventListener('abort', cancel);
        stop.abort(new RpcError(Status.CANCELLED, 'the call is over'));
        call.onTrailer?.(fromGrpc(status.metadata));
      });
      stream.on('error', (error: grpc.ServiceError) => {
        failure ??= fromServiceError(error);
      });
      void pump(stream, requests, stop.signal);
      const responses = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>;
      return {
        async next() {
          let result: IteratorResult<Buffer, undefined>;
          try {
            result = await responses.next();
          } catch (error) {
            throw failure ?? fromServiceError(error as grpc.ServiceError);
          }
          if (result.done) {
            if (failure !== undefined) throw failure;
            return { value: undefined, done: true };
          }
          const verdict = options.judge?.(path, 'response', result.value);
          if (verdict !== undefined && !verdict.ok) {
            failure = refusal(Status.INTERNAL, verdict.reason, verdict.detail);
            cancel();
            throw failure;
          }
          return { value: result.value, done: false };
        },
        async return() {
          cancel();
          return { value: undefined, done: true };
        },
        [Symbol.asyncIterator]() {
          return this;
        },
      };
    },
  };
}

async function pump(
  stream: grpc.ClientDuplexStream<Buffer, Buffer>,
  requests: Uint8Array | AsyncIterable<Uint8Array>,
  over: AbortSignal,
): Promise<void> {
  try {
    if (requests instanceof Uint8Array) {
      await write(stream, requests, over);
    } else {
      for await (const request of requests) {
        if (over.aborted) return;
        await write(stream, request, over);
      }
    }
    stream.end();
  } catch {
    if (!over.aborted) stream.cancel();
  }
}

function fromServiceError(error: grpc.ServiceError): RpcError {
  const [details] = error.metadata?.get(DETAILS_KEY) ?? [];
  return new RpcError(statusCodeOf(error.code ?? Status.UNKNOWN), error.details ?? error.message, {
    details: details instanceof Uint8Array ? decodeStatusDetails(details) : [],
    ...(error.metadata === undefined ? {} : { metadata: fromGrpc(error.metadata) }),
    cause: error,
  });
}
