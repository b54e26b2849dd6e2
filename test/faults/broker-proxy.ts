/**
 * A line between a node and the broker that can be cut, stalled one way or both, and slowed down. It passes TLS on as it is: what a
 * network can do, it can do, and nothing more. Bytes are never lost on a connection that goes on; a line that heals carries on
 * late, or is reset, as TCP would have it.
 */
import { connect, createServer, type Server, type Socket } from 'node:net';

/** `up` = from the node to the broker. */
export type Direction = 'up' | 'down';

/** A port of this machine's loopback, or the socket of a path that leads there. */
export type Broker = number | string;

export interface LineState {
  /** Connections end at once and no new one is made. */
  readonly cut: boolean;
  /** Bytes of these directions stand still. */
  readonly stalled: readonly Direction[];
  /** Added to each chunk, milliseconds. */
  readonly delayMs: number;
  /**
   * So many bytes a second reach the node, and what is beyond is not taken from the broker either: to it the node is a slow
   * consumer. Without bound where absent.
   */
  readonly nodeReads?: number;
}

const OPEN: LineState = { cut: false, stalled: [], delayMs: 0 };
/** How often bytes pass on a line that is read slowly. */
const DRIPS_A_SECOND = 20;
/** Taken from the broker beyond what the node reads: a socket's buffer. */
const AHEAD_BYTES = 65_536;

interface Pair {
  readonly node: Socket;
  readonly broker: Socket;
  /** Bytes that wait, by direction, in order. */
  readonly held: Record<Direction, Buffer[]>;
}

export class BrokerLine implements AsyncDisposable {
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  #state: LineState = OPEN;
  #dripping: NodeJS.Timeout | undefined;

  private constructor(broker: Broker) {
    this.#server = createServer({ noDelay: true }, (node) => this.#accept(node, broker));
  }

  /** Listens on a free port of this machine's loopback. */
  static async open(broker: Broker): Promise<BrokerLine> {
    const line = new BrokerLine(broker);
    await new Promise<void>((resolve, reject) => {
      line.#server.once('error', reject);
      line.#server.listen(0, '127.0.0.1', resolve);
    });
    return line;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the line is closed');
    return address.port;
  }

  /** Puts the line into a state; what is not named is as on a good line. */
  become(state: Partial<LineState>): void {
    this.#state = { ...OPEN, ...state };
    clearInterval(this.#dripping);
    if (state.nodeReads !== undefined)
      this.#dripping = setInterval(() => this.#drip(state.nodeReads ?? 0), 1_000 / DRIPS_A_SECOND);
    if (this.#state.cut) this.reset();
    else for (const pair of this.#pairs) for (const way of ['up', 'down'] as const) this.#flush(pair, way);
  }

  /** Ends all connections; new ones are made as the state allows. */
  reset(): void {
    for (const { node, broker } of this.#pairs) {
      node.destroy();
      broker.destroy();
    }
    this.#pairs.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#dripping);
    this.reset();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(node: Socket, to: Broker): void {
    if (this.#state.cut) {
      node.destroy();
      return;
    }
    const broker = connect(
      typeof to === 'string' ? { path: to } : { host: '127.0.0.1', port: to, noDelay: true },
    );
    const pair: Pair = { node, broker, held: { up: [], down: [] } };
    this.#pairs.add(pair);
    const end = () => {
      node.destroy();
      broker.destroy();
      this.#pairs.delete(pair);
    };
    for (const socket of [node, broker]) socket.on('error', end).on('close', end);
    node.on('data', (chunk: Buffer) => this.#pass(pair, 'up', chunk));
    broker.on('data', (chunk: Buffer) => this.#pass(pair, 'down', chunk));
  }

  #pass(pair: Pair, way: Direction, chunk: Buffer): void {
    pair.held[way].push(chunk);
    const { delayMs, nodeReads } = this.#state;
    if (way === 'down' && nodeReads !== undefined) {
      if (sizeOf(pair.held.down) > AHEAD_BYTES) pair.broker.pause();
      return;
    }
    if (delayMs === 0) this.#flush(pair, way);
    else setTimeout(() => this.#flush(pair, way), delayMs);
  }

  #flush(pair: Pair, way: Direction): void {
    if (this.#state.stalled.includes(way)) return;
    if (way === 'down') {
      if (this.#state.nodeReads !== undefined) return;
      pair.broker.resume();
    }
    const to = way === 'up' ? pair.broker : pair.node;
    for (const chunk of pair.held[way].splice(0)) if (!to.destroyed) to.write(chunk);
  }

  #drip(bytesPerSecond: number): void {
    for (const { node, broker, held } of this.#pairs) {
      const all = Buffer.concat(held.down.splice(0));
      const size = Math.ceil(bytesPerSecond / DRIPS_A_SECOND);
      if (!node.destroyed && all.length > 0) node.write(all.subarray(0, size));
      if (all.length > size) held.down.push(all.subarray(size));
      if (sizeOf(held.down) <= AHEAD_BYTES) broker.resume();
    }
  }
}

const sizeOf = (chunks: readonly Buffer[]): number => chunks.reduce((sum, chunk) => sum + chunk.length, 0);
