/**
 * What a node leaves behind that crashes with a telling record in its memory (T21): nothing of it stands in logs, reports, dumps or
 * anywhere outside the store. Started as its administrator starts it, logging all there is to log.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nodeDir } from '../../src/cli/demo/federation.ts';
import { type Running, start } from '../../src/cli/demo/processes.ts';
import { eventually, TestFederation, TWO_STATES } from '../support/federation.ts';
import { CANARY, CANARY_GROUP, canaryContent } from '../support/hostile-canaries.ts';
import { NodeView } from '../support/hostile-view.ts';

const BIN = join(import.meta.dirname, '../../deploy/bin/tocsin.js');

let federation: TestFederation;
const started: Running[] = [];

beforeAll(async () => {
  federation = await TestFederation.found({
    cast: TWO_STATES.map((one) => ({ ...one, groups: [...one.groups, CANARY_GROUP] })),
    settings: { logLevel: 'trace', exchange: { heartbeatMs: 1_000, idleHeartbeatMs: 2_000 } },
  });
  await federation.startBroker();
  await federation.startNode('XA');
});
afterAll(async () => {
  for (const running of started) await running[Symbol.asyncDispose]();
  await federation[Symbol.asyncDispose]();
});

/** XB by the command; `env` beside the environment of this process. */
async function startXb(env: readonly string[] = []): Promise<Running> {
  const running = await start({
    name: 'XB',
    program: '/usr/bin/env',
    args: [...env, process.execPath, BIN, 'node', 'run', '--dir', nodeDir(federation.federation, 'XB')],
    logFile: federation.logFile('XB'),
    ready: /^ready: node/m,
    timeoutMs: 180_000,
  });
  started.push(running);
  return running;
}

/** The program under the process that the command starts. */
const programOf = ({ pid }: Running): number =>
  Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim());

const NODE_FILES = /^(store\.sqlite|blobs)/;

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}

/** Files that hold a canary, in any of the ways in which programs write bytes. */
function telling(paths: readonly string[]): readonly string[] {
  const base64 = [0, 1, 2].map((skip) => Buffer.from(CANARY.slice(skip)).subarray(0, 9).toString('base64'));
  const words = [CANARY, Buffer.from(CANARY).toString('hex'), ...base64];
  return paths.filter((path) => {
    const bytes = readFileSync(path);
    return words.some((word) => bytes.includes(word));
  });
}

describe('a node with telling records', () => {
  test('leaves nothing of them where it is killed by a fault, out of memory, or asked for a debugger', async () => {
    const xb = new NodeView(federation, 'XB');
    const running = await startXb();
    const program = programOf(running);
    const digest = await federation.release('XA', canaryContent('warning', Date.now()));
    await xb.received(digest);
    await federation.desk('XB').records.getRecord({ headerDigest: digest });

    const limits = readFileSync(`/proc/${program}/limits`, 'utf8');
    expect(limits).toMatch(/^Max core file size +0 +0 +/m);
    process.kill(program, 'SIGUSR1');
    await federation.desk('XB').network.getNodeStatus({});
    process.kill(program, 'SIGSEGV');
    await eventually('it is gone', () => (running.exitCode === undefined ? undefined : true));

    // Too little for what it has to load: the engine itself gives up, and prints where it was.
    await expect(startXb(['NODE_OPTIONS=--max-old-space-size=24'])).rejects.toThrow();

    const log = readFileSync(federation.logFile('XB'), 'utf8');
    expect(log).toMatch(/heap out of memory/);
    expect(log).not.toMatch(/Debugger listening/);
    const dir = nodeDir(federation.federation, 'XB');
    const store = filesBelow(dir).filter((path) => NODE_FILES.test(path.slice(dir.length + 1)));
    // What is looked for is there: in the store, and nowhere else of all that the two nodes and the broker have.
    expect(
      telling(store)
        .map((path) => basename(path))
        .join(),
    ).toContain('store.sqlite');
    const held = new Set(
      ['XA', 'XB'].flatMap((id) => {
        const folder = nodeDir(federation.federation, id);
        return filesBelow(folder).filter((path) => NODE_FILES.test(path.slice(folder.length + 1)));
      }),
    );
    expect(telling(filesBelow(federation.dir).filter((path) => !held.has(path)))).toEqual([]);
    const here = readdirSync(process.cwd()).filter((name) => /^(core|report\.|Heap\.|isolate)/.test(name));
    expect(here).toEqual([]);
  });
});
