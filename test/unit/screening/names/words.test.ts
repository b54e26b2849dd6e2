/** A name as words: scripts, particles, what is grown together, what is not seen. */
import { describe, expect, test } from 'vitest';
import { consonantsOf, patternOf } from '../../../../src/screening/names/sound.ts';
import { MAX_WORDS, wordsOf } from '../../../../src/screening/names/words.ts';

const read = (name: string) =>
  wordsOf(name)
    .map(({ text }) => text)
    .join(' ');

describe('a name becomes words', () => {
  test.each([
    ['AL-HOUTH, Abdulmalik Bin Bader', 'al houth abd malik bin bader'],
    ['Abdurrahman Abdirahman', 'abd rahman abd rahman'],
    ['Abdallah Abdullah', 'abd allah abd allah'],
    ['Salahuddin Nour-Eddine', 'salah din nour din'],
    ["Sana'a O'Brien", 'sanaa obrien'],
    ["al'Dari as-Sattar", 'al dari al sattar'],
    ['A.B.C. Company Ltd.', 'abc company limited'],
    ['Vanderbilt Corp', 'van van bilt corporation'],
    ['1st Brigade 007', '1 brigade 7'],
    ['Sociedad Anónima S.A.', 'sociedad anonima sa'],
    ['Łódź Straße Ærø', 'lodz strasse aero'],
  ])('%s', (name, words) => {
    expect(read(name)).toBe(words);
  });

  test.each([
    ['Arabic: article, servant of God, faith', 'عبدالرحمن التكريتي سيف الدين', 'abd al rahman', 4],
    ['Hebrew with a geresh', "גריינג'ר", 'griinjr', 1],
    ['Han: family name and given name', '习近平', 'xi jinping', 2],
    ['Hangul: family name and given name', '김정은', 'gim jeongeun', 2],
    ['Cyrillic', 'Владимир', 'vladimir', 1],
  ])('%s', (_, name, start, least) => {
    const words = wordsOf(name);
    expect(words.length).toBeGreaterThanOrEqual(least);
    expect(read(name).slice(0, 6)).toBe(start.slice(0, 6));
  });

  test('signs that are not seen and letters that look Latin are read as what they look like', () => {
    expect(read('Mo\u200bham\u202eed')).toBe('mohamed');
    expect(read('Mоhаmed')).toBe('mohamed');
    expect(read('Ｋｈａｌｉｄ')).toBe('khalid');
  });

  test('a comma parts the family name, more commas list something', () => {
    expect(wordsOf('KHALIL, Yusuf').map(({ token }) => token.beforeComma)).toEqual([true, false]);
    expect(wordsOf('a, b, c').some(({ token }) => token.beforeComma)).toBe(false);
  });

  test('ten thousand characters are read up to a bound', () => {
    expect(wordsOf('Khalid '.repeat(2_000))).toHaveLength(MAX_WORDS);
    expect(wordsOf('a'.repeat(10_000))[0]?.text.length).toBeLessThanOrEqual(32);
  });
});

describe('sounds', () => {
  test.each([
    ['Qaddafi', 'gadhafi'],
    ['youssouf', 'yusuf'],
    ['khalil', 'khaleel'],
    ['djamel', 'jamal'],
    ['philippa', 'filipa'],
  ])('%s and %s have the same pattern', (one, other) => {
    expect(patternOf(one.toLowerCase())).toBe(patternOf(other));
  });

  test('consonants alone where vowels are not written', () => {
    const written = (name: string) => consonantsOf(patternOf(wordsOf(name)[0]?.text ?? ''));
    expect(written('محمد')).toBe(written('Mohamed'));
    expect(written('خليل')).toBe(written('Khalil'));
    expect(written('سهيلي')).toBe(written('Suhaili'));
  });
});
