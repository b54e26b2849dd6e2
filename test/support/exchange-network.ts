/**
 * Nodes that exchange records through mailboxes in memory: real stores, real keys, real policy, real ledgers. Calls between
 * them run the real codecs and handlers, without sessions.
 */
import { hex } from '../../src/base/bytes.ts';
import { type Clock, systemRandom } from '../../src/base/clock.ts';
import { TocsinError } from '../../src/base/error.ts';
import {
  createExchange,
  Directory,
  type Exchange,
  type ExchangeEvents,
  type MailboxPort,
  type PartialOptions,
} from '../../src/exchange/index.ts';
import { rowOf } from '../../src/exchange/stored.ts';
import {
  ExchangeServiceDefinition,
  type HeartbeatRequest,
  type HeartbeatResponse,
} from '../../src/gen/tocsin/exchange/v1/exchange_service.ts';
import { PrivateScreeningServiceDefinition } from '../../src/gen/tocsin/exchange/v1/private_screening_service.ts';
import { WitnessServiceDefinition } from '../../src/gen/tocsin/exchange/v1/witness_service.ts';
import type { DisclosedFacet } from '../../src/gen/tocsin/record/v1/header.ts';
import { Priority } from '../../src/gen/tocsin/record/v1/marking.ts';
import type { ProgramSupport, VerifiedRoster } from '../../src/identity/index.ts';
import { createSuccessor, Keyring, type VerifiedStatement } from '../../src/identity/index.ts';
import { createLedger, type Ledger } from '../../src/ledger/index.ts';
import { baselinePolicy, createPolicyEngine, type PolicyEngine } from '../../src/policy/index.ts';
import {
  assembleRecord,
  contentFromJson,
  MINUTE_MS,
  type RecordContent,
  reasonName,
  type SignedHeader,
} from '../../src/record/index.ts';
import type { PrivateScreeningHandlers } from '../../src/screening/index.ts';
import type { Store } from '../../src/store/index.ts';
import { type Caller, Metadata, RpcError, Status } from '../../src/transport/index.ts';
import { type Federation, type FederationNode, makeFederation, TEST_NOW_MS } from './authority.ts';
import { exampleContent } from './contents.ts';
import { MemoryMail } from './memory-mail.ts';
import { type TemporaryStore, temporaryStore } from './temporary-store.ts';

/** Time that starts at the federation's instant and runs. */
export function runningClock(): Clock & { skewMs: number } {
  const startedAt = performance.now();
  const clock = {
    skewMs: 0,
    nowMs: () => Math.floor(TEST_NOW_MS + performance.now() - startedAt) + clock.skewMs,
  };
  return clock;
}

export const QUICK: PartialOptions = {
  lane: { retryMs: 20, resendMs: 800, resendMaxMs: 2_000, graceMs: 100, receiptLateMs: 2_000 },
  inbox: { holdMs: 10, holdMaxMs: 100 },
  backfill: { pauseMs: 20 },
  heartbeat: { recentMs: 300, idleMs: 500, leastMs: 30, quietMs: 100 },
  membership: { lookMs: 50 },
  witness: { leastMs: 5_000 },
  attachment: { retryMs: 20, retryMaxMs: 100 },
};

/** What a node told through its events, by name. */
export interface Told {
  readonly refused: string[];
  readonly alarms: string[];
  readonly gaps: number[];
  readonly failures: string[];
  /** Of the failures, those that are no typed error of the project's. */
  readonly faults: unknown[];
  received: number;
  delivered: number;
  /** Header digests are not told; order of parcels is. */
  readonly parcels: { readonly lane: number; readonly items: number }[];
}

export interface ReleaseOptions {
  readonly priority?: Priority;
  /** Changes the content before it is signed. */
  readonly edit?: (content: RecordContent) => RecordContent;
  readonly recordId?: Uint8Array;
  readonly revision?: number;
  readonly supersedes?: Uint8Array;
}

export class TestNode implements AsyncDisposable {
  readonly self: string;
  readonly told: Told = {
    refused: [],
    alarms: [],
    gaps: [],
    failures: [],
    faults: [],
    received: 0,
    delivered: 0,
    parcels: [],
  };
  readonly network: TestNetwork;
  readonly clock: Clock & { skewMs: number };
  readonly #temporary: TemporaryStore;
  #ports: Ports;
  directory: Directory;
  ledger: Ledger;
  exchange: Exchange;
  reachable = true;
  /** Where this node serves it. */
  privateScreening: PrivateScreeningHandlers | undefined;
  /** What this node speaks with; another after `declareRestart`. */
  #speaker: { readonly keyring: Keyring; readonly statement: VerifiedStatement };
  #stop = new AbortController();
  /** Aborted where its store is behind: no log may go on, as in a whole node. */
  #behind = new AbortController();
  #running: Promise<unknown> = Promise.resolve();

  private constructor(
    network: TestNetwork,
    self: string,
    temporary: TemporaryStore,
    ports: Ports,
    directory: Directory,
  ) {
    this.#ports = ports;
    this.network = network;
    this.self = self;
    this.clock = network.clock;
    this.#temporary = temporary;
    this.directory = directory;
    this.#speaker = network.federation.of(self);
    ({ ledger: this.ledger, exchange: this.exchange } = this.#make());
  }

  /** Under the roster in use. */
  get policy(): PolicyEngine {
    return policyEngineOf(this.network.federation, this.self, this.directory.roster());
  }

  static async create(network: TestNetwork, self: string): Promise<TestNode> {
    const { federation, clock } = network;
    const temporary = await temporaryStore();
    await temporary.store.write((tx) =>
      tx.directory.keepRoster({
        version: federation.roster.version,
        digest: federation.roster.digest,
        body: federation.roster.bytes,
      }),
    );
    const ports = portsOf(network, self, temporary.store);
    const directory = await Directory.open({
      store: ports.store,
      clock,
      network: federation.network,
      self,
      ...network.programOf?.(self),
    });
    await directory.judgeAndKeep(self, federation.of(self).signedStatement);
    return new TestNode(network, self, temporary, ports, directory);
  }

  get blobs() {
    return this.#temporary.blobs;
  }

  get store() {
    return this.#temporary.store;
  }

  /** Folder of the store's files. */
  get directoryOnDisk(): string {
    return this.#temporary.directory;
  }

  /** Of the store's file. */
  get path(): string {
    return this.#temporary.path;
  }

  #make() {
    const { clock, options } = this.network;
    const { keyring, statement } = this.#speaker;
    const { store, mailbox } = this.#ports;
    const origins = {
      live: statement.statement.logOrigin,
      exercise: statement.statement.exerciseLogOrigin,
    };
    const ledger = createLedger({
      store,
      keyring,
      origins,
      clock,
      random: systemRandom,
      tickMs: this.network.tickMs,
      quota: 1,
    });
    const { policy } = this;
    const inForce: Pick<PolicyEngine, 'viewFor' | 'judgeArrival'> = {
      viewFor: (...args) => this.policy.viewFor(...args),
      judgeArrival: (...args) => this.policy.judgeArrival(...args),
    };
    const exchange = createExchange(
      {
        store,
        clock,
        ledger,
        keyring,
        random: systemRandom,
        directory: this.directory,
        policy: this.network.policyOf?.(this, policy) ?? inForce,
        mailbox,
        callerFor: (peer) => this.network.caller(this.self, peer),
        events: this.#events(),
        onBehind: () => this.#behind.abort(),
        blobs: this.#temporary.blobs,
      },
      options,
    );
    return { ledger, exchange };
  }

  #events(): ExchangeEvents {
    const { told } = this;
    return {
      refused: ({ reason }) => void told.refused.push(reasonName(reason)),
      alarm: ({ code }) => void told.alarms.push(code),
      gap: ({ got }) => void told.gaps.push(Number(got)),
      failed: ({ what, error }) => {
        told.failures.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
        if (!(error instanceof TocsinError)) told.faults.push(error);
      },
      received: ({ accepted, refused, lane }) => {
        told.received += accepted;
        told.parcels.push({ lane, items: accepted + refused });
      },
      delivered: ({ items }) => {
        told.delivered += items;
      },
    };
  }

  start(): void {
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    const { exchange, ledger } = this;
    const logging = AbortSignal.any([signal, this.#behind.signal]);
    this.#running = Promise.all([exchange.asked.then(() => ledger.run(logging)), exchange.run(signal)]);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /** As after a crash: nothing is left but the store and the keyring. */
  async restart(): Promise<void> {
    await this.stop();
    await this.#goOnWith(await this.#temporary.reopen());
  }

  /** Resolves when the node ends by itself, with what it ended for; whatever ends it, everything is told to stop, as a process would. */
  async ended(): Promise<unknown> {
    const error = await this.#running.then(
      () => undefined,
      (failure: unknown) => failure,
    );
    this.#stop.abort();
    return error;
  }

  /** A node that died, or ended by itself, is started again on its store. */
  async startAfterDeath(): Promise<void> {
    this.#stop.abort();
    await this.#running.catch(() => undefined);
    await this.exchange[Symbol.asyncDispose]();
    await this.#goOnWith(await this.#temporary.reopen());
    this.reachable = true;
  }

  /** Stops for a moment and copies the store as it is now. */
  async keepCopy(): Promise<void> {
    await this.stop();
    await this.#goOnWith(await this.#temporary.keepCopy());
  }

  /** Puts the copied store back. `declared` = as after `tocsin node recover`: new keys, a higher incarnation. */
  async putBack(options: { readonly declared: boolean }): Promise<void> {
    await this.stop();
    const store = await this.#temporary.putBack();
    if (options.declared) await this.#declareRestart(store);
    await this.#goOnWith(store);
  }

  async #declareRestart(store: Store): Promise<void> {
    const { network, of } = this.network.federation;
    const keyring = await Keyring.create(
      `${this.#temporary.directory}/keys-${systemRandom.bytes(4).join('')}`,
    );
    const nowMs = this.clock.nowMs();
    const held = this.#speaker.statement;
    const incarnation = held.statement.incarnation + 1;
    const change = { incarnation, notBeforeMs: nowMs, notAfterMs: nowMs + 30 * 86_400_000 };
    const signed = await createSuccessor({ network, held, keyring, change }, of(this.self).authority);
    const directory = await Directory.open({ store, clock: this.clock, network, self: this.self });
    const judged = await directory.judgeAndKeep(this.self, signed);
    if (!judged.ok) throw new Error(judged.detail);
    this.#speaker = { keyring, statement: judged.value };
  }

  async #goOnWith(store: Store): Promise<void> {
    const { network } = this.network.federation;
    this.#behind = new AbortController();
    this.#ports = portsOf(this.network, this.self, store);
    this.directory = await Directory.open({
      store: this.#ports.store,
      clock: this.clock,
      network,
      self: this.self,
      ...this.network.programOf?.(this.self),
    });
    ({ ledger: this.ledger, exchange: this.exchange } = this.#make());
    await this.exchange.open();
    this.start();
  }

  /** Releases one record to all who may have it. */
  async release(kind = 'warning', options: ReleaseOptions = {}): Promise<SignedHeader> {
    const [signed] = await this.releaseMany(1, kind, options);
    if (!signed) throw new Error('nothing was released');
    return signed;
  }

  async releaseMany(count: number, kind = 'warning', options: ReleaseOptions = {}): Promise<SignedHeader[]> {
    const made = Array.from({ length: count }, () => this.assemble(kind, options));
    await this.commit(made);
    return made.map(({ signed }) => signed);
  }

  /** Keeps records of this node as a desk's release does, in line for their leaf, and queues them to all who may have them. */
  async commit(made: readonly { signed: SignedHeader; facets: DisclosedFacet[] }[]): Promise<void> {
    await this.#ports.store.write(async (tx) => {
      const committedAt = this.clock.nowMs();
      await tx.records.insert(
        made.map(({ signed, facets }) => {
          const statementDigest = this.directory.own().digest;
          const facts = { origin: 'own', state: 'released', facets, statementDigest, committedAt } as const;
          // What speaks for it is known with its leaf.
          const { statementDigest: _, ...record } = rowOf(signed, facts);
          return { facets, record };
        }),
      );
      for (const record of made) {
        await this.ledger.enqueue(tx, record.signed);
        await this.exchange.fanout(tx, record, this.policy.preview(record, committedAt));
      }
    });
  }

  assemble(kind: string, options: ReleaseOptions = {}): { signed: SignedHeader; facets: DisclosedFacet[] } {
    const nowMs = this.clock.nowMs();
    const { content, faults } = contentFromJson(exampleContent(kind, nowMs), { deskGroup: 1, nowMs });
    if (!content) throw new Error(`the example of ${kind} has faults: ${JSON.stringify(faults)}`);
    const edited = options.edit?.(content) ?? content;
    const exercise = edited.marking.status !== 1;
    return assembleRecord({
      network: this.network.federation.network,
      logOrigin: this.ledger.origins[exercise ? 'exercise' : 'live'],
      originator: this.self,
      recordId: options.recordId ?? systemRandom.bytes(16),
      revision: options.revision ?? 1,
      supersedes: options.supersedes,
      content: { ...edited, priority: options.priority ?? Priority.PRIORITY_ROUTINE },
      released: Math.floor(nowMs / MINUTE_MS) * MINUTE_MS,
      salt: () => systemRandom.bytes(32),
    });
  }

  /** Header digests of the records taken from partners, receipts left out, one entry an inbox item. */
  async inbox(): Promise<string[]> {
    const items = await this.store.read((tx) => tx.inbox.after(0, 100_000));
    return items.map((item) => hex(item.headerDigest));
  }

  /** States of everything that was ever queued here, counted; receipts apart where `kind` says so. */
  async outbox(of: 'records' | 'all' = 'records'): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    await this.store.read(async (tx) => {
      for (const record of (await allRecords(tx.records)).filter(
        (one) => of === 'all' || one.kind !== 'receipt',
      )) {
        for (const row of await tx.outbox.ofRecord(record.headerDigest)) {
          counts[row.state] = (counts[row.state] ?? 0) + 1;
        }
      }
    });
    return counts;
  }

  /** Rows that wait to be sent. */
  async waiting(): Promise<number> {
    const sizes = await this.store.read((tx) => tx.outbox.sizes());
    return sizes.reduce((sum, size) => sum + size.waiting, 0);
  }

  /** Rows that are not closed yet. */
  async unclosed(): Promise<number> {
    const sizes = await this.store.read((tx) => tx.outbox.sizes());
    return sizes.reduce((sum, size) => sum + size.waiting + size.sent, 0);
  }

  async refusals(): Promise<string[]> {
    const rows = await this.store.read((tx) => tx.inbox.refusals(1_000));
    return rows.map((row) => reasonName(row.reason)).reverse();
  }

  async alarms(): Promise<string[]> {
    const { items } = await this.store.read((tx) => tx.alarms.list({ limit: 500 }));
    return items.map((alarm) => alarm.code);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.exchange[Symbol.asyncDispose]();
    await this.#temporary[Symbol.asyncDispose]();
  }
}

/** Reading policies is what costs most here, and an engine has no state that a test could see. */
const engines = new WeakMap<Federation, Map<string, PolicyEngine>>();

function policyEngineOf(federation: Federation, self: string, roster: VerifiedRoster): PolicyEngine {
  const made = engines.get(federation) ?? new Map<string, PolicyEngine>();
  engines.set(federation, made);
  const key = `${self} ${hex(roster.digest)}`;
  const known = made.get(key);
  if (known) return known;
  const engine = createPolicyEngine({ baseline: baselinePolicy(), national: '', self, roster });
  made.set(key, engine);
  return engine;
}

const portsOf = (network: TestNetwork, self: string, store: Store): Ports => {
  const ports = { store, mailbox: network.mail.mailboxOf(self) };
  return network.portsOf?.(self, ports) ?? ports;
};

type Records = Parameters<Parameters<TestNode['store']['read']>[0]>[0]['records'];

async function allRecords(records: Records) {
  const all = [];
  let cursor: string | undefined;
  do {
    const page = await records.list({
      world: 'both',
      origin: 'own',
      limit: 500,
      ...(cursor !== undefined && { cursor }),
    });
    all.push(...page.items);
    cursor = page.next;
  } while (cursor !== undefined);
  return all;
}

export interface NetworkOptions {
  readonly nodes: readonly FederationNode[];
  readonly options?: PartialOptions;
  readonly policyOf?: (
    node: TestNode,
    engine: PolicyEngine,
  ) => Pick<PolicyEngine, 'viewFor' | 'judgeArrival'>;
  /** What a node's program speaks, where it is another than the one under test. */
  readonly programOf?: (node: string) => { readonly program: ProgramSupport } | undefined;
  /** What lies between a node and its store and mailbox; asked again at every start. */
  readonly portsOf?: (node: string, ports: Ports) => Ports;
  /** Between two checkpoints of a log. */
  readonly tickMs?: number;
}

/** What everything durable of a node passes through. */
export interface Ports {
  readonly store: Store;
  readonly mailbox: MailboxPort;
}

/** One call of ExchangeService on its way. */
export interface CallUnderWay {
  readonly self: string;
  readonly peer: string;
  /** As `fetchAttachment`. */
  readonly name: string;
  readonly request: unknown;
}

export class TestNetwork implements AsyncDisposable {
  readonly federation: Federation;
  readonly mail = new MemoryMail();
  readonly clock = runningClock();
  readonly options: PartialOptions;
  readonly policyOf: NetworkOptions['policyOf'];
  readonly programOf: NetworkOptions['programOf'];
  readonly portsOf: NetworkOptions['portsOf'];
  readonly tickMs: number;
  /** Changes heartbeats on their way, asked and answered ones: a partner that lies, or knows no better. */
  heartbeat: (from: string, claims: HeartbeatRequest | HeartbeatResponse) => void = () => undefined;
  readonly nodes = new Map<string, TestNode>();
  /** Calls that find nobody. */
  refuses: (call: CallUnderWay) => boolean = () => false;
  /** What lies between two nodes: may hold up, change or cut the answers of a streaming call. */
  between: ((call: CallUnderWay, answers: AsyncIterable<unknown>) => AsyncIterable<unknown>) | undefined;

  private constructor(federation: Federation, options: NetworkOptions) {
    this.federation = federation;
    this.options = options.options ?? QUICK;
    this.policyOf = options.policyOf;
    this.programOf = options.programOf;
    this.portsOf = options.portsOf;
    this.tickMs = options.tickMs ?? 50;
  }

  static async create(options: NetworkOptions, federation?: Federation): Promise<TestNetwork> {
    const made =
      federation ?? (await makeFederation({ nodes: options.nodes, baselinePolicy: baselinePolicy() }));
    const network = new TestNetwork(made, options);
    for (const { node } of options.nodes) network.nodes.set(node, await TestNode.create(network, node));
    return network;
  }

  of(node: string): TestNode {
    const found = this.nodes.get(node);
    if (!found) throw new Error(`no node ${node} in this network`);
    return found;
  }

  /** Starts every node and waits until each has the others' keys. */
  async start(): Promise<void> {
    const nodes = [...this.nodes.values()];
    for (const node of nodes) node.start();
    await this.until('everyone knows everyone', () =>
      nodes.every(({ directory }) => nodes.every(({ self }) => directory.prekeysOf(self) !== undefined)),
    );
  }

  /** Waits for a condition on the stores; fails with what it last saw. */
  async until(what: string, holds: () => Promise<boolean> | boolean, withinMs = 120_000): Promise<void> {
    const deadline = performance.now() + withinMs;
    while (!(await holds())) {
      if (performance.now() > deadline) {
        const told = [...this.nodes.values()].map(({ self, told: { failures, ...rest } }) =>
          JSON.stringify({ self, ...rest, failures: failures.slice(-3) }).slice(0, 600),
        );
        throw new Error(`waited in vain until ${what}\n${told.join('\n').slice(0, 4_000)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  caller(self: string, peer: string): Caller {
    const call = async function* (this: TestNetwork, path: string, request: Uint8Array, signal: AbortSignal) {
      const node = this.nodes.get(peer);
      const caller = this.nodes.get(self);
      if (!node?.reachable || !caller?.reachable) throw new RpcError(Status.UNAVAILABLE, 'nobody answers');
      const [, name = ''] = /^\/.+\/(\w+)$/.exec(path) ?? [];
      const methods = {
        ...ExchangeServiceDefinition.methods,
        ...WitnessServiceDefinition.methods,
        ...PrivateScreeningServiceDefinition.methods,
      };
      const key = `${name.charAt(0).toLowerCase()}${name.slice(1)}` as keyof typeof methods;
      const method = methods[key];
      const handlers: { readonly [name: string]: unknown } = {
        ...node.exchange.handlers,
        ...node.exchange.witnessHandlers,
        ...node.privateScreening,
      };
      const handler = handlers[key] as ((request: unknown, context: unknown) => unknown) | undefined;
      if (!handler) throw new RpcError(Status.UNIMPLEMENTED, 'this node has no such service');
      const context = {
        peer: self,
        method: path,
        metadata: new Metadata(),
        deadlineAt: undefined,
        signal,
        setHeader: () => undefined,
        setTrailer: () => undefined,
        evidence: undefined,
        certificate: undefined,
      };
      const asked = method.requestType.decode(request);
      if (this.refuses({ self, peer, name: key, request: asked }))
        throw new RpcError(Status.UNAVAILABLE, 'nobody answers');
      if (key === 'heartbeat') this.heartbeat(self, asked as HeartbeatRequest);
      const result = handler(asked, context);
      if (key === 'heartbeat') this.heartbeat(peer, (await result) as HeartbeatResponse);
      const encode = method.responseType.encode as (message: unknown) => { finish(): Uint8Array };
      if (!method.responseStream) yield encode(await result).finish();
      else {
        const answers = result as AsyncIterable<unknown>;
        const under = { self, peer, name: key, request: asked };
        for await (const one of this.between?.(under, answers) ?? answers) yield encode(one).finish();
      }
    }.bind(this);
    return {
      start: ({ path, requests, options }) =>
        call(path, requests as Uint8Array, options.signal ?? new AbortController().signal),
    };
  }

  /** Stops the nodes and removes their stores; the federation stays for the next network. */
  async close(): Promise<void> {
    for (const node of this.nodes.values()) await node[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
    await this.federation[Symbol.asyncDispose]();
  }
}
