/** How much one officer may ask. */
import { describe, expect, it } from 'vitest';
import { BUDGET, Budget } from '../../../../src/screening/service/budget.ts';

const NOW_MS = 1_800_000_000_000;
const MINUTE_MS = 60_000;
const budget = (before: readonly number[] = []) =>
  new Budget({ linesAMinute: 10, linesADay: 25 }, async () => before);

describe('the budget of an officer', () => {
  it('is so many questions a minute, all of a call or none', async () => {
    const one = budget();
    await one.spend('a', 10, NOW_MS);
    await expect(one.spend('a', 1, NOW_MS)).rejects.toMatchObject({
      code: 'SCREENING_BUDGET',
      retry: 'later',
      facts: { lines: 1, free: 0, most: 10 },
    });
    await one.spend('b', 10, NOW_MS);
    await one.spend('a', 9, NOW_MS + MINUTE_MS);
    await expect(one.spend('a', 2, NOW_MS + MINUTE_MS)).rejects.toMatchObject({ facts: { free: 1 } });
    expect(await one.free('a', NOW_MS + MINUTE_MS)).toEqual({ thisMinute: 1, today: 6 });
  });

  it('is so many a day, over whatever minutes, and comes back a day later', async () => {
    const one = budget();
    await one.spend('a', 10, NOW_MS);
    await one.spend('a', 10, NOW_MS + MINUTE_MS);
    await one.spend('a', 5, NOW_MS + 2 * MINUTE_MS);
    await expect(one.spend('a', 1, NOW_MS + 3 * MINUTE_MS)).rejects.toMatchObject({ facts: { most: 25 } });
    await one.spend('a', 10, NOW_MS + 24 * 60 * MINUTE_MS);
  });

  it('counts what was asked before a restart', async () => {
    const one = budget(Array.from({ length: 20 }, (_, at) => NOW_MS - (at + 2) * MINUTE_MS));
    await expect(one.spend('a', 6, NOW_MS)).rejects.toMatchObject({ code: 'SCREENING_BUDGET' });
    await one.spend('a', 5, NOW_MS);
  });

  it('ships with 100,000 questions a minute and 300,000 a day', async () => {
    const shipped = new Budget(BUDGET, async () => []);
    await expect(shipped.spend('a', 100_001, NOW_MS)).rejects.toMatchObject({ facts: { most: 100_000 } });
    for (let minute = 0; minute < 3; minute++) await shipped.spend('a', 100_000, NOW_MS + minute * MINUTE_MS);
    await expect(shipped.spend('a', 1, NOW_MS + 3 * MINUTE_MS)).rejects.toMatchObject({
      facts: { most: 300_000 },
    });
  });

  it('is not spent twice by two calls at once', async () => {
    const one = budget();
    const both = await Promise.allSettled([one.spend('a', 6, NOW_MS), one.spend('a', 6, NOW_MS)]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });
});
