/**
 * The consonants of a word in one number, five bits each, so that words of which a script writes no vowels are told apart without
 * reading their letters. Longer words have the code of their first consonants only, and are read.
 */

/** Consonants that a code holds. */
export const CODED = 6;
export const BITS_OF_SOUND = 5;
const BITS = BITS_OF_SOUND;
const LANE = (1 << BITS) - 1;

const SOUNDS = 'tkshfbcjlmnr0123456789';
const CODE = new Uint8Array(128);
for (const [index, sound] of [...SOUNDS].entries()) CODE[sound.charCodeAt(0)] = index + 1;

/** Of the first consonants of `sounds` (classes of `sound.ts`, as letters). */
export function soundCodeOf(sounds: Uint8Array, from: number, to: number): number {
  let code = 0;
  for (let at = Math.min(to, from + CODED) - 1; at >= from; at--)
    code = (code << BITS) | (CODE[sounds[at] as number] as number);
  return code;
}

/** Classes that scripts and spellings take for one another: `sh` for s, `kh` for k, soft c, j for g. */
const CONFUSED_GROUPS = ['mn', 'rl', 'ksc', 'kjc', 'sj', 'hk', 'bf'];
/** Classes that a spelling may lack: h, v written as w, j as y. */
const LEFT_OUT_SOUNDS = 'hfj';

const codesOf = (sounds: string): number[] => [...sounds].map((sound) => sound.charCodeAt(0));

const CONFUSED = new Uint8Array(32 * 32);
const CONFUSED_WITH: ReadonlyMap<number, readonly number[]> = new Map(
  codesOf(SOUNDS).map((sound) => [
    sound,
    codesOf(SOUNDS).filter(
      (other) =>
        other !== sound &&
        CONFUSED_GROUPS.some((group) => codesOf(group).includes(sound) && codesOf(group).includes(other)),
    ),
  ]),
);
for (const [one, others] of CONFUSED_WITH)
  for (const other of others) CONFUSED[((CODE[one] as number) << BITS) | (CODE[other] as number)] = 1;

const LEFT_OUT = new Uint8Array(32);
for (const sound of codesOf(LEFT_OUT_SOUNDS)) LEFT_OUT[CODE[sound] as number] = 1;

/** What `sound`, a class as a letter, is easily mixed up with. */
export const confusedWith = (sound: number): readonly number[] => CONFUSED_WITH.get(sound) ?? [];

/** Classes, as letters, that a spelling may lack. */
export const leftOut: readonly number[] = codesOf(LEFT_OUT_SOUNDS);

/**
 * Whether codes of words with at most `CODED` consonants differ by one consonant at most: one more, less or another. Where `alike`, by
 * one that is left out or mixed up easily.
 */
export function withinOneSound(
  a: number,
  countA: number,
  b: number,
  countB: number,
  alike: boolean,
): boolean {
  if (countA < countB) return isOneMore(b, a, alike);
  if (countA > countB) return isOneMore(a, b, alike);
  const differ = a ^ b;
  if (differ === 0) return true;
  const shift = laneOf(differ);
  if ((differ >>> shift) >>> BITS !== 0) return false;
  return !alike || CONFUSED[(((a >>> shift) & LANE) << BITS) | ((b >>> shift) & LANE)] === 1;
}

/** The longer code is the shorter one with one consonant put in. */
function isOneMore(longer: number, shorter: number, alike: boolean): boolean {
  const shift = laneOf(longer ^ shorter);
  if ((longer >>> shift) >>> BITS !== shorter >>> shift) return false;
  return !alike || LEFT_OUT[(longer >>> shift) & LANE] === 1;
}

/** Bits below the first lane that differs. */
const laneOf = (differ: number): number => BITS * Math.floor((31 - Math.clz32(differ & -differ)) / BITS);
