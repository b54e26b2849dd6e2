/** Han characters as Koreans read them, as the Hangul that the South or the North writes. */
import { KOREAN_FAMILY_READINGS } from './family-names.ts';
import { familySyllables, jamoOf, LONGEST_KOREAN_NAME, syllableOf } from './hangul.ts';
import { SINO_KOREAN } from './sino-korean-data.ts';
import { syllables } from './syllable-table.ts';

/** Numbers of first consonants, vowels and last consonants (Unicode, Hangul syllable composition). */
const NIEUN = 2;
const RIEUL = 5;
const SILENT = 11;
/** The vowel i, and those that begin with y. */
const SOFT_VOWELS: ReadonlySet<number> = new Set([2, 3, 6, 7, 12, 17, 20]);
const YEO = 6;
const YU = 17;
const NO_END = 0;
const END_N = 4;
const END_L = 8;

/** At the beginning of a word the South says no r, and before i and y no n: 리 → 이, 로 → 노, 녀 → 여. */
function softened(syllable: string): string {
  const { initial, vowel, end } = jamoOf(syllable);
  const isSoft = SOFT_VOWELS.has(vowel);
  if (initial === RIEUL) return syllableOf(isSoft ? SILENT : NIEUN, vowel, end);
  return initial === NIEUN && isSoft ? syllableOf(SILENT, vowel, end) : syllable;
}

/** After a vowel or n, 렬 and 률 are 열 and 율 in the South. */
function softenedAfter(before: string, syllable: string): string {
  const { initial, vowel, end } = jamoOf(syllable);
  if (initial !== RIEUL || end !== END_L || (vowel !== YEO && vowel !== YU)) return syllable;
  const { end: last } = jamoOf(before);
  return last === NO_END || last === END_N ? syllableOf(SILENT, vowel, end) : syllable;
}

/** Characters that names read otherwise than by the first reading of the table. */
const IN_NAMES: ReadonlyMap<string, string> = new Map([
  ['省', '성'],
  ['更', '경'],
]);

const table = syllables(SINO_KOREAN);

function syllablesOf(word: string): readonly string[] | undefined {
  const characters = [...word];
  const isName = characters.length <= LONGEST_KOREAN_NAME;
  const read: string[] = [];
  for (const [at, character] of characters.entries()) {
    const family = isName && at === 0 ? KOREAN_FAMILY_READINGS.get(character) : undefined;
    const syllable = family ?? IN_NAMES.get(character) ?? table().get(character);
    if (syllable === undefined) return undefined;
    read.push(syllable);
  }
  return read;
}

/** A word in Han characters as Hangul; undefined where one of them has no Korean reading. */
export function hangulOfHan(word: string, isNorth: boolean): string | undefined {
  const read = syllablesOf(word);
  if (read === undefined || isNorth) return read?.join('');
  const given = familySyllables(read);
  return read
    .map((syllable, at) =>
      at === 0 || at === given ? softened(syllable) : softenedAfter(read[at - 1] as string, syllable),
    )
    .join('');
}
