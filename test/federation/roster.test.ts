/** A new roster version in a running network: signed by the threshold, put at one node, taken by the others by themselves. */
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hex } from '../../src/base/bytes.ts';
import { tocsin } from '../support/command.ts';
import { exampleContent } from '../support/contents.ts';
import { eventually, TestFederation } from '../support/federation.ts';

describe('a roster version 2', () => {
  let federation: TestFederation;
  const at = (id: string, file = '') => join(federation.dir, 'nodes', id.toLowerCase(), file);
  const versionAt = async (id: string) => (await federation.desk(id).network.getRoster({})).version;

  beforeAll(async () => {
    federation = await TestFederation.found();
    await federation.startAll();
  });

  afterAll(async () => {
    await federation?.[Symbol.asyncDispose]();
  });

  it('is put into force at the node whose file holds it, and fetched by its partner', async () => {
    const digest = federation.federation.networkDigest;
    const next = join(federation.dir, 'roster-2.bin');
    const proposed = await tocsin([
      'network',
      'propose',
      at('XA', 'roster-history.bin'),
      '--network-digest',
      digest,
      '--valid-days',
      '700',
      '--out',
      next,
    ]);
    expect(proposed.exitCode, proposed.stderr).toBe(0);
    for (const id of ['XA', 'XB'])
      expect((await tocsin(['network', 'sign', next, '--dir', at(id)])).exitCode).toBe(0);

    await federation.signal('XA', 'SIGTERM');
    copyFileSync(next, at('XA', 'roster-history.bin'));
    await federation.startNode('XA');
    expect(
      await eventually('XA uses it', async () => ((await versionAt('XA')) === 2n ? true : undefined)),
    ).toBe(true);
    expect(
      await eventually('XB has fetched it', async () => ((await versionAt('XB')) === 2n ? true : undefined)),
    ).toBe(true);

    const content = exampleContent('seizure-notice') as Record<string, unknown>;
    const released = await federation.release('XA', {
      ...content,
      deskGroup: 'police',
      marking: { releasableTo: ['sac'] },
    });
    await eventually('a record goes on', async () => {
      const { records } = await federation.desk('XB').records.listRecords({ pageSize: 10 });
      return records.some((record) => hex(record.headerDigest) === hex(released)) ? true : undefined;
    });
  });

  it('that lacks signatures keeps the node from starting, and says so', async () => {
    const digest = federation.federation.networkDigest;
    const unsigned = join(federation.dir, 'roster-3.bin');
    const proposed = await tocsin([
      'network',
      'propose',
      at('XA', 'roster-history.bin'),
      '--network-digest',
      digest,
      '--out',
      unsigned,
    ]);
    expect(proposed.exitCode, proposed.stderr).toBe(0);
    await federation.signal('XB', 'SIGTERM');
    copyFileSync(unsigned, at('XB', 'roster-history.bin'));
    const ran = await tocsin(['node', 'run', '--dir', at('XB')]);
    expect(ran.exitCode).toBe(3);
    expect(ran.stderr).toContain('ROSTER_THRESHOLD');
    expect(ran.stderr).not.toMatch(/\n\s+at /);
  });
});
