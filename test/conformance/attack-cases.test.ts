/** The table of attack and fault cases: each number stands in it, and each test that it names is there. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const folder = join(import.meta.dirname, '..');
const page = readFileSync(join(folder, 'attack-cases.md'), 'utf8');
const rows = page.split('\n').filter((line) => /^\| T\d\d /.test(line));
const links = rows.flatMap((row) =>
  [...row.matchAll(/\[((?:[^\]\\]|\\.)+)\]\(([^)]+)\)/g)].map(([, title = '', file = '']) => ({
    number: row.slice(2, 5),
    title,
    file,
  })),
);
const CASES = Array.from({ length: 48 }, (_, at) => `T${String(at + 1).padStart(2, '0')}`);

describe('the table of attack cases', () => {
  it('has every case once, or says why it is open', () => {
    const listed = rows.map((row) => row.slice(2, 5));
    expect(new Set(listed).size).toBe(listed.length);
    const open = page.slice(page.indexOf('\nOpen:'));
    expect(CASES.filter((number) => !listed.includes(number) && !open.includes(number))).toEqual([]);
    expect(listed.filter((number) => !CASES.includes(number))).toEqual([]);
  });

  it('names a test in each row, and only tests that are there', () => {
    expect(rows.filter((row) => !links.some(({ number }) => row.slice(2, 5) === number))).toEqual([]);
    const gone = links.filter(({ title, file }) => {
      const path = join(folder, file);
      return !existsSync(path) || !readFileSync(path, 'utf8').includes(title);
    });
    expect(gone).toEqual([]);
  });
});
