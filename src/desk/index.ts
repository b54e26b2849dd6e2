/** The agency's API: gRPC over mutual TLS, sign-in by officer certificate, roles, audit. */
export { type DeskDeps, serveDesk } from './desk.ts';
export { DeskError, type DeskErrorCode } from './errors.ts';
export {
  type CallOptions as DeskCallOptions,
  type Desk,
  type DeskAddress,
  DeskCallError,
  openDesk,
} from './grpc/client.ts';
export { type BoundService, bindService, type DeskCall, type DeskHandlers } from './grpc/handlers.ts';
export type { ImportedList, ListImport } from './grpc/imports.ts';
export type { Echo, LinkNews } from './grpc/network.ts';
export type { PolicyTools } from './grpc/policy.ts';
export type { DeskServer, DeskServerOptions } from './grpc/server.ts';
export type { DeskNode, DeskPolicy, DeskStore } from './ports.ts';
export { purposeNames } from './purpose.ts';
export type { DeskDirectory } from './report.ts';
