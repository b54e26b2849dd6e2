/** Waits of any length; loops that go on after a failure that passes, and end with any other. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { after, persevere, sleep } from '../../../src/base/async.ts';
import { TocsinError } from '../../../src/base/error.ts';

const AT_ONCE = { baseMs: 1, maxMs: 1 };
const failing = (retry: 'later' | 'no' | 'fatal') =>
  new TocsinError({ code: 'STORE_FULL', message: 'no space', retry });

describe('a wait', () => {
  // In this order: what was spied on is the clock of the test, which then goes.
  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  test('longer than a timer of the platform takes is as long as was asked, and no timer is told more', async () => {
    vi.useFakeTimers();
    const asked = vi.spyOn(globalThis, 'setTimeout');
    const DAY_MS = 86_400_000;
    let over = false;
    const waited = sleep(380 * DAY_MS).then(() => {
      over = true;
    });
    await vi.advanceTimersByTimeAsync(380 * DAY_MS - 1);
    expect(over).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await waited;
    expect(asked.mock.calls.length).toBeGreaterThan(15);
    for (const [, ms = 0] of asked.mock.calls) expect(ms).toBeLessThan(2 ** 31);
    const called: string[] = [];
    const callOff = after(60 * DAY_MS, () => called.push('called off too late'));
    await vi.advanceTimersByTimeAsync(59 * DAY_MS);
    callOff();
    await vi.advanceTimersByTimeAsync(60 * DAY_MS);
    expect(called).toEqual([]);
    const forEver = new AbortController();
    const endless = sleep(Number.POSITIVE_INFINITY, forEver.signal);
    await vi.advanceTimersByTimeAsync(100 * DAY_MS);
    forEver.abort(new Error('stopped'));
    await expect(endless).rejects.toThrow('stopped');
  });
});

describe('a loop that perseveres', () => {
  test('is begun again after each failure that passes, and every one is told', async () => {
    const told: string[] = [];
    let runs = 0;
    const loop = async () => {
      if (++runs < 4) throw failing('later');
    };
    await persevere(loop, new AbortController().signal, ({ code }) => told.push(code), AT_ONCE);
    expect({ runs, told }).toEqual({ runs: 4, told: ['STORE_FULL', 'STORE_FULL', 'STORE_FULL'] });
  });

  test.each([failing('no'), failing('fatal'), new TypeError('a bug')])('ends with %s', async (error) => {
    let runs = 0;
    const loop = async () => {
      runs += 1;
      throw error;
    };
    await expect(persevere(loop, new AbortController().signal, () => undefined, AT_ONCE)).rejects.toBe(error);
    expect(runs).toBe(1);
  });

  test('ends with its signal, also in a pause', async () => {
    const stop = new AbortController();
    const loop = async () => {
      throw failing('later');
    };
    const running = persevere(loop, stop.signal, () => stop.abort(), { baseMs: 60_000, maxMs: 60_000 });
    await expect(running).resolves.toBeUndefined();
  });
});
