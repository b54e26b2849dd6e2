/** Serials from a paste. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { looseKey, readSerials } from '../../../src/console/compose/serials.ts';

describe('a paste of serials', () => {
  it('is read line by line, by commas, semicolons, tabs and bars', () => {
    expect(
      readSerials('KB-004471\nKB-004472, KB-004473;KB-004474\tKB-004475|KB-004476\r\n\n', []).map(
        ({ serial }) => serial,
      ),
    ).toEqual(['KB-004471', 'KB-004472', 'KB-004473', 'KB-004474', 'KB-004475', 'KB-004476']);
  });

  it('marks what stands twice, however it was typed, and what the record has already', () => {
    expect(readSerials('KB 004471\nkb-004471\nKB004472', ['KB-004472'])).toEqual([
      { serial: 'KB 004471', mark: 'new' },
      { serial: 'kb-004471', mark: 'duplicate' },
      { serial: 'KB004472', mark: 'duplicate' },
    ]);
  });

  it('marks what could be read in part alone, in the form of records', () => {
    expect(readSerials('KB-0044**', [])).toEqual([{ serial: 'KB-0044??', mark: 'partial' }]);
  });

  it('takes 2,000 at most, and 64 characters of each', () => {
    const many = Array.from({ length: 2_001 }, (_, at) => `S${at}`).join('\n');
    expect(readSerials(many, [])).toHaveLength(2_000);
    expect(readSerials('x'.repeat(65), [])[0]?.serial).toHaveLength(64);
  });

  it('never gives the same serial twice as new', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (lines) => {
        const taken = readSerials(lines.join('\n'), []).filter(({ mark }) => mark !== 'duplicate');
        expect(new Set(taken.map(({ serial }) => looseKey(serial))).size).toBe(taken.length);
      }),
    );
  });
});
