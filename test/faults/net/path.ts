/**
 * A way from a node to the broker through two network namespaces, where the kernel's own TCP meets what networks do to packets: loss,
 * duplication, reordering, one direction gone. Addresses of the namespaces exist in them alone; sockets of files lead in and out. Needs root,
 * iproute2 and nftables.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';

/** Shares of packets, 0 to 100, in both directions where none is named. */
export interface Weather {
  readonly lost?: number;
  readonly twice?: number;
  /** Packets that fall behind those after them. */
  readonly late?: number;
  /** Nothing comes through this way; `up` = from the node to the broker. */
  readonly gone?: 'up' | 'down';
}

type End = 'node' | 'broker';
const OTHER = { node: 'broker', broker: 'node' } as const;
const ADDRESS = { node: '10.231.0.1', broker: '10.231.0.2' } as const;
const DEVICE = { node: 'way-n', broker: 'way-b' } as const;
const PORT = 4_222;
/** What falls behind goes at this rate: some tens of milliseconds a packet. */
const LATE_RATE = '400kbit';
const RELAY = join(import.meta.dirname, 'relay.ts');
let made = 0;

export class NetPath implements AsyncDisposable {
  readonly #name: string;
  readonly #dir: string;
  readonly #relays: ChildProcess[] = [];
  #way: Server | undefined;

  private constructor(dir: string) {
    this.#name = `tocsin-${process.pid}-${made++}`;
    this.#dir = dir;
  }

  /** A path to a port of this machine's loopback; why there is none, in words, where the machine has no such thing. */
  static async open(dir: string, brokerPort: number): Promise<NetPath | string> {
    const path = new NetPath(dir);
    try {
      path.#build();
      await path.#serve(brokerPort);
      return path;
    } catch (error) {
      await path[Symbol.asyncDispose]();
      return error instanceof Error ? (error.message.split('\n')[1] ?? error.message) : String(error);
    }
  }

  /** Where a node's line connects to. */
  get socket(): string {
    return this.#socketOf('node');
  }

  /** What happens to packets from now on; what is not named does not. */
  become({ lost = 0, twice = 0, late = 0, gone }: Weather): void {
    for (const end of ['node', 'broker'] as const) {
      const isGone = gone === (end === 'node' ? 'up' : 'down');
      const share = (percent: number, what: string) =>
        percent > 0 ? [`numgen random mod 100 < ${Math.round(percent)} counter ${what}`] : [];
      const rules = isGone
        ? ['counter drop']
        : [
            ...share(lost, 'drop'),
            ...share(twice, `dup to ${ADDRESS[OTHER[end]]} device "${DEVICE[end]}"`),
            ...share(late, 'meta priority set 1:20'),
          ];
      const table = [
        'table ip weather {}',
        'delete table ip weather',
        'table ip weather {',
        'chain leaving {',
        'type filter hook postrouting priority mangle;',
        ...rules,
        '}',
        '}',
      ].join('\n');
      execFileSync('ip', ['netns', 'exec', this.#space(end), 'nft', '-f', '-'], {
        input: table,
        stdio: ['pipe', 'ignore', 'pipe'],
      });
    }
  }

  /** Packets that the present weather struck so far. */
  struck(): number {
    const listed = (['node', 'broker'] as const).map((end) =>
      ip('netns', 'exec', this.#space(end), 'nft', '-j', 'list', 'table', 'ip', 'weather'),
    );
    return listed
      .flatMap((text) => [...text.matchAll(/"counter": \{"packets": (\d+)/g)])
      .reduce((sum, [, packets]) => sum + Number(packets), 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const relay of this.#relays) relay.kill('SIGKILL');
    await new Promise<void>((resolve) =>
      this.#way === undefined ? resolve() : this.#way.close(() => resolve()),
    );
    for (const end of ['node', 'broker'] as const) {
      try {
        ip('netns', 'del', this.#space(end));
      } catch {
        // It was never made.
      }
      rmSync(this.#socketOf(end), { force: true });
    }
  }

  #build(): void {
    for (const end of ['node', 'broker'] as const) ip('netns', 'add', this.#space(end));
    ip(
      ...['link', 'add', DEVICE.node, 'netns', this.#space('node'), 'type', 'veth'],
      ...['peer', 'name', DEVICE.broker, 'netns', this.#space('broker')],
    );
    for (const end of ['node', 'broker'] as const) {
      const [space, device] = [this.#space(end), DEVICE[end]];
      ip('-n', space, 'addr', 'add', `${ADDRESS[end]}/30`, 'dev', device);
      for (const one of ['lo', device]) ip('-n', space, 'link', 'set', one, 'up');
      const tc = (...args: readonly string[]) => ip('netns', 'exec', space, 'tc', ...args);
      tc('qdisc', 'add', 'dev', device, 'root', 'handle', '1:', 'htb', 'default', '10');
      for (const [id, rate] of [
        ['1:10', '1gbit'],
        ['1:20', LATE_RATE],
      ] as const)
        tc(
          'class',
          'add',
          'dev',
          device,
          'parent',
          '1:',
          'classid',
          id,
          'htb',
          'rate',
          rate,
          'quantum',
          '1514',
        );
    }
    this.become({});
  }

  async #serve(brokerPort: number): Promise<void> {
    const way = createServer((near) => {
      const far = connect({ host: '127.0.0.1', port: brokerPort, noDelay: true });
      const end = () => {
        near.destroy();
        far.destroy();
      };
      for (const socket of [near, far]) socket.on('error', end).on('close', end);
      near.pipe(far).pipe(near);
    });
    this.#way = way;
    await new Promise<void>((resolve, reject) => {
      way.once('error', reject);
      way.listen(this.#socketOf('broker'), resolve);
    });
    const meeting = `${ADDRESS.broker}:${PORT}`;
    await this.#relay('broker', meeting, this.#socketOf('broker'));
    await this.#relay('node', this.#socketOf('node'), meeting);
  }

  #relay(end: End, listen: string, to: string): Promise<void> {
    const args = [
      'netns',
      'exec',
      this.#space(end),
      process.execPath,
      '--disable-warning=ExperimentalWarning',
    ];
    const relay = spawn('ip', [...args, RELAY, listen, to], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#relays.push(relay);
    return new Promise((resolve, reject) => {
      relay.once('error', reject);
      relay.once('exit', (code) => reject(new Error(`a relay ended with ${code}`)));
      relay.stdout.once('data', () => resolve());
    });
  }

  #space(end: End): string {
    return `${this.#name}-${end}`;
  }

  #socketOf(end: End): string {
    return join(this.#dir, `${this.#name}-${end}.sock`);
  }
}

const ip = (...args: readonly string[]): string =>
  execFileSync('ip', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
