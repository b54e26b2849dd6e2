/**
 * How far two words agree, 0 to 1. Above 0 only where they share a key (`keys.ts`): few letters apart, the same consonants, or
 * equivalent by a list. Measured by a weighted edit distance, since letters that sound or look alike are mixed up more often.
 */
import { costOf, LETTER } from './distance.ts';
import { costsOf, isPlain, MOST_AT_ONCE, UNTOLD } from './distances.ts';
import { EXACT_ONLY, FEWEST_SOUNDS, FEWEST_SOUNDS_LESS_ONE, type KeyedWord, reachOf } from './keys.ts';
import { WordFlag } from './particles.ts';
import { type ListedWord, WORD } from './segment.ts';
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

/** How far a word agrees with many, in the order asked; overwritten by the next that are asked. */
export class Agreements {
  values = new Float64Array(4_096);
  /** Of `How`. */
  how = new Uint8Array(4_096);

  reserve(count: number): void {
    if (count <= this.values.length) return;
    this.values = new Float64Array(count * 2);
    this.how = new Uint8Array(count * 2);
  }
}

/** A word that is compared with many. */
export class WordAgreement {
  /** How the last comparison agreed. */
  how: How = How.none;
  readonly #word: KeyedWord;
  readonly #length: number;
  readonly #isPlain: boolean;
  /** Bits of the positions of each letter; made where they are needed. */
  #positions: Int32Array | undefined;

  constructor(word: KeyedWord) {
    this.#word = word;
    this.#length = word.to - word.from;
    this.#isPlain = isPlain(word) && (word.flags & EXACT_ONLY) === 0;
  }

  /** The first `count` of these words of a segment, one by one what `with` says. */
  withMany(words: Uint32Array, count: number, listed: ListedWord, shareKey: boolean, into: Agreements): void {
    into.reserve(count);
    const { values, how } = into;
    for (let first = 0; first < count; first += MOST_AT_ONCE) {
      const some = Math.min(MOST_AT_ONCE, count - first);
      const costs = this.#isPlain ? costsOf(this.#word, listed.records, words, first, some) : undefined;
      for (let place = 0; place < some; place++) {
        const word = words[first + place] as number;
        const cost = costs ? (costs.told[costs.slots[place] as number] as number) : UNTOLD;
        values[first + place] = this.#isFar(cost, listed.records, word * WORD.size)
          ? 0
          : this.#told(cost, listed.at(word), shareKey);
        how[first + place] = this.how;
      }
    }
  }

  /** Whether two words with vowels certainly do not agree, which most do not: seen by their records alone. */
  #isFar(cost: number, records: Uint32Array, record: number): boolean {
    const lengths = records[record + WORD.lengths] as number;
    const letters = lengths & 0xff;
    return (
      cost !== UNTOLD &&
      cost > (MOST_SPELLING[Math.max(letters, this.#length)] as number) &&
      records[record + WORD.soundCode] !== this.#word.soundCode &&
      (this.#word.flags | (lengths >>> 24)) === 0 &&
      this.#word.classId === 0
    );
  }

  #told(cost: number, other: KeyedWord, shareKey: boolean): number {
    return cost === UNTOLD ? this.with(other, shareKey) : this.#at(cost, other, shareKey);
  }

  /** The same where their distance is known. */
  #at(cost: number, other: KeyedWord, shareKey: boolean): number {
    const word = this.#word;
    const flags = word.flags | other.flags;
    if (cost === 0) {
      this.how = (flags & WordFlag.unvowelled) !== 0 ? How.script : How.same;
      return 1;
    }
    const equivalent = word.classId !== 0 && word.classId === other.classId;
    this.how = equivalent ? How.equivalent : How.none;
    const least = equivalent ? EQUIVALENT : 0;
    if ((other.flags & EXACT_ONLY) !== 0) return least;
    if ((flags & WordFlag.unvowelled) !== 0) return this.#unvowelled(other, least, cost);
    const same = this.#sounds >= FEWEST_SOUNDS && samePattern(word, other);
    return this.#vowelledAt(cost, other, least, shareKey, same);
  }

  get #sounds(): number {
    return this.#word.soundsTo - this.#word.soundsFrom;
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
    const same = this.#sounds >= FEWEST_SOUNDS && samePattern(word, other);
    const isNear = shareKey || this.#near(other);
    if (!same && !isNear) return least;
    const mostSound = same ? ((SOUND - LEAST) * LETTER * this.#sounds) / SOUND_LOSS : 0;
    const longest = Math.max(other.to - other.from, this.#length);
    const cost = costOf(word, other, Math.max(MOST_SPELLING[longest] as number, mostSound));
    return this.#vowelledAt(cost, other, least, isNear, same);
  }

  /** The better of what their distance says by spelling, where they are near, and by sound, where their patterns are the same. */
  #vowelledAt(cost: number, other: KeyedWord, least: number, shareKey: boolean, same: boolean): number {
    const longest = Math.max(other.to - other.from, this.#length);
    let best = least;
    if (cost <= (MOST_SPELLING[longest] as number) && (shareKey || this.#near(other))) {
      const share = cost / (BUDGET[longest] as number);
      const agreement = 1 - (SPELLING_LOSS[longest] as number) * share * share;
      if (agreement > best) {
        best = agreement;
        this.how = How.spelling;
      }
    }
    if (same) {
      const agreement = SOUND - (SOUND_LOSS * cost) / (LETTER * this.#sounds);
      if (agreement > best) {
        best = agreement;
        this.how = How.sound;
      }
    }
    return best < LEAST ? 0 : best;
  }

  /** `known` = their distance, where it is. */
  #unvowelled(other: KeyedWord, least: number, known?: number): number {
    const word = this.#word;
    const count = word.soundsTo - word.soundsFrom;
    const sounds = Math.max(count, other.soundsTo - other.soundsFrom);
    if (known !== undefined && known > ((1 - LEAST) * LETTER * sounds) / SCRIPT_LOSS) return least;
    const same = sameSounds(word, other);
    // A word of one consonant, as Yahya, has its pattern of vowels besides.
    const short = count === 1 && samePattern(word, other);
    if (!same && !short && !soundsWithinOne(word, other)) return least;
    const most = same || short ? 1 : SCRIPT_LESS_ONE;
    const cost = known ?? costOf(word, other, ((most - LEAST) * LETTER * sounds) / SCRIPT_LOSS);
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
const SOUND = 0.92;
const SOUND_LOSS = 0.3;
const SCRIPT_LESS_ONE = 0.75;
const SCRIPT_LOSS = 0.8;
/** Below it two words say nothing of each other. */
const LEAST = 0.5;

const LONGEST = 64;
const byLength = (of: (longest: number) => number): readonly number[] =>
  Array.from({ length: LONGEST }, (_, longest) => of(longest));

/** Cost at which words of this length, the longer of the two, stop agreeing, in parts. */
const budgetOf = (longest: number): number => (longest <= 3 ? 14 : 4 + 5 * longest);
const BUDGET = Float64Array.from(byLength(budgetOf));

/**
 * What a spelling at the end of its budget loses: a letter in a short word is more often another word. Up to there it grows with the square of
 * the distance.
 */
const spellingLoss = (longest: number): number => (longest <= 5 ? 0.85 : longest === 6 ? 0.65 : 0.5);
const SPELLING_LOSS = Float64Array.from(byLength(spellingLoss));

/** Cost above which words agree too little to say anything, by the longer of the two. */
const MOST_SPELLING = Int32Array.from(
  byLength((longest) =>
    Math.floor(budgetOf(longest) * Math.min(1, Math.sqrt((1 - LEAST) / spellingLoss(longest)))),
  ),
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
