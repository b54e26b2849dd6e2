import { expect, it } from 'vitest';
import {
  type BatchFinding,
  readTable,
  resultTable,
  writeCsv,
  writeXlsx,
} from '../../../../src/screening/batch/index.ts';

const HEADERS = {
  outcome: 'Outcome',
  hits: 'Hits',
  band: 'Band',
  score: 'Score',
  found: 'Column',
  listed: 'Listed',
  entry: 'Entry',
  originator: 'Originator',
  reasons: 'Reasons',
  screening: 'Screening',
};

const finding = (
  row: number,
  column: number,
  rank: number,
  more: Partial<BatchFinding> = {},
): BatchFinding => ({
  row,
  column,
  rank,
  outcome: rank > 2 ? 'hit' : 'no hit',
  band: '',
  listed: '',
  entry: '',
  originator: '',
  reasons: '',
  screening: 's',
  ...more,
});

it.each([
  ['CSV', writeCsv],
  ['xlsx', writeXlsx],
])('gives back as %s the columns that came, each row with its surest finding', (_what, write) => {
  const table = readTable(new TextEncoder().encode('Name,Container\nA B,C1\n=cmd(),\nE F,C2\n'));
  const bytes = write(
    resultTable(
      table,
      [
        finding(2, 0, 3, { band: 'look', score: 61.5, listed: 'A. B.' }),
        finding(2, 1, 5, {
          band: 'certain',
          listed: '@C1',
          entry: 'abc',
          originator: 'XB',
          reasons: '+ same',
        }),
        finding(3, 0, 1),
      ],
      HEADERS,
      'nothing to ask',
    ),
  );
  const read = readTable(bytes);
  expect(read.header).toEqual(['Name', 'Container', ...Object.values(HEADERS)]);
  expect(read.rows.map(({ cells }) => cells)).toEqual([
    ['A B', 'C1', 'hit', '2', 'certain', '', 'Container', "'@C1", 'abc', 'XB', "'+ same", 's'],
    ["'=cmd()", '', 'no hit', '0', '', '', 'Name', '', '', '', '', 's'],
    ['E F', 'C2', 'nothing to ask', '0', '', '', '', '', '', '', '', ''],
  ]);
});
