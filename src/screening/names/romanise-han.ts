/** Words in Han characters as Latin letters, in one of the ways in which they are read (`reading.ts`). */
import { pinyin } from 'pinyin-pro';
import { cantoneseOf } from './cantonese.ts';
import { CANTONESE_FAMILY_NAMES } from './cantonese-family-names.ts';
import { DOUBLE_FAMILY_NAMES, FAMILY_NAMES } from './family-names.ts';
import { latinOfHangul, NORTHERN, PASSPORT, REVISED } from './hangul.ts';
import { Reading } from './reading.ts';
import { hangulOfHan } from './sino-korean.ts';
import { wadeGilesOf } from './wade-giles.ts';

/** Characters of the longest name of a person. */
const LONGEST_NAME = 4;
const LONGEST_GIVEN_NAME = 2;
const NOT_PLAIN = /[^a-z]/gu;
const MARKS = /\p{M}/gu;

const syllablesOf = (word: string): readonly string[] =>
  pinyin(word, { toneType: 'none', type: 'array', surname: 'head', nonZh: 'removed' })
    .map((syllable) => syllable.toLowerCase().normalize('NFKD').replace(MARKS, '').replace(NOT_PLAIN, ''))
    .filter((syllable) => syllable !== '');

function familyAndGiven(syllables: readonly string[], family: number): readonly string[] {
  if (syllables.length < 2 || syllables.length > LONGEST_NAME) return [syllables.join('')];
  return [syllables.slice(0, family).join(''), syllables.slice(family).join('')].filter(
    (part) => part !== '',
  );
}

/** `习近平` → xi, jinping. Longer runs are titles or foreign names, one word. */
function mandarin(word: string): readonly string[] {
  const syllables = syllablesOf(word);
  const double = DOUBLE_FAMILY_NAMES.has(word.slice(0, 2));
  // Other first characters begin a foreign name or a company, written out by its sound.
  if (!double && !FAMILY_NAMES.has(word.charAt(0))) return [syllables.join('')];
  return familyAndGiven(syllables, double ? 2 : 1);
}

const isFamilyName = (characters: string): boolean =>
  FAMILY_NAMES.has(characters) || CANTONESE_FAMILY_NAMES.has(characters);

/** Whether a name in Han characters may be a person's, whose family name always comes first. */
export const beginsWithFamilyName = (name: string): boolean =>
  DOUBLE_FAMILY_NAMES.has(name.slice(0, 2)) || isFamilyName(name.charAt(0));

/** Where a Chinese person's names end: `陈大文` after 1 and 3, `林鄭月娥`, who bears her husband's name too, after 1, 2 and 4; undefined where it is none. */
function partsOf(word: string): readonly number[] | undefined {
  const { length } = word;
  if (length > LONGEST_NAME) return undefined;
  const [first, second] = [word.charAt(0), word.charAt(1)];
  if (length > 2 && (DOUBLE_FAMILY_NAMES.has(first + second) || isFamilyName(first + second)))
    return [2, length];
  // Beside a family name that stands apart.
  if (!isFamilyName(first)) return length <= LONGEST_GIVEN_NAME ? [length] : undefined;
  // Four characters are mostly a foreign name.
  if (length === LONGEST_NAME) return isFamilyName(second) ? [1, 2, length] : undefined;
  return length === 1 ? [1] : [1, length];
}

const cutAt = (parts: readonly number[], syllables: readonly string[]): readonly (readonly string[])[] =>
  parts.map((end, at) => syllables.slice(parts[at - 1] ?? 0, end));

/** `毛泽东` → mao, tsetung. */
function wadeGiles(word: string): readonly string[] | undefined {
  const parts = partsOf(word);
  const syllables = syllablesOf(word);
  if (parts === undefined || syllables.length !== word.length) return undefined;
  return cutAt(parts, syllables.map(wadeGilesOf)).map((name) =>
    // Alone it would be an initial.
    name.map((syllable) => (name.length > 1 && syllable === 'yi' ? 'i' : syllable)).join(''),
  );
}

/** `陈大文` → chan, taiman. */
function cantonese(word: string): readonly string[] | undefined {
  const parts = partsOf(word);
  if (parts === undefined) return undefined;
  const read: string[] = [];
  for (const character of word) {
    const syllable = cantoneseOf(character);
    if (syllable === undefined) return undefined;
    read.push(syllable);
  }
  const given = parts.length - 1;
  return cutAt(parts, read).map((name, at) => {
    const family = at < given || isFamilyName(word) ? word.slice(parts[at - 1] ?? 0, parts[at]) : '';
    return CANTONESE_FAMILY_NAMES.get(family) ?? name.join('');
  });
}

function korean(word: string, reading: Reading): readonly string[] | undefined {
  const isNorth = reading === Reading.koreanNorth;
  const hangul = hangulOfHan(word, isNorth);
  if (hangul === undefined) return undefined;
  return latinOfHangul(hangul, isNorth ? NORTHERN : reading === Reading.korean ? REVISED : PASSPORT);
}

function readAs(word: string, reading: Reading): readonly string[] | undefined {
  if (reading <= Reading.mandarin) return undefined;
  if (reading === Reading.wadeGiles) return wadeGiles(word);
  return reading === Reading.cantonese ? cantonese(word) : korean(word, reading);
}

/** Latin words of a word in Han characters; in Mandarin where the reading has none for it, as for a company. */
export const romaniseHan = (word: string, reading: Reading): readonly string[] =>
  readAs(word, reading) ?? mandarin(word);
