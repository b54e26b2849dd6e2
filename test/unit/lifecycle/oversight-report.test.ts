/** What is no report is refused before anything of it is believed: by its size, its lines, its proof. */
import { describe, expect, it } from 'vitest';
import { judgeReport } from '../../../src/lifecycle/index.ts';

const NETWORK = new Uint8Array(32).fill(1);
const detailOf = (text: string | Uint8Array): string => {
  const judged = judgeReport(Buffer.from(text), NETWORK);
  return judged.ok ? 'believed' : `${judged.reason}: ${judged.detail}`;
};

describe('a file that is no report', () => {
  it('has 4,000 lines at most', () => {
    expect(detailOf('{}\n'.repeat(4_000))).toMatch(/MALFORMED: line 1: expected the format/);
    expect(detailOf('{}\n'.repeat(4_001))).toMatch(/MALFORMED: expected at most 4000 lines/);
  });

  it('has 96 MiB at most', () => {
    const size = 100_663_296;
    expect(detailOf(Buffer.alloc(size, '{'))).toMatch(/REPORT_BROKEN: expected whole lines/);
    expect(detailOf(Buffer.alloc(size + 1, '{'))).toMatch(/MALFORMED: expected at most 100663296 bytes/);
  });

  it('is refused for what it says', () => {
    const first = (network: string) =>
      JSON.stringify({ format: 'tocsin-oversight/1', node: 'XA', network, at: 1 });
    const ours = '01'.repeat(32);
    expect(detailOf('')).toMatch(/MALFORMED: line 1/);
    expect(detailOf('{}')).toMatch(/REPORT_BROKEN: expected whole lines/);
    expect(detailOf(Buffer.from([0xff, 0x0a]))).toMatch(/REPORT_BROKEN/);
    expect(detailOf('[]\n{}\n')).toMatch(/MALFORMED: line 1: expected a JSON object/);
    expect(detailOf(`${first('02'.repeat(32))}\n{}\n`)).toMatch(/NOT_BELIEVED: it is of another network/);
    expect(detailOf(`${first(ours)}\n{}\n`)).toMatch(/REPORT_BROKEN: expected the proof/);
    expect(detailOf(`${first(ours)}\n{"signature":"","statement":"","rosters":""}\n`)).toMatch(
      /NOT_BELIEVED/,
    );
  });
});
