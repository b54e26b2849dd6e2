/** Words in katakana or hiragana as Latin letters (Hepburn). The mark of a long vowel is left out, as names mostly do: ケイコー is keiko. */
import anyAscii from 'any-ascii';

/** A small vowel takes the place of the one before, a small ya, yu or yo that of an i. */
const SMALL: ReadonlyMap<string, string> = new Map(
  Object.entries({ ァ: 'a', ィ: 'i', ゥ: 'u', ェ: 'e', ォ: 'o', ャ: 'ya', ュ: 'yu', ョ: 'yo', ヮ: 'wa' }),
);
/** Doubles the consonant that follows. */
const SMALL_TSU = 'ッ';
/** Katakana of a hiragana character is so many code points on. */
const TO_KATAKANA = 0x60;
const KANA = /[\u3040-\u30ff]/u;
const HIRAGANA = /[\u3041-\u3096]/gu;
const NOT_PLAIN = /[^a-z0-9]/gu;

export const hasKana = (word: string): boolean => KANA.test(word);

/** `ガ` → ga, `ティ` → ti, `シャ` → sha, `ウィ` → wi, `ッポ` → ppo. */
export function romaniseKana(word: string): string {
  // Marks of voicing stay with their letters: ガ is no カ.
  const katakana = word
    .normalize('NFC')
    .replace(HIRAGANA, (letter) => String.fromCharCode(letter.charCodeAt(0) + TO_KATAKANA));
  let text = '';
  let doubles = false;
  for (const letter of katakana) {
    const small = SMALL.get(letter);
    if (letter === SMALL_TSU) doubles = true;
    else if (small !== undefined) text = contracted(text, small);
    else {
      const said = anyAscii(letter).toLowerCase().replace(NOT_PLAIN, '');
      text += doubles && CONSONANT.test(said) ? said.charAt(0) + said : said;
      doubles = false;
    }
  }
  return text;
}

const CONSONANT = /^[^aiueon]/u;

function contracted(text: string, small: string): string {
  const before = text.slice(0, -1);
  if (/(?:sh|ch|j)i$/u.test(text)) return before + small.replace(/^y/u, '');
  if (small.length > 1) return /[iu]$/u.test(text) ? before + small : text + small;
  if (/(?:^|[aiueo])u$/u.test(text)) return `${before}w${small}`;
  return /[aiueo]$/u.test(text) ? before + small : text + small;
}
