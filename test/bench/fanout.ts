/**
 * One record to many partners, from JSON until each has its sealed parcel in its mailbox at a real nats-server: validating,
 * six views by policy, the commit with an outbox row a partner, a checkpoint, a manifest signed and a parcel sealed for each.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { Purpose } from '../../src/gen/tocsin/record/v1/marking.ts';
import type { NatsBroker } from '../../src/transport/index.ts';
import { members } from './members.ts';
import { type Bench, type Measure, seconds } from './runner.ts';
import { openStar, type Star } from './star.ts';

const DAY_MS = 86_400_000;
const SIZES = [10, 50, 200] as const;
const MOST = 200;
/** All of them: every kind of member receives something. */
const PURPOSES = Object.values(Purpose).filter((purpose) => purpose > 0);
const groupOf = (size: number): string => `first${size}`;

/** The same number of messages into a stream, and one durable commit: what nobody can do without. */
async function bareOf(star: Star, broker: NatsBroker): Promise<(size: number) => Measure> {
  await broker.api('STREAM.CREATE.BARE', { name: 'BARE', subjects: ['BARE.*'], storage: 'file' });
  let count = 0;
  return (size) => async () => {
    const bytes = randomBytes(Math.ceil(star.posted.bytes / Math.max(1, star.posted.parcels)));
    const spent = await seconds(async () => {
      await star.centre.store.write((tx) => tx.meta.set('bench/fanout', Uint8Array.of(count++ % 256)));
      await Promise.all(
        Array.from({ length: size }, (_, place) => broker.put(`BARE.${place}`, bytes, randomUUID())),
      );
    });
    return [spent * 1_000];
  };
}

async function release(star: Star, size: number): Promise<void> {
  const { centre, posted } = star;
  const until = posted.parcels + size;
  await centre.releaseMany(1, 'seizure-notice', {
    edit: ({ marking, ...content }) => ({
      ...content,
      marking: { ...marking, releasableTo: [groupOf(size)], purposes: PURPOSES },
    }),
  });
  await centre.ledger.sequence('live');
  await star.whenPosted(until);
}

export const fanoutBench: Bench = {
  name: 'fanout',
  async open(stack) {
    const star = await openStar(stack, {
      centre: { groups: ['adequate', 'sac'] },
      others: members(MOST, (place) => SIZES.filter((size) => place < size).map(groupOf)),
      // Partners answer calls and take no mail: what they would do meanwhile is not the sender's. Nothing is sent twice.
      exchange: {
        lane: { window: 64, resendMs: DAY_MS, resendMaxMs: DAY_MS },
        heartbeat: { recentMs: DAY_MS, idleMs: DAY_MS },
      },
      tickMs: DAY_MS,
    });
    star.centre.start();
    // Everybody was compared with before anything is measured.
    await release(star, MOST);
    const bare = await bareOf(star, await star.broker.connectOperator());
    return SIZES.map((size) => ({
      id: `to-${size}`,
      what: `one record to ${size} partners of 6 kinds, JSON to parcels in mailboxes`,
      unit: 'ms',
      ours: async () => [(await seconds(() => release(star, size))) * 1_000],
      against: [{ name: 'bare messages into a stream + one durable commit', measure: bare(size) }],
      facts: () => ({ 'bytes of a parcel': star.posted.bytes / star.posted.parcels }),
    }));
  },
};
