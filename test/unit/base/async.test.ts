/** Loops that go on after a failure that passes, and end with any other. */
import { describe, expect, test } from 'vitest';
import { persevere } from '../../../src/base/async.ts';
import { TocsinError } from '../../../src/base/error.ts';

const AT_ONCE = { baseMs: 1, maxMs: 1 };
const failing = (retry: 'later' | 'no' | 'fatal') =>
  new TocsinError({ code: 'STORE_FULL', message: 'no space', retry });

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
