import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../../../src/base/bytes.ts';
import { dummyLeaf, shuffle } from '../../../src/ledger/dummy.ts';
import { encodeSchedule, planTick, readSchedule } from '../../../src/ledger/schedule.ts';
import { countingRandom } from './fixture.ts';

const DAY = 86_400_000;
const load = { waiting: 0, charged: 0, baseQuota: 8, nowMs: 1000 };

describe('the schedule of a log', () => {
  it('adds its quota whether nothing or a quota of records waits', () => {
    for (let waiting = 0; waiting <= 8; waiting++)
      expect(planTick(undefined, { ...load, waiting })).toMatchObject({ leaves: 8, schedule: { quota: 8 } });
  });

  it('charges urgent leaves to their tick', () => {
    expect(planTick(undefined, { ...load, charged: 3 }).leaves).toBe(5);
    expect(planTick(undefined, { ...load, charged: 3, waiting: 5 }).leaves).toBe(5);
  });

  it('doubles the quota when it is exceeded, at most sixteenfold', () => {
    let plan = planTick(undefined, { ...load, waiting: 9 });
    expect(plan).toEqual({ leaves: 16, schedule: { quota: 16, at: 1000 } });
    for (let tick = 0; tick < 10; tick++) plan = planTick(plan.schedule, { ...load, waiting: 1000 });
    expect(plan).toMatchObject({ leaves: 1000, schedule: { quota: 128 } });
  });

  it('lowers the quota after a day without excess, down to its base', () => {
    const busy = { quota: 32, at: 0 };
    expect(planTick(busy, { ...load, nowMs: DAY - 1 }).schedule).toEqual(busy);
    expect(planTick(busy, { ...load, nowMs: DAY }).schedule).toEqual({ quota: 16, at: DAY });
    expect(planTick({ quota: 8, at: 0 }, { ...load, nowMs: DAY }).schedule.quota).toBe(8);
  });

  it('holds nothing back and always moves on', () => {
    fc.assert(
      fc.property(
        fc.nat(5000),
        fc.nat(500),
        fc.integer({ min: 1, max: 64 }),
        (waiting, charged, baseQuota) => {
          const { leaves } = planTick(undefined, { waiting, charged, baseQuota, nowMs: 0 });
          expect(leaves).toBeGreaterThanOrEqual(Math.max(1, waiting));
        },
      ),
    );
  });

  it('is read as it was written, and starts again from what is none', () => {
    const schedule = { quota: 16, at: 1_790_000_000_000 };
    expect(readSchedule(encodeSchedule(schedule))).toEqual(schedule);
    expect(readSchedule(undefined)).toBeUndefined();
    expect(readSchedule(utf8('many'))).toBeUndefined();
  });
});

describe('dummies', () => {
  it('depend on secret, log and index, and look like a hash', () => {
    const secret = new Uint8Array(32).fill(1);
    const dummies = [
      dummyLeaf(secret, 'a', 0n),
      dummyLeaf(secret, 'a', 1n),
      dummyLeaf(secret, 'b', 0n),
      dummyLeaf(new Uint8Array(32), 'a', 0n),
    ].map((bytes) => Buffer.from(bytes).toString('hex'));
    expect(new Set(dummies).size).toBe(4);
    expect(dummies.every((each) => each.length === 64)).toBe(true);
    expect(dummyLeaf(secret, 'a', 0n)).toEqual(dummyLeaf(secret, 'a', 0n));
  });

  it('are shuffled among the rest: every place is as likely', () => {
    const random = countingRandom();
    const places = new Array<number>(4).fill(0);
    for (let run = 0; run < 2000; run++) {
      const at = shuffle(['real', 'd', 'd', 'd'], random).indexOf('real');
      places[at] = (places[at] ?? 0) + 1;
    }
    for (const count of places) expect(count).toBeGreaterThan(420);
    expect(shuffle([], random)).toEqual([]);
  });
});
