import { describe, expect, it } from 'vitest';
import { type BoardRecord, recordLines } from '../../../src/cli/demo/board.ts';
import { displayWidth, formatTable, shown, toJson } from '../../../src/cli/print.ts';

const record: BoardRecord = {
  title: 'AB 40 rifles',
  kind: 'seizure-notice',
  originator: 'XA',
  tlp: 'amber',
  exercise: false,
  revision: 1,
  recordId: '00'.repeat(16),
  headerDigest: 'ab'.repeat(32),
  facets: ['summary', 'persons'],
  local: false,
  partners: [
    {
      partner: 'XB',
      receives: true,
      rule: 'R11',
      reason: 'releasable',
      delivery: 'receipted',
      cells: [
        { facet: 'summary', seen: 'seen', rule: 'R7', reason: 'purpose fits' },
        { facet: 'persons', seen: 'withheld', rule: 'R8', reason: 'persons go to adequate members only' },
      ],
    },
    {
      partner: 'XC',
      receives: true,
      rule: 'R11',
      reason: 'releasable',
      delivery: 'sent',
      cells: [
        { facet: 'summary', seen: 'seen', rule: 'R7', reason: 'purpose fits' },
        { facet: 'persons', seen: 'seen', rule: 'R8', reason: 'adequate' },
      ],
    },
    { partner: 'XF', receives: false, rule: 'R1', reason: 'default deny', delivery: '', cells: [] },
  ],
};

describe('the board', () => {
  it('shows a mark a cell, the rule beside a refusal, and the rule in words', () => {
    const text = recordLines(record).join('\n');
    expect(text).toMatch(/XB +● +○ R8 +receipted/);
    expect(text).toMatch(/XC +● +● +sent/);
    expect(text).toMatch(/XF +– +– +nothing at all \(R1\)/);
    expect(text).toContain('R8: persons go to adequate members only');
    expect(text).not.toContain('purpose fits');
  });

  it('says that a local kind is never sent', () => {
    expect(recordLines({ ...record, local: true }).join('\n')).toContain('never sent');
  });
});

describe('printing', () => {
  it('shows control characters and bidirectional overrides of a partner as codes', () => {
    expect(shown('a\u001b[2Jb\u202ec')).toBe('a\\u001b[2Jb\\u202ec');
  });

  it('aligns columns by what a terminal shows', () => {
    expect(displayWidth('e\u0301')).toBe(1);
    expect(displayWidth('東京')).toBe(4);
    expect(formatTable(['a', 'b'], [['東', 'x']])).toEqual(['a   b', '──  ─', '東  x']);
  });

  it('writes bigint and bytes in JSON', () => {
    expect(JSON.parse(toJson({ a: 3n, b: new Uint8Array([1, 255]), c: [Buffer.from([2])] }))).toEqual({
      a: '3',
      b: '01ff',
      c: ['02'],
    });
  });
});
