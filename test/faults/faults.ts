/** What can be done to nodes, lines and the broker, by name. Each fault begins, lasts, and ends; the world is then as it was, but for what happened meanwhile. */
import { cpSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Seeded } from '../support/crash.ts';
import { brokerStore } from '../support/crash.ts';
import { blowsAt, STEPS, strikesOf } from '../support/struck-ports.ts';
import type { Weather } from './net/path.ts';
import type { Ordered } from './struck/orders.ts';
import { NODES, type NodeId } from './workload.ts';
import type { FaultWorld } from './world.ts';

interface Fault {
  readonly targets: readonly string[];
  begin(world: FaultWorld, target: string, random: Seeded): Promise<void>;
  end(world: FaultWorld, target: string, random: Seeded): Promise<void>;
}

const PROCESSES = [...NODES, 'broker'] as const;
const nothing = async (): Promise<void> => undefined;

/** Kills the broker, does something to its files, and starts it again with its mailboxes made anew where they are gone. */
async function withBrokerDown(world: FaultWorld, work: () => void): Promise<void> {
  await world.kill('broker');
  work();
  await world.restart('broker');
}

const FAULTS = {
  kill: {
    targets: PROCESSES,
    begin: (world, target) => world.kill(target),
    end: (world, target) => world.restart(target),
  },
  /** A process that stands still: to its partners like one whose machine is overloaded or asleep. */
  pause: {
    targets: PROCESSES,
    begin: (world, target) => world.signal(target, 'SIGSTOP'),
    end: (world, target) => world.signal(target, 'SIGCONT'),
  },
  partition: {
    targets: NODES,
    begin: async (world, target) => world.line(target).become({ cut: true }),
    end: async (world, target) => world.line(target).become({}),
  },
  /** What the node says reaches nobody, while it hears the others. */
  'partition-up': {
    targets: NODES,
    begin: async (world, target) => world.line(target).become({ stalled: ['up'] }),
    end: heal,
  },
  'partition-down': {
    targets: NODES,
    begin: async (world, target) => world.line(target).become({ stalled: ['down'] }),
    end: heal,
  },
  delay: {
    targets: NODES,
    begin: async (world, target, random) =>
      world.line(target).become({ delayMs: 50 + Math.floor(random() * 500) }),
    end: async (world, target) => world.line(target).become({}),
  },
  /** The node reads 2 to 20 KB a second of what the broker has for it, which the broker may end the connection for. */
  slow: {
    targets: NODES,
    begin: async (world, target, random) =>
      world.line(target).become({ nodeReads: 2_000 + Math.floor(random() * 18_000) }),
    end: async (world, target) => world.line(target).become({}),
  },
  /** Packets below TCP: lost, doubled, late, or gone one way; nothing where there are no network namespaces. */
  'packets-lost': {
    targets: NODES,
    begin: async (world, target, random) => weather(world, target, { lost: 5 + random() * 25 }),
    end: async (world, target) => weather(world, target, {}),
  },
  'packets-twice': {
    targets: NODES,
    begin: async (world, target, random) => weather(world, target, { twice: 10 + random() * 40 }),
    end: async (world, target) => weather(world, target, {}),
  },
  'packets-late': {
    targets: NODES,
    begin: async (world, target, random) => weather(world, target, { late: 5 + random() * 20 }),
    end: async (world, target) => weather(world, target, {}),
  },
  /** The connection stands, and nobody is told: what goes one way does not come. */
  'packets-gone': {
    targets: NODES,
    begin: async (world, target, random) => weather(world, target, { gone: random() < 0.5 ? 'up' : 'down' }),
    end: async (world, target) => weather(world, target, {}),
  },
  /** Mail that the broker has acknowledged is gone. */
  lose: {
    targets: ['broker'],
    begin: (world) => world.loseMail(),
    end: nothing,
  },
  /** Mail comes again, newest first, under other message ids. */
  repeat: {
    targets: ['broker'],
    begin: (world, _, random) => world.repeatMail(1 + Math.floor(random() * 30)),
    end: nothing,
  },
  wipe: {
    targets: ['broker'],
    begin: (world) => withBrokerDown(world, () => rmSync(brokerStore(world.federation), { recursive: true })),
    end: nothing,
  },
  /** The broker's store is what it was before the fault began: acknowledged mail of the meantime is gone, taken mail back. */
  rollback: {
    targets: ['broker'],
    begin: (world) =>
      withBrokerDown(world, () => {
        rmSync(earlier(world), { recursive: true, force: true });
        cpSync(brokerStore(world.federation), earlier(world), { recursive: true });
      }),
    end: (world) =>
      withBrokerDown(world, () => {
        rmSync(brokerStore(world.federation), { recursive: true });
        cpSync(earlier(world), brokerStore(world.federation), { recursive: true });
      }),
  },
  /** A bit of the broker's message blocks is another. */
  flip: {
    targets: ['broker'],
    begin: (world, _, random) =>
      withBrokerDown(world, () => {
        const blocks = readdirSync(brokerStore(world.federation), { recursive: true, encoding: 'utf8' })
          .filter((name) => name.endsWith('.blk'))
          .map((name) => join(brokerStore(world.federation), name))
          .filter((path) => statSync(path).size > 0);
        const path = blocks[Math.floor(random() * blocks.length)];
        if (path === undefined) return;
        const bytes = readFileSync(path);
        const at = Math.floor(random() * bytes.length);
        bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << Math.floor(random() * 8)), at);
        writeFileSync(path, bytes);
      }),
    end: nothing,
  },
  /** Broker, node and line at once, as when a machine room loses power; the node comes back before the broker. */
  outage: {
    targets: NODES,
    begin: async (world, target) => {
      await Promise.all([world.kill(target), world.kill('broker')]);
    },
    end: async (world, target) => {
      await world.restart(target);
      await world.restart('broker');
    },
  },
  /** The disk of the node's folder is full. */
  'disk-full': {
    targets: ['XA', 'XB'],
    begin: async (world, target) => world.fillDisk(target as NodeId),
    end: async (world, target) => world.freeDisk(target as NodeId),
  },
  /** The database under the stores crashes and comes back; nothing where stores are files. A node may end with it, as told. */
  database: {
    targets: ['database'],
    begin: (world) => world.crashDatabase(),
    end: (world) => world.startDatabase(),
  },
  /**
   * An operation on the way of a record fails inside the node, takes effect and seems to fail, or is the last before the node ends
   * or stands still.
   */
  step: {
    targets: NODES,
    begin: async (world, target, random) => {
      await world.order(target as NodeId, strikeOf(random));
    },
    end: (world, target) => recoverFrom(world, target as NodeId),
  },
  /** The clock of a node is wrong, by minutes or hours, either way; nothing where clocks cannot be set. */
  clock: {
    targets: NODES,
    begin: async (world, target, random) => {
      const hours = random() < 0.5 ? random() / 15 : random() * 12;
      world.clocks?.set(target, Math.round((random() < 0.5 ? -1 : 1) * hours * 3_600_000));
    },
    end: async (world, target) => world.clocks?.set(target, 0),
  },
  /** A node is away while days pass for everybody: five, or eight, so that the prekeys of its partners end meanwhile. */
  away: {
    targets: ['XC'],
    begin: async (world, target, random) => {
      await world.kill(target);
      const days = random() < 0.5 ? 5 : 8;
      if ((world.clocks?.passedMs ?? 0) + days * DAY_MS <= MOST_DAYS * DAY_MS)
        world.clocks?.pass(days * DAY_MS);
    },
    end: (world, target) => world.restart(target),
  },
  /** Yesterday's disk image is put back, and the node is started as if nothing were. */
  'put-back': {
    targets: ['XC'],
    begin: async (world, target) =>
      world.hasFiles ? world.administrator.keepStore(target as NodeId) : undefined,
    end: async (world, target) =>
      world.hasFiles ? world.administrator.putBack(target as NodeId) : undefined,
  },
  /** The end of the store's journal is gone. */
  journal: {
    targets: ['XC'],
    begin: async (world, target) =>
      world.hasFiles ? world.administrator.backUp(target as NodeId) : undefined,
    end: async (world, target, random) =>
      world.hasFiles ? world.administrator.cutJournal(target as NodeId, random) : undefined,
  },
  /** A node's folder is lost with its machine, and made again out of a backup that is older. */
  emptied: {
    targets: ['XC'],
    begin: (world, target) => world.administrator.backUp(target as NodeId),
    end: (world, target) => world.administrator.restore(target as NodeId),
  },
  /** A bit of the node's store is another. It is restored out of a backup that is older. */
  'flip-store': {
    targets: ['XC'],
    begin: async (world, target) =>
      world.hasFiles ? world.administrator.backUp(target as NodeId) : undefined,
    end: async (world, target, random) =>
      world.hasFiles ? world.administrator.flip(target as NodeId, random) : undefined,
  },
  /** A copy of a node's folder is started while the node runs. */
  twin: {
    targets: ['XC'],
    begin: async (world, target) => {
      // Of two that cannot hear each other both go on: that is promised to nobody.
      if (await world.isConnected(target as NodeId)) await world.administrator.startTwin(target as NodeId);
    },
    end: nothing,
  },
} satisfies Readonly<Record<string, Fault>>;

/** Certificates of the officers are good for 30 days. */
const MOST_DAYS = 24;
const DAY_MS = 86_400_000;

/** Faults that take hold of more than their target. */
const ALSO: Partial<Record<string, readonly string[]>> = { outage: ['broker'], twin: ['broker'] };
/** Everything that a fault takes hold of: one fault at a time for each. */
export const heldBy = (name: FaultName, target: string): readonly string[] => [target, ...(ALSO[name] ?? [])];
/** Played by hand alone: each takes as long as the whole short plan. */
export const LONG_FAULTS: readonly FaultName[] = [
  'packets-lost',
  'packets-twice',
  'packets-late',
  'packets-gone',
  'step',
  'clock',
  'away',
  'put-back',
  'journal',
  'emptied',
  'flip-store',
  'twin',
];
export const NEEDS_CLOCKS: ReadonlySet<FaultName> = new Set<FaultName>(['clock', 'away']);
export const NEEDS_PATHS: ReadonlySet<FaultName> = new Set<FaultName>([
  'packets-lost',
  'packets-twice',
  'packets-late',
  'packets-gone',
]);
export const NEEDS_ORDERS: ReadonlySet<FaultName> = new Set<FaultName>(['step']);
/** Done to the files of a store: nothing on a server. */
export const NEEDS_FILES: ReadonlySet<FaultName> = new Set<FaultName>(['put-back', 'journal', 'flip-store']);

export type FaultName = keyof typeof FAULTS;
export const FAULT_NAMES = Object.keys(FAULTS) as readonly FaultName[];
export const targetsOf = (name: FaultName): readonly string[] => FAULTS[name].targets;
export const faultOf = (name: FaultName): Fault => FAULTS[name];

const earlier = (world: FaultWorld): string => join(world.federation.dir, 'earlier-broker-store');

const weather = (world: FaultWorld, target: string, is: Weather): void =>
  world.paths.get(target as NodeId)?.become(is);

function strikeOf(random: Seeded): Ordered {
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  const step = pick(STEPS.filter((one) => one !== 'other'));
  const strike = { step, nth: Math.floor(random() * 3), blow: pick(blowsAt(step)) };
  return { strikes: strikesOf(strike), signal: pick(['SIGKILL', 'SIGSTOP'] as const) };
}

/** What the service manager does: a node that ended is started again, one that stands still goes on. An order that was not met ends. */
export async function recoverFrom(world: FaultWorld, node: NodeId): Promise<void> {
  await world.signal(node, 'SIGCONT');
  if (world.orders?.isEnding(node) === true && !(await world.hasEnded(node)))
    throw new Error(`${node} goes on, though it was struck so that it should have ended`);
  if (world.federation.isRunning(node)) await world.order(node, undefined);
  else await world.restart(node);
}

/** Half of all stalled lines carry on late; the others are reset, as a router would after a restart. */
async function heal(world: FaultWorld, target: string, random: Seeded): Promise<void> {
  const line = world.line(target);
  if (random() < 0.5) line.reset();
  line.become({});
}
