/**
 * The README's way into a network, followed literally: its shell blocks run as they stand, with the values that a person
 * takes from what was printed before.
 */
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sleep } from '../../src/base/async.ts';
import { freePort } from '../../src/cli/demo/free-port.ts';

const root = resolve(import.meta.dirname, '../..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');

/** What stands between `<!-- name:begin -->` and `<!-- name:end -->`. */
function section(name: string): string {
  const [, text] = new RegExp(`<!-- ${name}:begin -->(.*)<!-- ${name}:end -->`, 's').exec(readme) ?? [];
  if (text === undefined) throw new Error(`README.md has no section ${name}`);
  return text;
}

const blocks = (text: string, language: string): string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, block = '']) => block);

interface Ran {
  readonly exitCode: number | null;
  readonly output: string;
}

describe('joining a network as the README tells', () => {
  const dir = mkdtempSync(join(tmpdir(), 'tocsin-joining-'));
  const jobs = join(dir, '.jobs');
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    PATH: [join(dir, '.bin'), dirname(process.execPath), process.env.PATH, '/usr/sbin'].join(':'),
    NO_COLOR: '1',
  };

  /**
   * One block in a shell of its own that stops at the first failure. With job control each background process leads a group,
   * whose id the shell writes down as it ends; output goes to a file, which those processes may keep open.
   */
  async function run(block: string): Promise<Ran> {
    const log = join(dir, '.log');
    const script = `exec >"${log}" 2>&1; set -emo pipefail; trap 'jobs -p >>"${jobs}"' EXIT\n${block}`;
    const child = spawn('bash', ['-c', script], { cwd: dir, env, stdio: 'ignore' });
    const exitCode = await new Promise<number | null>((done, failed) => {
      child.once('error', failed);
      child.once('exit', done);
    });
    return { exitCode, output: readFileSync(log, 'utf8') };
  }

  const groups = (): number[] =>
    existsSync(jobs) ? readFileSync(jobs, 'utf8').split('\n').filter(Boolean).map(Number) : [];

  /** Whether the group took the signal, that is, still lives. */
  function signal(group: number, name: NodeJS.Signals | 0): boolean {
    try {
      return process.kill(-group, name);
    } catch {
      return false;
    }
  }

  beforeAll(async () => {
    mkdirSync(join(dir, '.bin'));
    const wrapper = join(dir, '.bin', 'tocsin');
    writeFileSync(wrapper, `#!/bin/sh\nexec node "${join(root, 'deploy', 'bin', 'tocsin.js')}" "$@"\n`);
    chmodSync(wrapper, 0o755);
    const [example = ''] = blocks(section('seizure'), 'json');
    writeFileSync(join(dir, 'seizure.json'), example);
    for (const name of ['BROKER_PORT', 'XA_DESK_PORT', 'XB_DESK_PORT']) env[name] = String(await freePort());
    env.BROKER_HOST = '127.0.0.1';
  });

  afterAll(async () => {
    const started = groups();
    for (const group of started) signal(group, 'SIGTERM');
    for (let tries = 0; tries < 200 && started.some((group) => signal(group, 0)); tries += 1) await sleep(50);
    for (const group of started) signal(group, 'SIGKILL');
    rmSync(dir, { recursive: true, force: true });
  });

  it('goes from nothing to a record that the partner holds and can prove', async () => {
    /** What a person carries over from what one block printed to the next. */
    const carry = (output: string): void => {
      env.NETWORK_DIGEST ??= /signatures: 2 of .*\nnetwork digest: (.+)$/m.exec(output)?.[1];
      env.DRAFT ??= /^draft (\S+) submitted/m.exec(output)?.[1];
      env.RECORD ??= /^record ([0-9a-f]{32}) revision 1/m.exec(output)?.[1];
    };
    const said: string[] = [];
    for (const block of blocks(section('joining'), 'sh')) {
      const { exitCode, output } = await run(block);
      expect(exitCode, `${block}\n${output}`).toBe(0);
      said.push(output);
      carry(output);
    }
    const all = said.join('\n');
    expect(all).toContain('goes to XB');
    // The partner sees what policy gives it, and nothing of what never leaves.
    expect(all).toMatch(/● items \(class O\)/);
    expect(all).not.toMatch(/● internal/);
    expect(said.at(-1)).toMatch(/seizure-notice.*\n(.*\n)*.*evidence: verified/);
    expect(groups()).toHaveLength(3);
  });

  it('makes evidence that no longer verifies once a byte is changed', async () => {
    const path = join(dir, 'evidence', 'facets', 'summary.bin');
    const bytes = readFileSync(path);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    writeFileSync(path, bytes);
    const { exitCode, output } = await run('tocsin log verify evidence --network-digest "$NETWORK_DIGEST"');
    expect(output).toMatch(/NOT VERIFIED.*\[COMMITMENT_MISMATCH\]/);
    expect(exitCode).toBe(3);
  });
});
