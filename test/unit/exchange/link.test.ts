import { describe, expect, test } from 'vitest';
import { judgePlace, lanePoint } from '../../../src/exchange/link.ts';
import { reasonName } from '../../../src/record/index.ts';

const digest = (fill: number): Uint8Array => new Uint8Array(32).fill(fill);
const none = new Uint8Array(0);
const third = { incarnation: 1, seq: 3n, digest: digest(3) };

function judged(
  place: { incarnation?: number; seq: bigint; previous?: Uint8Array; digest?: Uint8Array },
  known?: Parameters<typeof judgePlace>[1],
  kept?: Uint8Array,
): string {
  const verdict = judgePlace({ incarnation: 1, previous: none, digest: digest(9), ...place }, known, kept);
  return verdict.ok ? verdict.value : reasonName(verdict.reason);
}

describe('the place of a manifest', () => {
  test('is next after nothing, and after the one that it names', () => {
    expect(judged({ seq: 1n })).toBe('next');
    expect(judged({ seq: 4n, previous: digest(3) }, third)).toBe('next');
    expect(judged({ seq: 1n }, lanePoint(1))).toBe('next');
  });

  test('is taken, or an equivocation, under a number whose body is kept', () => {
    expect(judged({ seq: 2n }, third, digest(9))).toBe('taken');
    expect(judged({ seq: 2n }, third, digest(8))).toBe('EQUIVOCATION');
  });

  test('is a gap beyond the next, and broken where it names another', () => {
    expect(judged({ seq: 5n, previous: digest(4) }, third)).toBe('GAP');
    expect(judged({ seq: 2n, previous: digest(1) })).toBe('GAP');
    expect(judged({ seq: 4n, previous: digest(4) }, third)).toBe('CHAIN_BROKEN');
  });

  test('lies before the link where its body is not kept any more', () => {
    expect(judged({ seq: 3n }, third)).toBe('REPLAY');
  });

  test('starts anew in a higher incarnation, and never goes back to a lower one', () => {
    expect(judged({ incarnation: 2, seq: 1n }, third)).toBe('restart');
    expect(judged({ incarnation: 2, seq: 2n, previous: digest(1) }, third)).toBe('GAP');
    expect(judged({ incarnation: 1, seq: 9n }, { ...third, incarnation: 2 })).toBe('STATEMENT_STALE');
  });

  test('restarts a higher incarnation at 1, whatever of the earlier one its sender still names', () => {
    const known = { incarnation: 1, seq: 9n, digest: digest(9) };
    for (const previous of [none, digest(9), digest(5), digest(77)])
      expect(judged({ incarnation: 2, seq: 1n, previous, digest: digest(1) }, known)).toBe('restart');
    expect(judged({ incarnation: 2, seq: 2n, previous: digest(1), digest: digest(2) }, known)).not.toBe(
      'restart',
    );
  });
});
