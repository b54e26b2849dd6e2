/**
 * Keys under which words that may agree meet: the word, what is left of it without one or two letters (symmetric deletes), the word
 * as it sounds, its consonants, the consonants without one, its class of equivalent words. Words agree only where they share a key
 * (`agree.ts` says the same by comparing), so that looking keys up loses nothing.
 */
import { WordFlag } from './particles.ts';
import { confusedWith, leftOut } from './sound-code.ts';

/** Letters that may be left out of a word of this length. */
export function reachOf(length: number): number {
  if (length <= 2) return 0;
  return length <= 5 || length > 14 ? 1 : 2;
}

/** Fewest consonants that are a key. */
export const FEWEST_SOUNDS = 2;
/** Fewest consonants of which one may differ. */
export const FEWEST_SOUNDS_LESS_ONE = 3;
/** Fewest of which any may; of three only one that is mixed up easily, which whoever looks up tries out. */
const FEWEST_WITHOUT_ANY = 4;

const BASIS = 0x811c9dc5;
const PRIME = 0x01000193;
const WORD = BASIS;
/** Consonants of words with vowels, and of words without: only where one side has none may a consonant be left out. */
const SOUNDS = Math.imul(BASIS ^ 0x51, PRIME);
const SOUNDS_UNVOWELLED = Math.imul(BASIS ^ 0x52, PRIME);
const CLASS = Math.imul(BASIS ^ 0xa7, PRIME);
const PATTERN = Math.imul(BASIS ^ 0x35, PRIME);
const PATTERN_UNVOWELLED = Math.imul(BASIS ^ 0x36, PRIME);
const COMPOUND = Math.imul(BASIS ^ 0xd3, PRIME);

function finish(hash: number): number {
  let mixed = hash ^ (hash >>> 15);
  mixed = Math.imul(mixed, 0x2c1b3c6d);
  mixed ^= mixed >>> 12;
  return mixed >>> 0;
}

/** FNV-1a over letters. */
function hashOn(start: number, bytes: Uint8Array, from: number, to: number): number {
  let hash = start;
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ (bytes[at] as number), PRIME);
  return hash;
}

export const wordKey = (bytes: Uint8Array, from: number, to: number): number =>
  finish(hashOn(WORD, bytes, from, to));

export const classKey = (id: number): number => finish(Math.imul(CLASS ^ id, PRIME));

/** Of two neighbours written as one. */
export function compoundKey(
  bytes: Uint8Array,
  from: number,
  to: number,
  others: Uint8Array,
  start: number,
  end: number,
): number {
  let hash = COMPOUND;
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ (bytes[at] as number), PRIME);
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ (others[at] as number), PRIME);
  return finish(hash);
}

/** Where keys are written to; grows. */
export class KeyList {
  hashes = new Uint32Array(256);
  count = 0;

  push(hash: number): void {
    if (this.count === this.hashes.length) {
      const grown = new Uint32Array(this.hashes.length * 2);
      grown.set(this.hashes);
      this.hashes = grown;
    }
    this.hashes[this.count++] = hash;
  }
}

/** A word that is looked up or listed, in bytes. */
export interface KeyedWord {
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly to: number;
  /** Of WordFlag. */
  readonly flags: number;
  readonly sounds: Uint8Array;
  readonly soundsFrom: number;
  readonly soundsTo: number;
  /** Of `soundCodeOf`. */
  readonly soundCode: number;
  /** Of `patternOf`. */
  readonly pattern: Uint8Array;
  readonly patternFrom: number;
  readonly patternTo: number;
  /** 0 = none. */
  readonly classId: number;
}

/** Words of these kinds agree with themselves alone. */
export const EXACT_ONLY = WordFlag.number | WordFlag.initial | WordFlag.particle | WordFlag.legalForm;

/** The word and what is left of it: keys of words that are alike in letters. */
function addWordKeys({ bytes, from, to, flags }: KeyedWord, into: KeyList): void {
  into.push(wordKey(bytes, from, to));
  if ((flags & EXACT_ONLY) !== 0) return;
  const reach = reachOf(to - from);
  let head = WORD;
  for (let first = from; reach >= 1 && first < to; first++) {
    // Of a run of equal letters leaving out any gives the same.
    if (first === from || bytes[first] !== bytes[first - 1]) {
      into.push(finish(hashOn(head, bytes, first + 1, to)));
      let middle = head;
      for (let second = first + 1; reach >= 2 && second < to; second++) {
        if (second === first + 1 || bytes[second] !== bytes[second - 1])
          into.push(finish(hashOn(middle, bytes, second + 1, to)));
        middle = Math.imul(middle ^ (bytes[second] as number), PRIME);
      }
    }
    head = Math.imul(head ^ (bytes[first] as number), PRIME);
  }
}

function addSoundsLessOne({ sounds, soundsFrom, soundsTo }: KeyedWord, salt: number, into: KeyList): void {
  if (soundsTo - soundsFrom < FEWEST_WITHOUT_ANY) return;
  let head = salt;
  for (let at = soundsFrom; at < soundsTo; at++) {
    into.push(finish(hashOn(head, sounds, at + 1, soundsTo)));
    head = Math.imul(head ^ (sounds[at] as number), PRIME);
  }
}

const tried = new Uint8Array(FEWEST_WITHOUT_ANY);

/** Two or three consonants, one of them mixed up, left out or put in. */
function addConfusedSounds({ sounds, soundsFrom, soundsTo }: KeyedWord, salt: number, into: KeyList): void {
  const count = soundsTo - soundsFrom;
  if (count >= FEWEST_WITHOUT_ANY) return;
  const word = sounds.subarray(soundsFrom, soundsTo);
  const isLongest = count === FEWEST_SOUNDS_LESS_ONE;
  for (let at = 0; at < count; at++) {
    if (!isLongest) continue;
    tried.set(word);
    for (const other of confusedWith(word[at] as number)) {
      tried[at] = other;
      into.push(finish(hashOn(salt, tried, 0, count)));
    }
    if (!leftOut.includes(word[at] as number)) continue;
    tried.set(word);
    tried.copyWithin(at, at + 1, count);
    into.push(finish(hashOn(salt, tried, 0, count - 1)));
  }
  if (isLongest) return;
  for (let at = 0; at <= count; at++)
    for (const sound of leftOut) {
      tried.set(word.subarray(0, at));
      tried[at] = sound;
      tried.set(word.subarray(at), at + 1);
      into.push(finish(hashOn(salt, tried, 0, count + 1)));
    }
}

const soundsIn = ({ soundsFrom, soundsTo }: KeyedWord): number => soundsTo - soundsFrom;

const hashOfPattern = ({ pattern, patternFrom, patternTo }: KeyedWord, salt: number): number =>
  finish(hashOn(salt, pattern, patternFrom, patternTo));

/** The key of a listed word with vowels as it sounds. */
export const patternKey = (word: KeyedWord): number => hashOfPattern(word, PATTERN);

const hashOfSounds = ({ sounds, soundsFrom, soundsTo }: KeyedWord, salt: number): number =>
  finish(hashOn(salt, sounds, soundsFrom, soundsTo));

/** Appends the keys under which a word is listed. */
export function addKeys(word: KeyedWord, into: KeyList): void {
  addWordKeys(word, into);
  if (word.classId !== 0) into.push(classKey(word.classId));
  if ((word.flags & EXACT_ONLY) !== 0) return;
  const unvowelled = (word.flags & WordFlag.unvowelled) !== 0;
  if (soundsIn(word) > 0) into.push(hashOfPattern(word, unvowelled ? PATTERN_UNVOWELLED : PATTERN));
  if (soundsIn(word) < FEWEST_SOUNDS) return;
  const salt = unvowelled ? SOUNDS_UNVOWELLED : SOUNDS;
  into.push(hashOfSounds(word, salt));
  addSoundsLessOne(word, salt, into);
}

/** Which of a looked-up word's keys are which. */
export interface QueryKeys {
  /** The first so many are keys of words alike in letters; the very first is the word itself. */
  readonly alike: number;
  /** From `alike` to here: its class, and words that sound as it does. */
  readonly near: number;
}

/** Appends the keys under which a word is looked up, the nearest of each kind first. */
export function addQueryKeys(word: KeyedWord, into: KeyList): QueryKeys {
  addWordKeys(word, into);
  const alike = into.count;
  if (word.classId !== 0) into.push(classKey(word.classId));
  return { alike, near: addSoundKeys(word, into) };
}

function addSoundKeys(word: KeyedWord, into: KeyList): number {
  if ((word.flags & EXACT_ONLY) !== 0) return into.count;
  const count = soundsIn(word);
  const unvowelled = (word.flags & WordFlag.unvowelled) !== 0;
  if (count > 0) into.push(hashOfPattern(word, PATTERN_UNVOWELLED));
  // Of two words with vowels one consonant says too little.
  if (count >= (unvowelled ? 1 : FEWEST_SOUNDS)) into.push(patternKey(word));
  if (count < FEWEST_SOUNDS) return into.count;
  const salts = unvowelled ? [SOUNDS_UNVOWELLED, SOUNDS] : [SOUNDS_UNVOWELLED];
  for (const salt of salts) into.push(hashOfSounds(word, salt));
  const near = into.count;
  for (const salt of salts) {
    addSoundsLessOne(word, salt, into);
    addConfusedSounds(word, salt, into);
  }
  return near;
}
