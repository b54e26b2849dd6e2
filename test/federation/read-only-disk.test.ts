/** The disk of a running node turns read-only, as the kernel does with a file system that it finds at fault (T42). */
import { execFileSync } from 'node:child_process';
import { cpSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hex } from '../../src/base/bytes.ts';
import { nodeDir } from '../../src/cli/demo/federation.ts';
import { exampleContent } from '../support/contents.ts';
import { failingDisk } from '../support/failing-disk.ts';
import { eventually, TestFederation } from '../support/federation.ts';
import { NodeView } from '../support/hostile-view.ts';

const disk = failingDisk();
if (typeof disk === 'string') process.stdout.write(`skipped, for no disk can fail here: ${disk}\n`);
let federation: TestFederation;

beforeAll(async () => {
  federation = await TestFederation.found();
  if (typeof disk === 'string') return;
  const dir = nodeDir(federation.federation, 'XA');
  const place = join(disk.folder, 'xa');
  cpSync(dir, place, { recursive: true, preserveTimestamps: true });
  rmSync(dir, { recursive: true });
  symlinkSync(place, dir);
  // What was copied here is not what is tested.
  execFileSync('sync', ['--file-system', disk.folder]);
  await federation.startAll();
});
afterAll(async () => {
  await federation[Symbol.asyncDispose]();
  if (typeof disk !== 'string') disk[Symbol.dispose]();
});

const content = () => ({
  ...(exampleContent('seizure-notice', Date.now()) as Record<string, unknown>),
  deskGroup: 'police',
  marking: { releasableTo: ['sac'] },
});

test.skipIf(typeof disk === 'string')(
  'a node whose disk turns read-only confirms nothing any more, ends, and has all that it had confirmed when it is repaired',
  async () => {
    if (typeof disk === 'string') return;
    const xb = new NodeView(federation, 'XB');
    const confirmed: string[] = [];
    const release = async (): Promise<void> => {
      confirmed.push(hex(await federation.release('XA', content())));
    };
    for (let n = 0; n < 3; n++) await release();
    disk.turnReadOnly();
    await expect(release()).rejects.toMatchObject({
      statusName: expect.stringMatching(/UNKNOWN|UNAVAILABLE/),
    });
    await eventually('the node ends', () => (federation.isRunning('XA') ? undefined : true));
    expect(federation.log('XA')).toMatch(/STORE_IO/);
    disk.mountAgain();

    await federation.startNode('XA');
    await eventually('the desk answers again', () =>
      federation
        .desk('XA')
        .network.getNodeStatus({})
        .then(
          () => true,
          () => undefined,
        ),
    );
    await release();
    expect(confirmed).toHaveLength(4);
    for (const digest of confirmed) await xb.received(Buffer.from(digest, 'hex'));
    expect(xb.inbox().toSorted()).toEqual(confirmed.toSorted());
  },
);
