import { describe, expect, it } from 'vitest';
import { decodeCursor, encodeCursor, numberOf, pageSize, portions } from '../../../src/store/row.ts';

describe('rows', () => {
  it('turns whole numbers into numbers and refuses what would lose digits', () => {
    expect(numberOf(1_700_000_000_000n)).toBe(1_700_000_000_000);
    expect(() => numberOf(2n ** 53n)).toThrow(expect.objectContaining({ code: 'BAD_ROW' }));
  });

  it('keeps multi-row inserts below the engines’ bounds', () => {
    const rows = Array.from({ length: 2_345 }, (_, n) => n);
    for (const columns of [1, 25, 400, 20_000]) {
      const parts = portions(rows, columns);
      expect(parts.flat()).toEqual(rows);
      for (const part of parts) expect(part.length === 1 || part.length * columns <= 16_000).toBe(true);
    }
  });

  it('gives cursors back and refuses all others', () => {
    expect(decodeCursor(encodeCursor('r', '17'), /^r (\d+)$/)).toEqual(['17']);
    for (const cursor of ['', 'x', encodeCursor('d', '17'), encodeCursor('r', '1 or 1=1'), '%%%'])
      expect(() => decodeCursor(cursor, /^r (\d+)$/)).toThrow(
        expect.objectContaining({ code: 'BAD_CURSOR' }),
      );
  });

  it('bounds pages', () => {
    expect([undefined, 0, -4, 7, 10_000].map(pageSize)).toEqual([100, 1, 1, 7, 500]);
  });
});
