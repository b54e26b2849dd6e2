/**
 * A federation of real processes for tests: real nats-server, real nodes with stores on disk, real officers over mutual TLS.
 * Founding takes seconds, so a file founds one and its tests share it.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sleep } from '../../src/base/async.ts';
import {
  type Federation,
  officerDir,
  openFederation,
  type Plan,
  startBroker,
  startNode,
} from '../../src/cli/demo/federation.ts';
import { type Running, start } from '../../src/cli/demo/processes.ts';
import type { Cast } from '../../src/cli/demo/story.ts';
import { openOfficerDesk } from '../../src/cli/desk-access.ts';
import type { Desk } from '../../src/desk/index.ts';
import { newBrokerUser } from '../../src/transport/index.ts';

/** Two states whose police desks see almost everything of each other. */
export const TWO_STATES: readonly Cast[] = [
  {
    id: 'XA',
    name: 'Arvenia',
    country: 'XA',
    role: 'national',
    groups: ['sac', 'adequate'],
    deskGroups: ['police'],
  },
  {
    id: 'XB',
    name: 'Borvania',
    country: 'XB',
    role: 'national',
    groups: ['sac', 'adequate'],
    deskGroups: ['police'],
  },
];

export interface FoundOptions {
  readonly cast?: readonly Cast[];
  readonly tickMs?: number;
  /** Further keys of every node.yaml; replaces the short intervals that tests have by default. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly officerDays?: number;
  /** Serves the console of each node and invites its officers. */
  readonly consoles?: true;
}

/** Waits on a condition, never on time: the value that `look` gives once it is not undefined. */
export async function eventually<Value>(
  what: string,
  look: () => Promise<Value | undefined> | Value | undefined,
  timeoutMs = 120_000,
): Promise<Value> {
  const until = performance.now() + timeoutMs;
  for (;;) {
    const value = await look();
    if (value !== undefined) return value;
    if (performance.now() > until) throw new Error(`did not happen within ${timeoutMs / 1000} s: ${what}`);
    await sleep(50);
  }
}

export class TestFederation implements AsyncDisposable {
  readonly federation: Federation;
  /** Private nkey of a broker user who may do everything. */
  readonly operatorSeed: string;
  /** Added to the environment of a node's process. */
  environment: (id: string) => Readonly<Record<string, string>> = () => ({});
  readonly #running = new Map<string, Running>();
  readonly #desks = new Map<string, Desk>();

  private constructor(federation: Federation, operatorSeed: string) {
    this.federation = federation;
    this.operatorSeed = operatorSeed;
  }

  static async found(options: FoundOptions = {}): Promise<TestFederation> {
    const operator = newBrokerUser();
    const cast = options.cast ?? TWO_STATES;
    const plan: Plan = {
      networkName: 'Test region',
      cast,
      threshold: Math.min(2, cast.length),
      tickMs: options.tickMs ?? 200,
      settings: options.settings ?? {
        exchange: { heartbeatMs: 1_000, idleHeartbeatMs: 2_000, resendMs: 1_000, resendMaxMs: 4_000 },
      },
      operatorUser: operator.publicKey,
      ...(options.officerDays !== undefined && { officerDays: options.officerDays }),
      ...(options.consoles && { consoles: options.consoles }),
    };
    const dir = mkdtempSync(join(tmpdir(), 'tocsin-federation-'));
    return new TestFederation(await openFederation(dir, () => undefined, plan), operator.seed);
  }

  get dir(): string {
    return this.federation.dir;
  }

  get nodes(): readonly string[] {
    return Object.keys(this.federation.deskPorts);
  }

  async startBroker(): Promise<void> {
    this.#running.set('broker', await startBroker(this.federation));
  }

  /** Starts the broker as its operator would after a crash: nothing is made anew. */
  async restartBroker(): Promise<void> {
    const running = await start({
      name: 'nats-server',
      program: 'nats-server',
      args: ['--config', join(this.dir, 'broker', 'nats-server.conf')],
      logFile: this.logFile('broker'),
      ready: /Server is ready/,
      timeoutMs: 20_000,
    });
    this.#running.set('broker', running);
  }

  /** The broker reads its configuration again, as after a new roster. */
  reloadBroker(): void {
    const running = this.#running.get('broker');
    if (running === undefined) throw new Error('the broker does not run');
    process.kill(running.pid, 'SIGHUP');
  }

  async startNode(id: string): Promise<void> {
    this.#running.set(id, await startNode(this.federation, id, this.environment(id)));
  }

  async startAll(): Promise<void> {
    await this.startBroker();
    await Promise.all(this.nodes.map((id) => this.startNode(id)));
  }

  /** Sends a signal to a node or to `broker`; resolves when the process has ended. */
  async signal(name: string, signal: NodeJS.Signals): Promise<void> {
    const running = this.#running.get(name);
    if (running === undefined) throw new Error(`${name} does not run`);
    await running.signal(signal);
    if (running.exitCode !== undefined) this.#running.delete(name);
  }

  /** Process id of a node or of `broker`. */
  pid(name: string): number {
    const running = this.#running.get(name);
    if (running === undefined) throw new Error(`${name} does not run`);
    return running.pid;
  }

  isRunning(name: string): boolean {
    return this.#running.get(name)?.exitCode === undefined && this.#running.has(name);
  }

  /** The desk as an officer of a node; clients reconnect by themselves after a restart of the node. */
  desk(id: string, group = 'police', role: 'officer' | 'releaser' = 'officer'): Desk {
    const dir = this.officer(id, group, role);
    const open = this.#desks.get(dir) ?? openOfficerDesk({ officer: dir });
    this.#desks.set(dir, open);
    return open;
  }

  /** Folder that --officer takes. */
  officer(id: string, group = 'police', role: 'officer' | 'releaser' = 'officer'): string {
    return officerDir(this.federation, id, group, role);
  }

  /** What a node or `broker` has logged so far. */
  log(name: string): string {
    return readFileSync(this.logFile(name), 'utf8');
  }

  logFile(name: string): string {
    return join(this.dir, 'logs', `${name.toLowerCase()}.log`);
  }

  /** Drafts, submits and releases one record; its header digest. */
  async release(id: string, content: unknown, group = 'police'): Promise<Uint8Array> {
    const { draft } = await this.desk(id, group).records.createDraft({
      contentJson: JSON.stringify(content),
    });
    const draftId = draft?.id ?? '';
    await this.desk(id, group).records.submitDraft({ draftId });
    const { record } = await this.desk(id, group, 'releaser').records.releaseDraft({ draftId });
    if (record === undefined) throw new Error('the node named no record');
    return record.headerDigest;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const desk of this.#desks.values()) desk.close();
    await Promise.all(
      [...this.#running]
        .filter(([name]) => name !== 'broker')
        .map(([, running]) => running[Symbol.asyncDispose]()),
    );
    await this.#running.get('broker')?.[Symbol.asyncDispose]();
    rmSync(this.dir, { recursive: true, force: true });
  }
}
