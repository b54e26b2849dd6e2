/** Child processes of the demo: the broker and the nodes. Each logs to its own file; all are ended with their parent. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { sleep } from '../../base/async.ts';
import { CliError } from '../failure.ts';

export interface Running extends AsyncDisposable {
  readonly name: string;
  readonly pid: number;
  readonly logFile: string;
  /** Undefined while it runs. */
  readonly exitCode: number | null | undefined;
  /** Sends a signal at once; resolves when the process has ended (SIGSTOP and SIGCONT: at once). */
  signal(name: NodeJS.Signals): Promise<void>;
}

export interface Start {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly logFile: string;
  /** Text in the log that shows that it is ready. */
  readonly ready: RegExp;
  readonly timeoutMs: number;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
}

const STOP_MS = 8_000;

export function assertProgram(program: string, how: string): void {
  const found = spawnSync(program, ['--version'], { stdio: 'ignore' });
  if (found.error !== undefined) throw new CliError('UNAVAILABLE', `${program} is not on the PATH: ${how}`);
}

const lastLines = (file: string): string =>
  readFileSync(file, 'utf8').trimEnd().split('\n').slice(-4).join(' | ');

async function stop(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const timer = new AbortController();
  const killer = sleep(STOP_MS, timer.signal).then(
    () => child.kill('SIGKILL'),
    () => undefined,
  );
  await exited;
  timer.abort();
  await killer;
}

/** Starts a process and waits until its log shows that it is ready; throws when it ends or stays silent instead. */
export async function start(options: Start): Promise<Running> {
  const log = openSync(options.logFile, 'a', 0o600);
  const before = readFileSync(options.logFile, 'utf8').length;
  const child = spawn(options.program, options.args, {
    stdio: ['ignore', log, log],
    env: { ...process.env, ...options.env },
  });
  closeSync(log);
  // Where this process ends without disposing, as by a fault nobody foresaw, its children must not stay behind.
  const last = () => child.kill('SIGTERM');
  process.once('exit', last);
  let failed: Error | undefined;
  child.once('error', (error) => {
    failed = error;
  });
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  }).finally(() => process.off('exit', last));
  const until = performance.now() + options.timeoutMs;
  while (!options.ready.test(readFileSync(options.logFile, 'utf8').slice(before))) {
    const ended = child.exitCode !== null || child.signalCode !== null || failed !== undefined;
    if (ended || performance.now() > until) {
      await stop(child, exited);
      throw new CliError(
        'DEMO_FAILED',
        `${options.name} ${ended ? 'ended' : 'was not ready in time'}; its log ${options.logFile} ends: ${lastLines(options.logFile)}`,
      );
    }
    await sleep(25);
  }
  return {
    name: options.name,
    pid: child.pid ?? 0,
    logFile: options.logFile,
    get exitCode() {
      return child.exitCode ?? (child.signalCode === null ? undefined : null);
    },
    signal: async (name) => {
      child.kill(name);
      if (name !== 'SIGSTOP' && name !== 'SIGCONT') await exited;
    },
    [Symbol.asyncDispose]: () => stop(child, exited),
  };
}
