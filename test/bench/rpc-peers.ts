/** Calls over NATS without our transport: the plain client's request and reply, and frameworks in processes of their own. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { connect } from 'nats';

export interface Calling {
  readonly calls: number;
  readonly inFlight: number;
  readonly bytes: number;
}

/** What a round of calls took. */
export interface Called {
  readonly seconds: number;
  /** Milliseconds of every call, where one was in flight at a time. */
  readonly each: readonly number[];
}

export type RoundOfCalls = (calling: Calling) => Promise<Called>;

/** Makes `calls` calls, so many in flight, of what `callWith` makes of a payload's length. */
export const roundOf =
  (callWith: (bytes: number) => () => Promise<unknown>): RoundOfCalls =>
  async ({ calls, inFlight, bytes }) => {
    const call = callWith(bytes);
    const each: number[] = [];
    let begun = 0;
    const worker = async (): Promise<void> => {
      while (begun < calls) {
        begun += 1;
        const from = performance.now();
        await call();
        if (inFlight === 1) each.push(performance.now() - from);
      }
    };
    const from = performance.now();
    await Promise.all(Array.from({ length: inFlight }, worker));
    return { seconds: (performance.now() - from) / 1000, each };
  };

/** Request and reply of the NATS client: caller and callee are two connections of this process. */
export async function rawNats(stack: AsyncDisposableStack, url: string): Promise<RoundOfCalls> {
  const open = async () => {
    const connection = await connect({ servers: url });
    stack.defer(() => connection.close());
    return connection;
  };
  const [caller, callee] = [await open(), await open()];
  callee.subscribe('bench.raw', { callback: (_error, message) => void message.respond(message.data) });
  await callee.flush();
  return roundOf((bytes) => {
    const payload = new Uint8Array(bytes);
    return () => caller.request('bench.raw', payload, { timeout: 60_000 });
  });
}

const PEERS = join(import.meta.dirname, 'peers');

/** A framework of peers/, with caller and callee in one process of its own. */
export async function peer(
  stack: AsyncDisposableStack,
  name: 'moleculer' | 'nestjs',
  url: string,
): Promise<RoundOfCalls> {
  if (!existsSync(join(PEERS, 'node_modules')))
    throw new Error('expected packages in test/bench/peers: `npm run bench` installs them');
  const child = spawn(process.execPath, [join(PEERS, `${name}.js`), url], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  stack.defer(async () => {
    child.stdin.end();
    await ended;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error(`expected an answer of ${name}, but its process ended`);
    return value;
  };
  const greeting = await next();
  if (greeting !== 'ready') throw new Error(`expected ${name} to say that it is ready, got ${greeting}`);
  return async (calling) => {
    child.stdin.write(`${JSON.stringify(calling)}\n`);
    return JSON.parse(await next()) as Called;
  };
}
