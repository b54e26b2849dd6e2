/** The table of attack and fault cases: each number stands in it, and each test that it names is there. */
import { describe, expect, it } from 'vitest';
import { NamedTests } from '../support/named-tests.ts';

const page = new NamedTests('attack-cases.md', /^T\d\d$/);
const CASES = Array.from({ length: 48 }, (_, at) => `T${String(at + 1).padStart(2, '0')}`);

describe('the table of attack cases', () => {
  it('has every case once, or says why it is open', () => {
    expect(new Set(page.rows).size).toBe(page.rows.length);
    const open = page.text.slice(page.text.indexOf('\nOpen:'));
    expect(CASES.filter((number) => !page.rows.includes(number) && !open.includes(number))).toEqual([]);
    expect(page.rows.filter((number) => !CASES.includes(number))).toEqual([]);
  });

  it('names a test in each row, and only tests that are there', () => {
    expect(page.unproven).toEqual([]);
    expect(page.gone).toEqual([]);
  });
});
