/** A smaller input that shows the same: pieces left out while it still does. */
import { concat } from '../../src/base/bytes.ts';

/** Tries within `timeMs`; gives the smallest found, the input itself where none is smaller. */
export async function shrink(
  bytes: Uint8Array,
  still: (candidate: Uint8Array) => Promise<boolean>,
  timeMs: number,
): Promise<Uint8Array> {
  const until = performance.now() + timeMs;
  let smallest = bytes;
  for (let size = Math.ceil(bytes.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < smallest.length; ) {
      if (performance.now() > until) return smallest;
      const candidate = concat(smallest.subarray(0, at), smallest.subarray(at + size));
      if (await still(candidate)) smallest = candidate;
      else at += size;
    }
  }
  return smallest;
}
