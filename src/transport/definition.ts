/**
 * Services as ts-proto generates them (`outputServices=generic-definitions`), and the types of clients and handlers that
 * follow from them. The same definition, handlers and typed client run over NATS and over HTTP/2.
 */
import type { Metadata, MetadataInit } from './metadata.ts';
import type { CallEvidenceRecord } from './ports.ts';

/** Encodes and decodes one message type. */
export interface Codec<Message> {
  encode(message: Message): { finish(): Uint8Array };
  decode(input: Uint8Array): Message;
}

export interface MethodDefinition {
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: a codec takes its message in and out, so only any stands for all of them
  readonly requestType: Codec<any>;
  readonly requestStream: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly responseType: Codec<any>;
  readonly responseStream: boolean;
  readonly options: object;
}

export interface ServiceDefinition {
  readonly fullName: string;
  readonly methods: Readonly<Record<string, MethodDefinition>>;
}

type MessageOf<Type> = Type extends { decode(input: Uint8Array): infer Message } ? Message : never;
export type RequestOf<Method extends MethodDefinition> = MessageOf<Method['requestType']>;
export type ResponseOf<Method extends MethodDefinition> = MessageOf<Method['responseType']>;

export interface CallOptions {
  /** Milliseconds from now within which the call must have ended; without it a call may last as long as its session. */
  readonly deadlineMs?: number;
  /** Aborting cancels the call at both ends. */
  readonly signal?: AbortSignal;
  readonly metadata?: MetadataInit;
  readonly onHeader?: (metadata: Metadata) => void;
  readonly onTrailer?: (metadata: Metadata) => void;
}

type ClientMethod<Method extends MethodDefinition> = Method['requestStream'] extends true
  ? Method['responseStream'] extends true
    ? (
        requests: AsyncIterable<RequestOf<Method>>,
        options?: CallOptions,
      ) => AsyncIterableIterator<ResponseOf<Method>>
    : (requests: AsyncIterable<RequestOf<Method>>, options?: CallOptions) => Promise<ResponseOf<Method>>
  : Method['responseStream'] extends true
    ? (request: RequestOf<Method>, options?: CallOptions) => AsyncIterableIterator<ResponseOf<Method>>
    : (request: RequestOf<Method>, options?: CallOptions) => Promise<ResponseOf<Method>>;

/** One function per method. A failed call rejects, or ends its iteration, with RpcError. */
export type ClientOf<Definition extends ServiceDefinition> = {
  readonly [Name in keyof Definition['methods']]: ClientMethod<Definition['methods'][Name]>;
};

/** What a handler knows of its call. */
export interface CallContext {
  /** Over NATS the authenticated node id; over HTTP/2 the remote address: see `certificate`. */
  readonly peer: string;
  /** `/package.Service/Method`. */
  readonly method: string;
  readonly metadata: Metadata;
  /** Milliseconds UTC. */
  readonly deadlineAt: number | undefined;
  /** Aborts when the caller cancels, the deadline passes or the connection is lost: stop working. */
  readonly signal: AbortSignal;
  /** Initial metadata; once, before the first response. */
  setHeader(metadata: MetadataInit): void;
  /** Trailing metadata of a call that ends well; of a failing one it is RpcError's. */
  setTrailer(metadata: MetadataInit): void;
  /** Verified, for methods with the option `evidence`, over NATS. */
  readonly evidence: CallEvidenceRecord | undefined;
  /** DER of the TLS client certificate, over HTTP/2. */
  readonly certificate: Uint8Array | undefined;
}

type Handler<Method extends MethodDefinition> = Method['requestStream'] extends true
  ? Method['responseStream'] extends true
    ? (requests: AsyncIterable<RequestOf<Method>>, context: CallContext) => AsyncIterable<ResponseOf<Method>>
    : (requests: AsyncIterable<RequestOf<Method>>, context: CallContext) => Promise<ResponseOf<Method>>
  : Method['responseStream'] extends true
    ? (request: RequestOf<Method>, context: CallContext) => AsyncIterable<ResponseOf<Method>>
    : (request: RequestOf<Method>, context: CallContext) => Promise<ResponseOf<Method>>;

/** One function per method. Throws RpcError to choose the status; anything else becomes INTERNAL with a correlation id. */
export type HandlersOf<Definition extends ServiceDefinition> = {
  readonly [Name in keyof Definition['methods']]: Handler<Definition['methods'][Name]>;
};

/** Any handler, once its types are checked by `HandlersOf`. */
export type AnyHandler = (input: never, context: CallContext) => Promise<unknown> | AsyncIterable<unknown>;

/** `/package.Service/Method`. */
export const methodPath = (service: ServiceDefinition, method: MethodDefinition): string =>
  `/${service.fullName}/${method.name}`;

const REPEATABLE = new Set(['IDEMPOTENT', 'NO_SIDE_EFFECTS']);

/** Whether a method may be called again after any failure (google.protobuf.MethodOptions.idempotency_level). */
export function isIdempotent(method: MethodDefinition): boolean {
  const level: unknown = 'idempotencyLevel' in method.options ? method.options.idempotencyLevel : undefined;
  return typeof level === 'string' && REPEATABLE.has(level);
}

/** Field 50171 of MethodOptions, `tocsin.exchange.v1.evidence`, as a varint: the tag under which ts-proto keeps it. */
const EVIDENCE_TAG = (50171 << 3) | 0;

/** Whether the caller has to sign what it asks. */
export function needsEvidence(method: MethodDefinition): boolean {
  const unknown: unknown = '_unknownFields' in method.options ? method.options._unknownFields : undefined;
  if (typeof unknown !== 'object' || unknown === null) return false;
  const values: unknown = Reflect.get(unknown, EVIDENCE_TAG);
  const last: unknown = Array.isArray(values) ? values.at(-1) : undefined;
  return last instanceof Uint8Array && last[0] === 1;
}
