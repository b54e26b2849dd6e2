/**
 * A store put back to an earlier state (design §5, T43): real processes, real broker. The node finds out by what its partners
 * hold, stops sending, and after `tocsin node recover` has everything again that a partner held or had sent.
 */
import { copyFileSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hex } from '../../src/base/bytes.ts';
import type { Cast } from '../../src/cli/demo/story.ts';
import { tocsin } from '../support/command.ts';
import { exampleContent } from '../support/contents.ts';
import { eventually, TestFederation, TWO_STATES } from '../support/federation.ts';

const THIRD: Cast = {
  id: 'XC',
  name: 'Corvania',
  country: 'XC',
  role: 'national',
  groups: ['sac', 'adequate'],
  deskGroups: ['police'],
};
const STORE = ['store.sqlite', 'store.sqlite-wal', 'store.sqlite-shm'] as const;
const FORKS = ['LOG_FORK', 'RECORD_FORK', 'EQUIVOCATION', 'CHAIN_BROKEN', 'LOG_INCONSISTENT'];

describe('a store that was put back to an earlier state', () => {
  let federation: TestFederation;
  const at = (id: string, file: string) => join(federation.dir, 'nodes', id.toLowerCase(), file);
  const kept = (file: string) => join(federation.dir, `earlier-${file}`);
  const alarmsAt = async (id: string) =>
    (await federation.desk(id).network.getNodeStatus({})).alarms.map(({ code }) => code);
  const held = async (id: string): Promise<readonly string[]> => {
    const found: string[] = [];
    let cursor = '';
    do {
      const page = await federation.desk(id).records.listRecords({ pageSize: 100, cursor });
      found.push(...page.records.map((record) => hex(record.headerDigest)));
      cursor = page.nextCursor;
    } while (cursor !== '');
    return found;
  };
  const holdsAll = (id: string, digests: readonly string[]) =>
    eventually(
      `${id} holds ${digests.length} records`,
      async () => {
        const now = new Set(await held(id).catch(() => []));
        return digests.every((digest) => now.has(digest)) ? true : undefined;
      },
      120_000,
    );
  const releaseFrom = async (id: string, times: number): Promise<readonly string[]> => {
    const content = exampleContent('seizure-notice') as Record<string, unknown>;
    const made: string[] = [];
    for (let n = 0; n < times; n++)
      made.push(
        hex(
          await federation.release(id, {
            ...content,
            deskGroup: 'police',
            marking: { releasableTo: ['sac'] },
          }),
        ),
      );
    return made;
  };
  const before: string[] = [];
  const after: string[] = [];

  beforeAll(async () => {
    federation = await TestFederation.found({
      cast: [...TWO_STATES, THIRD],
      settings: {
        exchange: {
          heartbeatMs: 1_000,
          idleHeartbeatMs: 2_000,
          resendMs: 1_000,
          resendMaxMs: 4_000,
          cutOffMs: 6_000,
        },
      },
    });
    await federation.startAll();
    for (const id of federation.nodes) before.push(...(await releaseFrom(id, 2)));
    for (const id of federation.nodes) await holdsAll(id, before);
    await federation.signal('XA', 'SIGTERM');
    for (const file of STORE) if (existsSync(at('XA', file))) copyFileSync(at('XA', file), kept(file));
    await federation.startNode('XA');
    for (const id of federation.nodes) after.push(...(await releaseFrom(id, 3)));
    for (const id of federation.nodes) await holdsAll(id, [...before, ...after]);
    await federation.signal('XA', 'SIGKILL');
    for (const file of STORE) {
      rmSync(at('XA', file), { force: true });
      if (existsSync(kept(file))) copyFileSync(kept(file), at('XA', file));
    }
  });

  afterAll(async () => {
    await federation?.[Symbol.asyncDispose]();
  });

  it('is found out: nothing is sent any more, and the alarm names the command', async () => {
    await federation.startNode('XA');
    const alarm = await eventually('XA knows that it is behind', async () =>
      (await federation.desk('XA').network.getNodeStatus({})).alarms.find(
        ({ code }) => code === 'STORE_BEHIND',
      ),
    );
    expect(alarm.detail).toContain('tocsin node recover');
    // Whatever was recalled since may still be here: nobody reads.
    await expect(federation.desk('XA').records.listRecords({ pageSize: 10 })).rejects.toMatchObject({
      status: 14,
      message: expect.stringContaining('tocsin node recover'),
    });
    await federation.signal('XA', 'SIGTERM');
  });

  it('is not recovered without the authority, nor while the node runs', async () => {
    const refused = await tocsin(['node', 'recover', '--dir', at('XA', ''), '--authority', federation.dir]);
    expect(refused.exitCode).not.toBe(0);
    expect(refused.stderr).toContain('NOT_INITIALISED');
    const running = await tocsin(['node', 'recover', '--dir', at('XB', '')]);
    expect(running.exitCode).not.toBe(0);
    expect(running.stderr).toContain('STORE_IN_USE');
  });

  it('is whole again after `node recover`: nothing lost that a partner held or had sent, and no fork anywhere', async () => {
    const recovered = await tocsin(['node', 'recover', '--dir', at('XA', ''), '--json']);
    expect(recovered.exitCode, recovered.stderr).toBe(0);
    await federation.startNode('XA');
    await holdsAll('XA', [...before, ...after]);

    const next: string[] = [];
    for (const id of federation.nodes) next.push(...(await releaseFrom(id, 1)));
    for (const id of federation.nodes) await holdsAll(id, [...before, ...after, ...next]);
    for (const id of federation.nodes) {
      const alarms = await alarmsAt(id);
      expect(alarms.filter((code) => FORKS.includes(code))).toEqual([]);
      expect(alarms.includes('INCARNATION_RAISED')).toBe(id !== 'XA');
    }
    expect(await alarmsAt('XA')).not.toContain('STORE_BEHIND');
    await eventually('XA has caught up', async () =>
      (await alarmsAt('XA')).includes('CATCHING_UP') ? undefined : true,
    );
  });

  it('and one that hears nobody shows no persons until its partners are back, and says why', async () => {
    const content = exampleContent('watchlist-entry') as Record<string, unknown>;
    const marking = { releasableTo: ['XC'], purposes: ['investigation'] };
    const headerDigest = await federation.release('XB', { ...content, deskGroup: 'police', marking });
    await holdsAll('XC', [hex(headerDigest)]);
    const desk = () => federation.desk('XC');
    const persons = async (): Promise<string> => {
      const { facets, withheld } = await desk().records.getRecord(
        { headerDigest },
        { purpose: 'investigation' },
      );
      expect(facets.map(({ facet }) => facet)).toContain('summary');
      if (facets.some(({ facet }) => facet === 'persons')) return 'shown';
      return withheld.find(({ facet }) => facet === 'persons')?.rule ?? '';
    };
    await eventually('nothing is locked', async () => ((await persons()) === 'shown' ? true : undefined));
    for (const id of ['XA', 'XB']) await federation.signal(id, 'SIGTERM');
    await eventually('XC is cut off', async () => ((await persons()) === 'R14' ? true : undefined), 60_000);
    const status = await tocsin(['node', 'status', '--officer', federation.officer('XC')]);
    expect(status.stdout).toMatch(/^CUT OFF: no partner heard since .+\(R14\)$/m);
    for (const id of ['XB', 'XA']) await federation.startNode(id);
    await eventually('it opens', async () => ((await persons()) === 'shown' ? true : undefined), 60_000);
  });
});
