/** Pinyin syllables in Wade-Giles as newspapers and passports wrote it: without apostrophes, hyphens and marks. */

const INITIALS: readonly (readonly [string, string])[] = [
  ['zh', 'ch'],
  ['ch', 'ch'],
  ['sh', 'sh'],
  ['b', 'p'],
  ['d', 't'],
  ['g', 'k'],
  ['j', 'ch'],
  ['q', 'ch'],
  ['x', 'hs'],
  ['z', 'ts'],
  ['c', 'ts'],
  ['r', 'j'],
];

/** Syllables that no rule of initials and finals gives. */
const WHOLE: ReadonlyMap<string, string> = new Map(
  Object.entries({
    zi: 'tzu',
    ci: 'tzu',
    si: 'ssu',
    zhi: 'chih',
    chi: 'chih',
    shi: 'shih',
    ri: 'jih',
    ge: 'ko',
    ke: 'ko',
    he: 'ho',
    e: 'o',
    er: 'erh',
    ye: 'yeh',
    yan: 'yen',
    you: 'yu',
    yong: 'yung',
    yue: 'yueh',
    gui: 'kuei',
    kui: 'kuei',
    guo: 'kuo',
    kuo: 'kuo',
    huo: 'huo',
    shuo: 'shuo',
  }),
);

const FINALS: readonly (readonly [RegExp, string])[] = [
  [/ian$/, 'ien'],
  [/ie$/, 'ieh'],
  [/ue$/, 'ueh'],
  [/ong$/, 'ung'],
  [/uo$/, 'o'],
];

/** `xiang` → hsiang, `zedong` by syllables → tse, tung. */
export function wadeGilesOf(pinyin: string): string {
  const whole = WHOLE.get(pinyin);
  if (whole !== undefined) return whole;
  const [initial, written] = INITIALS.find(([one]) => pinyin.startsWith(one)) ?? ['', ''];
  const rest = pinyin.slice(initial.length);
  const [ending, final] = FINALS.find(([one]) => one.test(rest)) ?? [/$/, ''];
  return written + rest.replace(ending, final);
}
