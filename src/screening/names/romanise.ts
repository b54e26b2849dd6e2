/** Words of any script as Latin letters, the same way for lists and for queries. */
import anyAscii from 'any-ascii';
import { latinOfHangul, REVISED } from './hangul.ts';
import { Reading } from './reading.ts';
import { romaniseArabic } from './romanise-arabic.ts';
import { romaniseHan } from './romanise-han.ts';
import { romaniseHebrew } from './romanise-hebrew.ts';
import { hasKana, romaniseKana } from './romanise-kana.ts';
import { foldLookAlikes, type Script, scriptOf } from './scripts.ts';

export interface Romanised {
  /** Lower-case letters a to z and digits. */
  readonly text: string;
  /** The script writes few vowels: the consonants decide. */
  readonly unvowelled: boolean;
}

const NOT_PLAIN = /[^a-z0-9]/gu;
const MARKS = /\p{M}/gu;

/** Letters that decomposition leaves alone, as names are usually written without them. */
const LATIN_LETTERS: ReadonlyMap<string, string> = new Map(
  Object.entries({ ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', ł: 'l', đ: 'd', ð: 'd', þ: 'th', ı: 'i', ŋ: 'ng' }),
);

function latin(word: string): string {
  const bare = word.normalize('NFKD').replace(MARKS, '');
  if (!NOT_PLAIN.test(bare)) return bare;
  let text = '';
  for (const letter of bare) text += LATIN_LETTERS.get(letter) ?? letter;
  return anyAscii(text).toLowerCase().replace(NOT_PLAIN, '');
}

function scriptOfWord(word: string): Script {
  for (const letter of word) {
    const script = scriptOf(letter.codePointAt(0) ?? 0);
    if (script !== 'latin') return script;
  }
  return 'latin';
}

function textsOf(word: string, script: Script, reading: Reading): readonly string[] {
  if (script === 'han') return romaniseHan(word, reading);
  if (script === 'hangul') return latinOfHangul(word, REVISED);
  return [script === 'other' && hasKana(word) ? romaniseKana(word) : latin(word)];
}

/** Words of one written word, which is in lower case and holds letters, marks and digits only; Han characters and Arabic letters by that reading. */
export function romanise(written: string, reading: Reading = Reading.written): readonly Romanised[] {
  const word = foldLookAlikes(written);
  const script = scriptOfWord(word);
  if (script === 'arabic')
    return romaniseArabic(word, reading === Reading.persian).map((text) => ({ text, unvowelled: true }));
  if (script === 'hebrew') return [{ text: romaniseHebrew(word), unvowelled: true }];
  const texts = textsOf(word, script, reading);
  return texts.filter((text) => text !== '').map((text) => ({ text, unvowelled: false }));
}
