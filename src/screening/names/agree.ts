/**
 * How far two words agree, 0 to 1. Above 0 only where they share a key (`keys.ts`): few letters apart, the same consonants, or
 * equivalent by a list. Measured by a weighted edit distance, since letters that sound or look alike are mixed up more often.
 */
import { costOf, LETTER } from './distance.ts';
import { EXACT_ONLY, FEWEST_SOUNDS, FEWEST_SOUNDS_LESS_ONE, type KeyedWord, reachOf } from './keys.ts';
import { WordFlag } from './particles.ts';
import { CODED, withinOneSound } from './sound-code.ts';

/** How words agree; the lines of an explanation say it. */
export const How = { none: 0, same: 1, spelling: 2, sound: 3, script: 4, equivalent: 5 } as const;
export type How = (typeof How)[keyof typeof How];

/**
 * How alike two words are that agree too little, 0 to 1: wholly as long as their distance is one that words of their length may have, and
 * not at all from three times that on.
 */
export function likenessOf(a: KeyedWord, b: KeyedWord): number {
  if (((a.flags | b.flags) & (EXACT_ONLY | WordFlag.unvowelled)) !== 0) return 0;
  const budget = budgetOf(Math.max(a.to - a.from, b.to - b.from));
  const cost = costOf(a, b, LEAST_LIKE * budget);
  return Math.max(0, Math.min(1, (LEAST_LIKE - cost / budget) / (LEAST_LIKE - 1)));
}

const LEAST_LIKE = 3;

/** A word that is compared with many. */
export class WordAgreement {
  /** How the last comparison agreed. */
  how: How = How.none;
  readonly #word: KeyedWord;
  readonly #length: number;
  /** Bits of the positions of each letter; made where they are needed. */
  #positions: Int32Array | undefined;

  constructor(word: KeyedWord) {
    this.#word = word;
    this.#length = word.to - word.from;
  }

  /** 0 to 1; `how` then says how. `shareKey` = it is known that they do, which saves looking. */
  with(other: KeyedWord, shareKey = false): number {
    const word = this.#word;
    const flags = word.flags | other.flags;
    this.how = How.none;
    if (this.#isSame(other)) {
      this.how = (flags & WordFlag.unvowelled) !== 0 ? How.script : How.same;
      return 1;
    }
    const equivalent = word.classId !== 0 && word.classId === other.classId;
    const least = equivalent ? EQUIVALENT : 0;
    if (equivalent) this.how = How.equivalent;
    if ((flags & EXACT_ONLY) !== 0) return least;
    if ((flags & WordFlag.unvowelled) !== 0) return this.#unvowelled(other, least);
    return this.#vowelled(other, least, shareKey);
  }

  #isSame(other: KeyedWord): boolean {
    const word = this.#word;
    if (other.to - other.from !== this.#length) return false;
    for (let at = 0; at < this.#length; at++)
      if (word.bytes[word.from + at] !== other.bytes[other.from + at]) return false;
    return true;
  }

  #vowelled(other: KeyedWord, least: number, shareKey: boolean): number {
    const word = this.#word;
    const longest = Math.max(other.to - other.from, this.#length);
    const same = word.soundsTo - word.soundsFrom >= FEWEST_SOUNDS && samePattern(word, other);
    if (!same && !shareKey && !this.#near(other)) return least;
    const most = MOST_SPELLING[longest] as number;
    const sounds = word.soundsTo - word.soundsFrom;
    const mostSound = same ? ((SOUND - LEAST) * LETTER * sounds) / SOUND_LOSS : 0;
    const cost = costOf(word, other, Math.max(most, mostSound));
    let best = least;
    // With the same sounds the cost is compared by sound below, and by spelling where the folded words are near, which they are.
    if (cost <= most && (shareKey || !same || this.#near(other))) {
      const agreement = 1 - spellingLoss(longest) * (cost / budgetOf(longest)) ** SPELLING_BEND;
      if (agreement > best) {
        best = agreement;
        this.how = How.spelling;
      }
    }
    if (same) {
      const agreement = SOUND - (SOUND_LOSS * cost) / (LETTER * sounds);
      if (agreement > best) {
        best = agreement;
        this.how = How.sound;
      }
    }
    return best < LEAST ? 0 : best;
  }

  #unvowelled(other: KeyedWord, least: number): number {
    const word = this.#word;
    const count = word.soundsTo - word.soundsFrom;
    const same = sameSounds(word, other);
    // A word of one consonant, as Yahya, has its pattern of vowels besides.
    const short = count === 1 && samePattern(word, other);
    if (!same && !short && !soundsWithinOne(word, other)) return least;
    const sounds = Math.max(count, other.soundsTo - other.soundsFrom);
    const most = same || short ? 1 : SCRIPT_LESS_ONE;
    const cost = costOf(word, other, ((most - LEAST) * LETTER * sounds) / SCRIPT_LOSS);
    const agreement = most - (SCRIPT_LOSS * cost) / (LETTER * sounds);
    if (agreement <= least || agreement < LEAST) return least;
    this.how = How.script;
    return agreement;
  }

  /**
   * The words share what is left of both without the letters that may be left out: by their longest common subsequence, bit-parallel
   * (Hyyrö 2004); words have at most 32 letters.
   */
  #near(other: KeyedWord): boolean {
    const length = other.to - other.from;
    if (length - this.#length > reachOf(length) || this.#length - length > reachOf(this.#length))
      return false;
    this.#positions ??= positionsOf(this.#word);
    let open = -1;
    for (let at = other.from; at < other.to; at++) {
      const both = open & (this.#positions[other.bytes[at] as number] as number);
      open = (open + both) | (open - both) | 0;
    }
    const common = ones(~open & (this.#length >= 32 ? -1 : (1 << this.#length) - 1));
    return common >= this.#length - reachOf(this.#length) && common >= length - reachOf(length);
  }
}

function positionsOf({ bytes, from, to }: KeyedWord): Int32Array {
  const positions = new Int32Array(128);
  for (let at = from; at < to; at++) {
    const letter = bytes[at] as number;
    positions[letter] = (positions[letter] as number) | (1 << (at - from));
  }
  return positions;
}

const EQUIVALENT = 0.95;
/** What a spelling at the end of its budget loses: a letter in a short word is more often another word. */
const spellingLoss = (longest: number): number => (longest <= 5 ? 0.85 : longest === 6 ? 0.65 : 0.5);
const SPELLING_BEND = 2;
const SOUND = 0.92;
const SOUND_LOSS = 0.3;
const SCRIPT_LESS_ONE = 0.75;
const SCRIPT_LOSS = 0.8;
/** Below it two words say nothing of each other. */
const LEAST = 0.5;

/** Cost at which words of this length stop agreeing, in parts. */
function budgetOf(longest: number): number {
  return longest <= 3 ? 14 : 4 + 5 * longest;
}

/** Cost above which words of this length and shorter ones agree too little to say anything, by the longer of the two. */
const MOST_SPELLING = Int32Array.from({ length: 64 }, (_, longest) =>
  Math.floor(budgetOf(longest) * Math.min(1, ((1 - LEAST) / spellingLoss(longest)) ** (1 / SPELLING_BEND))),
);

function ones(bits: number): number {
  let count = bits - ((bits >>> 1) & 0x55555555);
  count = (count & 0x33333333) + ((count >>> 2) & 0x33333333);
  return Math.imul((count + (count >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

function sameSounds(a: KeyedWord, b: KeyedWord): boolean {
  const count = a.soundsTo - a.soundsFrom;
  if (count !== b.soundsTo - b.soundsFrom || count < FEWEST_SOUNDS || a.soundCode !== b.soundCode)
    return false;
  for (let at = CODED; at < count; at++)
    if (a.sounds[a.soundsFrom + at] !== b.sounds[b.soundsFrom + at]) return false;
  return true;
}

function samePattern(a: KeyedWord, b: KeyedWord): boolean {
  const count = a.patternTo - a.patternFrom;
  // The code is at hand, and other patterns mostly have other consonants.
  if (a.soundCode !== b.soundCode || count !== b.patternTo - b.patternFrom) return false;
  for (let at = 0; at < count; at++)
    if (a.pattern[a.patternFrom + at] !== b.pattern[b.patternFrom + at]) return false;
  return true;
}

/** One consonant more, less or another; where that would be one of three, only one that is mixed up easily. */
function soundsWithinOne(a: KeyedWord, b: KeyedWord): boolean {
  const [m, n] = [a.soundsTo - a.soundsFrom, b.soundsTo - b.soundsFrom];
  const longest = Math.max(m, n);
  const shortest = Math.min(m, n);
  if (longest - shortest > 1 || shortest < FEWEST_SOUNDS || longest < FEWEST_SOUNDS_LESS_ONE) return false;
  if (longest <= CODED)
    return withinOneSound(a.soundCode, m, b.soundCode, n, longest === FEWEST_SOUNDS_LESS_ONE);
  let head = 0;
  while (head < shortest && a.sounds[a.soundsFrom + head] === b.sounds[b.soundsFrom + head]) head += 1;
  let tail = 0;
  while (tail < shortest - head && a.sounds[a.soundsTo - 1 - tail] === b.sounds[b.soundsTo - 1 - tail])
    tail += 1;
  return longest - head - tail <= 1;
}
