/** Text of strangers as the console shows it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seen } from '../../../src/console/parts/seen.ts';

describe('text of others', () => {
  it.each([
    ['invoice\u202Etxt.exe', 'invoice[U+202E]txt.exe'],
    ['\u2067name\u2069', '[U+2067]name[U+2069]'],
    ['A\u200Bda', 'A[U+200B]da'],
    ['pay\u00ADpal', 'pay[U+00AD]pal'],
    ['\u{E0041}tag', '[U+E0041]tag'],
    ['a\u0000b\u0007', 'a[U+0000]b[U+0007]'],
  ])('%j is shown as %j', (text, shown) => {
    expect(seen(text)).toBe(shown);
  });

  it.each(['Ünïcödé', 'العربية', 'Орсоло Веннтаррик', '漢字', 'line\nline', 'tab\tbed', '👩🏽'])(
    '%j stays as it is',
    (text) => {
      expect(seen(text)).toBe(text);
    },
  );

  it('never holds a character that turns directions around', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(seen(text)).not.toMatch(/[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/);
      }),
    );
  });
});
