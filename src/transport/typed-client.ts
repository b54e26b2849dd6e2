/** A typed client out of a service definition and anything that can make calls. */
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import {
  type CallOptions,
  type ClientOf,
  isIdempotent,
  type MethodDefinition,
  methodPath,
  needsEvidence,
  type ServiceDefinition,
} from './definition.ts';
import { RpcError, refusal, Status } from './status.ts';

/** A call in encoded messages. */
export interface OutgoingCall {
  /** `/package.Service/Method`. */
  readonly path: string;
  /** One message, or a stream of them. */
  readonly requests: Uint8Array | AsyncIterable<Uint8Array>;
  readonly idempotent: boolean;
  readonly evidence: boolean;
  readonly options: CallOptions;
}

/** Makes calls to one peer, over whichever transport. */
export interface Caller {
  /**
   * Begins a call at once. The iterator yields the encoded responses as they are read, and ends or throws RpcError with
   * the status; leaving it early cancels the call. A response that a MessageJudge of the caller refuses fails the call.
   */
  start(call: OutgoingCall): AsyncIterableIterator<Uint8Array>;
}

/** One function per method of the definition. Starting a call never throws: failures come with its result. */
export function clientOf<Definition extends ServiceDefinition>(
  definition: Definition,
  caller: Caller,
): ClientOf<Definition> {
  const client: Record<string, unknown> = {};
  for (const [name, method] of Object.entries(definition.methods)) {
    const path = methodPath(definition, method);
    client[name] = (input: unknown, options: CallOptions = {}) => {
      const responses = caller.start({
        path,
        requests: encodeRequests(method, input),
        idempotent: isIdempotent(method),
        evidence: needsEvidence(method),
        options,
      });
      return method.responseStream ? decodeEach(method, responses) : onlyResponse(method, responses);
    };
  }
  return client as ClientOf<Definition>;
}

function encodeRequests(method: MethodDefinition, input: unknown): Uint8Array | AsyncIterable<Uint8Array> {
  if (!method.requestStream) return method.requestType.encode(input).finish();
  return encodeEach(method, input as AsyncIterable<unknown>);
}

async function* encodeEach(
  method: MethodDefinition,
  inputs: AsyncIterable<unknown>,
): AsyncIterable<Uint8Array> {
  for await (const input of inputs) yield method.requestType.encode(input).finish();
}

function decode(method: MethodDefinition, bytes: Uint8Array): unknown {
  try {
    return method.responseType.decode(bytes);
  } catch (cause) {
    throw new RpcError(Status.INTERNAL, `the response of ${method.name} is not a message of its type`, {
      cause,
    });
  }
}

function decodeEach(
  method: MethodDefinition,
  responses: AsyncIterableIterator<Uint8Array>,
): AsyncIterableIterator<unknown> {
  return {
    async next() {
      const { value, done } = await responses.next();
      return done || value === undefined
        ? { value: undefined, done: true }
        : { value: decode(method, value), done: false };
    },
    async return() {
      await responses.return?.();
      return { value: undefined, done: true };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

async function onlyResponse(
  method: MethodDefinition,
  responses: AsyncIterableIterator<Uint8Array>,
): Promise<unknown> {
  const first = await responses.next();
  if (first.done || first.value === undefined)
    throw refusal(
      Status.INTERNAL,
      Reason.REASON_MALFORMED,
      `expected one response of ${method.name}, got none`,
    );
  const second = await responses.next();
  if (!second.done) {
    await responses.return?.();
    throw refusal(
      Status.INTERNAL,
      Reason.REASON_MALFORMED,
      `expected one response of ${method.name}, got more`,
    );
  }
  return decode(method, first.value);
}
