/**
 * The acceptance shape that WIS2 publishes: 200 nodes, 1,000 subscribers, 10,000 deliveries a second, nothing lost. One node
 * releases, 200 take, five desks at each follow its inbox. All nodes share this process and its main thread; see the README
 * for what that leaves out.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { Access } from '../../src/desk/access.ts';
import { inboxHandlers } from '../../src/desk/grpc/inbox.ts';
import type { OfficerSession } from '../../src/desk/session.ts';
import { DeskGroup, Purpose } from '../../src/gen/tocsin/record/v1/marking.ts';
import type { TestNode } from '../support/exchange-network.ts';
import { type Bench, seconds } from './runner.ts';
import { openStar, type Star } from './star.ts';

const NODES = 200;
/** Records of one group, hence of one parcel to each node. */
const GROUP = 10;
const GROUPS = 1;
const DAY_MS = 86_400_000;
const PURPOSES = Object.values(Purpose).filter((purpose) => purpose > 0);
const {
  DESK_GROUP_POLICE,
  DESK_GROUP_CUSTOMS,
  DESK_GROUP_LICENSING,
  DESK_GROUP_MILITARY,
  DESK_GROUP_BORDER,
} = DeskGroup;
const DESKS = [
  DESK_GROUP_POLICE,
  DESK_GROUP_CUSTOMS,
  DESK_GROUP_LICENSING,
  DESK_GROUP_MILITARY,
  DESK_GROUP_BORDER,
];

const sessionOf = (node: string, deskGroup: DeskGroup): OfficerSession => ({
  node,
  deskGroup,
  agency: 'Agency',
  role: 'officer',
  name: `Officer of ${deskGroup}`,
  fingerprint: `${node}-${deskGroup}`,
  validUntilMs: Number.MAX_SAFE_INTEGER,
  purpose: undefined,
  purposes: PURPOSES,
  world: 'live',
  facts: {},
});

/** Five officers that follow the node's inbox by the desk's own handler; `told` hears of each item. */
function follow(
  node: TestNode,
  signal: AbortSignal,
  told: () => void,
): { readonly wake: () => void; readonly ended: Promise<unknown> } {
  const { store, clock, self } = node;
  const { network } = node.network.federation;
  const access = new Access({ store, policy: node.policy, node: { clock }, cutOff: { locks: () => false } });
  const listeners = new Set<() => void>();
  const { watchInbox } = inboxHandlers({
    access,
    store,
    node: { self, clock, network, nameOf: (id) => id },
    onArrival: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  });
  const followers = DESKS.map(async (deskGroup) => {
    const session = sessionOf(self, deskGroup);
    const context = { session, signal, assertStillValid: () => undefined };
    try {
      for await (const { entry } of watchInbox({ afterPosition: 0n, follow: true }, context as never))
        if (entry?.$case === 'item') told();
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  });
  return {
    wake: () => {
      for (const listener of listeners) listener();
    },
    ended: Promise.all(followers),
  };
}

/** What has not come by then is lost, and counted as such. */
const PATIENCE_MS = 60_000;

async function untilOrLate(holds: () => Promise<boolean> | boolean): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!(await holds()) && performance.now() < end) await wait(5);
}

async function openShape(stack: AsyncDisposableStack): Promise<Star> {
  const star = await openStar(stack, {
    centre: { groups: ['adequate', 'sac'] },
    others: Array.from({ length: NODES }, (_, place) => ({
      node: `P${String(place).padStart(3, '0')}`,
      country: 'XB',
      groups: ['adequate', 'sac'],
      deskGroups: DESKS,
    })),
    exchange: {
      lane: { resendMs: DAY_MS, resendMaxMs: DAY_MS },
      heartbeat: { recentMs: DAY_MS, idleMs: DAY_MS },
    },
    tickMs: 60_000,
  });
  star.centre.start();
  for (const node of star.others) node.start();
  return star;
}

export const wis2Bench: Bench = {
  name: 'wis2',
  async open(stack) {
    const star = await openShape(stack);
    const { centre, others } = star;
    const stop = new AbortController();
    let read = 0;
    const following = others.map((node) =>
      follow(node, stop.signal, () => {
        read += 1;
      }),
    );
    stack.defer(async () => {
      stop.abort();
      await Promise.all(following.map(({ ended }) => ended));
    });
    let released = 0;
    const arrived = (): number => others.reduce((sum, { told }) => sum + told.received, 0);
    /** Watchers are woken as the composed node wakes them, by what arrived. */
    let seen = others.map(() => 0);
    const wakeThose = (): void => {
      seen = others.map(({ told }, place) => {
        if (told.received !== seen[place]) following[place]?.wake();
        return told.received;
      });
    };
    const facts: Record<string, number> = {};
    const burst = async (): Promise<readonly number[]> => {
      const [before, readBefore, parcels] = [arrived(), read, star.posted.parcels];
      const records = GROUP * GROUPS;
      const spent = await seconds(async () => {
        for (let group = 0; group < GROUPS; group += 1) {
          await centre.releaseMany(GROUP, 'seizure-notice', {
            edit: ({ marking, ...content }) => ({
              ...content,
              marking: { ...marking, releasableTo: ['sac'], purposes: PURPOSES },
            }),
          });
          await centre.ledger.sequence('live');
        }
        released += records;
        await untilOrLate(() => {
          wakeThose();
          return arrived() - before >= records * NODES && read - readBefore >= records * NODES * DESKS.length;
        });
      });
      facts['records a parcel'] = (records * NODES) / (star.posted.parcels - parcels);
      facts['deliveries to subscribers a second'] = (read - readBefore) / spent;
      // Of a burst that was not over when patience was, only what came counts.
      return [(arrived() - before) / spent];
    };
    const settle = async (): Promise<void> => {
      for (const node of others) await node.ledger.sequence('live');
      await untilOrLate(async () => (await centre.unclosed()) === 0);
      await untilOrLate(() => {
        wakeThose();
        return read >= released * NODES * DESKS.length;
      });
      facts['deliveries to subscribers lost'] = released * NODES * DESKS.length - read;
      facts['records without a signed receipt'] = await centre.unclosed();
      facts['records lost'] = released * NODES - arrived();
    };
    return [
      {
        id: 'shape',
        what: `record deliveries between nodes, 1 to ${NODES}, ${NODES * DESKS.length} subscribers following`,
        unit: '/s',
        ours: async () => {
          const rates = await burst();
          await settle();
          return rates;
        },
        against: [],
        facts: () => facts,
      },
    ];
  },
};
