/** Sign-ins that wait for the provider: one answer each, and a bounded number. */
import { describe, expect, it } from 'vitest';
import { systemRandom } from '../../../src/base/clock.ts';
import { Transactions } from '../../../src/desk/sign-in/openid-transactions.ts';

const clock = { nowMs: () => 1_000 };

describe('an attempt that waits for the provider', () => {
  it('counts once, for its own cookie', () => {
    const transactions = new Transactions(clock, systemRandom);
    const { cookie, transaction } = transactions.begin();
    expect(transactions.take(undefined)).toBeUndefined();
    expect(transactions.take('another')).toBeUndefined();
    expect(transactions.take(cookie)).toEqual(transaction);
    expect(transactions.take(cookie)).toBeUndefined();
  });

  it('is one of 2,000: the next one has the oldest forgotten', () => {
    const transactions = new Transactions(clock, systemRandom);
    const begun = Array.from({ length: 2_000 }, () => transactions.begin());
    const [oldest, second] = begun;
    const full = new Transactions(clock, systemRandom);
    const kept = Array.from({ length: 2_000 }, () => full.begin());
    expect(full.take(kept[0]?.cookie)).toEqual(kept[0]?.transaction);
    transactions.begin();
    expect(transactions.take(oldest?.cookie)).toBeUndefined();
    expect(transactions.take(second?.cookie)).toEqual(second?.transaction);
  });
});
