/** The server's code is loaded when a node serves: officers' clients, which start for every command, do without it. */
import type { DeskDeps } from './desk.ts';
import type { DeskServer, DeskServerOptions } from './grpc/server.ts';

/** Serves the desk until it is disposed of. Fails where the address is taken or the key does not fit the certificate. */
export const serveDesk = async (deps: DeskDeps, options: DeskServerOptions): Promise<DeskServer> =>
  (await import('./desk.ts')).serveDesk(deps, options);
