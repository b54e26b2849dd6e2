/** The desk's gRPC server: mutual TLS only, clients of this node's authority only, health and reflection on. */
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';
import { LIMITS } from '../../base/limits.ts';
import { type BindingDeps, bindToGrpc } from './binding.ts';
import { refuseCompression } from './guard.ts';
import type { BoundService } from './handlers.ts';
import { addReflection } from './reflection.ts';

export interface DeskServerOptions {
  /** `host:port`; port 0 = a free one. */
  readonly address: string;
  /** Certificate chain of the node, PEM, leaf first. */
  readonly certificateChainPem: string;
  /** Private key of that certificate, PEM. */
  readonly privateKeyPem: string;
  /** Root certificate of the state's own authority, PEM: the only issuer whose officers are let in. */
  readonly authorityPem: string;
  /** How long open calls may take to end at shutdown, milliseconds; default 2,000. */
  readonly graceMs?: number;
}

export interface DeskServer {
  /** `host:port` as bound. */
  readonly address: string;
  /** What the health service answers for the server and each of its services. */
  setServing(serving: boolean): void;
  /** Ends open calls with UNAVAILABLE, then closes. Harmless twice. */
  [Symbol.asyncDispose](): Promise<void>;
}

const GRACE_MS = 2_000;

const LIMITING = {
  'grpc.max_receive_message_length': LIMITS.deskRequestBytes,
  'grpc.max_send_message_length': LIMITS.messageBytes,
  'grpc.max_concurrent_streams': LIMITS.deskStreams,
  'grpc.keepalive_time_ms': 60_000,
  'grpc.keepalive_timeout_ms': 20_000,
};

/** Binds and serves. Fails where the address is taken or the key does not fit the certificate. */
export async function openDeskServer(
  services: readonly BoundService[],
  deps: Omit<BindingDeps, 'shutdown'>,
  options: DeskServerOptions,
): Promise<DeskServer> {
  const shutdown = new AbortController();
  const server = new Server({ ...LIMITING, interceptors: [refuseCompression] });
  for (const bound of services) {
    const { definition, implementation } = bindToGrpc(bound, { ...deps, shutdown: shutdown.signal });
    server.addService(definition, implementation);
  }
  const names = services.map(({ service }) => service.fullName);
  const health = new HealthImplementation();
  const setServing = (serving: boolean) => {
    for (const name of ['', ...names]) health.setStatus(name, serving ? 'SERVING' : 'NOT_SERVING');
  };
  setServing(true);
  health.addToServer(server);
  addReflection(server, names);

  const credentials = ServerCredentials.createSsl(
    Buffer.from(options.authorityPem),
    [
      {
        private_key: Buffer.from(options.privateKeyPem),
        cert_chain: Buffer.from(options.certificateChainPem),
      },
    ],
    true,
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(options.address, credentials, (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });

  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    setServing(false);
    shutdown.abort();
    await new Promise<void>((resolve) => {
      const force = setTimeout(() => {
        server.forceShutdown();
        resolve();
      }, options.graceMs ?? GRACE_MS);
      server.tryShutdown(() => {
        clearTimeout(force);
        resolve();
      });
    });
  };
  return {
    address: `${options.address.slice(0, options.address.lastIndexOf(':'))}:${port}`,
    setServing,
    [Symbol.asyncDispose]: () => {
      closed ??= close();
      return closed;
    },
  };
}
