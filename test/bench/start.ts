/** A whole node, started as its service starts it: how long until it is ready, and what it holds in memory at rest. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { nodeDir } from '../../src/cli/demo/federation.ts';
import { TestFederation } from '../support/federation.ts';
import { startNatsServer } from '../support/nats-server.ts';
import type { Bench, Measure } from './runner.ts';

const ROOT = join(import.meta.dirname, '..', '..');
/** After it is ready: keys are published, mail is asked for, then nothing happens. */
const REST_MS = 4_000;

/** A process that says `ready` and then stays until its input ends, or a signal ends it. */
type Program = readonly string[];

const NOTHING: Program = ['-e', `console.log('ready'); process.stdin.resume()`];
const connectTo = (url: string): Program => [
  '--input-type=module',
  '-e',
  `import { connect } from 'nats'; await connect({ servers: '${url}' }); console.log('ready')`,
];

/** Starts it, waits for its word, hands it to `look`, and ends it. */
async function started<Value>(
  args: Program,
  look: (child: ChildProcess, readyMs: number) => Promise<Value> | Value,
): Promise<Value> {
  const from = performance.now();
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const readyMs = await new Promise<number>((resolve, reject) => {
    let said = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (/^ready/m.test(said)) resolve(performance.now() - from);
    });
    child.once('error', reject);
    child.once('exit', (code) =>
      reject(new Error(`expected a process that stays, it ended with ${code}: ${said}`)),
    );
  });
  try {
    return await look(child, readyMs);
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
}

/** Resident memory of a process in megabytes (10⁶ bytes), as Linux counts it. */
function residentMb({ pid }: ChildProcess): number {
  const found = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  if (!found) throw new Error(`expected VmRSS of process ${pid}`);
  return (Number(found[1]) * 1024) / 1e6;
}

const readyMs =
  (args: Program): Measure =>
  () =>
    started(args, (_child, ms) => [ms]);

const atRest =
  (args: Program): Measure =>
  () =>
    started(args, async (child) => {
      await wait(REST_MS);
      return [residentMb(child)];
    });

export const startBench: Bench = {
  name: 'start',
  async open(stack) {
    const federation = stack.use(await TestFederation.found({ settings: {} }));
    await federation.startBroker();
    // The partner runs, so that a node that starts has somebody to talk to.
    await federation.startNode('XB');
    const nats = stack.use(await startNatsServer(({ host, port }) => `listen: "${host}:${port}"\n`));
    const node: Program = [
      '--disable-warning=ExperimentalWarning',
      join(ROOT, 'deploy', 'program.js'),
      'node',
      'run',
      '--dir',
      nodeDir(federation.federation, 'XA'),
    ];
    const row = (measureOf: (args: Program) => Measure) => ({
      ours: measureOf(node),
      against: [
        { name: 'Node that imports nothing', measure: measureOf(NOTHING) },
        { name: 'Node that connects to NATS', measure: measureOf(connectTo(nats.url)) },
      ],
    });
    return [
      { id: 'ready', what: 'a node, from process start to ready', unit: 'ms', ...row(readyMs) },
      { id: 'resident', what: 'a node at rest, resident memory', unit: 'MB', ...row(atRest) },
    ];
  },
};
