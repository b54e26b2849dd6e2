/** Cantonese syllables as Hong Kong's registers write names: 文 is man, 偉 wai, 志 chi, 國 kwok. */
import { CANTONESE } from './cantonese-data.ts';
import { syllables } from './syllable-table.ts';

const INITIALS: readonly (readonly [string, string])[] = [
  ['gw', 'kw'],
  ['kw', 'kw'],
  ['ng', 'ng'],
  ['b', 'p'],
  ['d', 't'],
  ['g', 'k'],
  ['z', 'ch'],
  ['c', 'ch'],
  ['j', 'y'],
  ['p', 'p'],
  ['t', 't'],
  ['k', 'k'],
  ['m', 'm'],
  ['f', 'f'],
  ['n', 'n'],
  ['l', 'l'],
  ['h', 'h'],
  ['w', 'w'],
  ['s', 's'],
];

/** Finals that are spelled otherwise than in Jyutping. */
const FINALS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    aa: 'a',
    aai: 'ai',
    aau: 'au',
    aam: 'am',
    aan: 'an',
    aang: 'ang',
    aap: 'ap',
    aat: 'at',
    aak: 'ak',
    eoi: 'ui',
    eon: 'un',
    eot: 'ut',
    oe: 'eu',
    oeng: 'eung',
    oek: 'euk',
    ou: 'o',
    yu: 'u',
    yun: 'uen',
    yut: 'uet',
  }),
);

/** Syllables that no rule of initials and finals gives. */
const WHOLE: ReadonlyMap<string, string> = new Map(
  Object.entries({
    si: 'sze',
    waa: 'wah',
    zan: 'chun',
    jyu: 'yu',
    jyun: 'yuen',
    jyut: 'yuet',
    syu: 'shu',
    sek: 'shek',
    sing: 'shing',
    soeng: 'sheung',
  }),
);

/** Spelling of a Jyutping syllable without its tone. */
export function hongKongSpelling(syllable: string): string {
  const whole = WHOLE.get(syllable);
  if (whole !== undefined) return whole;
  const [initial, written] = INITIALS.find(([one]) => syllable.startsWith(one)) ?? ['', ''];
  const rest = syllable.slice(initial.length);
  return written + (FINALS.get(rest) ?? rest);
}

/** Spelling of a character; undefined where it is not in the table. */
export function cantoneseOf(character: string): string | undefined {
  const syllable = table().get(character);
  return syllable === undefined ? undefined : hongKongSpelling(syllable);
}

const table = syllables(CANTONESE);
