import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readReference } from '../../../src/console/pages/policy/reference.ts';
import { type DiffLine, diffLines, withContext } from '../../../src/console/pages/policy/text-diff.ts';

const said = (lines: readonly DiffLine[]) =>
  lines.map(({ change, text }) => `${{ same: ' ', removed: '-', added: '+' }[change]}${text}`);

describe('two texts', () => {
  it('are told apart line by line, with the number of each line in its own text', () => {
    const lines = diffLines('one\ntwo\nthree\nfour\n', 'one\n2\nthree\nfour\nfive\n');
    expect(said(lines)).toEqual([' one', '-two', '+2', ' three', ' four', '+five']);
    expect(lines.map(({ before, after }) => [before, after])).toEqual([
      [1, 1],
      [2, undefined],
      [undefined, 2],
      [3, 3],
      [4, 4],
      [undefined, 5],
    ]);
  });

  it('of which one is empty came or went whole', () => {
    expect(said(diffLines('', 'a\nb\n'))).toEqual(['+a', '+b']);
    expect(said(diffLines('a\r\nb', ''))).toEqual(['-a', '-b']);
    expect(diffLines('a\n', 'a')).toMatchObject([{ change: 'same' }]);
  });

  it('are what their lines make again, whatever they are', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 });
    fc.assert(
      fc.property(text, text, (old, now) => {
        const lines = diffLines(
          old.map((line) => `${line}\n`).join(''),
          now.map((line) => `${line}\n`).join(''),
        );
        const of = (without: DiffLine['change']) =>
          lines.filter(({ change }) => change !== without).map(({ text: line }) => line);
        expect([of('added'), of('removed')]).toEqual([old, now]);
      }),
    );
  });

  it('that differ in more than a browser compares are shown as gone and come, within a second', () => {
    const many = (word: string) => Array.from({ length: 3_000 }, (_, at) => `${word} ${at}`).join('\n');
    const startedAt = performance.now();
    const lines = diffLines(`same\n${many('old')}`, `same\n${many('new')}`);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    expect(lines[0]?.change).toBe('same');
    expect(lines.slice(1, 3_001).every(({ change }) => change === 'removed')).toBe(true);
    expect(lines.slice(3_001).every(({ change }) => change === 'added')).toBe(true);
  });

  it('are shown with three lines around each change, and a sign for what is left out', () => {
    const numbers = Array.from({ length: 20 }, (_, at) => String(at)).join('\n');
    const shown = withContext(diffLines(numbers, numbers.replace('\n10\n', '\nten\n')));
    expect(shown.map((line) => line?.text)).toEqual([
      undefined,
      '7',
      '8',
      '9',
      '10',
      'ten',
      '11',
      '12',
      '13',
      undefined,
    ]);
  });
});

describe('the name of a record', () => {
  it('is the digest of its header or its id, as the trail or an address writes them', () => {
    const digest = Buffer.from(Array.from({ length: 32 }, (_, at) => at * 7));
    const id = digest.subarray(0, 16);
    const headerDigest = digest.toString('base64');
    for (const text of [digest.toString('hex'), ` ${headerDigest} `, digest.toString('base64url')])
      expect(readReference(text)).toEqual({ headerDigest });
    expect(readReference(id.toString('hex').toUpperCase())).toEqual({ recordId: id.toString('base64') });
  });

  it('is nothing else', () => {
    for (const text of ['', 'XA', 'f'.repeat(31), 'f'.repeat(63), 'g'.repeat(64), 'A'.repeat(44)])
      expect(readReference(text)).toBeUndefined();
  });
});
