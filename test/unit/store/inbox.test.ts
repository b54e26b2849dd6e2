import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TemporaryStore, temporaryStore } from '../../support/temporary-store.ts';

describe('what was refused and put aside', () => {
  let temporary: TemporaryStore;
  beforeEach(async () => {
    temporary = await temporaryStore();
  });
  afterEach(() => temporary[Symbol.asyncDispose]());

  it('is kept of each sender 1,000 times at most, the newest', async () => {
    const { store } = temporary;
    const refuse = (sender: string, from: number, count: number) =>
      store.write(async ({ inbox }) => {
        for (let at = from; at < from + count; at += 1) {
          await inbox.refuse({ at, sender, reason: 1, detail: '' });
          await inbox.quarantine({ at, sender, reason: 1, body: new Uint8Array(1) });
        }
      });
    const kept = (sender: string) =>
      store.read(async ({ inbox }) => {
        const lists = [await inbox.refusals(3_000), await inbox.quarantined(3_000)];
        return lists
          .map((list) => list.filter((entry) => entry.sender === sender).map(({ at }) => at))
          .map((times) => [times.length, Math.min(...times), Math.max(...times)]);
      });
    await refuse('XC', 1, 1);
    await refuse('XB', 1, 1_000);
    expect(await kept('XB')).toEqual([
      [1_000, 1, 1_000],
      [1_000, 1, 1_000],
    ]);
    await refuse('XB', 1_001, 1);
    expect(await kept('XB')).toEqual([
      [1_000, 2, 1_001],
      [1_000, 2, 1_001],
    ]);
    // A flood of one sender pushes nothing of another out.
    expect(await kept('XC')).toEqual([
      [1, 1, 1],
      [1, 1, 1],
    ]);
  });
});
