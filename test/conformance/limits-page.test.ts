/** The table of limits: every bound of LIMITS stands in it with its value and a test, and so do others, with theirs. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/base/limits.ts';
import { NamedTests } from '../support/named-tests.ts';

const page = new NamedTests('limits.md', /^`/);
const cells = new Map(
  page.text
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| /, '').trim()))
    .map(([row = '', value = '']) => [row, value]),
);
/** `512 KiB` → 524288. */
function numberOf(text: string): number {
  const [, digits = '', unit = ''] = /^([\d,]+)(?: (KiB|MiB))?$/.exec(text) ?? [];
  return Number(digits.replaceAll(',', '')) * ({ KiB: 1024, MiB: 1024 ** 2 }[unit] ?? 1);
}
/** `1_000` → 1000. */
const numberIn = (text: string): number => Number(text.replaceAll('_', ''));
const inFiles = page.rows.filter((row) => row.includes('.ts '));

describe('the table of limits', () => {
  it('has every bound of LIMITS once, with its value', () => {
    expect(new Set(page.rows).size).toBe(page.rows.length);
    const stated = Object.keys(LIMITS).map((name) => [name, numberOf(cells.get(`\`${name}\``) ?? '')]);
    expect(Object.fromEntries(stated)).toEqual(LIMITS);
    expect(page.rows.length - inFiles.length).toBe(Object.keys(LIMITS).length);
  });

  it('has other bounds as they stand in their files', () => {
    expect(inFiles.length).toBeGreaterThan(0);
    const wrong = inFiles.filter((row) => {
      const [, file = '', name = ''] = /^`(\S+\.ts) (\w+)`$/.exec(row) ?? [];
      const source = readFileSync(join(import.meta.dirname, '../../src', file), 'utf8');
      const [, stated = ''] = new RegExp(`const ${name} = ([^;]+);`).exec(source) ?? [];
      const value = stated
        .replaceAll(/LIMITS\.(\w+)/g, (_, limit: keyof typeof LIMITS) => String(LIMITS[limit]))
        .split(' + ')
        .map((term) => term.split(' * ').reduce((product, factor) => product * numberIn(factor), 1))
        .reduce((sum, term) => sum + term, 0);
      return value !== numberOf(cells.get(row) ?? '');
    });
    expect(wrong).toEqual([]);
  });

  it('names a test in each row, and only tests that are there', () => {
    expect(page.unproven).toEqual([]);
    expect(page.gone).toEqual([]);
  });
});
