/** The readings in which a name is listed and asked for: one, but for names in Han characters and some in Arabic letters. */
import { CHINESE, hasHan, KOREAN, Reading } from './reading.ts';
import { isReadOtherwise } from './romanise-arabic.ts';
import { beginsWithFamilyName } from './romanise-han.ts';
import { patternOf } from './sound.ts';
import { type NameWord, wordsOf } from './words.ts';

/** Countries whose people in Han characters are read in Korean too. */
const KOREAS: ReadonlySet<string> = new Set(['KP', 'KR']);

export const isOfKorea = (countries: readonly string[] | undefined): boolean =>
  countries?.some((country) => KOREAS.has(country)) ?? false;

/** Between the names of a foreigner, written out by their sound in Mandarin. */
const FOREIGN_DOT = /[·・‧•]/u;

/** Han characters of the longest name that is read otherwise: longer ones are of companies and titles, and each reading is a search. */
const MOST_HAN = 12;
const ALL_HAN = /\p{Script=Han}/gu;

const ONLY: readonly Reading[] = [Reading.written];
const ARABIC: readonly Reading[] = [Reading.written, Reading.persian];

const FIRST_HAN = /\p{Script=Han}+/u;

/** The readings beside Mandarin that a name may have. */
function othersOf(name: string, korean: boolean): readonly Reading[] {
  if (FOREIGN_DOT.test(name) || (name.match(ALL_HAN)?.length ?? 0) > MOST_HAN) return [];
  const first = FIRST_HAN.exec(name)?.[0] ?? '';
  if (beginsWithFamilyName(first)) return korean ? [...CHINESE, ...KOREAN] : CHINESE;
  // In parts, with the given name first, as no Chinese or Korean would write it; in one, a company or a given name alone.
  return korean && !hasHan(name.slice(name.indexOf(first) + first.length)) ? KOREAN : [];
}

/** The readings of a name that differ, the usual one first; the Korean ones where `korean`. */
export function readingsOf(name: string, korean: boolean): readonly Reading[] {
  if (!hasHan(name)) return isReadOtherwise(name) ? ARABIC : ONLY;
  const kept: Reading[] = [Reading.mandarin];
  const read = [wordsOf(name, Reading.mandarin)];
  for (const reading of othersOf(name, korean)) {
    const words = wordsOf(name, reading);
    if (read.some((other) => meet(words, other))) continue;
    kept.push(reading);
    read.push(words);
  }
  return kept;
}

/** Consonants of a word of one syllable by which it is met under another spelling. */
const ENOUGH_SOUNDS = 2;
/** Letters of the longest such word: longer ones are mostly of several syllables, which are also written apart and then met by their letters alone. */
const LONGEST_SYLLABLE = 4;

/** Words that keys of sounds bring together, so that one of the two readings is enough. */
const meet = (words: readonly NameWord[], others: readonly NameWord[]): boolean =>
  words.length === others.length &&
  words.every(({ text }, at) => {
    const other = others[at]?.text ?? '';
    if (text === other) return true;
    if (Math.max(text.length, other.length) > LONGEST_SYLLABLE) return false;
    const pattern = patternOf(text);
    return pattern === patternOf(other) && pattern.replaceAll('a', '').length >= ENOUGH_SOUNDS;
  });
