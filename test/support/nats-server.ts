/** A real nats-server on a free port of this machine, in a directory of its own that goes with it. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '../../src/cli/demo/free-port.ts';

/** `2.9.10` of the installed server; undefined where there is none. */
function natsServerVersion(): string | undefined {
  try {
    return /v(\d+\.\d+\.\d+)/.exec(execFileSync('nats-server', ['--version'], { encoding: 'utf8' }))?.[1];
  } catch {
    return undefined;
  }
}

export interface NatsServerFacts {
  readonly host: string;
  readonly port: number;
  /** Own directory of the server; `storeDir` lies in it. */
  readonly dir: string;
  readonly storeDir: string;
  readonly version: string;
}

export interface NatsServer extends NatsServerFacts, AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  /** Ends the process; the directory stays, so that `start` finds the store as it was. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  start(): Promise<void>;
}

/**
 * Starts a server with the text that `configure` makes of its facts and waits until it greets. Throws where no nats-server
 * is installed (`apt install nats-server`) or the configuration is refused.
 */
export async function startNatsServer(
  configure: (facts: NatsServerFacts) => string | Promise<string>,
): Promise<NatsServer> {
  const version = natsServerVersion();
  if (version === undefined) throw new Error('expected nats-server on the path: apt install nats-server');
  const dir = await mkdtemp(join(tmpdir(), 'tocsin-nats-'));
  const facts = { host: '127.0.0.1', port: await freePort(), dir, storeDir: join(dir, 'jetstream'), version };
  const file = join(dir, 'nats-server.conf');
  await writeFile(file, await configure(facts));

  let child: ChildProcess | undefined;
  let output = '';
  const start = async () => {
    output = '';
    const started = spawn('nats-server', ['-c', file], { stdio: ['ignore', 'pipe', 'pipe'] });
    child = started;
    // Where this process ends without disposing, the server must not stay behind.
    const last = () => started.kill('SIGKILL');
    process.once('exit', last);
    started.once('exit', () => process.off('exit', last));
    const collect = (chunk: Buffer) => {
      output = `${output}${chunk}`.slice(-10_000);
    };
    started.stdout?.on('data', collect);
    started.stderr?.on('data', collect);
    const until = Date.now() + 10_000;
    while (!(await greets(facts.port))) {
      if (started.exitCode !== null) throw new Error(`nats-server refused to start:\n${output}`);
      if (Date.now() > until) throw new Error(`nats-server did not greet within 10 s:\n${output}`);
      await wait(20);
    }
  };
  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    const ending = child;
    if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return;
    const ended = new Promise((resolve) => ending.once('exit', resolve));
    ending.kill(signal);
    await ended;
  };
  try {
    await start();
  } catch (error) {
    await stop('SIGKILL');
    await rm(dir, { recursive: true, force: true });
    throw error;
  }
  return {
    ...facts,
    url: `nats://127.0.0.1:${facts.port}`,
    get pid() {
      return child?.pid ?? 0;
    },
    start,
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop('SIGKILL');
      await rm(dir, { recursive: true, force: true });
    },
  };
}

function greets(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const done = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('data', (data) => done(data.toString('latin1').startsWith('INFO ')));
    socket.once('error', () => done(false));
    socket.setTimeout(1000, () => done(false));
  });
}
