/** The server's code is loaded when a node serves: officers' clients, which start for every command, do without it. */
import type { ConsoleOptions } from './console.ts';
import type { DeskDeps, ServedDesk } from './desk.ts';
import type { DeskServerOptions } from './grpc/server.ts';

/** Serves the desk until it is disposed of. Fails where an address is taken or the key does not fit the certificate. */
export const serveDesk = async (
  deps: DeskDeps,
  options: DeskServerOptions & { readonly console?: ConsoleOptions },
): Promise<ServedDesk> => (await import('./desk.ts')).serveDesk(deps, options);
