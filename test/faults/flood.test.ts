/** T34 for ten seconds; for longer: `npm run faults -- --flood MINUTES`. */
import { expect, test } from 'vitest';
import { flood } from './flood.ts';

const SECONDS = 10;
/** What a process takes that has much to do before it collects: under 300 MiB, also after a flood that is four times as long. */
const GROWN_BYTES = 512 * 1024 ** 2;

test('a flooded node takes what others send, urgent first, in bounded memory, and loses nothing while it stands still', async () => {
  const flooded = await flood(SECONDS);
  // More than a mailbox holds of one sender, and more calls than may be under way at once.
  expect(flooded.parcels).toBeGreaterThan(100);
  expect(flooded.calls).toBeGreaterThan(100);
  expect(flooded.floodedMs.length).toBeGreaterThan(0);
  expect(flooded.arrived).toBe(flooded.meanwhile);
  expect(flooded.grownBytes).toBeLessThan(GROWN_BYTES);
});
