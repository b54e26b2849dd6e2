/** The shape of the desk's handlers: written against the generated service definitions, free of grpc-js. */
import type { MethodDefinition, RequestOf, ResponseOf, ServiceDefinition } from '../../transport/index.ts';
import type { OfficerSession } from '../session.ts';

/** What a handler knows of its call besides the request. */
export interface DeskCall {
  readonly session: OfficerSession;
  /** Aborts when the client cancels, its deadline passes, or the server shuts down. */
  readonly signal: AbortSignal;
  /** Throws UNAUTHENTICATED once the officer's certificate ended or was revoked; long streams ask before every message. */
  assertStillValid(): void;
}

/** A generated service definition, and one method of it. */
export type MethodShape = MethodDefinition;
export type ServiceShape = ServiceDefinition;

type Incoming<Method extends MethodShape> = Method extends { requestStream: true }
  ? AsyncIterable<RequestOf<Method>>
  : RequestOf<Method>;
type Outgoing<Method extends MethodShape> = Method extends { responseStream: true }
  ? AsyncIterable<ResponseOf<Method>>
  : Promise<ResponseOf<Method>>;

/** One handler per method. */
export type DeskHandlers<Service extends ServiceShape> = {
  readonly [Name in keyof Service['methods']]: (
    request: Incoming<Service['methods'][Name]>,
    call: DeskCall,
  ) => Outgoing<Service['methods'][Name]>;
};

/** A service beside its handlers, with the types forgotten, as the server takes it. */
export interface BoundService {
  readonly service: ServiceShape;
  readonly handlers: Readonly<Record<string, (request: never, call: DeskCall) => unknown>>;
}

/** Joins a definition with handlers of exactly its methods. */
export const bindService = <Service extends ServiceShape>(
  service: Service,
  handlers: DeskHandlers<Service>,
): BoundService => ({ service, handlers: handlers as BoundService['handlers'] });
