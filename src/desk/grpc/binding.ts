/**
 * The desk's handlers as services of grpc-js. The carrying itself, with back pressure, deadlines and cancellation, is the
 * transport's.
 */
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
} from '../../transport/index.ts';
import { answering, type Carried, type DispatchDeps, type Failing, streaming } from '../dispatch.ts';
import { MODE_KEY, PURPOSE_KEY } from '../purpose.ts';
import type { OfficerSession } from '../session.ts';
import type { BoundService, ServiceShape } from './handlers.ts';
import { callOf } from './status.ts';

/** What the binding needs of the desk. */
export interface BindingDeps extends DispatchDeps {
  /** Who the certificate is; throws UNAUTHENTICATED. */
  authenticate(
    certificateDer: Uint8Array | undefined,
    purpose: string | undefined,
    mode: string | undefined,
  ): OfficerSession;
}

/** A service ready for a grpc-js server. */
export function bindToGrpc(bound: BoundService, deps: BindingDeps): GrpcService {
  const { service } = bound;
  const handlers: Record<string, unknown> = {};
  for (const [name, method] of Object.entries(service.methods)) {
    const answer = method.responseStream
      ? streaming(bound, name, deps, asRpcError)
      : answering(bound, name, deps, asRpcError);
    handlers[name] = (request: never, context: CallContext) => answer(request, carriedBy(context, deps));
  }
  return grpcService(service, handlers as HandlersOf<ServiceShape>, { judge: judgeRequests(service) });
}

const asRpcError: Failing = (told, cause) => {
  const { code, message, details } = callOf(told);
  return new RpcError(code, message, { details, cause });
};

const carriedBy = (context: CallContext, deps: BindingDeps): Carried => ({
  method: context.method,
  certificate: context.certificate,
  signal: context.signal,
  signIn() {
    const purpose = context.metadata.get(PURPOSE_KEY);
    const mode = context.metadata.get(MODE_KEY);
    const session = deps.authenticate(
      context.certificate,
      typeof purpose === 'string' ? purpose : undefined,
      typeof mode === 'string' ? mode : undefined,
    );
    // Every answer of an exercise says that it is one.
    if (session.world === 'exercise') context.setHeader({ [MODE_KEY]: session.world });
    return session;
  },
});

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
