/**
 * From calls to handlers, whatever carries them: who calls, whether the service is ready, the audit of what was answered and
 * refused, and what a failure tells the caller.
 */
import { TocsinError } from '../base/error.ts';
import { RpcError, Status, type StatusCode } from '../transport/index.ts';
import { DeskError } from './errors.ts';
import { type Told, tell } from './failure.ts';
import type { BoundService, DeskCall } from './grpc/handlers.ts';
import type { OfficerSession } from './session.ts';

/** What every surface of the desk needs of it. */
export interface DispatchDeps {
  /** A call that was refused, before its caller is told. `session` is absent where sign-in itself failed. */
  refused(refusal: {
    readonly method: string;
    readonly session: OfficerSession | undefined;
    readonly certificate: Uint8Array | undefined;
    readonly code: string;
    readonly status: StatusCode;
  }): Promise<void>;
  /** A call that is about to be answered; what it throws, the caller gets instead. */
  answering(method: string, session: OfficerSession): Promise<void>;
  /** Throws CATCHING_UP where a service may not be used until recalls are replayed (design §5, R14). */
  assertReady(service: string): void;
  /** Throws UNAUTHENTICATED once the session's certificate ended or was revoked. */
  assertStillValid(session: OfficerSession): void;
  correlationId(): string;
  /** A call that failed by a fault of this node, for the log. */
  onFault(fault: { readonly method: string; readonly correlationId: string; readonly cause: unknown }): void;
  /** Aborts every open call at shutdown. */
  readonly shutdown: AbortSignal;
}

/** A call as its carrier knows it. */
export interface Carried {
  /** `/package.Service/Method`. */
  readonly method: string;
  /** DER of the client's certificate, where there is one. */
  readonly certificate: Uint8Array | undefined;
  readonly signal: AbortSignal;
  /** Throws UNAUTHENTICATED, or INVALID_REQUEST for a purpose that the desk group does not have. */
  signIn(): OfficerSession;
}

/** What a carrier throws at its caller. */
export type Failing = (told: Told, cause: unknown) => Error;

function open(deps: DispatchDeps, carried: Carried): DeskCall {
  const session = carried.signIn();
  return {
    session,
    signal: AbortSignal.any([carried.signal, deps.shutdown]),
    assertStillValid: () => deps.assertStillValid(session),
  };
}

function handlerOf(bound: BoundService, name: string): (request: never, call: DeskCall) => unknown {
  const handler = bound.handlers[name];
  if (handler === undefined) throw new Error(`no handler for ${bound.service.fullName}.${name}`);
  return handler;
}

/** Calls of a method with one answer. `name` is the method's as in the service's definition. */
export function answering(bound: BoundService, name: string, deps: DispatchDeps, failing: Failing) {
  const handler = handlerOf(bound, name);
  return async (request: never, carried: Carried): Promise<unknown> => {
    let call: DeskCall | undefined;
    try {
      call = open(deps, carried);
      deps.assertReady(bound.service.fullName);
      const response = await handler(request, call);
      await deps.answering(carried.method, call.session);
      return response;
    } catch (thrown) {
      throw await refusal(deps, carried, call, thrown, failing);
    }
  };
}

/** Calls of a method that answers a stream. */
export function streaming(bound: BoundService, name: string, deps: DispatchDeps, failing: Failing) {
  const handler = handlerOf(bound, name);
  return async function* (request: never, carried: Carried): AsyncGenerator<unknown> {
    let call: DeskCall | undefined;
    try {
      call = open(deps, carried);
      deps.assertReady(bound.service.fullName);
      let answered = false;
      for await (const response of handler(request, call) as AsyncIterable<unknown>) {
        call.signal.throwIfAborted();
        if (!answered) await deps.answering(carried.method, call.session);
        answered = true;
        yield response;
      }
      if (!answered) await deps.answering(carried.method, call.session);
    } catch (thrown) {
      throw await refusal(deps, carried, call, thrown, failing);
    }
  };
}

const SHUTTING_DOWN: Told = {
  status: Status.UNAVAILABLE,
  code: 'UNAVAILABLE',
  message: 'this node is shutting down: try again',
  faults: [],
  faultCount: 0,
  internal: false,
};

async function refusal(
  deps: DispatchDeps,
  { method, certificate }: Carried,
  call: DeskCall | undefined,
  thrown: unknown,
  failing: Failing,
): Promise<Error> {
  // What carries the call has said already how it ends.
  if (thrown instanceof RpcError) return thrown;
  if (deps.shutdown.aborted && !(thrown instanceof DeskError)) return failing(SHUTTING_DOWN, thrown);
  const correlationId = deps.correlationId();
  const told = tell(thrown, correlationId);
  if (told.internal) deps.onFault({ method, correlationId, cause: thrown });
  else if (thrown instanceof TocsinError) {
    try {
      const { code } = thrown;
      await deps.refused({ method, session: call?.session, certificate, code, status: told.status });
    } catch (cause) {
      deps.onFault({ method, correlationId, cause });
    }
  }
  return failing(told, thrown);
}
