/**
 * The kill points as a table: every durable step on the way of a record × what happens there. Two whole nodes in memory over real
 * stores exchange records, round after round; each round strikes one operation of one node, and must end as if nothing had been.
 */

import { sleep } from '../../src/base/async.ts';
import { equalBytes, hex } from '../../src/base/bytes.ts';
import { Priority } from '../../src/gen/tocsin/record/v1/marking.ts';
import { StoreError } from '../../src/store/index.ts';
import type { FederationNode } from '../support/authority.ts';
import { seeded } from '../support/crash.ts';
import { QUICK, TestNetwork } from '../support/exchange-network.ts';
import {
  BLOWS,
  type Blow,
  blowsAt,
  Dead,
  STEPS,
  type StepName,
  type Strike,
  StruckPorts,
  strikesOf,
} from '../support/struck-ports.ts';
import { checkEnd, type Finding } from './check.ts';
import { exportFile } from './export.ts';
import { type NodeId, partnerOf, type Released } from './workload.ts';

const PAIR = ['XA', 'XB'] as const;
export const MEMBERS: readonly FederationNode[] = PAIR.map((node) => ({ node, groups: ['adequate', 'sac'] }));

/** The kill points of a step, as the threat model numbers them. */
const KILL_POINTS: Readonly<Record<StepName, Partial<Record<Blow, string>>>> = {
  release: { failed: 'K1', 'dies-before': 'K1', 'dies-after': 'K2' },
  log: { 'dies-before': 'K10', 'dies-after': 'K10' },
  parcel: { failed: 'K1', 'dies-before': 'K1', 'dies-after': 'K2' },
  attempt: { 'dies-before': 'K4', 'dies-after': 'K4' },
  put: { 'dies-before': 'K2', persisted: 'K3', 'dies-after': 'K4' },
  fetch: { 'dies-before': 'K5' },
  take: { failed: 'K6', 'dies-before': 'K6', persisted: 'K7', 'dies-after': 'K7' },
  receipt: { 'dies-before': 'K9', 'dies-after': 'K9' },
  ack: { failed: 'K8', 'dies-before': 'K8' },
  acknowledgement: { 'dies-before': 'K9', 'dies-after': 'K9' },
  repeat: {},
  other: {},
};
export const killPointOf = (step: StepName, blow: Blow): string | undefined => KILL_POINTS[step][blow];
/** What must show as repeated mail that is taken once (security: K3, K4, K7, K8). */
const REPEATING: ReadonlySet<string> = new Set(['K3', 'K4', 'K7', 'K8']);
const repeats = ({ step, blow }: Strike): boolean =>
  step !== 'attempt' && REPEATING.has(KILL_POINTS[step][blow] ?? '');

export interface Blown extends Strike {
  readonly node: NodeId;
}
export const sayBlow = ({ node, step, nth, blow }: Blown): string =>
  `${node} ${step} ${nth} ${blow}${KILL_POINTS[step][blow] === undefined ? '' : ` (${KILL_POINTS[step][blow]})`}`;

export interface Played {
  readonly blown: Blown | undefined;
  /** Whether the operation came; what a node does beside the path varies from round to round. */
  readonly fell: boolean;
  /** Parcels that came again and were not taken again. */
  readonly repeated: number;
  readonly findings: readonly Finding[];
}

/** A round takes a second or two; this is for stalls. */
const ROUND_MS = 60_000;
/** More work at most, for a blow that has not fallen. */
const MORE = 6;

/** Every blow at the first operations of each kind, as often as a round has them, at most `deepest` of a kind. */
export function everyBlow(
  counts: ReadonlyMap<NodeId, ReadonlyMap<StepName, number>>,
  deepest: number,
): readonly Blown[] {
  return PAIR.flatMap((node) =>
    STEPS.flatMap((step) =>
      Array.from({ length: Math.min(deepest, counts.get(node)?.get(step) ?? 0) || 1 }, (_, nth) =>
        blowsAt(step).map((blow) => ({ node, step, nth, blow })),
      ).flat(),
    ),
  );
}

/** Every kill point once, at a node by the seed, and a few of the other blows. */
export function sampleOf(seed: number): readonly Blown[] {
  const random = seeded(seed);
  return STEPS.filter((step) => step !== 'other').flatMap((step, at) =>
    blowsAt(step)
      .filter((blow, of) => KILL_POINTS[step][blow] !== undefined || (at + of) % 4 === 3)
      .map((blow) => ({ node: random() < 0.5 ? 'XA' : 'XB', step, nth: 0, blow }) as const),
  );
}

/** The table of what was played, step × blow: kept of played, and the kill point. */
export function tableOf(played: readonly Played[]): readonly string[] {
  const cell = (step: StepName, blow: Blow): string => {
    const all = played.filter(({ blown, fell }) => fell && blown?.step === step && blown.blow === blow);
    if (all.length === 0) return '–';
    const kept = all.filter((one) => faultsOf(one).length === 0).length;
    return `${KILL_POINTS[step][blow] ?? ''} ${kept}/${all.length}`.trim();
  };
  const row = ([first = '', ...rest]: readonly string[]) =>
    `| ${[first.padEnd(15), ...rest.map((one) => one.padEnd(11))].join(' | ')} |`;
  return [
    row(['step', ...BLOWS]),
    row(['---', ...BLOWS.map(() => '---')]),
    ...STEPS.map((step) => row([step, ...BLOWS.map((blow) => cell(step, blow))])),
  ];
}

/** What is wrong with a round, in words. */
export const faultsOf = ({ blown, fell, repeated, findings }: Played): readonly string[] => [
  ...(fell || blown?.step === 'other' || (blown?.nth ?? 0) > 0 ? [] : ['the blow never fell']),
  ...(fell && blown !== undefined && repeats(blown) && repeated === 0 ? ['nothing came twice'] : []),
  ...findings.map(({ promise, what }) => `${promise}: ${what}`),
];

export class StepWorld implements AsyncDisposable {
  readonly #network: TestNetwork;
  readonly #ports: ReadonlyMap<string, StruckPorts>;
  readonly #released: Released[] = [];

  private constructor(network: TestNetwork, ports: ReadonlyMap<string, StruckPorts>) {
    this.#network = network;
    this.#ports = ports;
  }

  static async found(): Promise<StepWorld> {
    const ports = new Map(PAIR.map((id) => [id as string, new StruckPorts()]));
    const network = await TestNetwork.create({
      nodes: MEMBERS,
      options: { ...QUICK, lane: { ...QUICK.lane, resendMs: 300, receiptLateMs: 600 } },
      portsOf: (node, real) => ports.get(node)?.wrap(real) ?? real,
    });
    for (const [id, struck] of ports)
      struck.onDeath = () => {
        network.of(id).reachable = false;
      };
    await network.start();
    return new StepWorld(network, ports);
  }

  /** How often each kind of operation comes in a round without a blow, by node. */
  async discover(): Promise<ReadonlyMap<NodeId, ReadonlyMap<StepName, number>>> {
    await this.play();
    return new Map(PAIR.map((id) => [id, new Map(this.#portsOf(id).counts)]));
  }

  /** Kinds of transactions that no step names: what they touched. */
  get others(): readonly string[] {
    return [...new Set(PAIR.flatMap((id) => [...this.#portsOf(id).others]))];
  }

  async play(blown?: Blown): Promise<Played> {
    for (const id of PAIR) this.#portsOf(id).begin(id === blown?.node ? strikesOf(blown) : []);
    /** Where mail comes again because of the blow. */
    const again = blown?.step === 'put' ? partnerOf(blown.node) : blown?.node;
    const replays = () => (again === undefined ? 0 : this.#replaysAt(again));
    let before = replays();
    if (blown !== undefined)
      void this.#portsOf(blown.node).struck.then(() => {
        before = replays();
      });
    // Asked what it holds, a partner would say so, and nothing would come twice; nor where its receipt came home first.
    if (blown?.step === 'put' && repeats(blown)) {
      const struck = this.#portsOf(blown.node);
      const isUnknown = () => struck.hasFallen && replays() === before;
      this.#network.refuses = isUnknown;
      this.#network.mail.outcome = ({ recipient }) =>
        recipient === blown.node && isUnknown() ? 'full' : 'stored';
    }
    const from = this.#released.length;
    const service = new AbortController();
    const served = blown === undefined ? Promise.resolve() : this.#serve(blown, service.signal);
    const label = blown === undefined ? 'without a blow' : sayBlow(blown);
    const fell = () => blown === undefined || this.#portsOf(blown.node).hasFallen;
    // What a node does besides, and what it can do in one go, varies: a blow that has not fallen waits for more work.
    for (let more = 0; more === 0 || (!fell() && more < MORE); more++) {
      await Promise.all([
        this.#release('XA', 'bilateral'),
        this.#release('XA', 'flash'),
        this.#release('XB', 'bilateral'),
        this.#release('XA', 'bilateral'),
      ]);
      await this.#network.until(`${label}: all is quiet`, () => this.#isQuiet(from), ROUND_MS);
    }
    service.abort();
    await served;
    // What was not settled with the mailbox may still be on its way back.
    if (fell() && blown !== undefined && repeats(blown))
      await this.#network.until(`${label}: the mail comes again`, () => replays() > before, ROUND_MS);
    this.#network.refuses = () => false;
    this.#network.mail.outcome = () => 'stored';
    return {
      blown,
      fell: fell(),
      repeated: replays() - before,
      findings: this.#judge(this.#released.slice(from)),
    };
  }

  /** What the service manager of the struck node does: a node that ended is started again. */
  async #serve(blown: Blown, signal: AbortSignal): Promise<void> {
    const node = this.#network.of(blown.node);
    const ports = this.#portsOf(blown.node);
    const ended = node.ended();
    const over = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    await Promise.race([ports.struck, over]);
    if (!ports.hasFallen || blown.blow === 'failed' || (blown.blow === 'persisted' && !ports.isBroken))
      return;
    // One whose disk failed at COMMIT must end by itself, with that as its reason.
    if (ports.isBroken) {
      const reason = await ended;
      if ((reason as { code?: string } | undefined)?.code !== 'STORE_IO')
        throw new Error(`${sayBlow(blown)}: ended with ${String(reason)}`);
    }
    await node.startAfterDeath();
  }

  /** An officer who tries again until the node has the record. */
  async #release(from: NodeId, variant: 'bilateral' | 'flash'): Promise<void> {
    const node = this.#network.of(from);
    const made = node.assemble('seizure-notice', {
      edit: (content) => ({
        ...content,
        marking: { ...content.marking, releasableTo: variant === 'flash' ? ['sac'] : [partnerOf(from)] },
      }),
      ...(variant === 'flash' && { priority: Priority.PRIORITY_FLASH }),
    });
    const { digest } = made.signed;
    const isKept = () =>
      node.store
        .read((tx) => tx.records.byDigest(digest))
        .then(
          (row) => row !== undefined && equalBytes(row.headerDigest, digest),
          () => false,
        );
    while (!(await isKept())) {
      try {
        await node.commit([made]);
      } catch (error) {
        if (!(error instanceof Dead) && !(error instanceof StoreError)) throw error;
      }
      await sleep(5);
    }
    this.#released.push({ digest: hex(digest), from, variant, afterNarrowing: false, atRisk: false });
  }

  async #isQuiet(since: number): Promise<boolean> {
    try {
      for (const id of PAIR) {
        const node = this.#network.of(id);
        if (this.#portsOf(id).isDead || this.#portsOf(id).isBroken || (await node.unclosed()) > 0)
          return false;
        const others = this.#released.slice(since).filter((one) => one.from !== id);
        const digests = others.map(({ digest }) => Buffer.from(digest, 'hex'));
        if ((await node.store.read((tx) => tx.records.byDigests(digests))).length < digests.length)
          return false;
        const { live } = node.ledger.origins;
        const [lanes, leaves] = await node.store.read((tx) =>
          Promise.all([tx.links.lanesOpen(), tx.ledger.pendingCount(live)]),
        );
        if (lanes.length > 0 || leaves > 0) return false;
      }
      return true;
    } catch {
      // A store that is just being closed and opened again.
      return false;
    }
  }

  /** The end so far, of all rounds. */
  judge(): readonly Finding[] {
    return this.#judge(this.#released);
  }

  #judge(released: readonly Released[]): readonly Finding[] {
    return checkEnd({
      stores: new Map(PAIR.map((id) => [id, exportFile(this.#network.of(id).path)])),
      released,
      recalled: new Set(),
      recalledAtRisk: new Set(),
      wentBack: new Set(),
      daysPassed: false,
    });
  }

  #replaysAt(node: NodeId): number {
    return this.#network.of(node).told.refused.filter((one) => one === 'REPLAY').length;
  }

  #portsOf(node: string): StruckPorts {
    const found = this.#ports.get(node);
    if (found === undefined) throw new Error(`no ports of ${node}`);
    return found;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#network[Symbol.asyncDispose]();
  }
}
