/** Ports for processes of the demonstration, chosen before they run: whoever is told one listens there a moment later. */
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { CliError } from '../failure.ts';

/**
 * Below those that systems lend to outgoing connections (Linux from 32768, IANA from 49152), any of which could take a port between
 * its choice and its use. Processes that choose at the same time look in different places.
 */
const FIRST = 10_240;
const OF_A_PROCESS = 1_300;
const PLACES = 16;
const ATTEMPTS = 1_000;

const given = new Set<number>();

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });

/** A TCP port of this machine's loopback that nothing listens on now, and that was not given before. Throws CliError UNAVAILABLE. */
export async function freePort(): Promise<number> {
  const from = FIRST + (process.pid % PLACES) * OF_A_PROCESS;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = from + randomInt(OF_A_PROCESS);
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
  throw new CliError(
    'UNAVAILABLE',
    `expected a free port between ${from} and ${from + OF_A_PROCESS - 1} of 127.0.0.1, found none in ${ATTEMPTS} attempts: end what listens there`,
  );
}
