/** A line between a store and its server that breaks where a test says so: around COMMIT, or altogether. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import type { PostgresServer } from './postgres-server.ts';

/**
 * What happens at the next COMMIT: it is lost on its way, its answer is lost on its way back, or the store's end breaks while the
 * server's end stays, as behind a firewall that forgot the line.
 */
export type Breakage = 'commit-lost' | 'answer-lost' | 'half-open';

export interface PostgresProxy extends AsyncDisposable {
  readonly port: number;
  /** Breaks the line once, at the next COMMIT; resolves when it did. */
  breakAtCommit(how: Breakage): Promise<void>;
  /** Breaks all lines now, and takes no new one until `mend`. */
  cut(): void;
  mend(): void;
}

const COMMIT = Buffer.from('; commit\0');
const DONE = Buffer.from('COMMIT\0');

export async function startPostgresProxy({ dir, port }: PostgresServer): Promise<PostgresProxy> {
  const near = new Set<Socket>();
  const far = new Set<Socket>();
  let isCut = false;
  let next: { how: Breakage; done: () => void } | undefined;
  const server = createServer((client) => {
    if (isCut) {
      client.destroy();
      return;
    }
    const upstream = connect(join(dir, `.s.PGSQL.${port}`));
    near.add(client);
    far.add(upstream);
    let breaking: Breakage | undefined;
    let done: () => void = () => undefined;
    client.on('data', (bytes) => {
      if (next !== undefined && bytes.includes(COMMIT)) {
        ({ how: breaking, done } = next);
        next = undefined;
        // The network is gone for a moment, so that nothing is asked again before the server has done its part.
        isCut = true;
        if (breaking === 'commit-lost') {
          client.destroy();
          upstream.destroy();
          isCut = false;
          done();
          return;
        }
      }
      upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      if (breaking === undefined) {
        client.write(bytes);
        return;
      }
      if (!bytes.includes(DONE)) return;
      client.destroy();
      if (breaking === 'answer-lost') upstream.destroy();
      isCut = false;
      done();
    });
    client.on('close', () => {
      near.delete(client);
      if (breaking !== 'half-open') upstream.destroy();
    });
    upstream.on('close', () => {
      far.delete(upstream);
      client.destroy();
    });
    for (const end of [client, upstream]) end.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const breakAll = () => {
    for (const socket of [...near, ...far]) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    breakAtCommit: (how) =>
      new Promise<void>((done) => {
        next = { how, done };
      }),
    cut() {
      isCut = true;
      breakAll();
    },
    mend() {
      isCut = false;
    },
    async [Symbol.asyncDispose]() {
      breakAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
