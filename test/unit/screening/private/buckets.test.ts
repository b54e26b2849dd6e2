/** What is kept of a holder's buckets: what was loaded is not asked for again, up to a bound. */
import { describe, expect, it } from 'vitest';
import {
  type KeptBuckets,
  loadBuckets,
  MOST_BUCKET_ITEMS,
} from '../../../../src/screening/private/buckets.ts';
import { ITEM_BYTES } from '../../../../src/screening/private/item.ts';

const MIB = 1024 ** 2;
const outputOf = (prefix: number) => Uint8Array.of(prefix, ...new Uint8Array(63));

/** A holder of 256 buckets of 4 MiB, each as long as a bucket may be. */
function holder() {
  const bucket = Buffer.alloc(MOST_BUCKET_ITEMS * ITEM_BYTES);
  const loaded: number[] = [];
  const calls = {
    getMonthKey: async () => ({
      key: undefined,
      rules: '',
      setVersion: Buffer.alloc(16, 1),
      prefixBits: 8,
      bucketItems: MOST_BUCKET_ITEMS,
      budget: 50,
      used: 0,
    }),
    evaluate: () => Promise.reject(new Error('expected no question')),
    getBucket: async ({ prefix }: { prefix: number }) => {
      loaded.push(prefix);
      return { items: bucket };
    },
  };
  const kept = new Map<string, KeptBuckets>();
  const load = async (...prefixes: number[]) => {
    const outputs = prefixes.map(outputOf);
    const { buckets } = await loadBuckets({ calls, kept, holder: 'XA', month: '2026-11', outputs });
    return [...buckets.keys()];
  };
  return { loaded, load, kept };
}

describe('buckets of a holder', () => {
  it('are kept up to 32 MiB of one holder, and then loaded anew', async () => {
    const { loaded, load } = holder();
    expect(8 * MOST_BUCKET_ITEMS * ITEM_BYTES).toBe(32 * MIB);
    await load(1, 2, 3, 4, 5, 6, 7, 8);
    // At the bound nothing goes; above it all goes, and what is needed comes again.
    expect(await load(1, 9)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(loaded).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(await load(1)).toEqual([1]);
    expect(loaded.slice(9)).toEqual([1]);
  });
});
