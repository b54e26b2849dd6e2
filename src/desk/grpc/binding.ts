/**
 * From calls to handlers: who calls, strict reading of requests, what a failure tells the caller. The carrying itself, with back
 * pressure, deadlines and cancellation, is the transport's.
 */
import { TocsinError } from '../../base/error.ts';
import { LIMITS } from '../../base/limits.ts';
import { disbelieved } from '../../base/verdict.ts';
import { Reason } from '../../gen/tocsin/record/v1/reason.ts';
import { judgeMessage } from '../../record/index.ts';
import {
  type CallContext,
  type GrpcService,
  grpcService,
  type HandlersOf,
  type MessageJudge,
  RpcError,
  Status,
  type StatusCode,
} from '../../transport/index.ts';
import { DeskError } from '../errors.ts';
import { MODE_KEY, PURPOSE_KEY } from '../purpose.ts';
import type { OfficerSession } from '../session.ts';
import type { BoundService, DeskCall, ServiceShape } from './handlers.ts';
import { failedCall } from './status.ts';

/** What the binding needs of the desk. */
export interface BindingDeps {
  /** Who the certificate is; throws UNAUTHENTICATED. */
  authenticate(
    certificateDer: Uint8Array | undefined,
    purpose: string | undefined,
    mode: string | undefined,
  ): OfficerSession;
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

/** A service ready for a grpc-js server. */
export function bindToGrpc(bound: BoundService, deps: BindingDeps): GrpcService {
  const { service } = bound;
  const handlers: Record<string, unknown> = {};
  for (const [name, method] of Object.entries(service.methods))
    handlers[name] = method.responseStream ? streaming(bound, name, deps) : single(bound, name, deps);
  return grpcService(service, handlers as HandlersOf<ServiceShape>, { judge: judgeRequests(service) });
}

/** STANDARD naming of requests is enforced by `buf lint`, so a request's type follows from its method's path. */
function judgeRequests(service: ServiceShape): MessageJudge {
  const methods = new Map(
    Object.values(service.methods).map((method) => [`/${service.fullName}/${method.name}`, method]),
  );
  const inPackage = service.fullName.slice(0, service.fullName.lastIndexOf('.'));
  return (path, _direction, bytes) => {
    const method = methods.get(path);
    if (method === undefined)
      return disbelieved(Reason.REASON_MALFORMED, 'expected a method of this service');
    const typeName = `${inPackage}.${method.name}Request`;
    return judgeMessage(method.requestType, typeName, bytes, LIMITS.deskRequestBytes);
  };
}

function open(deps: BindingDeps, context: CallContext): DeskCall {
  const purpose = context.metadata.get(PURPOSE_KEY);
  const mode = context.metadata.get(MODE_KEY);
  const session = deps.authenticate(
    context.certificate,
    typeof purpose === 'string' ? purpose : undefined,
    typeof mode === 'string' ? mode : undefined,
  );
  // Every answer of an exercise says that it is one.
  if (session.world === 'exercise') context.setHeader({ [MODE_KEY]: session.world });
  return {
    session,
    signal: AbortSignal.any([context.signal, deps.shutdown]),
    assertStillValid: () => deps.assertStillValid(session),
  };
}

function handlerOf(bound: BoundService, name: string): (request: never, call: DeskCall) => unknown {
  const handler = bound.handlers[name];
  if (handler === undefined) throw new Error(`no handler for ${bound.service.fullName}.${name}`);
  return handler;
}

const single = (bound: BoundService, name: string, deps: BindingDeps) => {
  const handler = handlerOf(bound, name);
  return async (request: never, context: CallContext): Promise<unknown> => {
    let call: DeskCall | undefined;
    try {
      call = open(deps, context);
      deps.assertReady(bound.service.fullName);
      const response = await handler(request, call);
      await deps.answering(context.method, call.session);
      return response;
    } catch (thrown) {
      throw await refusal(deps, context, call, thrown);
    }
  };
};

const streaming = (bound: BoundService, name: string, deps: BindingDeps) => {
  const handler = handlerOf(bound, name);
  return async function* (request: never, context: CallContext): AsyncGenerator<unknown> {
    let call: DeskCall | undefined;
    try {
      call = open(deps, context);
      deps.assertReady(bound.service.fullName);
      let answered = false;
      for await (const response of handler(request, call) as AsyncIterable<unknown>) {
        call.signal.throwIfAborted();
        if (!answered) await deps.answering(context.method, call.session);
        answered = true;
        yield response;
      }
      if (!answered) await deps.answering(context.method, call.session);
    } catch (thrown) {
      throw await refusal(deps, context, call, thrown);
    }
  };
};

async function refusal(
  deps: BindingDeps,
  { method, certificate }: CallContext,
  call: DeskCall | undefined,
  thrown: unknown,
): Promise<RpcError> {
  if (thrown instanceof RpcError) return thrown;
  if (deps.shutdown.aborted && !(thrown instanceof DeskError))
    return new RpcError(Status.UNAVAILABLE, 'this node is shutting down: try again');
  const correlationId = deps.correlationId();
  const { code, message, details, internal } = failedCall(thrown, correlationId);
  if (internal) deps.onFault({ method, correlationId, cause: thrown });
  else if (thrown instanceof TocsinError) {
    try {
      await deps.refused({ method, session: call?.session, certificate, code: thrown.code, status: code });
    } catch (cause) {
      deps.onFault({ method, correlationId, cause });
    }
  }
  return new RpcError(code, message, { details, cause: thrown });
}
