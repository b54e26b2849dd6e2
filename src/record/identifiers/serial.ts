/**
 * Serial numbers of weapons. The text stays as it was seen; comparison uses keys derived from it. Strict key with make and
 * calibre is a hit; loose key or core is a candidate for a person to look at, never acted on by itself. Leading zeros count.
 */

/** What one serial number is compared by; empty where nothing is left. */
export interface SerialKeys {
  /** Compatibility forms, case, digits of all scripts and separators made alike. */
  readonly strict: string;
  /** Also look-alikes: Cyrillic and Greek letters as Latin, O Q as 0, I L as 1, S 5, Z 2, B 8, G 6. */
  readonly loose: string;
  /** Digits only, the letter O counting as zero: letters between digits are often misread or left out. */
  readonly core: string;
}

/** Cyrillic and Greek capitals that look like Latin ones. */
const LOOK_ALIKES = new Map(
  [...'АВЕКМНОРСТУХІЅЈΑΒΕΖΗΙΚΜΝΟΡΤΥΧ'].map((letter, index) => [
    letter,
    [...'ABEKMHOPCTYXISJABEZHIKMNOPTYX'][index] ?? letter,
  ]),
);

const CONFUSED: Readonly<Record<string, string>> = {
  O: '0',
  Q: '0',
  I: '1',
  L: '1',
  S: '5',
  Z: '2',
  B: '8',
  G: '6',
};

const SEPARATORS = /[\s\p{Pd}\p{Cf}\p{Cc}/._·]/gu;

/** ASCII digit of a decimal digit of any script: their blocks of ten begin at a code ending in 0 or 6. */
function asciiDigit(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  const low = code & 0xf;
  const fromZero = /\p{Nd}/u.test(String.fromCodePoint(code - low));
  return String(fromZero ? low : low - 6);
}

const keyStep = (text: string): string =>
  text
    .normalize('NFKC')
    .toUpperCase()
    .replace(SEPARATORS, '')
    .replace(/[^\P{Nd}0-9]/gu, asciiDigit)
    .normalize('NFKC');

/** Upper case can take letters apart, and a dropped separator can bring marks together: a second step settles both. */
const strictKey = (text: string): string => keyStep(keyStep(text));

const LOOK_ALIKE = new RegExp(`[${[...LOOK_ALIKES.keys()].join('')}]`, 'g');
const latin = (key: string): string => key.replace(LOOK_ALIKE, (letter) => LOOK_ALIKES.get(letter) ?? letter);

/** Each letter that looks like a digit as that digit; slices, for a number is folded at every look-up. */
function fold(key: string): string {
  let folded = '';
  let kept = 0;
  for (let index = 0; index < key.length; index++) {
    const digit = CONFUSED[key[index] ?? ''];
    if (digit === undefined) continue;
    folded += key.slice(kept, index) + digit;
    kept = index + 1;
  }
  return kept === 0 ? key : folded + key.slice(kept);
}

function coreOf(alike: string): string {
  let core = '';
  let digits = 0;
  for (let index = 0; index <= alike.length; index++) {
    const code = index < alike.length ? alike.charCodeAt(index) : 0;
    if (code >= 48 && code <= 57) continue;
    core += alike.slice(digits, index);
    if (alike[index] === 'O') core += '0';
    digits = index + 1;
  }
  return core;
}

/** Printable ASCII, Greek capitals, and the Cyrillic of most languages: no form of theirs changes but by case. */
const PLAIN = /^[ -~Α-ΡΣ-ΩА-я]*$/;

const ASCII = /^[ -~]*$/;

/** What serialKeys gives for plain text, which most numbers are, several times as fast. */
function plainKeys(text: string): SerialKeys {
  const upper = text.toUpperCase();
  const strict = /[ \-/._]/.test(upper) ? upper.replace(/[ \-/._]+/g, '') : upper;
  const alike = ASCII.test(strict) ? strict : latin(strict);
  return { strict, loose: fold(alike), core: coreOf(alike) };
}

/** Keys of a serial number in full; of a partial one, parseSerialPattern has the strict key with its gaps. */
export function serialKeys(text: string): SerialKeys {
  if (PLAIN.test(text)) return plainKeys(text);
  const strict = strictKey(text);
  const alike = latin(strict);
  return { strict, loose: keyStep(fold(alike)), core: coreOf(alike) };
}

/** Whether a number was read with gaps: `?` for one unknown character, `*` for a run of unknown ones. */
export const isPartialSerial = (text: string): boolean => /[?*]/.test(text.normalize('NFKC'));

/** Fewer known characters than this would match half of the weapons there are. */
export const MIN_KNOWN_CHARACTERS = 4;
const MAX_PATTERN = 64;

export interface SerialPattern {
  readonly ok: boolean;
  /** Strict key with its gaps. */
  readonly pattern: string;
  /** Characters that are known. */
  readonly known: number;
  readonly detail: string;
  /** Whether a strict key fills the gaps. */
  matches(strict: string): boolean;
}

/** A pattern out of a partly read number; not ok with fewer than four known characters. */
export function parseSerialPattern(text: string): SerialPattern {
  const pattern = strictKey(text).replace(/\*+/g, '*');
  const known = pattern.replace(/[?*]/g, '').length;
  const ok = known >= MIN_KNOWN_CHARACTERS && pattern.length <= MAX_PATTERN;
  return {
    ok,
    pattern,
    known,
    detail: ok
      ? ''
      : `expected at least ${MIN_KNOWN_CHARACTERS} known characters and at most ${MAX_PATTERN} in all, got ${known} known`,
    matches: (strict) => ok && fills(pattern, strict),
  };
}

/** Glob matching that goes back to the last `*` only: linear in memory, and no pattern makes it explode. */
function fills(pattern: string, text: string): boolean {
  let at = 0;
  let textAt = 0;
  let star = -1;
  let retry = 0;
  while (textAt < text.length) {
    const wanted = pattern[at];
    if (wanted !== '*' && (wanted === '?' || wanted === text[textAt])) {
      at++;
      textAt++;
    } else if (wanted === '*') {
      star = at++;
      retry = textAt;
    } else if (star >= 0) {
      at = star + 1;
      textAt = ++retry;
    } else return false;
  }
  while (pattern[at] === '*') at++;
  return at === pattern.length;
}
