/** Every policy that comes into force is kept with its own instant, also where the store takes it later. */
import { expect, it } from 'vitest';
import { createPolicyHistory } from '../../../src/lifecycle/index.ts';
import type { Store } from '../../../src/store/index.ts';
import { temporaryStore } from '../../support/temporary-store.ts';

const roster = { version: 1n, digest: new Uint8Array(32).fill(1) };

it('is noted once a change, at the instant of the change, also after writes that failed', async () => {
  await using temporary = await temporaryStore();
  const { store } = temporary;
  let now = 1_000;
  let national = '// one';
  let full = true;
  // The real store, of which writes fail as on a full disk.
  const failing: Store = Object.create(store, {
    write: {
      value: (...args: Parameters<Store['write']>) =>
        full ? Promise.reject(new Error('no space')) : store.write(...args),
    },
  });
  const history = createPolicyHistory({
    store: failing,
    clock: { nowMs: () => now },
    program: '1',
    inForce: () => ({ digest: `of ${national}`, national, roster }),
  });
  history.changed();
  now = 2_000;
  national = '// two';
  history.changed();
  now = 3_000;
  await expect(history.settle()).rejects.toThrow('no space');
  expect(await store.read((tx) => tx.policyHistory.newest())).toBeUndefined();
  full = false;
  await history.settle();
  history.changed();
  await history.settle();
  await store.read(async ({ policyHistory }) => {
    expect(await policyHistory.at(1_500)).toMatchObject({ since: 1_000, national: '// one', program: '1' });
    expect(await policyHistory.newest()).toMatchObject({ since: 2_000, national: '// two' });
  });
});

it('is settled while it runs, and ends with the signal', async () => {
  await using temporary = await temporaryStore();
  const { store } = temporary;
  const history = createPolicyHistory({
    store,
    clock: { nowMs: () => 1 },
    program: '1',
    inForce: () => ({ digest: 'd', national: '', roster }),
  });
  const stop = new AbortController();
  const running = history.run(stop.signal);
  history.changed();
  await expect.poll(() => store.read((tx) => tx.policyHistory.newest())).toMatchObject({ digest: 'd' });
  stop.abort();
  await running;
});
