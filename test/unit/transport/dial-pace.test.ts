import { expect, test } from 'vitest';
import { dialPace } from '../../../src/transport/broker/dial-pace.ts';

test('a connection is dialled at once, then once a wait, and what is left is told in between', () => {
  let now = 5_000;
  const ask = dialPace(
    () => 400,
    () => now,
  );
  const isNow = () => ask() < -1e15;
  expect(isNow()).toBe(true);
  expect(ask()).toBe(400);
  now += 300;
  expect(ask()).toBe(100);
  now += 100;
  expect(isNow()).toBe(true);
  expect(ask()).toBe(400);
});
