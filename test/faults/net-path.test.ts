/** What the network does below TCP: that it is done, and that nodes come through it. */

import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NetPath, type Weather } from './net/path.ts';
import { fault } from './plan.ts';
import { play } from './play.ts';

const dir = mkdtempSync(join(tmpdir(), 'tocsin-path-'));
const echo: Server = createServer((socket) => socket.pipe(socket));
await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
const path = await NetPath.open(dir, (echo.address() as { port: number }).port);
if (typeof path === 'string')
  process.stdout.write(`skipped, for there are no network namespaces here: ${path}\n`);

const SIZE = 100_000;
const PATIENCE_MS = 20_000;
/** Whether all bytes come back. */
function comesBack(way: NetPath, withinMs: number): Promise<boolean> {
  const socket: Socket = connect({ path: way.socket });
  const { promise, resolve } = Promise.withResolvers<boolean>();
  let got = 0;
  socket.on('data', (chunk) => {
    got += chunk.length;
    if (got === SIZE) resolve(true);
  });
  socket.on('error', () => resolve(false));
  socket.write(Buffer.alloc(SIZE, 7));
  const timer = setTimeout(() => resolve(false), withinMs);
  return promise.finally(() => {
    clearTimeout(timer);
    socket.destroy();
  });
}

describe.skipIf(typeof path === 'string')('packets on their way', () => {
  const way = path as NetPath;
  beforeAll(() => way.become({}));
  afterAll(async () => {
    await way[Symbol.asyncDispose]();
    await new Promise((resolve) => echo.close(resolve));
    rmSync(dir, { recursive: true });
  });

  test.for<[string, Weather]>([
    ['lost', { lost: 15 }],
    ['doubled', { twice: 50 }],
    ['late', { late: 10 }],
  ])('are %s, and all bytes come through in order', async ([, weather]) => {
    way.become(weather);
    expect(await comesBack(way, PATIENCE_MS)).toBe(true);
    expect(way.struck()).toBeGreaterThan(0);
  });

  test.for(['up', 'down'] as const)('are gone %s: nothing comes back until they are not', async (gone) => {
    way.become({ gone });
    expect(await comesBack(way, 1_000)).toBe(false);
    expect(way.struck()).toBeGreaterThan(0);
    way.become({});
    expect(await comesBack(way, PATIENCE_MS)).toBe(true);
  });

  test('and nodes keep every promise meanwhile', async () => {
    const outcome = await play({
      seed: 1,
      steps: [
        { do: 'release', atMs: 0, from: 'XA', variant: 'open', count: 4 },
        fault(100, 'packets-lost', 'XA', 2_500),
        fault(200, 'packets-twice', 'XB', 2_500),
        fault(300, 'packets-late', 'XC', 2_500),
        { do: 'release', atMs: 500, from: 'XB', variant: 'flash', count: 3 },
        { do: 'release', atMs: 900, from: 'XC', variant: 'open', count: 3 },
        fault(3_000, 'packets-gone', 'XB', 2_000),
        { do: 'recall', atMs: 3_500, from: 'XB', nth: 0 },
      ],
    });
    expect(outcome.notes).toEqual([]);
    expect(outcome.findings).toEqual([]);
    expect(outcome).toMatchObject({ released: 10, recalled: 1 });
  });
});
