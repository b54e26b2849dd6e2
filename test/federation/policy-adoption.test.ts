/** Another national policy at a node that runs: by the commands of two administrators, with the node killed between them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeDir } from '../../src/cli/demo/federation.ts';
import { tocsin } from '../support/command.ts';
import { TestFederation } from '../support/federation.ts';

const OPEN = `@id("N1-nothing-to-XQ") @reason("nothing to XQ until the agreement is in force")
forbid (principal, action == Action::"receive", resource) when { principal.node == "XQ" };
`;

describe('two administrators at a node that runs', () => {
  let federation: TestFederation;
  let home: string;

  beforeAll(async () => {
    federation = await TestFederation.found();
    await federation.startBroker();
    await federation.startNode('XA');
    home = nodeDir(federation.federation, 'XA');
  });
  afterAll(async () => {
    await federation?.[Symbol.asyncDispose]();
  });

  const json = async (...args: readonly string[]): Promise<Record<string, unknown>> => {
    const ran = await tocsin(['--json', ...args]);
    expect({ args, exitCode: ran.exitCode, stderr: ran.stderr }).toEqual({ args, exitCode: 0, stderr: '' });
    return JSON.parse(ran.stdout) as Record<string, unknown>;
  };

  const administrator = async (name: string): Promise<string> => {
    const out = join(federation.dir, name);
    const who = ['--name', name, '--agency', 'IT', '--desk-group', 'police', '--role', 'administrator'];
    await json('officer', 'issue', '--dir', home, ...who, '--out', out);
    return out;
  };

  it('put another policy in force, also where the node was killed between proposal and adoption', async () => {
    const [ada, ben] = [await administrator('Ada'), await administrator('Ben')];
    const file = join(federation.dir, 'open.cedar');
    writeFileSync(file, OPEN);
    const made = await json('policy', 'propose', file, '--reason', 'as the board decided', '--officer', ada);
    const { id } = made.proposal as { readonly id: string };

    await federation.signal('XA', 'SIGKILL');
    await federation.startNode('XA');
    const { proposals } = await json('policy', 'proposals', '--open', '--officer', ben);
    expect(proposals).toMatchObject([{ id, proposer: 'Ada', stale: false }]);
    const own = await tocsin(['policy', 'adopt', id, '--officer', ada]);
    expect(own.exitCode).toBe(3);
    expect(own.stderr).toMatch(/a second administrator/);
    const { digest } = await json('policy', 'adopt', id, '--officer', ben);
    expect(readFileSync(join(home, 'policy', 'national.cedar'), 'utf8')).toBe(OPEN);

    await federation.signal('XA', 'SIGKILL');
    await federation.startNode('XA');
    const again = await json('policy', 'adopt', id, '--officer', ben);
    expect(again.digest).toBe(digest);
    const late = await tocsin(['policy', 'withdraw', id, '--officer', ada]);
    expect(late.exitCode).not.toBe(0);
    expect(late.stderr).toMatch(/adopted/);
  });
});
