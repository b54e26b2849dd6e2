/** gRPC over NATS, mailboxes and the broker: a library in itself that knows nothing of records. */
export {
  type BrokerDescription,
  describeBroker,
  type MailboxLimits,
  setUpMailboxes,
} from './broker/admin.ts';
export {
  ADMINISTRATOR_INBOX,
  type BrokerMember,
  brokerWarnings,
  type ServerConfiguration,
  serverConfiguration,
} from './broker/configuration.ts';
export {
  type BrokerOptions,
  type BrokerTls,
  connectBroker,
  NatsBroker,
  newBrokerUser,
} from './broker/nats.ts';
export { LIVENESS, type Liveness } from './call.ts';
export { createRpcClient, RpcClient, type RpcClientDeps, type RpcClientOptions } from './client.ts';
export type {
  CallContext,
  CallOptions,
  ClientOf,
  Codec,
  HandlersOf,
  MethodDefinition,
  RequestOf,
  ResponseOf,
  ServiceDefinition,
} from './definition.ts';
export { TransportError, type TransportErrorCode } from './errors.ts';
export { callerOfGrpc, type GrpcService, grpcService } from './grpc.ts';
export type { HandlerFailure, ServiceOptions } from './invoke.ts';
export {
  type Mail,
  type Mailbox,
  type MailboxConsumeOptions,
  type OutgoingMail,
  openMailbox,
} from './mailbox.ts';
export { Metadata, type MetadataInit, type MetadataValue } from './metadata.ts';
export { type Namesakes, openNamesakes } from './namesakes.ts';
export type {
  AcceptedCall,
  Broker,
  BrokerMessage,
  BrokerStatus,
  CallClaim,
  CallEvidenceRecord,
  CallSeal,
  Closing,
  FrameGuard,
  HandshakeCarrier,
  MailBroker,
  MessageJudge,
  PutResult,
} from './ports.ts';
export { type Notice, openPresence, type Presence } from './presence.ts';
export {
  createRpcServer,
  type RefusedPacket,
  RpcServer,
  type RpcServerDeps,
  type RpcServerOptions,
} from './server.ts';
export {
  RpcError,
  type RpcErrorOptions,
  reasonDetail,
  reasonOf,
  refusal,
  Status,
  type StatusCode,
  type StatusDetail,
  type StatusName,
  statusName,
} from './status.ts';
export { inboxPrefix, type Lane, mailStream, type Topic } from './subject.ts';
export { type Caller, clientOf, type OutgoingCall } from './typed-client.ts';
