/**
 * The consonants of a word in classes of sounds that spellings and scripts mix up: Gadhafi, Qaddafi and القذافي are one. Vowels,
 * w and y are left out, so that scripts which write none meet those that do.
 */

/** Spellings of more than one letter, longest first, then single letters; a class is one letter. */
const SOUNDS: readonly (readonly [string, string])[] = [
  ['tsch', 'c'],
  ['dzh', 'j'],
  ['sch', 'c'],
  ['tsh', 'c'],
  ['tch', 'c'],
  ['shch', 'c'],
  ['kh', 'h'],
  ['gh', 'k'],
  ['ph', 'f'],
  ['th', 't'],
  ['dh', 't'],
  ['sh', 'c'],
  ['ch', 'c'],
  ['zh', 'j'],
  ['dj', 'j'],
  ['dg', 'j'],
  ['ck', 'k'],
  ['cz', 'c'],
  ['sz', 'c'],
  ['ts', 's'],
  ['tz', 's'],
  ['wh', ''],
  ['rh', 'r'],
  ['bh', 'b'],
  ['b', 'b'],
  ['c', 'k'],
  ['d', 't'],
  ['f', 'f'],
  ['g', 'k'],
  ['h', 'h'],
  ['j', 'j'],
  ['k', 'k'],
  ['l', 'l'],
  ['m', 'm'],
  ['n', 'n'],
  ['p', 'b'],
  ['q', 'k'],
  ['r', 'r'],
  ['s', 's'],
  ['t', 't'],
  ['v', 'f'],
  ['x', 'ks'],
  ['z', 's'],
];

const BY_FIRST: ReadonlyMap<string, readonly (readonly [string, string])[]> = Map.groupBy(
  [...SOUNDS].sort(([a], [b]) => b.length - a.length),
  ([spelling]) => spelling.charAt(0),
);

const SOFT_C = /[eiy]/u;

/** Stands in a pattern for a run of vowels. */
const VOWELS = 'a';

/**
 * The sounds of a word: consonants as classes, each run of vowels (w and y among them) as one `a`, no letter twice in a row. Digits
 * stand for themselves. `Youssouf` and `Yusuf` are both `asaf`.
 */
export function patternOf(word: string): string {
  let pattern = '';
  let at = 0;
  while (at < word.length) {
    const letter = word.charAt(at);
    const found = BY_FIRST.get(letter)?.find(([spelling]) => word.startsWith(spelling, at));
    if (found === undefined) {
      const said = letter >= '0' && letter <= '9' ? letter : VOWELS;
      if (!pattern.endsWith(said)) pattern += said;
      at += 1;
      continue;
    }
    const [spelling, sound] = found;
    const next = word.charAt(at + spelling.length);
    let said = spelling === 'c' && SOFT_C.test(next) ? 's' : sound;
    // Silent at the end, as in Fatimah.
    if (spelling === 'h' && next === '') said = '';
    if (said !== '' && !pattern.endsWith(said)) pattern += said;
    at += spelling.length;
  }
  return pattern;
}

/** The consonants of a pattern, one after the other once. */
export function consonantsOf(pattern: string): string {
  let consonants = '';
  for (const sound of pattern) if (sound !== VOWELS && !consonants.endsWith(sound)) consonants += sound;
  return consonants;
}
