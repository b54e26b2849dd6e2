import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPartialSerial, parseSerialPattern, serialKeys } from '../../../src/record/identifiers/serial.ts';

describe('serialKeys', () => {
  it('strict makes case, width, separators and digits of other scripts alike', () => {
    for (const text of [
      'kb-004 471',
      'KB/004.471',
      'ＫＢ００４４７１',
      'KB_004·471',
      'KB–004471',
      'KB٠٠٤٤٧١',
      'KB००४४७१',
    ])
      expect(serialKeys(text).strict, text).toBe('KB004471');
  });

  it('leading zeros count', () => {
    expect(serialKeys('00471').strict).not.toBe(serialKeys('471').strict);
  });

  it('strict tells scripts apart, loose does not', () => {
    expect(serialKeys('КВ-004471').strict).not.toBe(serialKeys('KB-004471').strict);
    expect(serialKeys('КВ-004471').loose).toBe(serialKeys('KB-004471').loose);
    expect(serialKeys('АВЕКМНОРСТУХ').loose).toBe(serialKeys('ABEKMHOPCTYX').loose);
  });

  it('loose makes what is easily misread alike', () => {
    expect(serialKeys('OQILSZBG').loose).toBe('00115286');
  });

  it('core ignores letters between digits and reads O as zero', () => {
    for (const text of ['369J257', '369257', '369M257']) expect(serialKeys(text).core, text).toBe('369257');
    expect(serialKeys('369O257').core).toBe('3690257');
    expect(serialKeys('369О257').core).toBe('3690257');
  });

  it('of plain text are those of the same text with a mark that no key keeps', () => {
    const plain = fc.constantFrom(...'ABCgloqsz0189 -/._?*&АВОХЙйяЖΑΒΟΩΣ');
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.oneof(plain, fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 1 })),
          maxLength: 16,
        }),
        (text) => {
          expect(serialKeys(text)).toEqual(serialKeys(`${text}\u200b`));
        },
      ),
    );
  });

  it('of a key are the key itself', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 12 }), (text) => {
        const { strict, loose } = serialKeys(text);
        expect(serialKeys(strict).strict).toBe(strict);
        expect(serialKeys(loose).loose).toBe(loose);
      }),
    );
  });
});

describe('parseSerialPattern', () => {
  it('fills one gap per question mark and any run per star', () => {
    const pattern = parseSerialPattern('KB-0044??');
    expect(pattern).toMatchObject({ ok: true, pattern: 'KB0044??', known: 6 });
    expect(pattern.matches('KB004471')).toBe(true);
    expect(pattern.matches('KB00447')).toBe(false);
    expect(pattern.matches('KB0044711')).toBe(false);
    const run = parseSerialPattern('*4471');
    expect(run.matches('KB004471')).toBe(true);
    expect(run.matches('4471')).toBe(true);
    expect(run.matches('44712')).toBe(false);
  });

  it('with fewer than four known characters matches nothing', () => {
    const pattern = parseSerialPattern('44?*1');
    expect(pattern).toMatchObject({ ok: false, known: 3 });
    expect(pattern.matches('44001')).toBe(false);
  });

  it('agrees with a plain search through all splits, and no pattern makes it slow', () => {
    const naive = (pattern: string, text: string): boolean => {
      if (pattern === '') return text === '';
      if (pattern[0] === '*')
        return Array.from({ length: text.length + 1 }, (_, at) => at).some((at) =>
          naive(pattern.slice(1), text.slice(at)),
        );
      return (
        text !== '' &&
        (pattern[0] === '?' || pattern[0] === text[0]) &&
        naive(pattern.slice(1), text.slice(1))
      );
    };
    const unit = fc.constantFrom('A', '1', '?', '*');
    fc.assert(
      fc.property(
        fc.string({ unit, minLength: 4, maxLength: 9 }),
        fc.string({ unit: fc.constantFrom('A', '1'), maxLength: 9 }),
        (text, key) => {
          const pattern = parseSerialPattern(text);
          expect(pattern.matches(key)).toBe(pattern.ok && naive(pattern.pattern, key));
        },
      ),
      { numRuns: 500 },
    );
    const nasty = parseSerialPattern(`${'A*'.repeat(30)}B`);
    expect(nasty.matches('A'.repeat(5000))).toBe(false);
  });

  it('is told from a number in full', () => {
    expect(isPartialSerial('KB-00？4471')).toBe(true);
    expect(isPartialSerial('KB-004471')).toBe(false);
  });
});
