/** Three nodes, each behind a line of its own to one broker, and all that can be done to them. Everything lies in a scratch folder. */
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { sleep } from '../../src/base/async.ts';
import { hex } from '../../src/base/bytes.ts';
import { nodeDir } from '../../src/cli/demo/federation.ts';
import { openOfficerDesk } from '../../src/cli/desk-access.ts';
import { type Desk, DeskCallError } from '../../src/desk/index.ts';
import { RecallReason } from '../../src/gen/tocsin/record/v1/recall.ts';
import { pathsOf } from '../../src/node/index.ts';
import { TestFederation } from '../support/federation.ts';
import { Operator } from '../support/hostile-operator.ts';
import type { PostgresServer } from '../support/postgres-server.ts';
import { Administrator } from './administrator.ts';
import { BrokerLine } from './broker-proxy.ts';
import { Clocks } from './clocks.ts';
import { type Export, exportFile, exportSchema } from './export.ts';
import { NetPath } from './net/path.ts';
import { type Ordered, Orders } from './struck/orders.ts';
import { CAST, contentOf, NODES, type NodeId, policyOfXA, type Released, type Variant } from './workload.ts';

/** Short, so that minutes of waiting become seconds; the proportions are those of the defaults. */
const SETTINGS = {
  exchange: {
    heartbeatMs: 1_000,
    idleHeartbeatMs: 2_000,
    resendMs: 1_000,
    resendMaxMs: 4_000,
  },
};
/** Of a node's folder, where a small disk can be had. */
const DISK_MB = 96;
const RETRY_MS = 100;
/** A desk that gives no answer for so long is a finding, whatever was done to its node: all faults end before. */
const ANSWER_MS = 180_000;
const CONNECTED_MS = 20_000;
const ENDS_MS = 20_000;
const AGE_MS = 86_400_000;
/** Confirmed before a copy of the store was made, and perhaps without a place in the log there. */
const MAY_BE_UNDER_WAY = 20;

const LATER: ReadonlySet<string> = new Set([
  'UNAVAILABLE',
  'CANCELLED',
  'UNKNOWN',
  'DEADLINE_EXCEEDED',
  'RESOURCE_EXHAUSTED',
]);

/** Of a store that went back: what was drafted, or only its submission, is not there. */
const GONE: ReadonlySet<string> = new Set(['NOT_FOUND', 'FAILED_PRECONDITION']);

export interface WorldOptions {
  /** Clocks that can be set. */
  readonly withClocks?: boolean;
  /** Nodes run from their sources, and can be struck at a durable operation of their own. */
  readonly withOrders?: boolean;
  /** How long certificates of officers count; 30 days where absent. */
  readonly officerDays?: number;
  /** Lines lead through network namespaces, where packets can be lost. */
  readonly withPaths?: boolean;
}

export class FaultWorld implements AsyncDisposable {
  readonly federation: TestFederation;
  readonly released: Released[] = [];
  /** Digests that a desk has confirmed to be recalled. */
  readonly recalled = new Set<string>();
  /** What went otherwise than a plan wanted and is no fault: a node that could not start on a full disk. */
  readonly notes: string[] = [];
  /** Nodes whose store was an older one at some time: what nobody else had by then may be gone. */
  readonly wentBack = new Set<NodeId>();
  /** Undefined where clocks cannot be set, or no step of the plan does so. */
  readonly clocks: Clocks | undefined;
  /** Undefined where no step of the plan strikes inside a node. */
  readonly orders: Orders | undefined;
  /** Empty where no step of the plan touches packets, or this machine has no network namespaces. */
  readonly paths: ReadonlyMap<NodeId, NetPath>;
  readonly administrator: Administrator;
  readonly #lines: ReadonlyMap<NodeId, BrokerLine>;
  /** Recalls that a desk confirmed, and whose node lost its store before it was known that they had gone out. */
  readonly recalledAtRisk = new Set<string>();
  readonly #disks = new Set<NodeId>();
  /** How many releases of a node were confirmed when its store was copied. */
  readonly #kept = new Map<NodeId, number>();
  readonly #database: PostgresServer | undefined;
  #operator: Operator | undefined;
  #narrowed = false;

  private constructor(
    federation: TestFederation,
    lines: ReadonlyMap<NodeId, BrokerLine>,
    paths: ReadonlyMap<NodeId, NetPath>,
    database: PostgresServer | undefined,
    clocks: Clocks | undefined,
    orders: Orders | undefined,
  ) {
    this.federation = federation;
    this.clocks = clocks;
    this.orders = orders;
    this.administrator = new Administrator(this);
    this.#database = database;
    this.#lines = lines;
    this.paths = paths;
  }

  /** `database`: the stores of all nodes lie there, each in a schema of its own; in files of the nodes' folders where absent. */
  static async found(
    database?: PostgresServer,
    { withClocks = false, withOrders = false, officerDays, withPaths = false }: WorldOptions = {},
  ): Promise<FaultWorld> {
    const federation = await TestFederation.found({
      cast: CAST,
      settings: SETTINGS,
      ...(officerDays !== undefined && { officerDays }),
    });
    const { brokerPort } = federation.federation;
    const lines = new Map<NodeId, BrokerLine>();
    const paths = new Map<NodeId, NetPath>();
    for (const id of NODES) {
      const path = withPaths ? await NetPath.open(federation.dir, brokerPort) : undefined;
      if (path instanceof NetPath) paths.set(id, path);
      const line = await BrokerLine.open(path instanceof NetPath ? path.socket : brokerPort);
      lines.set(id, line);
      const file = join(nodeDir(federation.federation, id), 'node.yaml');
      const text = readFileSync(file, 'utf8');
      const placed = text.replace(`127.0.0.1:${brokerPort}`, `127.0.0.1:${line.port}`);
      if (placed === text) throw new Error(`${file} names no broker to put a line before`);
      const store = database && `store:\n  url: ${JSON.stringify(urlOf(database, id))}\n`;
      writeFileSync(file, `${placed.trimEnd()}\n${store ?? ''}`);
    }
    const clocks = withClocks ? Clocks.in(federation.dir) : undefined;
    const orders = withOrders ? new Orders(federation.dir) : undefined;
    federation.environment = (id) => ({ ...clocks?.environment(id), ...orders?.environment(id) });
    if (clocks !== undefined) {
      // The network is older than any clock goes wrong: nothing in it is from a time to come.
      clocks.pass(AGE_MS);
    }
    const world = new FaultWorld(federation, lines, paths, database, clocks, orders);
    for (const id of ['XA', 'XB'] as const) world.#giveDisk(id);
    writeFileSync(world.#policyFile, policyOfXA(false));
    await federation.startAll();
    await world.#watch();
    for (const id of NODES)
      for (const partner of NODES.filter((other) => other !== id))
        await world.ask(id, async (desk) => {
          const { ok } = await desk.network.testLink({ partner });
          if (!ok) throw new Later(`${id} does not reach ${partner} yet`);
        });
    return world;
  }

  /** Whether nodes lie on small disks of their own, which takes root. */
  get hasDisks(): boolean {
    return this.#disks.size > 0;
  }

  /** Whether a plan let days pass, beside the age of the network. */
  get daysPassed(): boolean {
    return (this.clocks?.passedMs ?? 0) > AGE_MS;
  }

  /** Whether stores lie in files of the nodes' folders. */
  get hasFiles(): boolean {
    return this.#database === undefined;
  }

  /** What a copy of a node's store, made now, is known to hold. */
  noteKept(node: NodeId): void {
    this.#kept.set(node, this.released.filter(({ from }) => from === node).length);
  }

  /** A node goes on with that copy, or with an unknown part of its store. */
  noteBack(node: NodeId, which: 'since' | 'all' = 'since'): void {
    this.wentBack.add(node);
    const safe = which === 'all' ? 0 : (this.#kept.get(node) ?? 0);
    const own = this.released.filter(({ from }) => from === node);
    for (const one of own.slice(Math.max(0, safe - MAY_BE_UNDER_WAY))) one.atRisk = true;
    for (const { digest } of own) if (this.recalled.delete(digest)) this.recalledAtRisk.add(digest);
  }

  /** Does for each node what it asks its administrator for; whether any did. */
  async tend(): Promise<boolean> {
    let any = false;
    for (const id of this.wentBack) any = (await this.administrator.tend(id)) || any;
    return any;
  }

  /** Waits until a node reaches a partner both ways; false where that does not come. */
  async isConnected(node: NodeId): Promise<boolean> {
    const until = performance.now() + CONNECTED_MS;
    const [partner] = NODES.filter((other) => other !== node);
    while (performance.now() < until) {
      const { ok } = await this.ask(node, (desk) => desk.network.testLink({ partner: partner ?? '' }));
      if (ok) return true;
      await sleep(RETRY_MS);
    }
    return false;
  }

  line(node: string): BrokerLine {
    const line = this.#lines.get(node as NodeId);
    if (line === undefined) throw new Error(`no line to ${node}`);
    return line;
  }

  async kill(name: string): Promise<void> {
    if (this.federation.isRunning(name)) await this.federation.signal(name, 'SIGKILL');
  }

  async signal(name: string, signal: NodeJS.Signals): Promise<void> {
    if (this.federation.isRunning(name)) await this.federation.signal(name, signal);
  }

  /** Starts a process that was killed. A node that cannot start now is noted, and started when all faults are over. */
  async restart(name: string): Promise<void> {
    if (this.federation.isRunning(name)) return;
    if (name === 'broker') {
      await this.federation.startBroker();
      await this.#watch();
      return;
    }
    try {
      await this.federation.startNode(name);
    } catch (error) {
      this.notes.push(`${name} did not start: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** Orders a strike of a node, or takes the order back; false where it does not listen. */
  async order(node: NodeId, ordered: Ordered | undefined): Promise<boolean> {
    if (this.orders === undefined || !this.federation.isRunning(node)) return false;
    return this.orders.give(node, this.federation.pid(node), ordered);
  }

  /** Waits until a process has ended by itself; false where it does not. */
  async hasEnded(name: string): Promise<boolean> {
    const until = performance.now() + ENDS_MS;
    while (this.federation.isRunning(name)) {
      if (performance.now() > until) return false;
      await sleep(RETRY_MS);
    }
    return true;
  }

  /** The database's processes end as in a crash; nothing where stores are files. */
  async crashDatabase(): Promise<void> {
    await this.#database?.stop('SIGQUIT');
  }

  async startDatabase(): Promise<void> {
    await this.#database?.start();
  }

  /** Ends every fault: lines are good, disks have space, all processes run. */
  async heal(): Promise<void> {
    for (const id of NODES) {
      this.line(id).become({});
      this.paths.get(id)?.become({});
      this.clocks?.set(id, 0);
    }
    for (const id of this.#disks) this.freeDisk(id);
    for (const name of ['broker', ...NODES]) {
      await this.signal(name, 'SIGCONT');
      if (name !== 'broker' && !this.federation.isRunning(name)) await this.federation.startNode(name);
      else await this.restart(name);
    }
  }

  /** All mail that waits in the broker is gone, though it was acknowledged. */
  async loseMail(): Promise<void> {
    await this.#operator?.purgeMail().catch(() => undefined);
  }

  /** The last messages that passed come again, newest first. */
  async repeatMail(count: number): Promise<void> {
    const operator = this.#operator;
    if (operator === undefined) return;
    for (const seen of operator.allMail().slice(-count).reverse())
      await operator.putAgain(seen).catch(() => undefined);
  }

  fillDisk(node: NodeId): void {
    if (!this.#disks.has(node)) return;
    const filler = openSync(this.#filler(node), 'w');
    const block = Buffer.alloc(256 * 1024);
    try {
      for (let size = block.length; size >= 512; size /= 2)
        for (;;) {
          try {
            writeSync(filler, block, 0, size);
          } catch (error) {
            if ((error as NodeJS.ErrnoException).code === 'ENOSPC') break;
            throw error;
          }
        }
    } finally {
      closeSync(filler);
    }
  }

  freeDisk(node: NodeId): void {
    rmSync(this.#filler(node), { force: true });
  }

  /** Drafts, submits and releases records as an officer who tries again; resolves when the desk has confirmed each. */
  async release(from: NodeId, variant: Variant, count: number): Promise<void> {
    for (let n = 0; n < count; n++) {
      // What was drafted in a store that is gone since is drafted again.
      while (!(await this.#releaseOne(from, variant))) await sleep(RETRY_MS);
    }
  }

  async #releaseOne(from: NodeId, variant: Variant): Promise<boolean> {
    const content = JSON.stringify(contentOf(from, variant, this.#nowMs));
    try {
      const draftId = await this.ask(from, async (desk) => {
        const { draft } = await desk.records.createDraft({ contentJson: content });
        return draft?.id ?? '';
      });
      await this.ask(from, (desk) => desk.records.submitDraft({ draftId }));
      const afterNarrowing = this.#narrowed;
      const digest = await this.ask(
        from,
        async (desk) => {
          const { record } = await desk.records.releaseDraft({ draftId });
          if (record === undefined) throw new Error(`${from} released a record and named none`);
          return hex(record.headerDigest);
        },
        'releaser',
      );
      this.released.push({ digest, from, variant, afterNarrowing, atRisk: false });
      return true;
    } catch (error) {
      if (this.#isGone(from, error)) return false;
      throw error;
    }
  }

  #isGone(node: NodeId, error: unknown): boolean {
    return this.wentBack.has(node) && error instanceof DeskCallError && GONE.has(error.statusName);
  }

  /** By the nodes' clocks. */
  get #nowMs(): number {
    return Date.now() + (this.clocks?.passedMs ?? 0);
  }

  /** Recalls a release of a node, the n-th of those that are out by now, counted round; waits for the first while one may come. */
  async recall(from: NodeId, nth: number, mayCome: () => boolean): Promise<void> {
    const out = () => this.released.filter((one) => one.from === from && !this.recalled.has(one.digest));
    while (out().length === 0 && mayCome()) await sleep(RETRY_MS);
    const target = out()[nth % Math.max(1, out().length)];
    if (target === undefined) return;
    try {
      await this.ask(
        from,
        (desk) =>
          desk.recalls.recall({
            headerDigest: Buffer.from(target.digest, 'hex'),
            reason: RecallReason.RECALL_REASON_ERROR,
          }),
        'releaser',
      );
    } catch (error) {
      if (this.#isGone(from, error)) return;
      throw error;
    }
    this.recalled.add(target.digest);
  }

  /** XA's narrower policy; resolves when the node has it in force. */
  async narrow(): Promise<void> {
    const before = this.#policiesTaken();
    const file = this.#policyFile;
    writeFileSync(`${file}.new`, policyOfXA(true));
    renameSync(`${file}.new`, file);
    const until = performance.now() + ANSWER_MS;
    let restarted = !this.federation.isRunning('XA');
    while (!restarted && this.#policiesTaken() === before) {
      if (performance.now() > until) throw new Error('XA never took up its narrower policy');
      await sleep(RETRY_MS);
      restarted ||= !this.federation.isRunning('XA');
    }
    // A node that starts reads the file: it is in force from its first answer on.
    if (restarted) await this.ask('XA', (desk) => desk.network.getNodeStatus({}));
    this.#narrowed = true;
  }

  /** Asks a desk until it answers; throws what it says for good. */
  async ask<Value>(
    node: NodeId,
    question: (desk: Desk) => Promise<Value>,
    role: 'officer' | 'releaser' = 'officer',
  ): Promise<Value> {
    const until = performance.now() + ANSWER_MS;
    for (;;) {
      using desk = openOfficerDesk({ officer: this.federation.officer(node, 'police', role) });
      try {
        return await question(desk);
      } catch (error) {
        const later =
          error instanceof Later || (error instanceof DeskCallError && LATER.has(error.statusName));
        if (!later) throw error;
        if (performance.now() > until)
          throw new Error(`the desk of ${node} gave no answer in ${ANSWER_MS / 1000} s: ${error.message}`);
      }
      await sleep(RETRY_MS);
    }
  }

  /** Ends the nodes in order, so that their stores can be read. */
  async stopNodes(): Promise<void> {
    await Promise.all(NODES.map((id) => this.federation.signal(id, 'SIGTERM')));
  }

  /** The store of a node that has ended. */
  async exportOf(node: NodeId): Promise<Export> {
    // What is restored out of a backup goes on in a file.
    return this.#database === undefined ||
      existsSync(pathsOf(nodeDir(this.federation.federation, node)).store)
      ? exportFile(pathsOf(nodeDir(this.federation.federation, node)).store)
      : await exportSchema(this.#database, schemaOf(node));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const name of ['broker', ...NODES]) await this.signal(name, 'SIGCONT').catch(() => undefined);
    await this.#operator?.[Symbol.asyncDispose]().catch(() => undefined);
    for (const id of NODES) if (this.federation.isRunning(id)) await this.federation.signal(id, 'SIGKILL');
    for (const id of this.#disks) execFileSync('umount', [nodeDir(this.federation.federation, id)]);
    await this.federation[Symbol.asyncDispose]();
    for (const line of this.#lines.values()) await line[Symbol.asyncDispose]();
    for (const path of this.paths.values()) await path[Symbol.asyncDispose]();
  }

  get #policyFile(): string {
    return join(nodeDir(this.federation.federation, 'XA'), 'policy', 'national.cedar');
  }

  #policiesTaken(): number {
    return this.federation.log('XA').split('another national policy is in force').length;
  }

  #filler(node: NodeId): string {
    return join(nodeDir(this.federation.federation, node), 'filler');
  }

  async #watch(): Promise<void> {
    await this.#operator?.[Symbol.asyncDispose]().catch(() => undefined);
    this.#operator = await Operator.watch(this.federation);
  }

  /** Moves a node's folder to a small disk in memory, where that is allowed. */
  #giveDisk(node: NodeId): void {
    if (process.getuid?.() !== 0) return;
    const dir = nodeDir(this.federation.federation, node);
    const aside = `${dir}-aside`;
    renameSync(dir, aside);
    mkdirSync(dir, { mode: 0o700 });
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MB}m,mode=700`, 'tmpfs', dir], {
        stdio: 'ignore',
      });
    } catch {
      // A container without the right to mount: the plan's full disks do nothing, and the run says so.
      rmSync(dir, { recursive: true });
      renameSync(aside, dir);
      return;
    }
    cpSync(aside, dir, { recursive: true, preserveTimestamps: true });
    rmSync(aside, { recursive: true });
    this.#disks.add(node);
  }
}

const schemaOf = (node: NodeId): string => `faults_${node.toLowerCase()}`;
const urlOf = (database: PostgresServer, node: NodeId): string =>
  database.urlAt(schemaOf(node), database.dir, database.port);

/** Not now; asked again. */
class Later extends Error {}
