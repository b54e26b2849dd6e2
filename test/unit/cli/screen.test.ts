import { describe, expect, it } from 'vitest';
import { type Board, type BoardRecord, boardLines, screenLines } from '../../../src/cli/demo/board.ts';
import { clip, displayWidth } from '../../../src/cli/print.ts';

const record = (index: number): BoardRecord => ({
  title: `Seizure ${index} ${'of very many rifles '.repeat(8)}`,
  kind: 'seizure-notice',
  originator: 'XA',
  tlp: 'TLP:AMBER',
  exercise: false,
  revision: 1,
  recordId: '00'.repeat(16),
  headerDigest: 'ab'.repeat(32),
  facets: ['summary', 'persons', 'source'],
  local: false,
  partners: ['HR', 'XB'].map((partner) => ({
    partner,
    receives: true,
    rule: 'R11',
    reason: 'releasable',
    delivery: 'receipted',
    cells: [
      { facet: 'summary', seen: 'seen', rule: 'R7', reason: 'purpose fits' },
      partner === 'XB'
        ? { facet: 'persons', seen: 'seen', rule: 'R8', reason: 'adequate' }
        : { facet: 'persons', seen: 'withheld', rule: 'R8', reason: 'no adequate protection' },
      { facet: 'source', seen: 'withheld', rule: 'R9', reason: `never leaves, said to ${partner}` },
    ],
  })),
});

const board: Board = {
  network: 'Test region',
  digest: 'cd'.repeat(32),
  broker: '127.0.0.1:4222',
  nodes: ['HR', 'XA', 'XB'].map((id) => ({
    id,
    name: id,
    role: 'national',
    up: true,
    held: 1,
    logSize: '8',
    logRoot: 'ef'.repeat(32),
    alarms: 0,
  })),
  proved: [],
  links: [
    { from: 'XA', to: 'XB', state: 'up', sent: '0 + 3', acknowledged: '0 + 3', roundTripMs: 7 },
    { from: 'XB', to: 'XA', state: 'silent', sent: '1 + 0', acknowledged: '0 + 0', roundTripMs: 0 },
  ],
  records: [record(1), record(2), record(3)],
  earlier: 2,
  happened: Array.from({ length: 20 }, (_unused, index) => `event ${index}`),
};

describe('the board on a screen', () => {
  it.each([
    [24, 80],
    [40, 120],
    [60, 200],
  ])('fits into %i rows and %i columns, with what happened last at its foot', (rows, columns) => {
    const lines = screenLines(board, { rows, columns });
    expect(lines.length).toBeLessThanOrEqual(rows);
    for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(columns);
    expect(lines.join('\n')).toContain('what happened');
    if (rows >= 40) expect(lines.at(-1)).toBe('event 19');
  });

  it('shows the newest record first and counts those that it has no room for', () => {
    const text = screenLines(board, { rows: 40, columns: 120 }).join('\n');
    expect(text).toContain('Seizure 3');
    expect(text).not.toContain('Seizure 1');
    expect(text).toMatch(/\(\d earlier records? not shown\)/);
  });

  it('says in one line what all are refused, and each reason of a rule once', () => {
    const text = boardLines({ ...board, records: [record(1)] }).join('\n');
    expect(text).toContain('○ from all: source R9');
    expect(text.match(/R9: never leaves, said to/g)).toHaveLength(2);
    expect(text.match(/R8: no adequate protection/g)).toHaveLength(1);
  });

  it('shows links as a square: sent, acknowledged, round trip or state', () => {
    const text = boardLines(board).join('\n');
    expect(text).toContain('0+3 ✓ 7 ms');
    expect(text).toContain('1+0 (0+0) silent');
  });

  it('cuts by columns, not by characters', () => {
    expect(clip('東京都', 4)).toBe('東…');
    expect(clip('abc', 3)).toBe('abc');
  });
});
