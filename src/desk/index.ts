/** The agency's API: gRPC over mutual TLS, sign-in by officer certificate, roles, audit. */
export { downloadFile, type FileToDownload, type FileToUpload, uploadFile } from './attachment-client.ts';
export { type Desk, DeskCallError, openDesk } from './grpc/client.ts';
/** For duties that serve officers beside the desk. */
export { type BoundService, bindService, type DeskCall, type DeskHandlers } from './grpc/handlers.ts';
export type { ListImport } from './grpc/imports.ts';
export type { Echo } from './grpc/network.ts';
export type { DeskServer } from './grpc/server.ts';
/** For duties that show what is of partners. */
export { isConditionAccepted } from './marks.ts';
export { serveDesk } from './serve.ts';
/** For the command that invites the first administrator. */
export { type NewInvitation, type NewOfficer, newAccount, newInvitation } from './sign-in/invitations.ts';
