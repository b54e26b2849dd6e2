/**
 * Arabic, Persian, Urdu and Pashto letters as Latin ones. Short vowels are not written, so a word comes out as its consonants and
 * long vowels: `محمد` as `mhmd`, `خليل` as `khlil`. Such words are compared by their consonants.
 */

const LETTERS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ا: 'a',
    آ: 'a',
    أ: 'a',
    إ: 'i',
    ٱ: 'a',
    ء: '',
    ئ: 'i',
    ؤ: 'u',
    ب: 'b',
    پ: 'p',
    ت: 't',
    ٹ: 't',
    ټ: 't',
    ث: 'th',
    ج: 'j',
    چ: 'ch',
    ح: 'h',
    خ: 'kh',
    څ: 'ts',
    ځ: 'z',
    د: 'd',
    ڈ: 'd',
    ډ: 'd',
    ذ: 'dh',
    ر: 'r',
    ڑ: 'r',
    ړ: 'r',
    ز: 'z',
    ژ: 'zh',
    ږ: 'zh',
    س: 's',
    ش: 'sh',
    ښ: 'sh',
    ص: 's',
    ض: 'd',
    ط: 't',
    ظ: 'z',
    ع: 'a',
    غ: 'gh',
    ف: 'f',
    ڤ: 'v',
    ق: 'q',
    ك: 'k',
    ک: 'k',
    ګ: 'g',
    گ: 'g',
    ل: 'l',
    م: 'm',
    ن: 'n',
    ں: 'n',
    ڼ: 'n',
    ه: 'h',
    ہ: 'h',
    ھ: 'h',
    ۀ: 'a',
    ة: 'a',
    ۃ: 'a',
    و: 'u',
    ي: 'i',
    ی: 'i',
    ى: 'a',
    ے: 'i',
    ې: 'i',
    ۍ: 'i',
  }),
);

/** Letters that others than Arabs say otherwise: Fadl and Fazl, Wathiq and Wasiq. */
const PERSIAN: ReadonlyMap<string, string> = new Map(Object.entries({ ث: 's', ذ: 'z', ض: 'z' }));

/** Signs of short vowels, doubling and stretching: nearly never written, so never compared. */
const SIGNS = /[\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed\u200c\u200d]/gu;

/** The word for God, whose writing is no guide to its sound. */
const ALLAH = /^(?:الله|اللّٰه|ﷲ)$/u;

const DIGITS = /[\u0660-\u0669\u06f0-\u06f9]/u;

/** The digit that an Arabic or Persian digit stands for; undefined for other characters. */
function digitOf(letter: string): string | undefined {
  if (!DIGITS.test(letter)) return undefined;
  const code = letter.codePointAt(0) ?? 0;
  return String(code - (code >= 0x06f0 ? 0x06f0 : 0x0660));
}

/** Letters that would be read as one sound with an h that stands for itself. */
const BEFORE_H = /[sctdkgzprb]$/u;

function letters(word: string, isPersian: boolean): string {
  let text = '';
  for (const letter of word) {
    const latin =
      (isPersian ? PERSIAN.get(letter) : undefined) ?? LETTERS.get(letter) ?? digitOf(letter) ?? '';
    // A short vowel that is not written stands between them: `سهيلي` is Suhaili, no sh. Where none does, as in `اسحاق` and `مظهر`, Latin
    // letters run into one, Ishaq and Mazhar; the other reading has them so.
    text += latin === 'h' && !isPersian && BEFORE_H.test(text) ? 'ah' : latin;
  }
  return text;
}

const READ_OTHERWISE = /[\u062b\u0630\u0636]|[سصزذظضثتدكکقگپبر][هحہھ]/u;

/** Whether the Persian reading of a name may be another. */
export const isReadOtherwise = (name: string): boolean => READ_OTHERWISE.test(name);

/**
 * The words of one written word: the article, `abd`, `-ullah` and `-uddin`, which other spellings write apart, are split off.
 * `التكريتي` → al, tkriti; `عبدالرحمن` → abd, al, rhmn; `سيف الدين` comes as two written words.
 */
export function romaniseArabic(written: string, isPersian = false): readonly string[] {
  const word = written.normalize('NFKC').replace(SIGNS, '');
  if (ALLAH.test(word)) return ['allah'];
  const abd = /^(?:عبد|عبید|عبيد)(?=.)/u.exec(word)?.[0];
  if (abd !== undefined && /^(?:ال|الله)/u.test(word.slice(abd.length)))
    return [letters(abd, isPersian), ...romaniseArabic(word.slice(abd.length), isPersian)];
  const god = /^(.{2,})(?:الله|اللہ)$/u.exec(word)?.[1];
  if (god !== undefined) return [letters(god, isPersian), 'allah'];
  const faith = /^(.{2,})الدين$/u.exec(word)?.[1];
  if (faith !== undefined) return [letters(faith, isPersian), 'din'];
  const noun = /^(?:ال|وال)(.{2,})$/u.exec(word)?.[1];
  if (noun !== undefined) return ['al', letters(noun, isPersian)];
  const father = /^(?:ابو|أبو|بو)(.{3,})$/u.exec(word)?.[1];
  if (father !== undefined && /^(?:ابو|أبو)/u.test(word))
    return ['abu', ...romaniseArabic(father, isPersian)];
  const text = letters(word, isPersian);
  // Final h after a consonant is a written, silent vowel in Persian and Urdu, and stands for the feminine ending in Arabic.
  return text === '' ? [] : [text.length > 2 && /[^aiu]h$/u.test(text) ? `${text.slice(0, -1)}a` : text];
}
