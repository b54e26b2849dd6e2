/** Typed clients of the desk over mutual TLS, for commands and tests. */
import { Client, credentials } from '@grpc/grpc-js';
import { LIMITS } from '../../base/limits.ts';
import { AlarmServiceDefinition } from '../../gen/tocsin/desk/v1/alarm_service.ts';
import { AttachmentServiceDefinition } from '../../gen/tocsin/desk/v1/attachment_service.ts';
import { AuditServiceDefinition } from '../../gen/tocsin/desk/v1/audit_service.ts';
import { BoardServiceDefinition } from '../../gen/tocsin/desk/v1/board_service.ts';
import { BreakGlassServiceDefinition } from '../../gen/tocsin/desk/v1/break_glass_service.ts';
import { HotlineServiceDefinition } from '../../gen/tocsin/desk/v1/hotline_service.ts';
import { ImportServiceDefinition } from '../../gen/tocsin/desk/v1/import_service.ts';
import { InboxServiceDefinition } from '../../gen/tocsin/desk/v1/inbox_service.ts';
import { LogServiceDefinition } from '../../gen/tocsin/desk/v1/log_service.ts';
import { NetworkServiceDefinition } from '../../gen/tocsin/desk/v1/network_service.ts';
import { OfficerServiceDefinition } from '../../gen/tocsin/desk/v1/officer_service.ts';
import { OnwardServiceDefinition } from '../../gen/tocsin/desk/v1/onward_service.ts';
import { OversightServiceDefinition } from '../../gen/tocsin/desk/v1/oversight_service.ts';
import { PolicyServiceDefinition } from '../../gen/tocsin/desk/v1/policy_service.ts';
import { RecallServiceDefinition } from '../../gen/tocsin/desk/v1/recall_service.ts';
import { RecordServiceDefinition } from '../../gen/tocsin/desk/v1/record_service.ts';
import { RevisionServiceDefinition } from '../../gen/tocsin/desk/v1/revision_service.ts';
import { ScreeningServiceDefinition } from '../../gen/tocsin/desk/v1/screening_service.ts';
import { TaskingServiceDefinition } from '../../gen/tocsin/desk/v1/tasking_service.ts';
import type { World } from '../../record/index.ts';
import { type Caller, callerOfGrpc, RpcError, Status } from '../../transport/index.ts';
import { MODE_KEY, PURPOSE_KEY } from '../purpose.ts';
import type { MethodShape, ServiceShape } from './handlers.ts';
import {
  BAD_REQUEST_TYPE,
  decodeBadRequest,
  decodeErrorInfo,
  decodeRequestInfo,
  ERROR_INFO_TYPE,
  type FieldViolation,
  REQUEST_INFO_TYPE,
} from './rpc-details.ts';

export interface DeskAddress {
  /** `host:port`. */
  readonly address: string;
  /** Name in the node's certificate, where it is not the host of the address. */
  readonly serverName?: string;
  /** Root certificate of the state's authority, PEM. */
  readonly ca: string;
  /** The officer's certificate chain, PEM. */
  readonly cert: string;
  /** The officer's private key, PEM. */
  readonly key: string;
  /** Which world every call works in that does not say; default live. */
  readonly mode?: World;
}

interface CallOptions {
  /** From now; default 30 s for unary calls, none for streams. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** As `investigation`; default: what the desk group usually asks for. */
  readonly purpose?: string;
  /** Which world the call works in; default: that of the desk as it was opened. */
  readonly mode?: World;
}

type Message<Codec> = Codec extends { decode(bytes: Uint8Array): infer Type } ? Type : never;
type Deep<Type> = Type extends Uint8Array
  ? Uint8Array
  : Type extends string | number | bigint | boolean | undefined
    ? Type
    : Type extends readonly (infer Item)[]
      ? readonly Deep<Item>[]
      : Type extends { $case: string; value: infer Value }
        ? { readonly $case: Type['$case']; readonly value: Deep<Value> }
        : { readonly [Key in keyof Type]?: Deep<Type[Key]> };
type Outgoing<Method> = Method extends { requestStream: true; requestType: infer Codec }
  ? AsyncIterable<Deep<Message<Codec>>>
  : Method extends { requestType: infer Codec }
    ? Deep<Message<Codec>>
    : never;
type Incoming<Method> = Method extends { responseStream: true; responseType: infer Codec }
  ? AsyncIterable<Message<Codec>>
  : Method extends { responseType: infer Codec }
    ? Promise<Message<Codec>>
    : never;

/** One function per method; requests may leave out what has its default. */
type DeskClient<Service extends ServiceShape> = {
  readonly [Name in keyof Service['methods']]: (
    request: Outgoing<Service['methods'][Name]>,
    options?: CallOptions,
  ) => Incoming<Service['methods'][Name]>;
};

export interface Desk {
  readonly records: DeskClient<RecordServiceDefinition>;
  readonly policy: DeskClient<PolicyServiceDefinition>;
  readonly inbox: DeskClient<InboxServiceDefinition>;
  readonly network: DeskClient<NetworkServiceDefinition>;
  readonly log: DeskClient<LogServiceDefinition>;
  readonly imports: DeskClient<ImportServiceDefinition>;
  readonly alarms: DeskClient<AlarmServiceDefinition>;
  readonly audit: DeskClient<AuditServiceDefinition>;
  readonly oversight: DeskClient<OversightServiceDefinition>;
  readonly onward: DeskClient<OnwardServiceDefinition>;
  readonly tasking: DeskClient<TaskingServiceDefinition>;
  readonly attachments: DeskClient<AttachmentServiceDefinition>;
  readonly recalls: DeskClient<RecallServiceDefinition>;
  readonly revisions: DeskClient<RevisionServiceDefinition>;
  readonly breakGlass: DeskClient<BreakGlassServiceDefinition>;
  readonly board: DeskClient<BoardServiceDefinition>;
  readonly officers: DeskClient<OfficerServiceDefinition>;
  readonly hotline: DeskClient<HotlineServiceDefinition>;
  readonly screening: DeskClient<ScreeningServiceDefinition>;
  close(): void;
  [Symbol.dispose](): void;
}

/** A failed call with what its status details said. Match on `code` and `reason`, never on the message. */
export class DeskCallError extends Error {
  override readonly name = 'DeskCallError';
  /** gRPC status number. */
  readonly status: number;
  /** Its name, as `PERMISSION_DENIED`. */
  readonly statusName: string;
  /** Code of the error at the node, as `REFUSED`; empty where the call never reached a handler. */
  readonly code: string;
  /** Short name of the tocsin.record.v1.Reason; empty where there is none. */
  readonly reason: string;
  readonly violations: readonly FieldViolation[];
  /** Under which the node's log holds the cause of an INTERNAL; empty otherwise. */
  readonly correlationId: string;

  constructor(error: RpcError) {
    super(error.message, { cause: error });
    this.status = error.status;
    this.statusName = error.code;
    const find = (typeUrl: string) => error.details.find((detail) => detail.typeUrl === typeUrl)?.value;
    const info = find(ERROR_INFO_TYPE);
    const decoded = info === undefined ? undefined : decodeErrorInfo(info);
    this.code = decoded?.reason ?? '';
    this.reason = decoded?.metadata.reason ?? '';
    const violations = find(BAD_REQUEST_TYPE);
    this.violations = violations === undefined ? [] : decodeBadRequest(violations);
    const request = find(REQUEST_INFO_TYPE);
    this.correlationId = request === undefined ? '' : decodeRequestInfo(request);
  }
}

const UNARY_TIMEOUT_MS = 30_000;

/** Connects at the first call. Close it, or bind it with `using`. */
export function openDesk(desk: DeskAddress): Desk {
  const client = new Client(
    desk.address,
    credentials.createSsl(Buffer.from(desk.ca), Buffer.from(desk.key), Buffer.from(desk.cert)),
    {
      ...(desk.serverName === undefined
        ? {}
        : {
            'grpc.ssl_target_name_override': desk.serverName,
            'grpc.default_authority': desk.serverName,
          }),
      'grpc.max_receive_message_length': LIMITS.messageBytes,
      'grpc.max_send_message_length': LIMITS.deskRequestBytes,
      'grpc.keepalive_time_ms': 60_000,
    },
  );
  return deskOver(callerOfGrpc(client), desk.mode, () => client.close());
}

/** The desk over whatever carries its calls; `mode`: which world every call works in that does not say. */
export function deskOver(caller: Caller, mode: World | undefined, close: () => void): Desk {
  return {
    records: clientOf(caller, RecordServiceDefinition, mode),
    policy: clientOf(caller, PolicyServiceDefinition, mode),
    inbox: clientOf(caller, InboxServiceDefinition, mode),
    network: clientOf(caller, NetworkServiceDefinition, mode),
    log: clientOf(caller, LogServiceDefinition, mode),
    imports: clientOf(caller, ImportServiceDefinition, mode),
    alarms: clientOf(caller, AlarmServiceDefinition, mode),
    audit: clientOf(caller, AuditServiceDefinition, mode),
    oversight: clientOf(caller, OversightServiceDefinition, mode),
    onward: clientOf(caller, OnwardServiceDefinition, mode),
    tasking: clientOf(caller, TaskingServiceDefinition, mode),
    attachments: clientOf(caller, AttachmentServiceDefinition, mode),
    recalls: clientOf(caller, RecallServiceDefinition, mode),
    revisions: clientOf(caller, RevisionServiceDefinition, mode),
    breakGlass: clientOf(caller, BreakGlassServiceDefinition, mode),
    board: clientOf(caller, BoardServiceDefinition, mode),
    officers: clientOf(caller, OfficerServiceDefinition, mode),
    hotline: clientOf(caller, HotlineServiceDefinition, mode),
    screening: clientOf(caller, ScreeningServiceDefinition, mode),
    close,
    [Symbol.dispose]: close,
  };
}

function clientOf<Service extends ServiceShape>(
  caller: Caller,
  service: Service,
  mode: World = 'live',
): DeskClient<Service> {
  const calls = Object.entries(service.methods).map(([name, method]) => {
    const start = (request: unknown, options: CallOptions) =>
      responses(caller, service, method, request, { mode, ...options });
    return [
      name,
      method.responseStream
        ? (request: unknown, options: CallOptions = {}) => start(request, options)
        : (request: unknown, options: CallOptions = {}) =>
            only(start(request, { timeoutMs: UNARY_TIMEOUT_MS, ...options })),
    ];
  });
  return Object.fromEntries(calls) as DeskClient<Service>;
}

/** Generated codecs fill in what a request leaves out. */
function encode(method: MethodShape, request: unknown): Uint8Array {
  const fromPartial = Reflect.get(method.requestType, 'fromPartial') as (partial: unknown) => unknown;
  return method.requestType.encode(fromPartial(request)).finish();
}

async function* encodeEach(
  method: MethodShape,
  requests: AsyncIterable<unknown>,
): AsyncGenerator<Uint8Array> {
  for await (const request of requests) yield encode(method, request);
}

async function* responses(
  caller: Caller,
  service: ServiceShape,
  method: MethodShape,
  request: unknown,
  { timeoutMs, signal, purpose, mode }: CallOptions,
): AsyncGenerator<unknown> {
  const encoded = caller.start({
    path: `/${service.fullName}/${method.name}`,
    requests: method.requestStream
      ? encodeEach(method, request as AsyncIterable<unknown>)
      : encode(method, request),
    idempotent: true,
    evidence: false,
    options: {
      ...(timeoutMs === undefined ? {} : { deadlineMs: timeoutMs }),
      ...(signal === undefined ? {} : { signal }),
      metadata: {
        ...(purpose === undefined ? {} : { [PURPOSE_KEY]: purpose }),
        ...(mode === 'exercise' ? { [MODE_KEY]: mode } : {}),
      },
    },
  });
  try {
    for await (const bytes of encoded) yield method.responseType.decode(bytes);
  } catch (error) {
    throw error instanceof RpcError ? new DeskCallError(error) : error;
  }
}

async function only(all: AsyncGenerator<unknown>): Promise<unknown> {
  const { value, done } = await all.next();
  if (done) throw new DeskCallError(new RpcError(Status.INTERNAL, 'expected one response, got none'));
  // Reads on to the status: a response is no success before it.
  await all.next();
  return value;
}
