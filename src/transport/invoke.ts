/**
 * Runs a handler for one call, on whichever transport: decodes what it asks for, encodes what it answers, and turns what it
 * throws into a status. The only file that does.
 */
import { randomUUID } from 'node:crypto';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import type { AnyHandler, CallContext, MethodDefinition } from './definition.ts';
import { Metadata, type MetadataInit } from './metadata.ts';
import type { CallEvidenceRecord, MessageJudge } from './ports.ts';
import { RpcError, refusal, Status } from './status.ts';

/** A failure that the caller must not see in full. */
export interface HandlerFailure {
  readonly method: string;
  readonly peer: string;
  /** What the caller was told instead. */
  readonly correlationId: string;
  readonly error: unknown;
}

export interface ServiceOptions {
  /** Judges requests before they are decoded: INVALID_ARGUMENT with its reason. */
  readonly judge?: MessageJudge;
  /** A status for errors of the application's own; undefined = INTERNAL with a correlation id. */
  readonly statusOf?: (error: unknown) => RpcError | undefined;
  /** For the log. */
  readonly failed?: (failure: HandlerFailure) => void;
}

/** One call as its transport offers it. */
export interface IncomingCall {
  readonly path: string;
  readonly peer: string;
  readonly metadata: Metadata;
  readonly deadlineAt: number | undefined;
  readonly signal: AbortSignal;
  readonly certificate: Uint8Array | undefined;
  /** Next encoded request; done after the last. */
  read(): Promise<IteratorResult<Uint8Array, undefined>>;
  header(metadata: Metadata): void;
  /** Sends one encoded response; waits for the reader. */
  respond(message: Uint8Array): Promise<void>;
  /** Judges the caller's evidence against the request; throws RpcError. Absent where the transport has none. */
  readonly evidence?: (request: Uint8Array) => CallEvidenceRecord;
}

export interface CallOutcome {
  readonly error: RpcError | undefined;
  readonly trailer: Metadata;
}

/** Never rejects. */
export async function invoke(
  method: MethodDefinition,
  handler: AnyHandler,
  call: IncomingCall,
  options: ServiceOptions,
): Promise<CallOutcome> {
  let trailer = new Metadata();
  let header: Metadata | undefined;
  let headerSent = false;
  const sendHeader = () => {
    if (header !== undefined && !headerSent) call.header(header);
    headerSent = true;
  };
  const decode = (bytes: Uint8Array): unknown => decodeRequest(method, call.path, bytes, options.judge);
  try {
    const request = method.requestStream ? undefined : await onlyRequest(method, call);
    const evidence = call.evidence?.(request ?? new Uint8Array());
    const context: CallContext = {
      peer: call.peer,
      method: call.path,
      metadata: call.metadata,
      deadlineAt: call.deadlineAt,
      signal: call.signal,
      certificate: call.certificate,
      evidence,
      setHeader: (init: MetadataInit) => {
        header = Metadata.from(init);
        if (method.responseStream) sendHeader();
      },
      setTrailer: (init: MetadataInit) => {
        trailer = Metadata.from(init);
      },
    };
    const input = request === undefined ? requestsOf(call, decode) : decode(request);
    const result = handler(input as never, context);
    if (Symbol.asyncIterator in result) {
      for await (const response of result) {
        sendHeader();
        await call.respond(method.responseType.encode(response).finish());
      }
    } else {
      const response = await result;
      sendHeader();
      await call.respond(method.responseType.encode(response).finish());
    }
    sendHeader();
    return { error: undefined, trailer };
  } catch (thrown) {
    const error = toStatus(thrown, call, options);
    try {
      sendHeader();
    } catch {
      // The call is over: nobody is left to tell.
    }
    return { error, trailer: error.metadata.isEmpty ? trailer : error.metadata };
  }
}

async function onlyRequest(method: MethodDefinition, call: IncomingCall): Promise<Uint8Array> {
  const first = await call.read();
  if (first.done)
    throw refusal(
      Status.INVALID_ARGUMENT,
      Reason.REASON_MALFORMED,
      `expected one request of ${method.name}, got none`,
    );
  const second = await call.read();
  if (!second.done)
    throw refusal(
      Status.INVALID_ARGUMENT,
      Reason.REASON_MALFORMED,
      `expected one request of ${method.name}, got more`,
    );
  return first.value;
}

async function* requestsOf(
  call: IncomingCall,
  decode: (bytes: Uint8Array) => unknown,
): AsyncIterable<unknown> {
  for (;;) {
    const { value, done } = await call.read();
    if (done || value === undefined) return;
    yield decode(value);
  }
}

function decodeRequest(
  method: MethodDefinition,
  path: string,
  bytes: Uint8Array,
  judge?: MessageJudge,
): unknown {
  const verdict = judge?.(path, 'request', bytes);
  if (verdict !== undefined && !verdict.ok)
    throw refusal(Status.INVALID_ARGUMENT, verdict.reason, verdict.detail);
  try {
    return method.requestType.decode(bytes);
  } catch (cause) {
    throw new RpcError(
      Status.INVALID_ARGUMENT,
      `the request of ${method.name} is not a message of its type`,
      { cause },
    );
  }
}

/** RpcError as it is, the application's own errors by its table, anything else hidden behind a correlation id. */
function toStatus(
  thrown: unknown,
  call: { readonly path: string; readonly peer: string },
  options: ServiceOptions,
): RpcError {
  if (thrown instanceof RpcError) return thrown;
  const known = options.statusOf?.(thrown);
  if (known !== undefined) return known;
  const correlationId = randomUUID();
  options.failed?.({ method: call.path, peer: call.peer, correlationId, error: thrown });
  return new RpcError(
    Status.INTERNAL,
    `internal error; the operator finds it in the log under ${correlationId}`,
    {
      cause: thrown,
    },
  );
}
