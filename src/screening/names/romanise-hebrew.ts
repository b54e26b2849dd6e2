/** Hebrew letters as Latin ones; vowels are mostly not written, so such words are compared by their consonants. */

const LETTERS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    א: 'a',
    ב: 'b',
    ג: 'g',
    ד: 'd',
    ה: 'h',
    ו: 'u',
    ז: 'z',
    ח: 'h',
    ט: 't',
    י: 'i',
    כ: 'k',
    ך: 'k',
    ל: 'l',
    מ: 'm',
    ם: 'm',
    נ: 'n',
    ן: 'n',
    ס: 's',
    ע: 'a',
    פ: 'p',
    ף: 'f',
    צ: 'ts',
    ץ: 'ts',
    ק: 'k',
    ר: 'r',
    ש: 'sh',
    ת: 't',
  }),
);

/** Letters with a geresh stand for sounds that Hebrew has no letter for. */
const WITH_GERESH: ReadonlyMap<string, string> = new Map(
  Object.entries({ ג: 'j', ז: 'zh', צ: 'ch', ץ: 'ch', ת: 'th', ד: 'dh', ח: 'kh', ע: 'gh' }),
);

const POINTS = /[\u0591-\u05c7]/gu;
const GERESH = /['\u2019\u05f3]/u;

/** One written word, `גריינג'ר`, as `griinjr`. */
export function romaniseHebrew(written: string): string {
  const word = [...written.replace(POINTS, '')];
  let text = '';
  for (const [index, letter] of word.entries()) {
    if (GERESH.test(letter)) continue;
    const marked = GERESH.test(word[index + 1] ?? '') ? WITH_GERESH.get(letter) : undefined;
    text += marked ?? LETTERS.get(letter) ?? '';
  }
  return text.replace(/([^aiu])h$/u, '$1a').replace(/uu/gu, 'v');
}
