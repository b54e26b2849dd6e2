import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FolderWatch } from '../../../src/node/folder-watch.ts';

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tocsin-watch-'));
});

afterEach(() => rm(dir, { recursive: true, force: true }));

async function put(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}

test('a file put in place is taken up once, and one that is refused is told and tried again with its next change', async () => {
  const path = join(dir, 'statement.bin');
  await put(path, 'first');
  const failures: string[] = [];
  let taken = 0;
  const watch = new FolderWatch({ everyMs: 10, onFailure: (at) => void failures.push(at) });
  await watch.watch(path, async () => {
    taken += 1;
    if (taken === 1) throw new Error('not believed');
  });
  await watch.look();
  expect(taken, 'what was there before is not news').toBe(0);
  await put(path, 'second');
  await watch.look();
  await watch.look();
  expect([taken, failures]).toEqual([1, [path]]);
  await put(path, 'third');
  await watch.look();
  expect([taken, failures]).toEqual([2, [path]]);
});

test('a file that comes into being is taken up, and the watch ends with its signal', async () => {
  const path = join(dir, 'roster-history.bin');
  const stop = new AbortController();
  const watch = new FolderWatch({ everyMs: 1, onFailure: () => undefined });
  const came = new Promise<void>(
    (resolve) => void watch.watch(path, async () => resolve()).then(() => put(path, 'x')),
  );
  const running = watch.run(stop.signal);
  await came;
  stop.abort();
  await running;
});
