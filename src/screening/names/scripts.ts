/** The script that a part of a name is written in, as far as reading it aloud differs. */

export type Script = 'latin' | 'arabic' | 'hebrew' | 'han' | 'hangul' | 'other';

/** Ranges of the scripts that have a reading of their own (Unicode blocks); the first that holds decides. */
const RANGES: readonly (readonly [Script, number, number])[] = [
  ['latin', 0x0000, 0x024f],
  ['latin', 0x1e00, 0x1eff],
  ['hebrew', 0x0590, 0x05ff],
  ['arabic', 0x0600, 0x06ff],
  ['arabic', 0x0750, 0x077f],
  ['arabic', 0x08a0, 0x08ff],
  ['hangul', 0x1100, 0x11ff],
  ['han', 0x3400, 0x4dbf],
  ['han', 0x4e00, 0x9fff],
  ['hangul', 0xac00, 0xd7a3],
  ['arabic', 0xfb50, 0xfdff],
  ['arabic', 0xfe70, 0xfeff],
  ['han', 0x20000, 0x323af],
];

export function scriptOf(codePoint: number): Script {
  for (const [script, from, to] of RANGES) if (codePoint >= from && codePoint <= to) return script;
  return 'other';
}

/**
 * Letters of Cyrillic and Greek that look like Latin ones (Unicode confusables, lower case). Only a word that mixes them with Latin
 * letters is folded: a word all in Cyrillic is read as what it is.
 */
const LOOK_ALIKES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    а: 'a',
    в: 'b',
    е: 'e',
    ё: 'e',
    з: '3',
    і: 'i',
    ї: 'i',
    ј: 'j',
    к: 'k',
    м: 'm',
    н: 'h',
    о: 'o',
    р: 'p',
    с: 'c',
    ѕ: 's',
    т: 't',
    у: 'y',
    х: 'x',
    α: 'a',
    β: 'b',
    ε: 'e',
    η: 'n',
    ι: 'i',
    κ: 'k',
    ν: 'v',
    ο: 'o',
    ρ: 'p',
    τ: 't',
    υ: 'u',
    χ: 'x',
  }),
);

const LATIN_LETTER = /[a-z]/u;
const CYRILLIC_OR_GREEK = /[\u0370-\u03ff\u0400-\u04ff]/u;

/** A lower-case word with Cyrillic and Greek look-alikes among Latin letters read as Latin. */
export function foldLookAlikes(word: string): string {
  if (!CYRILLIC_OR_GREEK.test(word) || !LATIN_LETTER.test(word)) return word;
  let folded = '';
  for (const letter of word) folded += LOOK_ALIKES.get(letter) ?? letter;
  return folded;
}
